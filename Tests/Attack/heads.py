#!/usr/bin/env python3
"""Kills a daemon while it signs heads, and lets its writes fail at each place; looks that no two heads disagree.

    heads.py PROGRAMS [--kills N] [--places N] [--steps N] [--room N] [--seed N]

A kill comes at a random instant of the signing, and at each step of it: strace kills the daemon as it is about to write, flush or
rename something that belongs to the record, at the first such call, the second, and so on to the last. A limit of a file's size (RLIMIT_FSIZE) lets the write that crosses it end
half done and fail, as a full disk does: in the head's own file, in the database's log, wherever the limit is put. A small file
system that is really full (as root) has room for so many blocks and no more. After
each the daemon signs once more. Every head that anybody ever got must be one that the record goes on from.
"""
import argparse, collections, os, random, re, resource, shutil, signal, sqlite3, subprocess, sys, tempfile, time

# The calls that put something on the disk.
CALLS = ["openat", "write", "pwrite64", "fchmod", "fsync", "fdatasync", "rename", "unlink", "ftruncate"]

CONFIGURATION = """
site: {{name: Heads, timezone: Europe/Stockholm}}
storage: {{directory: {place}/state}}
api: {{socket: {place}/s.sock, operators: [root]}}
links: {{l: {{transport: tcp, host: 127.0.0.1, port: 1, timeout: 200ms}}}}
meters: {{m: {{link: l, unit: 1, interval: 1h, points: {{p: {{register: holding 0, type: float32, unit: kW, kind: gauge}}}}}}}}
indicators: {{i: {{window: 15m, formula: mean(m.p), unit: kW}}}}
"""


class Works:
    def __init__(self, programs, place):
        self.programs, self.place, self.state = programs, place, os.path.join(place, "state")
        self.heads, self.faults, self.daemon = [], [], None
        self.log = open(os.path.join(place, "daemon.log"), "wb")
        with open(os.path.join(place, "emsd.yaml"), "w") as file:
            file.write(CONFIGURATION.format(place=place))

    def control(self, *arguments):
        return subprocess.run([os.path.join(self.programs, "emsctl"), *arguments], capture_output=True, text=True, timeout=120,
                              env=dict(os.environ, EMSD_SOCKET=os.path.join(self.place, "s.sock")))

    def start(self, **more):
        """Starts the daemon and waits until it answers."""
        self.daemon = subprocess.Popen(
            [os.path.join(self.programs, "emsd"), "run", "--config", os.path.join(self.place, "emsd.yaml")],
            stdout=self.log, stderr=self.log, **more)
        deadline = time.monotonic() + 120
        while self.control("status").returncode not in (0, 1):
            if time.monotonic() > deadline or self.daemon.poll() is not None:
                raise SystemExit(f"emsd does not come up: see {self.log.name}")
            time.sleep(0.1)

    def stop(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def sign(self):
        """Asks for a head; returns whether it was given, and keeps it."""
        end = self.control("audit", "head")
        if end.returncode == 0:
            self.heads.append(end.stdout)
        return end

    def files(self):
        """The heads that stand beside the database and in it."""
        path = os.path.join(self.state, "emsd.head")
        found = [open(path).read().split("\n", 1)[1]] if os.path.exists(path) else []
        # In a copy: who opens the database as its owner takes its log in.
        copy = os.path.join(self.place, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        os.mkdir(copy)
        for name in os.listdir(self.state):
            if name.startswith("emsd.db") and not name.endswith("-shm"):
                shutil.copy(os.path.join(self.state, name), copy)
        database = sqlite3.connect(os.path.join(copy, "emsd.db"))
        found += [row[0] for row in database.execute("SELECT note FROM head ORDER BY number")]
        database.close()
        return found

    def check(self, what):
        """Every head so far is one that the record goes on from, and all holds."""
        roots = {}
        for head in self.heads + self.files():
            _, size, root = head.split("\n")[:3]
            if roots.setdefault(size, root) != root:
                self.faults.append(f"{what}: two heads over {size} lines disagree")
        kept = os.path.join(self.place, "kept")
        # What lies between was looked at before, and each goes on from the one before it.
        heads = list(dict.fromkeys(self.heads))
        for head in heads[:1] + heads[1:][-2:]:
            with open(kept, "w") as file:
                file.write(head)
            end = self.control("--database", self.state, "audit", "verify", "--since", kept)
            if end.returncode:
                self.faults.append(f"{what}: {end.stdout[:500]}{end.stderr[:300]}")
                return

    def again(self, what):
        """Signs once more, however often that takes, then ends the daemon and looks at everything."""
        deadline = time.monotonic() + 120
        while (end := self.sign()).returncode and time.monotonic() < deadline:
            time.sleep(0.2)
        if end.returncode:
            self.faults.append(f"{what}: no head afterwards: {end.stderr[:300]}")
        self.stop()
        self.check(what)

    def kill(self, delay):
        """Kills the daemon so long after it was asked for a head, and signs with the next one."""
        self.start()
        asked = subprocess.Popen([os.path.join(self.programs, "emsctl"), "audit", "head"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True,
                                 env=dict(os.environ, EMSD_SOCKET=os.path.join(self.place, "s.sock")))
        time.sleep(delay)
        self.stop()
        given = asked.communicate(timeout=120)[0]
        if asked.returncode == 0:
            self.heads.append(given)
        self.start()
        self.again(f"killed {delay * 1000:.0f} ms after the question")
        return asked.returncode != 0

    def trace(self, *options):
        """strace on all threads of the daemon, for what concerns the record."""
        names = ["", "/emsd.head", "/emsd.head.new", "/emsd.db", "/emsd.db-wal", "/emsd.tail", "/emsd.mark"]
        places = [part for name in names for part in ("-P", self.state + name)]
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-p", str(self.daemon.pid), "-o", os.path.join(self.place, "trace"), *places, *options],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while not all(self.is_traced(thread) for thread in os.listdir(f"/proc/{self.daemon.pid}/task")):
            if time.monotonic() > deadline or tracer.poll() is not None:
                tracer.kill()
                raise PermissionError("strace does not follow the daemon: it is not allowed to")
            time.sleep(0.02)
        return tracer

    @staticmethod
    def end(tracer):
        """strace ends with what it follows; one that lets go of threads that run may wait for them for ever."""
        try:
            tracer.wait(10)
        except subprocess.TimeoutExpired:
            tracer.kill()
            tracer.wait()

    def is_traced(self, thread):
        try:
            with open(f"/proc/{self.daemon.pid}/task/{thread}/status") as file:
                return "TracerPid:\t0\n" not in file.read()
        except FileNotFoundError:
            return True

    def steps(self, most):
        """Kills the daemon as it is about to take each step of the signing; returns the steps, and how often it was killed."""
        self.start()
        tracer = self.trace("-e", "trace=" + ",".join(CALLS))
        self.sign()
        self.stop()
        self.end(tracer)
        with open(os.path.join(self.place, "trace")) as file:
            taken = re.findall(r"^\d+ +(\w+)\(", file.read(), re.M)
        if "rename" not in taken:
            raise SystemExit(f"the steps of a signing were not seen: {taken}")
        places = collections.Counter(taken)
        steps = [(call, place) for call in CALLS for place in range(1, places[call] + 1)]
        if most < len(steps):
            # The renaming is where the new head takes the place of the old one.
            steps = [("rename", 1)] + random.Random(most).sample([step for step in steps if step[0] != "rename"], most - 1)
        killed = 0
        for call, place in steps:
            self.start()
            tracer = self.trace("-e", "trace=" + call, "-e", f"inject={call}:signal=KILL:when={place}")
            end = self.sign()
            if end.returncode:
                self.daemon.wait(60)
                killed += 1
            if self.daemon.poll() is None:
                self.stop()
            self.end(tracer)
            self.start()
            self.again(f"killed at {call} {place}")
        return steps, killed

    def room(self, most):
        """Signs where the file system has room for no block, for one, and so on; returns how often no head was given."""
        self.start()
        refused = 0
        filler = os.path.join(self.state, "filler")
        for blocks in range(most):
            before = self.files()
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1 << 20))
                except OSError:
                    pass
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
                size = os.fstat(file.fileno()).st_size
                file.truncate(max(0, size // 4096 - blocks) * 4096)
            end = self.sign()
            os.remove(filler)
            refused += end.returncode != 0
            if end.returncode and not end.stderr:
                self.faults.append(f"room for {blocks} blocks: no head, and not a word")
            if end.returncode and blocks == 0 and self.files() != before:
                self.faults.append("no room: no head was given, and there is another than before")
            if self.daemon.poll() is not None:
                self.faults.append(f"room for {blocks} blocks: the daemon ended with {self.daemon.returncode}")
                self.start()
        self.again(f"room for up to {most} blocks")
        return refused

    def full(self, limits):
        """Lets writes fail beyond a size: where no head is given that is said, and all goes on when there is room."""
        refused = 0
        self.start()
        hard = resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE)[1]
        for limit in limits:
            before = self.files()
            resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (limit, hard))
            end = self.sign()
            resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (hard, hard))
            refused += end.returncode != 0
            if end.returncode and not end.stderr:
                self.faults.append(f"writes up to {limit} bytes: no head, and not a word")
            if end.returncode and limit < 150 and self.files() != before:
                self.faults.append(f"writes up to {limit} bytes: no head was given, and there is another than before")
            if self.daemon.poll() is not None:
                self.faults.append(f"writes up to {limit} bytes: the daemon ended with {self.daemon.returncode}")
                self.start()
        self.again(f"writes up to {limits} bytes")
        return refused


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--places", type=int, default=40, help="at so many places a write fails")
    parser.add_argument("--steps", type=int, default=1000, help="at so many steps of a signing the daemon is killed")
    parser.add_argument("--room", type=int, default=24, help="so many blocks of room a full file system has at the most")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="emsd-heads-")
    if options.room:
        state = os.path.join(place, "state")
        os.mkdir(state)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", state], capture_output=True)
        if mounted.returncode:
            print("no small file system can be mounted: that part is left out")
            options.room = 0
    try:
        attack(options, place)
    finally:
        if options.room:
            subprocess.run(["umount", "-l", os.path.join(place, "state")])
    shutil.rmtree(place)


def attack(options, place):
    works = Works(os.path.abspath(options.programs), place)
    works.start()
    key = os.path.join(works.state, "audit.key")
    if (end := works.control("audit", "init", "--name", "heads.example/emsd", "--key", key)).returncode:
        raise SystemExit(end.stderr)
    if (end := works.sign()).returncode:
        raise SystemExit(end.stderr)
    works.stop()
    # In the head's file; then in the log of the database.
    limits = [1, 150, 4096, 30_000, 40, 0] + [8192 + 2060 * place for place in range(100)]
    chance = random.Random(options.seed)
    began = time.monotonic()
    works.control("status")
    # About as long as asking takes, and some signing.
    longest = 2 * (time.monotonic() - began)
    killed = refused = 0
    steps = []
    try:
        if options.room:
            refused += works.room(options.room)
        refused += works.full(limits[:options.places])
        if options.steps:
            try:
                steps, killed = works.steps(options.steps)
            except (FileNotFoundError, PermissionError) as refusal:
                print(f"killed at no step: {refusal}")
                works.stop()
            print(f"killed at {killed} of {len(steps)} steps: "
                  + ", ".join(f"{call} {place}" for call, place in steps))
        for _ in range(options.kills):
            killed += works.kill(chance.uniform(longest / 4, longest))
    finally:
        if works.daemon.poll() is None:
            works.stop()
    for fault in works.faults:
        print(fault)
    print(f"{killed} kills, {refused} heads refused, {len(works.heads)} heads given, {len(works.faults)} faults")
    if works.faults or not refused:
        sys.exit(1)


if __name__ == "__main__":
    main()
