"""Random meters with their points, and what they would have sent."""

from decimal import Decimal

from quantities import HOUR, SECOND, elapsed, text_of
from windows import Plain, Zone


def decimal(value, places):
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places)))


class RandomMeters:
    """The part of the generator that makes meters and readings."""

    def make_meters(self):
        pick = self.random
        for number in range(pick.choice([1, 2, 2, 3])):
            meter = f"m{number + 1}"
            interval = pick.choice(self.intervals)
            while self.length // elapsed(interval) > 4000:
                interval = f"{elapsed(interval) * 2 // SECOND}s"
            definition = {"link": "bus", "unit": number + 1, "interval": interval, "points": {}}
            if self.chance(0.3):
                definition["max_gap"] = f"{elapsed(interval) * pick.choice([1, 2, 4, 4, 10]) // SECOND}s"
            kinds = ["gauge", "counter"] if number == 0 else []
            kinds += pick.choices(["gauge", "counter", "state"], weights=[3, 2, 2], k=pick.choice([1, 2, 3]))
            slots = self.make_slots(elapsed(interval))
            together = self.chance(0.6)
            for index, kind in enumerate(kinds):
                name = f"{kind[0]}{index + 1}"
                point = {"register": f"holding {self.address}", "kind": kind}
                self.address += 4
                step = elapsed(interval)
                if self.chance(0.15):
                    factor = pick.choice([2, 3])
                    step *= factor
                    point["interval"] = f"{step // SECOND}s"
                if self.chance(0.2):
                    point["max_gap"] = f"{step * pick.choice([1, 2, 5, 20]) // SECOND}s"
                times = slots if together else self.make_slots(elapsed(interval))
                if step != elapsed(interval):
                    times = times[::step // elapsed(interval)]
                times = self.drop_some(times, step)
                full = f"{meter}.{name}"
                getattr(self, "make_" + kind)(full, point, times, step)
                definition["points"][name] = point
                self.kinds[kind].append(full)
            self.meters[meter] = definition

    def make_slots(self, step):
        """Poll times: on the clock, beside it, or jittered by milliseconds."""
        pick = self.random
        style = pick.choice(["round", "round", "offset", "jitter"])
        first = -(-self.start // step) * step
        offset = pick.randrange(1, step) if style == "offset" else 0
        return [first + offset + i * step + (pick.randrange(0, step // 4) if style == "jitter" else 0)
                for i in range((self.end - first - offset) // step + 1)]

    def drop_some(self, times, step):
        """Late starts, early ends, single misses and outages."""
        pick = self.random
        if self.chance(0.25):
            times = times[pick.randrange(0, max(1, len(times) // 3)):]
        if self.chance(0.15):
            times = times[:max(2, len(times) - pick.randrange(0, max(1, len(times) // 4)))]
        if self.chance(0.6):
            miss = pick.choice([0.005, 0.02, 0.1])
            times = [time for time in times if not self.chance(miss)]
        for _ in range(pick.choice([0, 0, 1, 2, 4])):
            if len(times) > 10:
                at = pick.randrange(0, len(times))
                away = pick.choice([3, 5, 12, 40, 150]) * step
                begin = times[at]
                times = [time for time in times if not begin < time < begin + away]
        return times

    def put(self, name, times, texts):
        """Rows with qualities: bad ones, uncertain ones, repetitions and corrections."""
        pick = self.random
        bad, uncertain = pick.choice([0, 0.01, 0.08]), pick.choice([0, 0, 0.01, 0.1])
        again = pick.choice([0, 0, 0, 0.01])
        for time, text in zip(times, texts):
            quality = "bad" if self.chance(bad) else "uncertain" if self.chance(uncertain) else "good"
            if self.chance(again):
                self.rows.append((time, name, text if self.chance(0.5) else self.texts_wrong(text), "good"))
            self.rows.append((time, name, "" if quality == "bad" else text, quality))

    def texts_wrong(self, text):
        return str(Decimal(text) + 1)

    def make_gauge(self, name, point, times, step):
        pick = self.random
        places = pick.choice([0, 1, 1, 2, 3])
        center = pick.choice([5, 20, 150, 1000])
        swing = center * pick.choice([0.1, 0.5, 1.2])
        style = pick.choice(["walk", "steps", "noise", "few"])
        level, texts = center, []
        for _ in times:
            if style == "walk":
                level += pick.uniform(-1, 1) * swing / 8 + (center - level) / 50
            elif style == "steps" and self.chance(0.05):
                level = center + pick.uniform(-1, 1) * swing
            elif style == "noise":
                level = center + pick.gauss(0, 0.5) * swing
            elif style == "few":
                level = pick.choice([0, center / 2, center, center + swing])
            value = max(0, level) if self.chance(0.995) else 0
            texts.append(decimal(value, places))
        if self.chance(0.3):
            texts = self.signed(texts)
        self.levels[name] = sorted(texts, key=Decimal) or ["0"]
        point["type"] = "float32"
        self.put(name, times, texts)

    def signed(self, texts):
        """A gauge about zero, with zeros that have a sign."""
        shift = Decimal(self.random.choice(texts) if texts else 0)
        texts = [str(Decimal(text) - shift) for text in texts]
        return ["-" + text if not Decimal(text) and "-" not in text and self.chance(0.5) else text for text in texts]

    def make_state(self, name, point, times, step):
        pick = self.random
        states = pick.choice([[0, 1], [0, 1], [0, 1, 2, 3]])
        stay = pick.choice([0.7, 0.95, 0.99])
        state, texts = pick.choice(states), []
        for _ in times:
            if not self.chance(stay):
                state = pick.choice(states)
            texts.append(str(state))
        point["type"] = "uint16"
        self.put(name, times, texts)

    def make_counter(self, name, point, times, step):
        """A register that grows, and everything that registers do besides."""
        if self.chance(0.3):
            form = self.random.choice(["make_net", "make_counter_of_a_period", "make_use"])
            getattr(self, form)(name, point, times, step)
            return
        pick = self.random
        places = pick.choice([0, 1, 2])
        unit = 10 ** places  # the register counts in steps of 1 / unit
        rate = pick.choice([5, 60, 800]) * max(1, HOUR // step // 12 + 1)  # at most, an hour
        point["unit"], point["type"] = "kWh", "uint32"
        if self.chance(0.7):
            point["max_rate"] = float(rate * pick.choice([1.5, 2, 4]) + 2 * HOUR / step / unit)
        modulus = None
        if self.chance(0.6):
            whole = self.length / HOUR * rate * pick.choice([0.15, 0.4, 3])
            modulus = next((m for m in (1000, 10_000, 100_000, 1_000_000) if m > max(whole, 6 * rate * step / HOUR)),
                           100_000_000)
            modulus = pick.choice([modulus, modulus + 0.5 if places else modulus])
            point["modulus"] = modulus
        wrap = int(modulus * unit) if modulus else None
        register = pick.choice([0, 12345, (wrap or 10**7) * 9 // 10])
        idle = pick.choice([0, 0, 0.02])
        events = self.events(len(times))
        exchanges, texts, standing, level = [], [], 0, pick.random()
        previous = times[0] if times else 0
        for index, time in enumerate(times):
            hours = (time - previous) / HOUR
            if idle and self.chance(idle):
                level = 0
            elif self.chance(0.1):
                level = pick.random()
            if standing:
                standing -= 1
            else:
                register += round(rate * level * hours * unit)
            event = events.get(index)
            if event == "reset":
                register = pick.choice([0, 0, pick.randrange(0, 5 * unit)])
            elif event == "fall back":
                register -= min(register, pick.choice([1, register // 500, register // 3, register // 2]))
            elif event == "exchange":
                register += pick.randrange(50, 500) * rate * unit
            elif event == "surge" and "max_rate" in point:
                register += int(point["max_rate"] * hours * pick.choice([1.1, 1.5, 1.9]) * unit)
                standing = pick.choice([1, 2, 4])
            elif event == "standing zero":
                register, standing = 0, pick.choice([2, 5, 30])
            elif event == "stop":
                standing = pick.choice([1, 5, 30])
            elif event == "declared" and index and time - previous > 2:
                opening = pick.randrange(0, 1000 * unit)
                closing = register + pick.randrange(0, max(1, round(rate * hours * unit)))
                at = pick.choice([time, previous + pick.randrange(1, time - previous)])
                if wrap:
                    closing, opening = closing % wrap, opening % wrap
                exchanges.append({"time": text_of(at), "closing": closing / unit, "opening": opening / unit})
                register = opening + round(rate * level * (time - at) / HOUR * unit)
            if wrap:
                register %= wrap
            shown = register
            if event == "glitch":
                shown = pick.choice([0, 0, register // 2, register + 1000 * rate * unit, pick.randrange(0, 10**6)])
            elif event == "below zero":
                below = pick.choice([1, register // 3, register, register * 2]) + 1
                events[index] = ("below", -below)
                for ahead in range(1, pick.choice([1, 2, 3])):
                    events.setdefault(index + ahead, events[index])
            elif event == "glitches":
                row = pick.choice([[0, 0], [0, 0, 0], [0, 7], [register * 3 + 9] * 2, [9, 3, 9]])
                events[index] = ("shown", row[0])
                for ahead, value in enumerate(row):
                    events.setdefault(index + ahead, ("shown", value))
            if isinstance(events.get(index), tuple):
                shown = events[index][1]
            if wrap and shown >= 0:
                shown %= wrap
            texts.append(str((Decimal(shown) / unit).quantize(Decimal(1).scaleb(-places))))
            previous = time
        if exchanges:
            point["exchanges"] = exchanges
        self.put(name, times, texts)

    def make_net(self, name, point, times, step):
        """A register that runs both ways, with jumps to and fro."""
        pick = self.random
        rate = pick.choice([5, 60, 800])
        point.update(kind="net", unit="kWh", type="int32")
        if self.chance(0.8):
            point["max_rate"] = float(rate * 2)
        register, texts, previous = pick.choice([0, -500, 4000]), [], times[0] if times else 0
        for time in times:
            most = max(1, round(rate * (time - previous) / HOUR))
            register += pick.randrange(-most, most + 1)
            event = pick.random()
            if event < 0.01:
                register += pick.choice([-1, 1]) * rate * 500
            shown = register + pick.choice([-1, 1]) * rate * 900 if event > 0.98 else register
            texts.append(str(shown))
            previous = time
        self.put(name, times, texts)

    def make_use(self, name, point, times, step):
        """What each interval used, side by side, with some that overlap."""
        pick = self.random
        point.update(kind="interval", unit="kWh", type="int32")
        if self.chance(0.5):
            point["stamp"] = pick.choice(["start", "start", "end"])
        point.pop("max_gap", None)
        times = sorted({time // step * step + (pick.randrange(1, step) if self.chance(0.01) else 0) for time in times})
        self.put(name, times, [str(pick.choice([0, 3, pick.randrange(0, 900), -5])) for _ in times])

    def make_counter_of_a_period(self, name, point, times, step):
        """A register that begins anew each day or week, when its device wakes, and now and then shows something else."""
        pick = self.random
        rate = pick.choice([5, 60, 800])
        point.update(resets=pick.choice(["1d", "1d", "1d", "1w", "1d from 06:00"]), unit="kWh", type="uint32")
        if self.chance(0.8):
            point["max_rate"] = float(rate * 2)
        plain = Plain(Zone(self.zone), point["resets"])
        register, texts, begun, previous = 0, [], None, times[0] if times else 0
        sleep = pick.choice([0, 0, HOUR, 6 * HOUR])
        for time in times:
            edge = plain.around(time)[0]
            if begun != edge and time >= edge + sleep:
                register, begun = pick.choice([0, 0, register if self.chance(0.1) else 0]), edge
            elif self.chance(0.6):
                register += pick.randrange(0, max(1, round(rate * (time - previous) / HOUR)) + 1)
            event = pick.random()
            shown = register + 900 * rate if event < 0.01 else max(0, register - 3) if event < 0.02 else register
            texts.append(str(shown))
            previous = time
        self.put(name, times, texts)

    def events(self, count):
        pick = self.random
        kinds = ["reset", "exchange", "standing zero", "stop", "declared", "glitch", "glitch", "glitches", "surge",
                 "fall back", "fall back", "below zero"]
        if count <= 20:
            return {}
        return {pick.randrange(1, count): pick.choice(kinds) for _ in range(pick.choice([0, 1, 3, 8]))}
