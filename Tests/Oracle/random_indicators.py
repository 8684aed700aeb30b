"""Random derived points, conditions and indicators over given points."""

from random import Random

from quantities import DAY, elapsed, text_of

SHIFTS = [["06:00", "14:00", "22:00"], ["00:00", "02:30", "12:00"], ["07:00", "19:00"], ["05:45", "13:45", "21:45"]]
LONGEST_FIRST = ["1y", "1q", "1mo", "1w", "1d", "24h", "12h", "8h", "6h", "4h", "3h", "2h", "90m", "1h", "30m", "15m",
                 "10m", "5m", "1m", "30s"]

# Where calendar lengths may begin elsewhere.
BEGINS = {"1d": ["06:00", "02:30", "23:45"], "1w": ["sun", "wed"], "1mo": ["15", "31", "2"], "1q": ["02-01", "11-30"],
          "1y": ["04-01", "02-29"]}
CALENDARS = {
    "night": {"hours": ["22:00-06:00"]},
    "working": {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": ["06:00-12:30", "13:15-22:00"], "holidays": "false"},
    "rest": {"not": "working"},
    "small_hours": {"hours": ["00:30-02:30", "02:15-03:00"]},
    "weekend": {"days": ["sat", "sun"]},
    "feasts": {"holidays": "only", "hours": ["08:00-20:00"]},
}


class RandomIndicators:
    """The part of the generator that makes derived points and indicators."""

    def odd(self, name):
        """A threshold among the values of a gauge that no arithmetic meets exactly."""
        levels = self.levels[name]
        return f"{levels[self.random.randrange(len(levels))]}{'' if '.' in levels[0] else '.'}0317"

    def even(self, name):
        """A threshold that the gauge itself may meet exactly."""
        return self.random.choice(self.levels[name])

    def make_derived(self):
        pick = self.random
        for number in range(pick.choice([0, 1, 1, 2])):
            a, b = pick.choice(self.kinds["gauge"]), pick.choice(self.kinds["gauge"])
            forms = [f"{a} * 1.5 + {b}", f"{a} / {b}", f"{a} * (21 - 3) / (21 - {b})", f"greatest({a}, {b})",
                     f"least({a} * 2, {b}) - .5", f"abs({a} - {b}) + 1e1", f"clamp({a}, 2, 1e2) * {b}",
                     f"-{a} + {b} * 3"]
            if self.kinds["state"]:
                forms += [f"{a} * {pick.choice(self.kinds['state'])}"] * 2
            if self.derived:
                forms += [f"{pick.choice(list(self.derived))} / 2 + {a}"] * 2
            name = f"m1.d{number + 1}"
            self.derived[name] = {"formula": self.perhaps_dated(lambda: pick.choice(forms))}
            if self.chance(0.25):
                self.derived[name]["max_gap"] = pick.choice(["30s", "10m", "1h", "6h"])

    def perhaps_dated(self, formula):
        """A formula, now and then one that changes at a date."""
        if not self.chance(0.12):
            return formula()
        at = self.start + self.random.randrange(self.length) // 60_000 * 60_000
        return [formula(), {"from": text_of(at), "formula": formula()}]

    def perhaps_calibrated(self, definition):
        """A calibration function around the formula, now and then, or two that follow each other."""
        # Chance of its own, so that the plants of a seed stay as they were.
        pick = Random(f"{sorted(definition.items(), key=str)}")
        if pick.random() > 0.2:
            return
        at = self.start + pick.randrange(self.length) // 60_000 * 60_000
        functions = [{"a": 1.25, "b": 1.0625}, {"a": -0.5, "b": 0.9375, "from": text_of(at)}]
        definition["calibration"] = pick.choice([functions[0], functions[1], functions])

    def condition(self):
        pick = self.random
        gauge = pick.choice(self.kinds["gauge"])
        forms = [f"{gauge} {pick.choice(['>', '>=', '<', '<='])} {self.even(gauge)}",
                 f"{gauge} * 2 {pick.choice(['>', '<'])} {self.odd(gauge)} + {gauge}"]
        if self.kinds["state"]:
            state = pick.choice(self.kinds["state"])
            forms += [f"{state} {pick.choice(['== 1', '!= 0', '>= 1', '== 0', '< 2'])}"] * 3
        if self.derived:
            forms.append(f"{pick.choice(list(self.derived))} > {self.odd(gauge)}")
        return pick.choice(forms)

    def gauge_or_derived(self):
        return self.random.choice(self.kinds["gauge"] + list(self.derived))

    def make_indicators(self):
        pick = self.random
        for number in range(pick.choice([5, 7, 9])):
            definition = {**self.window(), "formula": self.perhaps_dated(self.formula)}
            if self.chance(0.3):
                definition["while"] = self.condition()
            if self.chance(0.2):
                definition["during"] = pick.choice(list(CALENDARS))
            self.requirements(definition)
            text = definition["formula"]
            if isinstance(text, str) and text.startswith("delta(") and "/" not in text:
                definition["unit"] = "kWh"
            self.indicators[f"i{number + 1}"] = definition
            self.perhaps_calibrated(definition)
        self.make_counted_days()
        for number in range(pick.choice([1, 2, 3])):
            source = pick.choice([name for name in self.indicators if name != "counted"])
            step = elapsed(self.indicators[source].get("every") or "8h"
                           if isinstance(self.indicators[source]["window"], list)
                           else self.indicators[source].get("every") or self.indicators[source]["window"])
            longer = [w for w in LONGEST_FIRST if w in self.windows + ["1d"] and elapsed(w) > step] or ["1d"]
            formula = pick.choice([f"sum({source})", f"mean({source})", f"min({source})", f"max({source})",
                                   f"count({source})", f"percentile({source}, {pick.choice([50, 90, 97.5])})",
                                   f"share({source} > {pick.choice([0.417317, 7.310317, 103.770317])})",
                                   f"max({source}) - min({source})"])
            definition = {"window": pick.choice(longer), "formula": formula}
            if self.chance(0.25) and elapsed(definition["window"]) <= DAY:
                definition["every"] = pick.choice(["1h", "30m"])
            if self.chance(0.5):
                definition["min_coverage"] = pick.choice([0.5, "2/3", 0.3, 1, 0.95])
            if self.chance(0.3):
                definition["max_missing"] = pick.choice([0, 1, 1, 3, 10])
            if self.chance(0.15):
                definition["grace"] = pick.choice(["1s", "10m"])
            self.indicators[f"s{number + 1}"] = definition
        if self.chance(0.4):
            self.make_model()

    def make_counted_days(self):
        """An indicator over the last days that counted, where there are days enough."""
        pick = self.random
        if self.length < 3 * DAY or not self.chance(0.7):
            return
        window = pick.choice(["1d", "1d", "24h", "1d from 06:00"])
        formula = pick.choice([f"hours({self.condition()}) - 2", f"delta({pick.choice(self.kinds['counter'])})",
                               f"max({self.gauge_or_derived()}) - {self.even(pick.choice(self.kinds['gauge']))}"])
        self.indicators["counts"] = {"window": window, "formula": formula, "min_coverage": pick.choice([0.2, 0.6])}
        days = pick.choice([1, 2, 3, 5])
        shorter = [name for name in self.indicators
                   if name != "counts" and self.indicators[name].get("window") in ("30m", "1h", "2h", "6h", "1d")
                   and "every" not in self.indicators[name]]
        formula = f"{pick.choice(['mean', 'sum', 'count'])}({pick.choice(shorter)})" \
            if shorter and self.chance(0.3) else self.formula()
        definition = {"window": {"days": days, "when": "counts"}, "formula": formula}
        if self.chance(0.25):
            definition["while"] = self.condition()
        if self.chance(0.25):
            definition["during"] = pick.choice(list(CALENDARS))
        self.requirements(definition)
        self.indicators["counted"] = definition

    def make_model(self):
        """Something explained by something else over the first part of the time, and what comes of it."""
        pick = self.random
        rule = self.window()
        counter, gauge = pick.choice(self.kinds["counter"]), self.gauge_or_derived()
        driver = pick.choice([f"mean({gauge})", f"delta({counter}) * 0.5 + count({gauge}) * 0.001",
                              f"coverage({counter}) * 50 + 100.1", f"count({gauge})"])
        for name, formula in (("explained", f"delta({counter})"), ("driver", driver)):
            self.indicators[name] = {**rule, "formula": formula}
            if self.chance(0.3):
                self.indicators[name]["min_coverage"] = 0.3
        begin = self.start + pick.randrange(0, self.length // 4)
        end = begin + pick.randrange(self.length // 4, self.length // 2)
        self.indicators["model"] = {"model": {
            "of": "explained", "drivers": ["driver"], "from": text_of(begin // 1000 * 1000),
            "to": text_of(end // 1000 * 1000), "gives": pick.choice(["predicted", "savings", "cusum", "cusum"]),
            "range": pick.choice(["observed", "3sd"])}}
        self.indicators["other"] = {"model": {"like": "model", "gives": pick.choice(["savings", "cusum"])}}

    def window(self):
        pick = self.random
        while True:
            rule = pick.choice(self.windows)
            if rule == "shifts":
                return {"window": pick.choice(SHIFTS)}
            if self.length // elapsed(rule) > 1500:
                continue
            if rule in BEGINS and self.chance(0.35):
                rule = f"{rule} from {pick.choice(BEGINS[rule])}"
                if self.chance(0.3):
                    return {"window": pick.choice(["24h", "7d", "2w", "1mo"]), "every": rule}
                return {"window": rule}
            if self.chance(0.25):
                every = pick.choice([w for w in self.windows if w != "shifts" and self.length // elapsed(w) <= 800])
                longer = ["1h", "90m", "24h", "1d", "7d", "2w", "1mo", "1mo", "1q"]
                longer = [w for w in longer if elapsed(w) >= elapsed(every) and elapsed(w) <= 2 * self.length]
                if longer:
                    return {"window": pick.choice(longer), "every": every}
            return {"window": rule}

    def requirements(self, definition):
        pick = self.random
        if self.chance(0.4):
            definition["min_coverage"] = pick.choice([0.5, "2/3", 0.9, 1, 0.25, 0.6667])
        if self.chance(0.2):
            definition["min_count"] = pick.choice([1, 2, 5, 20])

    def formula(self):
        pick = self.random
        gauge, counter = self.gauge_or_derived(), pick.choice(self.kinds["counter"])
        anything = pick.choice(sum(self.kinds.values(), []) + list(self.derived))
        other = pick.choice(self.kinds["counter"])
        return pick.choice([
            f"mean({gauge})", f"mean({gauge})", f"min({gauge})", f"max({gauge})", f"first({anything})",
            f"last({anything})",
            f"integral({gauge})", f"delta({counter})", f"delta({counter})", f"delta({counter})", f"rate({counter})",
            f"percentile({gauge}, {pick.choice([1, 50, 90, 95, 99.9, 100])})", f"stddev({gauge})", f"count({anything})",
            f"hours({self.condition()})", f"share({self.condition()})", f"coverage({anything})",
            f"sample_mean({gauge})",
            f"delta({counter}) / delta({other})", f"integral({gauge}) / integral({self.gauge_or_derived()})",
            f"max({gauge}) - min({gauge})", f"clamp(mean({gauge}), 10, 100) * -2",
            f"abs(last({gauge}) - first({gauge}))",
            f"least(mean({gauge}), 5e1) + hours({self.condition()})", f"delta({counter}) * 0.2 + delta({other}) / 3"])
