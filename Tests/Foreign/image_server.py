"""A Modbus TCP server of the black-box tests whose cells a test changes while it runs.

    python3 image_server.py PORT FILE

serves what the JSON of FILE says at each request: {"holding": {"40": 7}, "input": {}, "coil": {}, "discrete": {"4": 1},
"refused": [2]}, cells that are not named as 0, and the function codes of `refused` with exception 4. It says `ready`, and
writes what it was asked for as lines `FUNCTION ADDRESS COUNT` into FILE.asked.
"""

import json
import socket
import struct
import sys
import threading

TABLES = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
port, image = int(sys.argv[1]), sys.argv[2]
asked = open(image + ".asked", "w", buffering=1)


def answer(function, address, count):
    with open(image) as file:
        now = json.load(file)
    print(function, address, count, file=asked)
    if function in now.get("refused", []):
        return struct.pack(">BB", function | 0x80, 4)
    table = now.get(TABLES[function], {})
    cells = [table.get(str(cell), 0) for cell in range(address, address + count)]
    if function > 2:
        return struct.pack(f">BB{count}H", function, 2 * count, *cells)
    data = bytearray((count + 7) // 8)
    for place, cell in enumerate(cells):
        data[place // 8] |= cell << place % 8
    return struct.pack(">BB", function, len(data)) + bytes(data)


def serve(connection):
    stream = connection.makefile("rb")
    while len(request := stream.read(12)) == 12:
        transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", request)
        body = answer(function, address, count)
        connection.sendall(struct.pack(">HHHB", transaction, 0, len(body) + 1, unit) + body)


listener = socket.create_server(("127.0.0.1", port))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
