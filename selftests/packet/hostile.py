# SPDX-License-Identifier: GPL-2.0
"""Packets that lie: short headers, wrong lengths, bad checksums, corrupted
ones by the thousand. Each is dropped and counted, or passed; none does harm,
and the outcome counters add up."""

import os
import random
import struct

import ipvs
from ktap import Skip, busywait, check, equal, note, test
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN)
from wire import (
    CIP, CLIENT, DR, Ether, HOP, ICMP, IP, IPv6, NAT, REAL, RIP, SERVER, TUN,
    UDP, VIP, ip, tcp, udp, wires)

SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().getrandbits(32)
PACKETS = int(os.environ.get("FUZZ_PACKETS", "4000"))


def still_alive(what):
    """Ordinary packets are still balanced, and the outcomes add up. A
    neighbour that is not there, or a fragment, is told of seconds later."""
    for family in (4, 6):
        for port in (NAT, DR, TUN):
            client = wires().next_port()
            about = b"still alive, port %d" % client
            got = wires().exchange(CLIENT, ip(family, CIP[family],
                                              VIP[family]) /
                                   udp(client, port, about), about=about)
            equal([side for side, _ in got], [SERVER],
                  "%s: an ordinary packet to port %d, IPv%d" % (what, port,
                                                               family))
    balance(what)


def balance(what):
    """packets in = forwarded + answered + passed + dropped."""
    if ipvs.is_stock():
        return

    def even():
        drops = wires().drops()
        return drops["packets_in"] == sum(
            count for name, count in drops.items() if name != "packets_in")

    check(busywait(2, even), "%s: outcomes do not add up: %r" % (what, {
        name: count for name, count in wires().drops().items() if count}))


def short_packets():
    """(what, packet): each complete packet cut at each header's inside."""
    for family in (4, 6):
        for port in (NAT, DR, TUN):
            for l4 in (tcp, udp):
                sport = wires().next_port()
                whole = bytes(ip(family, CIP[family], VIP[family]) /
                              l4(sport, port))
                for size in (1, 10, 19, 20, 21, 24, 27, 28, 33, 39, 40, 41,
                             44, 47, 48, 53, 59, 60):
                    if size < len(whole):
                        yield (family, size), whole[:size]
                        yield (family, size), resize(family, whole[:size])


def resize(family, raw):
    """The IP header corrected to say the length that there is."""
    raw = bytearray(raw)
    if family == 4 and len(raw) >= 20:
        struct.pack_into(">H", raw, 2, len(raw))
        return ip4_sum(raw)
    if family == 6 and len(raw) >= 40:
        struct.pack_into(">H", raw, 4, len(raw) - 40)
    return bytes(raw)


def ip4_sum(raw):
    """@raw with its IPv4 header's checksum made right."""
    raw = bytearray(raw)
    size = (raw[0] & 15) * 4
    if size < 20 or len(raw) < size:
        return bytes(raw)
    raw[10:12] = b"\0\0"
    total = sum(struct.unpack(">%dH" % (size // 2), raw[:size]))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    struct.pack_into(">H", raw, 10, ~total & 0xffff)
    return bytes(raw)


def framed(raw, family):
    """Raw bytes of a packet in an Ethernet frame to the director."""
    return bytes.fromhex(wires().mac[CLIENT].replace(":", "")) + \
        bytes.fromhex("0200000000c1") + \
        (b"\x08\x00" if family == 4 else b"\x86\xdd") + raw


@test("packets cut short are not forwarded")
def cut_short():
    count = 0
    wires().flush_frames()
    for (family, _), raw in short_packets():
        wires().send(CLIENT, framed(raw, family))
        count += 1
    for side, data in wires().collect(1, 0.3):
        if side == SERVER:
            frame = Ether(data)
            check(UDP in frame or frame.haslayer("TCP"),
                  "a stump was forwarded: %r" % frame)
    note("%d stumps" % count)
    still_alive("stumps")


@test("headers whose lengths lie do no harm")
def lying_lengths():
    wires().flush_frames()
    for family in (4, 6):
        for port in (NAT, DR, TUN):
            base = bytes(ip(family, CIP[family], VIP[family]) /
                         tcp(wires().next_port(), port))
            start = 20 if family == 4 else 40
            for doff in (0, 1, 4, 15):
                raw = bytearray(base)
                raw[start + 12] = doff << 4
                wires().send(CLIENT, framed(bytes(raw), family))
            base = bytes(ip(family, CIP[family], VIP[family]) /
                         udp(wires().next_port(), port))
            for length in (0, 7, 9, 100, 65535):
                raw = bytearray(base)
                struct.pack_into(">H", raw, start + 4, length)
                wires().send(CLIENT, framed(bytes(raw), family))
            for length in (0, 1, 19, 20, 27, 2000, 65535):
                raw = bytearray(base)
                struct.pack_into(">H", raw, 2 if family == 4 else 4, length)
                if family == 4:
                    raw = ip4_sum(raw)
                wires().send(CLIENT, framed(bytes(raw), family))
            for first in (0x00, 0x44, 0x4f, 0x40, 0x55, 0x65, 0xff):
                raw = bytearray(base)
                raw[0] = first
                wires().send(CLIENT, framed(ip4_sum(raw) if family == 4 else
                                            bytes(raw), family))
    wires().collect(1, 0.3)
    still_alive("lying lengths")


@test("an IPv4 header with a bad checksum is not forwarded")
def bad_ip_checksum():
    for port in (NAT, DR, TUN):
        raw = bytearray(bytes(ip(4, CIP[4], VIP[4]) /
                              udp(wires().next_port(), port)))
        raw[10] ^= 0x55
        equal(wires().exchange(CLIENT, framed(bytes(raw), 4), 0), [],
              "frames for port %d" % port)
    still_alive("bad checksum")


def v6(nxt, body):
    """An IPv6 packet to the VIP with any body."""
    return bytes(IPv6(src=CIP[6], dst=VIP[6], nh=nxt, plen=len(body))) + body


@test("IPv6 header chains that loop, lie or have no end do no harm")
def header_chains():
    datagram = bytes(ip(6, CIP[6], VIP[6]) / udp(1, NAT, b"x" * 16))[40:]
    pad = b"\x01\x04\0\0\0\0"

    def ext(nxt, length=0):
        return bytes((nxt, length)) + pad

    def fragment(nxt, offset, ident):
        return struct.pack(">BBHI", nxt, 0, offset, ident)

    raws = [v6(0, ext(0) + ext(0) + ext(17) + datagram),
            v6(43, (ext(43) * 60) + ext(17) + datagram),
            v6(60, (ext(60) * 160) + ext(17) + datagram),
            v6(43, b"\x11\x02\0\x01" + b"\0" * 20 + datagram),
            v6(43, b"\x11\xff\0\x01" + b"\0" * 20 + datagram),
            v6(44, fragment(17, 0, 9) + datagram),
            v6(44, fragment(44, 1, 10) + fragment(17, 0, 11) + datagram),
            v6(44, fragment(0, 1, 12) + ext(17) + datagram),
            v6(44, fragment(44, 0, 13) * 20 + datagram),
            v6(0, b"\x11"), v6(44, b"\x11\0"), v6(60, b""), v6(51, b"\x11")]
    for nxt in (0, 43, 44, 51, 59, 60, 135, 255):
        raws.append(v6(0, ext(nxt) + datagram))
        raws.append(v6(60, ext(nxt, 255) + datagram))
    for raw in raws:
        wires().send(CLIENT, framed(raw, 6))
    wires().collect(1, 0.3)
    still_alive("header chains")


@test("ICMP errors that quote nonsense do no harm")
def quoted_nonsense():
    sport = wires().next_port()
    for family in (4, 6):
        wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                         udp(sport, NAT))
        about = bytes(ip(family, VIP[family], CIP[family]) / udp(NAT, sport))
        back = bytes(ip(family, CIP[family], RIP[family]) /
                     udp(sport, REAL[NAT]))
        for quote, side, src, dst in (
                (about, CLIENT, HOP[family], VIP[family]),
                (back, SERVER, RIP[family], CIP[family])):
            bodies = [quote[:n] for n in range(0, len(quote), 3)]
            for at in range(0, min(len(quote), 48)):
                raw = bytearray(quote)
                raw[at] ^= 0xff
                bodies.append(bytes(raw))
            for body in bodies:
                error = ICMP(type=3, code=4, nexthopmtu=0) if family == 4 \
                    else ICMPv6DestUnreach(code=4)
                wires().send(side, ip(family, src, dst) / error / body)
    wires().collect(1, 0.3)
    still_alive("quotes")


@test("source addresses that no client can have")
def sources():
    for src in ("127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
                VIP[4], RIP[4]):
        wires().send(CLIENT, IP(src=src, dst=VIP[4]) / udp(9, NAT))
        wires().send(CLIENT, IP(src=src, dst=VIP[4]) / tcp(9, DR))
    for src in ("::", "::1", "ff02::1", "fe80::1", VIP[6], RIP[6]):
        wires().send(CLIENT, IPv6(src=src, dst=VIP[6]) / udp(9, NAT))
        wires().send(CLIENT, IPv6(src=src, dst=VIP[6]) / tcp(9, DR))
    wires().collect(1, 0.3)
    still_alive("sources")


@test("protocols that are not balanced pass")
def protocols():
    for family in (4, 6):
        for proto in (0, 1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 132, 136, 255):
            for size in (0, 1, 8, 40):
                header = IP(src=CIP[4], dst=VIP[4], proto=proto) if \
                    family == 4 else IPv6(src=CIP[6], dst=VIP[6], nh=proto)
                wires().send(CLIENT, header / (b"\0" * size))
    wires().collect(1, 0.3)
    still_alive("protocols")


def corrupt(rng, packet):
    """A few bits or bytes of @packet changed; half of them with a right
    IPv4 checksum, so that they get further."""
    raw = bytearray(packet)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(raw)) if rng.random() < 0.6 else \
            rng.randrange(min(len(raw), 44))
        raw[at] = rng.choice((raw[at] ^ (1 << rng.randrange(8)), 0, 255,
                              rng.randrange(256)))
    if rng.random() < 0.2:
        raw = raw[:rng.randrange(1, len(raw) + 1)]
    if raw[0] >> 4 == 4 and len(raw) >= 20 and rng.random() < 0.8:
        return ip4_sum(raw)
    return bytes(raw)


def seeds():
    """Packets of every kind to start from: (side, family, bytes)."""
    out = []
    for family in (4, 6):
        error = ICMP(type=3, code=4, nexthopmtu=1300) if family == 4 else \
            ICMPv6DestUnreach(code=4)
        for port in (NAT, DR, TUN):
            for flags in ("S", "A", "FA", "R"):
                out.append((CLIENT, family, ip(family, CIP[family], VIP[
                    family]) / tcp(20000, port, flags, b"data" * 5)))
            out.append((CLIENT, family, ip(family, CIP[family], VIP[family]) /
                        udp(20000, port)))
            out.append((CLIENT, family, ip(family, HOP[family], VIP[family]) /
                        error / ip(family, VIP[family], CIP[family]) /
                        udp(port, 20000)))
        out.append((SERVER, family, ip(family, RIP[family], CIP[family]) /
                    tcp(REAL[NAT], 20000, "SA")))
        out.append((SERVER, family, ip(family, RIP[family], CIP[family]) /
                    udp(REAL[NAT], 20000)))
        out.append((SERVER, family, ip(family, RIP[family], CIP[family]) /
                    error / ip(family, CIP[family], RIP[family]) /
                    udp(20000, REAL[NAT])))
    out.append((CLIENT, 6, ip(6, CIP[6], VIP[6]) / IPv6ExtHdrHopByHop(
        options=[PadN(optdata=b"\0" * 4)]) / tcp(20000, NAT)))
    out.append((CLIENT, 6, ip(6, CIP[6], VIP[6]) / IPv6ExtHdrFragment(
        nh=17, offset=0, m=1, id=77) / udp(20000, NAT, b"x" * 16)))
    out.append((CLIENT, 4, ip(4, CIP[4], VIP[4], flags="MF") /
                udp(20000, NAT, b"x" * 16)))
    return [(side, family, bytes(packet)) for side, family, packet in out]


@test("thousands of corrupted packets do no harm, and each is accounted for")
def fuzz():
    note("seed %u, %d packets" % (SEED, PACKETS))
    rng = random.Random(SEED)
    kinds = seeds()
    heads = {side: bytes.fromhex(wires().mac[side].replace(":", "")) +
             b"\x02\0\0\0\0\x01" for side in (CLIENT, SERVER)}
    for number in range(PACKETS):
        side, family, packet = rng.choice(kinds)
        raw = heads[side] + (b"\x08\x00" if family == 4 else b"\x86\xdd") + \
            corrupt(rng, packet)
        wires().send(side, raw)
        if number % 500 == 0:
            wires().flush_frames()
    wires().collect(1, 0.5)
    still_alive("corrupted packets")


@test("every packet that came in has its outcome")
def outcomes():
    if ipvs.is_stock():
        raise Skip("stock ip_vs does not count outcomes")
    balance("all tests")
    drops = wires().drops()
    check(drops["packets_in"] > PACKETS // 2, "packets_in %d" %
          drops["packets_in"])
    for name in ("forwarded", "answered", "passed"):
        check(drops[name] > 0, "no packet was counted as " + name)
    dropped = sum(count for name, count in drops.items() if name not in (
        "packets_in", "forwarded", "answered", "passed"))
    check(dropped > 0, "no packet was dropped by any reason")
    note(" ".join("%s=%d" % item for item in drops.items() if item[1]))
