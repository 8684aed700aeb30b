"""A Debian that systemd boots in a container of its own, over a root that is made once and never changed."""
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time


class Skipped(Exception):
    """It cannot be done on this machine."""


def eventually(what, ask, seconds=120):
    end = time.monotonic() + seconds
    while True:
        got = ask()
        if got:
            return got
        if time.monotonic() > end:
            raise SystemExit(f"within {seconds} s there was not: {what}")
        time.sleep(0.1)


def in_own_mounts():
    """Begins again where mounts are this program's alone: what it mounts goes with it."""
    if os.environ.get("EMSD_OWN_MOUNTS"):
        return
    if os.geteuid() != 0:
        raise Skipped("only root may boot a container")
    for program in ("systemd-nspawn", "unshare", "nsenter"):
        if not shutil.which(program):
            raise Skipped(f"{program} is not installed")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        raise Skipped("this machine allows no mounts")
    os.environ["EMSD_OWN_MOUNTS"] = "1"
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv])


def debian(cache, package):
    """The root of a Debian with systemd and what the package says that it needs, and no more."""
    said = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, capture_output=True, text=True).stdout
    needed = [re.split(r"[ |]", one.strip())[0] for one in said.split(",")]
    names = sorted({"systemd", "systemd-sysv", "dbus", *needed})
    root = f"{cache}/bookworm-{hashlib.sha256(' '.join(names).encode()).hexdigest()[:12]}"
    if os.path.isdir(root):
        return root
    if not shutil.which("debootstrap"):
        raise Skipped("debootstrap is not installed")
    os.makedirs(cache, exist_ok=True)
    fresh = f"{root}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(names)}", "bookworm", fresh],
                          capture_output=True, text=True)
    if done.returncode:
        raise Skipped(f"no Debian can be had: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
    os.rename(fresh, root)
    return root


class Machine:
    def __init__(self, root, place):
        self.root, self.place = f"{place}/root", place
        self.log = open(f"{place}/console.log", "ab")
        self.process = self.leader = None
        for name in ("root", "upper"):
            os.mkdir(f"{place}/{name}")
        self.mount("-t", "tmpfs", "emsd-test", f"{place}/upper")
        for name in ("changes", "work"):
            os.mkdir(f"{place}/upper/{name}")
        self.mount("-t", "overlay", "overlay", "-o",
                   f"lowerdir={root},upperdir={place}/upper/changes,workdir={place}/upper/work", self.root)

    def mount(self, *words):
        done = subprocess.run(["mount", *words], capture_output=True, text=True)
        if done.returncode:
            raise Skipped(f"this machine allows no mounts: {done.stderr.strip()}")

    def boot(self, *options):
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe", *options,
             "-D", self.root, "-b"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                with open(f"{self.place}/console.log", errors="replace") as file:
                    raise Skipped(f"systemd-nspawn boots nothing here: {file.read()[-300:].strip()}")
            self.leader = self.first(self.process.pid)
            if self.leader and self.sh("systemctl is-system-running").stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise Skipped("systemd did not come up in a container within a minute")

    def first(self, pid):
        """The container's process 1."""
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                children = file.read().split()
            for child in children:
                with open(f"/proc/{child}/status") as file:
                    if re.search(r"^NSpid:\t\d+\t1$", file.read(), re.M):
                        return child
                found = self.first(child)
                if found:
                    return found
        except OSError:
            pass
        return None

    def sh(self, command):
        """Runs a command in there."""
        return subprocess.run(["nsenter", "-t", self.leader, "-m", "-u", "-i", "-n", "-p", "-r", "-w", "sh", "-c", command],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})

    def do(self, command, code=0):
        """Runs a command in there, which must end with that status; gives its output."""
        done = self.sh(command)
        if done.returncode != code:
            log = self.sh("journalctl -u emsd --no-pager -n 30").stdout
            raise SystemExit(f"{command}: {done.returncode} and not {code}\n{done.stdout}{done.stderr}\n{log}")
        return done.stdout + done.stderr

    def show(self, name, unit="emsd"):
        return self.sh(f"systemctl show -P {name} {unit}").stdout.strip()

    def write(self, path, text, mode=0o644):
        with open(self.root + path, "w") as file:
            file.write(text)
        os.chmod(self.root + path, mode)

    def power_off(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def end(self):
        self.power_off()
        for name in ("root", "upper"):
            subprocess.run(["umount", "-l", f"{self.place}/{name}"], capture_output=True)
        self.log.close()
