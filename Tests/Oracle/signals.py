"""Points as functions of time: held signals, counters, conditions and derived points (sections 3, 4 and 6)."""

from bisect import bisect_left, bisect_right
from fractions import Fraction
from itertools import accumulate
from math import lcm

import formulas
from ledger import Ledger
from quantities import through_double


class Spans:
    """Stretches of time [start, end) in order and apart from each other, with what is known of each."""

    def __init__(self, starts, ends):
        self.starts, self.ends = starts, ends
        self.before = [0, *accumulate(end - start for start, end in zip(starts, ends))]

    def inside(self, start, end):
        """The range of indices of the stretches that overlap [start, end)."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def at(self, ms):
        """The index of the stretch that holds an instant, or None."""
        index = bisect_right(self.starts, ms) - 1
        return index if index >= 0 and ms < self.ends[index] else None

    def _covered_before(self, ms):
        index = bisect_right(self.starts, ms) - 1
        return 0 if index < 0 else self.before[index] + min(ms, self.ends[index]) - self.starts[index]

    def covered(self, region):
        """Milliseconds of a region (a list of [start, end)) inside the stretches."""
        return sum(self._covered_before(end) - self._covered_before(start) for start, end in region)


class Held(Spans):
    """The readings of a point, each held until the next one (usable or bad) and at most `max_gap`.

    Usable readings and stretches stand at the same index: a reading's stretch starts at its time.
    """

    def __init__(self, readings, max_gap, breaks=()):
        """`readings`: (time, value or None, uncertain) in order of time; none is held after an instant of `breaks`."""
        starts, ends, values, uncertain = [], [], [], []
        for index, (time, value, doubtful) in enumerate(readings):
            if value is None:
                continue
            end = time + max_gap
            if index + 1 < len(readings):
                end = min(end, readings[index + 1][0])
            end = min([end, *(at + 1 for at in breaks if time <= at)])
            starts.append(time)
            ends.append(end)
            values.append(value)
            uncertain.append(doubtful)
        super().__init__(starts, ends)
        self.times = [reading[0] for reading in readings]
        self.values, self.uncertain = values, uncertain
        self.scale = lcm(*(value.denominator for value in values)) if values else 1
        self.whole = [int(value * self.scale) for value in values]
        self.area = [0, *accumulate(v * (e - s) for v, s, e in zip(self.whole, starts, ends))]
        self.doubtful = [0, *accumulate(uncertain)]

    def _area_before(self, ms):
        index = bisect_right(self.starts, ms) - 1
        if index < 0:
            return 0
        return self.area[index] + self.whole[index] * (min(ms, self.ends[index]) - self.starts[index])

    def integral(self, region):
        """The integral over a region in value times milliseconds."""
        return Fraction(sum(self._area_before(end) - self._area_before(start) for start, end in region), self.scale)

    def held_values(self, region):
        """The scaled values held somewhere in a region."""
        found = []
        for start, end in region:
            low, high = self.inside(start, end)
            found.extend(self.whole[low:high])
        return found

    def readings_in(self, region):
        """The scaled values of the usable readings in a region, in order."""
        found = []
        for start, end in region:
            found.extend(self.whole[bisect_left(self.starts, start):bisect_left(self.starts, end)])
        return found

    def count(self, region):
        return sum(bisect_left(self.starts, end) - bisect_left(self.starts, start) for start, end in region)

    def first(self, region):
        for start, end in region:
            index = bisect_left(self.starts, start)
            if index < len(self.starts) and self.starts[index] < end:
                return index
        return None

    def last(self, region):
        """The last usable reading in a region, else the one held at its start."""
        for start, end in reversed(region):
            index = bisect_left(self.starts, end) - 1
            if index >= 0 and self.starts[index] >= start:
                return index
        return self.at(region[0][0]) if region else None

    def used_uncertain(self, region):
        """Whether an uncertain reading is held somewhere in a region."""
        for start, end in region:
            low, high = self.inside(start, end)
            if high > low and self.doubtful[high] > self.doubtful[low]:
                return True
        return False


class Counter(Spans):
    """A counter's advances and its ledger."""

    def __init__(self, readings, max_gap, rules, exchanges=(), breaks=()):
        usable = [reading for reading in readings if reading[1] is not None]
        self.ledger = Ledger(usable, max_gap, exchanges=exchanges, rules=rules, breaks=breaks)
        self.advances = self.ledger.advances
        counted = [advance for advance in self.advances if not advance.estimated]
        super().__init__([advance.start for advance in counted], [advance.end for advance in counted])
        self.all = Spans([advance.start for advance in self.advances], [advance.end for advance in self.advances])
        self.total = [Fraction(0), *accumulate(advance.amount for advance in self.advances)]
        self.estimated = [0, *accumulate(advance.estimated for advance in self.advances)]
        self.doubtful = [0, *accumulate(advance.uncertain for advance in self.advances)]
        self.held = Held([(time, None if time in self.ledger.implausible else value, uncertain)
                          for time, value, uncertain in readings], max_gap, breaks)

    def _total_before(self, ms):
        index = bisect_right(self.all.starts, ms) - 1
        if index < 0:
            return Fraction(0)
        advance = self.advances[index]
        return self.total[index] + advance.amount * Fraction(min(ms, advance.end) - advance.start,
                                                             advance.end - advance.start)

    def delta(self, region):
        """The part of all advances that falls in a region, None where there is no advance at all."""
        some = any(low < high for low, high in (self.all.inside(*part) for part in region))
        return sum((self._total_before(end) - self._total_before(start) for start, end in region),
                   Fraction(0)) if some else None

    def _any(self, counts, region):
        for start, end in region:
            low, high = self.all.inside(start, end)
            if high > low and counts[high] > counts[low]:
                return True
        return False

    def used_estimated(self, region):
        return self._any(self.estimated, region)

    def used_uncertain(self, region):
        return self._any(self.doubtful, region)

    def used_suspect(self, start, end):
        return any(left < end and start < right for left, right in self.ledger.suspect_spans)


class Condition(Spans):
    """The stretches in which a condition is known, each with its truth."""

    def __init__(self, tree, points):
        """`points`: name to Held, for every point of the condition."""
        names = formulas.leaves(tree, "point")
        helds = [points[name] for name in names]
        instants = sorted({ms for held in helds for ms in (*held.starts, *held.ends)})
        starts, ends, truths = [], [], []
        values = {}
        for start, end in zip(instants, instants[1:]):
            for name, held in zip(names, helds):
                index = held.at(start)
                values[name] = None if index is None else held.values[index]
            truth = formulas.holds(tree, lambda leaf: values[leaf[1]])
            if truth is None:
                continue
            if starts and ends[-1] == start and truths[-1] == truth:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
                truths.append(truth)
        super().__init__(starts, ends)
        true = [index for index, truth in enumerate(truths) if truth]
        self.true = Spans([starts[index] for index in true], [ends[index] for index in true])

    def region(self, start, end):
        """The part of [start, end) in which the condition holds."""
        low, high = self.true.inside(start, end)
        return [(max(start, self.true.starts[i]), min(end, self.true.ends[i])) for i in range(low, high)]


def derive(tree, inputs):
    """The readings of a derived point: one at each instant at which any input has one."""
    names = formulas.leaves(tree, "point")
    helds = [inputs[name] for name in names]
    readings, values = [], {}
    for time in sorted({time for held in helds for time in held.times}):
        uncertain = False
        for name, held in zip(names, helds):
            index = held.at(time)
            values[name] = None if index is None else held.values[index]
            uncertain = uncertain or index is not None and held.uncertain[index]
        value = through_double(formulas.evaluate(tree, lambda leaf: values[leaf[1]]))
        readings.append((time, value, uncertain))
    return readings
