"""A plant whose devices fail in turn, beside a daemon that polls it: what every poll came to, and what it cost.

    faults.py BINDIR [--seconds N] [--seed N]

Two TCP gateways of five units and one serial line (a pseudo terminal) of four. On each, unit 2 goes through all faults, a few
seconds each: silence, resets, garbled, late, doubled and cut answers, answers of another length; on the serial line another
master asks besides. Unit 3 of the second gateway makes it reset the connection whenever it is asked, all the time. Every register
of a unit holds a number of its own. Status 1 where a value was stored that its register never held, a unit was not read
within 5 s after its fault, or the healthy ones kept less than 99 % of their polls on TCP or 95 % on the line.
"""

import argparse
import csv
import io
import os
import pty
import random
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty

FAULTS = ["silent", "reset", "garble", "late", "doubled", "cut", "length"]
HELD = {"a": 100, "b": 110, "c": 300}


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


def value(unit, address):
    return unit * 1000 + address


class Faults:
    """Which fault unit 2 of a link has at present: six seconds each, twelve without one between them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.began = time.monotonic() + 5
        self.ends = []

    def now(self):
        since = time.monotonic() - self.began
        if since < 0 or since % 18 >= 6:
            return None
        return FAULTS[int(since / 18) % len(FAULTS)]

    def intervals(self, until):
        step = 0
        while self.began + 18 * step + 6 < until:
            yield self.began + 18 * step, self.began + 18 * step + 6, FAULTS[step % len(FAULTS)]
            step += 1


def answer(unit, function, address, count, faulty, chance):
    """Data of the answer from the function code on, as it should be."""
    if faulty == "length":
        count += 1
    body = b"".join(struct.pack(">H", value(unit, address + i) & 0xFFFF) for i in range(count))
    return bytes([function, len(body)]) + body


def sends(frame, faulty, chance, send):
    """Sends a frame in the manner of the fault; False where the connection is to be reset."""
    if faulty == "silent":
        return True
    if faulty == "reset":
        return False
    if faulty == "garble":
        at = chance.randrange(len(frame))
        frame = frame[:at] + bytes([frame[at] ^ (1 << chance.randrange(8))]) + frame[at + 1:]
        # Modbus TCP has no checksum: only what its head shows can be known.
        send(frame)
    elif faulty == "late":
        threading.Timer(chance.uniform(0.1, 0.9), lambda: send(frame)).start()
    elif faulty == "doubled":
        send(frame)
        threading.Timer(chance.uniform(0, 0.3), lambda: send(frame)).start()
    elif faulty == "cut":
        send(frame[: chance.randrange(1, len(frame))])
    else:
        send(frame)
    return True


def gateway(faults, resetting, chance):
    listener = socket.create_server(("127.0.0.1", 0), backlog=8)

    def serve(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lock = threading.Lock()

        def send(data):
            with lock:
                try:
                    connection.sendall(data)
                except OSError:
                    pass

        try:
            while True:
                head = connection.recv(12, socket.MSG_WAITALL)
                if len(head) < 12:
                    break
                number, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", head)
                fault = faults.now() if unit == 2 else None
                if fault == "garble":
                    fault = "cut"
                if unit == resetting:
                    fault = "reset"
                data = answer(unit, function, address, count, fault, chance)
                frame = struct.pack(">HHHB", number, 0, len(data) + 1, unit) + data
                if not sends(frame, fault, chance, send):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
        except OSError:
            pass
        connection.close()

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def line(faults, units, chance, stranger):
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    lock = threading.Lock()

    def send(data):
        with lock:
            os.write(ours, data)

    def serve():
        pending = b""
        while True:
            ready, _, _ = select.select([ours], [], [], 0.02)
            if not ready:
                pending = b""
                continue
            pending += os.read(ours, 256)
            while len(pending) >= 8:
                frame, pending = pending[:8], pending[8:]
                if crc(frame[:6]) != frame[6:]:
                    pending = b""
                    break
                unit, function, address, count = struct.unpack(">BBHH", frame[:6])
                if unit not in units:
                    continue
                fault = faults.now() if unit == 2 else None
                data = bytes([unit]) + answer(unit, function, address, count, fault, chance)
                time.sleep(0.004)
                sends(data + crc(data), "silent" if fault == "reset" else fault, chance, send)

    def ask():
        """Another master, which does not listen before it asks: request and answer are on the line, whoever else is."""
        while True:
            time.sleep(chance.uniform(0.3, 1.5))
            if not stranger():
                continue
            unit, address, count = chance.choice(units), chance.choice([500, 700, 900]), chance.choice([1, 1, 2, 11, 12])
            request = struct.pack(">BBHH", unit, 3, address, count)
            send(request + crc(request))
            time.sleep(chance.uniform(0.003, 0.06))
            data = bytes([unit]) + answer(unit, 3, address, count, None, chance)
            send(data + crc(data))

    threading.Thread(target=serve, daemon=True).start()
    threading.Thread(target=ask, daemon=True).start()
    return os.ttyname(theirs)


def plant(place, ports, device):
    text = [
        "site: {name: Faulty works, timezone: Europe/Stockholm}",
        f"storage: {{directory: {place}/state}}",
        f"alerts: [{{path: {place}/alerts.jsonl}}]",
        f"api: {{socket: {place}/s}}",
        "links:",
        f"  one: {{transport: tcp, host: 127.0.0.1, port: {ports[0]}, timeout: 300ms}}",
        f"  two: {{transport: tcp, host: 127.0.0.1, port: {ports[1]}, timeout: 300ms}}",
        f"  bus: {{transport: rtu, device: {device}, baud: 19200, parity: none, timeout: 300ms}}",
        "meters:",
    ]
    for link, units in (("one", 5), ("two", 5), ("bus", 4)):
        for unit in range(1, units + 1):
            text.append(f"  {link}_{unit}:\n    link: {link}\n    unit: {unit}\n    interval: 1s\n    points:")
            for name, address in HELD.items():
                text.append(f"      {name}: {{register: holding {address}, type: uint16, kind: gauge}}")
    return "\n".join(text) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--seconds", type=float, default=140)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    place = tempfile.mkdtemp(prefix="emsd-faults-")
    chance = random.Random(options.seed)
    faults = Faults(options.seed)
    began = time.time()
    end = time.monotonic() + options.seconds
    ports = [gateway(faults, None, chance), gateway(faults, 3, chance)]
    device = line(faults, [1, 2, 3, 4], chance, lambda: time.monotonic() > faults.began)
    with open(place + "/emsd.yaml", "w") as file:
        file.write(plant(place, ports, device))
    daemon = subprocess.Popen([options.bin + "/emsd", "run", "--config", place + "/emsd.yaml"])
    offset = time.time() - time.monotonic()
    time.sleep(options.seconds)
    wrong = missed = lost = 0
    lines = []
    for link, units in (("one", 5), ("two", 5), ("bus", 4)):
        for unit in range(1, units + 1):
            shares = []
            for name, address in HELD.items():
                listed = subprocess.run(
                    [options.bin + "/emsctl", "--socket", place + "/s", "readings", f"{link}_{unit}.{name}", "--format", "csv"],
                    capture_output=True, text=True)
                rows = list(csv.DictReader(io.StringIO(listed.stdout)))
                good = [row for row in rows if row["quality"] == "good"]
                bad = [row for row in good if float(row["value"]) != value(unit, address)]
                wrong += len(bad)
                if bad:
                    lines.append(f"WRONG {link}_{unit}.{name}: {bad[:3]}")
                shares.append(len(good) / max(1, options.seconds - 1))
                if unit == 2:
                    times = [time.mktime(time.strptime(row["time"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone for row in good]
                    for _, stop, fault in faults.intervals(end - 6):
                        back = min((t + 1 - offset for t in times if t + 1 - offset > stop), default=end) - stop
                        if back > 6:
                            missed += 1
                            lines.append(f"LATE {link}_{unit}.{name}: back {back:.1f} s after {fault}")
            share = min(shares)
            lines.append(f"{link}_{unit}: {100 * share:.1f} % of its polls")
            if unit != 2 and not (link == "two" and unit == 3):
                lost += share < (0.95 if link == "bus" else 0.99)
    daemon.terminate()
    daemon.wait()
    print("\n".join(lines))
    with open(place + "/alerts.jsonl") as file:
        alerts = [text for text in file if '"foreign_master"' in text]
    print(f"{len(alerts)} alert of another master")
    print(f"{wrong} wrong values, {missed} times late, {lost} healthy meters short of their polls")
    print(place)
    return 1 if wrong or missed or lost else 0


sys.exit(main())
