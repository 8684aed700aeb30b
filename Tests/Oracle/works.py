"""A hand-written plant, larger than the random ones: three weeks of a works over a change of the clocks.

What happened: a meter answered nothing for 40 minutes, the incomer was exchanged for one that counts from 3, its counter
once gave a nonsense value, the water meter rolled over, the stack analyser was in calibration, and its NOx drifted.
"""

import math
import random
from datetime import datetime, timedelta, timezone

START = datetime(2026, 3, 16, 4, 0, tzinfo=timezone.utc)
DAYS = 21
STEP = timedelta(minutes=5)


def configuration():
    return """\
site: {name: Works, timezone: Europe/Stockholm}
links:
  bus: {transport: tcp, host: 127.0.0.1, port: 1502}
meters:
  incomer:
    {link: bus, unit: 1, interval: 5m, points: {
      power: {register: input 0, type: float32, unit: kW, kind: gauge},
      energy: {register: input 2, type: uint32, scale: 0.1, unit: kWh, kind: counter, max_rate: 900}}}
  intake:
    {link: bus, unit: 2, interval: 5m, points: {
      volume: {register: input 0, type: uint32, scale: 0.01, unit: m3, kind: counter, modulus: 1000, max_rate: 60}}}
  stack:
    {link: bus, unit: 3, interval: 5m, max_gap: 12m, points: {
      nox: {register: input 0, type: float32, unit: mg/m3, kind: gauge},
      o2: {register: input 2, type: float32, unit: "%", kind: gauge},
      running: {register: input 4, type: uint16, kind: state}}}
derived:
  stack.nox_ref: {formula: stack.nox * (21 - 3) / (21 - stack.o2), unit: mg/m3}
indicators:
  energy_hour: {window: 1h, formula: delta(incomer.energy), unit: kWh}
  energy_day: {window: 1d, formula: sum(energy_hour), unit: kWh}
  energy_week: {window: 1w, formula: delta(incomer.energy), unit: kWh}
  peak: {window: 1d, formula: max(incomer.power), unit: kW}
  shift_energy: {window: ["06:00", "14:00", "22:00"], formula: delta(incomer.energy), unit: kWh}
  water_night: {window: 1d, formula: rate(intake.volume), unit: m3/h}
  nox_half_hour:
    {window: 30m, formula: mean(stack.nox_ref), unit: mg/m3, min_coverage: 2/3, while: stack.running == 1}
  nox_day: {window: 24h, every: 1h, formula: mean(nox_half_hour), unit: mg/m3}
  nox_high: {window: 1d, formula: "percentile(nox_half_hour, 95)", unit: mg/m3}
  specific: {window: 4h, formula: delta(incomer.energy) / delta(intake.volume), unit: kWh/m3}
  running_hours: {window: 1d, formula: hours(stack.running == 1), unit: h}
objectives:
  nox_permit: {indicator: nox_half_hour, max: 200, warn: 180, for: 2, clear_after: 2, clear_at: 190, severity: major}
  nox_allowed: {indicator: nox_half_hour, max: 210, allow: {share: 2%, per: 1mo}, severity: critical}
  nox_duty: {indicator: nox_half_hour, available: 90%, per: 1d, severity: minor}
  nox_mean: {indicator: nox_day, max: 175, severity: major}
  energy_budget: {indicator: energy_hour, budget: 45000, per: 1w, severity: minor}
  energy_saved:
    {indicator: energy_day, reduction: 3%, baseline: {from: 2026-03-17, to: 2026-03-24}, for: 2, severity: minor}
  peak_limit: {indicator: peak, max: 520, warn: 500, severity: minor}
  water_leak: {indicator: water_night, max: 12.5, decimals: 1, severity: minor}
"""


def readings():
    chance = random.Random(2026)
    energy, volume = 48_210.0, 871.0
    exchanged = START + timedelta(days=9, hours=3)
    for number in range(DAYS * 288):
        time = START + number * STEP + timedelta(milliseconds=chance.randrange(900))
        day = (number % 288) / 288
        weekday = (START + number * STEP).weekday()
        base = 180 + (260 if weekday < 5 else 60) * max(0.0, math.sin(math.pi * day))
        power = base + chance.uniform(-25, 25) + (110 if number % 700 > 692 else 0)
        flow = 6 + 9 * max(0.0, math.sin(2 * math.pi * day)) + chance.uniform(-1, 1)
        running = 0 if number % 1440 > 1320 else 1
        drift = 45 * math.sin(number / 400) + (60 if 3000 < number < 3060 else 0)
        energy += power / 12
        volume = (volume + flow / 12) % 1000
        if START + number * STEP == exchanged:
            energy = 3.0
        text = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        silent = 2000 <= number < 2008
        counted = 9_999_999.9 if number == 1500 else round(energy, 1)
        yield from row(text, "incomer.power", None if silent else round(power, 2))
        yield from row(text, "incomer.energy", None if silent else counted)
        yield from row(text, "intake.volume", round(volume, 2))
        calibrating = number % 288 in (40, 41, 42)
        yield from row(text, "stack.nox", None if calibrating else round(150 + drift + chance.gauss(0, 12), 1))
        yield from row(text, "stack.o2", None if calibrating else round(4.2 + chance.uniform(-0.4, 0.4), 2),
                       "uncertain" if number % 97 == 0 else "good")
        yield from row(text, "stack.running", running)


def row(time, point, value, quality="good"):
    yield (time, point, "", "bad") if value is None else (time, point, str(value), quality)
