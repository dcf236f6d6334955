# SPDX-License-Identifier: GPL-2.0
"""ICMP errors of routers about the director's own tunnel packets."""

import itertools
import socket

import ipvs
from icmp import big, error_of, established, quoted
from ktap import Skip, check, equal, test
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6ParamProblem,
    ICMPv6TimeExceeded)
from scapy.packet import Raw
from tunnels import FAMILIES, port_of, ports_forget
from wire import (
    CIP, CLIENT, DIP, Ether, ICMP, IP, IPv6, SERVER, TUN, TUN_OTHER, VIP, ip,
    udp, wires)

# a router behind the servers' wire
ROUTER = {4: "192.0.2.12", 6: "2001:db8:1::b"}
BIG, EXPIRED, GONE = "too big", "time exceeded", "unreachable"
MESSAGES = {
    (4, BIG): lambda mtu: ICMP(type=3, code=4, nexthopmtu=mtu),
    (4, EXPIRED): lambda mtu: ICMP(type=11, code=0),
    (4, GONE): lambda mtu: ICMP(type=3, code=2),
    (6, BIG): lambda mtu: ICMPv6PacketTooBig(mtu=mtu),
    (6, EXPIRED): lambda mtu: ICMPv6TimeExceeded(code=0),
    (6, GONE): lambda mtu: ICMPv6DestUnreach(code=3),
}
# what the client gets: type and code, by its family; "unreachable" keeps its
# code where both families are the same
WANTED = {(4, BIG): (3, 4), (4, EXPIRED): (11, 0), (4, GONE): (3, 1),
          (6, BIG): (2, 0), (6, EXPIRED): (3, 0), (6, GONE): (1, 3)}
PATH_MTU = 1400
KINDS = ("ipip", "gue", "gue csum", "gre", "gre csum")


def service_port(kind, family, other):
    if kind == "ipip":
        return TUN if family == other else TUN_OTHER
    return port_of(kind, family, other)


def pairs():
    """Stock knows only IPv4 in IPv4."""
    return ((4, 4),) if ipvs.is_stock() else FAMILIES


def tunnel_packet(family, port, size, **fields):
    """A packet of a new conn of this size; its source port, and what the
    director sent to the server."""
    sport = established(family, port)
    got = wires().exchange(CLIENT, big(family, sport, port, size, **fields))
    equal([side for side, _ in got], [SERVER], "the tunnel packet of %s" %
          "; ".join(Ether(data).summary() for _, data in got))
    return sport, bytes(Ether(got[0][1]).payload)


def error_about(other, what, frame, mtu=PATH_MTU, size=None):
    head = IP(src=ROUTER[4], dst=DIP[4]) if other == 4 else IPv6(
        src=ROUTER[6], dst=DIP[6])
    size = size or (548 if other == 4 else 1232)
    return head / MESSAGES[other, what](mtu) / Raw(frame[:size])


def forget():
    """What the director has learnt about paths."""
    wires().run("ip route flush cache")
    wires().run("ip -6 route flush cache")


def overhead(frame, family):
    """Length of all that is in front of the client's packet."""
    af = socket.AF_INET if family == 4 else socket.AF_INET6
    ends = socket.inet_pton(af, CIP[family]) + socket.inet_pton(af,
                                                                VIP[family])
    check(ends in frame, "the client's packet is not inside")
    return frame.index(ends) - (12 if family == 4 else 8)


def of_lvs():
    if ipvs.is_stock():
        raise Skip("stock does not get that far")


def told(what, family, other, sport, port, frame, **fields):
    """Let the router send an error; the client must get the like."""
    got = wires().exchange(SERVER, error_about(other, what, frame, **fields))
    kind, code = WANTED[family, what]
    if what == GONE and family == other == 4:
        code = 2
    error = error_of(family, got, kind, code)
    quoted(family, error, sport, port)
    head = Ether(got[0][1])
    equal((head[IP] if family == 4 else head[IPv6]).src, VIP[family],
          "source of the error")
    return error


def each():
    for kind, (family, other) in itertools.product(KINDS, pairs()):
        yield ("%s, IPv%d in IPv%d" % (kind, family, other), family, other,
               service_port(kind, family, other))


@test("tunnel errors: a router's word reaches the client, whose packet it quotes")
def router_speaks():
    for name, family, other, port in each():
        for what in (EXPIRED, GONE):
            sport, frame = tunnel_packet(family, port, 300)
            try:
                told(what, family, other, sport, port, frame)
            except AssertionError as why:
                raise type(why)("%s, %s: %s" % (name, what, why)) from why


@test("tunnel errors: a narrower path is learnt, and the client told what fits")
def narrow_path():
    of_lvs()
    for name, family, other, port in each():
        try:
            sport, frame = tunnel_packet(family, port, 1400)
            limit = PATH_MTU - overhead(frame, family)
            error = told(BIG, family, other, sport, port, frame)
            mtu = error.nexthopmtu if family == 4 else error.mtu
            equal(mtu, limit, "MTU told by the router's word")
            # now the director knows it itself
            got = wires().exchange(CLIENT, big(family, sport, port,
                                               limit + 1))
            error = error_of(family, got, *WANTED[family, BIG])
            equal(error.nexthopmtu if family == 4 else error.mtu, limit,
                  "MTU told by the director")
            got = wires().exchange(CLIENT, big(family, sport, port, limit))
            equal([side for side, _ in got], [SERVER], "what just fits")
        except AssertionError as why:
            raise type(why)("%s: %s" % (name, why)) from why
        finally:
            forget()


@test("tunnel errors: a server of the other family that comes back is heard of")
def comes_back():
    """Nobody else needs the hooks of its family, and its conns have kept it."""
    of_lvs()
    control = wires().ipvs
    try:
        established(4, TUN_OTHER)
        control.flush()
        wires().add(4, 6, ipvs.UDP, TUN_OTHER)
        sport, frame = tunnel_packet(4, TUN_OTHER, 300)
        told(GONE, 4, 6, sport, TUN_OTHER, frame)
    finally:
        wires().configure()
        ports_forget()


@test("tunnel errors: a client without DF is not told; its packets are cut up")
def no_df():
    of_lvs()
    for kind in ("ipip", "gue", "gre"):
        port = service_port(kind, 4, 4)
        try:
            sport, frame = tunnel_packet(4, port, 1400, flags=0)
            equal(wires().exchange(SERVER, error_about(4, BIG, frame), 0), [],
                  kind + ": frames after the error")
            got = wires().exchange(CLIENT, big(4, sport, port, 1400, flags=0),
                                   2)
            equal([side for side, _ in got], [SERVER] * 2, kind + ": pieces")
        finally:
            forget()


def nothing(what, packet, sport, port):
    """No answer about this flow; others may be late."""
    about = bytes([sport & 0xff]) + port.to_bytes(2, "big")
    equal(wires().exchange(SERVER, packet, 0, about), [], what + ": frames")


@test("tunnel errors: what does not fit a tunnel of ours is not believed")
def not_ours():
    of_lvs()
    for name, family, other, port in each():
        sport, frame = tunnel_packet(family, port, 300)
        stranger, changed = bytearray(frame), bytearray(frame)
        inside = overhead(frame, family)
        stranger[19 if other == 4 else 39] ^= 0x40
        changed[inside + (20 if family == 4 else 40)] ^= 0x80
        spoilt = bytearray(bytes(error_about(other, GONE, frame)))
        spoilt[-1] ^= 1
        for what, packet in (
                ("other server", error_about(other, GONE, bytes(stranger))),
                ("unknown port", error_about(other, GONE, bytes(changed))),
                ("wrong checksum", (IP if other == 4 else IPv6)(
                    bytes(spoilt)))):
            nothing("%s, %s" % (name, what), packet, sport, port)
        for size in (20, 28, 40, inside + 20, inside + 27):
            nothing("%s, %d bytes" % (name, size), error_about(
                other, GONE, frame, size=size), sport, port)


@test("tunnel errors: a problem with the outer header is told as unreachable")
def parameter():
    of_lvs()
    for family in (4, 6):
        port = service_port("ipip", family, 6)
        sport, frame = tunnel_packet(family, port, 300)
        got = wires().exchange(SERVER, IPv6(
            src=ROUTER[6], dst=DIP[6]) / ICMPv6ParamProblem(
                code=1, ptr=6) / Raw(frame))
        quoted(family, error_of(family, got, *WANTED[family, GONE]), sport,
               port)


@test("tunnel errors: a client on the same conn without a tunnel hears nothing")
def other_method():
    # an error that quotes a tunnel packet with the packet of a NAT conn inside
    sport = established(4, 1000)
    inner = ip(4, CIP[4], VIP[4]) / udp(sport, 1000)
    frame = bytes(IP(src=DIP[4], dst="192.0.2.11", proto=4) / inner)
    nothing("NAT", error_about(4, GONE, frame), sport, 1000)


@test("tunnel errors: rp_filter is about the tunnel's packets, not those inside")
def reverse_path():
    """The client is not behind the device that the error came in by."""
    of_lvs()
    try:
        wires().sysctl("net.ipv4.conf.s0.rp_filter", 1)
        for kind in KINDS:
            port = service_port(kind, 4, 6)
            sport, frame = tunnel_packet(4, port, 300)
            told(GONE, 4, 6, sport, port, frame)
    finally:
        wires().sysctl("net.ipv4.conf.s0.rp_filter", 0)


@test("tunnel errors: ICMP of the other family is no ICMP")
def other_number():
    """The director does not know that protocol, and says so."""
    of_lvs()
    for name, family, other, port in each():
        sport, frame = tunnel_packet(family, port, 300)
        error = bytes(error_about(other, GONE, frame))
        if other == 4:
            packet = IP(src=ROUTER[4], dst=DIP[4], proto=58) / Raw(error[20:])
        else:
            packet = IPv6(error[:6] + b"\x01" + error[7:])
        about = bytes([sport & 0xff]) + port.to_bytes(2, "big")
        got = wires().exchange(SERVER, packet, 1, about)
        equal({side for side, _ in got}, {SERVER}, name + ": who is answered")
