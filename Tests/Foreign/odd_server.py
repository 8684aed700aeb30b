"""A TCP server that is no good Modbus server, for the black-box tests.

    python3 odd_server.py PORT silent|noise|http|short|liar|closing

accepts connections, says `ready`, and to each request answers nothing, noise, a web page, a header that promises more
than follows, more registers than were asked for, or closes the connection.
"""

import random
import socket
import sys
import threading

port, manner = int(sys.argv[1]), sys.argv[2]
noise = random.Random(4711)


def answer(request):
    if manner == "noise":
        return bytes(noise.randrange(256) for _ in range(noise.randrange(1, 300)))
    if manner == "http":
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    if manner == "short":
        return request[:4] + b"\x00\x63" + request[6:8] + b"\x60"
    if manner == "liar":
        return request[:4] + b"\x00\xff" + request[6:8] + b"\xfc" + bytes(252)
    return b""


def serve(connection):
    with connection:
        while True:
            try:
                request = connection.recv(260)
                if not request or manner == "closing":
                    return
                connection.sendall(answer(request))
            except OSError:
                return


listener = socket.create_server(("127.0.0.1", port))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
