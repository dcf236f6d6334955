# SPDX-License-Identifier: GPL-2.0
"""Bytes on the wires: headers, sizes, ICMP, what is not balanced."""

import frames
from case import case
from lab import CLIENT, SERVER

FAMILIES = (4, 6)
METHODS = ("nat", "dr", "tun")
HOST = {4: "203.0.113.9", 6: "2001:db8:ffff::9"}     # some router


def lively(t, method, proto="udp", **rest):
    """A service with a server and a flow that is under way."""
    t.service(proto)
    t.dest(1, fwd=method, **rest)
    flow = t.flow(proto)
    flow.client("S")
    if method == "nat":
        flow.server("SA")
    flow.client("A")
    return flow


@case("TTL", fam=FAMILIES, method=METHODS, ttl=(0, 1, 2, 255))
def ttl(t, method, ttl):
    """The last hops, of a new flow, an old one, and of replies."""
    flow = lively(t, method)
    flow.client("A", ttl=ttl)
    t.flow("udp").client("", ttl=ttl)
    if method == "nat":
        flow.server("A", ttl=ttl)
    t.conns()


@case("TOS and ECN", fam=FAMILIES, method=METHODS, tos=(0, 1, 3, 0xb8, 0xff))
def tos(t, method, tos):
    """Inner and outer header."""
    flow = lively(t, method)
    flow.client("A", tos=tos)
    if method == "nat":
        flow.server("A", tos=tos)


@case("DF and pmtu_disc", method=METHODS, disc=(0, 1), df=(False, True))
def dont_fragment(t, method, disc, df):
    """A packet that fits, and one that does not, on its way to the server."""
    t.sysctl("pmtu_disc", disc)
    flow = lively(t, method)
    for size in (100, 1452, 1453, 1472):
        flow.client("A", b"x" * size, df=df)
    t.conns()


@case("smaller MTU to the server", fam=FAMILIES, method=METHODS,
      df=(False, True), proto=("tcp", "udp"))
def small_mtu(t, method, df, proto):
    """The device's MTU, met by requests; the client is told."""
    flow = lively(t, method, proto)
    t.run("ip link set s0 mtu 1300", "ip link set s0 mtu 1500")
    for size in (1200, 1252, 1260, 1272, 1280, 1400):
        flow.client("A", b"x" * size, df=df)
    t.flow(proto).client("S", b"x" * 1400, df=df)
    t.conns()


@case("pieces of a packet", proto=("tcp", "udp"), df=(False, True))
def pieces(t, proto, df):
    """Each fits the way on, but not the whole."""
    flow = lively(t, "nat", proto)
    for side, packet in ((SERVER, flow.reply), (CLIENT, flow.packet)):
        parts = frames.fragments(packet("A", b"x" * 1992), 1000, df)
        if df:
            with t.differs("Pieces of a packet with DF"):
                t.send(side, *parts)
        else:
            t.send(side, *parts)


@case("what fragmentation needed quotes")
def quoted(t):
    """The packet as it came, not as it would have gone."""
    flow = lively(t, "dr")
    t.run("ip link set s0 mtu 1300", "ip link set s0 mtu 1500")
    t.whole_quotes = True
    with t.differs("An ICMP error quotes the packet as it came."):
        flow.client("A", b"x" * 1400)


@case("smaller MTU to the client", fam=FAMILIES, df=(False, True))
def small_mtu_back(t, df):
    """Met by replies; the server is told."""
    flow = lively(t, "nat")
    t.run("ip link set c0 mtu 1300", "ip link set c0 mtu 1500")
    for size in (1200, 1252, 1272, 1273, 1400):
        flow.server("A", b"x" * size, df=df)


@case("checksums", fam=FAMILIES, proto=("tcp", "udp"), method=METHODS)
def wrong_checksums(t, proto, method):
    """Wrong ones, none, and those that come to 0."""
    flow = lively(t, method, proto)
    flow.client("A", b"wrong", bad=0x1111)
    if proto == "udp":
        if method == "nat":
            with t.differs("A UDP packet without a checksum"):
                flow.client("A", b"none", nosum=True)
        else:
            flow.client("A", b"none", nosum=True)
    if method == "nat":
        flow.server("A", b"wrong", bad=0x2222)
        if proto == "udp":
            with t.differs("A UDP packet without a checksum"):
                flow.server("A", b"none", nosum=True)
    t.flow(proto).client("S", bad=0x101)
    t.conns()


@case("IPv4 options", method=METHODS, options=(
    b"\x01\x01\x01\x00", b"\x07\x07\x04\0\0\0\0\0", b"\x94\x04\0\0",
    b"\x83\x07\x04\xc6\x33\x64\x01\0"))
def options4(t, method, options):
    """No-ops, record route, router alert, source route."""
    flow = lively(t, method)
    flow.client("A", options=options)
    if method == "nat":
        flow.server("A", options=options)
    t.flow("udp").client("", options=options)
    t.conns()


@case("IPv6 extension headers", method=METHODS, kind=(0, 43, 60))
def extensions6(t, method, kind):
    """Hop-by-hop, routing, destination options."""
    t.fam = 6
    flow = lively(t, method)
    body = {0: b"\x01\x04\0\0\0\0", 43: b"\x04\0\0\0\0\0",
            60: b"\x01\x04\0\0\0\0"}[kind]
    for side, plain in ((CLIENT, flow.packet()), (SERVER, flow.reply())):
        if side == SERVER and method != "nat":
            continue
        body6 = bytes([plain[6], 0]) + body
        packet = plain[:4] + (len(plain) - 40 + 8).to_bytes(2, "big") + \
            bytes([kind]) + plain[7:40] + body6 + plain[40:]
        t.send(side, packet)
    t.conns()


@case("lengths of data", fam=FAMILIES, proto=("tcp", "udp"))
def lengths(t, proto):
    """Odd and even, none, both ways through NAT."""
    flow = lively(t, "nat", proto)
    for size in tuple(range(9)) + (255, 1001):
        flow.client("A", b"q" * size)
        flow.server("A", b"r" * size)


@case("NAT to another port", fam=FAMILIES, proto=("tcp", "udp"),
      port=(1, 80, 8080, 65535))
def other_port(t, proto, port):
    """Of the server; replies from it and from others."""
    t.service(proto)
    t.dest(1, port=port)
    flow = t.flow(proto)
    flow.client("S")
    flow.server("SA")
    flow.real = (flow.real[0], 77)
    flow.server("A")
    t.conns()
    t.listing()


@case("dest port of DR and TUN", fam=FAMILIES, method=("dr", "tun"),
      port=(0, 8080))
def ignored_port(t, method, port):
    """Packets keep theirs, listings tell the server's."""
    t.service()
    t.dest(1, fwd=method, port=port)
    flow = t.flow()
    flow.client("S")
    flow.client("A")
    t.listing()


@case("tunnel over the other family", fam=FAMILIES, tos=(0, 0xb9))
def tunnel_other(t, tos):
    """Outer header of the other family: DF, TOS, TTL, size."""
    t.service("udp")
    t.dest(1, fwd="tun", fam=10 - t.fam)
    flow = t.flow("udp")
    for size in (10, 1400, 1412, 1440, 1452):
        flow.client("", b"x" * size, tos=tos)
    t.listing()


@case("tunnel GUE", fam=FAMILIES, outer=FAMILIES, flags=(0, 1, 2))
def tunnel_gue(t, outer, flags):
    """Plain, with checksum, with remote checksum; sizes about the MTU."""
    t.hashed_port = 6080
    t.service("udp")
    t.dest(1, fwd="tun", fam=outer, tun=(1, 6080, flags))
    flow = t.flow("udp")
    for size in (10, 11, 1400, 1412, 1420, 1432, 1440, 1452):
        flow.client("", b"x" * size)
        flow.client("", b"x" * size, df=False, tos=0xb9)
    t.listing()


@case("tunnel GRE", fam=FAMILIES, outer=FAMILIES, flags=(0, 1))
def tunnel_gre(t, outer, flags):
    """With and without checksum; sizes about the MTU."""
    t.service("udp")
    t.dest(1, fwd="tun", fam=outer, tun=(2, 0, flags))
    flow = t.flow("udp")
    for size in (10, 11, 1400, 1412, 1420, 1432, 1440, 1448, 1452):
        flow.client("", b"x" * size)
        flow.client("", b"x" * size, df=False, tos=0xb9)
    t.listing()


@case("tunnel to the director itself", fam=FAMILIES)
def tunnel_local(t):
    """A local server of any method."""
    t.service("udp")
    own = "192.0.2.2" if t.fam == 4 else "2001:db8:1::2"
    for number, method in enumerate(METHODS + ("local",)):
        t.service("udp", 80 + number)
        t.dest(addr=own, port=80 + number, fwd=method)
        t.flow("udp", port=80 + number).client("S")
        t.conns()
    t.listing()


@case("a local server answers", fam=FAMILIES, method=("nat", "dr", "local"))
def local_server(t, method):
    """RSTs of the director's own TCP come back translated."""
    own = "192.0.2.2" if t.fam == 4 else "2001:db8:1::2"
    t.service("tcp")
    t.dest(addr=own, port=8080 if method == "nat" else 80, fwd=method)
    flow = t.flow("tcp")
    flow.client("S")
    flow.client("A")
    t.listing()


@case("local client", fam=FAMILIES, proto=("tcp", "udp"), method=METHODS)
def local_client(t, proto, method):
    """The director's own packets to a service, and the replies."""
    t.service(proto)
    t.dest(1, fwd=method)
    own = "192.0.2.2" if t.fam == 4 else "2001:db8:1::2"
    flow = t.flow(proto, sport=30000 + t.number)
    flow.src = own
    t.own = ("C0000202", "2001:0db8:0001:0000:0000:0000:0000:0002")
    flow.learn(t.emit(flow.packet("S")))
    if method == "nat":
        t.send(SERVER, flow.reply("SA"))
    flow.learn(t.emit(flow.packet("A")))


@case("loopback servers and clients", fam=FAMILIES, method=METHODS)
def loopback(t, method):
    """127/8 and ::1 are not for others."""
    t.service("udp")
    t.dest(addr="127.0.0.1" if t.fam == 4 else "::1", fwd=method)
    t.flow("udp").client()
    t.conns()


# --- ICMP -------------------------------------------------------------------
ERRORS4 = {"port unreachable": (3, 3), "host unreachable": (3, 1),
           "fragmentation needed": (3, 4), "time exceeded": (11, 0),
           "source quench": (4, 0), "parameter problem": (12, 0),
           "redirect": (5, 1)}
ERRORS6 = {"port unreachable": (1, 4), "no route": (1, 0),
           "too big": (2, 0), "time exceeded": (3, 0),
           "parameter problem": (4, 1)}


def error_to_service(t, method, kind, proto):
    """From the client's side, about a reply."""
    flow = lively(t, method, proto)
    quoted = frames.ip(flow.dst, flow.src, 6 if proto == "tcp" else 17,
                       frames.Parsed(flow.packet("A")).body)
    ends = (flow.dst, flow.dport, flow.src, flow.sport)
    quoted = (frames.tcp if proto == "tcp" else frames.udp)(
        *ends, **({"flags": "A"} if proto == "tcp" else {}))
    for size in (28, 36, 60, 500):
        head = 0 if t.fam == 4 else 20
        t.send(CLIENT, frames.icmp(HOST[t.fam], flow.dst, *kind, 1400,
                                   quoted[:size + head]))
    t.send(CLIENT, frames.icmp(HOST[t.fam], flow.dst, *kind, 1400, quoted,
                               bad=0x77))
    t.send(CLIENT, frames.icmp(HOST[t.fam], flow.dst, *kind, 1400, quoted,
                               ttl=1))
    t.conns()


@case("ICMP error to the service", method=METHODS, kind=tuple(ERRORS4),
      proto=("tcp", "udp"))
def error4(t, method, kind, proto):
    """Whole, cut, with wrong checksum, on its last hop."""
    error_to_service(t, method, ERRORS4[kind], proto)


@case("ICMPv6 error to the service", method=METHODS, kind=tuple(ERRORS6),
      proto=("tcp", "udp"))
def error6(t, method, kind, proto):
    """Whole, cut, with wrong checksum, on its last hop."""
    t.fam = 6
    error_to_service(t, method, ERRORS6[kind], proto)


def error_to_client(t, kind, proto):
    """From the server's side, about a request, as NAT sent it."""
    flow = lively(t, "nat", proto, port=8080)
    real = flow.real
    quoted = (frames.tcp if proto == "tcp" else frames.udp)(
        flow.src, flow.sport, *real,
        **({"flags": "A"} if proto == "tcp" else {}))
    for source in (real[0], HOST[t.fam]):
        for size in (28, 60, 500):
            head = 0 if t.fam == 4 else 20
            t.send(SERVER, frames.icmp(source, flow.src, *kind, 1400,
                                       quoted[:size + head]))
    t.send(SERVER, frames.icmp(real[0], flow.src, *kind, 1400, quoted,
                               bad=0x77))
    t.conns()


@case("ICMP error of a NAT server", kind=tuple(ERRORS4), proto=("tcp", "udp"))
def error_back4(t, kind, proto):
    """Of the server and of a router behind the director."""
    error_to_client(t, ERRORS4[kind], proto)


@case("ICMPv6 error of a NAT server", kind=tuple(ERRORS6),
      proto=("tcp", "udp"))
def error_back6(t, kind, proto):
    """Of the server and of a router behind the director."""
    t.fam = 6
    error_to_client(t, ERRORS6[kind], proto)


@case("ICMP errors about nothing known", fam=FAMILIES)
def error_unknown(t):
    """About flows that are not there, to the VIP and through."""
    t.service("udp")
    t.dest(1)
    for quoted in (frames.udp(t.vip(), 80, t.cip(), 9),
                   frames.udp(t.vip(), 81, t.cip(), 9),
                   frames.udp(t.cip(), 9, t.vip(), 80),
                   frames.tcp(t.vip(), 80, t.cip(), 9, "A"),
                   frames.ip(t.vip(), t.cip(), 47, b"\0" * 20)):
        t.send(CLIENT, frames.unreachable(HOST[t.fam], t.vip(), quoted))
        t.send(SERVER, frames.unreachable(t.rip(1), t.cip(), quoted))
    t.conns()


@case("ICMP errors in pieces, about pieces", fam=FAMILIES, method=METHODS)
def error_fragments(t, method):
    """Fragmented errors; errors that quote a later fragment."""
    flow = lively(t, method)
    ends = (flow.dst, flow.dport, flow.src, flow.sport)
    whole = frames.unreachable(HOST[t.fam], flow.dst,
                               frames.udp(*ends, b"x" * 400))
    parts = frames.fragments(whole, 200)
    for part in parts[:-1]:
        t.send(CLIENT, part)
    if method == "tun":
        with t.differs("Fragments go through a tunnel as one packet"):
            t.send(CLIENT, parts[-1])
    else:
        t.send(CLIENT, parts[-1])
    later = frames.fragments(frames.udp(*ends, b"x" * 400, df=False), 200)[1]
    t.send(CLIENT, frames.unreachable(HOST[t.fam], flow.dst, later))
    t.conns()


@case("ICMP echo", fam=FAMILIES)
def echo(t):
    """To the VIP: the director answers. Through it: forwarded."""
    t.service()
    t.dest(1)
    kind = 8 if t.fam == 4 else 128
    t.send(CLIENT, frames.icmp(t.cip(), t.vip(), kind, 0, 0x10001, b"ping"))
    t.send(CLIENT, frames.icmp(t.cip(), t.rip(1), kind, 0, 0x10002, b"ping"))


# --- what is not balanced ------------------------------------------------------
@case("packets that are not for a service", fam=FAMILIES)
def not_ours(t):
    """Other ports, addresses, protocols: as without IPVS."""
    t.service()
    t.dest(1)
    for proto in ("tcp", "udp"):
        t.flow(proto, port=81).client("S")
        t.flow(proto, dst=t.rip(2)).client("S")
        t.flow(proto, dst=t.cip(9)).server("S")
    for number in (2, 4, 41, 47, 50, 51, 89, 132, 253):
        t.send(CLIENT, frames.ip(t.cip(), t.vip(), number, b"\0" * 24))
    t.conns()


@case("no server", fam=FAMILIES, proto=("tcp", "udp"),
      why=("none", "weight", "scheduler"))
def no_server(t, proto, why):
    """Port unreachable; what it quotes, to whom."""
    t.service(proto, sched="none" if why == "scheduler" else "wlc")
    if why != "none":
        t.dest(1, weight=0 if why == "weight" else 1)
    t.flow(proto).client("S")
    t.flow(proto).client("A")
    t.flow(proto).client("S", b"x" * 1200)
    t.conns()
    yield from t.counters()


@case("cut short", fam=FAMILIES, proto=("tcp", "udp"))
def cut_short(t, proto):
    """Transport headers that are not whole."""
    flow = lively(t, "nat", proto)
    body = frames.Parsed(flow.packet("A")).body
    number = 6 if proto == "tcp" else 17
    for size in (0, 1, 3, 4, 7, 8, 12, 19):
        t.send(CLIENT, frames.ip(flow.src, flow.dst, number, body[:size]))
    t.conns()


@case("headers that lie", fam=FAMILIES, proto=("tcp", "udp"))
def lying(t, proto):
    """Data offsets and lengths beyond the packet."""
    flow = lively(t, "nat", proto)
    body = bytearray(frames.Parsed(flow.packet("A", b"12345678")).body)
    number = 6 if proto == "tcp" else 17
    at = 12 if proto == "tcp" else 4
    packets = []
    for value in (0, 0x10, 0x40, 0xf0, 0xff):
        body[at] = value
        packets.append(frames.ip(flow.src, flow.dst, number, bytes(body)))
    if proto == "tcp":
        with t.differs("Packets whose headers lie"):
            t.send(CLIENT, *packets)
    else:
        t.send(CLIENT, *packets)
    t.conns()


@case("source addresses that no client has", fam=FAMILIES)
def odd_sources(t):
    """Own, broadcast, loopback, multicast, nobody's."""
    t.service("udp")
    t.dest(1)
    for source in (("192.0.2.2", "0.0.0.0", "127.0.0.1", "255.255.255.255",
                    "224.0.0.1", t.vip()) if t.fam == 4 else
                   ("2001:db8:1::2", "::", "::1", "ff02::1", t.vip())):
        t.send(CLIENT, frames.udp(source, 9999, t.vip(), 80))
    t.conns()


@case("requests from the servers' side", fam=FAMILIES, method=METHODS)
def from_behind(t, method):
    """A server as client of its own service."""
    t.service()
    t.dest(1, fwd=method)
    t.dest(2, fwd=method)
    t.own = ("C000020B", "2001:0db8:0001:0000:0000:0000:0000:000b")
    for flags in ("S", "A"):
        t.send(SERVER, frames.tcp(t.rip(1), 4000 + t.number, t.vip(), 80,
                                  flags))
    t.conns()


@case("snat_reroute", fam=FAMILIES, value=(0, 1), proto=("tcp", "udp"))
def snat_reroute(t, value, proto):
    """A route of the VIP's own for replies, by a rule that comes and goes."""
    t.sysctl("snat_reroute", value)
    table = 1000 + t.number
    option = "-6 " if t.fam == 6 else ""
    t.run("ip %sroute add default via %s table %d" % (option, t.rip(7), table),
          "ip %sroute flush table %d" % (option, table))
    rule = "ip %%srule %%s from %s lookup %d" % (t.vip(), table)
    flow = lively(t, "nat", proto)
    flow.server("A", b"x" * 100)
    for change in ("add", "del", "add", "del"):
        t.run(rule % (option, change))
        for size in (100, 101, 1000):
            flow.server("A", b"x" * size)
            flow.client("A")


# --- errors about tunnels -------------------------------------------------------
@case("router's error about a tunnel packet", method=("ipip", "gue", "gre"),
      df=(False, True), kind=("fragmentation needed", "host unreachable",
                              "port unreachable", "time exceeded"))
def tunnel_error4(t, method, df, kind):
    """What the client is told of what a router says of the outer packet."""
    t.service("udp")
    tun = {"ipip": (0, 0, 0), "gue": (1, 6080, 0), "gre": (2, 0, 0)}[method]
    t.dest(8, fwd="tun", tun=tun)
    t.hashed_port = 6080
    # the path's MTU is learnt
    t.undo.append(lambda: t.lab.run("ip", "route", "flush", "cache"))
    flow = t.flow("udp")
    got = flow.client("", b"x" * 1200, df=df)
    outer = got[0][1][14:]

    def errors(*sizes):
        for size in sizes:
            t.send(SERVER, frames.icmp(
                "192.0.2.99", "192.0.2.2", *ERRORS4[kind], 1000,
                outer[:size]), label="error that quotes %d bytes" % size)

    if kind == "fragmentation needed":
        # whether stock sees at once what is learnt depends on what was learnt
        # about this server before, by whatever case: now it was, and is seen
        t.lab.inject(SERVER, frames.icmp("192.0.2.99", "192.0.2.2",
                                         *ERRORS4[kind], 1000, outer[:560]))
        t.lab.drain()
        flow.client("", b"x" * 1200, df=df)
    errors(28)
    if method == "gre" and (df or kind != "fragmentation needed"):
        with t.differs("An ICMP error has to quote 8 bytes"):
            errors(48)
    errors(60, 90, 560)
    flow.client("", b"x" * 1200, df=df)
    t.send(SERVER, frames.icmp("192.0.2.99", "192.0.2.2", *ERRORS4[kind],
                               1000, outer[:560], bad=0x33),
           label="error with a wrong checksum")
    t.conns()


@case("router's error about an IPv6 tunnel packet", fam=(6,),
      method=("ipip", "gue", "gre"),
      kind=("too big", "no route", "time exceeded"))
def tunnel_error6(t, method, kind):
    """Stock tells the client nothing."""
    t.service("udp")
    t.dest(8, fwd="tun", tun={"ipip": (0, 0, 0), "gue": (1, 6080, 0),
                              "gre": (2, 0, 0)}[method])
    t.hashed_port = 6080
    t.undo.append(lambda: t.lab.run("ip", "-6", "route", "flush", "cache"))
    flow = t.flow("udp")
    outer = flow.client("", b"x" * 1350)[0][1][14:]
    with t.differs("Errors about tunnels of every kind"):
        t.send(SERVER, frames.icmp(
            "2001:db8:1::99", "2001:db8:1::2", *ERRORS6[kind], 1400,
            outer[:1232]), label="error")
    t.conns()


# --- routes to servers ------------------------------------------------------------
@case("routes to a server", fam=FAMILIES, method=METHODS,
      proto=("tcp", "udp"))
def routes(t, method, proto):
    """A flow follows them: another next hop, a device that goes, none."""
    flow = lively(t, method, proto)
    server = t.rip(1)
    flow.client("A")
    t.run("ip route add %s via %s dev s0" % (server, t.rip(2)))
    flow.client("A")
    t.flow(proto).client("S")
    t.run("ip route del " + server)
    flow.client("A")
    t.run("ip link add dm0 type dummy", "ip link del dm0")
    t.run("ip link set dm0 up")
    t.run("ip route add %s dev dm0" % server)
    flow.client("A")
    t.run("ip link set dm0 down")
    flow.client("A")
    t.run("ip link set dm0 up")
    flow.client("A")
    flow.client("A")
    t.conns()


@case("no route to a server", fam=FAMILIES, method=METHODS,
      kind=("unreachable", "prohibit", "blackhole", "local"))
def no_route(t, method, kind):
    """What the client of an old and of a new flow is told."""
    flow = lively(t, method)
    t.run("ip route add %s %s" % (kind, t.rip(1)) + (
        " dev lo" if kind == "local" else ""))
    t.undo.append(lambda: t.lab.run("ip", "route", "del", kind, t.rip(1)))
    flow.client("A")
    t.flow("udp").client("S")
    t.conns()
    t.undo.pop()()
    flow.client("A")


@case("ICMP error about a reply, forwarded", fam=FAMILIES, method=("dr", "tun"))
def forwarded_error(t, method):
    """From behind, about what a server has sent to the client: IPVS takes it
    as the client's, and to the server."""
    flow = lively(t, method)
    quoted = frames.udp(flow.dst, 80, flow.src, flow.sport)
    error = frames.unreachable(t.rip(3), flow.src, quoted)
    with t.differs("An error that is caught while it is forwarded"):
        t.send(SERVER, error)
    t.conns()
