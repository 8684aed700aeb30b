"""Texts of the configuration and of readings turned into exact numbers, instants and durations, and back."""

from datetime import datetime, timezone
from fractions import Fraction
import re

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

ELAPSED = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY,
           "mo": 30 * DAY, "q": 91 * DAY, "y": 365 * DAY}

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def number(text):
    """The exact value of a decimal text."""
    return Fraction(text)


def ratio(text):
    """`0.75`, `2/3` or `95%`, exactly."""
    text = text.strip()
    if text.endswith("%"):
        return Fraction(text[:-1].strip()) / 100
    if "/" in text:
        above, below = text.split("/")
        return Fraction(above.strip()) / Fraction(below.strip())
    return Fraction(text)


def duration(text):
    """`15m` as (15, "m")."""
    match = re.fullmatch(r"(\d+)\s*(ms|s|mo|m|h|d|w|q|y)", text.strip())
    if not match:
        raise ValueError(f"not a duration: {text!r}")
    return int(match.group(1)), match.group(2)


def elapsed(text):
    """A duration as elapsed milliseconds (a day is 24 hours here), wherever its windows begin."""
    count, unit = duration(text.split(" from ")[0])
    return count * ELAPSED[unit]


def instant(text):
    """An RFC 3339 text as milliseconds since 1970."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs an offset: {text!r}")
    span = moment - EPOCH
    return (span.days * 86_400 + span.seconds) * 1000 + span.microseconds // 1000


def text_of(ms):
    """Milliseconds since 1970 as RFC 3339 in UTC, milliseconds only where not zero."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{ms % 1000:03d}Z" if ms % 1000 else moment + "Z"


def as_float(value):
    """The double nearest to an exact value; None if there is none or it is not finite."""
    if value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def through_double(value):
    """An exact value as it stands once stored as a double, in its shortest decimal form."""
    double = as_float(value)
    return None if double is None else Fraction(repr(double))
