"""The configuration and the recorded readings, as far as the rules need them."""

import csv
import gzip
from dataclasses import dataclass, field
from datetime import date

import yaml

import formulas
from counting import NetLedger, PeriodLedger, UseLedger
from ledger import Exchange, Ledger, Rules
from quantities import elapsed, instant, number
from calendars import Calendars
from signals import Condition, Counter, Held, derive
from windows import Plain, Zone, wall_of_date


@dataclass
class Point:
    name: str
    kind: str
    max_gap: int
    max_rate: object = None
    modulus: object = None
    exchanges: list = field(default_factory=list)
    resets: object = None
    unit: object = None
    scale: object = None
    interval: int = 0
    delay: int = 0  # how long after its time a reading stands


def listed(value):
    return value if isinstance(value, dict) else {}


class Plant:
    """A configuration with its readings; everything else is computed from it."""

    def __init__(self, configuration, readings, names=None):
        """`readings`: rows of (time text, point, value text, quality text) in the order of their arrival.

        `names`: by what a measured point is called in the configuration, what the readings call it.
        """
        self.configuration, self.names = configuration, names or {}
        self.zone = Zone(configuration["site"].get("timezone", "UTC"))
        self.points = {}
        for meter, definition in listed(configuration.get("meters")).items():
            for name, point in listed(definition.get("points")).items():
                self._point(f"{meter}.{name}", listed(point), definition)
        self.derived = {name: self.dated(d["formula"]) for name, d in listed(configuration.get("derived")).items()}
        self._read(readings)
        self._held, self._counters, self._conditions = {}, {}, {}
        self.earlier, self.breaks = {}, {}
        self.calendars = Calendars(configuration, self.zone)

    def _point(self, name, point, meter):
        gap = point.get("max_gap") or meter.get("max_gap")
        name = self.names.get(name, name)
        interval = elapsed(point.get("interval") or meter["interval"])
        from_start = point.get("kind") == "interval" and point.get("stamp") == "start"
        self.points[name] = Point(
            name, point.get("kind", "gauge"),
            elapsed(gap) if gap else 3 * interval,
            number(point["max_rate"]) if "max_rate" in point else None,
            number(point["modulus"]) if "modulus" in point else None,
            [Exchange(self.moment(e["time"]), number(e["closing"]), number(e["opening"]))
             for e in point.get("exchanges", [])], point.get("resets"), point.get("unit"),
            (str(point.get("scale", 1)), number(str(point.get("offset", 0)))), interval, interval if from_start else 0)

    def moment(self, text):
        """An instant, or the first instant of a local date."""
        return instant(text) if "T" in text else self.zone.first_instant(wall_of_date(date.fromisoformat(text)))

    def dated(self, definition):
        """A formula, or a list of formulas that follow each other, as [(from, tree)]."""
        if isinstance(definition, str):
            return [(float("-inf"), formulas.formula(definition))]
        return [(float("-inf"), formulas.formula(definition[0]))] + [
            (self.moment(later["from"]), formulas.formula(later["formula"])) for later in definition[1:]]

    def behind(self, names):
        """The measured points that points are computed from."""
        found = []
        for name in names:
            parts = [name] if name in self.points else self.behind(
                [part for _, tree in self.derived[name] for part in formulas.leaves(tree, "point")])
            found += [part for part in parts if part not in found]
        return found

    def _read(self, rows):
        self.readings = {name: {} for name in self.points}
        self.record_start = self.last_reading = None
        known_times = {}
        for text, point, value, quality in rows:
            time = known_times.get(text)
            if time is None:
                time = known_times[text] = instant(text)
            usable = value != "" and quality != "bad"
            if point not in self.readings:
                continue
            self.readings[point][time] = (number(value) if usable else None, usable and quality == "uncertain")
        instants = [time for series in self.readings.values() for time in series]
        if instants:
            self.record_start = min(instants)
            self.last_reading = max(time + self.points[name].delay
                                    for name, series in self.readings.items() for time in series)
        # From here on each reading has the time at which it stands.
        self.readings = {name: [(time + self.points[name].delay, *series[time]) for time in sorted(series)]
                         for name, series in self.readings.items()}

    def is_counter(self, name):
        return name in self.points and self.points[name].kind in ("counter", "net", "interval")

    def max_gap(self, name):
        if name in self.points:
            return self.points[name].max_gap
        given = self.configuration["derived"][name].get("max_gap")
        return elapsed(given) if given else min(
            self.max_gap(part) for _, tree in self.derived[name] for part in formulas.leaves(tree, "point"))

    def held(self, name):
        """The readings of a point, held."""
        if name not in self._held:
            if name in self.derived:
                versions = self.derived[name]
                ends = [start for start, _ in versions[1:]] + [float("inf")]
                readings = []
                for (start, tree), end in zip(versions, ends):
                    inputs = {part: self.held(part) for part in formulas.leaves(tree, "point")}
                    readings += [reading for reading in derive(tree, inputs) if start <= reading[0] < end]
                breaks = sorted({at for part in self.behind([name]) for at in self.breaks.get(part, [])})
                self._held[name] = Held(readings, self.max_gap(name), breaks)
            elif self.is_counter(name):
                self._held[name] = self.counter(name).held
            else:
                self._held[name] = Held(self.readings[name], self.max_gap(name), self.breaks.get(name, ()))
        return self._held[name]

    def counter(self, name):
        if name not in self._counters:
            point = self.points[name]
            rules = self.earlier.get(name) or [(None, self.rules_of(point))]
            self._counters[name] = Counter(self.readings[name], point.max_gap, rules,
                                           point.exchanges, self.breaks.get(name, ()))
        return self._counters[name]

    def rules_of(self, point):
        """The rules by which a counter counts."""
        edge = None
        if point.kind == "counter" and point.resets is not None:
            periods = Plain(self.zone, point.resets)
            edge = lambda ms: periods.around(ms)[0]
        kind = {"net": NetLedger, "interval": UseLedger}.get(point.kind, Ledger if edge is None else PeriodLedger)
        return Rules(kind, point.max_rate, point.modulus, point.max_gap, edge, point.interval, point.delay)

    def covering(self, name):
        """What decides the covered time of a point."""
        return self.counter(name) if self.is_counter(name) else self.held(name)

    def condition(self, tree):
        if tree not in self._conditions:
            self._conditions[tree] = Condition(tree, {name: self.held(name) for name in formulas.leaves(tree, "point")})
        return self._conditions[tree]


def load_configuration(path):
    """Every scalar stays text: its meaning is decided by its key."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.BaseLoader)


def load_readings(paths):
    for path in paths:
        opener = gzip.open if str(path).endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["time"], row["point"], row["value"], (row.get("quality") or "good")
