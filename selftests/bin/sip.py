#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Datagrams of SIP, where SIPp would do too much. All but split speak from or
with port 5060.

sip.py say SOURCE PORT ADDRESS CALL...: one message of each call
sip.py answer ADDRESS COUNT VIRTUAL: send COUNT messages back to their senders;
    prints for each whether that was the virtual address
sip.py call SOURCE ADDRESS: send a message; prints whether it comes back
sip.py race SOURCE ADDRESS CALLS: the first packets of many calls, each from 12
    ports, from four processes at once
sip.py split: of the director's conns, how many calls of race have two servers
"""

import os
import socket
import sys

PORT = 5060
PROCESSES = 4


def open_socket(address, port, wait=20):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                         socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(wait)
    sock.bind((address, port))
    return sock


def message(call):
    return b"OPTIONS sip:x SIP/2.0\r\nCall-ID: %s\r\n\r\n" % call.encode()


def say(source, port, address, *calls):
    with open_socket(source, int(port)) as sock:
        for call in calls:
            sock.sendto(message(call), (address, PORT))


def answer(address, count, virtual):
    with open_socket(address, PORT) as sock:
        for _ in range(int(count)):
            data, sender = sock.recvfrom(2000)
            print(sender[:2] == (virtual, PORT), flush=True)
            sock.sendto(data, sender)


def call_client(source, address):
    data = message("call-of-" + source)
    with open_socket(source, PORT) as sock:
        sock.sendto(data, (address, PORT))
        print(sock.recv(2000) == data)


def port_of(number, call, turn):
    return 10000 + number * 1000 + call * 10 + turn


def race(source, address, calls):
    for number in range(PROCESSES):
        if os.fork():
            continue
        os.sched_setaffinity(0, {number % os.cpu_count()})
        for call in range(int(calls)):
            for turn in range(3):
                with open_socket(source, port_of(number, call, turn)) as sock:
                    sock.sendto(message("race%d" % call), (address, PORT))
        os._exit(0)
    if any(os.wait()[1] for _ in range(PROCESSES)):
        raise SystemExit("one of the processes failed")


def split():
    servers = {}
    with open("/proc/net/ip_vs_conn", encoding="ascii") as proc:
        for line in proc.readlines()[1:]:
            words = line.split()
            if words[7] == "UDP":
                call = int(words[2], 16) % 1000 // 10
                servers.setdefault(call, set()).add(words[5])
    print(sum(len(found) > 1 for found in servers.values()))


{"say": say, "answer": answer, "call": call_client, "race": race,
 "split": split}[sys.argv[1]](*sys.argv[2:])
