"""The differences between two documents of the form that oracle.py prints, in words."""

from math import isclose

KEYS = {"indicators": ("indicator", "start", "end"),
        "ledger": ("point", "time", "entry"),
        "objectives": ("objective", "start", "end"),
        "nonconformities": ("objective", "onset")}
COLUMNS = {"indicators": ("value", "unit", "status", "coverage", "flags"),
           "ledger": ("advance",),
           "objectives": ("verdict", "value", "limit", "unit", "reason"),
           "nonconformities": ("severity", "condition", "raised_at", "cleared_at", "withdrawn_at", "peak", "limit", "unit",
                               "recurrence_of_onset")}


def same(expected, actual, rounding=1e-12):
    """Equal, numbers to 1e-9 relative or 1e-12 absolute."""
    numbers = (int, float)
    if isinstance(expected, numbers) and isinstance(actual, numbers):
        return isclose(expected, actual, rel_tol=1e-9, abs_tol=rounding)
    return expected == actual


def cell(row, column):
    value = row.get(column)
    if column == "flags":
        return sorted(flag for flag in value or [] if flag != "revised")
    return value


def linked(rows):
    """The product's nonconformities with the onset of the one they recur from.

    Those that a revision put right are history, which a batch computation does not have: they are left out.
    """
    rows = [row for row in rows if row.get("remark") != "revised"]
    onsets = {row["id"]: row.get("onset") for row in rows if "id" in row}
    return [{**row, "recurrence_of_onset": onsets.get(row["recurrence_of"], f"unknown {row['recurrence_of']}")
             if row["recurrence_of"] is not None else None}
            if "recurrence_of" in row and "recurrence_of_onset" not in row and onsets else row for row in rows]


def rows_by_key(part, rows, side, differences):
    found = {}
    for row in rows:
        key = tuple(row.get(column) for column in KEYS[part])
        if key in found:
            differences.append(f"{part}: {' '.join(map(str, key))} stands twice in the {side}'s")
        found[key] = row
    return found


def compare(oracle_json, product_json, rounding=1e-12):
    """One line for each difference; an empty list when all is equal.

    `rounding`: the absolute difference of numbers that does not count; differences of large numbers have more of it.

    Further columns of the product are ignored, as is the flag `revised`. `recurrence_of_onset` is compared where the
    product's rows have it, or an `id` and a `recurrence_of` from which it follows.
    """
    differences = []
    for part in KEYS:
        expected = rows_by_key(part, oracle_json.get(part, []), "oracle", differences)
        actual = rows_by_key(part, linked(product_json.get(part, [])), "product", differences)
        for key in sorted(expected.keys() | actual.keys(), key=lambda k: tuple(map(str, k))):
            name = f"{part}: {' '.join(map(str, key))}"
            if key not in actual:
                differences.append(f"{name}: missing in the product, the oracle has {shown(part, expected[key])}")
                continue
            if key not in expected:
                differences.append(f"{name}: only in the product, {shown(part, actual[key])}")
                continue
            if part == "indicators" and expected[key]["value"] is None and abs(actual[key]["value"] or 0) > 1e14:
                continue  # divided by what rounding left of nothing
            for column in COLUMNS[part]:
                # What could be added up of a mixed period says nothing.
                if column == "value" and expected[key].get("reason") == actual[key].get("reason") == "definition-changed":
                    continue
                if column == "recurrence_of_onset" and column not in actual[key]:
                    continue
                left, right = cell(expected[key], column), cell(actual[key], column)
                if not same(left, right, rounding):
                    differences.append(f"{name}: {column} is {right!r}, the oracle has {left!r}")
    return differences


def shown(part, row):
    return ", ".join(f"{column} {cell(row, column)!r}" for column in COLUMNS[part])
