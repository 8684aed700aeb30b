"""Section 4: the advance of a counter, decided once for each pair of readings."""

from dataclasses import dataclass
from fractions import Fraction

from quantities import HOUR

TOLERANCE = 1 + Fraction(1, 10**9)


@dataclass
class Advance:
    """What a counter did over [start, end)."""
    start: int
    end: int
    amount: Fraction
    uncertain: bool
    estimated: bool = False


@dataclass
class Exchange:
    """A declared exchange of the meter."""
    time: int
    closing: Fraction
    opening: Fraction


@dataclass
class Rules:
    """How a counter counts; `kind`: a class below or in counting.py; `edge`: the last edge of its period at an instant."""
    kind: type
    max_rate: object = None
    modulus: object = None
    max_gap: object = None
    edge: object = None
    length: int = 0
    delay: int = 0


class Ledger:
    """Judges the usable readings [(time, value, uncertain)] of one counter, in the order of time.

    `rules`: [(last instant or None, Rules)], which take each other's place: a reading is judged by those in force at its
    time. `breaks`: instants after which values have another scale.
    """
    edge = begun = None
    length = delay = 0

    def __init__(self, readings, max_gap, max_rate=None, modulus=None, exchanges=(), rules=(), breaks=()):
        self.max_gap, self.max_rate, self.modulus = max_gap, max_rate, modulus
        self.rules, self.breaks, self.patience = list(rules), breaks, max_gap
        self.exchanges = sorted(exchanges, key=lambda exchange: exchange.time)
        self.advances = []
        self.rows = []          # (time, entry, advance or None)
        self.implausible = set()  # times of readings that became bad
        self.suspect_spans = []   # [start, end) for the flag `suspect`
        self.known = None
        self.suspects = []
        for reading in readings:
            self._follow(reading[0])
            self._next(reading)
        if self.suspects:
            self.rows.append((self.suspects[0][0], "suspect", None))
            self.suspect_spans.append((self.known[0], self.suspects[-1][0]))
        self.rows.sort(key=lambda row: row[0])

    def _slow_enough(self, advance, start, end):
        """No faster than `max_rate`; without one every rise is plausible."""
        if self.max_rate is None:
            return True
        return advance <= self.max_rate * Fraction(end - start, HOUR) * TOLERANCE

    def _rise(self, a, b):
        """(advance, whether by rollover) if b continues from a by the first two rows, else None."""
        if b[1] >= a[1]:
            return (b[1] - a[1], False) if self._slow_enough(b[1] - a[1], a[0], b[0]) else None
        if self.modulus is None or b[1] < 0 or a[1] > self.modulus:
            return None
        advance = self.modulus - a[1] + b[1]
        if self.max_rate is None:
            plausible = a[1] > self.modulus / 2 and b[1] < self.modulus / 2
        else:
            plausible = self._slow_enough(advance, a[0], b[0])
        return (advance, True) if plausible else None

    def _spread(self, start, end, amount, *ends):
        self.advances.append(Advance(start, end, amount, any(reading[2] for reading in ends),
                                     end - start > self.max_gap))

    def _stood(self, readings):
        """0 over the time a value stood, reading by reading."""
        for left, right in zip(readings, readings[1:]):
            self._spread(left[0], right[0], Fraction(0), left, right)

    def _drop_suspects(self):
        self.implausible.update(suspect[0] for suspect in self.suspects)
        self.suspects = []

    def _follow(self, time):
        """Puts the rules in force at an instant to work."""
        while self.rules and self.rules[0][0] is not None and self.rules[0][0] < time:
            self.rules.pop(0)
        if self.rules:
            rules = self.rules[0][1]
            self.__class__, self.max_rate, self.modulus = rules.kind, rules.max_rate, rules.modulus
            self.edge, self.patience = rules.edge, rules.max_gap
            self.length, self.delay = rules.length, rules.delay

    def _next(self, c):
        a = self.known
        if a is None:
            self.known = c
            return
        if any(a[0] <= at < c[0] for at in self.breaks):
            if self.suspects:
                self.rows.append((self.suspects[0][0], "glitch", None))
                self._drop_suspects()
            self.known = c
            return
        newest = self.suspects[-1] if self.suspects else a
        declared = [exchange for exchange in self.exchanges if newest[0] < exchange.time <= c[0]]
        if declared:
            self._declared(a, c, declared)
        elif not self.suspects:
            self._judge(a, c)
        else:
            self._ask(a, c)

    def _judge(self, a, b):
        """The first three rows."""
        rise = self._rise(a, b)
        if rise is None:
            self.suspects = [b]
            return
        advance, rolled_over = rise
        self._spread(a[0], b[0], advance, a, b)
        if rolled_over:
            self.rows.append((b[0], "rollover", advance))
        self.known = b

    def _ask(self, a, c):
        """The rows that ask the next reading about the pending suspects, all of one value."""
        first, last = self.suspects[0], self.suspects[-1]
        rise = self._rise(a, c)
        at = first[0]
        if rise is not None and c[1] != first[1]:
            self._spread(a[0], c[0], rise[0], a, c)
            self.rows.append((at, "glitch", rise[0]))
            self._drop_suspects()
            self.known = c
        elif rise is not None:
            self._spread(a[0], at, rise[0], a, first)
            self._stood(self.suspects + [c])
            self.rows.append((at, "confirmed", rise[0]))
            self.suspects, self.known = [], c
        elif c[1] == first[1]:
            self.suspects.append(c)
        elif c[1] > last[1] and self._slow_enough(c[1] - last[1], last[0], c[0]):
            if first[1] <= a[1] / 2:
                entry = "reset"
                since = first[1] if 0 <= first[1] and self._slow_enough(first[1], a[0], at) else Fraction(0)
            else:
                entry, since = "fallback" if first[1] < a[1] else "exchange", Fraction(0)
            self._spread(a[0], at, since, a, first)
            self._stood(self.suspects)
            self._spread(last[0], c[0], c[1] - last[1], last, c)
            self.rows.append((at, entry, since + c[1] - last[1]))
            self.suspect_spans.append((a[0], at))
            self.suspects, self.known = [], c
        else:
            self.rows.append((at, "glitch", None))
            self._drop_suspects()
            self._judge(a, c)

    def _declared(self, a, b, exchanges):
        """Overrules the rows for the pair around the exchange."""
        if self.suspects:
            self.rows.append((self.suspects[0][0], "glitch", None))
            self._drop_suspects()
        start, index, total, parts = a[0], a[1], Fraction(0), []
        ends = [a]
        for exchange in exchanges:
            parts.append([start, exchange.time, exchange.closing - index, ends])
            start, index, ends = exchange.time, exchange.opening, []
        parts.append([start, b[0], b[1] - index, ends + [b]])
        if parts[-1][0] == parts[-1][1]:
            nothing = parts.pop()
            parts[-1][2] += nothing[2]
            parts[-1][3] = parts[-1][3] + nothing[3]
        for start, end, amount, ends in parts:
            self._spread(start, end, amount, *ends)
            total += amount
        self.rows.append((b[0], "declared-exchange", total))
        self.known = b
