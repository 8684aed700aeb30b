"""Attacks a running plant's daemon over its socket and metrics port, for a bounded time, and says what it cost.

    attack.py BINDIR [--seconds N] [--meters N] [--rate N] [--idle N] [--readers N] [--seed N]

Starts emsim and emsd over a plant of many meters in a directory of its own, and lets at it at once: idle connections,
slow readers of long listings, stalled followers of the alerts, half requests, endless headers, huge bodies, and so many
malformed requests a second. It ends with status 1 where a slot was skipped, the daemon ended, it took more than its share
of memory or processor while it was idle again, or did not stop in 5 s with `stopped` recorded. Seeded: the same seed
sends the same requests.
"""

import argparse
import http.client
import json
import os
import random
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PER_LINK = 25


def plant(place, meters, port, metrics):
    """The configuration of a plant of that many meters, 25 behind each link."""
    links = (meters + PER_LINK - 1) // PER_LINK
    lines = [
        "site: {name: Attacked works, timezone: Europe/Stockholm}",
        f"storage: {{directory: {place}/state}}",
        f"alerts: [{{path: {place}/alerts.jsonl, format: json}}]",
        f"api: {{socket: {place}/emsd.sock}}",
        f"metrics: {{listen: 127.0.0.1:{metrics}}}",
        "links:",
    ]
    lines += [f"  l{n}: {{transport: tcp, host: 127.0.0.1, port: {port + n}}}" for n in range(links)]
    lines.append("meters:")
    for n in range(meters):
        lines += [
            f"  m{n}:",
            f"    link: l{n // PER_LINK}",
            f"    unit: {n % PER_LINK + 1}",
            "    interval: 1s",
            "    points:",
            "      p0: {register: holding 0, type: float32, unit: kW, kind: gauge}",
            "      p1: {register: holding 2, type: uint32, unit: kWh, kind: counter, max_rate: 100000}",
        ]
    lines += [
        "indicators:",
        "  p: {window: 10s, formula: mean(m0.p0), unit: kW}",
        "objectives:",
        "  low: {indicator: p, max: 1}",
    ]
    return "\n".join(lines) + "\n"


def resident(pid):
    """Megabytes of memory: all, and what is no page of a file, which the system takes back when it needs room."""
    text = open(f"/proc/{pid}/status").read()
    return tuple(int(re.search(rf"{key}:\s+(\d+)", text)[1]) / 1024 for key in ("VmRSS", "RssAnon"))


def processor(pid):
    """Seconds of processor so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Attack:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.place = tempfile.mkdtemp(prefix="emsd-attack-")
        self.path = self.place + "/emsd.sock"
        self.stopping = threading.Event()
        self.counts = {}
        self.lock = threading.Lock()
        self.held = []

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def connect(self, timeout=5):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        s.connect(self.path)
        return s

    def ask(self, target, timeout=20):
        """Status and body of one honest request."""
        s = self.connect(timeout)
        s.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        response = http.client.HTTPResponse(s)
        response.begin()
        body = response.read()
        s.close()
        return response.status, body.decode()

    # Starting

    def start(self):
        o = self.options
        config = self.place + "/emsd.yaml"
        open(config, "w").write(plant(self.place, o.meters, 20500, 19746))
        self.record(config)
        self.emsim = subprocess.Popen(
            [o.bindir + "/emsim", "--config", config],
            stdout=subprocess.PIPE, stderr=open(self.place + "/emsim.log", "w"), text=True)
        for line in self.emsim.stdout:
            if line.startswith("ready"):
                break
        self.log = open(self.place + "/emsd.log", "w")
        self.emsd = subprocess.Popen([o.bindir + "/emsd", "run", "--config", config], stderr=self.log)
        self.wait_for("an answer", lambda: self.ask("/v1/status")[0] == 200)

    def record(self, config):
        """A past of 40,000 readings, so that there is something to read slowly."""
        now = int(time.time()) - 600
        with open(self.place + "/past.csv", "w") as file:
            file.write("time,point,value\n")
            for second in range(now - 40_000, now):
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
                file.write(f"{stamp},m0.p0,{second % 97}.25\n")
        subprocess.run(
            [self.options.bindir + "/emsd", "replay", "--config", config, "--readings", self.place + "/past.csv",
             "--database", self.place + "/state"], check=True, stdout=subprocess.DEVNULL)

    def wait_for(self, what, holds, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        raise SystemExit(f"within {seconds} s there was not: {what}")

    # The attackers: each holds its connections until the end, and opens them again where the daemon ends them.

    def idle(self):
        held = []
        while not self.stopping.is_set():
            while len(held) < self.options.idle and not self.stopping.is_set():
                try:
                    held.append(self.connect())
                    self.count("idle connections")
                except OSError:
                    break
            poll = select.poll()
            for s in held:
                poll.register(s, 0)
            gone = {descriptor for descriptor, _ in poll.poll(0)}
            for s in held:
                if s.fileno() in gone:
                    s.close()
            held = [s for s in held if s.fileno() >= 0]
            time.sleep(0.5)

    def holder(self, what, request, drip=0, total=1):
        """Sends a request and takes nothing, or some bytes a second, of the answer."""
        held = []
        while not self.stopping.is_set():
            while len(held) < total and not self.stopping.is_set():
                try:
                    s = self.connect()
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    s.sendall(request)
                    s.setblocking(False)
                    held.append(s)
                    self.count(what)
                except OSError:
                    break
            for s in list(held):
                try:
                    poll = select.poll()
                    poll.register(s, 0)
                    if poll.poll(0) or (drip and s.recv(drip) == b""):
                        raise ConnectionError
                except BlockingIOError:
                    pass
                except OSError:
                    s.close()
                    held.remove(s)
            time.sleep(1)

    def pusher(self, what, head, piece):
        """Sends without end."""
        while not self.stopping.is_set():
            try:
                s = self.connect()
                s.sendall(head)
                self.count(what)
                while not self.stopping.is_set():
                    s.sendall(piece)
                    time.sleep(0.01)
            except OSError:
                time.sleep(0.2)

    def malformed(self):
        """Sends so many malformed requests a second, one a connection."""
        begin = time.monotonic()
        sent = 0
        while not self.stopping.is_set():
            due = int((time.monotonic() - begin) * self.options.rate)
            if sent >= due:
                time.sleep(0.005)
                continue
            sent += 1
            try:
                s = self.connect(1)
                s.sendall(self.rubbish())
                # Now and then it is waited for, else the client hangs up.
                if self.random.random() < 0.5:
                    s.settimeout(0.05)
                    try:
                        s.recv(1000)
                    except OSError:
                        pass
                s.close()
                self.count("malformed requests")
            except OSError:
                self.count("malformed requests cut off")

    def rubbish(self):
        return rubbish(self.random)

    def honest(self):
        """Somebody who only wants to know how the plant is."""
        while not self.stopping.is_set():
            begin = time.monotonic()
            try:
                status, _ = self.ask("/v1/status")
                self.count(f"honest answers {status}")
            except (OSError, http.client.HTTPException):
                self.count("honest requests without an answer")
            with self.lock:
                took = time.monotonic() - begin
                self.counts["slowest honest answer"] = max(self.counts.get("slowest honest answer", 0), round(took, 2))
            time.sleep(1)

    def skipped(self):
        _, text = self.ask("/metrics")
        return sum(float(n) for n in re.findall(r"^emsd_meter_skipped_slots_total\S* (\S+)$", text, re.M))

    # The whole

    def run(self):
        o = self.options
        self.start()
        listing = b"GET /v1/readings?point=m0.p0&format=json HTTP/1.1\r\nHost: x\r\n\r\n"
        events = b"GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\n\r\n"
        pipeline = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 30
        self.wait_for("all meters' readings", lambda: self.ask("/v1/points")[1].count('"quality":"good"') >= o.meters)
        time.sleep(min(20, o.seconds / 4))
        before = self.skipped()
        memory_before = resident(self.emsd.pid)
        attackers = [
            ("idle", self.idle, ()),
            ("slow", self.holder, ("slow readers", listing, 50, o.readers)),
            ("stalled", self.holder, ("stalled readers", listing, 0, o.readers // 4 + 1)),
            ("followers", self.holder, ("stalled followers", events, 0, o.readers // 2 + 1)),
            ("halves", self.holder, ("half requests", b"GET /v1/sta", 0, 20)),
            ("bodies", self.holder, (
                "half bodies", b"POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", 0, 5)),
            ("pipelines", self.holder, ("pipelining clients", pipeline, 0, 4)),
            ("floods", self.holder, ("flooding clients", pipeline * 20, 0, 4)),
            ("headers", self.pusher, ("endless headers", b"GET / HTTP/1.1\r\n", b"X-A: " + b"a" * 1000 + b"\r\n")),
            ("huge", self.pusher, (
                "huge bodies", b"POST /v1/backup HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
                b"x" * 65536)),
            ("malformed", self.malformed, ()),
            ("honest", self.honest, ()),
        ]
        threads = [
            threading.Thread(target=target, args=arguments, daemon=True)
            for kind, target, arguments in attackers if not o.only or kind in o.only + ["honest"]
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + o.seconds
        most, own = 0, 0
        while time.monotonic() < end and self.emsd.poll() is None:
            now = resident(self.emsd.pid)
            most, own = max(most, now[0]), max(own, now[1])
            time.sleep(0.2)
        faults = []
        if self.emsd.poll() is not None:
            faults.append(f"emsd ended with {self.emsd.returncode}: see {self.place}/emsd.log")
            self.emsim.terminate()
            self.stopping.set()
            self.tell(faults, {})
            return 1
        skipped = None
        for _ in range(5):
            try:
                skipped = self.skipped() - before
                break
            except (OSError, http.client.HTTPException):
                time.sleep(1)
        begin = time.monotonic()
        self.emsd.send_signal(signal.SIGTERM)
        try:
            code = self.emsd.wait(30)
        except subprocess.TimeoutExpired:
            code = None
            self.emsd.kill()
        took = time.monotonic() - begin
        self.stopping.set()
        self.emsim.terminate()
        last = open(self.place + "/alerts.jsonl").read().strip().split("\n")[-1]
        if skipped is None or skipped > 0:
            faults.append(f"slots skipped: {skipped}")
        if most > o.memory:
            faults.append(f"{most:.0f} MB of memory, more than {o.memory}")
        if code != 0 or took > 5:
            faults.append(f"the stop took {took:.1f} s and ended with {code}")
        if json.loads(last).get("event") != "stopped":
            faults.append(f"the stop is not recorded: {last}")
        self.tell(faults, {
            "skipped slots": skipped, "memory before, MB": round(memory_before[0]), "memory at the most, MB": round(most),
            "without pages of files before, MB": round(memory_before[1]), "without pages of files at the most, MB": round(own),
            "stop, s": round(took, 2)})
        return 1 if faults else 0

    def tell(self, faults, figures):
        for key, value in sorted(self.counts.items()):
            print(f"{key}: {value}")
        for key, value in figures.items():
            print(f"{key}: {value}")
        for fault in faults:
            print(f"FAULT: {fault}")
        print("not ok" if faults else "ok")


METHODS = ["GET", "POST", "PUT", "DELETE", "get", "", "G\0T", "OPTIONS", "PATCH", "CONNECT", "HEAD", "TRACE"]
PATHS = [
    "/v1/status", "/v1/readings?point=m0.p0", "/v1/readings?point=", "/v1/indicators/p", "/", "//", "*", "",
    "/v1/readings?point=m0.p0&since=-300000000y", "/v1/readings?point=m0.p0&until=9999-99-99", "/v1/%zz/%",
    "/v1/nonconformities/%00", "/v1/events?after=99999999999999999999", "/v1/alerts?since=", "/metrics?x",
    "/v1/readings?point=m0.p0&since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z", "http://x/v1/status",
    "/v1/readings?point=m0.p0&since=-999999999q", "/v1/objectives?since=%2d1y&until=-2y", "/../../etc/passwd",
    "/v1/meters/m0.p1/exchange", "/v1/nonconformities/NC-2026-0001/ack", "/v1/links/l0/scan", "/v1/backup",
    "/v1/reload/", "/v1/ledger?point=m0.p1&since=-1", "/v1/points?format=xml", "/v1/points?\xff=\xfe",
]
BODIES = [
    "", "{", "[]", "null", '{"text":1}', '{"text":"x"', "\0" * 50, '{"time":"-300000000y","closing":1,"opening":2}',
    '{"time":"9999-12-31T23:59:59Z","closing":1e308,"opening":-1e308}', '{"from":-1,"to":99999999999999999999}',
    "[" * 5000, '{"a":' * 2000, '{"directory":"relative"}', '{"directory":"/proc/none"}', "\xff\xfe\xfd",
]


def rubbish(source):
    """One request that is wrong in one way or another."""
    method, path, body = source.choice(METHODS), source.choice(PATHS), source.choice(BODIES)
    version = source.choice(["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/9.9", "http/1.1", "", "HTTP/1.1 x"])
    headers = ["Host: x"]
    for _ in range(source.randrange(4)):
        headers.append(source.choice([
            "Content-Length: " + source.choice([str(len(body)), "-1", "99999999999999999999", "x", "0x10", "5, 6"]),
            "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Connection: " + "x," * 50,
            ": empty", "No colon here", "X-" + "y" * source.randrange(3000) + ": z", "Expect: 100-continue",
            "Upgrade: websocket", "X: \0\1\2", "Accept: " + "*/*;q=" * 100, "Content-Length : 3", " folded: x",
        ]))
    text = f"{method} {path} {version}\r\n" + "\r\n".join(headers) + "\r\n\r\n" + body
    data = bytearray(text.encode("latin-1", "replace"))
    if source.random() < 0.3:
        for _ in range(source.randrange(1, 20)):
            data[source.randrange(len(data))] = source.randrange(256)
    if source.random() < 0.2:
        del data[source.randrange(len(data)):]
    if source.random() < 0.1:
        data = bytearray(source.randbytes(source.randrange(1, 4000)))
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bindir")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--meters", type=int, default=200)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=60)
    parser.add_argument("--memory", type=float, default=100)
    parser.add_argument("--only", action="append", help="this kind of attacker alone: idle, slow, stalled, and so on")
    parser.add_argument("--seed", type=int, default=1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sys.exit(Attack(parser.parse_args()).run())


if __name__ == "__main__":
    main()
