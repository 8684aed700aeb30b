"""The worked examples of the rules, each under its id."""

import sys
from fractions import Fraction
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import formulas
from cases import GAUGE, ONE, STOCKHOLM, advances, document, every, indicators, judged
from indicators import rank
from ledger import Exchange
from quantities import DAY, HOUR, MINUTE, instant, text_of
from windows import Zone


# Time and coverage

def test_v08_the_short_day():
    rows = every("2026-03-28T23:00:00Z", "2026-03-29T22:00:01Z", 15 * MINUTE, "m.p", 10)
    day = indicators(GAUGE % ("15m", "1d", "integral(m.p)", ""), rows)[-1]
    assert (day["start"], day["end"]) == ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
    assert day["value"] == 230 and day["coverage"] == 1
    quarters = indicators(GAUGE % ("15m", "15m", "mean(m.p)", ""), rows)
    assert len(quarters) == 92


def test_v09_the_long_day():
    rows = every("2026-10-24T22:00:00Z", "2026-10-25T23:00:01Z", 15 * MINUTE, "m.p", 10)
    day = indicators(GAUGE % ("15m", "1d", "integral(m.p)", ""), rows)[-1]
    assert (day["start"], day["end"]) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    assert day["value"] == 250
    assert len(indicators(GAUGE % ("15m", "15m", "mean(m.p)", ""), rows)) == 100
    hours = indicators(GAUGE % ("15m", "1h", "mean(m.p)", ""), rows)
    zone = Zone(STOCKHOLM)
    twice = [row["start"] for row in hours if zone.wall(instant(row["start"])) % DAY == 2 * HOUR]
    assert twice == ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]


def test_v10_coverage_by_the_minute():
    rows = every("2026-03-28T23:00:00Z", "2026-03-29T22:00:01Z", MINUTE, "m.p", 1)
    assert indicators(GAUGE % ("1m", "1d", "mean(m.p)", ""), rows)[-1]["coverage"] == 1
    start = instant("2026-10-24T22:00:00Z")
    rows = [(start + i * MINUTE, "m.p", 1) for i in range(1440)] + [(start + 25 * HOUR, "m.p", 1)]
    assert indicators(GAUGE % ("1m", "1d", "mean(m.p)", ""), rows)[-1]["coverage"] == 0.96


def test_v11_a_reading_holds_at_most_max_gap():
    rows = [(f"2026-01-01T00:0{i}:00Z", "m.p", 100 if i == 3 else 10) for i in range(4)]
    rows.append(("2026-01-01T01:00:00Z", "m.p", 1))
    assert indicators(GAUGE % ("60m", "1h", "mean(m.p)", ""), rows)[-1]["value"] == 95.5
    short = indicators(GAUGE % ("5m", "1h", "mean(m.p)", ""), rows)[-1]
    assert (short["value"], short["coverage"], short["status"]) == (66.25, 8 / 60, "insufficient")
    assert indicators(GAUGE % ("5m", "1h", "sample_mean(m.p)", ""), rows)[-1]["value"] == 32.5


def test_v12_nothing_is_interpolated_in_an_integral():
    rows = [("2026-01-01T00:00:00Z", "m.p", 0), ("2026-01-01T00:30:00Z", "m.p", 60),
            ("2026-01-01T01:00:00Z", "m.p", 60)]
    assert indicators(GAUGE % ("1h", "1h", "integral(m.p)", ""), rows)[-1]["value"] == 30


def test_v13_nothing_is_drawn_across_a_gap():
    rows = [("2026-01-01T00:00:00Z", "m.p", 80), ("2026-01-01T00:50:00Z", "m.p", 2400),
            ("2026-01-01T01:00:00Z", "m.p", 0)]
    values = indicators(GAUGE % ("10m", "10m", "mean(m.p)", ""), rows)
    assert [row["value"] for row in values] == [80, None, None, None, None, 2400]
    assert [row["coverage"] for row in values] == [1, 0, 0, 0, 0, 1]


def slots(count):
    return [(instant("2026-01-01T00:00:00Z") + i * MINUTE, "m.p", 1) for i in range(count)] + [
        ("2026-01-01T00:30:00Z", "m.p", 1)]


@pytest.mark.parametrize("minimum, count, status", [
    ("0.6667", 20, "insufficient"), ("2/3", 20, "valid"), ("2/3", 19, "insufficient")])
def test_v16_minimum_coverage_is_exact(minimum, count, status):
    row = indicators(GAUGE % ("1m", "30m", "mean(m.p)", f", min_coverage: {minimum}"), slots(count))[-1]
    assert row["status"] == status


def test_v39_mean_is_weighted_by_covered_time():
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", MINUTE, "m.p", 10)
    rows += every("2026-01-01T01:00:00Z", "2026-01-01T01:20:00Z", MINUTE, "m.p", 40)
    rows += [("2026-01-01T03:00:00Z", "m.p", 1)]
    row = indicators(GAUGE % ("1m", "2h", "mean(m.p)", ""), rows, "UTC")[0]
    assert row["value"] == 17.5


def test_v46_rolling_day_of_hourly_means():
    rows = every("2026-01-01T00:00:00Z", "2026-01-02T00:00:01Z", HOUR, "m.p", lambda i: 34 if i == 23 else 10)
    text = """
meters: {m: {interval: 1h, points: {p: {kind: gauge}}}}
indicators:
  h: {window: 1h, formula: mean(m.p)}
  r: {window: 24h, every: 1h, formula: mean(h)}
  d: {window: 24h, every: 1h, formula: mean(m.p)}
"""
    found = indicators(text, rows, "UTC")
    assert [row["value"] for row in found if row["indicator"] == "r"][-1] == 11
    assert [row["value"] for row in found if row["indicator"] == "d"][-1] == 11


def test_v67_a_silent_meter():
    text = """
meters:
  m: {interval: 15m, points: {p: {kind: gauge}}}
  other: {interval: 15m, points: {p: {kind: gauge}}}
indicators:
  i: {window: 1d, formula: mean(m.p)}
objectives:
  limit: {indicator: i, max: 5, severity: minor}
  duty: {indicator: i, available: 95%, per: 1d, severity: minor}
"""
    rows = every("2026-01-01T00:00:00Z", "2026-01-02T00:00:01Z", HOUR, "other.p", 1)
    found = document(text, rows, "UTC")
    row, = found["indicators"]
    assert (row["value"], row["coverage"], row["status"]) == (None, 0, "insufficient")
    assert {row["objective"]: row["verdict"] for row in found["objectives"]} == {
        "duty": "not_met", "limit": "not_evaluable"}


# Counters

def test_v01_uint32_rolls_over():
    amounts, entries, _ = advances(["429496720.0", "15.0"], modulus="429496729.6")
    assert (amounts, entries) == ([Fraction("24.6")], ["rollover"])


def test_v02_a_million_rolls_over():
    assert advances(["999850", "150"], modulus="1000000")[0] == [300]


def test_v04_an_odd_modulus_rolls_over():
    assert advances(["838857.6", "23.1"], modulus="838860.8")[0] == [Fraction("26.3")]


def test_v05_a_glitch_to_zero():
    values = ["13423.7", "13423.8", "0", "13424.0"]
    amounts, entries, ledger = advances(values, MINUTE, modulus="1000000", max_rate="20")
    assert sum(amounts) == Fraction("0.3") and entries == ["glitch"]
    assert ledger.implausible == {2 * MINUTE}
    assert ledger.rows == [(2 * MINUTE, "glitch", Fraction("0.2"))]


def test_v06_a_declared_exchange():
    exchange = Exchange(HOUR // 2, Fraction("84213.4"), Fraction("12.7"))
    amounts, entries, _ = advances(["84190.0", "61.2"], exchanges=[exchange])
    assert sum(amounts) == Fraction("71.9") and entries == ["declared-exchange"]


COUNTER = """
meters: {m: {interval: 1m, points: {p: {kind: counter%s}}}}
indicators: {i: {window: 1h, formula: delta(m.p)}}
"""


def test_v14_an_outage_is_spread():
    rows = [("2026-01-01T10:00:00Z", "m.p", 1000), ("2026-01-01T13:00:00Z", "m.p", 1060)]
    found = indicators(COUNTER % "", rows)
    assert [row["value"] for row in found] == [20, 20, 20]
    assert all(row["flags"] == ["estimated"] and row["coverage"] == 0 for row in found)


def test_v15_the_register_at_full_hours():
    rows = [("2026-01-01T09:58:00Z", "m.p", 998), ("2026-01-01T13:04:00Z", "m.p", 1061)]
    register, found = 998, []
    for row in indicators(COUNTER % "", rows):
        register += row["value"]
        found.append(round(register, 6))
    assert found == [998.677419, 1019, 1039.322581, 1059.645161]


def test_two_zeros():
    amounts, entries, ledger = advances(["500", "510", "0", "0", "511"], MINUTE)
    assert sum(amounts) == 11 and entries == ["glitch"]
    assert ledger.implausible == {2 * MINUTE, 3 * MINUTE}
    assert ledger.rows[0][0] == 2 * MINUTE


def test_a_reset():
    amounts, entries, _ = advances(["500", "510", "3", "8"], max_rate="100")
    assert (amounts, entries) == ([10, 3, 5], ["reset"])


def test_an_exchange_upward():
    amounts, entries, _ = advances(["500", "510", "90000", "90010"], max_rate="100")
    assert (amounts, entries) == ([10, 0, 10], ["exchange"])


# Values

def formula_value(text, **points):
    return formulas.evaluate(formulas.formula(text), lambda leaf: Fraction(points[leaf[1].replace(".", "_")]))


@pytest.mark.parametrize("c, o2, ref, air, expected", [
    ("150", "8", 3, 21, 207.692308), ("150", "8", 3, "20.9", 208.139535), ("50", "9", 11, 21, 41.666667)])
def test_v30_oxygen_reference(c, o2, ref, air, expected):
    assert round(float(formula_value(f"s.c * ({air} - {ref}) / ({air} - s.o2)", s_c=c, s_o2=o2)), 6) == expected


def test_v31_the_guard_makes_it_undefined():
    text = """
meters: {s: {interval: 1m, points: {c: {kind: gauge}, o2: {kind: gauge}}}}
derived: {s.ref: {formula: s.c * 18 / (21 - s.o2)}}
indicators:
  bare: {window: 30m, formula: mean(s.ref)}
  guarded: {window: 30m, formula: mean(s.ref), while: s.o2 < 20}
"""
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T00:30:01Z", MINUTE, "s.c", 5)
    rows += every("2026-01-01T00:00:00Z", "2026-01-01T00:30:01Z", MINUTE, "s.o2", "20.99")
    bare, guarded = indicators(text, rows)
    assert bare["value"] == 9000
    assert (guarded["value"], guarded["status"], guarded["flags"]) == (None, "undefined", ["idle"])


def test_v32_wet_to_dry():
    value = formula_value("s.c / (1 - s.w / 100) * (21 - 3) / (21 - s.o2 / (1 - s.w / 100))", s_c=100, s_w=12, s_o2=7)
    assert round(float(value), 6) == 156.794425


def test_v33_temperature_and_pressure():
    value = formula_value("s.c * (273.15 + s.t) / 273.15 * 101.3 / s.p", s_c=80, s_t=150, s_p="99.0")
    assert float(value) == pytest.approx(126.811131, abs=1e-6)


def test_v38_a_ratio_of_deltas():
    text = """
meters: {m: {interval: 1h, points: {kwh: {kind: counter}, t: {kind: counter}}}}
indicators:
  two: {window: 2h, formula: delta(m.kwh) / delta(m.t)}
  one: {window: 1h, formula: delta(m.kwh) / delta(m.t)}
"""
    rows = []
    for hour, kwh, t in ((0, 0, 0), (1, 1000, 10), (2, 2000, 12), (3, 2100, 12)):
        rows += [(f"2026-01-01T0{hour}:00:00Z", "m.kwh", kwh), (f"2026-01-01T0{hour}:00:00Z", "m.t", t)]
    found = indicators(text, rows, "UTC")
    assert [round(row["value"], 6) for row in found if row["indicator"] == "two"] == [166.666667]
    assert found[2]["value"] is None and found[2]["status"] == "undefined"


def test_v40_a_flow_weighted_mean():
    text = """
meters: {m: {interval: 30m, points: {c: {kind: gauge}, q: {kind: gauge}}}}
derived: {m.load: {formula: m.c * m.q}}
indicators: {i: {window: 1h, formula: integral(m.load) / integral(m.q)}}
"""
    rows = []
    for minute, c, q in (("00:00", 10, 300), ("00:30", 30, 100), ("01:00", 0, 0)):
        rows += [(f"2026-01-01T{minute}:00Z", "m.c", c), (f"2026-01-01T{minute}:00Z", "m.q", q)]
    assert indicators(text, rows)[0]["value"] == 15


@pytest.mark.parametrize("quantile, count, expected", [
    ("95", 10, 10), ("99.9", 35040, 35005), ("97", 17520, 16994), ("0", 5, 1)])
def test_v48_nearest_rank(quantile, count, expected):
    assert rank(Fraction(quantile), count) == expected


def test_v51_block_and_sliding_demand():
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T00:30:01Z", MINUTE, "m.p", lambda i: 200 if 10 <= i < 20 else 100)
    blocks = indicators(GAUGE % ("3m", "15m", "mean(m.p)", ""), rows)
    assert [round(row["value"], 3) for row in blocks] == [133.333, 133.333]
    sliding = indicators(GAUGE % ("3m", "15m", "mean(m.p)", ", every: 1m"), rows)
    assert round(max(row["value"] for row in sliding if row["status"] == "valid"), 3) == 166.667


# Verdicts

@pytest.mark.parametrize("count, verdict", [(525, "met"), (526, "not_met")])
def test_v26_three_percent_of_a_year(count, verdict):
    values = [300] * count + [100] * 10
    found = judged("max: 200, allow: {share: 3%, per: 1y}", values, 30 * MINUTE, "30m", "2026-01-01T00:00:00Z")
    assert found["objectives"][-1]["verdict"] == verdict


@pytest.mark.parametrize("of, count, verdict", [
    ("", 240, "met"), ("", 241, "not_met"), (", of: calendar", 525, "met"), (", of: calendar", 526, "not_met")])
def test_a_share_of_the_windows_that_the_year_can_still_have(of, count, verdict):
    rows = every("2026-01-01T00:00:00Z", "2026-06-16T16:00:01Z", 30 * MINUTE, "m.p",
                 lambda i: 300 if i < count else 100)
    text = ONE % ("30m", "30m", f"max: 200, allow: {{share: 3%, per: 1y{of}}}")
    text = text.replace("points: {p: {kind", "max_gap: 30m, points: {p: {kind")
    # 7,999 half-hours are evaluable and then the year's last one; the rest is lost.
    rows[-2:] = [("2026-12-31T23:30:00Z", "m.p", 100), ("2027-01-01T00:00:00Z", "m.p", 0)]
    found = document(text, rows, "UTC")["objectives"]
    assert found[-1]["verdict"] == verdict


@pytest.mark.parametrize("lost, verdict", [(10, "met"), (11, "not_met")])
def test_lost_windows_of_a_year(lost, verdict):
    text = ONE % ("1d", "1d", "missing: {count: 10, per: 1y}")
    rows = every("2026-01-01T00:00:00Z", "2026-01-02T00:00:01Z", DAY, "m.p", 1)
    rows += every(text_of(instant("2026-01-03T00:00:00Z") + lost * DAY), "2026-03-01T00:00:00Z", DAY, "m.p", 1)
    text = text.replace("points: {p: {kind: gauge}}", "max_gap: 1d, points: {p: {kind: gauge}}")
    found = document(text, rows, "UTC")["objectives"]
    assert (found[-1]["value"], found[-1]["limit"], found[-1]["unit"]) == (lost, 10, None)
    assert found[-1]["verdict"] == verdict and {row["verdict"] for row in found} <= {"met", "not_met"}


@pytest.mark.parametrize("lost, status", [(5, "valid"), (6, "insufficient")])
def test_five_half_hours_a_day_may_be_lost(lost, status):
    text = """
meters: {m: {interval: 30m, max_gap: 30m, points: {p: {kind: gauge}}}}
indicators:
  half: {window: 30m, formula: mean(m.p)}
  day: {window: 1d, formula: mean(half), max_missing: 5}
"""
    rows = every("2026-01-01T00:00:00Z", "2026-01-02T00:00:01Z", 30 * MINUTE, "m.p", lambda i: 1 if i >= lost else "")
    rows = [row if row[2] != "" else (*row, "bad") for row in rows]
    day, = [row for row in indicators(text, rows, "UTC") if row["indicator"] == "day"]
    assert (day["status"], day["value"]) == (status, 1)


def test_windows_of_counted_days():
    text = """
meters: {m: {interval: 1h, points: {on: {kind: state}, p: {kind: gauge}}}}
indicators:
  on: {window: 1d, formula: hours(m.on == 1)}
  three: {window: {days: 3, when: on}, formula: mean(m.p)}
"""
    start, rows = instant("2026-01-01T00:00:00Z"), []
    for hour in range(6 * 24 + 1):
        day = hour // 24
        rows.append((start + hour * HOUR, "m.on", int(hour % 24 < [5, 0, 4, 0, 0, 6, 0][day])))
        rows.append((start + hour * HOUR, "m.p", 10 * (day + 1)))
    found = [row for row in indicators(text, rows, "UTC") if row["indicator"] == "three"]
    assert [(row["start"], row["end"], round(row["value"], 6)) for row in found] == [
        ("2026-01-01T00:00:00Z", "2026-01-07T00:00:00Z", 33.333333)]


def test_v41_a_reduction_from_a_baseline():
    found = judged("reduction: 5%, baseline: {value: 12000}", [11520, 11400])["objectives"]
    assert [(row["verdict"], row["limit"]) for row in found] == [("not_met", 11400), ("met", 11400)]


def test_v45_a_budget_forecast():
    found = judged("budget: 36500, per: 1y", [110] * 73 + [40000], DAY, "1d")["objectives"]
    assert (found[72]["value"], found[72]["verdict"]) == (8030, "warning")
    assert found[73]["verdict"] == "not_met"


def test_v49_a_deadband():
    found = judged("max: 50, clear_at: 45, for: 3", [49, 51, 52, 49, 51, 52, 53, 48, 46, 44])["nonconformities"]
    one, = found
    assert (one["onset"], one["raised_at"], one["cleared_at"], one["peak"], one["limit"]) == (
        "2026-01-01T00:04:00Z", "2026-01-01T00:07:00Z", "2026-01-01T00:10:00Z", 53, 50)
    assert one["condition"] == "cleared"


@pytest.mark.parametrize("breach, recurs", [("2026-04-15", "2026-02-27T00:00:00Z"), ("2026-07-01", None)])
def test_v50_recurrence(breach, recurs):
    text = ONE % ("1d", "1d", "max: 50, recurrence: 90d")
    start = instant("2026-02-27T00:00:00Z")
    days = [text_of(start + i * DAY)[:10] for i in range(150)]
    rows = [(start + i * DAY, "m.p", 60 if day in ("2026-02-27", breach) else 10) for i, day in enumerate(days)]
    first, second = document(text, rows, "UTC")["nonconformities"]
    assert first["cleared_at"] == "2026-03-01T00:00:00Z"
    assert (second["onset"][:10], second["recurrence_of_onset"]) == (breach, recurs)


def test_v57_rounding_before_comparing():
    found = judged("max: 50, decimals: 0", ["50.4", "50.5"])["objectives"]
    assert [row["verdict"] for row in found] == ["met", "not_met"]
    assert found[0]["value"] == 50.4


def test_v58_a_sum_of_tenths():
    text = """
meters: {m: {interval: 1m, points: {p: {kind: gauge}}}}
indicators:
  a: {window: 1m, formula: mean(m.p)}
  b: {window: 10m, formula: sum(a)}
objectives: {o: {indicator: b, min: 1.0, severity: minor}}
"""
    rows = every("2026-01-01T00:00:00Z", "2026-01-01T00:10:01Z", MINUTE, "m.p", "0.1")
    assert document(text, rows)["objectives"][0]["verdict"] == "met"


def test_v63_a_late_reading_as_it_ends():
    text = ONE % ("1h", "1h", "max: 100")
    rows = [("2026-01-01T00:00:00Z", "m.p", 95), ("2026-01-01T01:00:00Z", "m.p", 1),
            ("2026-01-01T00:30:00Z", "m.p", 103)]
    one, = document(text, rows)["nonconformities"]
    assert (one["onset"], one["peak"]) == ("2026-01-01T00:00:00Z", 103)
