#!/usr/bin/env python3
"""Changes one byte of a record at a time, and rows of it, and looks whether `emsctl audit verify` finds it.

    tamper.py PROGRAMS [--seeds N] [--first SEED] [--files N] [--keep DIR]

A record is made with everything that one has: counters with decisions, late rows and so revisions, two configurations,
verdicts, a nonconformity with steps of people, seals, heads, readings that are in no chunk yet. A changed byte must be
found, or leave all rows what they are (free space), or be in one of the places that `verify -v` names as holding no record.
"""
import argparse, datetime, json, os, random, shutil, signal, sqlite3, subprocess, sys, tempfile, time

# Table and column of what `verify -v` names; None: the whole table.
UNRECORDED = {
    ("alert", None), ("delivery", None), ("learned", None), ("seal_due", None), ("hot", "clock"), ("nc_number", None),
    ("grdb_migrations", None),
}
# What of the notes is record.
RECORDED_NOTES = ("record_start", "note.exchanges", "note.evidence.")

CONFIGURATION = """
site: {{name: Tampering works, timezone: Europe/Stockholm}}
storage: {{directory: {place}/state, retention: {{readings: 400d}}}}
alerts: [{{path: {place}/alerts.jsonl, format: json}}]
api: {{socket: {place}/s.sock, operators: [root]}}
links: {{l: {{transport: tcp, host: 127.0.0.1, port: 1, timeout: 200ms}}}}
meters:
  m:
    link: l
    unit: 1
    interval: 1s
    max_gap: 10m
    points:
      power: {{register: holding 0, type: float32, unit: kW, kind: gauge}}
      energy: {{register: holding 2, type: uint32, unit: kWh, kind: counter, max_rate: 500}}
indicators:
  mean_power: {{window: 15m, formula: mean(m.power), unit: kW}}
  used: {{window: 1h, formula: delta(m.energy), unit: kWh}}
  day: {{window: 1d, formula: sum(used), unit: kWh}}
objectives:
  limit: {{indicator: mean_power, max: {limit}, severity: major}}
  month: {{indicator: used, budget: 5000, per: 1mo, severity: minor}}
"""


class Tampering:
    def __init__(self, programs, place):
        self.programs, self.place, self.state = programs, place, os.path.join(place, "state")

    def run(self, program, *arguments, check=True, **more):
        end = subprocess.run([os.path.join(self.programs, program), *arguments], capture_output=True, text=True,
                             timeout=120, **more)
        if check and end.returncode:
            raise SystemExit(f"{program} {' '.join(arguments)}: {end.returncode}\n{end.stdout}{end.stderr}")
        return end

    def configure(self, limit):
        path = os.path.join(self.place, "emsd.yaml")
        with open(path, "w") as file:
            file.write(CONFIGURATION.format(place=self.place, limit=limit))
        return path

    def rows(self, name, start, minutes, chance, energy=1000.0):
        path = os.path.join(self.place, name)
        with open(path, "w") as file:
            file.write("time,point,value\n")
            for minute in range(minutes):
                time = (start + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
                energy += chance.random()
                shown = 0 if minute == 700 else energy
                file.write(f"{time},m.power,{chance.uniform(60, 130):.2f}\n{time},m.energy,{shown:.1f}\n")
        return path, energy

    def make(self):
        chance = random.Random(1)
        today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        start = today - datetime.timedelta(days=4)
        first, energy = self.rows("first.csv", start, 2000, chance)
        replay = ["--database", self.state, "--alerts-here"]
        self.run("emsd", "replay", "--config", self.configure(97), "--readings", first, *replay)
        late = os.path.join(self.place, "late.csv")
        with open(late, "w") as file:
            file.write("time,point,value\n")
            for minute in (300.5, 900.5, 1500.5):
                time = (start + datetime.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
                file.write(f"{time},m.power,{chance.uniform(200, 400):.2f}\n")
        self.run("emsd", "replay", "--config", self.configure(97), "--readings", late, *replay)
        second, _ = self.rows("second.csv", start + datetime.timedelta(minutes=2000), 2000, chance, energy)
        self.run("emsd", "replay", "--config", self.configure(99), "--readings", second, *replay)
        self.live()

    def live(self):
        environment = dict(os.environ, EMSD_SOCKET=os.path.join(self.place, "s.sock"))
        key = os.path.join(self.state, "audit.key")
        self.run("emsctl", "audit", "init", "--name", "tampering.example/emsd", "--key", key)
        with open(os.path.join(self.place, "daemon.log"), "w") as log:
            daemon = subprocess.Popen(
                [os.path.join(self.programs, "emsd"), "run", "--config", self.configure(99)], stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 120
                while "sealed" not in self.types(environment):
                    if time.monotonic() > deadline:
                        raise SystemExit("the days were not sealed within two minutes")
                    time.sleep(0.5)
                listed = self.run("emsctl", "nc", "list", "--format", "json", env=environment)
                found = json.loads(listed.stdout)
                if found:
                    number = found[0]["id"]
                    self.run("emsctl", "nc", "ack", number, "--text", "seen", env=environment)
                    self.run(
                        "emsctl", "nc", "cause", number, "--category", "equipment", "--text", "a worn bearing",
                        env=environment)
                    self.number = number
                    for end in (".1", ".2"):
                        bundle = os.path.join(self.place, "bundle" + end)
                        self.run("emsctl", "export", "evidence", "--nc", number, "--output", bundle, env=environment)
                self.run("emsctl", "backup", os.path.join(self.place, "old"), env=environment)
                if found:
                    self.run("emsctl", "nc", "comment", number, "--text", "after the backup", env=environment)
                self.run("emsctl", "audit", "head", "--output", os.path.join(self.place, "head"), env=environment)
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait()

    def types(self, environment):
        end = self.run("emsctl", "journal", "--format", "csv", check=False, env=environment)
        return "sealed" if end.stdout.count("record.sealed") >= 3 else ""

    # What a record says, row by row.

    @staticmethod
    def dump(state):
        database = sqlite3.connect(f"file:{state}/emsd.db?mode=ro&immutable=1", uri=True)
        database.text_factory = bytes
        tables = [row[0].decode() for row in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
        found = {}
        for table in tables:
            cursor = database.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            found[table] = (names, sorted(cursor.fetchall(), key=repr))
        schema = database.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
        database.close()
        # How its lines are broken says nothing.
        return found, [(kind, name, b" ".join((sql or b"").split())) for kind, name, sql in schema]

    @classmethod
    def difference(cls, before, after):
        """The tables and columns in which two dumps differ, without those that hold no record."""
        if before[1] != after[1]:
            return ["the schema"]
        found = []
        for table, (names, rows) in before[0].items():
            other = after[0][table][1]
            if rows == other or (table, None) in UNRECORDED:
                continue
            gone = [row for row in rows if row not in set(other)]
            new = [row for row in other if row not in set(rows)]
            if table == "meta" and all(cls.isNoRecord(row[0]) for row in gone + new):
                continue
            if len(gone) == len(new) == 1:
                columns = [name for name, a, b in zip(names, gone[0], new[0]) if a != b]
                if all((table, column) in UNRECORDED for column in columns):
                    continue
                found.append(f"{table}.{'+'.join(columns)}: {cls.short(gone[0])} became {cls.short(new[0])}")
            else:
                found.append(f"{table}: {len(gone)} rows became {len(new)}")
        return found

    @staticmethod
    def isNoRecord(key):
        return not key.decode("utf8", "replace").startswith(RECORDED_NOTES)

    @staticmethod
    def short(row):
        return repr(tuple(str(cell)[:60] for cell in row))[:300]

    def verify(self, state, *more):
        return self.run("emsctl", "--database", state, "audit", "verify", *more, check=False)

    def byte(self, seed, before):
        """Changes one byte; None where that is as it must be, else a sentence."""
        chance = random.Random(seed)
        state = os.path.join(self.place, "changed")
        shutil.rmtree(state, ignore_errors=True)
        os.mkdir(state)
        for name in ("emsd.db", "emsd.head"):
            shutil.copy(os.path.join(self.state, name), state)
        # One in twenty in the last head beside the database.
        name = "emsd.head" if seed % 20 == 0 else "emsd.db"
        path = os.path.join(state, name)
        size = os.path.getsize(path)
        place, mask = chance.randrange(size), chance.randrange(1, 256)
        with open(path, "r+b") as file:
            file.seek(place)
            old = file.read(1)[0]
            file.seek(place)
            file.write(bytes([old ^ mask]))
        end = self.verify(state)
        if end.returncode in (1, 74, 65):
            return None
        where = f"seed {seed}: byte {place} of {name} ({old:#04x} to {old ^ mask:#04x})"
        if end.returncode:
            return f"{where}: verify ended with {end.returncode}: {end.stderr[:300]}"
        if name != "emsd.db":
            return f"{where}: not found"
        try:
            found = self.difference(before, self.dump(state))
        except sqlite3.DatabaseError as error:
            # What SQLite itself calls damaged while verify read all of the record: an index that it keeps itself.
            return None if "index" in str(error) else f"{where}: not found, and {error}"
        return f"{where}: not found: {'; '.join(found)}" if found else None

    def expect(self, name, change, *more, code=1):
        state = os.path.join(self.place, "changed")
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(self.state, state)
        database = sqlite3.connect(os.path.join(state, "emsd.db"))
        change(database)
        database.commit()
        database.close()
        end = self.verify(state, *more)
        return None if end.returncode == code else f"{name}: verify ended with {end.returncode}: {end.stdout[:300]}{end.stderr[:300]}"

    def bundle(self, most):
        """The bundle of a nonconformity: the same bytes each time, held by three verifiers; a changed byte is named."""
        one, other = (os.path.join(self.place, "bundle" + end) for end in (".1", ".2"))
        if subprocess.run(["diff", "-r", one, other], capture_output=True).returncode:
            yield "the same bundle twice is not the same bytes"
        audit = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Oracle", "audit.py")
        verifiers = {
            "verify.sh": lambda place: ["sh", os.path.join(place, "verify.sh")],
            "audit.py": lambda place: [sys.executable, audit, "bundle", place],
            "emsctl": lambda place: [os.path.join(self.programs, "emsctl"), "audit", "verify", "--bundle", place],
        }
        if os.path.getsize(os.path.join(one, "verify.sh")) > 3000:
            yield "verify.sh is larger than 3 kB"
        for name, command in verifiers.items():
            end = subprocess.run(command(one), capture_output=True, text=True, timeout=120)
            if end.returncode or "holds" not in end.stdout:
                yield f"{name} does not hold the bundle: {end.stdout[:500]}{end.stderr[:500]}"
        chance = random.Random(7)
        names = sorted(
            os.path.relpath(os.path.join(folder, name), one) for folder, _, files in os.walk(one) for name in files)
        # Proofs are many and alike.
        names = [name for name in names if not name.startswith("proofs/")] + [
            name for name in names if name.startswith("proofs/")][:3]
        if most < len(names):
            names = chance.sample(names, most)
        changed = os.path.join(self.place, "changed")
        for name in names:
            shutil.rmtree(changed, ignore_errors=True)
            shutil.copytree(one, changed)
            path = os.path.join(changed, name)
            with open(path, "rb") as file:
                data = bytearray(file.read())
            place = chance.randrange(len(data))
            data[place] ^= chance.randrange(1, 256)
            with open(path, "wb") as file:
                file.write(data)
            for verifier, command in verifiers.items():
                if name == "verify.sh" and verifier == "verify.sh":
                    continue
                end = subprocess.run(command(changed), capture_output=True, timeout=120)
                said = (end.stdout + end.stderr).decode("utf8", "replace")
                if end.returncode == 0:
                    yield f"{verifier}: byte {place} of {name} changed, and it holds"
                elif verifier == "verify.sh" and name not in said and "SHA256SUMS" not in said:
                    yield f"{verifier}: byte {place} of {name} changed, and it is not named: {said[:300]}"

    def columns(self, table):
        database = sqlite3.connect(f"file:{self.state}/emsd.db?mode=ro&immutable=1", uri=True)
        names = ['"' + row[1] + '"' for row in database.execute(f"PRAGMA table_info({table})")]
        database.close()
        return names

    def oldBackup(self):
        """An older copy of the database in its place, the last head beside it, and without it against a kept head."""
        for name, more in (("an old backup put back", ()), ("an old backup", ("--since", os.path.join(self.place, "head")))):
            state = os.path.join(self.place, "changed")
            shutil.rmtree(state, ignore_errors=True)
            shutil.copytree(self.state, state)
            for end in ("", "-wal", "-shm"):
                if os.path.exists(f"{state}/emsd.db{end}"):
                    os.remove(f"{state}/emsd.db{end}")
            shutil.copy(os.path.join(self.place, "old", "emsd.db"), state)
            if more:
                os.remove(os.path.join(state, "emsd.head"))
            end = self.verify(state, *more)
            if end.returncode != 1:
                yield f"{name}: verify ended with {end.returncode}: {end.stdout[:300]}{end.stderr[:300]}"
        end = self.verify(os.path.join(self.place, "old"))
        if end.returncode:
            yield f"the backup does not hold: {end.stdout[:500]}{end.stderr[:300]}"

    def rowsChanged(self):
        """Whole rows: swapped, deleted, doubled, a cut-off end, a prefix with a rebuilt chain."""
        def script(text):
            return lambda database: database.executescript(text)

        def chain(database):
            import hashlib
            last = "0" * 64
            rows = database.execute("SELECT seq, line FROM journal ORDER BY seq").fetchall()
            for seq, line in rows:
                if seq == 2:
                    line = line.replace('"by":"', '"by":"not ')
                last = hashlib.sha256((last + "\n" + line).encode()).hexdigest()
                database.execute("UPDATE journal SET line = ?, hash = ? WHERE seq = ?", (line, last, seq))
            database.execute("DELETE FROM head")
            database.execute("DELETE FROM tile")

        kept = ("--since", os.path.join(self.place, "head"))
        yield self.expect("nothing", lambda database: None, code=0)
        yield self.expect("two journal lines swapped", script(
            "UPDATE journal SET seq = -1 * seq WHERE 0; CREATE TEMP TABLE t AS SELECT * FROM journal WHERE seq IN (3, 4);"
            "UPDATE journal SET line = (SELECT line FROM t WHERE seq = 4) WHERE seq = 3;"
            "UPDATE journal SET line = (SELECT line FROM t WHERE seq = 3) WHERE seq = 4;"))
        yield self.expect("the last journal lines gone", script(
            "DELETE FROM journal WHERE seq > (SELECT max(seq) - 2 FROM journal)"))
        yield self.expect("a journal line doubled", script(
            "INSERT INTO journal SELECT max(seq) + 1, time, line, hash FROM journal"))
        yield self.expect("a prefix replaced with a rebuilt chain", chain, *kept)
        yield self.expect("a value gone", script("DELETE FROM value WHERE rowid_is_none IS NULL".replace(
            "rowid_is_none IS NULL", "\"end\" = (SELECT min(\"end\") FROM value)")))
        yield self.expect("a value doubled", script(
            "INSERT INTO value SELECT indicator, \"end\" + 1, start, revision, value, status, coverage, base, flags,"
            " reason, unknown, version FROM value LIMIT 1"))
        yield self.expect("two values swapped", script(
            "CREATE TEMP TABLE t AS SELECT * FROM value ORDER BY value LIMIT 1;"
            "CREATE TEMP TABLE u AS SELECT * FROM value WHERE indicator = (SELECT indicator FROM t) ORDER BY value DESC LIMIT 1;"
            "UPDATE value SET value = (SELECT value FROM u) WHERE (indicator, \"end\") = (SELECT indicator, \"end\" FROM t);"
            "UPDATE value SET value = (SELECT value FROM t) WHERE (indicator, \"end\") = (SELECT indicator, \"end\" FROM u);"))
        yield self.expect("a verdict doubled", script(
            "INSERT INTO verdict SELECT objective, \"end\" + 1, start, verdict, value, bound, memory, reason, version"
            " FROM verdict LIMIT 1"))
        yield self.expect("a verdict gone", script(
            "DELETE FROM verdict WHERE \"end\" = (SELECT max(\"end\") FROM verdict)"))
        yield self.expect("a decision gone", script("DELETE FROM ledger"))
        yield self.expect("a chunk gone", script("DELETE FROM chunk WHERE id = (SELECT min(id) FROM chunk)"))
        yield self.expect("two chunks swapped", script(
            "CREATE TEMP TABLE t AS SELECT * FROM chunk ORDER BY id LIMIT 2;"
            "UPDATE chunk SET data = (SELECT data FROM t WHERE t.id <> chunk.id) WHERE id IN (SELECT id FROM t);"))
        yield self.expect("a chunk doubled", script(
            "INSERT INTO chunk SELECT (SELECT max(id) + 1 FROM chunk), " + ", ".join(self.columns("chunk")[1:]) +
            " FROM chunk WHERE id = (SELECT max(id) FROM chunk)"))
        yield self.expect("a point that counts otherwise", script("UPDATE point SET kind = 'gauge' WHERE kind = 'counter'"))
        yield self.expect("what stays for a nonconformity gone", script(
            "DELETE FROM kept_stretch WHERE number = (SELECT max(number) FROM kept_stretch)"))
        yield self.expect("another severity", script("UPDATE nonconformity SET severity = 'minor' WHERE number = 1"))
        yield self.expect("a trigger more", script("CREATE TRIGGER t AFTER INSERT ON value BEGIN SELECT 1; END"))
        yield self.expect("a step gone", script("DELETE FROM step WHERE seq = 1"))
        yield self.expect("a nonconformity gone", script(
            "DELETE FROM evidence; DELETE FROM step; DELETE FROM nonconformity"))
        yield self.expect("a configuration gone", script("DELETE FROM configuration WHERE version = 1"))
        yield self.expect("the heads gone", script("DELETE FROM head"))
        yield self.expect("a day waits for its seal", script(
            "INSERT INTO seal_due SELECT CAST(min(first) / 3600000 AS INTEGER) + hours.value, 1 FROM chunk, "
            "(SELECT 0 AS value UNION SELECT 1 UNION SELECT 20 UNION SELECT 40) AS hours GROUP BY hours.value;"
            "DELETE FROM chunk WHERE id = (SELECT min(id) FROM chunk)"))
        yield self.expect("readings look deleted by rule", script(
            "INSERT INTO meta VALUES ('deleted_up_to', (SELECT max(last) FROM chunk)) ON CONFLICT DO NOTHING;"
            "DELETE FROM chunk WHERE id = (SELECT max(id) FROM chunk)"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--files", type=int, default=1000, help="files of the bundle in which a byte is changed")
    parser.add_argument("--keep")
    options = parser.parse_args()
    place = options.keep or tempfile.mkdtemp(prefix="emsd-tamper-")
    tampering = Tampering(os.path.abspath(options.programs), place)
    if not os.path.exists(os.path.join(place, "state", "emsd.db")):
        os.makedirs(place, exist_ok=True)
        tampering.make()
    end = tampering.verify(tampering.state)
    if end.returncode:
        raise SystemExit(f"the record itself does not hold: {end.stdout}{end.stderr}")
    faults = [fault for fault in tampering.rowsChanged() if fault]
    faults += list(tampering.oldBackup())
    faults += list(tampering.bundle(options.files))
    before = tampering.dump(tampering.state)
    for seed in range(options.first, options.first + options.seeds):
        fault = tampering.byte(seed, before)
        if fault:
            faults.append(fault)
            print(fault, flush=True)
    for fault in faults:
        print(fault)
    print(f"{options.seeds} bytes changed, {len(faults)} faults")
    if not options.keep:
        shutil.rmtree(place)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
