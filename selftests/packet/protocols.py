# SPDX-License-Identifier: GPL-2.0
"""What is neither TCP nor UDP: SCTP, and AH and ESP, which ride on UDP 500."""

import ipvs
import wire
from ktap import check, equal, test
from scapy.layers.sctp import (
    SCTP, SCTPChunkAbort, SCTPChunkCookieAck, SCTPChunkCookieEcho,
    SCTPChunkData, SCTPChunkInit, SCTPChunkInitAck, SCTPChunkShutdown,
    SCTPChunkShutdownAck, SCTPChunkShutdownComplete)
from scapy.packet import Raw
from wire import (
    CIP, CLIENT, Ether, ICMP, IP, RIP, SERVER, VIP, ip, layers, tcp, udp,
    wires)

PORT = {ipvs.MASQ: 1200, ipvs.DROUTE: 1201, ipvs.TUNNEL: 1202}
REAL = 2200
ISAKMP = 500
_configured = []


def service(family, proto, port, method, real):
    key = ipvs.svc_key(VIP[family], port, proto)
    wires().ipvs.do(ipvs.NEW_SERVICE,
                    ipvs.new_service(VIP[family], port, proto))
    wires().ipvs.do(ipvs.NEW_DEST, ipvs.service(key), ipvs.dest(
        ipvs.dst_key(RIP[family], real) + ipvs.dst_rest(fwd=method) +
        ipvs.nla(ipvs.D_AF, ipvs.u16(
            ipvs.AF_INET if family == 4 else ipvs.AF_INET6))))


def configure():
    if _configured:
        return
    _configured.append(True)
    for family in (4, 6):
        for method, port in PORT.items():
            service(family, ipvs.SCTP, port, method,
                    REAL if method == ipvs.MASQ else port)


def sctp(sport, dport, chunk, **fields):
    return SCTP(sport=sport, dport=dport, tag=0x01020304, **fields) / chunk


def init():
    return SCTPChunkInit(init_tag=0x0a0b0c0d, a_rwnd=65536, n_out_streams=3,
                         n_in_streams=3, init_tsn=7)


def data(text=b"some data, odd"):
    return SCTPChunkData(tsn=7, data=text)


def request(family, sport, dport, chunk, **fields):
    return ip(family, CIP[family], VIP[family]) / sctp(sport, dport, chunk,
                                                       **fields)


def natted(family, sport, chunk, **fields):
    return ip(family, CIP[family], RIP[family], ttl=63) / sctp(
        sport, REAL, chunk, **fields)


def answer(family, sport, chunk, port=REAL):
    return ip(family, RIP[family], CIP[family]) / sctp(port, sport, chunk)


def answered(family, sport, chunk, port=PORT[ipvs.MASQ]):
    return ip(family, VIP[family], CIP[family], ttl=63) / sctp(
        port, sport, chunk)


def conn(proto, sport):
    """State of the client's conn as /proc shows it."""
    wire.enter(wires().director)
    try:
        text = wire.read_proc("ip_vs_conn")
    finally:
        wire.enter(wires().wire)
    rows = [row.split() for row in text.splitlines()[1:]]
    found = [row for row in rows if row[0] == proto and
             int(row[2], 16) == sport]
    return found[0][7] if found else None


@test("SCTP: NAT translates port and CRC, and each chunk moves the state")
def sctp_nat():
    configure()
    for family in (4, 6):
        name, sport = "IPv%d" % family, wires().next_port()
        steps = (
            (CLIENT, init(), "INIT1"),
            (SERVER, SCTPChunkInitAck(init_tag=5), "C-SENT"),
            (CLIENT, SCTPChunkCookieEcho(cookie=b"cake"), "C-REPLIED"),
            (SERVER, SCTPChunkCookieAck(), "ESTABLISHED"),
            (CLIENT, data(), "ESTABLISHED"),
            (SERVER, data(b"x" * 1300), "ESTABLISHED"),
            (CLIENT, SCTPChunkShutdown(), "S-RECEIVED"),
            (SERVER, SCTPChunkShutdownAck(), "S-ACK-SENT"),
            (CLIENT, SCTPChunkShutdownComplete(), "CLOSED"),
            (CLIENT, init(), "INIT1"),     # a new conn on the old port
            (SERVER, SCTPChunkAbort(), "REJECTED"))
        for side, chunk, state in steps:
            what = "%s, %s" % (name, state)
            if side == CLIENT:
                wires().expect(
                    what, side,
                    request(family, sport, PORT[ipvs.MASQ], chunk),
                    (SERVER, natted(family, sport, chunk)))
            else:
                wires().expect(what, side, answer(family, sport, chunk),
                               (CLIENT, answered(family, sport, chunk)))
            equal(conn("SCTP", sport), state, what)


@test("SCTP: a wrong checksum stays wrong through NAT")
def sctp_wrong():
    configure()
    for family in (4, 6):
        sport = wires().next_port()
        wires().expect(
            "IPv%d" % family, CLIENT,
            request(family, sport, PORT[ipvs.MASQ], init(), chksum=0x12345678),
            (SERVER, natted(family, sport, init(), chksum=0x12345678)))


@test("SCTP: DR and tunnels change nothing of the packet")
def sctp_whole():
    configure()
    for family in (4, 6):
        sport = wires().next_port()
        for chunk, state in ((init(), "INIT1"),
                             (SCTPChunkCookieEcho(cookie=b"cake"),
                              "ESTABLISHED"), (data(), "ESTABLISHED"),
                             (SCTPChunkAbort(), "CLOSED")):
            packet = request(family, sport, PORT[ipvs.DROUTE], chunk)
            out = packet.copy()
            if family == 4:
                out.ttl = 63
                out.chksum = None
            else:
                out.hlim = 63
            wires().expect("DR, IPv%d" % family, CLIENT, packet, (SERVER, out))
            equal(conn("SCTP", sport), state, "state")
        packet = request(family, sport, PORT[ipvs.TUNNEL], init())
        (side, frame), = wires().exchange(CLIENT, packet)
        inner = layers(Ether(frame))[2]
        equal(side, SERVER, "side")
        check(bytes(inner.payload) == bytes(packet.payload), "inner packet")


@test("SCTP: only INIT starts a conn, unless sloppy_sctp says otherwise")
def sctp_starts():
    configure()

    def goes(family, chunk, sport):
        wires().flush_frames()
        wires().send(CLIENT, request(family, sport, PORT[ipvs.DROUTE], chunk))
        got = wires().collect(1, 0.3)
        return [side for side, _ in got if side == SERVER] == [SERVER]

    for family in (4, 6):
        for sloppy in (0, 1):
            wires().sysctl("net.ipv4.vs.sloppy_sctp", sloppy)
            for what, chunk, starts in (
                    ("INIT", init(), True), ("DATA", data(), sloppy),
                    ("COOKIE ECHO", SCTPChunkCookieEcho(cookie=b"abcd"),
                     sloppy), ("ABORT", SCTPChunkAbort(), False)):
                equal(goes(family, chunk, wires().next_port()), bool(starts),
                      "%s, sloppy %d" % (what, sloppy))
        wires().sysctl("net.ipv4.vs.sloppy_sctp", 0)


@test("SCTP: an ICMP error about it reaches the client translated")
def sctp_icmp():
    configure()
    sport = wires().next_port()
    port = PORT[ipvs.MASQ]
    wires().expect("INIT", CLIENT, request(4, sport, port, init()),
                   (SERVER, natted(4, sport, init())))
    quote = bytes(natted(4, sport, init()))[:28]
    (side, frame), = wires().exchange(SERVER, ip(4, RIP[4], CIP[4]) /
                                      ICMP(type=3, code=2) / Raw(quote))
    equal(side, CLIENT, "side")
    got = Ether(frame)[IP]
    equal((got.src, got.dst), (VIP[4], CIP[4]), "addresses")
    inner = IP(bytes(got[ICMP].payload))
    equal(inner.dst, VIP[4], "quoted destination")
    equal(bytes(inner.payload)[:4], sport.to_bytes(2, "big") +
          port.to_bytes(2, "big"), "quoted ports")


def ipsec(family, src, dst, proto, ttl=64, **fields):
    if family == 4:
        return ip(4, src, dst, ttl=ttl, proto=proto, **fields)
    return ip(6, src, dst, ttl=ttl, nh=proto)


@test("AH and ESP go the way of the client's UDP 500, and nowhere without")
def ipsec_rides():
    for family in (4, 6):
        for number, method in enumerate((ipvs.MASQ, ipvs.DROUTE)):
            service(family, ipvs.UDP, ISAKMP, method, ISAKMP)
            me = ("203.0.113.%d" if family == 4 else
                  "2001:db8:cc::%x") % (60 + number)
            to = RIP[family] if method == ipvs.MASQ else VIP[family]
            name = "IPv%d, %d" % (family, method)
            for proto in (50, 51):
                wires().flush_frames()
                wires().send(CLIENT, ipsec(family, me, VIP[family], proto) /
                             Raw(b"secret"))
                check(all(side == CLIENT for side, _ in
                          wires().collect(1, 0.3)), "without a conn: " + name)
            wires().expect(
                name, CLIENT,
                ip(family, me, VIP[family]) / udp(ISAKMP, ISAKMP),
                (SERVER, ip(family, me, to, ttl=63) / udp(ISAKMP, ISAKMP)))
            for proto in (50, 51):
                # shorter than any header with ports, and odd
                wires().expect(
                    name, CLIENT,
                    ipsec(family, me, VIP[family], proto) / Raw(b"abc"),
                    (SERVER, ipsec(family, me, to, proto, 63) / Raw(b"abc")))
                if method == ipvs.MASQ:
                    wires().expect(
                        name + ", reply", SERVER,
                        ipsec(family, RIP[family], me, proto) / Raw(b"abc"),
                        (CLIENT, ipsec(family, VIP[family], me, proto, 63) /
                         Raw(b"abc")))
            wires().ipvs.do(ipvs.DEL_SERVICE, ipvs.service(
                ipvs.svc_key(VIP[family], ISAKMP, ipvs.UDP)))


@test("a fragment of ESP is forwarded by itself")
def ipsec_fragment():
    service(4, ipvs.UDP, ISAKMP, ipvs.MASQ, ISAKMP)
    wires().expect(
        "UDP 500", CLIENT,
        ip(4, "203.0.113.77", VIP[4]) / udp(ISAKMP, ISAKMP),
        (SERVER, ip(4, "203.0.113.77", RIP[4], ttl=63) / udp(ISAKMP, ISAKMP)))
    # one to the director itself would be gathered by the stack before
    for flags, frag in (("MF", 0), (0, 2)):
        fields = {"flags": flags, "frag": frag}
        wires().expect(
            "fragment at %d" % frag, SERVER,
            ipsec(4, RIP[4], "203.0.113.77", 50, **fields) / Raw(b"a" * 16),
            (CLIENT, ipsec(4, VIP[4], "203.0.113.77", 50, 63, **fields) /
             Raw(b"a" * 16)))
    wires().ipvs.do(ipvs.DEL_SERVICE, ipvs.service(
        ipvs.svc_key(VIP[4], ISAKMP, ipvs.UDP)))


@test("secure_tcp: a half-open conn waits for the server's answer")
def secure_tcp():
    wires().sysctl("net.ipv4.vs.secure_tcp", 3)
    try:
        for family in (4, 6):
            # an ACK of the client is not believed before the server has spoken
            sport = wires().next_port()
            for flags, state in (("S", "SYN_RECV"), ("A", "SYN_RECV")):
                wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                                 tcp(sport, wire.NAT, flags))
                equal(conn("TCP", sport), state, "client %s" % flags)
            wires().exchange(SERVER, ip(family, RIP[family], CIP[family]) /
                             tcp(wire.REAL[wire.NAT], sport, "SA"))
            equal(conn("TCP", sport), "SYNACK", "server SA")
            # seen from one side, it begins in SYNACK
            sport = wires().next_port()
            wires().exchange(CLIENT, ip(family, CIP[family], VIP[family]) /
                             tcp(sport, wire.DR))
            equal(conn("TCP", sport), "SYNACK", "DR")
    finally:
        wires().sysctl("net.ipv4.vs.secure_tcp", 0)
