"""Random small plants for comparing the product with the oracle.

    python3 generate.py --seed N --out DIR

writes DIR/config.yaml and DIR/readings.csv, the same for the same seed. Limits of objectives are laid among the values
that the oracle computes, so that verdicts of every kind occur.
"""

import argparse
import json
import random
from decimal import Decimal
from pathlib import Path

import yaml

from oracle import Site
from plant import Plant
from quantities import DAY, HOUR, MINUTE, SECOND, instant, text_of
from random_indicators import CALENDARS, RandomIndicators
from random_meters import RandomMeters
from random_objectives import RandomObjectives

# Zones with days on which their clocks change (and a quiet one).
ZONES = {
    "Europe/Stockholm": ["2026-03-29", "2026-10-25", "2026-06-10"],
    "America/New_York": ["2026-03-08", "2026-11-01", "2026-01-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04", "2026-07-01"],
    "Asia/Kolkata": ["2026-03-30", "2026-12-31", "2026-08-15"],
    # Changes at a quarter to, of two hours, of a whole day, and a minute after midnight.
    "Pacific/Chatham": ["2026-04-04", "2026-09-26"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],
    "Pacific/Apia": ["2011-12-30", "2011-12-30", "2012-03-31"],
    "America/St_Johns": ["2011-03-13", "2010-11-07"],
}
# Lengths that are no longer than a change of these zones and do not divide it.
REFUSED = {"Antarctica/Troll": {"90m"}}
# (length, meter intervals, windows, periods)
SCALES = {
    "hours": ((2 * HOUR, 14 * HOUR), ["5s", "10s", "30s", "1m"],
              ["30s", "1m", "5m", "10m", "15m", "30m", "1h", "2h"], ["1d"]),
    "days": ((26 * HOUR, 5 * DAY), ["1m", "5m", "10m", "15m"],
             ["5m", "15m", "30m", "1h", "90m", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "24h", "shifts"],
             ["1d", "1w"]),
    "weeks": ((8 * DAY, 35 * DAY), ["15m", "30m", "1h"],
              ["30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w", "shifts", "1mo"], ["1d", "1w", "1mo"]),
    "months": ((60 * DAY, 200 * DAY), ["1h", "2h"],
               ["2h", "6h", "12h", "1d", "1w", "1mo", "1q", "shifts"], ["1w", "1mo", "1q", "1y"]),
}


class Generator(RandomMeters, RandomIndicators, RandomObjectives):
    def __init__(self, seed):
        self.random = random.Random(seed)
        pick = self.random
        self.zone = pick.choice(list(ZONES))
        self.scale = pick.choices(list(SCALES), weights=[4, 6, 4, 1])[0]
        (low, high), self.intervals, self.windows, self.periods = SCALES[self.scale]
        self.windows = [window for window in self.windows if window not in REFUSED.get(self.zone, ())]
        self.length = pick.randrange(low, high, MINUTE)
        change = instant(pick.choice(ZONES[self.zone]) + "T00:00:00Z")
        self.start = change - pick.randrange(0, max(self.length, 12 * HOUR), MINUTE)
        self.start += pick.choice([0, 0, pick.randrange(0, MINUTE, SECOND), pick.randrange(0, MINUTE)])
        self.end = self.start + self.length
        self.holidays = sorted({text_of(self.start + pick.randrange(self.length))[:10] for _ in range(3)})
        self.meters, self.derived, self.indicators, self.objectives = {}, {}, {}, {}
        self.rows = []
        self.kinds = {"gauge": [], "counter": [], "state": []}
        self.levels = {}  # of each gauge: thresholds that matter
        self.address = 0

    def chance(self, probability):
        return self.random.random() < probability

    def configuration(self):
        found = {"site": {"name": "generated", "timezone": self.zone, "holidays": self.holidays},
                 "links": {"bus": {"transport": "tcp", "host": "127.0.0.1", "port": 1502, "timeout": "500ms"}},
                 "meters": self.meters, "calendars": CALENDARS}
        for key in ("derived", "indicators", "objectives"):
            if getattr(self, key):
                found[key] = getattr(self, key)
        return found

    def make(self):
        self.make_meters()
        self.make_derived()
        self.make_indicators()
        self.rows.sort(key=lambda row: row[0])
        if not self.rows:
            raise SystemExit("no readings came out of this seed")
        rows = [(text_of(time), name, text, quality) for time, name, text, quality in self.rows]
        reread = yaml.load(dump(self.configuration()), Loader=yaml.BaseLoader)
        site = Site(Plant(reread, rows))
        self.make_objectives({name: indicator.values() for name, indicator in site.indicators.items()})
        return dump(self.configuration()), rows


def dump(configuration):
    """YAML with every section and every definition on lines of its own, the rest in flow form."""
    lines = []

    def put(depth, key, value):
        block = depth == 0 or depth == 1 and "points" in (value or {}) or depth == 2 and key == "points"
        if isinstance(value, dict) and block:
            lines.append("  " * depth + f"{key}:")
            for inner, part in value.items():
                put(depth + 1, inner, part)
        else:
            lines.append("  " * depth + f"{key}: {flow(value)}")

    for key, value in configuration.items():
        put(0, key, value)
    return "\n".join(lines) + "\n"


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else format(Decimal(repr(value)), "f")
    if isinstance(value, str) and not value.replace("_", "").isalnum():
        return json.dumps(value)
    return str(value)


def main():
    parser = argparse.ArgumentParser(description="makes a random small plant")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    configuration, rows = Generator(arguments.seed).make()
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "config.yaml").write_text(f"# seed {arguments.seed}\n" + configuration, encoding="utf-8")
    with open(arguments.out / "readings.csv", "w", encoding="utf-8") as file:
        file.write("time,point,value,quality\n")
        file.writelines(",".join(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
