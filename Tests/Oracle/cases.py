"""Small plants for the tests, from a few readings and lines of configuration."""

from fractions import Fraction

import yaml

from ledger import Ledger
from oracle import Site
from plant import Plant
from quantities import HOUR, MINUTE, instant, text_of

STOCKHOLM = "Europe/Stockholm"


def document(text, rows, zone=STOCKHOLM):
    """The whole result for a configuration without its site, and rows (time, point, value[, quality])."""
    configuration = yaml.load(text, Loader=yaml.BaseLoader)
    configuration["site"] = {"name": "test", "timezone": zone}
    rows = [(text_of(t) if isinstance(t, int) else t, p, str(v), q[0] if q else "good") for t, p, v, *q in rows]
    return Site(Plant(configuration, rows)).document()


def indicators(text, rows, zone=STOCKHOLM):
    return document(text, rows, zone)["indicators"]


def every(start, end, step, point, value):
    """Readings of one value (or of value(index)) at start, start + step, ... up to and without the end."""
    start, end = instant(start), instant(end)
    return [(ms, point, value(i) if callable(value) else value) for i, ms in enumerate(range(start, end, step))]


def advances(values, step=HOUR, max_gap=None, **rules):
    """The ledger over values at regular times; numbers as text."""
    readings = [(i * step, Fraction(value), False) for i, value in enumerate(values)]
    rules = {name: Fraction(value) if isinstance(value, str) else value for name, value in rules.items()}
    ledger = Ledger(readings, max_gap or 10 * step, **rules)
    return [advance.amount for advance in ledger.advances], [row[1] for row in ledger.rows], ledger


GAUGE = """
meters: {m: {interval: 15m, points: {p: {kind: gauge, max_gap: %s}}}}
indicators: {i: {window: %s, formula: "%s"%s}}
"""


ONE = """
meters: {m: {interval: %s, points: {p: {kind: gauge}}}}
indicators: {i: {window: %s, formula: last(m.p)}}
objectives: {o: {indicator: i, severity: minor, %s}}
"""


def judged(rule, values, step=MINUTE, window="1m", start="2026-01-01T00:00:00Z", zone="UTC"):
    """One window a value, and one reading more to end the last."""
    first = instant(start)
    rows = [(first + i * step, "m.p", value) for i, value in enumerate([*values, 0])]
    return document(ONE % (window, window, rule), rows, zone)
