"""Section 4, the other kinds of counters: those that begin anew in each period, registers that run both ways, and
use per interval."""

from fractions import Fraction

from ledger import Advance, Ledger


class PeriodLedger(Ledger):
    """A register that begins anew in each period of the calendar; `edge(ms)` is the last edge at or before an instant."""

    def _anew(self, a, b):
        """Whether b shows what was used since an edge, and not since a."""
        edge = self.edge(b[0])
        since = max(edge, a[0])
        if b[1] < 0 or not (self._slow_enough(b[1], since, b[0]) if b[0] > since else b[1] == 0):
            return None
        if b[1] < a[1]:
            return (since, False) if self.begun is None or self.begun < edge else None
        if b[0] - a[0] > self.patience and a[0] < edge < b[0]:
            return since, True
        return None

    def _judge(self, a, b):
        anew = self._anew(a, b)
        if anew is None:
            super()._judge(a, b)
            return
        since, estimated = anew
        if b[0] > since:
            self._spread(since, b[0], b[1], a, b)
            self.advances[-1].estimated |= estimated
        self.begun = b[0]
        self.known = b


class NetLedger(Ledger):
    """A register that runs both ways."""

    def _slow_enough(self, advance, start, end):
        return super()._slow_enough(abs(advance), start, end)

    def _judge(self, a, b):
        if not self._slow_enough(b[1] - a[1], a[0], b[0]):
            self.suspects = [b]
            return
        self._spread(a[0], b[0], b[1] - a[1], a, b)
        self.known = b

    def _ask(self, a, c):
        b = self.suspects[0]
        if self._slow_enough(c[1] - a[1], a[0], c[0]):
            self._spread(a[0], c[0], c[1] - a[1], a, c)
            self.rows.append((b[0], "glitch", c[1] - a[1]))
            self._drop_suspects()
        elif self._slow_enough(c[1] - b[1], b[0], c[0]):
            self._spread(a[0], b[0], Fraction(0), a, b)
            self._spread(b[0], c[0], c[1] - b[1], b, c)
            self.rows.append((b[0], "exchange", c[1] - b[1]))
            self.suspect_spans.append((a[0], b[0]))
            self.suspects = []
        else:
            self.rows.append((b[0], "glitch", None))
            self._drop_suspects()
            self._judge(a, c)
            return
        self.known = c


class UseLedger(Ledger):
    """Each reading is what one stretch used; its time here is the end of the stretch, `delay` after its own."""

    def _next(self, c):
        if self.known is not None and c[0] - self.length < self.known[0]:
            self.implausible.add(c[0])
            self.rows.append((c[0] - self.delay, "glitch", None))
            return
        self.advances.append(Advance(c[0] - self.length, c[0], c[1], c[2]))
        self.known = c
