"""The rules of the project once more, independently of the product: batch, exact, slow.

    python3 oracle.py --config FILE.yaml --readings FILE.csv[.gz] ... [--format json]

prints one JSON document with the indicators, the ledger, the objectives and the nonconformities that the product must
end with after `emsd replay` of the same files.
"""

import argparse
import json
import sys

from indicators import Indicator
from objectives import Objective
from plant import Plant, listed, load_configuration, load_readings
from quantities import as_float, text_of


class Site:
    """All indicators and objectives of a plant."""

    def __init__(self, plant):
        self.plant = plant
        self.indicators = {}
        for name, definition in listed(plant.configuration.get("indicators")).items():
            self.indicators[name] = Indicator(name, definition, self)
        self.objectives = {name: self.make_objective(name, definition)
                           for name, definition in listed(plant.configuration.get("objectives")).items()}

    def make_objective(self, name, definition):
        return Objective(name, definition, self)

    def source(self, name):
        """What an indicator over another takes in."""
        return self.indicators[name]

    def document(self):
        return {"indicators": self._indicators(), "ledger": self._ledger(), "objectives": self._objectives(),
                "nonconformities": self._nonconformities()}

    def _indicators(self):
        return [value_row(name, value, indicator.unit_at(value.start))
                for name, indicator in sorted(self.indicators.items())
                for value in sorted(indicator.values(), key=lambda v: (v.start, v.end))]

    def _ledger(self):
        return [{"point": name, "time": text_of(time), "entry": entry, "advance": as_float(advance)}
                for name in sorted(self.plant.points) if self.plant.is_counter(name)
                for time, entry, advance in self.plant.counter(name).ledger.rows]

    def _objectives(self):
        return [verdict_row(name, verdict, objective.unit_at(verdict.start))
                for name, objective in sorted(self.objectives.items())
                for verdict in sorted(objective.verdicts(), key=lambda v: (v.start, v.end))]

    def _nonconformities(self):
        return [nonconformity_row(name, found) for name, objective in sorted(self.objectives.items())
                for found in objective.nonconformities()]


def value_row(name, value, unit):
    return {"indicator": name, "start": text_of(value.start), "end": text_of(value.end), "value": value.value,
            "unit": unit, "status": value.status, "coverage": as_float(value.coverage), "flags": sorted(value.flags)}


def verdict_row(name, verdict, unit):
    return {"objective": name, "start": text_of(verdict.start), "end": text_of(verdict.end),
            "verdict": verdict.verdict, "value": verdict.value, "limit": verdict.limit, "unit": unit,
            "reason": verdict.reason}


def nonconformity_row(name, found):
    return {"objective": name, "severity": found.severity, "condition": found.condition,
            "raised_at": text_of(found.raised_at), "onset": text_of(found.onset),
            "cleared_at": text_of(found.cleared_at), "withdrawn_at": text_of(found.withdrawn_at),
            "peak": found.peak.value, "limit": found.peak.limit, "unit": found.unit,
            "recurrence_of_onset": text_of(found.recurrence_of)}


def main():
    parser = argparse.ArgumentParser(description="computes what the product must compute, from the rules alone")
    parser.add_argument("--config", required=True)
    parser.add_argument("--readings", required=True, nargs="+")
    parser.add_argument("--format", choices=["json"], default="json")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    plant = Plant(load_configuration(arguments.config), load_readings(arguments.readings))
    json.dump(Site(plant).document(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
