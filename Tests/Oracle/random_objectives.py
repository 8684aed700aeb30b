"""Random objectives whose limits lie among known values."""

from random import Random

from quantities import DAY, elapsed, text_of
from random_indicators import BEGINS


class RandomObjectives:
    """The part of the generator that makes objectives."""

    def make_objectives(self, values):
        pick = self.random
        names = [name for name in self.indicators if len(values[name]) >= 2]
        if not names:
            return
        for number in range(pick.choice([3, 5, 7])):
            name = pick.choice(names)
            known = sorted(set(v.value for v in values[name] if v.value is not None)) or [1.0]
            if max(map(abs, known)) < 1e-6:
                known = [1.0]  # what is left of savings by rounding is no limit
            definition = {"indicator": name, "severity": pick.choice(["minor", "major", "critical"])}
            form = pick.choice(["max", "max", "min", "both", "allow", "budget", "reduction", "available", "missing"])
            if form == "reduction" and "model" in self.indicators[name]:
                form = "max"  # a model is no baseline
            getattr(self, "form_" + form)(definition, known, name)
            if self.chance(0.4):
                definition["for"] = pick.choice([2, 3])
            if self.chance(0.3):
                definition["clear_after"] = pick.choice([2, 3])
            if self.chance(0.5):
                definition["recurrence"] = pick.choice(["1h", "6h", "2d", "30d"])
            if self.chance(0.2):
                middle = self.start + pick.randrange(self.length)
                text = text_of(middle)[:10] if self.chance(0.5) else text_of(middle)
                definition["active"] = {pick.choice(["from", "until"]): text}
            if name == "counted":
                if definition.get("baseline", {}).get("method") == "whole":
                    del definition["baseline"]["method"]
            elif self.chance(0.15):
                definition["while"] = self.condition()
            if self.chance(0.2):
                definition["during"] = pick.choice(["night", "rest", "rest", "weekend", "working"])
            self.objectives[f"o{number + 1}"] = definition
        self.make_demands_of_many(values, names)

    def make_demands_of_many(self, values, names):
        """Demands over several windows or against a model, by numbers of their own: the other seeds stay what they were."""
        others, self.random = self.random, Random(f"{len(names)} {self.start} {len(self.objectives)}")
        pick = self.random
        models = [name for name in names if "model" in self.indicators[name]]
        for number in range(2):
            name = pick.choice([name for name in names if name not in models] or names)
            known = sorted(set(v.value for v in values[name] if v.value is not None)) or [1.0]
            if max(map(abs, known)) < 1e-6:
                continue
            definition = {"indicator": name}
            steps = sorted(abs(b - a) for a, b in zip(known, known[1:])) or [1.0]
            step = float(f"{steps[len(steps) // 2] or 1:.3g}")
            form = pick.choice(["percentile", "percentile", "trend", "rate_of_change"])
            if form == "percentile":
                low, high = self.among(known, 0.3, 0.8), self.among(known, 0.8)
                tiers = [{"share": pick.choice(["50%", "80%", "97%"]), "max": low}]
                if high > low:
                    tiers.append({"share": pick.choice(["98%", "100%"]), "max": high})
                definition.update(percentile=tiers, per=self.period())
                if self.chance(0.3):
                    definition["keep"] = "any"
                if self.chance(0.3):
                    tiers[0] = {"q": pick.choice([50, 75, 97.5]), "max": low}
            elif form == "trend":
                definition["trend"] = {"windows": pick.choice([4, 6, 12]), pick.choice(["max", "min"]): 0}
                if self.chance(0.5):
                    definition["trend"]["confidence"] = pick.choice(["60%", "90%"])
            else:
                definition["rate_of_change"] = {"max": step, "min": -2 * step}
                if self.chance(0.5):
                    definition["rate_of_change"]["per"] = pick.choice(["1h", "15m"])
            if self.chance(0.3):
                definition["for"] = 2
            self.objectives[f"p{number + 1}"] = definition
        for name in models:
            model = self.indicators[name]["model"]
            if model.get("gives") == "savings":
                self.objectives["q1"] = {"indicator": name, "deviation": {"h": pick.choice([1, 3, 5]), "k": 0.5}}
                self.objectives["q2"] = {"indicator": name, "savings": pick.choice(["0%", "2%"]), "per": "1d"}
            if "of" in model:
                self.objectives["q3"] = {"indicator": model["of"], "reduction": "1%", "baseline": {"model": name}}
        self.random = others

    def among(self, known, low=0.0, high=1.0):
        """A number among the known values, with few decimals."""
        at = int((low + self.random.random() * (high - low)) * (len(known) - 1))
        return float(f"{known[at]:.{self.random.choice([2, 3, 5])}g}")

    def period(self):
        """A calendar period, now and then one that begins elsewhere."""
        period = self.random.choice(self.periods)
        return f"{period} from {self.random.choice(BEGINS[period])}" if self.chance(0.25) else period

    def form_max(self, definition, known, name):
        definition["max"] = self.among(known, 0.4)
        if self.chance(0.5):
            warn = self.among(known, 0, 0.6)
            if warn < definition["max"]:
                definition["warn"] = warn
        if self.chance(0.3):
            clear = self.among(known, 0, 0.5)
            if clear < definition["max"]:
                definition["clear_at"] = clear
        if self.chance(0.25):
            places = definition["decimals"] = self.random.choice([0, 1, 2])
            for key in ("max", "warn", "clear_at"):
                if key in definition:
                    definition[key] = round(definition[key], places)
            for key in ("warn", "clear_at"):
                if key in definition and definition[key] >= definition["max"]:
                    del definition[key]

    def form_min(self, definition, known, name):
        definition["min"] = self.among(known, 0, 0.6)
        if self.chance(0.5):
            warn = self.among(known, 0.4)
            if warn > definition["min"]:
                definition["warn"] = warn
        if self.chance(0.3):
            clear = self.among(known, 0.5)
            if clear > definition["min"]:
                definition["clear_at"] = clear

    def form_both(self, definition, known, name):
        definition["min"], definition["max"] = self.among(known, 0, 0.4), self.among(known, 0.6)
        if definition["min"] >= definition["max"]:
            definition["max"] = definition["min"] + 1

    def form_allow(self, definition, known, name):
        definition["max"] = self.among(known, 0.4)
        rule = self.indicators[name]
        per = self.period()
        definition["allow"] = {"per": per}
        if self.chance(0.5):
            definition["allow"]["count"] = self.random.choice([0, 1, 3, 10])
        else:
            definition["allow"]["share"] = self.random.choice(["3%", "10%", "25%"])
            if self.chance(0.3):
                definition["allow"]["of"] = self.random.choice(["calendar", "calendar", "evaluable"])
        if self.chance(0.4):
            warn = self.among(known, 0, 0.5)
            if warn < definition["max"]:
                definition["warn"] = warn

    def form_missing(self, definition, known, name):
        definition["missing"] = {"count": self.random.choice([0, 1, 2, 5, 20]), "per": self.period()}
        if self.chance(0.3):
            definition["clear_at"] = self.random.choice([0, definition["missing"]["count"]])

    def form_budget(self, definition, known, name):
        definition["per"] = self.period()
        share = elapsed(definition["per"]) / self.length
        total = sum(known) * min(1, share) * self.random.choice([0.3, 0.7, 1, 1.5])
        definition["budget"] = float(f"{abs(total) or 1:.3g}")

    def form_reduction(self, definition, known, name):
        definition["reduction"] = self.random.choice(["5%", "10%", "1%"])
        if self.chance(0.4):
            definition["baseline"] = {"value": self.among(known, 0.5) or 1}
            return
        begin = self.start + self.random.randrange(0, self.length // 4)
        end = begin + self.random.randrange(self.length // 4, self.length // 2)
        texts = [text_of(begin // 1000 * 1000), text_of(end // 1000 * 1000)]
        if self.length > 4 * DAY and self.chance(0.5):
            texts = [text[:10] for text in texts]
        if texts[0] == texts[1]:
            texts = [text_of(begin), text_of(end)]
        definition["baseline"] = {"from": texts[0], "to": texts[1]}
        if self.chance(0.4):
            definition["baseline"]["method"] = "whole"

    def form_available(self, definition, known, name):
        definition["available"] = self.random.choice(["95%", "80%", "50%", "99%"])
        definition["per"] = self.period()
