"""Runs a program on a terminal of its own, ends it in one way, and says whether the terminal is as it was found.

terminal.py WAY PROGRAM ARGUMENT…: WAY is q (the key) or the name of a signal such as TERM. Prints the exit status, `same` or
`changed`, and `shown` where the cursor is shown and the alternate screen left at the end.
"""
import os
import pty
import select
import signal
import sys
import termios
import time


def main():
    way, program = sys.argv[1], sys.argv[2:]
    leader, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    child = os.fork()
    if child == 0:
        os.setsid()
        import fcntl

        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        for number in (0, 1, 2):
            os.dup2(terminal, number)
        os.environ["TERM"] = "xterm"
        os.execv(program[0], program)
    said = b""
    sent = False
    end = time.time() + 60
    status = None
    while time.time() < end:
        if select.select([leader], [], [], 0.1)[0]:
            said += os.read(leader, 65536)
        # Ended only once something is on the screen.
        if not sent and b"?1049h" in said and b"in order" in said:
            sent = True
            if way == "q":
                os.write(leader, b"q")
            else:
                os.kill(child, getattr(signal, "SIG" + way))
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
    else:
        os.kill(child, signal.SIGKILL)
        sys.exit("it did not end: " + repr(said[-500:]))
    while select.select([leader], [], [], 0.2)[0]:
        said += os.read(leader, 65536)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    shown = said.rfind(b"?25h") > said.rfind(b"?25l") and said.rfind(b"?1049l") > said.rfind(b"?1049h")
    print(code, "same" if termios.tcgetattr(terminal) == before else "changed", "shown" if shown else "hidden")


main()
