#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Listings while they are read in pieces and while the configuration and the
conn table change under them; rates; the tracepoint of drops. The
namespace needs what procfs.py says. usage: listing.py [SELECT]"""

import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import errno   # noqa: E402
import socket  # noqa: E402
import struct  # noqa: E402

from ipvs import (  # noqa: E402
    DEL_DEST, DEL_SERVICE, DROUTE, D_ADDR, D_STATS64, F_PERSISTENT, NEW_DEST,
    NEW_SERVICE, SET_DEST, S_PORT, UDP, ZERO, Ipvs, be16, dest,
    dst_key, is_stock, new_dest, new_service, parse, service, svc_key,
    svc_mark, svc_rest)
import ktap                           # noqa: E402
from ktap import (  # noqa: E402
    SLOW, Skip, busywait, check, equal, note, test)

ANY = "192.0.2.2"
KNOBS = "/proc/sys/net/ipv4/vs/"


def pieces(name, size, limit=1 << 30):
    """The file /proc/net/@name by reads of @size bytes."""
    out = []
    fd = os.open("/proc/net/" + name, os.O_RDONLY)
    while limit > 0:
        got = os.read(fd, size)
        if not got:
            break
        out.append(got)
        limit -= len(got)
    os.close(fd)
    return b"".join(out)


def fresh():
    ipvs = Ipvs()
    ipvs.flush()
    return ipvs


def many_services(ipvs):
    """Services of all kinds, two of them with more servers than a page."""
    for number in range(150):
        ipvs.do(NEW_SERVICE, new_service(port=1000 + number, proto=UDP))
        ipvs.do(NEW_SERVICE, new_service("2001:db8::1", 1000 + number))
    for mark in range(1, 20):
        ipvs.do(NEW_SERVICE, service(svc_mark(mark) + svc_rest()))
    for key in (svc_key(port=1000, proto=UDP), svc_mark(7)):
        for number in range(400):
            ipvs.do(NEW_DEST, service(key),
                    new_dest("10.0.%d.%d" % (number >> 8, number & 255)))


@test("listing: ip_vs is the same in pieces of any size")
def services_in_pieces():
    ipvs = fresh()
    many_services(ipvs)
    whole = pieces("ip_vs", 1 << 20)
    equal(whole.count(b"\n"), 3 + 319 + 800, "lines")
    for size in (1, 7, 80, 1000, 4096, 70000):
        check(pieces("ip_vs", size) == whole, "differs by reads of %d" % size)
    fd = os.open("/proc/net/ip_vs", os.O_RDONLY)
    for offset in (0, 30000, 3, len(whole) - 10, 4096, len(whole) + 1, 12345):
        equal(os.pread(fd, 200, offset), whole[offset:offset + 200],
              "200 bytes at %d" % offset)
    os.close(fd)
    ipvs.flush()


class Changes(threading.Thread):
    """Calls a function again and again in the background."""

    def __init__(self, func, least=4):
        super().__init__()
        self.func, self.least = func, least
        self.done, self.rounds, self.error = False, 0, None

    def run(self):
        try:
            while not self.done:
                self.func(self.rounds)
                self.rounds += 1
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done = True
        self.join()
        check(self.error is None, "changes stopped: %r" % self.error)
        check(self.rounds >= self.least, "only %d changes" % self.rounds)


@test("listing: services that stay are listed once while others change")
def stable_services():
    if is_stock():
        raise Skip("stock ip_vs counts services to find its place again")
    ipvs, other = fresh(), Ipvs()
    for number in range(400):
        ipvs.do(NEW_SERVICE, new_service(port=1000 + number))

    def change(number):
        # a service of the stable range's neighbourhood comes and goes
        other.do(NEW_SERVICE, new_service(port=9000 + number % 50))
        other.do(DEL_SERVICE, service(svc_key(port=9000 + number % 50)))

    want = sorted(be16(1000 + number) for number in range(400))
    lines = sorted(b"TCP  C0000201:%04X rr  " % (1000 + number)
                   for number in range(400))
    with Changes(change):
        for _ in range(5):
            ports = [s[S_PORT] for s in ipvs.services()]
            equal(sorted(p for p in ports if p < be16(9000)), want,
                  "ports in a dump")
            rows = pieces("ip_vs", 4096).split(b"\n")[3:-1]
            equal(sorted(r for r in rows if r < b"TCP  C0000201:2328"), lines,
                  "rows of /proc/net/ip_vs")
    ipvs.flush()


@test("listing: servers that stay are listed once while others change")
def stable_dests():
    if is_stock():
        raise Skip("stock ip_vs counts servers to find its place again")
    ipvs, other = fresh(), Ipvs()
    key = svc_key()
    ipvs.do(NEW_SERVICE, new_service())
    for number in range(500):
        ipvs.do(NEW_DEST, service(key), new_dest("10.0.1.%d" % (number & 255),
                                                 1 + (number >> 8)))

    def change(number):
        guest = "10.0.9.%d" % (number % 200)
        other.do(NEW_DEST, service(key), new_dest(guest))
        other.do(SET_DEST, service(key), new_dest("10.0.1.9", 1,
                                                  weight=number % 9))
        other.do(DEL_DEST, service(key), dest(dst_key(guest)))

    with Changes(change):
        for _ in range(10):
            found = [d[D_ADDR] for d in ipvs.dests(key)]
            stay = [a for a in found if a[2] == 1]
            equal(len(stay), 500, "servers in a dump")
            rows = pieces("ip_vs", 4096).split(b"\n")[4:-1]
            stay = [r for r in rows if r.startswith(b"  -> 0A0001")]
            equal((len(stay), len(set(stay))), (500, 500),
                  "rows of /proc/net/ip_vs")
    ipvs.flush()


@test("listing: a dump of a service that is made anew shows no second one")
def remade_service():
    if is_stock():
        raise Skip("stock ip_vs goes on in the second service")
    ipvs, other = fresh(), Ipvs()
    key = svc_key()

    def make():
        other.do(NEW_SERVICE, new_service())
        for number in range(100):
            other.do(NEW_DEST, service(key), new_dest("10.0.1.%d" % number))

    make()

    def change(_):
        other.do(DEL_SERVICE, service(key))
        make()

    with Changes(change, least=1):
        for _ in range(30):
            found = [d[D_ADDR] for d in ipvs.dests(key)]
            equal(len(found), len(set(found)), "servers, and different ones")
    ipvs.flush()


def any_service(ipvs):
    """A UDP service for all ports, so that one socket makes many conns."""
    key = svc_key(ANY, 0, UDP)
    mask = struct.unpack("=I", b"\xff\xff\xff\xff")[0]
    ipvs.do(NEW_SERVICE, service(key + svc_rest(
        flags=F_PERSISTENT, timeout=300, netmask=mask)))
    ipvs.do(NEW_DEST, service(key), new_dest("10.0.0.9", 0, fwd=DROUTE))


def send(first, last, source=40000):
    """One datagram to each port of a range of the service."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("0.0.0.0", source))
        for port in range(first, last):
            sock.sendto(b"x", (ANY, port))


def conns():
    """The virtual ports of the conns listed, without templates."""
    rows = pieces("ip_vs_conn", 1 << 16).split(b"\n")[1:-1]
    return [int(row.split()[4], 16) for row in rows
            if row.split()[2] == b"9C40"]


@test("listing: ip_vs_conn in pieces of any size")
def conns_in_pieces():
    ipvs = fresh()
    any_service(ipvs)
    send(1, 401)
    equal(sorted(conns()), list(range(1, 401)), "ports listed")

    def keys(data):
        # without the seconds left
        return sorted(row[:60] for row in data.split(b"\n"))

    whole = keys(pieces("ip_vs_conn", 1 << 20))
    equal(len(whole), 1 + 401 + 1, "title, conns and template, end")
    for size in (1, 77, 78, 1000, 4096):
        check(keys(pieces("ip_vs_conn", size)) == whole,
              "differs by reads of %d" % size)
    fd = os.open("/proc/net/ip_vs_conn", os.O_RDONLY)
    start = os.read(fd, 5000)
    equal(os.pread(fd, 1000, 100)[:60], start[100:160], "bytes at 100")
    os.lseek(fd, 0, os.SEEK_SET)
    equal(os.read(fd, 5000)[:60], start[:60], "bytes after rewinding")
    os.close(fd)
    ipvs.flush()


@test("listing: ip_vs_conn takes time in proportion to the conns")
def conns_linear():
    if is_stock():
        raise Skip("stock ip_vs starts at the first bucket at every read")
    ipvs = fresh()
    any_service(ipvs)

    def seconds():
        begin = time.monotonic()
        found = conns()
        return time.monotonic() - begin, len(set(found))

    # all have to be there before the first end, after 300 s
    few, many = 4000 // SLOW, 40000 // SLOW
    send(1, few + 1)
    seconds()
    small, count = seconds()
    equal(count, few, "conns")
    send(few + 1, many + 1)
    # until the table is done with growing
    check(busywait(20, lambda: seconds()[1] == many), "%d conns" % many)
    large, _ = seconds()
    note("%d conns: %.3f s, %d: %.3f s" % (few, small, many, large))
    check(large < 25 * small + 1, "%.3f s after %.3f s" % (large, small))
    ipvs.flush()


@test("listing: conns that stay are listed while the table grows")
def conns_growing():
    ipvs = fresh()
    any_service(ipvs)
    send(1, 1001)
    stay = set(range(1, 1001))
    step = 2000

    def change(number):
        first = 1001 + number * step % 60000
        send(first, first + step)

    with Changes(change, least=1):
        for _ in range(10):
            missing = stay - set(conns())
            check(not missing, "%d conns are not listed" % len(missing))
    ipvs.flush()


def rates(ipvs, key):
    """conns, packets and bytes per second of the only server."""
    values = dict(parse(ipvs.dests(key)[0][D_STATS64]))
    return [struct.unpack("=Q", values[kind])[0] for kind in (6, 7, 9)]


@test("rates: they approach what is sent, decay, and are zeroed")
def rates_follow():
    if is_stock():
        raise Skip("stock ip_vs rolls by a timer of its own")
    ipvs = fresh()
    any_service(ipvs)
    key = svc_key(ANY, 0, UDP)
    end = time.monotonic() + 14
    port = sent = 0
    some = max(20 // SLOW, 2)
    begin = time.monotonic()
    while time.monotonic() < end:
        # evenly: some conns of one packet each 0.1 s
        if sent * 0.1 < time.monotonic() - begin:
            send(port + 1, port + 1 + some, 40001)
            port, sent = (port + some) % 60000, sent + 1
    cps, pps, bps = rates(ipvs, key)
    note("after 14 s: %d conns/s, %d packets/s, %d bytes/s" % (cps, pps, bps))
    # 6 or 7 windows: 1 - 0.75^6 = 82 %
    check(7.5 * some <= pps <= 10.5 * some, "packets/s")
    check(7.5 * some <= cps <= 10.5 * some, "conns/s")
    check(29 * pps - 60 <= bps <= 29 * pps + 60, "bytes/s")
    check(busywait(9, lambda: rates(ipvs, key)[1] < pps // 2), "no decay")
    slower = rates(ipvs, key)[1]
    check(slower > some, "decayed to %d at once" % slower)
    ipvs.do(ZERO, service(key))
    equal(rates(ipvs, key), [0, 0, 0], "rates after ZERO")
    send(1, 41)
    equal(rates(ipvs, key), [0, 0, 0], "rates before the window ends")
    check(busywait(4, lambda: 4 <= rates(ipvs, key)[1] <= 6),
          "40 packets in 2 s weigh a quarter: %r" % rates(ipvs, key))
    ipvs.flush()


def knob(name, value=None):
    """Reads a knob, or writes it and returns the error or 0."""
    if value is None:
        with open(KNOBS + name, encoding="ascii") as file:
            return int(file.read())
    try:
        with open(KNOBS + name, "w", encoding="ascii") as file:
            file.write(str(value))
        return 0
    except OSError as error:
        return error.errno


@test("drops: counted, and told by the tracepoint with their reason")
def drop_trace():
    if is_stock():
        raise Skip("stock ip_vs has no reasons")
    ipvs = fresh()
    any_service(ipvs)
    tracing = "/sys/kernel/tracing/"
    if not os.path.exists(tracing + "events"):
        os.system("mount -t tracefs tracefs " + tracing)

    def limited():
        with open("/proc/net/lvs_drops", encoding="ascii") as file:
            table = dict(line.split() for line in file)
        equal(int(table["packets_in"]), sum(map(int, table.values())) -
              int(table["packets_in"]), "packets in, and all outcomes")
        return int(table["conn_limit"])

    before = limited()
    knob("conn_max", 0)
    with open(tracing + "events/lvs/lvs_drop/enable", "w",
              encoding="ascii") as file:
        file.write("1")
    try:
        send(61001, 61002)
    except PermissionError:
        pass    # what a dropped packet of a local client answers
    with open(tracing + "events/lvs/lvs_drop/enable", "w",
              encoding="ascii") as file:
        file.write("0")
    knob("conn_max", 1 << 30)
    equal(limited(), before + 1, "conn_limit")
    with open(tracing + "trace", encoding="ascii") as file:
        text = file.read()
    check("lvs_drop: reason=conn_limit family=ipv4 protocol=17 "
          "src=192.0.2.2:40000 dst=192.0.2.2:61001 hook=LOCAL_OUT" in text,
          "trace: " + text)
    ipvs.flush()


if __name__ == "__main__":
    ktap.run(sys.argv[1] if len(sys.argv) > 1 else "")
