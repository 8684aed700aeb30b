#!/usr/bin/env python3
"""What goes wrong around a target while it runs: its disk is full, its line swallows everything, the clock goes back a day.

trouble.py PROGRAMS --target postgresql|victoria|influx --trouble disk|line|clock [--seconds N]

The trouble lasts for so many seconds in the middle of forwarding. Meanwhile polling must skip no slot and `emsctl forward` say what is
wrong; afterwards the target must have what `emsctl readings` says, row by row, and none refused. A full disk is a small file
system of its own (root and a mount namespace: begin it with `unshare -m`), a dead line a relay that takes and gives nothing, the
clock is one that a library in front of the system's moves. Prints `skipped: WHY` and ends with 77 where something is not installed.
"""
import argparse
import os
import re
import select
import socket
import subprocess
import threading
import time

from forward import Works, compare, eventually, free_port, readings
from servers import Influx, Postgres, Skipped, Victoria, program, trial

KINDS = {"victoria": Victoria, "postgresql": Postgres, "influx": Influx}


class Relay:
    """A line to a port of this machine, which can die without a word: then nothing goes through, and nothing is refused."""

    def __init__(self, port):
        self.port, self.dead, self.ending = port, False, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.ending:
            near, _ = self.listener.accept()
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        far = None
        try:
            while True:
                if self.dead:
                    time.sleep(0.1)
                    continue
                if far is None:
                    far = socket.create_connection(("127.0.0.1", self.port))
                for one in select.select([near, far], [], [], 0.2)[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is near else near).sendall(data)
        except OSError:
            pass
        finally:
            near.close()
            if far:
                far.close()

    def end(self):
        self.ending = True


class Disk:
    """A small file system in the place of a server's data."""

    def __init__(self, place, size):
        self.place = place
        os.makedirs(place, exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "emsd-test", place], capture_output=True).returncode:
            raise Skipped("this machine allows no mounts: begin it as root with unshare -m")

    def fill(self, spare):
        with open(f"{self.place}/filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError:
                file.truncate(max(0, file.tell() - spare))

    def empty(self):
        os.remove(f"{self.place}/filler")

    def end(self):
        subprocess.run(["umount", "-l", self.place], capture_output=True)


def skipped(works):
    return sum(row["skipped"] or 0 for row in works.rows_of("meters"))


# libfaketime moves the environment, beside which the programs find what they were called with.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long shift(void) {
    char text[32] = {0};
    int file = open(getenv("CLOCK_SHIFT"), O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
    close(file);
    return atol(text);
}
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec += shift();
    return code;
}
int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now;
    int code = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return code;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
"""


def moved_clock(place):
    """The environment in which a program sees a clock that the file `clock` moves by seconds."""
    with open(f"{place}/shim.c", "w") as file:
        file.write(SHIM)
    with open(f"{place}/clock", "w") as file:
        file.write("0")
    subprocess.run([program("cc", "gcc", "clang"), "-shared", "-fPIC", "-O1", "-o", f"{place}/shim.so", f"{place}/shim.c"], check=True)
    return {"LD_PRELOAD": f"{place}/shim.so", "CLOCK_SHIFT": f"{place}/clock"}


class Trouble:
    def __init__(self, options, place, running):
        self.options, self.place = options, place
        self.disk = None
        if options.trouble == "disk":
            self.disk = Disk(f"{place}/small", "200m")
            running.append(self.disk)
            os.chmod(self.disk.place, 0o755)
        self.server = KINDS[options.target](self.disk.place if self.disk else place, free_port)
        running.append(self.server)
        self.server.start()
        target = self.server.target()
        self.relay = None
        if options.trouble == "line":
            self.relay = Relay(self.server.port)
            running.append(self.relay)
            target["url"] = target["url"].replace(str(self.server.port), str(self.relay.own_port))
        self.works = Works(options.programs, place, target)
        running.append(self.works)
        if options.trouble == "clock":
            os.environ.update(moved_clock(place))
        self.works.start()
        os.environ.pop("LD_PRELOAD", None)

    def begin(self):
        if self.disk:
            # VictoriaMetrics takes nothing below 10 MB; with none it ends, and what it had acknowledged for some seconds is gone.
            self.disk.fill(6 << 20 if self.options.target == "victoria" else 0)
        elif self.relay:
            self.relay.dead = True
        else:
            self.clock("-86400")

    def stop(self):
        if self.disk:
            self.disk.empty()
            if self.server.process.poll() is not None:
                print("the server had ended by itself")
                self.server.start()
            elif self.options.target == "influx":
                # InfluxDB 1.6 goes on refusing what it could not write once, until it is started again.
                self.server.slay()
                self.server.start()
        elif self.relay:
            self.relay.dead = False
        else:
            self.clock("0")

    def clock(self, text):
        with open(f"{self.place}/clock", "w") as file:
            file.write(text)

    def run(self):
        works = self.works
        eventually("a first line", lambda: any(row["lines"] for row in works.forward()))
        time.sleep(3)
        before = skipped(works)
        self.begin()
        faults, end = set(), time.monotonic() + self.options.seconds
        while time.monotonic() < end:
            faults |= {row["fault"] for row in works.forward() if row["fault"]}
            time.sleep(1)
        for fault in sorted(faults):
            print(f"said: {re.sub(r'[0-9]{4,}', 'N', fault)[:300]}")
        self.stop()
        until = int(time.time() * 1000) - 500
        eventually("all sent", lambda: time.time() * 1000 > until + 8000)
        began = time.monotonic()
        eventually("all sent", works.has_all, 400)
        print(f"all was sent {time.monotonic() - began:.0f} s after the trouble had ended")
        missed = skipped(works) - before
        print(f"slots skipped: {missed}")
        self.server.settle()
        theirs = {key: value for key, value in self.server.readings().items() if key[1] <= until}
        compare("readings", readings(works, until), theirs)
        self.server.compare_more(works, until, compare)
        rejected = max(row["rejected"] for row in works.forward())
        if missed or rejected or (not faults and self.options.trouble != "clock"):
            raise SystemExit(f"{missed} slots were skipped, {rejected} lines rejected, {len(faults)} faults said")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("--target", choices=sorted(KINDS), required=True)
    parser.add_argument("--trouble", choices=["disk", "line", "clock"], required=True)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with trial("trouble", options.keep) as (place, running):
        Trouble(options, place, running).run()


if __name__ == "__main__":
    main()
