#!/usr/bin/env python3
"""A second verifier of the record's proofs, written from Format.md alone: it shares no line with the product.

    audit.py record DATABASE_DIRECTORY [--vkey KEY]     the journal's chain, tree and signed heads
    audit.py bundle DIRECTORY [--vkey KEY]              a bundle of evidence

It prints what differs, a line each, and ends with 1; or says what holds, and ends with 0. Ed25519 is from RFC 8032.
"""
import argparse, base64, csv, datetime, hashlib, io, json, os, sqlite3, sys

P = 2 ** 255 - 19
Q = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def sha(data):
    return hashlib.sha256(data).digest()


def add(a, b):
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, i, j, f = f - e, h - g, h + g, f + e
    return e * i % P, j * f % P, i * j % P, e * f % P


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point(data):
    """The point in 32 bytes; None where there is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q or len(signature) != 64:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return same(times(s, BASE), add(r, times(k, a)))


def leaf(line):
    return sha(b"\x00" + line + b"\n")


def node(left, right):
    return sha(b"\x01" + left + right)


def root(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(root(leaves[:split]), root(leaves[split:]))


def climb(index, size, line, path):
    """The root over a leaf by its proof (RFC 9162, 2.1.3.2); None where it cannot be one."""
    place, last, found = index, size - 1, leaf(line)
    for beside in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = node(beside, found)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, beside)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


class Key:
    def __init__(self, text):
        self.name, number, data = text.strip().split("+", 2)
        raw = base64.b64decode(data)
        self.kind, self.public = raw[0], raw[1:]
        self.number = sha(self.name.encode() + b"\n" + raw[:1] + self.public)[:4]
        if self.number.hex() != number:
            raise ValueError("the id of the key does not fit")


class Note:
    def __init__(self, text):
        body, _, signatures = text.rpartition("\n\n")
        self.body = body + "\n"
        self.signatures = [line.split(" ") for line in signatures.strip("\n").split("\n")]
        self.origin, size, tree = self.body.split("\n")[:3]
        self.size, self.root = int(size), base64.b64decode(tree)

    def is_signed(self, key):
        for dash, name, data in self.signatures:
            raw = base64.b64decode(data)
            if dash == "\u2014" and name == key.name and raw[:4] == key.number:
                if signed(key.public, self.body.encode(), raw[4:]):
                    return True
        return False


def check_record(directory, keys, say):
    database = sqlite3.connect(f"file:{os.path.join(directory, 'emsd.db')}?mode=ro", uri=True)
    last, leaves = "0" * 64, []
    for number, (seq, line, stored) in enumerate(database.execute("SELECT seq, line, hash FROM journal ORDER BY seq")):
        last = hashlib.sha256(f"{last}\n{line}".encode()).hexdigest()
        if seq != number + 1 or last != stored or json.loads(line)["seq"] != seq:
            say(f"journal line {seq}")
        leaves.append(leaf(line.encode()))
        if not keys or keys[0] is None:
            entry = json.loads(line)
            if entry["type"].startswith("key."):
                keys.append(Key(entry["vkey"]))
    size = 0
    for number, note in database.execute("SELECT number, note FROM head ORDER BY number"):
        head = Note(note)
        if not any(key and head.is_signed(key) for key in keys):
            say(f"head {number}: the signature")
        if head.size < size or head.size > len(leaves) or root(leaves[:head.size]) != head.root:
            say(f"head {number}: the lines under it")
        size = head.size
    return f"{len(leaves)} lines, the newest head over {size}"


def check_bundle(directory, keys, say):
    files = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, directory)] = file.read()
    listed = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n"
        for name in sorted(files, key=lambda name: name.encode()) if name != "SHA256SUMS")
    if listed.encode() != files.get("SHA256SUMS"):
        say("SHA256SUMS")
    head = Note(files["checkpoint"].decode())
    keys = [key for key in keys if key] or [Key(files["vkey"].decode())]
    if not any(head.is_signed(key) for key in keys):
        say("checkpoint: the signature")
    sealed, entries = set(), []
    lines = files["journal.jsonl"].split(b"\n")[:-1]
    for line in lines:
        entry = json.loads(line)
        entries.append(entry)
        seq = entry["seq"]
        proof = files.get(f"proofs/{seq}.tlog-proof", b"").decode().split("\n\n")[0].split("\n")
        path = [base64.b64decode(text) for text in proof[2:]]
        if proof[:2] != ["c2sp.org/tlog-proof@v1", f"index {seq - 1}"] or climb(seq - 1, head.size, line, path) != head.root:
            say(f"journal line {seq}")
        if entry["type"] == "record.sealed":
            sealed |= {(each["point"], each["sha256"]) for each in entry["readings"]}
    count = 0
    for name, data in sorted(files.items()):
        if name.startswith("readings/"):
            count += 1
            if (name.split("/")[1], hashlib.sha256(data).hexdigest()) not in sealed:
                say(f"{name}: no line seals it")
    check_named(files, entries, say)
    check_ledger(files, entries, say)
    check_revisions(files, entries, say)
    check_lives(files, entries, say)
    check_configurations(files, entries, say)
    return f"{len(lines)} lines under a head of {head.size}, {count} sealed files of readings"


def rows(files, name):
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def check_named(files, entries, say):
    """The state at the beginning and the attachments are files whose digest a line of the journal has."""
    standing = {entry["sha256"] for entry in entries if entry["type"] == "record.standing"}
    if hashlib.sha256(files["before.jsonl"]).hexdigest() not in standing:
        say("before.jsonl: no line seals it")
    named = {digest for entry in entries if entry["type"].startswith("nc.") for digest in entry.get("evidence") or ()
             if isinstance(entry.get("evidence"), list)}
    for name, data in files.items():
        if name.startswith("attachments/") and (
                hashlib.sha256(data).hexdigest() != name.split("/")[1] or name.split("/")[1] not in named):
            say(f"{name}: no step names it")


def check_ledger(files, entries, say):
    """Where a seal is over points that are all in the bundle, the decisions have its digest."""
    points = set(json.loads(files["before.jsonl"].split(b"\n")[0])["points"])
    decisions = rows(files, "ledger.csv")
    stretches = {}
    for entry in entries:
        if entry["type"] == "record.sealed":
            stretches[entry["start"], entry["end"], str(entry["of"])] = entry
    for entry in stretches.values():
        over = set(entry["of"]) if entry["of"] is not None else {each["point"] for each in entry["readings"]}
        if not over <= points or entry["ledger"]["count"] == 0:
            continue
        text = "point,time,entry,advance\n" + "".join(
            f"{row['point']},{row['time']},{row['entry']},{row['advance']}\n"
            for row in sorted(decisions, key=lambda row: (row["point"], row["time"]))
            if row["point"] in over and moment(entry["start"]) <= moment(row["time"]) < moment(entry["end"]))
        if hashlib.sha256(text.encode()).hexdigest() != entry["ledger"]["sha256"]:
            say(f"ledger.csv: the decisions from {entry['start']} are not those of journal line {entry['seq']}")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def check_revisions(files, entries, say):
    """Each revision but the first is a line of the journal, with the value before it."""
    renamed = any(entry["type"] == "definition.renamed" for entry in entries)
    lines = {(entry["indicator"], entry["start"], entry["end"], entry["revision"]): entry
             for entry in entries if entry["type"] == "value.revised"}
    last = {}
    for row in rows(files, "windows.csv"):
        key = row["indicator"], row["start"], row["end"]
        before, last[key] = last.get(key), row
        if before is None:
            continue
        line = lines.get((*key, int(row["revision"])))
        if line is None:
            if not renamed:
                say(f"windows.csv: no line explains revision {row['revision']} of {' '.join(key)}")
            continue
        for told, stored in ((line["before"], before), (line["after"], row)):
            value = float(stored["value"]) if stored["value"] else None
            if (told["value"], told["status"], told["coverage"]) != (value, stored["status"], float(stored["coverage"])):
                say(f"windows.csv: revision {stored['revision']} of {' '.join(key)} is not that of journal line {line['seq']}")


def check_lives(files, entries, say):
    """Steps are lines of the journal; the evidence has its digest, that of the raising stands in the line that opened it."""
    text, decoder = files["nonconformity.json"].decode(), json.JSONDecoder()
    found, place, attachments = json.loads(text), 0, []
    for each in sorted(found, key=lambda each: each["id"]):
        attachments += [(each["id"], str(number + 1), digest) for number, step in enumerate(each["steps"])
                        for digest in json.loads(step["said"]).get("evidence") or ()]
    if attachments != [(row["nonconformity"], row["step"], row["evidence"]) for row in rows(files, "attachments.csv")]:
        say("attachments.csv: it is not what the steps say")
    for each in found:
        place = text.index('"evidence":', place)
        if digest(text, decoder, place) != each["evidence"]:
            say(f"{each['id']}: its evidence has not its digest")
        opened = [entry for entry in entries if entry["type"] == "nc.opened" and entry["id"] == each["id"]]
        if len(opened) != 1 or any(opened[0][key] != each[other] for key, other in (
                ("severity", "severity"), ("onset", "onset"), ("definition", "demand"), ("configuration", "configuration"))):
            say(f"{each['id']}: the line that opened it says something else")
        elif each["at_raising"] and digest(text, decoder, text.index('"at_raising":', place)) != opened[0]["evidence"]:
            say(f"{each['id']}: what was known at its raising is not what the journal sealed")
        lines = [entry for entry in entries if entry.get("id") == each["id"] and "state" in entry and "by" in entry]
        told = [(entry["time"], entry["by"], entry["type"][3:], entry["text"], entry.get("evidence")) for entry in lines]
        steps = [(step["time"], step["by"], step["kind"], json.loads(step["said"]).get("text"),
                  json.loads(step["said"]).get("evidence")) for step in each["steps"]]
        if told != steps or lines and lines[-1]["state"] != each["state"]:
            say(f"{each['id']}: its steps are not those of the journal")
        place = text.index('"steps":', place)


def digest(text, decoder, place):
    """SHA-256 of the windows and points that stand in the text from a place on, as they stand there."""
    parts = []
    for key in ("windows", "points"):
        place = text.index(f'"{key}":', place) + len(key) + 3
        end = decoder.raw_decode(text, place)[1]
        parts.append(f'"{key}":{text[place:end]}')
        place = end
    return hashlib.sha256(("{" + ",".join(parts) + "}").encode()).hexdigest()


def check_configurations(files, entries, say):
    """Each configuration is a line of the journal, and its files have their digests."""
    lines = {entry["version"]: entry for entry in entries if entry["type"] == "configuration"}
    for name, data in files.items():
        if not name.endswith("/index.json"):
            continue
        index = json.loads(data)
        line = lines.get(index["version"])
        if line is None or any(index[key] != line[key] for key in (
                "configuration", "by", "reason", "path", "zone", "zone_data", "from")):
            say(f"{name}: the journal says something else")
        for file in index["files"]:
            if hashlib.sha256(files[os.path.dirname(name) + "/" + file["file"]]).hexdigest() != file["sha256"]:
                say(f"{name}: the file {file['name']} is another")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["record", "bundle"])
    parser.add_argument("directory")
    parser.add_argument("--vkey")
    options = parser.parse_args()
    faults = []
    keys = [Key(options.vkey)] if options.vkey else [None]
    check = check_record if options.what == "record" else check_bundle
    try:
        held = check(options.directory, keys, faults.append)
    except (KeyError, ValueError, IndexError, sqlite3.DatabaseError) as error:
        held = ""
        faults.append(f"it cannot be read: {error!r}")
    for fault in faults:
        print(f"NOT AS SEALED: {fault}")
    if not faults:
        print(f"holds: {held}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
