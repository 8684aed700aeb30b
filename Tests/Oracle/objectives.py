"""Sections 9 and 10: verdicts, and the nonconformities that they raise."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import reduce
from math import erfc, floor, sqrt

import formulas
from quantities import DAY, as_float, elapsed, ratio
from windows import Plain


@dataclass
class Verdict:
    start: int
    end: int
    verdict: str
    value: float | None
    limit: float | None
    past: Fraction | None  # how far the value is past its limit; negative on the good side
    reason: str | None = None


@dataclass
class Nonconformity:
    onset: int
    raised_at: int
    cleared_at: int | None = None
    peak: Verdict | None = None
    recurrence_of: int | None = None
    withdrawn_at: int | None = None
    unit: str | None = None
    severity: str = "minor"
    peak_is_final: bool = False

    @property
    def condition(self):
        return "cleared" if self.cleared_at is not None else "withdrawn" if self.withdrawn_at is not None else "ongoing"


class Comparison:
    """How a value and a limit are compared: after rounding, or with a tolerance."""

    def __init__(self, decimals):
        self.decimals = decimals

    def rounded(self, value):
        form = Decimal(format(float(value), ".11e"))
        step = Decimal(1).scaleb(-self.decimals)
        return Fraction(form.quantize(step, rounding=ROUND_HALF_UP, context=Context(prec=400)))

    def above(self, value, limit):
        """Whether value > limit."""
        if self.decimals is not None:
            return self.rounded(value) > limit
        value, limit = Fraction(value), Fraction(limit)
        gap = value - limit
        return gap > Fraction(1, 10**12) and gap > Fraction(1, 10**9) * max(abs(value), abs(limit))

    def below(self, value, limit):
        """Whether value < limit."""
        if self.decimals is not None:
            return self.rounded(value) < limit
        return self.above(limit, value)


class Objective:
    def __init__(self, name, definition, site):
        self.name, self.site, self.plant, self.definition = name, site, site.plant, definition
        self.indicator = site.indicators[definition["indicator"]]
        self.severity = definition.get("severity", "minor")
        bare = definition.keys() & {"available", "missing", "savings", "deviation"}
        self.unit = None if bare else self.indicator.unit
        self.change = "/window" if "trend" in definition else ""
        if "rate_of_change" in definition:
            per = definition["rate_of_change"].get("per", "window")
            self.change = "/" + (per[1:] if per[0] == "1" and per[1].isalpha() else per)
        self.comparison = Comparison(int(definition["decimals"]) if "decimals" in definition else None)
        self.needed = int(definition.get("for", "1"))
        self.clear_after = int(definition.get("clear_after", "1"))
        self.recurrence = elapsed(definition["recurrence"]) if "recurrence" in definition else 90 * DAY
        self.maximum, self.minimum = self._exact("max"), self._exact("min")
        self.warn, self.clear_at = self._exact("warn"), self._exact("clear_at")
        allow = definition.get("allow", {})
        per = definition.get("per") or allow.get("per") or definition.get("missing", {}).get("per")
        self.periods, self._recent = Plain(self.plant.zone, per) if per else None, None
        self._spoilt, self._mixed, self._base_shape, self._base_until = (None, []), False, None, None
        self._wholes = {}
        self.condition = formulas.condition(definition["while"]) if "while" in definition else None
        active = definition.get("active", {})
        self.active_from = self.plant.moment(active["from"]) if "from" in active else None
        self.active_until = self.plant.moment(active["until"]) if "until" in active else None
        # Of a demand that took another's place: since when it judges, and what counted as an exceedance before.
        self.since, self.counted = float("-inf"), []

    def _exact(self, key):
        return ratio(self.definition[key]) if key in self.definition else None

    def judged(self, window):
        """Whether a window is judged at all."""
        if self.active_from is not None and window.start < self.active_from:
            return False
        if self.active_until is not None and window.end > self.active_until:
            return False
        during = self.definition.get("during")
        if during is not None and not self.plant.calendars.contains(during, window.start, window.end):
            return False
        if self.condition is None:
            return True
        region = [(window.start, window.end)]
        return self.plant.condition(self.condition).true.covered(region) == window.end - window.start

    def unit_at(self, start):
        """The unit of value and limit on a window that begins at an instant."""
        unit = None if self.unit is None else self.indicator.unit_at(start)
        return None if unit is None else unit + self.change

    def shape_of(self, window):
        """Windows that differ in it, for their unit or their rule, cannot be added up."""
        return None

    def exceeds(self, window):
        """Whether a window counts as an exceedance."""
        return (window.status == "valid" and self.judged(window) and (self.maximum is not None or self.minimum is not None)
                and self._plain(window, self.maximum, self.minimum).verdict == "not_met")

    def verdicts(self):
        return [verdict for window, verdict in self.windows() if self.judged(window) and window.end > self.since]

    def windows(self):
        """Each window with what is said of it, judged or not."""
        values = self.indicator.values()
        if "budget" in self.definition:
            found = self._budget(values)
        elif "available" in self.definition:
            found = self._available(values)
        elif "missing" in self.definition:
            found = self._missing(values)
        elif "reduction" in self.definition:
            found = self._reduction(values)
        elif "percentile" in self.definition:
            found = self._percentile(values)
        elif "trend" in self.definition:
            found = self._trend(values)
        elif "rate_of_change" in self.definition:
            found = self._rate_of_change(values)
        elif "savings" in self.definition:
            found = self._savings(values)
        elif "deviation" in self.definition:
            found = self._deviation(values)
        elif "allow" in self.definition:
            found = self._allow(values)
        else:
            found = (self._plain(window, self.maximum, self.minimum) for window in values)
        return zip(values, map(self._refused, values, found))

    def _refused(self, window, verdict):
        """The verdict, or none where the period or the baseline holds what cannot be added up."""
        if self.periods is not None:
            if self._period(window) != self._spoilt[0]:
                self._spoilt = self._period(window), []
            if self.shape_of(window) not in self._spoilt[1]:
                self._spoilt[1].append(self.shape_of(window))
        measured = self._base_shape is not None and self.indicator.shape_at(window.start) != self._base_shape
        after = self._base_until is not None and window.start >= self._base_until
        if self.periods is not None and len(self._spoilt[1]) > 1 or after and (self._mixed or measured):
            verdict.verdict, verdict.past, verdict.reason = "not_evaluable", None, "definition-changed"
            if "percentile" in self.definition:
                verdict.limit = as_float(ratio(listed_tiers(self.definition)[0]["max"]))
        elif verdict.verdict == "not_evaluable" and "definition-changed" in window.flags:
            verdict.reason = "definition-changed"
        return verdict

    def _plain(self, window, maximum, minimum, verdict=None):
        """A value against its limits; `verdict` overrules what the comparison says of an evaluable window."""
        value, above = window.value, self.comparison.above
        over = value is not None and maximum is not None and above(value, maximum)
        under = value is not None and minimum is not None and self.comparison.below(value, minimum)
        limit = maximum if minimum is None or maximum is not None and not under else minimum
        if window.status != "valid":
            limit = maximum if maximum is not None else minimum
            return Verdict(window.start, window.end, "not_evaluable", value, as_float(limit), None)
        past = [Fraction(value) - maximum] if maximum is not None else []
        past += [minimum - Fraction(value)] if minimum is not None else []
        if verdict is None:
            verdict = "not_met" if over or under else "warning" if self._warned(value) else "met"
        return Verdict(window.start, window.end, verdict, value, as_float(limit), max(past))

    def _warned(self, value):
        if self.warn is None:
            return False
        if self.maximum is not None or "reduction" in self.definition:
            return self.comparison.above(value, self.warn)
        return self.comparison.below(value, self.warn)

    def _period(self, window):
        """The calendar period that holds the last instant of a window."""
        if self._recent is None or not self._recent[0] < window.end <= self._recent[1]:
            self._recent = self.periods.around(window.end - 1)
        return self._recent

    def _allow(self, values):
        allow, period, exceedances, evaluable = self.definition["allow"], None, 0, 0
        for window in values:
            if self._period(window) != period:
                period = self._period(window)
                before = [exceeded for end, exceeded in self.counted if period[0] < end <= period[1]]
                exceedances, evaluable = sum(before), len(before)
                calendar = self.indicator.rule.windows(*period)
            verdict = None
            if window.end > self.since and window.status == "valid" and self.judged(window):
                evaluable += 1
                allowed = self._allowed(allow, calendar, evaluable, window.end)
                if self.exceeds(window):
                    exceedances += 1
                    verdict = "warning" if self._warned(window.value) else "met"
                if exceedances > allowed:
                    verdict = "not_met"
            yield self._plain(window, self.maximum, self.minimum, verdict)

    @staticmethod
    def _allowed(allow, calendar, evaluable, end):
        """How many exceedances the windows allow that the period can still have (or that the calendar has in it)."""
        if "count" in allow:
            return int(allow["count"])
        if allow.get("of") == "calendar":
            return floor(ratio(allow["share"]) * len(calendar))
        return floor(ratio(allow["share"]) * (evaluable + sum(1 for _, other in calendar if other > end)))

    def _missing(self, values):
        most, period, lost = int(self.definition["missing"]["count"]), None, 0
        for window in values:
            if self._period(window) != period:
                period, lost = self._period(window), 0
            if window.status != "valid" and "idle" not in window.flags:
                lost += 1
            verdict = "not_met" if lost > most else "met"
            yield Verdict(window.start, window.end, verdict, float(lost), float(most), Fraction(lost - most))

    def _budget(self, values):
        amount, period, spent = self._exact("budget"), None, None
        for window in values:
            if self._period(window) != period:
                period, spent = self._period(window), None
            if window.value is not None:
                spent = (spent or Fraction(0)) + Fraction(window.value)
            shown = as_float(spent)
            if window.status != "valid":
                yield Verdict(window.start, window.end, "not_evaluable", shown, as_float(amount), None)
                continue
            gone = window.end - max(period[0], self.plant.record_start)
            forecast = spent + spent * Fraction(period[1] - window.end, gone)
            if self.comparison.above(shown, amount):
                verdict = "not_met"
            else:
                verdict = "warning" if self.comparison.above(as_float(forecast), amount) else "met"
            yield Verdict(window.start, window.end, verdict, shown, as_float(amount), spent - amount)

    def _available(self, values):
        wanted, period, uncovered = self._exact("available"), None, Fraction(0)
        for window in values:
            if self._period(window) != period:
                period, uncovered = self._period(window), Fraction(0)
            uncovered += (1 - window.coverage) * window.base + window.unknown
            reachable = 1 - uncovered / (period[1] - period[0])
            value = as_float(reachable)
            if "idle" in window.flags:
                verdict = "not_evaluable"
            elif self.comparison.below(value, wanted):
                verdict = "not_met"
            else:
                verdict = "warning" if self._warned(value) else "met"
            past = None if verdict == "not_evaluable" else wanted - reachable
            yield Verdict(window.start, window.end, verdict, value, as_float(wanted), past)

    def _reduction(self, values):
        baseline, until = self.definition["baseline"], None
        if "model" in baseline:
            yield from self._modelled_reduction(values, self.site.indicators[baseline["model"]])
            return
        if "value" in baseline:
            base = ratio(baseline["value"])
        else:
            start, until = self.plant.moment(baseline["from"]), self.plant.moment(baseline["to"])
            self._base_until = until
            base = None if baseline.get("method") == "whole" else self._mean(start, until)
            self._mixed = baseline.get("method") != "whole" and self.indicator.inside(start, until)[1]
            self._base_shape = self.indicator.shape_at(until - 1)
        for window in values:
            if baseline.get("method") == "whole":
                base = self._whole(start, until, self.indicator.maker(window))
            target = None if base is None or self._mixed else as_float(base * (1 - self._exact("reduction")))
            if until is not None and window.start < until:
                yield Verdict(window.start, window.end, "not_evaluable", window.value, None, None)
            elif target is None or self._base_shape is not None and (
                    self.indicator.shape_at(window.start) != self._base_shape):
                # Of another unit, or made of what cannot be added up, it is no target.
                yield Verdict(window.start, window.end, "not_evaluable", window.value, None, None)
            else:
                yield self._plain(window, Fraction(repr(target)), None)

    def _modelled_reduction(self, values, model):
        series, end, fitted = model.model_of()
        for window in values:
            key = (window.start, window.end)
            expected = self._expected(model, series, end, fitted, key)
            if expected is None:
                yield Verdict(*key, "not_evaluable", window.value, None, None)
            else:
                target = as_float(Fraction(as_float(expected)) * (1 - self._exact("reduction")))
                yield self._plain(window, Fraction(repr(target)), None)

    @staticmethod
    def _expected(model, series, end, fitted, key):
        """What a model expects of a window; None where it says nothing."""
        drivers = [values.get(key) for values in series[1:]]
        if fitted is None or key[0] < end or any(v is None or v.status != "valid" for v in drivers):
            return None
        numbers = [Fraction(v.value) for v in drivers]
        return fitted.predicted(numbers) if all(map(model._within_range, numbers, fitted.columns)) else None

    def _percentile(self, values):
        tiers = [(ratio(t["share"]) if "share" in t else None, ratio(t["max"]), t.get("q"))
                 for t in listed_tiers(self.definition)]
        period = None
        for window in self._alike_in_a_row(values):
            if window is None:
                counted, above = 0, [0] * len(tiers)
                continue
            if self._period(window) != period:
                period, counted, above = self._period(window), 0, [0] * len(tiers)
                calendar = self.indicator.rule.windows(*period)
            if window.status == "valid":
                counted += 1
                above = [n + self.comparison.above(window.value, most) for n, (_, most, _) in zip(above, tiers)]
            reachable = counted + sum(1 for _, other in calendar if other > window.end)
            broken = [most for n, (share, most, q) in zip(above, tiers) if n > (
                floor((1 - share) * reachable) if q is None
                else reachable - max(1, floor(Fraction(q) / 100 * reachable + Fraction(1, 2))))]
            if self.definition.get("keep") == "any" and len(broken) < len(tiers):
                broken = []
            limit = broken[-1] if broken else tiers[0][1]
            yield self._plain(window, limit, None, "not_met" if broken else "met") if window.status == "valid" else Verdict(
                window.start, window.end, "not_evaluable", window.value, as_float(tiers[0][1]), None)

    def _bounded(self, window, value, bounds, sure=True):
        """A number that is made of several windows, against 'max' and 'min'."""
        most, least = (ratio(bounds[key]) if key in bounds else None for key in ("max", "min"))
        shown = most if most is not None else least
        if value is None:
            return Verdict(window.start, window.end, "not_evaluable", None, as_float(shown), None)
        over = most is not None and self.comparison.above(value, most)
        under = least is not None and self.comparison.below(value, least)
        past = [Fraction(value) - most] if most is not None else []
        past += [least - Fraction(value)] if least is not None else []
        verdict = "not_met" if sure and (over or under) else "met"
        return Verdict(window.start, window.end, verdict, value, as_float(least if under and not over else shown), max(past))

    def _alike_in_a_row(self, values):
        """The windows, and None between two that cannot be compared: their definitions differ in unit or rule."""
        shape = None
        for window in values:
            if shape is not None and self.shape_of(window) != shape:
                yield None
            shape = self.shape_of(window)
            yield window

    def _trend(self, values):
        trend, past = self.definition["trend"], []
        count, sure = int(trend["windows"]), float(ratio(trend.get("confidence", "95%")))
        for window in self._alike_in_a_row(values):
            if window is None:
                past = []
                continue
            past = (past + [Fraction(window.value) if window.status == "valid" else None])[-count:]
            known = [(at, value) for at, value in enumerate(past) if value is not None]
            if past[-1] is None or len(known) < max(4, -(-3 * count // 4)):
                yield self._bounded(window, None, trend)
                continue
            pairs = [(b[1] - a[1], b[0] - a[0]) for i, a in enumerate(known) for b in known[i + 1:]]
            slopes, score = sorted(rise / step for rise, step in pairs), sum((r > 0) - (r < 0) for r, _ in pairs)
            middle = len(slopes) // 2
            slope = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
            ties = {}
            for _, value in known:
                ties[value] = ties.get(value, 0) + 1
            spread = sum(n * (n - 1) * (2 * n + 5) for n in [len(known)])
            spread -= sum(n * (n - 1) * (2 * n + 5) for n in ties.values())
            z = (abs(score) - 1) / sqrt(spread / 18) if score and spread else 0
            yield self._bounded(window, as_float(slope), trend, erfc(z / sqrt(2)) < 1 - sure)

    def _rate_of_change(self, values):
        rate, before = self.definition["rate_of_change"], None
        for window in self._alike_in_a_row(values):
            if window is None:
                before = None
                continue
            value = None
            if window.status == "valid" and before is not None:
                value = Fraction(window.value) - Fraction(before.value)
                if "per" in rate:
                    value *= Fraction(elapsed(rate["per"]), window.end - before.end)
            before = window if window.status == "valid" else None
            yield self._bounded(window, as_float(value), rate)

    def _is_short(self):
        """Whether the windows are shorter than a week."""
        of = self.indicator.model["of"]
        definition = self.plant.configuration["indicators"][of]
        step = definition.get("every") or definition["window"]
        return not isinstance(step, str) or elapsed(step.split()[0]) < 7 * DAY

    def _savings(self, values):
        wanted, sure = self._exact("savings"), float(ratio(self.definition.get("confidence", "90%")))
        series, end, fitted = self.indicator.model_of()
        period = None
        for window in values:
            if self._period(window) != period:
                period, saved, rows = self._period(window), Fraction(0), []
            key = (window.start, window.end)
            if window.status == "valid":
                saved += Fraction(window.value)
                rows.append([Fraction(values_of[key].value) for values_of in series[1:]])
            expected = sum(fitted.predicted(row) for row in rows) if rows else 0
            drivers = [values_of.get(key) for values_of in series[1:]]
            known = fitted is not None and key[0] >= end and all(v is not None and v.status == "valid" for v in drivers)
            if not rows or expected == 0 or not known:
                yield Verdict(*key, "not_evaluable", None, as_float(wanted), None)
                continue
            value = as_float(saved / expected)
            if window.status != "valid":
                yield Verdict(*key, "not_evaluable", value, as_float(wanted), None)
            elif self.comparison.below(value, wanted):
                yield Verdict(*key, "not_met", value, as_float(wanted), wanted - Fraction(value))
            else:
                doubt, size = fitted.uncertainty(rows, sure, self._is_short()), abs(float(expected))
                is_sure = doubt is not None and Comparison(None).above(float(saved) / size, doubt / size)
                verdict = "met" if is_sure else "warning"
                yield Verdict(*key, verdict, value, as_float(wanted), wanted - Fraction(value))

    def _deviation(self, values):
        deviation = self.definition["deviation"]
        h, k = float(ratio(deviation.get("h", "5"))), float(ratio(deviation.get("k", "0.5")))
        side, sums, fitted = deviation.get("side", "both"), [0.0, 0.0], self.indicator.model_of()[2]
        error = fitted.error_of_one(self._is_short()) if fitted is not None else None
        for window in values:
            if window.end <= self.since or window.status != "valid" or not error:
                yield Verdict(window.start, window.end, "not_evaluable", None, h, None)
                continue
            z = -window.value / error
            sums = [min(2 * h, max(0.0, before + part - k)) for before, part in zip(sums, [z, -z])]
            value = {"above": sums[0], "below": sums[1], "both": max(sums)}[side]
            verdict = "not_met" if self.comparison.above(value, h) else "met"
            yield Verdict(window.start, window.end, verdict, value, h, Fraction(value) - Fraction(h))

    def _whole(self, start, end, maker):
        """What the definition that made a window makes of the stretch."""
        if self.plant.last_reading is None or end > self.plant.last_reading:
            return None
        if id(maker) not in self._wholes:
            whole = maker.value_in(start, end)
            self._wholes[id(maker)] = Fraction(whole.value) if whole is not None and whole.status == "valid" else None
        return self._wholes[id(maker)]

    def _mean(self, start, end):
        if self.plant.last_reading is None:
            return None
        valid = self.indicator.valid_inside(start, end)[0]
        return sum(Fraction(value.value) for value in valid) / len(valid) if valid else None

    def _clears(self, verdict):
        """Whether a met (or warning) window counts for clearing."""
        if self.clear_at is None:
            return True
        if self.maximum is not None or self.definition.keys() & {"budget", "reduction", "missing"}:
            return not self.comparison.above(verdict.value, self.clear_at)
        return not self.comparison.below(verdict.value, self.clear_at)

    def nonconformities(self):
        return episodes([(self, self.verdicts(), True)])


def listed_tiers(definition):
    """The tiers of 'percentile', one or several, the lowest first."""
    tiers = definition["percentile"]
    return tiers if isinstance(tiers, list) else [tiers]


def farther(before, after):
    """Of two verdicts not met the one farther past its limit; the first where rounding alone may say which."""
    rounding = max(max(abs(before.past), abs(after.past)) / 10**9, Fraction(1, 10**12))
    return after if after.past - before.past >= rounding else before


def episodes(spans, gone=()):
    """The nonconformities of one objective; `gone`: for each span, when it was taken out, or None.

    `spans`: (demand, verdicts, whether what lasts goes on from the demand before), each after the other; where it does
    not go on, it ends as withdrawn.
    """
    found, open_one, before = [], None, None
    for number, (objective, verdicts, goes_on) in enumerate(spans):
        row, clearing = [], 0
        if open_one is not None and not goes_on:
            open_one.withdrawn_at, open_one = objective.since, None
        if open_one is not None and before is not None and before.unit_at(before.since) != objective.unit_at(objective.since):
            open_one.peak_is_final = True
        before = objective
        for verdict in verdicts:
            if verdict.verdict == "not_evaluable":
                continue
            if open_one is None:
                row = row + [verdict] if verdict.verdict == "not_met" else []
                if len(row) < objective.needed:
                    continue
                open_one = Nonconformity(row[0].start, verdict.end, peak=reduce(farther, row),
                                         unit=objective.unit_at(row[0].start), severity=objective.severity)
                last = found[-1] if found else None
                if last and last.cleared_at is not None and open_one.onset - last.cleared_at <= objective.recurrence:
                    open_one.recurrence_of = last.onset
                if last and last.onset == open_one.onset:
                    # Months that are cut share a beginning: the same nonconformity is raised again.
                    open_one.recurrence_of = last.recurrence_of
                    found.pop()
                found.append(open_one)
                row, clearing = [], 0
                continue
            if verdict.verdict == "not_met" and not open_one.peak_is_final:
                open_one.peak = farther(open_one.peak, verdict)
            if verdict.verdict == "not_met" or not objective._clears(verdict):
                clearing = 0
                continue
            clearing += 1
            if clearing >= objective.clear_after:
                open_one.cleared_at, open_one = verdict.end, None
        if open_one is not None and gone and gone[number] is not None:
            open_one.withdrawn_at, open_one = gone[number], None
    return found
