# SPDX-License-Identifier: GPL-2.0
"""ICMP: errors that the director answers with (too big, time exceeded, port
unreachable), and errors about balanced packets, from either side."""

import itertools

from ktap import check, equal, test
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6PacketTooBig,
    ICMPv6TimeExceeded)
from scapy.packet import Raw
from wire import (
    CIP, CLIENT, DR, EMPTY, Ether, HOP, ICMP, IP, IPv6, NAT, REAL, RIP,
    SERVER, TUN, TUN_OTHER, VIP, checksums_valid, ip, tcp, udp, wires)

OWN = {4: ("192.0.2.1", "192.0.2.2", "198.51.100.254"),
       6: ("2001:db8:1::1", "2001:db8:1::2", "2001:db8:c::fe")}
MTU_LOW = 1400
# what is left of it for the packet, by service and family
ROOM = {(NAT, 4): 0, (NAT, 6): 0, (DR, 4): 0, (DR, 6): 0, (TUN, 4): 20,
        (TUN, 6): 40, (TUN_OTHER, 4): 40, (TUN_OTHER, 6): 20}


def established(family, port, proto=udp):
    """A conn of the client to a service; its source port."""
    sport = wires().next_port()
    wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                     proto(sport, port))
    return sport


def error_of(family, frames, kind, code):
    """The one frame, an ICMP error of this kind to the client."""
    equal(len(frames), 1, "frames (%s)" % "; ".join(
        Ether(data).summary() for _, data in frames))
    side, data = frames[0]
    equal(side, CLIENT, "side of the error")
    frame = Ether(data)
    layer = frame[IP] if family == 4 else frame[IPv6]
    equal(layer.dst, CIP[family], "destination of the error")
    check(layer.src in OWN[family], "source %s of the error" % layer.src)
    error = layer.payload
    equal((error.type, error.code), (kind, code), "type and code")
    error_checksums(family, frame, "error")
    return error


def ones_sum(data):
    """The one's complement sum of 16-bit words; 0xffff over a header that
    contains its right checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[i:i + 2], "big")
                for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def error_checksums(family, frame, what):
    """The checksums of the error itself, whatever it quotes."""
    if family == 4:
        raw = bytes(frame[IP])
        equal(ones_sum(raw[:20]), 0xffff, what + ": sum of the IP header")
        equal(ones_sum(raw[20:]), 0xffff, what + ": sum of the ICMP message")
    else:
        raw = bytes(frame[IPv6])
        pseudo = raw[8:40] + (len(raw) - 40).to_bytes(4, "big") + b"\0\0\0:"
        equal(ones_sum(pseudo + raw[40:]), 0xffff,
              what + ": sum of the ICMPv6 message")


def quoted(family, error, sport, port):
    """What the error quotes must be the client's packet to the VIP."""
    inner = error.payload
    if isinstance(inner, Raw):
        inner = (IP if family == 4 else IPv6)(bytes(inner))
    equal((inner.src, inner.dst), (CIP[family], VIP[family]),
          "quoted addresses")
    ports = bytes(inner.payload)[:4]
    equal((int.from_bytes(ports[:2], "big"), int.from_bytes(ports[2:], "big")),
          (sport, port), "quoted ports")


def big(family, sport, port, size, **fields):
    """A datagram of the client that makes an IP packet of @size bytes."""
    head = (20 if family == 4 else 40) + 8
    return ip(family, CIP[family], VIP[family], **fields) / \
        udp(sport, port, b"b" * (size - head))


@test("too big with DF, or IPv6: the client is told the right MTU")
def too_big():
    wires().run("ip link set s0 mtu %d" % MTU_LOW)
    try:
        for port, family in itertools.product((NAT, DR, TUN, TUN_OTHER),
                                              (4, 6)):
            sport = established(family, port)
            limit = MTU_LOW - ROOM[port, family]
            if family == 6 and port == TUN_OTHER:
                limit = MTU_LOW - 20
            got = wires().exchange(CLIENT, big(family, sport, port,
                                               limit + 1))
            error = error_of(family, got, *((3, 4) if family == 4 else
                                            (2, 0)))
            equal(error.nexthopmtu if family == 4 else error.mtu, limit,
                  "MTU told for port %d, IPv%d" % (port, family))
            quoted(family, error, sport, port)
            got = wires().exchange(CLIENT, big(family, sport, port, limit))
            equal([side for side, _ in got], [SERVER],
                  "a packet that just fits, port %d, IPv%d" % (port, family))
    finally:
        wires().run("ip link set s0 mtu 1500")


@test("too big without DF: the server gets all of it in fragments")
def cut_up():
    wires().run("ip link set s0 mtu %d" % MTU_LOW)
    try:
        for port in (NAT, DR):
            sport = established(4, port)
            packet = big(4, sport, port, 1480, flags=0)
            got = wires().exchange(CLIENT, packet, 2)
            equal([side for side, _ in got], [SERVER, SERVER], "fragments")
            data = b""
            for _, frame in got:
                part = Ether(frame)[IP]
                check(part.len <= MTU_LOW, "fragment of %d bytes" % part.len)
                check(checksums_valid(IP(bytes(part)[:20])), "IP checksum")
                equal((part.dst, part.id, part.ttl),
                      (RIP[4] if port == NAT else VIP[4], 0x4d2, 63),
                      "destination, id and TTL of a fragment")
                equal(part.frag * 8, len(data), "offset")
                data += bytes(part.payload)
            want = IP(src=CIP[4], dst=RIP[4] if port == NAT else VIP[4],
                      proto=17) / udp(sport, REAL.get(port, port),
                                      b"b" * (1480 - 28))
            equal(data, bytes(want)[20:], "reassembled datagram")
    finally:
        wires().run("ip link set s0 mtu 1500")


@test("TTL or hop limit 1: time exceeded to the client")
def ttl_one():
    for port, family in itertools.product((NAT, DR, TUN), (4, 6)):
        sport = established(family, port)
        got = wires().exchange(CLIENT, ip(
            family, CIP[family], VIP[family], ttl=1) / udp(sport, port))
        error = error_of(family, got, 11 if family == 4 else 3, 0)
        quoted(family, error, sport, port)


@test("TTL or hop limit 2 still goes through, with 1")
def ttl_two():
    for port, family in itertools.product((NAT, DR), (4, 6)):
        sport = established(family, port)
        got = wires().exchange(CLIENT, ip(family, CIP[family], VIP[family],
                                          ttl=2) / udp(sport, port))
        equal([side for side, _ in got], [SERVER], "side")
        frame = Ether(got[0][1])
        equal(frame[IP].ttl if family == 4 else frame[IPv6].hlim, 1, "TTL")


@test("no server: port unreachable, TCP and UDP")
def no_server():
    for family, proto in itertools.product((4, 6), (tcp, udp)):
        sport = wires().next_port()
        got = wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                               proto(sport, EMPTY))
        error = error_of(family, got, *((3, 3) if family == 4 else (1, 4)))
        quoted(family, error, sport, EMPTY)


def unreach(family, inner, mtu=0):
    """An ICMP error about @inner: too big with an MTU, else unreachable."""
    if family == 4:
        return ICMP(type=3, code=4 if mtu else 3, nexthopmtu=mtu) / inner
    return (ICMPv6PacketTooBig(mtu=mtu) if mtu else
            ICMPv6DestUnreach(code=4)) / inner


def inner_parts(family, frame):
    """(outer header, ICMP error, quoted IP header, quoted ports)."""
    outer = frame[IP] if family == 4 else frame[IPv6]
    error = outer.payload
    raw = bytes(error)[8:]
    inner = IP(raw) if family == 4 else IPv6(raw)
    start = 20 if family == 4 else 40
    return outer, error, inner, (int.from_bytes(raw[start:start + 2], "big"),
                                 int.from_bytes(raw[start + 2:start + 4],
                                                "big"))


def quoted_checksum(family, frame, what):
    """The quoted IPv4 header's checksum must have followed its address."""
    if family == 4:
        equal(ones_sum(bytes(frame[ICMP])[8:28]), 0xffff,
              what + ": sum of the quoted header")


@test("an error of the client's side about a reply reaches the NAT server")
def error_to_nat_server():
    for family, proto, mtu in itertools.product((4, 6), (tcp, udp),
                                                (0, 1280)):
        what = "IPv%d %s mtu %d" % (family, proto.__name__, mtu)
        sport = established(family, NAT, proto)
        about = ip(family, VIP[family], CIP[family], ttl=60) / \
            (tcp(NAT, sport, "A", b"data" * 10) if proto is tcp else
             udp(NAT, sport))
        got = wires().exchange(CLIENT, ip(family, HOP[family], VIP[family]) /
                               unreach(family, about, mtu))
        equal([side for side, _ in got], [SERVER], what + ": came out on")
        frame = Ether(got[0][1])
        outer, error, inner, ports = inner_parts(family, frame)
        equal((outer.src, outer.dst), (HOP[family], RIP[family]),
              what + ": outer addresses")
        equal(outer.ttl if family == 4 else outer.hlim, 63, what + ": TTL")
        equal((inner.src, inner.dst), (RIP[family], CIP[family]),
              what + ": quoted addresses")
        equal(ports, (REAL[NAT], sport), what + ": quoted ports")
        if mtu:
            equal(error.nexthopmtu if family == 4 else error.mtu, mtu,
                  what + ": MTU")
        error_checksums(family, frame, what)
        quoted_checksum(family, frame, what)


@test("an error of the NAT server about a request reaches the client")
def error_from_nat_server():
    for family, proto, mtu in itertools.product((4, 6), (tcp, udp),
                                                (0, 1280)):
        what = "IPv%d %s mtu %d" % (family, proto.__name__, mtu)
        sport = established(family, NAT, proto)
        about = ip(family, CIP[family], RIP[family], ttl=62) / \
            (tcp(sport, REAL[NAT], "A", b"data" * 10) if proto is tcp else
             udp(sport, REAL[NAT]))
        got = wires().exchange(SERVER, ip(family, RIP[family], CIP[family]) /
                               unreach(family, about, mtu))
        equal([side for side, _ in got], [CLIENT], what + ": came out on")
        frame = Ether(got[0][1])
        outer, _, inner, ports = inner_parts(family, frame)
        equal((outer.src, outer.dst), (VIP[family], CIP[family]),
              what + ": outer addresses")
        equal(outer.ttl if family == 4 else outer.hlim, 63, what + ": TTL")
        equal((inner.src, inner.dst), (CIP[family], VIP[family]),
              what + ": quoted addresses")
        equal(ports, (sport, NAT), what + ": quoted ports")
        error_checksums(family, frame, what)
        quoted_checksum(family, frame, what)


@test("an error of the client's side is forwarded whole to DR and TUN servers")
def error_to_direct_server():
    for family, port, mtu in itertools.product((4, 6), (DR, TUN), (0, 1280)):
        what = "IPv%d port %d mtu %d" % (family, port, mtu)
        sport = established(family, port)
        about = ip(family, VIP[family], CIP[family], ttl=60) / udp(port, sport)
        error = ip(family, HOP[family], VIP[family]) / unreach(family, about,
                                                               mtu)
        got = wires().exchange(CLIENT, error)
        equal([side for side, _ in got], [SERVER], what + ": came out on")
        frame = Ether(got[0][1])
        layer = frame[IP] if family == 4 else frame[IPv6]
        if port == TUN:
            equal(layer.dst, RIP[family], what + ": outer destination")
            layer = layer.payload
        want = bytes(error)
        raw = bytes(layer)
        equal((layer.src, layer.dst), (HOP[family], VIP[family]),
              what + ": addresses")
        start = 20 if family == 4 else 40
        equal(raw[start:], want[start:], what + ": body")


@test("an error whose checksum is wrong is not translated")
def error_with_bad_checksum():
    for family in (4, 6):
        sport = established(family, NAT)
        to_server = ip(family, HOP[family], VIP[family]) / unreach(
            family, ip(family, VIP[family], CIP[family], ttl=60) /
            udp(NAT, sport), 0)
        to_client = ip(family, RIP[family], CIP[family]) / unreach(
            family, ip(family, CIP[family], RIP[family], ttl=62) /
            udp(sport, REAL[NAT]), 0)
        for side, error in ((CLIENT, to_server), (SERVER, to_client)):
            raw = bytearray(bytes(error))
            raw[-1] ^= 1
            spoilt = (IP if family == 4 else IPv6)(bytes(raw))
            equal(wires().exchange(side, spoilt, 0), [],
                  "IPv%d, from the %s: frames" % (family, side))


@test("an error that is too big is not answered; an IPv4 one is cut up")
def error_too_big():
    wires().run("ip link set s0 mtu %d" % MTU_LOW)
    try:
        for family, port in itertools.product((4, 6), (NAT, DR)):
            sport = established(family, port)
            about = ip(family, VIP[family], CIP[family], ttl=60) / udp(
                port, sport, b"q" * (MTU_LOW - 48))
            error = ip(family, HOP[family], VIP[family]) / unreach(
                family, about, 0)
            before = wires().drops()
            got = wires().exchange(CLIENT, error, 2 if family == 4 else 0)
            what = "IPv%d, port %d" % (family, port)
            equal([side for side, _ in got],
                  [SERVER, SERVER] if family == 4 else [], what + ": frames")
            if before and family == 6:
                after = wires().drops()
                equal(after["too_big"] - before["too_big"], 1,
                      what + ": counted")
    finally:
        wires().run("ip link set s0 mtu 1500")


@test("errors about no known connection go no further")
def unknown_error():
    for family, port in itertools.product((4, 6), (NAT, DR)):
        about = ip(family, VIP[family], CIP[family]) / udp(
            port, wires().next_port())
        equal(wires().exchange(CLIENT, ip(family, HOP[family], VIP[family]) /
                               unreach(family, about), 0), [], "frames")


@test("the VIP answers echo requests itself")
def echo():
    got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) /
                           ICMP(type=8, id=7, seq=1) / b"ping")
    equal([side for side, _ in got], [CLIENT], "side of the echo reply")
    equal(Ether(got[0][1])[ICMP].type, 0, "type")
    got = wires().exchange(CLIENT, ip(6, CIP[6], VIP[6]) /
                           ICMPv6EchoRequest(id=7, seq=1, data=b"ping"))
    equal([side for side, _ in got], [CLIENT], "side of the echo reply")


@test("time exceeded on the way to a NAT server is passed on")
def exceeded_behind():
    for family in (4, 6):
        sport = established(family, NAT)
        about = ip(family, CIP[family], RIP[family], ttl=1) / \
            udp(sport, REAL[NAT])
        error = ICMP(type=11, code=0) if family == 4 else \
            ICMPv6TimeExceeded(code=0)
        got = wires().exchange(SERVER, ip(family, RIP[family], CIP[family]) /
                               error / about)
        equal([side for side, _ in got], [CLIENT], "side")
        _, error, inner, ports = inner_parts(family, Ether(got[0][1]))
        equal(error.type, 11 if family == 4 else 3, "type")
        equal((inner.dst, ports), (VIP[family], (sport, NAT)),
              "quoted destination and ports")
