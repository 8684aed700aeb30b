#!/usr/bin/env python3
"""A target that was away for a week: caught up row by row equal, while live data stays young and polling skips no slot.

outage.py PROGRAMS --target postgresql|victoria [--days 7] [--meters 1] [--seed S]

A week of readings at 10 s of 20 points a meter is recorded by `emsd replay`; then the daemon polls the same meters each second and
finds nobody at the target's address. When the server comes, what it has of a live point is looked at each second until it has
all: never more than 10 s old. Then all rows are compared with what `emsctl readings` says.
Prints `skipped: WHY` and ends with 77 where the server is not installed.
"""
import argparse
import gzip
import json
import random
import subprocess
import time

from forward import Works, compare, eventually, free_port, milliseconds
from servers import Postgres, Victoria, trial

KINDS = {"victoria": Victoria, "postgresql": Postgres}
POINTS = 20


def plant(place, port, meters, target):
    lines = ['site: {name: "Borås, works = 1", timezone: Europe/Stockholm}', f'storage: {{directory: "{place}/state"}}',
             f'alerts: [{{path: "{place}/alerts.jsonl", format: json}}]', f'api: {{socket: "{place}/emsd.sock"}}',
             f"forward: {{there: {json.dumps(target)}}}",
             f"links: {{hall: {{transport: tcp, host: 127.0.0.1, port: {port}, timeout: 500ms}}}}", "meters:"]
    for meter in range(meters):
        points = ", ".join(f"p{index}: {{register: holding {2 * index}, type: float32, unit: kW, max_gap: 1m}}" for index in range(POINTS))
        lines.append(f"  m{meter}: {{link: hall, unit: {meter + 1}, interval: 1s, points: {{{points}}}}}")
    lines += ["indicators:", "  mean_power: {window: 15m, formula: mean(m0.p0), unit: kW, grace: 1s}",
              "objectives:", "  power_limit: {indicator: mean_power, max: 51, severity: minor}"]
    return "\n".join(lines) + "\n"


def recording(path, meters, days, seed):
    """So many days up to now, a reading of each point every 10 s; the values wander."""
    chance = random.Random(seed)
    names = [f"m{meter}.p{index}" for meter in range(meters) for index in range(POINTS)]
    levels = [50.0] * len(names)
    steps = int(days * 8640)
    end = int(time.time()) // 10 * 10 - 10
    with gzip.open(path, "wt", compresslevel=1) as out:
        out.write("time,point,value\n")
        for step in range(steps):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end - (steps - step) * 10))
            for index, name in enumerate(names):
                levels[index] += chance.randrange(-4, 5) / 10 + (50 - levels[index]) / 100
                out.write(f"{stamp},{name},{levels[index]:.2f}\n")
    return names, steps * len(names)


def newest(server, point):
    """The time of the newest reading of a point that the target has, in milliseconds; nil before the first one."""
    if isinstance(server, Postgres):
        rows = server.query("SELECT (extract(epoch FROM max(time)) * 1000)::int8 AS at FROM emsd.reading "
                            f"WHERE site = 'Borås, works = 1' AND point = '{point}'")
        # psql writes a row of nothing as an empty line, which is no row for the reader.
        return int(rows[0]["at"]) if rows else None
    meter, name = point.split(".")
    said = server.get("/api/v1/export", **{"match[]": f'emsd_reading_quality{{meter="{meter}",point="{name}"}}', "start": "-1m"})
    times = [at for line in said.splitlines() for at in json.loads(line)["timestamps"]]
    return max(times) if times else None


def readings(works, names, until):
    ours = {}
    for name in names:
        for row in works.rows("readings", name, "--since", "-10d"):
            at = milliseconds(row["time"])
            if at <= until:
                ours[(name, at)] = (row["quality"], None if row["value"] == "" else float(row["value"]))
    return ours


def catch_up(works, server, names, recorded):
    """Looks on until nothing waits; says how long it took and how old the newest reading at the target was at most."""
    began, first, worst, point = time.monotonic(), None, 0, names[0]
    while True:
        try:
            there = newest(server, point)
        except subprocess.CalledProcessError:
            there = None
        now = time.time() * 1000
        if there and now - there < 10_000 and first is None:
            first = time.monotonic()
        elif first is not None:
            worst = max(worst, now - (there or 0))
        rows = works.forward()
        if first is not None and rows and all(row["waiting"] < 20 * len(names) and row["fault"] is None for row in rows):
            break
        if time.monotonic() - began > 3600:
            raise SystemExit(f"not caught up within an hour: {rows}")
        time.sleep(1)
    took = time.monotonic() - began
    print(f"caught up: {recorded} rows within {took:.0f} s of its return, {recorded / took:.0f} rows/s; the first live reading was "
          f"there after {first - began:.0f} s, and from then on the newest was never older than {worst / 1000:.1f} s", flush=True)
    if worst > 10_000:
        raise SystemExit("live data waited behind the past")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("--target", choices=sorted(KINDS), required=True)
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--meters", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with trial("outage") as (place, running):
        server = KINDS[options.target](place, free_port)
        running.append(server)
        if options.target == "postgresql":
            # Its role and database are there; then it is away.
            server.start()
            server.slay()
        names, recorded = recording(f"{place}/week.csv.gz", options.meters, options.days, options.seed)
        port = free_port()
        works = Works(options.programs, place, server.target(), plant(place, port, options.meters, server.target()),
                      "signals: {m0.p0: {line: {0s: 40, 1m: 60}, repeat: 2m, noise: 1}}\n")
        running.append(works)
        subprocess.run([f"{options.programs}/emsd", "replay", "--config", works.config, "--readings", f"{place}/week.csv.gz",
                        "--database", f"{place}/state"], check=True, stdout=works.log, stderr=works.log)
        works.start()
        eventually("a try that failed", lambda: any(row["fault"] for row in works.forward()))
        waiting = eventually("all to wait", lambda: [row["waiting"] for row in works.forward() if row["stream"] == "readings"])
        if waiting[0] < recorded:
            raise SystemExit(f"{waiting[0]} readings wait, and {recorded} were recorded")
        eventually("polling", lambda: all(row["polls"] > 5 for row in works.rows_of("meters")))
        skipped = sum(row["skipped"] or 0 for row in works.rows_of("meters"))
        server.start()
        catch_up(works, server, names, recorded)
        skipped = sum(row["skipped"] or 0 for row in works.rows_of("meters")) - skipped
        print(f"slots skipped meanwhile: {skipped}")
        if skipped:
            raise SystemExit("polling did not go on")
        until = int(time.time() * 1000) - 500
        eventually("what was recorded until then", lambda: time.time() * 1000 > until + 8000)
        eventually("all sent", lambda: works.forward() and all(row["waiting"] < 20 * len(names) for row in works.forward()), 400)
        server.settle()
        ours = readings(works, names, until)
        if len(ours) < recorded:
            raise SystemExit(f"of {recorded} readings {len(ours)} are here")
        compare("readings", ours, {key: value for key, value in server.readings().items() if key[1] <= until})
        server.compare_more(works, until, compare)


if __name__ == "__main__":
    main()
