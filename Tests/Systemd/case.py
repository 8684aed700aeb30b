#!/usr/bin/env python3
"""Makes a case as an auditor gets it: a bundle of a nonconformity that people closed, on a plant where much happened.

    case.py PROGRAMS OUTPUT [--indicators]

PROGRAMS is where emsd and emsctl stand; OUTPUT becomes the bundle, a directory. The plant has a day of 25 hours (the clock is set
back in the night of 2026-10-25), readings that came late and so revisions, a limit that was changed, a counter that was
exchanged, and a nonconformity with each step of its life, a file of evidence among it. With --indicators the bundle is of the
days before and after as well. `bare.py` carries it to a bare Debian.
"""
import argparse, datetime, json, os, random, shutil, signal, subprocess, sys, tempfile, time

CONFIGURATION = """
site: {{name: Works with a case, timezone: Europe/Stockholm}}
storage: {{directory: {place}/state}}
alerts: [{{path: {place}/alerts.jsonl, format: json}}]
api: {{socket: {place}/s.sock, operators: [root]}}
links: {{l: {{transport: tcp, host: 127.0.0.1, port: 1, timeout: 200ms}}}}
meters:
  m:
    link: l
    unit: 1
    interval: 1m
    max_gap: 10m
    points:
      power: {{register: holding 0, type: float32, unit: kW, kind: gauge}}
      energy: {{register: holding 2, type: uint32, unit: kWh, kind: counter, max_rate: 500}}
indicators:
  mean_power: {{window: 15m, formula: mean(m.power), unit: kW}}
  used: {{window: 1h, formula: delta(m.energy), unit: kWh}}
  day: {{window: 1d, formula: sum(used), unit: kWh}}
objectives:
  limit: {{indicator: mean_power, max: {limit}, for: 2, clear_after: 2, severity: major}}
  month: {{indicator: used, budget: 5000, per: 1mo, severity: minor}}
"""
START = datetime.datetime(2026, 10, 23, 22, tzinfo=datetime.timezone.utc)
EXCHANGE = 3 * 1440 + 600


class Case:
    def __init__(self, programs, place):
        self.programs, self.place, self.state = programs, place, os.path.join(place, "state")
        self.environment = dict(os.environ, EMSD_SOCKET=os.path.join(place, "s.sock"))

    def run(self, program, *arguments):
        end = subprocess.run([os.path.join(self.programs, program), *arguments], capture_output=True, text=True, timeout=120,
                             env=self.environment)
        if end.returncode:
            raise SystemExit(f"{program} {' '.join(arguments)}: {end.returncode}\n{end.stdout}{end.stderr}")
        return end.stdout

    def configure(self, limit):
        path = os.path.join(self.place, "emsd.yaml")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(place=self.place, limit=limit))
        return path

    def file(self, name, rows):
        path = os.path.join(self.place, name)
        with open(path, "w") as file:
            file.write("time,point,value\n")
            for minute, point, value in rows:
                time = (START + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
                file.write(f"{time},m.{point},{value:.2f}\n")
        return path

    def replay(self, limit, name, rows):
        self.run("emsd", "replay", "--config", self.configure(limit), "--readings", self.file(name, rows), "--database",
                 self.state, "--alerts-here")

    def record(self):
        """Six local days: too much power for an hour of the night in which the clock is set back, and on two other days."""
        chance, rows, energy = random.Random(4), [], 1000.0
        for minute in range(6 * 1440):
            energy += chance.random()
            if minute == EXCHANGE:
                self.closing, energy = f"{energy:.2f}", 5.0
            high = any(begin <= minute < begin + 75 for begin in (1440 + 240, 2 * 1440 + 700, 4 * 1440 + 100))
            rows.append((minute, "power", chance.uniform(130, 150) if high else chance.uniform(60, 95)))
            # One value that no meter can have counted to.
            rows.append((minute, "energy", 990_000 if minute == 1440 + 333 else energy))
        middle = 3 * 1440 * 2
        self.replay(100, "first.csv", rows[:middle])
        self.replay(100, "late.csv", [(1440 + 250.5, "power", 300), (2 * 1440 + 30.5, "power", 240)])
        self.replay(105, "second.csv", rows[middle:])

    def live(self, output, indicators):
        key = os.path.join(self.state, "audit.key")
        self.run("emsctl", "audit", "init", "--name", "case.example/emsd", "--key", key)
        with open(os.path.join(self.place, "daemon.log"), "w") as log:
            daemon = subprocess.Popen(
                [os.path.join(self.programs, "emsd"), "run", "--config", self.configure(105)], stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 120
                while subprocess.run([os.path.join(self.programs, "emsctl"), "journal", "--format", "csv"], text=True,
                                     capture_output=True, env=self.environment).stdout.count("record.sealed") < 6:
                    if time.monotonic() > deadline or daemon.poll() is not None:
                        raise SystemExit("the days were not sealed within two minutes")
                    time.sleep(0.3)
                exchanged = (START + datetime.timedelta(minutes=EXCHANGE)).strftime("%Y-%m-%dT%H:%M:%SZ")
                self.run("emsctl", "meter", "exchange", "m.energy", "--time", exchanged, "--closing", self.closing, "--opening",
                         "4.5", "--reason", "work order 7")
                self.life()
                found = json.loads(self.run("emsctl", "nc", "list", "--format", "json"))
                photo = os.path.join(self.place, "photo.jpg")
                if indicators:
                    order = ["--from", "2026-10-25", "--to", "2026-10-28"]
                else:
                    order = ["--nc", found[0]["id"]]
                self.run("emsctl", "export", "evidence", *order, "--attachment", photo, "--output", output)
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait()

    def life(self):
        found = json.loads(self.run("emsctl", "nc", "list", "--format", "json"))[0]
        photo = os.path.join(self.place, "photo.jpg")
        with open(photo, "wb") as file:
            file.write(bytes(range(256)))
        for step in (
                ["ack", "--text", "the shift was told"],
                ["cause", "--category", "equipment", "--text", "a worn bearing, \"as last year\""],
                ["action", "--text", "replace it", "--owner", "root", "--due", "2100-01-01"],
                ["done", "--action", "1", "--text", "replaced", "--evidence", photo],
                ["verify", "--text", "a week below the limit"],
                ["close", "--text", "closed"]):
            self.run("emsctl", "nc", step[0], found["id"], *step[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs")
    parser.add_argument("output")
    parser.add_argument("--indicators", action="store_true")
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="emsd-case-")
    case = Case(os.path.abspath(options.programs), place)
    try:
        case.record()
        case.live(os.path.abspath(options.output), options.indicators)
    finally:
        shutil.rmtree(place)
    said = case.run("emsctl", "audit", "verify", "--bundle", os.path.abspath(options.output))
    print(said, end="")


if __name__ == "__main__":
    main()
