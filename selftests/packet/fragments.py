# SPDX-License-Identifier: GPL-2.0
"""Fragments in both directions, whole and in disorder, both families."""

import itertools
import random

from ktap import check, equal, test
from scapy.layers.inet6 import IPv6ExtHdrFragment
from wire import (
    CIP, CLIENT, DR, Ether, IP, IPv6, NAT, REAL, RIP, SERVER, TUN, VIP, ip,
    udp, wires)

DATA = bytes(random.Random(5).randbytes(1700))


def cut(family, packet, size, ident):
    """The fragments of @packet with at most @size bytes of payload each."""
    start = 20 if family == 4 else 40
    payload = bytes(packet)[start:]
    out = []
    for at in range(0, len(payload), size):
        more = 1 if at + size < len(payload) else 0
        part = payload[at:at + size]
        head = packet.copy()
        head.remove_payload()
        if family == 4:
            head.flags, head.frag, head.id, head.proto = more, at // 8, \
                ident, 17
            head.len = None
            out.append(head / part)
        else:
            head.nh, head.plen = 44, None
            out.append(head / IPv6ExtHdrFragment(
                nh=17, offset=at // 8, m=more, id=ident) / part)
    return out


def join(family, frames):
    """(source, destination, TTL, payload) of one datagram in @frames."""
    parts, ends, facts = {}, set(), set()
    for _, data in frames:
        frame = Ether(data)
        if family == 4:
            layer = frame[IP]
            offset, more = layer.frag * 8, bool(layer.flags & 1)
            body = bytes(layer)[layer.ihl * 4:layer.len]
            ttl = layer.ttl
        else:
            layer = frame[IPv6]
            ttl = layer.hlim
            if layer.nh == 44:
                fragment = frame[IPv6ExtHdrFragment]
                offset, more = fragment.offset * 8, bool(fragment.m)
                body = bytes(layer)[48:40 + layer.plen]
            else:
                offset, more = 0, False
                body = bytes(layer)[40:40 + layer.plen]
        facts.add((layer.src, layer.dst, ttl))
        parts[offset] = body
        if not more:
            ends.add(offset + len(body))
    equal(len(facts), 1, "different headers of fragments: %r" % facts)
    data = b""
    for offset in sorted(parts):
        equal(offset, len(data), "offset of a fragment")
        data += parts[offset]
    equal(ends, {len(data)}, "end of the datagram")
    return (*facts.pop(), data)


def send_all(side, fragments, want):
    """Send fragments; the frames that come out, at least one."""
    wires().flush_frames()
    for fragment in fragments:
        wires().send(side, fragment)
    got = wires().collect(want)
    got += wires().collect(1, 0.1)
    return got


ORDERS = (("in order", lambda parts: parts),
          ("reversed", lambda parts: parts[::-1]),
          ("middle first", lambda parts: parts[1:] + parts[:1]))


@test("a fragmented request reaches the server whole, NAT and DR")
def requests():
    ident = 100
    for family, port, (how, order) in itertools.product((4, 6), (NAT, DR),
                                                        ORDERS):
        what = "IPv%d port %d %s" % (family, port, how)
        sport, ident = wires().next_port(), ident + 1
        packet = ip(family, CIP[family], VIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(sport, port, DATA)
        got = send_all(CLIENT, order(cut(family, packet, 800, ident)), 2)
        check(all(side == SERVER for side, _ in got) and got,
              what + ": %d frames" % len(got))
        target = RIP[family] if port == NAT else VIP[family]
        want = ip(family, CIP[family], target) / udp(
            sport, REAL.get(port, port), DATA)
        equal(join(family, got), (CIP[family], target, 63, bytes(want)[
            20 if family == 4 else 40:]), what)


@test("a fragmented request goes through a tunnel whole")
def tunnelled():
    for family in (4, 6):
        sport = wires().next_port()
        packet = ip(family, CIP[family], VIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(sport, TUN, DATA)
        got = send_all(CLIENT, cut(family, packet, 800, 300 + family), 2)
        check(got and all(side == SERVER for side, _ in got),
              "IPv%d: %d frames" % (family, len(got)))
        total = 0
        for _, data in got:
            layer = Ether(data)[IP if family == 4 else IPv6]
            equal(layer.dst, RIP[family], "outer destination")
            total += len(layer.payload)
        check(total >= len(DATA), "%d bytes arrived" % total)


@test("pieces of a tunnel's packets have a number, though the client's had DF")
def tunnelled_df():
    datagrams = [ip(4, CIP[4], VIP[4], flags=0) /
                 udp(wires().next_port(), TUN, DATA) for _ in range(2)]
    parts = [cut(4, packet, 800, 350 + i)
             for i, packet in enumerate(datagrams)]
    for part in itertools.chain(*parts):
        part.flags |= 2
    got = send_all(CLIENT, itertools.chain(*parts), 4)
    equal([side for side, _ in got], [SERVER] * 4, "pieces")
    numbers = [Ether(data)[IP].id for _, data in got]
    equal([numbers.count(number) for number in numbers], [2] * 4,
          "datagrams of a number: %r" % numbers)
    check(0 not in numbers, "numbers: %r" % numbers)


@test("a fragmented reply of a NAT server reaches the client whole")
def replies():
    ident = 500
    for family, (how, order) in itertools.product((4, 6), ORDERS):
        what = "IPv%d %s" % (family, how)
        sport, ident = wires().next_port(), ident + 1
        wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                         udp(sport, NAT))
        packet = ip(family, RIP[family], CIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(REAL[NAT], sport, DATA)
        got = send_all(SERVER, order(cut(family, packet, 800, ident)), 2)
        check(got and all(side == CLIENT for side, _ in got),
              what + ": %d frames" % len(got))
        want = ip(family, VIP[family], CIP[family]) / udp(NAT, sport, DATA)
        equal(join(family, got), (VIP[family], CIP[family], 63, bytes(want)[
            20 if family == 4 else 40:]), what)


@test("fragments of two datagrams at once are not mixed up")
def interleaved():
    for family in (4, 6):
        sport = wires().next_port()
        other = bytes(reversed(DATA))
        packets = [ip(family, CIP[family], VIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(sport, NAT, data)
                   for data in (DATA, other)]
        first, second = (cut(family, packet, 800, 700 + number)
                         for number, packet in enumerate(packets))
        mixed = [part for pair in zip(first, second) for part in pair]
        got = send_all(CLIENT, mixed, 4)
        sums = set()
        half = len(got) // 2
        for frames in (got[:half], got[half:]):
            sums.add(join(family, frames)[3][8:])
        equal(sums, {DATA, other}, "IPv%d datagrams" % family)


@test("fragments that never become whole are given up, nothing comes out")
def incomplete():
    for family in (4, 6):
        packet = ip(family, CIP[family], VIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(
                wires().next_port(), NAT, DATA)
        for missing in range(3):
            parts = cut(family, packet, 800, 900 + missing)
            del parts[missing]
            wires().flush_frames()
            for part in parts:
                wires().send(CLIENT, part)
            equal(wires().collect(1, 0.1), [], "IPv%d without fragment %d" %
                  (family, missing))


@test("fragments that overlap, are tiny or lie about their place do no harm")
def hostile():
    for family in (4, 6):
        packet = ip(family, CIP[family], VIP[family], **(
            {"flags": 0} if family == 4 else {})) / udp(
                wires().next_port(), NAT, DATA)
        parts = cut(family, packet, 8, 1200)
        for part in parts[:3] + parts[-3:] + parts[:1] * 2:
            wires().send(CLIENT, part)
        overlap = cut(family, packet, 800, 1201)
        if family == 4:
            overlap[1].frag = 50
        else:
            overlap[1][IPv6ExtHdrFragment].offset = 50
        for part in overlap:
            wires().send(CLIENT, part)
        beyond = cut(family, packet, 800, 1202)
        if family == 4:
            beyond[1].frag = 8191
        else:
            beyond[1][IPv6ExtHdrFragment].offset = 8191
        for part in beyond:
            wires().send(CLIENT, part)
    wires().collect(1, 0.1)
    sport = wires().next_port()
    got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) / udp(sport, NAT))
    equal(len(got), 1, "frames of a whole packet afterwards")
