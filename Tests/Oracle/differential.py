"""The product against the oracle, on one plant.

    python3 differential.py --programs DIR --out DIR (--seed N | --works) [--parts N]

makes a random plant, or the hand-written one of works.py, replays it with DIR/emsd, computes it with the oracle, prints
each difference as a line, and ends with 1 where there is one. What both agree on is printed as counts. With --parts the
recording is cut into so many files at random rows, and each is replayed on its own over the same database. With --late
some rows, of all kinds and sometimes the first of all, come in a later part than they belong to, and some come again; with
--kills each replay is killed so many times on its way and begun again. With --changes the configuration changes on the way,
once to three times.

A nonconformity whose remark is `revised` was raised on what was believed before a revision. The oracle knows only what
is true at the end, so the product may have it beside the oracle's; it must be cleared then, and its objective must have
a revised window in it.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

from compare import compare
from generate import Generator
from oracle import Site
from plant import Plant, load_configuration, load_readings
from quantities import instant, text_of
import works
from chain import Chain
from random_changes import ChangingGenerator

ALERTS = "\nalerts:\n  - {path: alerts.jsonl, format: json}\n  - {path: alerts.log, format: text, minimum: minor}\n"


def make_chain(arguments):
    """The parts, each with the index of its configuration; cut further, and with rows that come late."""
    generator = ChangingGenerator(arguments.seed)
    configurations, parts = generator.make_chain()
    print("changes: " + ", then ".join(" ".join(said) for said in generator.said))
    arguments.out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(arguments.seed)
    for index, text in enumerate(configurations):
        (arguments.out / f"config{index}.yaml").write_text(text + ALERTS, encoding="utf-8")
    pieces = []
    for index, rows in parts:
        cuts = sorted(chance.sample(range(1, len(rows)), min(arguments.parts - 1, len(rows) - 1))) if rows else []
        pieces += [(index, rows[start:end]) for start, end in zip([0] + cuts, cuts + [len(rows)])]
    if arguments.late:
        pieces = late_in_chain(pieces, generator.now, chance)
    pieces = [(index, sorted(rows, key=lambda row: instant(row[0]))) for index, rows in pieces if rows]
    for number, (index, rows) in enumerate(pieces):
        write(arguments.out / f"part{number}.csv", rows)
    return pieces


def late_in_chain(pieces, now, chance):
    """Some rows come in a later piece, by what their point is called there; where it is gone they are lost."""
    found = [(index, []) for index, _ in pieces]
    share = chance.choice([0.002, 0.02, 0.2])
    for number, (index, rows) in enumerate(pieces):
        away = chance.choice([0, 0, chance.randrange(1, 30)]) if number < len(pieces) - 1 else 0
        for at, row in enumerate(rows):
            to = number
            if at < away or chance.random() < share:
                to = chance.randrange(number, len(pieces))
            name = now(row[1], index, pieces[to][0])
            if name is not None:
                found[to][1].append((row[0], name, *row[2:]))
    return found


def make(arguments):
    if arguments.works:
        configuration, rows = works.configuration(), works.readings()
    else:
        configuration, rows = Generator(arguments.seed).make()
    arguments.out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(arguments.seed)
    (arguments.out / "config.yaml").write_text(configuration + ALERTS, encoding="utf-8")
    rows = list(rows)
    cuts = sorted(chance.sample(range(1, len(rows)), arguments.parts - 1))
    parts = [rows[start:end] for start, end in zip([0] + cuts, cuts + [len(rows)])]
    if arguments.late:
        parts = late(parts, chance)
    # In the order in which they come: of two rows of a point and time the last counts.
    write(arguments.out / "readings.csv", [row for part in parts for row in part])
    for number, part in enumerate(parts):
        write(arguments.out / f"part{number}.csv", part)


def late(parts, chance):
    """The same rows, some of them in a later part; others twice."""
    found = [[] for _ in parts]
    share, points = chance.choice([0.002, 0.02, 0.2]), sorted({row[1] for part in parts for row in part})
    few = set(chance.sample(points, chance.randrange(1, len(points) + 1)))
    for number, part in enumerate(parts):
        away = chance.choice([0, 0, chance.randrange(1, 40)]) if number < len(parts) - 1 else 0
        for index, row in enumerate(part):
            to = number
            if index < away or row[1] in few and chance.random() < share:
                to = chance.randrange(number, len(parts))
            found[to].append(row)
            if chance.random() < 0.002:
                found[chance.randrange(to, len(parts))].append(row)
    kept = [sorted(part, key=lambda row: instant(row[0])) for part in found]
    return [part for part in kept if part]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        file.write("time,point,value,quality\n")
        file.writelines(",".join(row) + "\n" for row in rows)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=150)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def replay(command, kills, chance):
    """Runs a replay to its end, killed so many times before."""
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.02, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    run(*command)


def product(programs, out, kills, chance, configurations=None):
    """The product's document, and how to show a nonconformity; `configurations`: the index of each part's."""
    def listing(*verb):
        return run(programs / "emsctl", "--database", out / "database", "--format", "json", *verb)

    number = 0
    while (part := out / f"part{number}.csv").exists():
        name = "config.yaml" if configurations is None else f"config{configurations[number]}.yaml"
        replay([programs / "emsd", "replay", "--config", out / name, "--readings", part,
                "--database", out / "database", "--alerts-here", "--json"], kills, chance)
        number += 1
    found = {"indicators": listing("indicators"), "ledger": listing("ledger"), "objectives": listing("objectives"),
             "nonconformities": listing("nc", "list")}
    return found, lambda identity: listing("nc", "show", identity)


def without_history(expected, found, show):
    """The product's document without what was only believed; complaints about history that nothing explains."""
    true = {(row["objective"], row["onset"]) for row in expected["nonconformities"]}
    kept, complaints = [], []
    for row in found["nonconformities"]:
        if (row["objective"], row["onset"]) in true:
            kept.append(row)
            continue
        whole = show(row["id"])
        if whole["remark"] != "revised":
            kept.append(row)
        elif row["condition"] != "cleared":
            complaints.append(f"nonconformities: {row['id']} is revised away and yet {row['condition']}")
        elif not (any(revised(found, window) for window in whole["windows"]) or replaced(expected, row)):
            complaints.append(f"nonconformities: {row['id']} says revised, but no window of it has another verdict now")
        else:
            print(f"history: {row['id']} {row['objective']} {row['onset']}")
    return {**found, "nonconformities": kept}, complaints


def revised(found, window):
    """Whether a window of the evidence is judged otherwise now."""
    return not any(row["start"] == window["start"] and row["end"] == window["end"] and row["verdict"] == "not_met"
                   and row["value"] == window["value"] for row in found["objectives"])


def replaced(expected, row):
    """Whether another episode of the objective, with another onset, is true where this one was believed."""
    return any(other["objective"] == row["objective"] and other["onset"] < row["raised_at"]
               and (other["cleared_at"] is None or row["onset"] < other["cleared_at"])
               for other in expected["nonconformities"])


def alert_differences(found, out):
    """The lines are numbered from 1; each nonconformity is said to be raised, then cleared and raised or reopened in turns, and the
    last word is what it is: a window that closed at the end of a part may be revised by the next one."""
    path = out / "database" / "alerts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if [line["seq"] for line in lines] != list(range(1, len(lines) + 1)):
        yield "alerts: the lines are not numbered from 1 without gaps"
    said = {row["id"]: [] for row in found["nonconformities"]}
    for line in lines:
        if line["event"] in ("nonconformity_raised", "nonconformity_reopened", "nonconformity_cleared"):
            said.setdefault(line["id"], []).append(line["event"].removeprefix("nonconformity_"))
    conditions = {row["id"]: row["condition"] for row in found["nonconformities"]}
    for identity, words in sorted(said.items()):
        turns = [word == "cleared" for word in words]
        is_sound = (words[:1] == ["raised"] and words.count("raised") == 1
                    and turns == [index % 2 == 1 for index in range(len(turns))]
                    and turns[-1] == (conditions.get(identity) == "cleared"))
        if not is_sound:
            yield f"alerts: {identity} is {conditions.get(identity)}, said was {' '.join(words)}"


def changes(arguments):
    """Compares a chain of configurations."""
    pieces = make_chain(arguments)
    found, show = product(arguments.programs, arguments.out, arguments.kills, random.Random(arguments.seed),
                          [index for index, _ in pieces])
    since, newest = {}, None
    for index, rows in pieces:
        since.setdefault(index, newest if newest is not None else float("-inf"))
        newest = max([newest or float("-inf")] + [instant(row[0]) for row in rows])
    used = sorted(since)
    versions = [(load_configuration(arguments.out / f"config{index}.yaml"), since[index]) for index in used]
    rows = [(*row, used.index(index)) for index, part in pieces for row in part]
    expected = json.loads(json.dumps(Chain(versions, rows).document()))
    comparable, differences = without_history(expected, found, show)
    differences += compare(expected, comparable)
    print("in force from " + ", ".join(text_of(since[index]) for index in used[1:]))
    for difference in differences:
        print(difference)
    print("both have " + ", ".join(f"{len(rows)} {part}" for part, rows in expected.items()))
    return 1 if differences else 0


def main():
    parser = argparse.ArgumentParser(description="compares the product with the oracle on one plant")
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--works", action="store_true")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--late", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--changes", action="store_true")
    arguments = parser.parse_args()
    if arguments.works == (arguments.seed is not None):
        parser.error("either --seed or --works")
    sys.setrecursionlimit(10_000)
    if arguments.changes:
        return changes(arguments)
    make(arguments)
    found, show = product(arguments.programs, arguments.out, arguments.kills, random.Random(arguments.seed))
    plant = Plant(load_configuration(arguments.out / "config.yaml"), load_readings([arguments.out / "readings.csv"]))
    expected = json.loads(json.dumps(Site(plant).document()))
    comparable, differences = without_history(expected, found, show)
    # Savings are what is left of two large numbers.
    has_model = any("model" in indicator for indicator in plant.configuration.get("indicators", {}).values())
    differences += compare(expected, comparable, 1e-7 if has_model else 1e-12)
    differences += alert_differences(found, arguments.out)
    for difference in differences:
        print(difference)
    print("both have " + ", ".join(f"{len(rows)} {part}" for part, rows in expected.items()))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
