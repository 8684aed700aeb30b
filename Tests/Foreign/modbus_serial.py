"""A Modbus RTU server from PyPI on a serial line without wires, for the black-box tests.

    python3 modbus_serial.py LINK

makes a pseudo terminal with a symbolic link LINK to it, serves unit 1 of modbus_server.py behind it, says `ready`, and runs
until it is killed: then the terminal is gone as an adapter is that was pulled out, and only the link stays.
"""

import asyncio
import os
import sys
import threading
import tty

from pymodbus import FramerType
from pymodbus.server import StartAsyncSerialServer

from modbus_server import plant


def relay(source, sink):
    while True:
        try:
            data = os.read(source, 512)
        except OSError:
            os._exit(1)
        os.write(sink, data)


def terminal():
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, theirs, os.ttyname(theirs)


async def serve(link):
    # Two terminals, each with one end for a program and one for us, who pass on between them.
    outer, held, name = terminal()
    inner, _, port = terminal()
    for ends in ((outer, inner), (inner, outer)):
        threading.Thread(target=relay, args=ends, daemon=True).start()
    server = asyncio.ensure_future(StartAsyncSerialServer(
        plant(), framer=FramerType.RTU, port=port, baudrate=19200, parity="N"))
    await asyncio.sleep(0.5)
    if os.path.islink(link):
        os.unlink(link)
    os.symlink(name, link)
    print("ready", flush=True)
    await server


asyncio.run(serve(sys.argv[1]))
