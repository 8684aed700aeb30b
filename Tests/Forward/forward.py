#!/usr/bin/env python3
"""Forwards a simulated plant to a real server while servers and senders are killed at random, and compares row by row.

forward.py PROGRAMS --target victoria|influx|postgresql|sparkplug [--kills N] [--seed S] [--tls]

Prints `skipped: WHY` and ends with 77 where the server is not installed. What the target has in the end is what
`emsctl readings` says: no row missing, none doubled, none with another value. A kill of VictoriaMetrics is a SIGTERM: it
keeps what it acknowledged in memory for some seconds, which nobody can make good who believes its answer.
"""
import argparse
import csv
import io
import json
import random
import socket
import subprocess
import time

from servers import Influx, Postgres, Sparkplug, Victoria, trial

PLANT = """
site: {{name: "Borås, works = 1", timezone: Europe/Stockholm}}
storage: {{directory: "{place}/state"}}
alerts: [{{path: "{place}/alerts.jsonl", format: json}}]
api: {{socket: "{place}/emsd.sock"}}
forward:
  there: {target}
links:
  hall: {{transport: tcp, host: 127.0.0.1, port: {port}, timeout: 500ms}}
meters:
  feeder:
    title: Feeder
    link: hall
    unit: 1
    interval: 200ms
    points:
      power: {{register: input 0, type: float32, unit: kW, kind: gauge}}
      energy: {{register: input 2, type: uint32, scale: 0.01, unit: kWh, kind: counter, max_rate: 100000}}
      flow: {{register: input 4, type: uint16, unit: "m3/h, n", kind: gauge, range: [0, 40]}}
indicators:
  mean_power: {{window: 5s, formula: mean(feeder.power), unit: kW, grace: 1s}}
objectives:
  power_limit: {{indicator: mean_power, max: 60, severity: minor}}
"""
SCENARIO = """
signals:
  feeder.power: {line: {0s: 20, 10s: 90, 20s: 20}, repeat: 20s, noise: 2}
  feeder.energy: {ramp: 3600, per: 1h, start: 100}
  feeder.flow: {line: {0s: 10, 4s: 50, 8s: 10}, repeat: 8s, noise: 1}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def eventually(what, ask, seconds=120):
    end = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        got = ask()
        if got:
            return got
        now = time.monotonic()
        if now > end:
            raise SystemExit(f"within {seconds} s there was not: {what}")
        # Most asks start a program, which is work that others on this machine wait for.
        time.sleep(max(0.1, 3 * (now - began)))


class Works:
    def __init__(self, programs, place, target, plant=None, scenario=SCENARIO):
        self.programs, self.place = programs, place
        self.config = f"{place}/emsd.yaml"
        with open(self.config, "w") as file:
            file.write(plant or PLANT.format(place=place, port=free_port(), target=json.dumps(target)))
        with open(f"{place}/scenario.yaml", "w") as file:
            file.write(scenario)
        self.log = open(f"{place}/emsd.log", "ab")
        self.sim = subprocess.Popen(
            [f"{programs}/emsim", "--config", self.config, "--scenario", f"{place}/scenario.yaml"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        while (line := self.sim.stdout.readline()) and line.strip() != "ready":
            pass
        self.daemon = None

    def start(self):
        self.daemon = subprocess.Popen([f"{self.programs}/emsd", "run", "--config", self.config], stdout=self.log,
                                       stderr=self.log)

    def slay(self):
        self.daemon.kill()
        self.daemon.wait()

    def ask(self, *words):
        if self.daemon and self.daemon.poll() is not None:
            raise SystemExit(f"the daemon ended by itself: {self.daemon.returncode}")
        done = subprocess.run([f"{self.programs}/emsctl", "--socket", f"{self.place}/emsd.sock", *words],
                              capture_output=True, text=True, timeout=120)
        return done.stdout if done.returncode in (0, 1) else None

    def forward(self):
        said = self.ask("forward", "--format", "json")
        return json.loads(said) if said else []

    def has_all(self):
        rows = self.forward()
        # What comes in meanwhile is on its way.
        return rows if rows and all(row["waiting"] < 60 and row["fault"] is None for row in rows) else None

    def rows(self, listing, *more):
        said = eventually(listing, lambda: self.ask(listing, *more, "--format", "csv"))
        return list(csv.DictReader(io.StringIO(said)))

    def rows_of(self, listing):
        said = self.ask(listing, "--format", "json")
        return json.loads(said) if said else []

    def end(self):
        for process in (self.daemon, self.sim):
            if process and process.poll() is None:
                process.terminate()
        for process in (self.daemon, self.sim):
            if process:
                process.wait(20)


def compare(what, ours, theirs):
    missing = [key for key in ours if key not in theirs]
    wrong = [key for key in ours if key in theirs and ours[key] != theirs[key]]
    more = [key for key in theirs if key not in ours]
    if missing or wrong or more:
        for name, keys in (("missing", missing), ("other", wrong), ("too much", more)):
            for key in sorted(keys)[:5]:
                print(f"{what} {name}: {key}: {ours.get(key)} here, {theirs.get(key)} there")
        raise SystemExit(f"{what}: {len(missing)} missing, {len(wrong)} other, {len(more)} too much of {len(ours)}")
    print(f"{what}: {len(ours)} equal")


def milliseconds(text):
    from datetime import datetime
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def readings(works, until):
    ours = {}
    for point in ("feeder.power", "feeder.energy", "feeder.flow"):
        for row in works.rows("readings", point):
            at = milliseconds(row["time"])
            if at <= until:
                ours[(point, at)] = (row["quality"], None if row["value"] == "" else float(row["value"]))
    return ours


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("--target", required=True)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tls", action="store_true", help="over TLS, with an authority and a certificate of our own")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    kinds = {"victoria": Victoria, "influx": Influx, "postgresql": Postgres, "sparkplug": Sparkplug}
    with trial("forward", options.keep) as (place, running):
        server = kinds[options.target](place, free_port, *([True] if options.tls else []))
        running.append(server)
        server.start()
        works = Works(options.programs, place, server.target())
        running.append(works)
        works.start()
        eventually("a first line", lambda: any(row["lines"] for row in works.forward()))
        for _ in range(options.kills):
            time.sleep(chance.uniform(0.2, 2.5))
            if chance.random() < 0.5:
                works.slay()
                time.sleep(chance.uniform(0, 1))
                works.start()
            else:
                server.slay()
                time.sleep(chance.uniform(0, 3))
                server.start()
        time.sleep(6)
        eventually("all sent", works.has_all, 400)
        until = int(time.time() * 1000) - 500
        eventually("all sent", lambda: time.time() * 1000 > until + 8000)
        eventually("all sent", works.has_all, 400)
        server.settle()
        ours = readings(works, until)
        theirs = {key: value for key, value in server.readings().items() if key[1] <= until}
        compare("readings", ours, theirs)
        server.compare_more(works, until, compare)
        rejected = max(row["rejected"] for row in works.forward())
        if rejected:
            raise SystemExit(f"{rejected} lines were rejected")


if __name__ == "__main__":
    main()
