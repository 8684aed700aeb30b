"""Sections 5, 7 and 8: the value, coverage, flags and status of every window of every indicator."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import floor, sqrt

import formulas
import models
from quantities import HOUR, as_float, ratio
from windows import window_rule


@dataclass
class Value:
    """One window of one indicator."""
    start: int
    end: int
    value: float | None
    status: str
    coverage: Fraction
    flags: set
    base: int  # milliseconds that coverage is a share of: the window, or the time the condition held
    unknown: int = 0  # milliseconds in which the condition was not known


def rank(quantile, count):
    """Nearest rank: round-half-up(q/100 * n), at least 1."""
    return max(1, floor(quantile / 100 * count + Fraction(1, 2)))


def joined(stretches):
    """Stretches that touch, as one."""
    found = []
    for start, end in stretches:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


class Indicator:
    def __init__(self, name, definition, site):
        self.name, self.site, self.plant = name, site, site.plant
        self.unit = definition.get("unit")
        self.units = [(float("-inf"), self.unit)]
        if "model" in definition:
            self._take_model(definition["model"])
            return
        self.model = None
        window, self.days_of = definition["window"], None
        if isinstance(window, dict):
            self.days_of, self.day_count = window["when"], int(window["days"])
            definition_of_days = self.plant.configuration["indicators"][self.days_of]
            self.rule = window_rule(self.plant.zone, {"window": definition_of_days["window"]})
        else:
            self.rule = window_rule(self.plant.zone, definition)
        self.condition = formulas.condition(definition["while"]) if "while" in definition else None
        self.during = definition.get("during")
        self.min_count = int(definition["min_count"]) if "min_count" in definition else None
        self.max_missing = int(definition["max_missing"]) if "max_missing" in definition else None
        if "min_coverage" in definition:
            self.min_coverage = ratio(definition["min_coverage"])
        else:
            other = self.min_count is not None or self.max_missing is not None
            self.min_coverage = None if other else Fraction(3, 4)
        self.versions = [(start, Version(tree)) for start, tree in self.plant.dated(definition["formula"])]
        for later in [] if isinstance(definition["formula"], str) else definition["formula"][1:]:
            self.units.append((self.plant.moment(later["from"]), later.get("unit", self.units[-1][1])))
        if "calibration" in definition:
            self._calibrate(definition["calibration"])
        self._values = None

    def _calibrate(self, given):
        """Each calibration function stands around the formula in force, from its own date on."""
        never = float("-inf")
        functions = [(self.plant.moment(one["from"]) if "from" in one else never, str(one["a"]), str(one["b"]))
                     for one in ([given] if isinstance(given, dict) else given)]
        versions, units = self.versions, self.units
        self.versions, self.units = [], []
        for time in sorted({since for since, _ in versions} | {since for since, _, _ in functions}):
            tree = next(version.tree for since, version in reversed(versions) if since <= time)
            for since, intercept, slope in reversed(functions):
                if since <= time:
                    tree = ("operator", "+", ("number", Fraction(intercept)),
                            ("operator", "*", ("number", Fraction(slope)), tree))
                    break
            self.versions.append((time, Version(tree)))
            self.units.append((time, next(unit for since, unit in reversed(units) if since <= time)))

    def _take_model(self, model):
        gives = model.get("gives", "predicted")
        if "like" in model:
            model = self.site.plant.configuration["indicators"][model["like"]]["model"]
        self.model, self.gives, self._values = model, gives, None
        self.rule = self.site.indicators[model["of"]].rule
        self.unit = self.unit or self.site.indicators[model["of"]].unit
        self.units = [(float("-inf"), self.unit)]

    def version(self, start):
        """The formula in force at the start of a window."""
        return next(version for since, version in reversed(self.versions) if since <= start)

    def values(self):
        """Every window that ends after the record begins and at or before the last reading of any point."""
        if self._values is None:
            plant = self.plant
            if self.model is not None:
                self._values = list(self._modelled())
                self._ends = [value.end for value in self._values]
                return self._values
            if self.days_of is not None:
                self._values = list(self._counted())
                self._ends = [value.end for value in self._values]
                return self._values
            self._values = [] if plant.record_start is None else [
                self.value_in(start, end) for start, end in self.rule.windows(plant.record_start, plant.last_reading)]
            self._ends = [value.end for value in self._values]
        return self._values

    def _counted(self):
        """One window with each day that counts, from the so-manieth of them back."""
        counts = [(v.start, v.end) for v in self.site.indicators[self.days_of].values()
                  if v.status == "valid" and v.value > 0]
        for last in range(self.day_count, len(counts) + 1):
            days = counts[last - self.day_count:last]
            yield self.value_in(days[0][0], days[-1][1], days)

    def inside(self, start, end):
        """(the values of windows inside [start, end), whether there are others that cannot be added up with them)."""
        values = self.values()
        low, high = bisect_left(self._ends, start), bisect_right(self._ends, end)
        return [value for value in values[low:high] if value.start >= start], False

    def maker(self, window):
        """The indicator as the definition has it that made a window: there is one."""
        return self

    def valid_inside(self, start, end):
        """(values of valid windows inside [start, end), idle windows among them, windows the calendar has there, whether
        there are others that cannot be added up with them)."""
        inside, foreign = self.inside(start, end)
        calendar = sum(1 for left, _ in self.rule.windows(start, end) if left >= start)
        return ([value for value in inside if value.status == "valid"],
                sum(1 for value in inside if "idle" in value.flags), calendar, foreign)

    def unit_at(self, start):
        """The unit of a window that begins at an instant."""
        return next(unit for since, unit in reversed(self.units) if since <= start)

    def shape(self, start):
        """What makes windows alike: rule and zone, and the unit at an instant."""
        given = self.plant.configuration["indicators"][self.name]
        rule = given.get("shifts") or given["window"]
        rule = tuple(sorted(rule)) if isinstance(rule, list) else "1d" if rule == "24h" and "every" not in given else rule
        return (rule, given.get("every"), self.plant.configuration["site"].get("timezone", "UTC")), self.unit_at(start)

    def shape_at(self, start):
        """The same, of a model too."""
        return None if self.model is not None else self.shape(start)

    def dated_items(self):
        """What takes the formula's place, from when on."""
        return [(since, version.tree, unit) for (since, version), (_, unit) in
                zip(self.versions[1:], self.units[1:])]

    def value_in(self, start, end, days=None):
        """The formula over one window, or over some days of it."""
        days = joined(days or [(start, end)])
        length, version = sum(right - left for left, right in days), self.version(start)
        is_gated = self.condition is not None or self.during is not None
        if not is_gated:
            region, known, held, known_well = days, length, length, True
        else:
            region, known = days, length
            if self.during is not None:
                region = [part for day in days for part in self.plant.calendars.region(self.during, *day)]
            if self.condition is not None:
                timeline = self.plant.condition(self.condition)
                # Outside of its calendar time it is known not to hold.
                known -= sum(right - left - timeline.covered([(left, right)]) for left, right in region)
                region = [part for left, right in region for part in timeline.region(left, right)]
            held = sum(right - left for left, right in region)
            known_well = known > 0 if self.min_coverage is None else known >= self.min_coverage * length
        unknown = length - known
        window = Window(self, version, start, end, region, held, days)
        flags = window.flags()
        if known_well and held == 0 and is_gated:
            return Value(start, end, None, "undefined", Fraction(0), flags | {"idle"}, 0, unknown)
        too_many_missing = False
        coverages = [Fraction(known, length)] if is_gated else []
        for name in version.points:
            coverages.append(Fraction(self.plant.covering(name).covered(region), held) if held else Fraction(0))
        mixed = False
        for name in version.sources:
            valid, idle, calendar, foreign = window.inner(name)
            mixed = mixed or foreign
            if calendar == idle:
                return Value(start, end, None, "undefined", Fraction(0), flags | {"idle"}, held, unknown)
            coverages.append(Fraction(len(valid), calendar - idle))
            if self.max_missing is not None and calendar - idle - len(valid) > self.max_missing:
                too_many_missing = True
        coverage = min(coverages, default=Fraction(1))
        if is_gated and held == 0:
            coverage = Fraction(0)
        if mixed:
            return Value(start, end, None, "undefined", coverage, flags | {"definition-changed"}, held, unknown)
        short = not known_well or too_many_missing or self._broken(version, start, end)
        if self.min_coverage is not None and coverage < self.min_coverage:
            short = True
        if self.min_count is not None and any(
                self.plant.held(name).count(region) < self.min_count for name in version.points):
            short = True
        if self.min_count is not None and any(
                len(window.inner(name)[0]) < self.min_count for name in version.sources):
            short = True
        value = as_float(formulas.evaluate(version.tree, window.aggregate))
        status = "insufficient" if short else "undefined" if value is None else "valid"
        return Value(start, end, value, status, coverage, flags, held, unknown)

    def _broken(self, version, start, end):
        """Whether a scale changed within a window, of something that it is computed from."""
        names = version.points + (formulas.leaves(self.condition, "point") if self.condition is not None else [])
        return any(start <= at and at + 1 < end
                   for name in self.plant.behind(names) for at in self.plant.breaks.get(name, ()))

    def model_of(self):
        """The values of what is explained and of the drivers by window, the end of the baseline, and the fit (or None)."""
        plant, model = self.plant, self.model
        names = [model["of"]] + (model["drivers"] if isinstance(model["drivers"], list) else [model["drivers"]])
        series = [{(value.start, value.end): value for value in self.site.indicators[name].values()} for name in names]
        begin, end = plant.moment(model["from"]), plant.moment(model["to"])
        rows = [[s.get(key) for s in series] for key in series[0] if begin <= key[0] and key[1] <= end]
        rows = [[Fraction(v.value) for v in row] for row in rows if all(v and v.status == "valid" for v in row)]
        columns = list(zip(*rows)) or [()] * len(names)
        greatest = ratio(model["max_cv"]) if "max_cv" in model else None
        return series, end, models.fit(list(columns[0]), [list(column) for column in columns[1:]], greatest)

    def _modelled(self):
        """Every window of the indicator that is explained, compared with the model."""
        series, end, fitted = self.model_of()
        total = Fraction(0)
        for key, actual in series[0].items():
            length = key[1] - key[0]
            if key[0] < end:
                yield Value(*key, None, "undefined", Fraction(0), set(), length)
                continue
            drivers = [s.get(key) for s in series[1:]]
            used = drivers + ([] if self.gives == "predicted" else [actual])
            if any(v is None or v.status != "valid" for v in used):
                flags = set()
                for v in used:
                    if v is None or v.status != "valid":
                        break
                    flags |= v.flags & {"estimated", "suspect", "uncertain"}
                yield Value(*key, None, "insufficient", Fraction(0), flags, length)
                continue
            flags = set().union(*(v.flags for v in used)) & {"estimated", "suspect", "uncertain"}
            values = [Fraction(v.value) for v in drivers]
            number = None
            if fitted is not None and all(map(self._within_range, values, fitted.columns)):
                number = fitted.predicted(values)
                if self.gives != "predicted":
                    number -= Fraction(actual.value)
                if self.gives == "cusum":
                    total = number = total + number
            yield Value(*key, as_float(number), "undefined" if number is None else "valid", Fraction(1), flags, length)

    def _within_range(self, value, column):
        if self.model.get("range", "observed") == "observed":
            return min(column) <= value <= max(column)
        mean = sum(column) / len(column)
        deviation = sqrt(sum((x - mean) ** 2 for x in column) / (len(column) - 1))
        return abs(value - mean) <= 3 * deviation


class Version:
    """One formula of an indicator, and what it uses."""

    def __init__(self, tree):
        self.tree = tree
        self.parts = formulas.aggregates(tree)
        self.points = formulas.leaves(tuple(self.parts), "point")
        self.sources = formulas.leaves(tuple(self.parts), "indicator")


class Window:
    """The aggregates of section 5 over one window, restricted to the region where the condition holds."""

    def __init__(self, indicator, version, start, end, region, held, days):
        self.days = days
        self.version = version
        self.indicator, self.plant = indicator, indicator.plant
        self.start, self.end, self.region, self.held = start, end, region, held
        self._inner = {}

    def inner(self, name):
        if name not in self._inner:
            source = self.indicator.site.source(name)
            found = [source.valid_inside(*stretch) for stretch in self.days]
            self._inner[name] = (sum((part[0] for part in found), []), sum(part[1] for part in found),
                                 sum(part[2] for part in found), any(part[3] for part in found))
        return self._inner[name]

    def aggregate(self, tree):
        _, name, subject, quantile = tree
        if subject[0] == "indicator" or subject[0] == "condition" and formulas.leaves(subject, "indicator"):
            return self._over_indicator(name, subject, quantile)
        if subject[0] == "condition":
            return self._over_condition(name, subject)
        return self._over_point(name, subject[1], quantile)

    def _over_indicator(self, name, subject, quantile):
        source = formulas.leaves(subject, "indicator")[0]
        values = [Fraction(value.value) for value in self.inner(source)[0]]
        if name == "count":
            return Fraction(len(values))
        if not values:
            return None
        if name == "sum":
            return sum(values)
        if name == "mean":
            return sum(values) / len(values)
        if name == "min":
            return min(values)
        if name == "max":
            return max(values)
        if name == "percentile":
            return sorted(values)[rank(quantile, len(values)) - 1]
        if name == "highest":
            count = int(quantile)
            return None if len(values) < count else sum(sorted(values)[-count:]) / count
        if name == "share":
            return Fraction(sum(1 for value in values if formulas.holds(subject, lambda leaf: value)), len(values))
        raise ValueError(f"{name} is no aggregate over an indicator")

    def _over_condition(self, name, subject):
        timeline = self.plant.condition(subject)
        known, true = timeline.covered(self.region), timeline.true.covered(self.region)
        if known == 0:
            return None
        return Fraction(true, HOUR) if name == "hours" else Fraction(true, known)

    def _over_point(self, name, point, quantile):
        region = self.region
        if name == "coverage":
            return Fraction(self.plant.covering(point).covered(region), self.held) if self.held else Fraction(0)
        if name in ("delta", "rate"):
            delta = self.plant.counter(point).delta(region)
            return delta if name == "delta" or delta is None else delta / Fraction(self.held, HOUR)
        held = self.plant.held(point)
        if name == "count":
            return Fraction(held.count(region))
        if name in ("first", "last"):
            index = held.first(region) if name == "first" else held.last(region)
            return None if index is None else held.values[index]
        if name in ("mean", "integral"):
            covered = held.covered(region)
            if covered == 0:
                return None
            return held.integral(region) / (covered if name == "mean" else HOUR)
        if name in ("min", "max"):
            values = held.held_values(region)
            return Fraction(min(values) if name == "min" else max(values), held.scale) if values else None
        values = held.readings_in(region)
        if name == "percentile":
            return Fraction(sorted(values)[rank(quantile, len(values)) - 1], held.scale) if values else None
        if name == "sample_mean":
            return Fraction(sum(values), len(values) * held.scale) if values else None
        if name == "stddev":
            count = len(values)
            if count < 2:
                return None
            squares = count * sum(value * value for value in values) - sum(values) ** 2
            return Fraction(sqrt(Fraction(squares, count * (count - 1) * held.scale ** 2)))
        raise ValueError(f"{name} is no aggregate over a point")

    def flags(self):
        """`estimated`, `uncertain` and `suspect`."""
        found, plant = set(), self.plant
        for tree in self.version.parts:
            for point in formulas.leaves(tree, "point"):
                if plant.is_counter(point):
                    counter = plant.counter(point)
                    if counter.used_estimated(self.region):
                        found.add("estimated")
                    if counter.used_suspect(self.start, self.end):
                        found.add("suspect")
                    if self._used_uncertain_counter(tree[1], counter):
                        found.add("uncertain")
                elif plant.held(point).used_uncertain(self.region):
                    found.add("uncertain")
            for source in formulas.leaves(tree, "indicator"):
                for value in self.inner(source)[0]:
                    found |= value.flags & {"estimated", "uncertain", "suspect"}
        if self.indicator.condition is not None:
            for point in formulas.leaves(self.indicator.condition, "point"):
                if plant.held(point).used_uncertain([(self.start, self.end)]):
                    found.add("uncertain")
        return found

    def _used_uncertain_counter(self, aggregate, counter):
        """Advances count for delta, rate and coverage; the readings themselves for count, first and last."""
        if aggregate in ("delta", "rate", "coverage"):
            return counter.used_uncertain(self.region)
        held = counter.held
        for start, end in self.region:
            if any(held.uncertain[bisect_left(held.starts, start):bisect_left(held.starts, end)]):
                return True
        if aggregate == "last":
            index = held.last(self.region)
            return index is not None and held.uncertain[index]
        return False
