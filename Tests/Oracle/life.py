"""What people were reminded of, held against the rules: reads the journal and the alerts of a plant and says what does not fit.

    life.py CONFIG JOURNAL ALERTS

The journal is that of `emsctl journal`, a line each; the alerts are a file of JSON Lines. The life of each nonconformity is made up again from
the journal's steps, and with it what was due, from when, and whose it was.
"""
import datetime as dt
import json
import re
import sys
from zoneinfo import ZoneInfo

import yaml

USUAL = {"acknowledge": "24h", "cause": "7d", "plan": "14d", "close": "90d"}
OF_MINOR = {"acknowledge": "48h", "cause": "14d", "plan": "28d", "close": "180d"}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
DAY = 86_400


def instant(text):
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def later(moment, length, zone):
    """A calendar length after a moment: hours and less are elapsed, days and more keep the local time."""
    count, unit = re.fullmatch(r"(\d+)([a-z]+)", str(length)).groups()
    if unit in SECONDS:
        return moment + dt.timedelta(seconds=int(count) * SECONDS[unit])
    local = moment.astimezone(zone).replace(tzinfo=None)
    if unit in ("d", "w"):
        local += dt.timedelta(days=int(count) * (7 if unit == "w" else 1))
    else:
        months = local.month - 1 + int(count) * {"mo": 1, "q": 3, "y": 12}[unit]
        year, month = local.year + months // 12, months % 12 + 1
        last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
        local = local.replace(year=year, month=month, day=min(local.day, last))
    return local.replace(tzinfo=zone).astimezone(dt.timezone.utc)


def stage_begins(stage, start, due, zone):
    """When the stage of a reminder begins: 1 soon, 2 due, then seven of a day each, then weeks."""
    if stage == 1:
        return start + (due - start) * 3 / 4
    count = stage - 2 if stage <= 9 else 7 + 7 * (stage - 9)
    length = (due - start).total_seconds()
    if 0 < length < DAY:
        return due + (due - start) * count
    return later(due, f"{count}d", zone) if count else due


class Life:
    """What the journal says so far of one nonconformity."""

    def __init__(self, line):
        self.known = self.anchor = instant(line["time"])
        self.severity = line["severity"]
        self.state, self.actions, self.hold = "open", {}, None

    def take(self, line):
        step, time = line["type"][3:], instant(line["time"])
        if step == "action" and "action" in line:
            self.actions[line["action"]] = {"due": line["due"], "owner": line["owner"], "start": time}
        elif step == "amend":
            action = self.actions[line["action"]]
            action.update({key: line[key] for key in ("due", "owner") if key in line}, start=time)
        elif step == "done":
            self.actions.pop(line["action"])
        elif step == "reopened":
            self.anchor = time
        elif step == "hold":
            self.hold = instant(line["until"])
        elif step == "resume":
            self.hold = None
        elif step == "systemic":
            self.severity = "major" if self.severity == "minor" else "critical"
        self.state = line["state"]

    def due(self, what, times, zone):
        """From when and until when the time of something runs; nil where it is not due in this state."""
        if what.startswith("action "):
            action = self.actions.get(int(what.split()[1]))
            if not action or self.state != "planned":
                return None
            day = dt.datetime.fromisoformat(action["due"]).replace(tzinfo=zone)
            return action["start"], day.astimezone(dt.timezone.utc)
        states = {"acknowledge": ["open"], "cause": ["acknowledged"], "plan": ["analysed", "reopened"]}
        if self.state in ("closed", "rejected") or (what != "close" and self.state not in states[what]):
            return None
        start = self.known if what == "acknowledge" else self.anchor
        return start, later(start, times[what], zone)


def faults(config, journal, alerts):
    zone = ZoneInfo(config["site"]["timezone"])
    said = [(line["id"], line["what"], line["due"], line["owner"], line["reminder"]) for line in alerts if "reminder" in line]
    recorded, lives, reached = [], {}, {}
    for line in journal:
        if not line["type"].startswith("nc."):
            continue
        if line["type"] == "nc.opened":
            lives[line["id"]] = Life(line)
        elif "state" in line:
            lives[line["id"]].take(line)
        elif "reminder" in line:
            life = lives[line["id"]]
            recorded.append((line["id"], line["what"], line["due"], line["owner"], line["reminder"]))
            where = f"journal line {line['seq']}"
            usual = OF_MINOR if life.severity == "minor" else USUAL
            times = {**usual, **(config.get("deadlines", {}).get(life.severity) or {})}
            span = life.due(line["what"], times, zone)
            if span is None:
                yield f"{where}: {line['what']} is not due of a nonconformity that is {life.state}"
                continue
            start, due = span
            if abs((due - instant(line["due"])).total_seconds()) > 0.001:
                yield f"{where}: due {line['due']}, not {due.isoformat()}"
            now = instant(line["time"])
            if life.hold and now < life.hold:
                yield f"{where}: said on hold until {life.hold.isoformat()}"
            stage = line["reminder"]
            slack = dt.timedelta(milliseconds=10)  # the daemon counts in whole milliseconds
            if not stage_begins(stage, start, due, zone) - slack <= now < stage_begins(stage + 1, start, due, zone) + slack:
                yield f"{where}: reminder {stage} at {line['time']} is not in its time"
            word = {1: "due_soon", 2: "due"}.get(stage, "overdue")
            if line["type"] != "nc." + word:
                yield f"{where}: reminder {stage} is {word}"
            if bool(line["escalated_to"]) != (stage >= 4 and bool(config.get("deadlines", {}).get("escalate_to"))):
                yield f"{where}: escalated from the second overdue reminder on"
            key = recorded[-1][:4]
            if stage <= reached.get(key, 0):
                yield f"{where}: reminder {stage} after {reached[key]}"
            reached[key] = stage
    if said != recorded:
        yield f"{len(said)} reminders in the alerts, {len(recorded)} in the journal"


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.startswith("{")]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        plant = yaml.safe_load(file)
    found = list(faults(plant, read_lines(sys.argv[2]), read_lines(sys.argv[3])))
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
