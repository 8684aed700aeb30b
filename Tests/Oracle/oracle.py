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
        self.objectives = {name: Objective(name, definition, self)
                           for name, definition in listed(plant.configuration.get("objectives")).items()}

    def document(self):
        return {"indicators": self._indicators(), "ledger": self._ledger(), "objectives": self._objectives(),
                "nonconformities": self._nonconformities()}

    def _indicators(self):
        rows = []
        for name, indicator in sorted(self.indicators.items()):
            for value in sorted(indicator.values(), key=lambda v: (v.start, v.end)):
                rows.append({"indicator": name, "start": text_of(value.start), "end": text_of(value.end),
                             "value": value.value, "unit": indicator.unit, "status": value.status,
                             "coverage": as_float(value.coverage), "flags": sorted(value.flags)})
        return rows

    def _ledger(self):
        return [{"point": name, "time": text_of(time), "entry": entry, "advance": as_float(advance)}
                for name in sorted(self.plant.points) if self.plant.is_counter(name)
                for time, entry, advance in self.plant.counter(name).ledger.rows]

    def _objectives(self):
        return [{"objective": name, "start": text_of(verdict.start), "end": text_of(verdict.end),
                 "verdict": verdict.verdict, "value": verdict.value, "limit": verdict.limit, "unit": objective.unit}
                for name, objective in sorted(self.objectives.items())
                for verdict in sorted(objective.verdicts(), key=lambda v: (v.start, v.end))]

    def _nonconformities(self):
        return [{"objective": name, "severity": objective.severity,
                 "condition": "ongoing" if found.cleared_at is None else "cleared",
                 "raised_at": text_of(found.raised_at), "onset": text_of(found.onset),
                 "cleared_at": text_of(found.cleared_at), "peak": found.peak.value, "limit": found.peak.limit,
                 "unit": objective.unit, "recurrence_of_onset": text_of(found.recurrence_of)}
                for name, objective in sorted(self.objectives.items())
                for found in objective.nonconformities()]


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
