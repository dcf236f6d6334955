#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""SCTP: assoc.py serve NAME PORT ADDRESS...: answer each association by the
name and by what came. assoc.py ask ADDRESS PORT N BYTES: N associations, one
after the other; tells how many each server has answered."""

import collections
import os
import socket
import sys
import threading

SCTP = 132
IPV6_FREEBIND = 78
IP_FREEBIND = 15
SLOW = int(os.environ.get("TEST_SLOW") or 1)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def receive(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(65536)
        if not more:
            raise EOFError("%d of %d bytes" % (len(data), count))
        data += more
    return data


def send(sock, data):
    """In messages that fit a packet, and larger ones."""
    for at in range(0, len(data), 2500):
        sock.sendall(data[at:at + 2500])


def answer(conn, name):
    with conn:
        size = int(receive(conn, 8))
        send(conn, b"%-4s" % name.encode() + receive(conn, size))


def serve(name, port, address):
    sock = socket.socket(family(address), socket.SOCK_STREAM, SCTP)
    if ":" in address:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    sock.bind((address, port))
    sock.listen(64)
    while True:
        conn = sock.accept()[0]
        threading.Thread(target=answer, args=(conn, name), daemon=True).start()


def ask(address, port, count, size):
    names = collections.Counter()
    for _ in range(count):
        with socket.socket(family(address), socket.SOCK_STREAM, SCTP) as sock:
            sock.settimeout(20 * SLOW)
            sock.connect((address, port))
            data = os.urandom(size)
            sock.sendall(b"%8d" % size)
            send(sock, data)
            name = receive(sock, 4 + size)
            if name[4:] != data:
                raise ValueError("what came back is not what was sent")
            names[name[:4].decode().strip()] += 1
    print(" ".join("%s %d" % item for item in sorted(names.items())))


if sys.argv[1] == "serve":
    for where in sys.argv[4:-1]:
        threading.Thread(target=serve, args=(sys.argv[2], int(sys.argv[3]),
                                             where), daemon=True).start()
    serve(sys.argv[2], int(sys.argv[3]), sys.argv[-1])
else:
    ask(sys.argv[2], *map(int, sys.argv[3:]))
