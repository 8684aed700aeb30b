"""The local calendar and the windows of section 7: plain, calendar, shifts and rolling."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from quantities import DAY, ELAPSED, HOUR, MINUTE, duration

ORDINAL_1970 = date(1970, 1, 1).toordinal()


def wall_of_date(day):
    """Local midnight of a date, as wall milliseconds."""
    return (day.toordinal() - ORDINAL_1970) * DAY


@lru_cache(maxsize=None)
def changes_of(name):
    """When the offsets of a time zone change from 1990 to 2060, and the offsets: one more than there are changes."""
    zone = ZoneInfo(name)

    def ask(ms):
        local = datetime.fromtimestamp(ms // 1000, timezone.utc).astimezone(zone)
        return int(local.utcoffset().total_seconds()) * 1000

    first = int(datetime(1990, 1, 1, tzinfo=timezone.utc).timestamp()) * 1000
    last = int(datetime(2060, 1, 1, tzinfo=timezone.utc).timestamp()) * 1000
    changes, offsets = [], [ask(first)]
    step = DAY // 2
    for left in range(first, last, step):
        after = ask(left + step)
        if after != offsets[-1]:
            low, high = left, left + step
            while high - low > 1000:
                middle = (low + high) // 2000 * 1000
                if ask(middle) == offsets[-1]:
                    low = middle
                else:
                    high = middle
            changes.append(high)
            offsets.append(after)
    return changes, offsets


class Zone:
    """A time zone as the list of its offset changes, 1990 to 2060."""

    def __init__(self, name):
        self.changes, self.offsets = changes_of(name)

    def offset(self, ms):
        """The offset in force at an instant."""
        return self.offsets[bisect_right(self.changes, ms)]

    def wall(self, ms):
        """What the local clock shows at an instant."""
        return ms + self.offset(ms)

    def first_instant(self, wall):
        """The first instant at which the local clock shows `wall`; a skipped one is the instant of the change."""
        low = bisect_left(self.changes, wall - 26 * HOUR)
        high = bisect_right(self.changes, wall + 26 * HOUR)
        for index in range(low, high + 1):
            candidate = wall - self.offsets[index]
            if bisect_right(self.changes, candidate) == index:
                return candidate
        for index in range(low, high):
            change = self.changes[index]
            if change + self.offsets[index] <= wall < change + self.offsets[index + 1]:
                return change
        raise ValueError("the local clock never shows this time")

    def local_date(self, ms):
        return date.fromordinal(self.wall(ms) // DAY + ORDINAL_1970)

    @lru_cache(maxsize=None)
    def midnight(self, ordinal):
        """First instant of the local date with this ordinal."""
        return self.first_instant((ordinal - ORDINAL_1970) * DAY)

    def changes_between(self, start, end):
        """The sizes of the changes in [start, end)."""
        low, high = bisect_left(self.changes, start), bisect_left(self.changes, end)
        return [abs(self.offsets[i + 1] - self.offsets[i]) for i in range(low, high)]


def months_back(day, months):
    """The same day that many months before, the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    for last in range(day.day, 27, -1):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    return date(index // 12, index % 12 + 1, day.day)


class Plain:
    """Windows side by side, between the edges of one calendar rule."""

    def __init__(self, zone, rule):
        """`rule` is a duration text, or a list of local times for shifts."""
        self.zone = zone
        self.reach = 3 * DAY  # no window is longer
        self._low = self._high = None
        if isinstance(rule, list):
            self.edges = self._shift_edges
            self.times = sorted(int(t.split(":")[0]) * HOUR + int(t.split(":")[1]) * MINUTE for t in rule)
            return
        if " from " in rule:
            self._begin_elsewhere(*rule.split(" from "))
            return
        count, unit = duration(rule)
        length = count * ELAPSED[unit]
        if unit in ("ms", "s", "m", "h", "d") and length <= DAY:
            if DAY % length:
                raise ValueError(f"{rule} does not divide a day")
            self.length = length
            self.edges = self._day_edges
        elif rule.strip() in ("1w", "1mo", "1q", "1y"):
            self.unit = unit
            self.reach = {"w": 9, "mo": 33, "q": 95, "y": 370}[unit] * DAY
            self.edges = self._calendar_edges
        else:
            raise ValueError(f"{rule} is not the length of a plain window")

    def _begin_elsewhere(self, length, place):
        """`1d from 06:00`, `1w from sun`, `1mo from 15`, `1q from 02-01`, `1y from 04-01`."""
        if length == "1d":
            self.edges, self.times = self._shift_edges, [int(place[:2]) * HOUR + int(place[3:5]) * MINUTE]
            return
        self.unit = length[1:]
        self.reach = {"w": 9, "mo": 33, "q": 95, "y": 370}[self.unit] * DAY
        if self.unit == "w":
            weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(place)
            self._begins = lambda day: day.weekday() == weekday
        else:
            months = {"mo": range(1, 13), "q": None, "y": None}[self.unit]
            month, number = (1, int(place)) if self.unit == "mo" else map(int, place.split("-"))
            if months is None:
                months = [month] if self.unit == "y" else [(month + 3 * i - 1) % 12 + 1 for i in range(4)]

            def begins(day):
                """That day of the month, or the month's last where it has no such day."""
                is_last = date.fromordinal(day.toordinal() + 1).day == 1
                return day.month in months and (day.day == number or is_last and day.day < number)
            self._begins = begins
        self.edges = self._begin_edges

    def _begin_edges(self, low, high):
        return [self.zone.midnight(ordinal) for ordinal in self._ordinals(low, high)
                if self._begins(date.fromordinal(ordinal))]

    def _ordinals(self, low, high):
        return range(self.zone.local_date(low).toordinal() - 1, self.zone.local_date(high).toordinal() + 2)

    def _day_edges(self, low, high):
        """Wall-clock multiples since local midnight; elapsed on the day of a change not shorter than the length."""
        found = []
        for ordinal in self._ordinals(low, high):
            start, end = self.zone.midnight(ordinal), self.zone.midnight(ordinal + 1)
            changes = self.zone.changes_between(start, end)
            if self.length == DAY:
                found.append(start)
            elif not changes or self.length <= max(changes):
                found.extend(range(start, end, self.length))
            else:
                wall = (ordinal - ORDINAL_1970) * DAY
                found.extend(self.zone.first_instant(wall + at) for at in range(0, DAY, self.length))
        return found

    def _shift_edges(self, low, high):
        return [self.zone.first_instant((ordinal - ORDINAL_1970) * DAY + at)
                for ordinal in self._ordinals(low, high) for at in self.times]

    def _calendar_edges(self, low, high):
        found = []
        for ordinal in self._ordinals(low, high):
            day = date.fromordinal(ordinal)
            if (self.unit == "w" and day.weekday() == 0
                    or self.unit == "mo" and day.day == 1
                    or self.unit == "q" and day.day == 1 and day.month in (1, 4, 7, 10)
                    or self.unit == "y" and day.day == 1 and day.month == 1):
                found.append(self.zone.midnight(ordinal))
        return found

    def windows(self, after, until):
        """Every window with after < end <= until, in order."""
        if self._low is None or after < self._low or until > self._high:
            margin = self.reach if self._low is None else self._high - self._low
            self._low = after if self._low is None or after >= self._low else after - margin
            self._high = until if self._high is None or until <= self._high else until + margin
            edges = sorted(set(self.edges(self._low - self.reach, self._high)))
            self._all = [(start, end) for start, end in zip(edges, edges[1:]) if self._low < end <= self._high]
            self._ends = [end for _, end in self._all]
        return self._all[bisect_right(self._ends, after):bisect_right(self._ends, until)]

    def around(self, ms):
        """The window that holds an instant."""
        return next(w for w in self.windows(ms, ms + self.reach) if w[0] <= ms)


class Rolling:
    """At each edge of a plain window the window of a length before it."""

    def __init__(self, zone, rule, every):
        self.zone = zone
        self.count, self.unit = duration(rule)
        self.every = Plain(zone, every)

    def start(self, end):
        """Elapsed for `s m h`; for `d w mo q y` the same local time on an earlier date."""
        if self.unit in ("ms", "s", "m", "h"):
            return end - self.count * ELAPSED[self.unit]
        wall = self.zone.wall(end)
        day, time = date.fromordinal(wall // DAY + ORDINAL_1970), wall % DAY
        if self.unit in ("d", "w"):
            day = date.fromordinal(day.toordinal() - self.count * (7 if self.unit == "w" else 1))
        else:
            day = months_back(day, self.count * {"mo": 1, "q": 3, "y": 12}[self.unit])
        return self.zone.first_instant(wall_of_date(day) + time)

    def windows(self, after, until):
        """Every window with after < end <= until, in order."""
        pairs = ((self.start(end), end) for _, end in self.every.windows(after, until))
        return [pair for pair in pairs if pair[0] < pair[1]]


def window_rule(zone, definition):
    """The windows of an indicator's definition."""
    rule = definition.get("shifts") or definition["window"]
    if isinstance(rule, dict):
        raise ValueError("windows of counted days follow from values, not from the calendar alone")
    if "every" in definition:
        return Rolling(zone, rule, definition["every"])
    return Plain(zone, rule)
