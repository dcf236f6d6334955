# SPDX-License-Identifier: GPL-2.0
"""What each forwarding method does to a packet, field by field."""

import itertools

import ipvs
from ktap import check, equal, test
from scapy.layers.inet import IPOption, IPOption_NOP
from scapy.layers.inet6 import (IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, PadN)
from wire import (
    CIP, CLIENT, DIP, DR, Ether, IP, IPv6, NAT, REAL, RIP, SERVER, TUN,
    TUN_OTHER, UDP, VIP, checksums_valid, compare, ip,
    layers, tcp, udp, wires)

L4 = {"TCP": tcp, "UDP": udp}


def request(family, l4, sport, dport, **fields):
    """A packet of the client to the VIP."""
    return ip(family, CIP[family], VIP[family], **fields) / l4(sport, dport)


def natted(family, l4, sport, **fields):
    """The same as the NAT server gets it."""
    return ip(family, CIP[family], RIP[family], ttl=63, **fields) / \
        l4(sport, REAL[NAT])


def outer(family, other, inner, frame):
    """A tunnel header around @inner; what the director chooses is taken
    from the @frame it sent."""
    tos = inner.tos if family == 4 else inner.tc
    if other == 4:
        flags = inner.flags if family == 4 else frame[IP].flags
        return IP(src=DIP[4], dst=RIP[4], ttl=63, tos=tos, flags=flags,
                  id=frame[IP].id, proto=4 if family == 4 else 41) / inner
    return IPv6(src=DIP[6], dst=RIP[6], hlim=63, tc=tos, fl=frame[IPv6].fl,
                nh=4 if family == 4 else 41) / inner


def each(*families):
    """(name, family, protocol name, builder) for all combinations."""
    for family, name in itertools.product(families or (4, 6), L4):
        yield "IPv%d %s" % (family, name), family, L4[name]


@test("NAT: address and port of the server, TTL less one, all else untouched")
def nat_request():
    for what, family, l4 in each():
        sport = wires().next_port()
        for _ in range(2):
            wires().expect(what, CLIENT, request(family, l4, sport, NAT),
                           (SERVER, natted(family, l4, sport)))


@test("NAT: the reply has the address and port of the service, TTL less one")
def nat_reply():
    for what, family, l4 in each():
        sport = wires().next_port()
        wires().expect(what, CLIENT, request(family, l4, sport, NAT),
                       (SERVER, natted(family, l4, sport)))
        answer = dict(flags="SA") if l4 is tcp else dict(data=b"answer")
        wires().expect(
            what + " reply", SERVER,
            ip(family, RIP[family], CIP[family]) / l4(REAL[NAT], sport,
                                                      **answer),
            (CLIENT, ip(family, VIP[family], CIP[family], ttl=63) /
             l4(NAT, sport, **answer)))


@test("DR: only the MAC addresses and the TTL change")
def dr_request():
    for what, family, l4 in each():
        sport = wires().next_port()
        wires().expect(what, CLIENT, request(family, l4, sport, DR),
                       (SERVER, request(family, l4, sport, DR, ttl=63)))


@test("TUN: outer header of the same family around the packet with TTL less one")
def tun_request():
    tunnel(TUN, False)


@test("TUN: outer header of the other family")
def tun_other():
    tunnel(TUN_OTHER, True)


def tunnel(port, cross):
    for what, family, l4 in each():
        sport = wires().next_port()
        for _ in range(2):
            got = wires().exchange(CLIENT, request(family, l4, sport, port))
            equal([side for side, _ in got], [SERVER], what + " came out on")
            inner = request(family, l4, sport, port, ttl=63)
            want = outer(family, 10 - family if cross else family, inner,
                         Ether(got[0][1]))
            compare(what, got[0][1], wires().frame_out(SERVER, want))


@test("TUN: the outer DF bit is that of the packet, v4 in v4")
def tun_df():
    for flags in (0, "DF"):
        got = wires().exchange(CLIENT, request(
            4, udp, wires().next_port(), TUN, flags=flags))
        frame = Ether(got[0][1])
        equal(str(frame[IP].flags), str(IP(flags=flags).flags), "outer flags")
        equal(frame[IP].proto, 4, "outer protocol")
        check(checksums_valid(frame), "checksums of %r" % frame)


@test("TOS, DSCP and ECN bits are kept, and copied to the outer header")
def tos():
    for family, port, value in itertools.product(
            (4, 6), (NAT, DR, TUN, TUN_OTHER), (0x00, 0x03, 0xb8, 0xff)):
        field = {"tos" if family == 4 else "tc": value}
        got = wires().exchange(CLIENT, request(
            family, udp, wires().next_port(), port, **field))
        equal(len(got), 1, "frames with TOS %#x to port %d" % (value, port))
        frame = Ether(got[0][1])
        seen = [layer.tos if layer.name == "IP" else layer.tc
                for layer in layers(frame) if layer.name in ("IP", "IPv6")]
        equal(seen[-1], value, "TOS of the packet to port %d" % port)
        # "congestion experienced" may be copied or sent as "capable"
        check(seen[0] in (value, value & ~1 if value & 3 == 3 else value),
              "TOS %#x became %#x outside, port %d" % (value, seen[0], port))


@test("UDP without a checksum: none or a right one arrives")
def udp_no_checksum():
    for port in (NAT, DR):
        sport = wires().next_port()
        got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) /
                               udp(sport, port, chksum=0))
        equal([side for side, _ in got], [SERVER], "side")
        want = ip(4, CIP[4], RIP[4] if port == NAT else VIP[4], ttl=63) / \
            udp(sport, REAL.get(port, port))
        if Ether(got[0][1])[UDP].chksum == 0:
            want[UDP].chksum = 0
        compare("port %d" % port, got[0][1], wires().frame_out(SERVER, want))


@test("the checksum test of these tests can fail")
def checksum_test():
    for family, l4 in ((4, tcp), (4, udp), (6, tcp), (6, udp)):
        raw = bytearray(bytes(request(family, l4, 1, 2)))
        layer = IP if family == 4 else IPv6
        check(checksums_valid(layer(bytes(raw))), "right one refused")
        raw[-1] ^= 1
        check(not checksums_valid(layer(bytes(raw))), "wrong one accepted")


@test("NAT: a UDP checksum that comes to 0 is sent as ffff")
def udp_checksum_zero():
    for family in (4, 6):
        sport = wires().next_port()
        base = ip(family, CIP[family], RIP[family])
        # choose two bytes of data so that the server's checksum folds to 0
        probe = bytes(base / UDP(sport=sport, dport=REAL[NAT]) / b"\0\0")
        value = UDP(probe[20 if family == 4 else 40:]).chksum
        data = value.to_bytes(2, "big")
        want = ip(family, CIP[family], RIP[family], ttl=63) / \
            UDP(sport=sport, dport=REAL[NAT]) / data
        raw = bytes(want)
        equal(UDP(raw[20 if family == 4 else 40:]).chksum, 0xffff,
              "checksum wanted")
        wires().expect("IPv%d" % family, CLIENT,
                       ip(family, CIP[family], VIP[family]) /
                       UDP(sport=sport, dport=NAT) / data, (SERVER, want))


@test("NAT: wrong checksums are not repaired")
def bad_checksum():
    for what, family, l4 in each():
        sport = wires().next_port()
        wires().exchange(CLIENT, request(family, l4, sport, NAT))
        raw = bytearray(bytes(request(family, l4, sport, NAT)))
        raw[-1] ^= 0x5a         # data of UDP, an option of TCP
        layer = IP if family == 4 else IPv6
        for _, data in wires().exchange(CLIENT, layer(bytes(raw)), 0):
            check(not checksums_valid(Ether(data)),
                  "%s: a valid checksum over changed data" % what)


@test("data of every length from 0 to 9 bytes arrive as they were sent")
def lengths():
    for family, port, size in itertools.product((4, 6), (NAT, DR), range(10)):
        sport = wires().next_port()
        data = bytes(range(1, size + 1))
        want = ip(family, CIP[family], RIP[family] if port == NAT else
                  VIP[family], ttl=63) / udp(sport, REAL.get(port, port), data)
        wires().expect("%d bytes" % size, CLIENT,
                       ip(family, CIP[family], VIP[family]) /
                       udp(sport, port, data), (SERVER, want))


@test("bytes behind the end of the IP packet are not sent on")
def trailer():
    for family, port in itertools.product((4, 6), (NAT, DR)):
        sport = wires().next_port()
        packet = ip(family, CIP[family], VIP[family]) / udp(sport, port, b"x")
        frame = bytes(wires().frame_in(CLIENT, packet)) + b"\xee" * 40
        wires().expect("trailer", CLIENT, frame, (SERVER, ip(
            family, CIP[family], RIP[family] if port == NAT else VIP[family],
            ttl=63) / udp(sport, REAL.get(port, port), b"x")))


@test("IPv4 options are kept")
def options():
    opts = [IPOption_NOP(), IPOption_NOP(), IPOption_NOP(),
            IPOption(b"\x00")]
    for port in (NAT, DR):
        sport = wires().next_port()
        wires().expect("port %d" % port, CLIENT,
                       ip(4, CIP[4], VIP[4], options=opts) / udp(sport, port),
                       (SERVER, ip(4, CIP[4], RIP[4] if port == NAT else
                                   VIP[4], ttl=63, options=opts) /
                        udp(sport, REAL.get(port, port))))


@test("IPv6 extension headers are kept, checksums right behind them")
def extension_headers():
    for port, l4 in itertools.product((NAT, DR), (tcp, udp)):
        for headers in ([IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])],
                        [IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 12)])],
                        [IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)]),
                         IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])]):
            sport = wires().next_port()
            sent, want = ip(6, CIP[6], VIP[6]), ip(
                6, CIP[6], RIP[6] if port == NAT else VIP[6], ttl=63)
            for header in headers:
                sent, want = sent / header, want / header
            wires().expect("%d headers to port %d" % (len(headers), port),
                           CLIENT, sent / l4(sport, port),
                           (SERVER, want / l4(sport, REAL.get(port, port))))


@test("packets to other ports and addresses pass the director unchanged")
def others():
    for family in (4, 6):
        got = wires().exchange(CLIENT, ip(family, CIP[family], RIP[family]) /
                               udp(wires().next_port(), 99))
        equal(len(got), 1, "frames of a forwarded packet")
        frame = Ether(got[0][1])
        layer = frame[IP] if family == 4 else frame[IPv6]
        equal(layer.dst, RIP[family], "destination")


@test("a TCP segment without SYN and without a connection is not scheduled")
def no_syn():
    for family, flags in itertools.product((4, 6), ("A", "R", "F", "FA",
                                                    "SR", "")):
        for port in (NAT, DR):
            got = wires().exchange(
                CLIENT, ip(family, CIP[family], VIP[family]) /
                tcp(wires().next_port(), port, flags), 0)
            check(not [1 for side, _ in got if side == SERVER],
                  "flags %r reached a server" % flags)


@test("a flow belongs to its server until that is deleted")
def deleted_server():
    key = ipvs.svc_key(VIP[4], 1020, ipvs.UDP)
    control = wires().ipvs
    control.do(ipvs.NEW_SERVICE, ipvs.new_service(VIP[4], 1020, ipvs.UDP))
    for last in (11, 12):
        control.do(ipvs.NEW_DEST, ipvs.service(key),
                   ipvs.new_dest("192.0.2.%d" % last, 2000))
    sport = wires().next_port()

    def target():
        got = wires().exchange(CLIENT, ip(4, CIP[4], VIP[4]) /
                               udp(sport, 1020), 0)
        return [Ether(data)[IP].dst for side, data in got if side == SERVER]

    first = target()
    equal(len(first), 1, "frames")
    for _ in range(3):
        equal(target(), first, "server of the flow")
    control.do(ipvs.DEL_DEST, ipvs.service(key),
               ipvs.dest(ipvs.dst_key(first[0], 2000)))
    # stock drops the packets of such a flow, lvs gives it another server
    other = ["192.0.2.12" if first == ["192.0.2.11"] else "192.0.2.11"]
    equal(target(), [] if ipvs.is_stock() else other,
          "servers of the flow without its server")
    control.do(ipvs.NEW_DEST, ipvs.service(key),
               ipvs.new_dest(first[0], 2000))
    equal(target(), first if ipvs.is_stock() else other,
          "server of the flow when the old one is back")
    control.do(ipvs.DEL_SERVICE, ipvs.service(key))


@test("Ethernet addresses: only frames for the director are taken")
def not_for_us():
    for family in (4, 6):
        packet = request(family, udp, wires().next_port(), NAT)
        raw = bytearray(bytes(wires().frame_in(CLIENT, packet)))
        raw[0:6] = b"\x02\0\0\0\0\x99"
        equal(wires().exchange(CLIENT, bytes(raw), 0), [],
              "frames for a stranger's MAC")
