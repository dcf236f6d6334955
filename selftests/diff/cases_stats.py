# SPDX-License-Identifier: GPL-2.0
"""Totals, rates, zeroing, and what a running director has in /proc/net."""

import time

import ipvs
from case import DEST_STATS, RATES, STATS, about, case, identity

FAMILIES = (4, 6)
METHODS = ("nat", "dr", "tun")


def numbers(text, line):
    """The hexadecimal numbers of a line."""
    return [int(word, 16) for word in text.splitlines()[line].split()]


def totals(t):
    return numbers(t.lab.proc("ip_vs_stats"), 2)


def by_cpu(t):
    """[numbers of the first CPU, of all]: all of a test runs on one."""
    lines = t.lab.proc("ip_vs_stats_percpu").splitlines()
    return [[int(w, 16) for w in lines[2].split()],
            [int(w, 16) for line in lines if "~" in line
             for w in line.split()[1:]]]


def minus(a, b):
    return [minus(x, y) if isinstance(x, list) else x - y
            for x, y in zip(a, b)]


def traffic(t, method, proto):
    flow = t.flow(proto)
    flow.client("S")
    if method == "nat":
        flow.server("SA")
    for size in (0, 10, 1000):
        flow.client("A", b"x" * size)
        if method == "nat":
            flow.server("A", b"y" * size)
    return flow


@case("totals", long=True, fam=FAMILIES, method=METHODS, proto=("tcp", "udp"))
def total(t, method, proto):
    """What ip_vs_stats and ip_vs_stats_percpu add for a conversation."""
    t.service(proto)
    t.dest(1, fwd=method)
    yield 2.6
    before = totals(t), by_cpu(t)
    traffic(t, method, proto)
    yield 2.6
    t.see("ip_vs_stats", minus(totals(t), before[0]))
    t.see("ip_vs_stats_percpu", minus(by_cpu(t), before[1]))
    t.see("lines", [len(line.split()) for line in
                    t.lab.proc("ip_vs_stats_percpu").splitlines()])
    t.see("lines of ip_vs_stats", [len(line.split()) for line in
                                   t.lab.proc("ip_vs_stats").splitlines()])


@case("totals of what is gone", long=True, fam=FAMILIES)
def total_gone(t):
    """They stay when servers and services go."""
    t.service(proto="udp")
    t.dest(1)
    t.dest(2)
    yield 2.6
    before = totals(t)
    traffic(t, "nat", "udp")
    t.del_dest(1)
    yield from t.counters()
    t.del_service()
    yield 2.6
    t.see("ip_vs_stats", minus(totals(t), before))


@case("totals and zeroing", long=True)
def total_zero(t):
    """Zeroing all zeroes them, one service does not; nor the CPUs'."""
    key = t.service(proto="udp")
    t.dest(1)
    t.request("zero all", ipvs.ZERO)
    traffic(t, "nat", "udp")
    yield 2.6
    t.see("ip_vs_stats", totals(t))
    before = by_cpu(t)
    t.request("zero one", ipvs.ZERO, ipvs.service(key))
    t.counted()
    t.see("ip_vs_stats", totals(t))
    t.request("zero all", ipvs.ZERO)
    t.counted()
    t.see("ip_vs_stats", totals(t))
    t.see("ip_vs_stats_percpu", minus(by_cpu(t), before)[1][:5])


def rates(t):
    """[[cps, inpps, outpps, inbps, outbps] of the 32-bit and the 64-bit
    statistics] of the service and its server."""
    out = []
    for cmd, extra, kinds in ((ipvs.GET_SERVICE, b"", STATS),
                              (ipvs.GET_DEST, ipvs.service(t.key),
                               DEST_STATS)):
        got, _ = t.lab.ipvs.exchange(t.lab.ipvs.id, cmd, extra,
                                     ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP)
        for message in got:
            if cmd == ipvs.GET_SERVICE and identity(message) != t.key:
                continue
            nest = dict(message.attrs)[1 if cmd == ipvs.GET_SERVICE else 2]
            out += [[int.from_bytes(v, "little") for k, v in ipvs.parse(p)
                     if k in RATES] for kind, p in ipvs.parse(nest)
                    if kind in kinds]
    return out


@case("rates", long=True, fam=FAMILIES, method=("nat", "dr"))
def rate(t, method):
    """The highest that a burst comes to, and how it dies away; the windows of
    two seconds do not begin at the same time."""
    t.service(proto="udp", flags=ipvs.F_ONEPACKET if method == "dr" else 0)
    t.dest(1, fwd=method)
    flows = [t.flow("udp") for _ in range(40)]
    for number in range(160):
        t.lab.inject("c", flows[number % 40].packet("", b"x" * 1000))
    t.lab.drain()
    highest = None
    slow, last = 0, time.monotonic()
    for _ in range(8):
        yield 0.6
        # a machine that looks too late sees what is left of a peak
        slow = max(slow, time.monotonic() - last)
        last = time.monotonic()
        now = rates(t)
        highest = now if highest is None else [
            [max(a, b) for a, b in zip(x, y)] for x, y in zip(highest, now)]
    # a burst over the end of a window comes to 7/8 of one within
    t.see("highest rates", [[about(v, 1 + v // 6 if slow < 1.8 else 1 << 40)
                             for v in one] for one in highest])


@case("rates of nothing", fam=FAMILIES)
def rate_none(t):
    """A new service's, all 0."""
    t.service()
    t.dest(1)
    t.see("rates", rates(t))
    yield 2.6
    t.see("rates", rates(t))


@case("services in /proc/net/ip_vs", fam=FAMILIES, proto=("tcp", "udp", "sctp"),
      flags=(0, 1, 4, 5))
def listed(t, proto, flags):
    """Each kind of line, with servers of each method and large numbers."""
    t.service(proto, flags=flags, timeout=1000)
    for i, method in enumerate(METHODS + ("local",), 1):
        t.dest(i, fwd=method, weight=10 ** (2 * i), port=80 + i)
    t.service(proto, mark=1, flags=flags, timeout=1000)
    t.dest(1, fwd="tun", fam=10 - t.fam)
    t.dest(2, port=0)
    t.service(proto, port=0, flags=1, timeout=99, sched="sh")
    t.listing()
