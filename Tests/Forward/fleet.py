#!/usr/bin/env python3
"""Head office over a real PostgreSQL: `emsctl fleet check` on a register that one site fills, and on one that was tampered with.

fleet.py PROGRAMS

Prints `skipped: WHY` and ends with 77 where the server is not installed.
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess

from forward import Works, eventually, free_port
from servers import Postgres, trial

SITE = "Borås, works = 1"


class Office:
    """Head office: its key, its memory, and what it finds."""

    def __init__(self, programs, place, server):
        self.programs, self.place, self.server = programs, place, server
        self.key = f"{place}/witness.key"

    def emsctl(self, *words):
        return subprocess.run([f"{self.programs}/emsctl", *words], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PGPASSWORD": "head office"})

    def check(self, *more):
        done = self.emsctl("fleet", "check", "--postgres", f"postgresql://postgres@127.0.0.1:{self.server.port}/fleet",
                           "--format", "json", *more)
        if done.returncode not in (0, 1):
            raise SystemExit(f"fleet check {more}: {done.returncode} {done.stderr}")
        rows = json.loads(done.stdout)
        if len(rows) != 1 or rows[0]["site"] != SITE:
            raise SystemExit(f"fleet check says {rows}")
        return done.returncode, rows[0]

    def expect(self, what, code, state, words, *more):
        got, row = self.check(*more)
        if got != code or row["state"] != state or words not in (row["finding"] or ""):
            raise SystemExit(f"{what}: exit status {got}, {row}")
        print(f"{what}: {row['state']} {row['finding'] or ''}")
        return row

    def tamper(self, what, words, *statements, more=()):
        """Changes the register, looks at it, and puts everything back as it was."""
        tables = ("journal", "head", "witness", "site")
        for table in tables:
            self.server.query(f"CREATE TABLE emsd.kept_{table} AS TABLE emsd.{table}")
        for statement in statements:
            self.server.query(f"SET session_replication_role TO replica; {statement}")
        state = "silent" if what == "silence" else "alarm"
        self.expect(what, 1, state, words, *more)
        for table in tables:
            self.server.query(f"SET session_replication_role TO replica; TRUNCATE emsd.{table};"
                              f"INSERT INTO emsd.{table} TABLE emsd.kept_{table}; DROP TABLE emsd.kept_{table}")


def rebuilt(server):
    """The statements with which the owner of the register makes another journal that holds in itself."""
    rows = server.query("SELECT n, line FROM emsd.journal ORDER BY n")
    before = "0" * 64
    for row in rows:
        line = row["line"].replace('"time":"20', '"time":"21', 1)
        before = hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()
        line = line.replace("'", "''")
        yield f"UPDATE emsd.journal SET line = '{line}', hash = '{before}' WHERE n = {row['n']}"


def signed(works, server):
    """A head over all that the register has, in the register."""
    def there():
        held = int(server.query("SELECT max(n) AS n FROM emsd.journal")[0]["n"])
        has = server.query("SELECT coalesce(max(size), 0) AS n FROM emsd.head")[0]["n"]
        return int(has) == held
    eventually("a head", lambda: works.ask("audit", "head"))
    eventually("a head over all lines at head office", there)


def forged(office, works, server):
    """The owner of the register writes a witness's word himself, with a key of the witness's name: it does not count."""
    key = f"{office.place}/forger.key"
    office.emsctl("fleet", "init", "--name", "office.example/witness", "--key", key)
    office.expect("forged", 0, "in_order", "", "--cosign", key)
    server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'emsd'")
    eventually("the alert about it", lambda: "witness_refused" in open(f"{office.place}/alerts.jsonl").read())
    if "witness.added" in (works.ask("journal") or ""):
        raise SystemExit("a forged cosignature was put on record")
    server.query("DELETE FROM emsd.witness")


def refused_line(works, server):
    """A line that the register cannot keep holds up the journal alone, and the people on duty hear of it."""
    def lines(stream):
        return next((row for row in works.forward() if row["stream"] == stream), {"lines": 0, "fault": None})
    server.query("ALTER TABLE emsd.journal ADD CONSTRAINT nothing_new CHECK (n < 0) NOT VALID")
    eventually("a line that is refused", lambda: works.ask("audit", "head"))
    eventually("the fault", lambda: "refuses the next line of the journal" in (lines("journal")["fault"] or ""))
    eventually("the alert", lambda: "forward_denied" in open(f"{works.place}/alerts.jsonl").read())
    before = lines("readings")["lines"]
    eventually("readings that go on", lambda: lines("readings")["lines"] > before)
    if lines("readings")["fault"]:
        raise SystemExit(f"what is not refused has a fault: {works.forward()}")
    server.query("ALTER TABLE emsd.journal DROP CONSTRAINT nothing_new")
    works.daemon.terminate()
    works.daemon.wait()
    works.start()
    eventually("all of the journal", works.has_all)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    options = parser.parse_args()
    with trial("fleet") as (place, running):
        server = Postgres(place, free_port)
        running.append(server)
        server.start()
        office = Office(options.programs, place, server)
        os.mkdir(f"{place}/state")
        made = office.emsctl("audit", "init", "--name", "boras.example/emsd", "--key", f"{place}/state/audit.key")
        site_key = made.stdout.split("verifier key  ")[1].split("\n")[0]
        witness = office.emsctl("fleet", "init", "--name", "office.example/witness", "--key", office.key)
        witness_key = witness.stdout.split("verifier key  ")[1].split("\n")[0]
        works = Works(options.programs, place, {**server.target(), "streams": ["readings", "journal"], "witnesses": [witness_key]})
        running.append(works)
        works.start()
        eventually("a first line", lambda: any(row["lines"] for row in works.forward()))
        signed(works, server)
        row = office.expect("what holds", 0, "in_order", "", "--vkey", site_key)
        assert row["lines"] == row["head"] and row["seen"] is None, row
        forged(office, works, server)
        office.expect("cosigned", 0, "in_order", "", "--cosign", office.key)
        row = office.expect("looked at again", 0, "in_order", "", "--cosign", office.key)
        assert row["seen"] and os.path.exists(f"{office.key}.seen"), row
        other = office.emsctl("audit", "init", "--name", "boras.example/emsd", "--key", f"{place}/other.key")
        other = other.stdout.split("verifier key  ")[1].split("\n")[0]
        office.expect("another's key", 1, "alarm", "no key that is known signed", "--vkey", other)

        # The site takes what its witness said, and shows it to whoever checks. With a new connection it looks at once.
        server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'emsd'")
        eventually("the cosignature on record", lambda: "witness.added" in (works.ask("journal") or ""))
        if (works.ask("journal") or "").count("witness.added") != 1:
            raise SystemExit("the site put more on record than what its witness said")
        # By hand it is the same, and there already.
        with open(f"{place}/cosignature", "w") as file:
            file.write(server.query("SELECT note FROM emsd.witness ORDER BY size LIMIT 1")[0]["note"])
        said = eventually("the answer", lambda: works.ask("audit", "witness", "add", f"{place}/cosignature"))
        if "on record already" not in said:
            raise SystemExit(f"the cosignature was taken twice: {said}")
        said = eventually("a check", lambda: works.ask("audit", "verify", "--vkey", witness_key))
        if "was seen by office.example/witness" not in said:
            raise SystemExit(f"the cosignature does not count at the site: {said}")

        refused_line(works, server)
        # What is tampered with is put back below, which the daemon must not have written to meanwhile.
        memory = ("--seen", f"{office.key}.seen")
        works.daemon.terminate()
        works.daemon.wait()
        eventually("in order before anything is changed", lambda: office.check(*memory)[0] == 0)
        office.tamper("a line that was changed", "does not match its hash",
                      "UPDATE emsd.journal SET line = replace(line, '\"seq\":1,', '\"seq\":1, ') WHERE n = 1")
        office.tamper("a line that is gone", "stands where line", "DELETE FROM emsd.journal WHERE n = 1")
        office.tamper("an end that is gone", "it goes back: ",
                      "DELETE FROM emsd.journal WHERE n >= (SELECT max(size) FROM emsd.head)")
        office.tamper("a head that was changed", "no key that is known signed",
                      "UPDATE emsd.head SET note = regexp_replace(note, E'\\n[0-9]+\\n', E'\\n1\\n')")
        office.tamper("a journal that was built anew", "two stories are told", *rebuilt(server))
        office.tamper("one without heads and witness", "are not those that were seen", *rebuilt(server),
                      "DELETE FROM emsd.head; DELETE FROM emsd.witness", more=memory)
        office.tamper("a site that is gone", "it goes back: 0 lines",
                      *(f"DELETE FROM emsd.{table}" for table in ("journal", "head", "witness", "site")), more=memory)
        office.tamper("silence", "it has said nothing since",
                      "UPDATE emsd.site SET last_seen = now() - interval '61 minutes'")
        office.expect("all put back", 0, "in_order", "", *memory)

        # A gateway on which an old copy of its database is put back.
        shutil.copytree(f"{place}/state", f"{place}/old")
        works.start()
        eventually("more lines", lambda: works.has_all() and works.ask("audit", "head"))
        works.daemon.terminate()
        works.daemon.wait()
        eventually("in order before", lambda: office.check(*memory)[0] == 0)
        shutil.rmtree(f"{place}/state")
        shutil.copytree(f"{place}/old", f"{place}/state")
        works.start()
        eventually("the alarm", lambda: office.check(*memory)[0] == 1)
        row = office.check(*memory)[1]
        if "it goes back: " not in row["finding"] and "does not continue its chain" not in row["finding"]:
            raise SystemExit(f"an old copy is called {row}")
        print(f"an old copy: {row['state']} {row['finding']}")

        done = office.emsctl("fleet", "check", "--postgres", f"postgresql://postgres@127.0.0.1:{server.port}/fleet", "--site",
                             SITE, "--site", "nowhere")
        if (done.returncode, done.stdout) != (65, "") or "no site 'nowhere'" not in done.stderr:
            raise SystemExit(f"an unknown site: {done}")
        for words, code in ((("--postgres", "postgresql://postgres:secret@127.0.0.1/fleet"), 64),
                            (("--postgres", f"postgresql://nobody@127.0.0.1:{server.port}/fleet"), 77),
                            (("--postgres", f"postgresql://postgres@127.0.0.1:{server.port}/postgres"), 65),
                            (("--postgres", "postgresql://postgres@127.0.0.1:1/fleet"), 69)):
            done = office.emsctl("fleet", "check", *words)
            if done.returncode != code or done.stderr.count("\n") != 1:
                raise SystemExit(f"{words}: {done.returncode} {done.stderr}")


if __name__ == "__main__":
    main()
