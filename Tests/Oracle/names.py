"""Section 12, renaming: which name of a configuration stands for which thing of the record."""

from dataclasses import dataclass

from plant import listed


@dataclass
class Names:
    """By the name in one configuration, the thing; or, in the end, the name that the thing has last."""
    points: dict
    indicators: dict
    objectives: dict

    def final(self):
        return Names(*({name: thing.name for name, thing in part.items()}
                       for part in (self.points, self.indicators, self.objectives)))


class Thing:
    def __init__(self, name):
        self.name = name


class Registry:
    """The things of a record by the names that they have."""

    def __init__(self):
        self.known, self.before = Names({}, {}, {}), None

    def take(self, configuration):
        """Lets a configuration come into force."""
        points, former, meters = [], {}, {}
        for meter, definition in listed(configuration.get("meters")).items():
            if "was" in definition:
                meters[meter] = definition["was"]
            for name, point in listed(definition.get("points")).items():
                points.append(f"{meter}.{name}")
                former[f"{meter}.{name}"] = self._former(meter, name, meters.get(meter), listed(point).get("was"))
        for name, definition in listed(configuration.get("derived")).items():
            points.append(name)
            former[name] = self._former(*name.split("."), None, definition.get("was"))
        found = Names(self._names("points", points, former), *(
            self._names(part, list(listed(configuration.get(part))),
                        {name: [definition["was"]] for name, definition in listed(configuration.get(part)).items()
                         if "was" in definition}) for part in ("indicators", "objectives")))
        self.before = found
        return found

    @staticmethod
    def _former(meter, name, old_meter, old):
        if old is None:
            return [f"{old_meter}.{name}"] if old_meter else []
        if "." in old:
            return [old]
        return ([f"{old_meter}.{old}"] if old_meter else []) + [f"{meter}.{old}"] + (
            [f"{old_meter}.{name}"] if old_meter else [])

    def _names(self, part, names, former):
        known = getattr(self.known, part)
        before = getattr(self.before, part) if self.before else {}
        for name in names:
            for old in former.get(name, []):
                if old in before and old not in names and name not in known and old in known:
                    known[name] = known.pop(old)
                    known[name].name = name
                    break
            if name not in known:
                known[name] = Thing(name)
        return {name: known[name] for name in names}
