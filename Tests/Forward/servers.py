"""The real servers that forwarding is tried with, as they come from Debian."""
import contextlib
import csv
import io
import json
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request


class Skipped(Exception):
    """The server cannot be had here."""


@contextlib.contextmanager
def trial(name, keep=False):
    """A folder for a trial, and a list for what runs in it, which is ended after it; 77 where the server is not installed."""
    # Who starts this may have blocked signals; a broker that inherits that never ends.
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    place, running = tempfile.mkdtemp(prefix=f"emsd-{name}."), []
    os.chmod(place, 0o755)
    try:
        yield place, running
        print("ok")
    except Skipped as why:
        print(f"skipped: {why}")
        raise SystemExit(77)
    finally:
        for one in reversed(running):
            one.end()
        if keep:
            print(place)
        else:
            shutil.rmtree(place, ignore_errors=True)


def program(*names):
    for name in names:
        found = shutil.which(name) or (name if os.path.exists(name) else None)
        if found:
            return found
    raise Skipped(f"{names[0]} is not installed")


class Authority:
    """Certificates of a server and of a client, signed by an authority of their own that no system knows."""

    def __init__(self, place):
        self.place = place
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                     "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority")
        for name in ("server", "client"):
            self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                         f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={'emsd' if name == 'client' else 'localhost'}",
                         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
            self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                         "-days", "2", "-copy_extensions", "copy", "-out", f"{name}.pem")
            os.chmod(f"{place}/{name}.key", 0o600)

    def openssl(self, *words):
        subprocess.run([program("openssl"), *words], cwd=self.place, check=True, capture_output=True)

    def file(self, name):
        return f"{self.place}/{name}"

    @property
    def keys(self):
        """What the target's configuration says of it."""
        return {"ca_file": self.file("ca.pem"), "certificate_file": self.file("client.pem"),
                "key_file": self.file("client.key")}


class Server:
    name = ""

    def __init__(self, place, free_port, is_secure=False):
        self.place, self.port = place, free_port()
        self.authority = Authority(place) if is_secure else None
        self.scheme = "https" if is_secure else "http"
        self.process = None
        self.log = open(f"{place}/server.log", "ab")

    def run(self, *command, **options):
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, **options)

    def slay(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def settle(self):
        pass

    def get(self, path, **query):
        url = f"{self.scheme}://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=60, context=self.trust()) as answer:
            return answer.read().decode()

    def trust(self):
        return ssl.create_default_context(cafile=self.authority.file("ca.pem")) if self.authority else None

    def wait(self, path):
        end = time.monotonic() + 60
        while True:
            try:
                return self.get(path)
            except OSError:
                if time.monotonic() > end:
                    raise SystemExit(f"{self.name} does not answer")
                time.sleep(0.1)

    def compare_more(self, works, until, compare):
        pass


class Rounded(float):
    """VictoriaMetrics keeps twelve digits."""

    def __eq__(self, other):
        return other is not None and abs(self - other) <= 1e-10 * abs(other)

    def __ne__(self, other):
        return not self == other


QUALITY = {192: "good", 64: "uncertain", 0: "bad"}


class Victoria(Server):
    name = "victoria-metrics"

    def start(self):
        self.run(program("victoria-metrics"), f"-storageDataPath={self.place}/store", "-retentionPeriod=10y",
                 f"-httpListenAddr=127.0.0.1:{self.port}", "-dedup.minScrapeInterval=1ms")
        self.wait("/health")

    def slay(self):
        self.process.terminate()
        self.process.wait()

    def target(self):
        return {"kind": "influx", "url": f"http://127.0.0.1:{self.port}/write",
                "streams": ["readings", "windows", "verdicts", "nonconformities"]}

    def settle(self):
        self.get("/internal/force_flush")

    def series(self, name):
        found = {}
        for line in self.get("/api/v1/export", **{"match[]": name}).splitlines():
            one = json.loads(line)
            for at, value in zip(one["timestamps"], one["values"]):
                key = (tuple(sorted(one["metric"].items())), at)
                if found.get(key, value) != value:
                    raise SystemExit(f"{name} has two values for {key}")
                found[key] = value
        return found

    def readings(self):
        def point(tags):
            tags = dict(tags)
            assert tags["site"] == "Borås, works = 1", tags
            return f"{tags['meter']}.{tags['point']}"
        values = {(point(tags), at): Rounded(value) for (tags, at), value in self.series("emsd_reading_value").items()}
        return {(point(tags), at): (QUALITY[int(q)], values.get((point(tags), at)))
                for (tags, at), q in self.series("emsd_reading_quality").items()}

    def compare_more(self, works, until, compare):
        windows = {at: Rounded(value) for (tags, at), value in self.series("emsd_window_value").items()}
        from forward import milliseconds
        ours = {milliseconds(row["start"]): float(row["value"]) for row in works.rows("indicators", "mean_power", "--revisions")
                if row["value"] and row["revision"] == "1" and milliseconds(row["end"]) < until - 12_000}
        compare("windows", ours, {at: value for at, value in windows.items() if at in ours})


class Influx(Server):
    name = "influxd"

    def start(self):
        path = f"{self.place}/influxdb.conf"
        with open(path, "w") as file:
            file.write(f"""
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{self.place}/meta"
[data]
  dir = "{self.place}/data"
  wal-dir = "{self.place}/wal"
  index-version = "tsi1"
[http]
  bind-address = "127.0.0.1:{self.port}"
  log-enabled = false
  https-enabled = {"true" if self.authority else "false"}
  https-certificate = "{self.place}/server.pem"
  https-private-key = "{self.place}/server.key"
[monitor]
  store-enabled = false
""")
        self.run(program("influxd"), "run", "-config", path)
        self.wait("/ping")
        request = urllib.request.Request(
            f"{self.scheme}://127.0.0.1:{self.port}/query", b"q=CREATE+DATABASE+plant")
        urllib.request.urlopen(request, timeout=30, context=self.trust()).read()

    def target(self):
        more = {"ca_file": self.authority.file("ca.pem")} if self.authority else {}
        return {"kind": "influx", "url": f"{self.scheme}://127.0.0.1:{self.port}/write?db=plant", "replaces": True, **more}

    def readings(self):
        said = self.get("/query", db="plant", epoch="ms",
                        q='SELECT value, quality, meter, point FROM emsd_reading')
        found = {}
        for one in json.loads(said)["results"][0].get("series", []):
            for at, value, quality, meter, point in one["values"]:
                found[(f"{meter}.{point}", at)] = (QUALITY[quality], value)
        return found


class Postgres(Server):
    name = "postgresql"

    def __init__(self, place, free_port, is_secure=False):
        super().__init__(place, free_port, is_secure)
        self.bin = os.path.dirname(program("/usr/lib/postgresql/15/bin/postgres", "postgres"))
        self.user = {}
        if os.geteuid() == 0:
            try:
                account = pwd.getpwnam("postgres")
            except KeyError:
                raise Skipped("there is no user postgres, and root may not run the server")
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self.data = f"{place}/pg"
        os.mkdir(self.data)
        if self.user:
            os.chown(self.data, self.user["user"], self.user["group"])
        with open(f"{place}/pw.super", "w") as file:
            file.write("head office\n")
        os.chmod(f"{place}/pw.super", 0o644)
        with open(f"{place}/pw", "w") as file:
            file.write("a site's secret\n")
        os.chmod(f"{place}/pw", 0o600)
        subprocess.run([f"{self.bin}/initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile",
                        f"{place}/pw.super", "-E", "UTF8", "--no-sync"], check=True, stdout=self.log, stderr=self.log,
                       cwd="/", **self.user)
        if self.authority:
            # The server wants its key for itself, and of a site both its certificate and its password.
            for name in ("ca.pem", "server.pem", "server.key"):
                shutil.copy(f"{place}/{name}", f"{self.data}/{name}")
                if self.user:
                    os.chown(f"{self.data}/{name}", self.user["user"], self.user["group"])
            with open(f"{self.data}/pg_hba.conf", "w") as file:
                file.write("hostssl fleet emsd 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n"
                           "host all postgres 127.0.0.1/32 scram-sha-256\n")
        self.is_new = True

    def start(self):
        secure = ["-c", "ssl=on", "-c", "ssl_ca_file=ca.pem", "-c", "ssl_cert_file=server.pem", "-c",
                  "ssl_key_file=server.key"] if self.authority else []
        self.run(f"{self.bin}/postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                 "-c", f"unix_socket_directories={self.data}", *secure, cwd="/", **self.user)
        end = time.monotonic() + 60
        while True:
            try:
                self.query("SELECT 1", "postgres")
                break
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise SystemExit("postgresql does not answer")
                time.sleep(0.1)
        if self.is_new:
            self.query("CREATE ROLE emsd LOGIN PASSWORD 'a site''s secret'", "postgres")
            self.query("CREATE DATABASE fleet OWNER emsd", "postgres")
            self.is_new = False

    def slay(self):
        # All of it at once, as a power cut would.
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def query(self, sql, database="fleet"):
        done = subprocess.run(
            [f"{self.bin}/psql", "-X", "-q", "--csv", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database,
             "-c", "SET timezone TO 'UTC'", "-c", sql], check=True, capture_output=True, text=True,
            env={**os.environ, "PGPASSWORD": "head office"})
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def target(self):
        return {"kind": "postgresql", "url": f"postgresql://emsd@127.0.0.1:{self.port}/fleet",
                "password_file": f"{self.place}/pw", **(self.authority.keys if self.authority else {})}

    def readings(self):
        rows = self.query("SELECT point, round(extract(epoch FROM time) * 1000)::int8 AS at, quality, value FROM emsd.reading")
        return {(row["point"], int(row["at"])):
                (QUALITY[int(row["quality"])], float(row["value"]) if row["value"] else None) for row in rows}

    def compare_more(self, works, until, compare):
        from forward import milliseconds
        def old(row):
            return milliseconds(row["end"]) < until - 15_000
        ours = {(row["start"], row["revision"]): row["value"] for row in
                works.rows("indicators", "mean_power", "--revisions") if old(row)}
        ours = {(milliseconds(start), revision): float(value) if value else None for (start, revision), value in ours.items()}
        rows = self.query('SELECT round(extract(epoch FROM start) * 1000)::int8 AS at, revision, value FROM emsd.window_value')
        theirs = {(int(row["at"]), row["revision"]): float(row["value"]) if row["value"] else None for row in rows}
        compare("windows", ours, {key: value for key, value in theirs.items() if key in ours})
        words = {"0": "met", "1": "warning", "2": "not_met", "3": "not_evaluable"}
        ours = {milliseconds(row["start"]): row["verdict"] for row in works.rows("objectives", "power_limit") if old(row)}
        rows = self.query("SELECT round(extract(epoch FROM start) * 1000)::int8 AS at, verdict FROM emsd.verdict")
        theirs = {int(row["at"]): words[row["verdict"]] for row in rows}
        compare("verdicts", ours, {key: value for key, value in theirs.items() if key in ours})
        lines = json.loads(works.ask("journal", "--format", "json"))
        rows = self.query("SELECT n, hash FROM emsd.journal ORDER BY n")
        if [int(row["n"]) for row in rows] != list(range(1, len(rows) + 1)):
            raise SystemExit("the journal there has a gap")
        theirs = {int(row["n"]): row["hash"] for row in rows}
        ours = {line["seq"]: line["hash"] for line in lines if line["seq"] in theirs}
        if len(ours) < len(lines) - 3:
            raise SystemExit(f"of {len(lines)} lines of the journal {len(ours)} are there")
        compare("journal", ours, theirs)
        ours = {row["id"]: row["condition"] for row in json.loads(works.ask("nc", "list", "--format", "json"))}
        theirs = {row["id"]: row["condition"] for row in self.query("SELECT id, condition FROM emsd.nonconformity")}
        compare("nonconformities", {key: 1 for key in ours}, {key: 1 for key in theirs})
        for view in ("open_by_site", "overdue", "broken_at_several_sites", "site_state", "silent", "worst_coverage",
                     "limits_in_force", "final_value"):
            self.query(f"SELECT * FROM emsd.{view}")
        for sql, why in (
            ("INSERT INTO emsd.journal SELECT site, n + 2, time, line, hash FROM emsd.journal ORDER BY n DESC LIMIT 1", "a gap"),
            ("INSERT INTO emsd.journal SELECT site, n + 1, time, line, hash FROM emsd.journal ORDER BY n DESC LIMIT 1",
             "a broken chain"),
            ("INSERT INTO emsd.journal SELECT site, n, time, 'another', hash FROM emsd.journal WHERE n = 1", "another line"),
        ):
            try:
                self.query(sql)
            except subprocess.CalledProcessError:
                continue
            raise SystemExit(f"the register took {why}")


class Sparkplug(Server):
    """A broker, and beside it a consumer that keeps what comes and reads it as Sparkplug B."""

    name = "mosquitto"

    def __init__(self, place, free_port, is_secure=False):
        super().__init__(place, free_port, is_secure)
        self.path = f"{place}/mosquitto.conf"
        with open(self.path, "w") as file:
            # What it acknowledged and nobody took yet, it keeps when it ends: else that is lost, and nobody's fault.
            file.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                       f"persistence true\npersistence_location {place}/\nuser root\n")
            if is_secure:
                file.write(f"cafile {place}/ca.pem\ncertfile {place}/server.pem\nkeyfile {place}/server.key\n"
                           "require_certificate true\n")
        self.secure = ["--cafile", f"{place}/ca.pem", "--cert", f"{place}/client.pem", "--key", f"{place}/client.key"
                       ] if is_secure else []
        self.kept = open(f"{place}/messages", "ab")
        self.consumer = None

    def start(self):
        self.run(program("/usr/sbin/mosquitto", "mosquitto"), "-c", self.path)
        sub = program("mosquitto_sub")
        if self.consumer is None:
            self.listen(sub)

    def listen(self, sub):
        self.consumer = subprocess.Popen(
            ["sh", "-c", f'while :; do {sub} -h 127.0.0.1 -p {self.port} {" ".join(self.secure)} -q 1 -i taker -c -t "spBv1.0/#" -F "%t %x"; '
             "sleep 0.1; done"], stdout=self.kept, stderr=self.log, start_new_session=True)

    def slay(self):
        # A broker that is killed forgets what nobody took yet: it ends by SIGTERM, so that it keeps that.
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()

    def end(self):
        if self.consumer:
            os.killpg(self.consumer.pid, signal.SIGTERM)
        super().end()

    def target(self):
        scheme, keys = ("mqtts", self.authority.keys) if self.authority else ("mqtt", {})
        return {"kind": "sparkplug", "url": f"{scheme}://127.0.0.1:{self.port}", "group": "works", "edge": "boras", **keys}

    def readings(self):
        time.sleep(2)
        names, found, births, last, seen = {}, {}, 0, None, set()
        with open(f"{self.place}/messages") as file:
            for line in file:
                # A broker that starts again says once more what was on its way.
                if line in seen:
                    continue
                seen.add(line)
                topic, payload = line.split()
                kind, device = topic.split("/")[2], topic.split("/")[-1]
                fields = decoded(bytes.fromhex(payload))
                seq = fields.get(3, [None])[0]
                if kind == "NBIRTH":
                    names, births, last = {}, births + 1, None
                if kind != "NDEATH" and last is not None and seq != (last + 1) % 256:
                    raise SystemExit(f"{topic}: seq {seq} after {last}")
                last = seq if kind != "NDEATH" else None
                if kind not in ("DBIRTH", "DDATA"):
                    continue
                for metric in fields.get(2, []):
                    metric = decoded(metric)
                    alias = metric[2][0]
                    if kind == "DBIRTH":
                        names[alias] = f"{device}.{metric[1][0].decode()}"
                        continue
                    quality = 192
                    if 9 in metric:
                        value = decoded(decoded(metric[9][0])[2][0])
                        quality = value[3][0]
                    value = metric.get(13, [None])[0]
                    assert (value is None) == (metric.get(7) == [1]), metric
                    found[(names[alias], metric[3][0])] = (QUALITY[quality], value)
        if not births:
            raise SystemExit("there was no birth")
        return found


def decoded(data):
    """The fields of a protocol buffer: numbers, doubles and bytes by their number."""
    import struct
    fields, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        key = varint()
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 1:
            value = struct.unpack("<d", data[at:at + 8])[0]
            at += 8
        elif key & 7 == 2:
            length = varint()
            value = data[at:at + length]
            at += length
        else:
            raise SystemExit(f"wire type {key & 7}")
        fields.setdefault(key >> 3, []).append(value)
    return fields
