"""Random chains of configurations that take each other's place over one recording."""

import re
from copy import deepcopy

from generate import Generator, dump
from quantities import MINUTE, elapsed, text_of
from random_indicators import SHIFTS

NAME = re.compile(r"(?<![\w.])[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?(?![\w.]|\s*\()")
ZONES = ["Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham"]
CHANGES = ["limit", "limit", "limit", "new_objective", "no_objective", "rename_objective", "rename_indicator", "unit", "window",
           "window", "coverage", "counter", "counter", "max_gap", "formula", "formula", "dated", "dated", "no_dates",
           "rename_meter", "rename_point", "no_point", "no_indicator", "scale", "zone", "condition", "row", "demand",
           "exchange", "derived", "indicator_of", "new_indicator", "grace", "scale"]


def formulas_of(definition):
    """Every text of a definition that names points or indicators, as (holder, key)."""
    found = [(definition, "while")] if "while" in definition else []
    formula = definition.get("formula")
    if isinstance(formula, list):
        found += [(formula, 0)] + [(part, "formula") for part in formula[1:]]
    elif formula is not None:
        found.append((definition, "formula"))
    return found


class Plan:
    """A configuration that changes; `points`: by the first name of a point, the present one."""

    def __init__(self, sections, points):
        self.sections, self.points = sections, points

    def copy(self):
        return Plan(deepcopy(self.sections), dict(self.points))

    def definitions(self):
        for part in ("derived", "indicators", "objectives"):
            yield from self.sections.get(part, {}).values()

    def rename(self, names):
        """Follows new names of points or indicators in every formula."""
        for definition in self.definitions():
            for holder, key in formulas_of(definition):
                holder[key] = NAME.sub(lambda match: names.get(match[0], match[0]), holder[key])
            if definition.get("indicator") in names:
                definition["indicator"] = names[definition["indicator"]]
        for definition in self.sections["indicators"].values():
            if "model" in definition:
                raise ValueError("models are not renamed")

    def forget_was(self):
        for meter in self.sections["meters"].values():
            for point in [meter, *meter["points"].values()]:
                point.pop("was", None)
        for definition in self.definitions():
            definition.pop("was", None)

    def tidy(self):
        """Takes out what needs something that is not there any more."""
        while True:
            points = {f"{m}.{p}" for m, meter in self.sections["meters"].items() for p in meter["points"]}
            points |= set(self.sections.get("derived", {}))
            indicators = self.sections["indicators"]
            gone = 0
            for part in ("derived", "indicators", "objectives"):
                for name, definition in list(self.sections.get(part, {}).items()):
                    used = {found for holder, key in formulas_of(definition) for found in NAME.findall(str(holder[key]))}
                    needs = {definition["indicator"]} if part == "objectives" else set()
                    missing = [one for one in used | needs if one not in points and one not in indicators]
                    if missing:
                        del self.sections[part][name]
                        gone += 1
            if not gone:
                return


class ChangingGenerator(Generator):
    """Makes a plant, and then changes of its configuration."""

    def make_model(self):
        """Baselines by models stay out of chains."""

    def make_counted_days(self):
        """Windows of days that count stay out of chains."""

    def make_use(self, name, point, times, step):
        """Uses by interval stay out of chains: another interval is another stretch for each reading before."""
        self.make_net(name, point, times, step)

    def make_chain(self):
        """(configurations as text, rows in parts: (index of the configuration, rows))."""
        pick = self.random
        _, rows = self.make()
        if len(rows) < 40:
            raise SystemExit("too few readings came out of this seed")
        plan = Plan({key: value for key, value in self.configuration().items() if key not in ("site", "links")},
                    {name: name for kind in self.kinds.values() for name in kind})
        for part in ("derived", "indicators", "objectives"):
            plan.sections.setdefault(part, {})
        self.zones = [self.zone]
        plans, self.said = [plan], []
        for _ in range(pick.choice([1, 1, 2, 3])):
            plan = plans[-1].copy()
            plan.zone = self.zones[-1]
            if len(plans) > 1 and self.chance(0.15):
                plan, zone = plans[-2].copy(), self.zones[-2]
                self.zones.append(zone)
                plan.forget_was()
                self.said.append(["back"])
            else:
                plan.forget_was()
                said = []
                self.plan, zone = plan, self.zones[-1]
                self.present_zone = zone
                for _ in range(pick.choice([1, 1, 2, 4])):
                    kind = pick.choice(CHANGES)
                    if getattr(self, "change_" + kind)() is not False:
                        said.append(kind)
                self.zones.append(self.present_zone)
                plan.tidy()
                self.said.append(said)
            plans.append(plan)
        self.plans = plans
        places = sorted(pick.sample(range(10, len(rows) - 5), len(plans) - 1))
        parts = []
        for index, (start, end) in enumerate(zip([0] + places, places + [len(rows)])):
            part = [(time, plans[index].points.get(name), text, quality) for time, name, text, quality in rows[start:end]]
            parts.append((index, [row for row in part if row[1] is not None]))
        texts = [dump({"site": {"name": "generated", "timezone": zone},
                       "links": {"bus": {"transport": "tcp", "host": "127.0.0.1", "port": 1502, "timeout": "500ms"}},
                       **{key: value for key, value in plan.sections.items() if value}})
                 for plan, zone in zip(plans, self.zones)]
        return texts, parts

    def now(self, name, before, version):
        """What a point of one version is called in another; None where it is not there."""
        first = next(first for first, now in self.plans[before].points.items() if now == name)
        return self.plans[version].points.get(first)

    # The kinds of change. False: there is nothing of the kind.

    def some(self, part):
        names = list(self.plan.sections[part])
        return self.random.choice(names) if names else None

    def objective(self, *keys):
        names = [name for name, d in self.plan.sections["objectives"].items() if not keys or any(k in d for k in keys)]
        return self.plan.sections["objectives"][self.random.choice(names)] if names else None

    def change_limit(self):
        definition = self.objective("max", "min", "budget")
        if definition is None:
            return False
        for key in ("warn", "clear_at", "decimals"):
            definition.pop(key, None)
        factor = self.random.choice([0.5, 0.8, 0.95, 1.05, 1.2, 2])
        for key in ("max", "min", "budget"):
            if key in definition:
                definition[key] = float(f"{definition[key] * factor + (0.1 if key == 'max' else 0):.4g}")
        if "min" in definition and "max" in definition and definition["min"] >= definition["max"]:
            definition["max"] = definition["min"] + 1

    def change_row(self):
        definition = self.objective()
        if definition is None:
            return False
        definition[self.random.choice(["for", "clear_after"])] = self.random.choice([1, 2, 3])

    def change_demand(self):
        name = self.some("objectives")
        if name is None:
            return False
        old = self.plan.sections["objectives"][name]
        self.plan.sections["objectives"][name] = self.demand(old["indicator"])

    def demand(self, indicator):
        pick = self.random
        level = pick.choice([0.5, 1.2, 10, 55.5, 300, 2000])
        form = pick.choice(["max", "min", "budget", "allow", "available", "reduction"])
        definition = {"indicator": indicator, "severity": "minor"}
        if form == "allow":
            definition |= {"max": level, "allow": {pick.choice(["count"]): pick.choice([0, 1, 4]),
                                                   "per": pick.choice(self.periods)}}
        elif form == "budget":
            definition |= {"budget": level * 20, "per": pick.choice(self.periods)}
        elif form == "available":
            definition |= {"available": pick.choice(["95%", "80%"]), "per": pick.choice(self.periods)}
        elif form == "reduction":
            begin = self.start + pick.randrange(0, self.length // 3) // MINUTE * MINUTE
            end = begin + pick.randrange(self.length // 4, self.length // 2) // MINUTE * MINUTE
            definition |= {"reduction": "5%", "baseline": {"from": text_of(begin), "to": text_of(end)}}
        else:
            definition[form] = level
        if self.chance(0.3):
            definition["for"] = 2
        return definition

    def change_new_objective(self):
        indicator = self.some("indicators")
        if indicator is None:
            return False
        self.plan.sections["objectives"][self.unused("objectives", "n")] = self.demand(indicator)

    def unused(self, part, letter):
        self.count = getattr(self, "count", 0) + 1
        return f"{letter}{self.count}"

    def change_no_objective(self):
        name = self.some("objectives")
        if name is None:
            return False
        del self.plan.sections["objectives"][name]

    def change_no_indicator(self):
        name = self.some("indicators")
        if name is None:
            return False
        del self.plan.sections["indicators"][name]

    def change_no_point(self):
        meter = self.plan.sections["meters"][self.some("meters")]
        name = self.random.choice(list(meter["points"]))
        if len(meter["points"]) < 2:
            return False
        full = next(f"{m}.{name}" for m, d in self.plan.sections["meters"].items() if d is meter)
        del meter["points"][name]
        self.plan.points = {first: now for first, now in self.plan.points.items() if now != full}

    def renamed(self, section, old, new, was):
        """The section with one thing under another name, in its place."""
        found = {}
        for name, definition in section.items():
            if name == old:
                name = new
                if was:
                    definition["was"] = old
            found[name] = definition
        return found

    def change_rename_objective(self):
        old = self.some("objectives")
        if old is None:
            return False
        self.plan.sections["objectives"] = self.renamed(
            self.plan.sections["objectives"], old, self.unused("objectives", "r"), self.chance(0.75))

    def change_rename_indicator(self):
        old = self.some("indicators")
        if old is None:
            return False
        new = self.unused("indicators", "j")
        self.plan.sections["indicators"] = self.renamed(self.plan.sections["indicators"], old, new, self.chance(0.75))
        self.plan.rename({old: new})

    def change_rename_meter(self):
        old = self.some("meters")
        new, names = self.unused("meters", "w"), {}
        self.plan.sections["meters"] = self.renamed(self.plan.sections["meters"], old, new, self.chance(0.8))
        for now in list(self.plan.points.values()) + list(self.plan.sections["derived"]):
            if now.startswith(old + "."):
                names[now] = new + now[len(old):]
        self.plan.points = {first: names.get(now, now) for first, now in self.plan.points.items()}
        derived = {}
        for name, definition in self.plan.sections["derived"].items():
            if name in names:
                definition["was"] = name
            derived[names.get(name, name)] = definition
        self.plan.sections["derived"] = derived
        self.plan.rename(names)

    def change_rename_point(self):
        meter = self.some("meters")
        section = self.plan.sections["meters"][meter]
        old = self.random.choice(list(section["points"]))
        new = self.unused("points", "q")
        section["points"] = self.renamed(section["points"], old, new, self.chance(0.8))
        names = {f"{meter}.{old}": f"{meter}.{new}"}
        self.plan.points = {first: names.get(now, now) for first, now in self.plan.points.items()}
        self.plan.rename(names)

    def indicator(self, *keys):
        names = [name for name, d in self.plan.sections["indicators"].items()
                 if not keys or any(key in d for key in keys)]
        return self.plan.sections["indicators"][self.random.choice(names)] if names else None

    def change_unit(self):
        definition = self.indicator("unit")
        if definition is None or not isinstance(definition["formula"], str):
            return False
        if definition["unit"] == "kWh":
            definition["unit"], definition["formula"] = "MWh", f"({definition['formula']}) / 1000"
        else:
            definition["unit"], definition["formula"] = "kWh", f"({definition['formula']}) * 1000"

    def change_window(self):
        definition = self.indicator()
        if definition is None:
            return False
        for key in ("window", "every"):
            definition.pop(key, None)
        while True:
            rule = self.random.choice(self.windows)
            if rule == "shifts":
                definition["window"] = self.random.choice(SHIFTS)
                return None
            if self.length // elapsed(rule) > 1500:
                continue
            definition["window"] = rule
            if self.chance(0.15) and elapsed(rule) > 2 * 3_600_000 and self.length < 40 * 86_400_000:
                definition["every"] = "1h"
            return None

    def change_coverage(self):
        definition = self.indicator()
        if definition is None:
            return False
        definition["min_coverage"] = self.random.choice([0.1, 0.5, "2/3", 0.9, 1])

    def change_grace(self):
        definition = self.indicator()
        if definition is None:
            return False
        definition["grace"] = self.random.choice(["1s", "10m", "2h"])

    def counters(self):
        return [point for meter in self.plan.sections["meters"].values() for point in meter["points"].values()
                if point.get("kind") in ("counter", "net")]

    def points_of(self):
        return [point for meter in self.plan.sections["meters"].values() for point in meter["points"].values()]

    def change_counter(self):
        found = self.counters()
        if not found:
            return False
        point = self.random.choice(found)
        kind = self.random.choice(["max_rate", "max_rate", "no max_rate", "modulus", "resets"])
        if kind == "max_rate":
            point["max_rate"] = float(self.random.choice([3, 10, 100, 1000, 5000]))
        elif kind == "no max_rate":
            point.pop("max_rate", None)
        elif kind == "modulus" and point["kind"] == "counter" and "resets" not in point:
            point["modulus"] = self.random.choice([1000, 10_000, 1_000_000])
        elif kind == "resets" and point["kind"] == "counter":
            point.pop("modulus", None)
            point.pop("exchanges", None)
            if "resets" in point:
                del point["resets"]
            else:
                point["resets"] = "1d"
        return None

    def change_max_gap(self):
        holder = self.random.choice(list(self.plan.sections["meters"].values()) + self.points_of())
        holder["max_gap"] = self.random.choice(["30s", "5m", "20m", "1h", "3h"])

    def change_scale(self):
        point = self.random.choice(self.points_of())
        if point.get("kind") == "state":
            return False
        point["scale"] = self.random.choice([0.1, 10, 2])

    def change_exchange(self):
        found = [point for point in self.counters() if point["kind"] == "counter" and "resets" not in point]
        if not found:
            return False
        point = self.random.choice(found)
        if point.pop("exchanges", None) is None or self.chance(0.4):
            at = self.start + self.random.randrange(self.length)
            point["exchanges"] = [{"time": text_of(at // 1000 * 1000), "closing": self.random.randrange(0, 900),
                                   "opening": self.random.randrange(0, 100)}]

    def change_zone(self):
        self.present_zone = self.random.choice(ZONES)

    def change_formula(self):
        definition = self.indicator()
        if definition is None:
            return False
        text = definition["formula"]
        first = text[0] if isinstance(text, list) else text
        changed = self.random.choice([f"{first} * 2", f"{first} + 1", self.swapped(first)])
        if isinstance(text, list):
            text[0] = changed
        else:
            definition["formula"] = changed

    def swapped(self, text):
        pairs = {"mean(": "max(", "max(": "min(", "min(": "mean(", "first(": "last(", "last(": "first("}
        for old, new in pairs.items():
            if re.search(rf"(?<!\w){re.escape(old)}", text) and not text.startswith(("hours", "share")):
                return re.sub(rf"(?<!\w){re.escape(old)}", new, text, count=1)
        return f"{text} - 1"

    def date(self):
        at = self.start + self.random.randrange(self.length)
        return text_of(at // 60_000 * 60_000)

    def change_dated(self):
        holder = self.random.choice(["indicators", "indicators", "indicators", "derived"])
        name = self.some(holder)
        if name is None:
            return False
        definition = self.plan.sections[holder][name]
        text = definition["formula"]
        first = text if isinstance(text, str) else text[0]
        later = {"from": self.date(), "formula": f"{first} * 2" if holder == "derived" else
                 self.random.choice([f"{first} * 3", self.swapped(first)])}
        if holder == "indicators" and "unit" in definition and self.chance(0.5):
            later |= {"formula": f"({first}) / 1000", "unit": "MWh"}
        if isinstance(text, list) and len(text) > 1 and self.chance(0.5):
            text[1] = later | {"from": text[1]["from"]}
        else:
            definition["formula"] = [first, later]

    def change_no_dates(self):
        for definition in list(self.plan.sections["indicators"].values()) + list(self.plan.sections["derived"].values()):
            if isinstance(definition["formula"], list):
                definition["formula"] = self.random.choice(definition["formula"][:1] + [definition["formula"][1]["formula"]])
                return None
        return False

    def change_derived(self):
        name = self.some("derived")
        if name is None:
            return False
        definition = self.plan.sections["derived"][name]
        if isinstance(definition["formula"], str):
            definition["formula"] = f"{definition['formula']} + 1"
        definition["max_gap"] = "10m"

    def change_condition(self):
        definition = self.indicator()
        if definition is None:
            return False
        if definition.pop("while", None) is None:
            gauges = [now for first, now in self.plan.points.items() if first in self.kinds["gauge"]]
            if gauges:
                definition["while"] = f"{self.random.choice(gauges)} > 7.0317"
        return None

    def change_indicator_of(self):
        definition, name = self.objective(), self.some("indicators")
        if definition is None or name is None:
            return False
        definition["indicator"] = name

    def change_new_indicator(self):
        gauges = [now for first, now in self.plan.points.items() if first in self.kinds["gauge"]]
        if not gauges:
            return False
        name = self.unused("indicators", "k")
        self.plan.sections["indicators"][name] = {"window": "1h", "formula": f"mean({self.random.choice(gauges)})"}
        return None
