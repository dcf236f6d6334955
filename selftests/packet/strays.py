# SPDX-License-Identifier: GPL-2.0
"""Packets that belong to nobody: what cache_bypass, nat_icmp_send,
schedule_icmp and ignore_tunneled make of them."""

import itertools
import zlib

import ipvs
from icmp import (
    error_of, established, inner_parts, unreach)
from ktap import equal, test
from scapy.packet import Raw
from wire import (
    CIP, CLIENT, DIP, DR, EMPTY, Ether, HOP, IP, NAT, REAL, RIP, SERVER, TUN,
    VIP, ip, tcp, udp, wires)

MARK = 7
CAUGHT = 4000           # packets to this port get the mark
CACHE = {4: "192.0.2.12", 6: "2001:db8:1::b"}
PROTOS = (tcp, udp)


class Knob:
    """A knob of the director that is on for a while."""

    def __init__(self, name):
        self.name = "net.ipv4.vs." + name

    def __enter__(self):
        wires().sysctl(self.name, 1)

    def __exit__(self, *_):
        wires().sysctl(self.name, 0)


class Caught:
    """Packets to the port CAUGHT are marked, and come in whatever their
    destination is; a service without servers is there for the mark."""

    rules = ("table inet lvs_test { chain c { "
             "type filter hook prerouting priority mangle; "
             "th dport %d meta mark set %d; }; }" % (CAUGHT, MARK))

    def __init__(self, flags=0):
        self.flags = flags

    def __enter__(self):
        wires().run("nft '%s'" % self.rules)
        for family in (4, 6):
            wires().run("ip -%d rule add fwmark %d lookup 77" % (family,
                                                                 MARK))
            wires().run("ip -%d route add local default dev lo table 77"
                        % family)
            wires().ipvs.do(ipvs.NEW_SERVICE, ipvs.service(
                self.key(family) + ipvs.svc_rest(
                    flags=self.flags, timeout=60 if self.flags & 1 else 0,
                    netmask=128 if family == 6 else 0xffffffff)))

    @staticmethod
    def key(family):
        return ipvs.svc_mark(MARK, ipvs.AF_INET if family == 4 else
                             ipvs.AF_INET6)

    def __exit__(self, *_):
        wires().run("nft delete table inet lvs_test")
        for family in (4, 6):
            wires().run("ip -%d rule del fwmark %d lookup 77" % (family,
                                                                 MARK))
            wires().run("ip -%d route flush table 77" % family)
            wires().ipvs.do(ipvs.DEL_SERVICE, ipvs.service(self.key(family)))


def passed_by(family, sport, proto, flags="S"):
    """A packet to the cache goes on to it."""
    l4 = {"flags": flags, "options": []} if proto is tcp else {}
    wires().expect("IPv%d %s" % (family, proto.__name__), CLIENT, ip(
        family, CIP[family], CACHE[family]) / proto(sport, CAUGHT, **l4), (
            SERVER, ip(family, CIP[family], CACHE[family], ttl=63) /
            proto(sport, CAUGHT, **l4)))


@test("cache_bypass: what a mark has caught goes on where it was going")
def cache_bypass():
    with Caught():
        for family, proto in itertools.product((4, 6), PROTOS):
            sport = wires().next_port()
            stopped(ip(family, CIP[family], CACHE[family]) / proto(
                sport, CAUGHT))
        with Knob("cache_bypass"):
            ports = {}
            for kind in itertools.product((4, 6), PROTOS):
                ports[kind] = wires().next_port()
                passed_by(kind[0], ports[kind], kind[1])
                passed_by(kind[0], ports[kind], kind[1], "A")
            # it is for conns that are there, too, when the knob is off
        for (family, proto), sport in ports.items():
            passed_by(family, sport, proto, "A")


@test("cache_bypass: one packet and persistence; not for this host's addresses")
def bypass_kinds():
    for flags in (1, 4):        # persistent, one packet
        with Caught(flags), Knob("cache_bypass"):
            for family, proto in itertools.product((4, 6), PROTOS):
                passed_by(family, wires().next_port(), proto)
    with Caught(), Knob("cache_bypass"):
        got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) / udp(
            wires().next_port(), CAUGHT))
        error_of(4, got, 3, 3)


@test("cache_bypass: what is too big or has no hop left goes no further")
def bypass_answers():
    with Caught(), Knob("cache_bypass"):
        for family in (4, 6):
            sport = wires().next_port()
            passed_by(family, sport, udp)
            stopped(ip(family, CIP[family], CACHE[family], ttl=1) / udp(
                sport, CAUGHT))
            wires().run("ip link set s0 mtu 1400")
            try:
                stopped(ip(family, CIP[family], CACHE[family]) / udp(
                    sport, CAUGHT, b"b" * 1420))
            finally:
                wires().run("ip link set s0 mtu 1500")


def stopped(packet):
    """A packet to the cache gets nowhere. The kernel may find no route for
    an answer, which must come from the cache's address."""
    got = wires().exchange(CLIENT, packet, 0)
    equal([side for side, _ in got if side == SERVER], [],
          "frames for the cache")


def stray(family, proto, port, **fields):
    return ip(family, RIP[family], CIP[family]) / proto(
        port, wires().next_port(), **fields)


@test("nat_icmp_send: a NAT server hears that nobody waits for its packet")
def nat_icmp_send():
    with Knob("nat_icmp_send"):
        for family, proto in itertools.product((4, 6), PROTOS):
            packet = stray(family, proto, REAL[NAT], **(
                {"flags": "SA"} if proto is tcp else {}))
            got = wires().exchange(SERVER, packet)
            equal([side for side, _ in got], [SERVER], "side of the answer")
            frame = Ether(got[0][1])
            _, error, inner, ports = inner_parts(family, frame)
            equal((error.type, error.code), (3, 3) if family == 4 else (1, 4),
                  "type and code")
            equal((inner.src, inner.dst, ports[0]),
                  (RIP[family], CIP[family], REAL[NAT]), "what it quotes")


@test("nat_icmp_send: resets, other ports, other methods and conns are left alone")
def nat_icmp_not():
    with Knob("nat_icmp_send"):
        for family in (4, 6):
            for packet in (stray(family, tcp, REAL[NAT], flags="R"),
                           stray(family, tcp, REAL[NAT], flags="RA"),
                           stray(family, udp, REAL[NAT] + 1),
                           stray(family, udp, DR), stray(family, tcp, TUN)):
                got = wires().exchange(SERVER, packet)
                equal([side for side, _ in got], [CLIENT], "side of %s" %
                      packet.summary())
            sport = established(family, NAT)
            got = wires().exchange(SERVER, ip(
                family, RIP[family], CIP[family]) / udp(REAL[NAT], sport))
            equal([side for side, _ in got], [CLIENT], "side of a reply")
    for family in (4, 6):
        got = wires().exchange(SERVER, stray(family, udp, REAL[NAT]))
        equal([side for side, _ in got], [CLIENT], "side, knob off")


def unknown_error(family, port, sport, proto, mtu):
    about = ip(family, VIP[family], CIP[family], ttl=60) / (
        tcp(port, sport, "A", b"data" * 10) if proto is tcp else
        udp(port, sport))
    return ip(family, HOP[family], VIP[family]) / unreach(family, about, mtu)


@test("schedule_icmp: an error about an unknown conn goes to a server")
def schedule_icmp():
    with Knob("schedule_icmp"):
        for family, proto, mtu in itertools.product((4, 6), PROTOS,
                                                    (0, 1280)):
            for port in (NAT, DR):
                sport = wires().next_port()
                error = unknown_error(family, port, sport, proto, mtu)
                got = wires().exchange(CLIENT, error)
                what = "IPv%d %s port %d" % (family, proto.__name__, port)
                equal([side for side, _ in got], [SERVER], what)
                frame = Ether(got[0][1])
                outer, _, inner, ports = inner_parts(family, frame)
                to = RIP[family] if port == NAT else VIP[family]
                equal((outer.dst, inner.src, ports),
                      (to, to, (REAL.get(port, port), sport)), what)
                # there is a conn now, and its packets take it
                got = wires().exchange(CLIENT, ip(
                    family, CIP[family], VIP[family]) / (
                        tcp(sport, port, "A") if proto is tcp else
                        udp(sport, port)))
                equal([side for side, _ in got], [SERVER], what + ", after")


@test("schedule_icmp: no server, no service, knob off: it goes no further")
def schedule_icmp_not():
    for family, proto in itertools.product((4, 6), PROTOS):
        sport = wires().next_port()
        equal(wires().exchange(CLIENT, unknown_error(
            family, NAT, sport, proto, 0), 0), [], "frames, knob off")
    with Knob("schedule_icmp"):
        for family, proto in itertools.product((4, 6), PROTOS):
            for port in (EMPTY, 999):
                equal(wires().exchange(CLIENT, unknown_error(
                    family, port, wires().next_port(), proto, 0), 0), [],
                      "frames, port %d" % port)


class Compressed:
    """Compressed packets (RFC 3173) of the client's router end here. Other
    tunnels come in through devices, which forget what the knob has noted."""

    def __enter__(self):
        wires().run("modprobe -a ipcomp xfrm4_tunnel deflate")
        wires().run("ip xfrm state add src %s dst %s proto comp spi 0x1234 "
                    "mode tunnel comp deflate" % (HOP[4], DIP[4]))

    def __exit__(self, *_):
        wires().run("ip xfrm state flush")

    @staticmethod
    def packet(sport):
        packer = zlib.compressobj(9, zlib.DEFLATED, -11)
        inner = bytes(ip(4, CIP[4], VIP[4]) / udp(sport, NAT, b"z" * 200))
        return IP(src=HOP[4], dst=DIP[4], proto=108) / Raw(
            bytes([4, 0, 0x12, 0x34]) + packer.compress(inner) +
            packer.flush())


@test("ignore_tunneled: what comes in in a tunnel is this host's own")
def ignore_tunneled():
    with Compressed():
        got = wires().exchange(CLIENT, Compressed.packet(
            wires().next_port()))
        equal([side for side, _ in got], [SERVER], "side, knob off")
        with Knob("ignore_tunneled"):
            sport = wires().next_port()
            got = wires().exchange(CLIENT, Compressed.packet(sport), 0,
                                   b"z" * 100)
            equal([side for side, _ in got if side == SERVER], [],
                  "what went to a server, knob on")
            # others are as ever
            got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) / udp(
                wires().next_port(), NAT))
            equal([side for side, _ in got], [SERVER], "side, no tunnel")
