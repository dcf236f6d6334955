# SPDX-License-Identifier: GPL-2.0
"""First packets of conns on the fast path."""

import itertools
import os
import random
import subprocess

import ipvs
import wire
from fastlane import (
    CLIENT, Changed, DR, Flow, METHODS, NAT, SERVER, establish, fast, flows,
    mode, names, packets_of, run, same, slow, taken, tcp, through, udp, volley,
    wires)
from ktap import busywait, check, equal, test
from nfqueue import Queue
from wire import CIP, EMPTY, RIP, VIP, ip

# what is nobody's, and what is the director's
NO_SOURCES = ("0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255",
              "198.51.100.254", "192.0.2.2", VIP[4])


def fresh(families=(4, 6), l4s=(tcp, udp), ports=METHODS):
    """Flows that nobody knows."""
    return [Flow(*kind) for kind in itertools.product(families, l4s, ports)]


def firsts(some, **fields):
    """Their first packets."""
    return [flow.request(**({"flags": "S"} if flow.l4 is tcp else {}),
                         **fields) for flow in some]


def learn(some):
    """Have services see where such packets come in."""
    establish([Flow(flow.family, flow.l4, flow.port) for flow in some])


def start_fast(kinds, **fields):
    """New flows of these kinds whose first packets the fast path takes, at the
    latest after some attempts: a change before may still be settling. Returns
    flows and frames."""
    def attempt():
        some = fresh(*kinds)
        learn(some)
        before = taken()
        frames = through(CLIENT, firsts(some, **fields), names(some))
        return (some, frames) if taken() - before == len(some) else None
    found = busywait(5, attempt)
    check(found, "first packets on the slow path: %s" % names(fresh(*kinds)))
    return found


def start_slow(kinds, count=None, **fields):
    """The same, and the fast path takes none."""
    some = fresh(*kinds)
    learn(some)
    slow(CLIENT, firsts(some, **fields), names(some), count)
    return some


def released(some):
    """Have the first packets of flows queued and let go; what comes out."""
    packets = firsts(some)
    wire.enter(wires().director)
    try:
        queue = Queue(7)
    finally:
        wire.enter(wires().wire)
    with queue:
        wires().flush_frames()
        for packet in packets:
            wires().send(CLIENT, bytes(wires().frame_in(CLIENT, packet)))
        queue.let_go(len(packets))
        return wires().collect(len(some))


def listed(name):
    wire.enter(wires().director)
    try:
        return wire.read_proc(name)
    finally:
        wire.enter(wires().wire)


def conns_of(flow):
    """States of the flow's conns."""
    return [line.split()[7] for line in listed("ip_vs_conn").splitlines()
            if line.split()[2] == "%04X" % flow.sport]


@test("a first packet is the same on either path, and so is its conn")
def same_first():
    mode(1)
    for fields in ({}, {"ttl": 2}, {"data": b"data"}, {"chksum": 0x1234}):
        some, frames = start_fast((), **fields)
        for flow in some:
            equal(conns_of(flow), ["SYN_RECV" if flow.l4 is tcp else "UDP"],
                  "state of " + flow.name)
        mode(0)
        again = slow(CLIENT, firsts(some, **fields), "once more")
        mode(1)
        for flow, left, (_, right) in zip(some, frames, again):
            same("%s %r" % (flow.name, fields), left, right)


@test("conns and packets are counted, and outcomes")
def counted():
    mode(1)
    start_fast(())
    some = fresh()
    drops, conns = wires().drops(), listed("ip_vs_stats").splitlines()[2]
    before = taken()
    through(CLIENT, firsts(some), names(some))
    equal(taken() - before, len(some), "on the fast path")
    after = wires().drops()
    for name in ("packets_in", "forwarded"):
        equal(after[name] - drops[name], len(some), name)
    now = listed("ip_vs_stats").splitlines()[2]
    for column, what in ((0, "conns"), (1, "packets")):
        equal(int(now.split()[column], 16) - int(conns.split()[column], 16),
              len(some), what)


@test("an answered conn that began on the fast path goes on there")
def goes_on():
    mode(1)
    some, _ = start_fast(((4, 6), (tcp, udp), (NAT,)))
    through(SERVER, [flow.reply(**({"flags": "SA"} if flow.l4 is tcp else {}))
                     for flow in some], "answers")
    through(CLIENT, [flow.request() for flow in some], "third packets")
    before = taken()
    through(CLIENT, [flow.request() for flow in some], names(some))
    equal(taken() - before, len(some), "on the fast path")


@test("a SYN that is sent again belongs to the conn that is there")
def again_syn():
    mode(1)
    some, _ = start_fast(((4, 6), (tcp,)))
    slow(CLIENT, firsts(some), "once more")
    for flow in some:
        equal(len(conns_of(flow)), 1, "conns of " + flow.name)


@test("a first packet that a program lets go on is left to the slow path")
def from_a_program():
    mode(1)
    run("modprobe -a nfnetlink_queue nft_queue")
    rule = ("add table inet q; add chain inet q c "
            "{ type filter hook prerouting priority -300; }; "
            "add rule inet q c iifname c0 meta l4proto { tcp, udp } queue num 7")
    with Changed(("nft '%s'" % rule,), ("nft delete table inet q",)):
        some = fresh()
        released(fresh())   # services know where such packets come in
        before = taken()
        got = released(some)
        equal([side for side, _ in got], [SERVER] * len(some),
              "where they came out")
        equal(taken() - before, 0, "on the fast path")
    start_fast(())


@test("no first packet passes a rule, whatever fast_path is")
def rules():
    for value in (1, 2):
        mode(1)
        start_fast(())
        mode(value)
        for hook in ("prerouting", "input", "output", "postrouting"):
            chain = "nft 'table inet t { chain c { type filter hook %s " \
                "priority 0; policy %s; }; }'"
            undo = ["nft delete table inet t"]
            with Changed([chain % (hook, "accept")], undo):
                if value == 1 and hook in ("prerouting", "input"):
                    # behind the rule the stack sends it
                    start_slow(((4, 6), (tcp, udp), (DR, NAT)))
            some = fresh()
            with Changed([chain % (hook, "drop")], undo):
                slow(CLIENT, firsts(some), "%d: %s" % (value, hook), 0)
    mode(1)


@test("sources that input routing may mind are left to it")
def sources():
    mode(1)
    kinds = ((4,), (tcp, udp), (DR, NAT))
    start_fast(kinds)
    some = fresh(*kinds)
    for source in NO_SOURCES:
        packets = [ip(4, source, VIP[4]) / flow.l4(flow.sport, flow.port)
                   for flow in some]
        slow(CLIENT, packets, source, 0)
        for flow in some:
            equal(conns_of(flow), [], "conns of " + source)


def coming_from(source, kinds):
    """First packets of new flows with this source."""
    return [ip(4, source, VIP[4]) / flow.l4(flow.sport, flow.port)
            for flow in fresh(*kinds)]


def fast_from(source, kinds):
    """The fast path takes them."""
    packets = coming_from(source, kinds)
    before = taken()
    through(CLIENT, packets, source)
    equal(taken() - before, len(packets), "on the fast path, from " + source)


@test("rp_filter is obeyed by first packets on the fast path")
def reverse_path():
    mode(1)
    kinds = ((4,), (tcp, udp), (DR, NAT))
    far, other, nowhere = "198.18.5.9", "192.0.2.77", "192.88.99.9"
    try:
        with Changed(["ip route add unreachable 192.88.99.0/24"],
                     ["ip route del unreachable 192.88.99.0/24"]):
            for value, sources in ((2, (far, other)), (1, (far,)),
                                   (0, (far, other, nowhere))):
                wires().sysctl("net.ipv4.conf.c0.rp_filter", value)
                start_fast(kinds)
                for source in (far, other, nowhere):
                    if source in sources:
                        fast_from(source, kinds)
                    else:
                        slow(CLIENT, coming_from(source, kinds),
                             "%s, rp_filter=%d" % (source, value), 0)
    finally:
        wires().sysctl("net.ipv4.conf.c0.rp_filter", 0)


@test("a route that refuses a client stops its conns, with rp_filter")
def refused_source():
    mode(1)
    try:
        wires().sysctl("net.ipv4.conf.c0.rp_filter", 2)
        kinds = ((4,), (tcp, udp), (DR, NAT))
        some = flows(*kinds)
        packets = packets_of(some, CLIENT)
        for kind in ("blackhole", "unreachable", "prohibit"):
            fast(CLIENT, packets, names(some))
            with Changed(["ip route add %s %s/32" % (kind, CIP[4])],
                         ["ip route del %s %s/32" % (kind, CIP[4])]):
                slow(CLIENT, packets, kind, 0)
                # others have the ways to the servers looked up again
                through(CLIENT, coming_from("198.18.5.9", kinds), kind)
                slow(CLIENT, packets, kind, 0)
    finally:
        wires().sysctl("net.ipv4.conf.c0.rp_filter", 0)


@test("an address that becomes the director's is no client's any more")
def source_becomes_local():
    mode(1)
    address = "198.51.100.%d" % random.randrange(150, 250)
    kinds = ((4,), (tcp, udp), (DR, NAT))
    start_fast(kinds)
    for local in (False, True):
        packets = [ip(4, address, VIP[4]) / flow.l4(flow.sport, flow.port)
                   for flow in fresh(*kinds)]
        if not local:
            through(CLIENT, packets, address)
            continue
        with Changed(["ip address add %s/32 dev lo" % address],
                     ["ip address del %s/32 dev lo" % address]):
            slow(CLIENT, packets, address, 0)


@test("first packets from another device are looked at anew")
def other_device():
    mode(1)
    kinds = ((4, 6), (tcp, udp), (DR,))
    start_fast(kinds)
    some = fresh(*kinds)
    packets = firsts(some)
    before = taken()
    equal(len(volley(SERVER, packets[:2], 2)), 2, "frames")
    equal(taken(), before, "from the other side, for the first time")


@test("a VIP that is taken away gets no first packets")
def lost_vip():
    mode(1)
    for family in (4, 6):
        kinds = ((family,), (tcp, udp), (DR, NAT))
        start_fast(kinds)
        vip = "%s/%d dev lo" % (VIP[family], 32 if family == 4 else 128)
        back = vip + (" nodad preferred_lft 0" if family == 6 else "")
        nowhere = "unreachable " + VIP[family]
        some = fresh(*kinds)
        with Changed(["ip address del " + vip, "ip route add " + nowhere],
                     ["ip route del " + nowhere, "ip address add " + back]):
            before = taken()
            volley(CLIENT, firsts(some), 0, 0.15)
            equal(taken(), before, "for a lost VIP on the fast path")
        start_fast(kinds)


@test("where there is no server clients are told so by the slow path")
def no_server():
    mode(1)
    learn(fresh(ports=(DR,)))
    some = fresh(ports=(EMPTY,))
    got = slow(CLIENT, firsts(some), "no server")
    equal({where for where, _ in got}, {CLIENT}, "where answers go")


@test("conns of one packet go the slow way")
def one_packet():
    mode(1)
    kinds = ((4, 6), (udp,), (DR,))
    start_fast(kinds)
    for family in (4, 6):
        wires().ipvs.do(ipvs.SET_SERVICE, ipvs.new_service(
            VIP[family], DR, ipvs.UDP, sched="rr", flags=ipvs.F_ONEPACKET))
    try:
        for _ in range(2):
            some = fresh(*kinds)
            slow(CLIENT, firsts(some), names(some))
            for flow in some:
                equal(conns_of(flow), [], "conns of " + flow.name)
    finally:
        wires().configure()
    start_fast(kinds)


INPUT = Changed(["nft 'table inet t { chain c { type filter hook input "
                 "priority 0; }; }'"], ["nft delete table inet t"])


class Lookups:
    """Counts how often IPv4's routing tables are asked for the VIP."""
    tracing = "/sys/kernel/tracing/"
    event = tracing + "events/fib/fib_table_lookup/enable"

    def _write(self, path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def __enter__(self):
        if not os.path.exists(self.event):
            subprocess.run(["mount", "-t", "tracefs", "nodev", self.tracing],
                           check=True)
        self._write(self.event, "1")
        return self

    def __exit__(self, *_):
        self._write(self.event, "0")

    def during(self, packets):
        self._write(self.tracing + "trace", "")
        through(CLIENT, packets, "behind a rule")
        with open(self.tracing + "trace", encoding="ascii") as file:
            return sum("-> %s/" % VIP[4] in line for line in file)

    def none(self, packets):
        """None are needed, after some packets at the latest."""
        check(busywait(5, lambda: not self.during(packets)),
              "packets are routed one by one")


@test("behind rules packets are given the route that is known")
def known_route():
    mode(1)
    some = fresh((4,), (tcp, udp), (DR, NAT))
    establish(some)
    packets = [flow.request() for flow in some]
    with INPUT, Lookups() as lookups:
        lookups.none(packets)
        lookups.none(firsts(fresh((4,), (udp,))))
        wires().sysctl("net.ipv4.conf.c0.rp_filter", 1)
        lookups.none(packets)
        slow(CLIENT, [ip(4, "192.0.2.77", VIP[4]) / udp(53, DR)],
             "from the other side", 0)
        wires().sysctl("net.ipv4.conf.c0.rp_filter", 0)
        for source in NO_SOURCES:
            slow(CLIENT, [ip(4, source, VIP[4]) / udp(53, DR)], source, 0)


@test("behind rules, too, a lost VIP is noticed")
def known_route_lost():
    mode(1)
    for family in (4, 6):
        some = establish(fresh((family,), (tcp, udp), (DR, NAT)))
        packets = [flow.request() for flow in some]
        vip = "%s/%d dev lo" % (VIP[family], 32 if family == 4 else 128)
        back = vip + (" nodad preferred_lft 0" if family == 6 else "")
        nowhere = "unreachable " + VIP[family]
        with INPUT:
            through(CLIENT, packets, names(some))
            through(CLIENT, packets, names(some))
            with Changed(["ip address del " + vip, "ip route add " + nowhere],
                         ["ip route del " + nowhere,
                          "ip address add " + back]):
                got = volley(CLIENT, packets, 0, 0.15)
                equal([side for side, _ in got if side == SERVER], [],
                      "frames to servers")
            through(CLIENT, packets, names(some))


@test("a packet whose destination a rule changes is not kept here")
def known_route_changed():
    mode(1)
    for family, kind in ((4, "ip"), (6, "ip6")):
        for rule, chain in (
                ("dnat to %s" % RIP[family], "type nat hook prerouting "
                 "priority dstnat"),
                ("%s daddr set %s" % (kind, RIP[family]),
                 "type filter hook prerouting priority mangle")):
            learn(fresh((family,), (udp,), (DR,)))
            with INPUT, Changed(
                    ["nft 'table %s u { chain c { %s; udp dport %d %s; }; }'"
                     % (kind, chain, DR, rule)],
                    ["nft delete table %s u" % kind]):
                for _ in range(3):
                    flow, = fresh((family,), (udp,), (DR,))
                    frame, = through(CLIENT, [flow.request()], rule)
                    equal(wire.Ether(frame)[1].dst, RIP[family], rule)
                    equal(conns_of(flow), [], "conns in spite of " + rule)


@test("no first packet comes from a range of addresses that is the director's")
def local_range():
    mode(1)
    kinds = ((4,), (tcp, udp), (DR, NAT))
    start_fast(kinds)
    with Changed(["ip route add local 203.0.113.128/28 dev lo"],
                 ["ip route del local 203.0.113.128/28 dev lo"]):
        start_fast(kinds)
        slow(CLIENT, coming_from("203.0.113.130", kinds), "a local range", 0)
        fast_from("192.0.2.77", kinds)
    start_fast(kinds)
