# SPDX-License-Identifier: GPL-2.0
"""GUE and GRE tunnels, byte by byte: every kind, both families in both."""

import itertools
import struct

import ipvs
from icmp import MTU_LOW, big, error_of, quoted
from ktap import check, equal, test
from offload import NoOffload, Offloaded, ones
from scapy.packet import Raw
from wire import (
    CIP, CLIENT, DIP, Ether, IP, IPv6, RIP, SERVER, UDP, VIP, compare, ip,
    tcp, udp, wires)

IPIP, GUE, GRE = range(3)
CSUM, REMCSUM = 1, 2
GUE_PORT = 6080
KINDS = {"gue": (GUE, 0), "gue csum": (GUE, CSUM),
         "gue remcsum": (GUE, REMCSUM), "gre": (GRE, 0),
         "gre csum": (GRE, CSUM)}
FAMILIES = tuple(itertools.product((4, 6), (4, 6)))
FIRST_PORT = 1100
PARTIAL_HEAD = 8        # of a GUE header: flags and option of remote checksum

_ports = {}


def port_of(kind, family, other):
    """The port of the service whose server is behind such a tunnel."""
    if not _ports:
        for number, name in enumerate(KINDS):
            for fam, oth in FAMILIES:
                _ports[name, fam, oth] = port = FIRST_PORT + 2 * number + (
                    fam != oth)
                for proto in (ipvs.TCP, ipvs.UDP):
                    configure(name, fam, oth, proto, port)
    return _ports[kind, family, other]


def ports_forget():
    """All services have gone: these are made again when they are asked for."""
    _ports.clear()


def tunnel_attrs(kind):
    tun, flags = KINDS[kind]
    return (ipvs.nla(ipvs.D_TUN_TYPE, ipvs.u8(tun)) +
            ipvs.nla(ipvs.D_TUN_PORT, ipvs.be16(
                GUE_PORT if tun == GUE else 0)) +
            ipvs.nla(ipvs.D_TUN_FLAGS, ipvs.u16(flags)))


def configure(kind, family, other, proto, port):
    key = ipvs.svc_key(VIP[family], port, proto)
    wires().ipvs.do(ipvs.NEW_SERVICE,
                    ipvs.new_service(VIP[family], port, proto))
    wires().ipvs.do(ipvs.NEW_DEST, ipvs.service(key), ipvs.dest(
        ipvs.dst_key(RIP[other], port) + ipvs.dst_rest(fwd=ipvs.TUNNEL) +
        tunnel_attrs(kind) + ipvs.nla(ipvs.D_AF, ipvs.u16(
            ipvs.AF_INET if other == 4 else ipvs.AF_INET6))))


def gue(kind, family, inner, frame, partial):
    head = bytes([0, 4 if family == 4 else 41, 0, 0])
    if kind == "gue remcsum" and partial:
        start, offset = partial
        head = bytes([2, head[1], 0, 1]) + struct.pack(
            ">IHH", 0x80000000, start, start + offset)
    sport = int.from_bytes(l4_of(frame)[:2], "big")
    check(32768 <= sport <= 60999, "source port %d" % sport)
    packet = UDP(sport=sport, dport=GUE_PORT) / Raw(head + inner)
    if kind == "gue":
        packet.chksum = 0
    return packet


def gre(kind, family, inner):
    head = struct.pack(">HH", 0x8000 if kind == "gre csum" else 0,
                       0x0800 if family == 4 else 0x86dd)
    if kind == "gre csum":
        head += struct.pack(">HH", ones(head + b"\0" * 4 + inner), 0)
    return Raw(head + inner)


def l4_of(frame):
    raw = bytes(frame)[14:]
    return raw[20 if raw[0] >> 4 == 4 else 40:]


def wrapped(kind, family, other, inner, frame, partial=None):
    """What must be on the wire around @inner, a scapy packet; what the
    director chooses is taken from the @frame that it sent. @partial: where
    in @inner a checksum is still to be filled in."""
    tos = inner.tos if family == 4 else inner.tc
    body = bytes(inner)
    what, proto = (gre(kind, family, body), 47) if kind.startswith("gre") \
        else (gue(kind, family, body, frame, partial), 17)
    if other == 4:
        flags = inner.flags if family == 4 else frame[IP].flags
        return IP(src=DIP[4], dst=RIP[4], ttl=63, tos=tos, flags=flags,
                  id=frame[IP].id, proto=proto) / what
    return IPv6(src=DIP[6], dst=RIP[6], hlim=63, tc=tos, fl=0,
                nh=proto) / what


def request(family, l4, sport, port, **fields):
    return ip(family, CIP[family], VIP[family], **fields) / l4(sport, port)


def every():
    """(what, kind, family, family outside, port)"""
    for kind, (family, other) in itertools.product(KINDS, FAMILIES):
        yield ("%s, IPv%d in IPv%d" % (kind, family, other), kind, family,
               other, port_of(kind, family, other))


@test("GUE, GRE: the headers around a packet, TTL less one")
def headers():
    with NoOffload():
        for what, kind, family, other, port in every():
            for l4 in (tcp, udp):
                sport = wires().next_port()
                for _ in range(2):
                    got = wires().exchange(CLIENT, request(
                        family, l4, sport, port))
                    equal([side for side, _ in got], [SERVER],
                          what + " came out on")
                    want = wrapped(kind, family, other, request(
                        family, l4, sport, port, ttl=63), Ether(got[0][1]))
                    compare(what, got[0][1], wires().frame_out(SERVER, want))


@test("GUE: one source port for a flow, different ones for different flows")
def source_ports():
    for other in (4, 6):
        port, seen = port_of("gue csum", 4, other), set()
        for _ in range(8):
            sport = wires().next_port()
            ports = {l4_of(Ether(wires().exchange(CLIENT, request(
                4, udp, sport, port))[0][1]))[:2] for _ in range(3)}
            equal(len(ports), 1, "source ports of one flow")
            seen |= ports
        check(len(seen) >= 4, "%d source ports for 8 flows" % len(seen))


@test("GUE, GRE: ECN and DSCP are copied, the outer DF is that of the packet")
def fields():
    for kind, value, flags in itertools.product(
            ("gue", "gre"), (0, 3, 0xb9), (0, "DF")):
        got = wires().exchange(CLIENT, request(
            4, udp, wires().next_port(), port_of(kind, 4, 4), tos=value,
            flags=flags))
        outer = Ether(got[0][1])[IP]
        check(outer.tos in (value, value & ~1 if value & 3 == 3 else value),
              "%s: TOS %#x became %#x" % (kind, value, outer.tos))
        equal(str(outer.flags), str(IP(flags=flags).flags), kind + ": flags")


ROOM = {"gue": 12, "gue csum": 12, "gue remcsum": 12, "gre": 4, "gre csum": 8}


@test("GUE, GRE: the client is told what fits, and that much goes through")
def too_big():
    wires().run("ip link set s0 mtu %d" % MTU_LOW)
    try:
        for what, kind, family, other, port in every():
            sport = wires().next_port()
            limit = MTU_LOW - ROOM[kind] - (20 if other == 4 else 40)
            got = wires().exchange(CLIENT, big(family, sport, port,
                                               limit + 1))
            error = error_of(family, got, *((3, 4) if family == 4 else
                                            (2, 0)))
            equal(error.nexthopmtu if family == 4 else error.mtu, limit,
                  what + ": MTU")
            quoted(family, error, sport, port)
            got = wires().exchange(CLIENT, big(family, sport, port, limit))
            equal([side for side, _ in got], [SERVER],
                  what + ": a packet that just fits")
    finally:
        wires().run("ip link set s0 mtu 1500")


@test("GUE, GRE: a path with no room for the headers: nothing is sent")
def too_narrow():
    wires().run("ip link set s0 mtu 1291")
    try:
        for kind in ("gue", "gre csum"):
            port = port_of(kind, 6, 6)
            got = wires().exchange(CLIENT, request(
                6, udp, wires().next_port(), port), 0)
            equal(got, [], kind + ": frames")
    finally:
        wires().run("ip link set s0 mtu 1500")


def filled(family, packet):
    """@packet with TTL less one, as the server must see it in the end."""
    layer = (IP if family == 4 else IPv6)(bytes(packet))
    if family == 4:
        layer.ttl -= 1
        del layer.chksum
    else:
        layer.hlim -= 1
    return layer


@test("GUE, GRE: a packet whose checksum is left to the offloads")
def partial():
    sender = Offloaded()
    with NoOffload():
        for what, kind, family, other, port in every():
            for l4 in (tcp, udp):
                packet = request(family, l4, wires().next_port(), port)
                wires().flush_frames()
                raw, start, offset = sender.send(family, packet)
                got = wires().collect(1)
                equal([side for side, _ in got], [SERVER],
                      what + " came out on")
                remote = kind == "gue remcsum"
                inner = filled(family, raw if remote else packet)
                want = wrapped(kind, family, other, inner, Ether(got[0][1]),
                               (start, offset))
                compare(what, got[0][1], wires().frame_out(SERVER, want))


def inner_of(kind, frame):
    """The bytes inside a tunnel packet."""
    body = l4_of(frame)
    if kind.startswith("gre"):
        return body[8 if body[0] & 0x80 else 4:]
    return body[8 + 4 + 4 * (body[8] & 31):]


def sums_up(kind, family, frame):
    """Is every checksum of a tunnel packet right, or promised rightly?"""
    body, inner = l4_of(frame), inner_of(kind, frame)
    raw = bytes(frame)[14:]
    if kind in ("gue csum", "gue remcsum"):
        pseudo = raw[12:20] if raw[0] >> 4 == 4 else raw[8:40]
        equal(ones(pseudo + struct.pack(">II", len(body), 17) + body), 0,
              kind + ": sum of the UDP packet")
    if kind == "gre csum":
        equal(ones(body), 0, kind + ": sum of the GRE packet")
    head = 20 if family == 4 else 40
    pseudo = (inner[12:20] if family == 4 else inner[8:40]) + struct.pack(
        ">II", len(inner) - head, 6)
    if kind == "gue remcsum":
        equal(struct.unpack(">H", inner[head + 16:head + 18])[0],
              ~ones(pseudo) & 0xffff, kind + ": start of the remote sum")
    else:
        equal(ones(pseudo + inner[head:]), 0, kind + ": sum of the segment")


@test("GUE, GRE: a packet that is cut up on its way out")
def segments():
    sender, mss = Offloaded(), 1000
    with NoOffload():
        for what, kind, family, other, port in every():
            sport = wires().next_port()
            wires().exchange(CLIENT, request(family, tcp, sport, port))
            data = bytes(range(256)) * 14
            packet = ip(family, CIP[family], VIP[family]) / tcp(
                sport, port, "A", data, options=[])
            wires().flush_frames()
            sender.send(family, packet, mss)
            got = [Ether(frame) for side, frame in wires().collect(4)
                   if side == SERVER]
            equal(len(got), 4, what + ": segments")
            seen = b""
            for frame in got:
                inner = inner_of(kind, frame)
                sums_up(kind, family, frame)
                layer = (IP if family == 4 else IPv6)(inner)
                equal(len(inner), layer.len if family == 4 else
                      layer.plen + 40, what + ": length inside")
                outer = frame.payload
                equal(len(bytes(frame)) - 14, outer.len if other == 4 else
                      outer.plen + 40, what + ": length outside")
                seen += inner[(20 if family == 4 else 40) + 20:]
            equal(seen, data, what + ": data")
