"""Section 7: time of the calendar that is named, such as the night and working hours."""

from datetime import date

from quantities import DAY, HOUR, MINUTE
from windows import ORDINAL_1970

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def listed(value):
    return value if isinstance(value, list) else [value]


def clock(text):
    hours, minutes = text.split(":")[:2]
    return int(hours) * HOUR + int(minutes) * MINUTE


class Calendars:
    """The stretches of any time that are in a calendar, by its name."""

    def __init__(self, configuration, zone):
        self.definitions = configuration.get("calendars") or {}
        self.zone = zone
        self.holidays = {date.fromisoformat(day) for day in configuration["site"].get("holidays") or []}
        self._days = {}

    def _day(self, name, ordinal):
        """The stretches of a local day that are in it."""
        if (name, ordinal) not in self._days:
            self._days[name, ordinal] = self._make(self.definitions[name], ordinal)
        return self._days[name, ordinal]

    def _make(self, definition, ordinal):
        start, end = self.zone.midnight(ordinal), self.zone.midnight(ordinal + 1)
        if "not" in definition:
            found, at = [], start
            for left, right in self._day(definition["not"], ordinal):
                found.append((at, left))
                at = right
            return [(left, right) for left, right in found + [(at, end)] if left < right]
        day = date.fromordinal(ordinal)
        holiday = day in self.holidays
        if "days" in definition and WEEKDAYS[day.weekday()] not in listed(definition["days"]):
            return []
        if definition.get("holidays") == "false" and holiday or definition.get("holidays") == "only" and not holiday:
            return []
        wall, parts = (ordinal - ORDINAL_1970) * DAY, []
        for text in listed(definition.get("hours", "00:00-24:00")):
            left, right = (clock(part) for part in text.split("-"))
            parts += [(left, right)] if left < right else [(left, DAY), (0, right)]
        found = []
        for left, right in sorted(parts):
            left, right = self.zone.first_instant(wall + left), self.zone.first_instant(wall + right)
            if found and left <= found[-1][1]:
                found[-1] = (found[-1][0], max(right, found[-1][1]))
            else:
                found.append((left, right))
        return [(left, right) for left, right in found if left < right]

    def region(self, name, start, end):
        """The part of [start, end) that is in a calendar, joined where days meet."""
        found = []
        low, high = self.zone.local_date(start).toordinal() - 1, self.zone.local_date(end).toordinal() + 2
        for ordinal in range(low, high):
            for left, right in self._day(name, ordinal):
                left, right = max(left, start), min(right, end)
                if left >= right:
                    continue
                if found and found[-1][1] == left:
                    found[-1] = (found[-1][0], right)
                else:
                    found.append((left, right))
        return found

    def contains(self, name, start, end):
        return self.region(name, start, end) == [(start, end)]
