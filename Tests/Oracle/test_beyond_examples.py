"""Calendar, ledger and restriction cases around the worked examples, and the tools beside the oracle."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cases import GAUGE, STOCKHOLM, advances, document, every, indicators, judged
from compare import compare
from ledger import Exchange
from quantities import HOUR, MINUTE, instant, text_of
from windows import Plain, Rolling, Zone


@pytest.mark.parametrize("values, amounts, entries", [
    (["0", "100", "250", "250"], [100, 150, 0], ["confirmed"]),      # stood long enough to be believed
    (["0", "100", "900", "130"], [100, 30], ["glitch"]),             # dropped, and goes on from the one before
    (["0", "100", "900", "50", "60"], [100, 50, 10], ["glitch", "reset"]),
    (["0", "100", "40", "40", "40", "45"], [100, 40, 0, 0, 5], ["reset"]),
    (["0", "100", "900", "900"], [100], ["suspect"]),
    (["0", "100", "40", "30", "35"], [100, 30, 5], ["glitch", "reset"]),
])
def test_suspects(values, amounts, entries):
    found = advances(values, max_rate="100")
    assert (found[0], found[1]) == (amounts, entries)


def test_a_reading_at_the_exchange_is_the_new_meters():
    amounts, entries, _ = advances(["100", "7", "9"], exchanges=[Exchange(HOUR, Fraction(103), Fraction(5))])
    assert (amounts, entries) == ([5, 2], ["declared-exchange"])


def test_a_suspect_before_the_exchange_becomes_bad():
    exchange = Exchange(HOUR * 5 // 2, Fraction(103), Fraction(5))
    amounts, entries, ledger = advances(["90", "100", "0", "8"], exchanges=[exchange], modulus="1000000")
    assert (amounts, entries) == ([10, 3, 3], ["glitch", "declared-exchange"])
    assert ledger.implausible == {2 * HOUR}


def starts(zone, rule, low, high):
    return [text_of(start)[5:16] for start, _ in Plain(Zone(zone), rule).windows(instant(low), instant(high))]


def test_a_skipped_edge_is_the_instant_of_the_change():
    assert starts(STOCKHOLM, "2h", "2026-03-28T23:00:00Z", "2026-03-29T04:00:00Z") == [
        "03-28T23:00", "03-29T01:00", "03-29T02:00"]
    assert starts(STOCKHOLM, "2h", "2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z") == [
        "10-24T22:00", "10-25T00:00", "10-25T03:00"]


def test_half_an_hour_of_change_in_lord_howe():
    assert starts("Australia/Lord_Howe", "1h", "2026-04-04T13:00:00Z", "2026-04-04T16:30:00Z") == [
        "04-04T13:00", "04-04T14:00", "04-04T15:30"]
    assert len(starts("Australia/Lord_Howe", "30m", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")) == 49
    assert len(starts("Australia/Lord_Howe", "30m", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z")) == 47


def test_shifts_over_the_change():
    windows = Plain(Zone("America/New_York"), ["06:00", "14:00", "22:00"]).windows(
        instant("2026-03-07T12:00:00Z"), instant("2026-03-08T11:00:00Z"))
    assert [end - start for start, end in windows] == [8 * HOUR, 8 * HOUR, 7 * HOUR]


def test_rolling_by_the_calendar():
    zone = Zone(STOCKHOLM)
    assert text_of(Rolling(zone, "7d", "1h").start(instant("2026-04-01T10:00:00Z"))) == "2026-03-25T11:00:00Z"
    assert text_of(Rolling(zone, "24h", "1h").start(instant("2026-03-29T10:00:00Z"))) == "2026-03-28T10:00:00Z"
    assert text_of(Rolling(zone, "1mo", "1d").start(instant("2026-03-30T22:00:00Z"))) == "2026-02-27T23:00:00Z"


def test_indian_hours():
    assert starts("Asia/Kolkata", "1h", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z") == [
        "12-31T23:30", "01-01T00:30"]


def test_while_restricts_value_and_coverage():
    text = """
meters: {m: {interval: 1m, points: {p: {kind: gauge}, run: {kind: state}}}}
indicators: {i: {window: 1h, formula: mean(m.p), while: m.run == 1}}
"""
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T01:00:01Z", MINUTE, "m.p", lambda i: i)
    rows += every("2026-01-01T00:00:00Z", "2026-01-01T01:00:01Z", MINUTE, "m.run", lambda i: int(i < 10))
    row, = indicators(text, rows)
    assert (row["value"], row["coverage"], row["status"]) == (4.5, 1, "valid")


def test_any_order_of_rows_and_any_repetition_is_the_same():
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T02:00:00Z", 15 * MINUTE, "m.p", lambda i: i * i % 7)
    text = GAUGE % ("15m", "1h", "mean(m.p)", "")
    assert document(text, rows) == document(text, rows[::-1]) == document(text, rows + rows)


def test_a_calibration_function_stands_around_the_formula_from_its_date_on():
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T03:15:00Z", 15 * MINUTE, "m.p", "95.0")
    text = GAUGE % ("15m", "1h", "mean(m.p)", ", calibration: {a: 1.2, b: 1.05, from: 2026-01-01T01:00:00Z}")
    assert [value["value"] for value in indicators(text, rows)] == [95.0, 100.95, 100.95]


def test_differences_are_told():
    expected = judged("max: 50", [49, 51, 40])
    actual = json.loads(json.dumps(expected))
    assert compare(expected, actual) == []
    actual["indicators"][1]["value"] *= 1 + 1e-12
    actual["indicators"][2]["flags"] = ["revised"]
    assert compare(expected, actual) == []
    actual["indicators"][1]["value"] = 52
    actual["objectives"].pop()
    assert len(compare(expected, actual)) == 2


@pytest.mark.parametrize("seed", [3, 4])
def test_a_generated_plant_is_deterministic_and_can_be_computed(seed, tmp_path):
    here = Path(__file__).parent
    for copy in "ab":
        subprocess.run([sys.executable, str(here / "generate.py"), "--seed", str(seed), "--out", str(tmp_path / copy)],
                       check=True)
    for name in ("config.yaml", "readings.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    printed = subprocess.run([sys.executable, str(here / "oracle.py"), "--config", str(tmp_path / "a" / "config.yaml"),
                              "--readings", str(tmp_path / "a" / "readings.csv")], check=True, capture_output=True)
    found = json.loads(printed.stdout)
    assert set(found) == {"indicators", "ledger", "objectives", "nonconformities"} and found["indicators"]
