"""A Modbus TCP server from PyPI for the black-box tests.

    python3 modbus_server.py PORT

serves unit 1 with a fixed image of every width and order of words, says `ready`, and runs until it is killed.
"""

import asyncio
import struct
import sys

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import StartAsyncTcpServer


def words(layout, value):
    data = struct.pack(layout, value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


HOLDING = {0: [0xFF85],                                      # int16 -123
           10: words(">f", 231.5),                           # float32 ABCD
           20: words(">f", 49.98)[::-1],                     # float32 CDAB
           30: words("<I", 3_000_000_000)[::-1],             # uint32 BADC
           40: words("<I", 4_711_234),                       # uint32 DCBA
           50: words(">d", 1234.5678),                       # float64
           60: words(">q", -9_007_199_254_740_991),          # int64
           70: [0x9512],                                     # bcd16
           80: [0b1011_0100]}                                # bits
INPUT = [1000 + address for address in range(300)]


def image(places, size):
    registers = [0] * size
    for address, part in places.items():
        registers[address:address + len(part)] = part
    return registers


def plant():
    # In pymodbus the first value of a block at address 1 is the one of protocol address 0.
    device = ModbusDeviceContext(
        di=ModbusSequentialDataBlock(1, [True, False, True, True]),
        co=ModbusSequentialDataBlock(1, [False, True]),
        hr=ModbusSequentialDataBlock(1, image(HOLDING, 100)),
        ir=ModbusSequentialDataBlock(1, INPUT))
    return ModbusServerContext(devices={1: device}, single=False)


async def serve(port):
    server = asyncio.ensure_future(StartAsyncTcpServer(plant(), address=("127.0.0.1", port)))
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            if server.done():
                break
            await asyncio.sleep(0.02)
    print("ready", flush=True)
    await server


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
