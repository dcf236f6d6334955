# SPDX-License-Identifier: GPL-2.0
"""The persistence engine sip."""

import frames
import ipvs
from case import case
from lab import CLIENT, SERVER, rip

FAMILIES = (4, 6)
P = ipvs.F_PERSISTENT
ONE = ipvs.F_ONEPACKET
PORT = 5060
START = b"INVITE sip:bob@example.com SIP/2.0\r\n"
VIA = b"Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK776asdhds\r\n"
EVERY_LINE = "The Call-ID is looked for in every line"


def invite(call, start=START):
    """A message of a call."""
    return start + VIA + b"Call-ID: " + call.encode() + \
        b"\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"


def ok(call):
    return invite(call, b"SIP/2.0 200 OK\r\n")


def everybody(t):
    """The netmask by which all clients are one, as far as there is one."""
    t.own = ("00000000", "0000:0000:0000:0000:0000:0000:0000:0000",
             "2000:0000:0000:0000:0000:0000:0000:0000")
    return 0 if t.fam == 4 else 3


def service(t, flags=P, sched="fo", **rest):
    rest.setdefault("pe", "sip")
    rest.setdefault("port", PORT)
    return t.service(rest.pop("proto", "udp"), sched=sched, flags=flags,
                     timeout=300, **rest)


def two(t, fwd="nat", port=PORT):
    """The first server is preferred until prefer() says otherwise."""
    t.dest(1, port=port, fwd=fwd, weight=3)
    t.dest(2, port=port, fwd=fwd, weight=1)


def prefer_second(t, fwd="nat", port=PORT):
    t.edit_dest(2, port=port, fwd=fwd, weight=9)


def from_server(t, i, call, cport, k=1, sport=PORT, data=None):
    """A packet that a server sends on its own."""
    return t.send(SERVER, frames.udp(
        rip(t.fam, i), sport, t.cip(k), cport,
        invite(call) if data is None else data))


def to_service(t, call, cport, k=1, data=None, port=PORT):
    return t.send(CLIENT, frames.udp(
        t.cip(k), cport, t.vip(), port,
        invite(call) if data is None else data))


def synced(t):
    """This case's lines of the listing without the engine's columns."""
    t.see("conns_sync", sorted(
        line.rsplit(None, 1)[0] for line in
        t.lab.proc("ip_vs_conn_sync").splitlines()[1:]
        if t._is_mine(line)))                    # pylint: disable=W0212


@case("SIP: templates", fam=FAMILIES, method=("nat", "dr", "tun"),
      wide=(0, 1))
def templates(t, method, wide):
    """Of two clients with calls of theirs, and with one of both."""
    mask = {"netmask": everybody(t)} if wide else {}
    service(t, **mask)
    two(t, method)
    to_service(t, "one@example.com", 6001)
    prefer_second(t, method)
    to_service(t, "one@example.com", 6002)
    to_service(t, "two@example.com", 6003)
    to_service(t, "two@example.com", 6003)
    to_service(t, "one@example.com", 6004, k=2)
    to_service(t, "two@example.com", 6005, k=2)
    # a known flow is not looked at
    to_service(t, "", 6001, data=b"\r\n")
    t.listing()
    synced(t)
    yield from t.counters()


LONG = b"a" * 200 + b"@"
MESSAGES = {
    "plain": START + VIA + b"Call-ID: a@b\r\n\r\n",
    "short": START + b"i: a@b\r\n\r\n",
    "small letters": START + b"call-id:a@b\r\n\r\n",
    "blanks": START + b"CALL-ID \t:\t a@b\r\n\r\n",
    "folded": START + b"Call-ID:\r\n\ta@b\r\n\r\n",
    "folded before the colon": START + b"i\r\n : a@b\r\n\r\n",
    "no host": START + b"Call-ID: 4711\r\n\r\n",
    "LF": b"INVITE x\nVia: x\nCall-ID: a@b\nCSeq: 1\n",
    "CR": b"INVITE x\rVia: x\rCall-ID: a@b\rCSeq: 1\r",
    "all characters": START + b"i: -.!%*_+`'~()<>:\\\"/[]?{}@c\r\n",
    "letters of Latin-1": START + b"i: \xe4\xf6\xc3\r\n",
    "255 bytes": START + b"i: " + LONG + b"b" * 54 + b"\r\n",
    "256 bytes": START + b"i: " + LONG + b"b" * 55 + b"\r\n",
    "the second is one": START + b"i: @b\r\nCall-ID: c@d\r\n",
    "two": START + b"Call-ID: a@b\r\nCall-ID: c@d\r\n",
    "in the body": START + b"\r\nCall-ID: a@b\r\n",
    "first line": b"Call-ID: a@b\r\n\r\n",
    "behind an empty line": b"\r\nCall-ID: a@b\r\n",
    "go on with another header": START + b"Subject: x\r\n i: a@b\r\n\r\n",
    "none": START + VIA + b"\r\n",
    "no end": START + b"Call-ID: a@b",
    "CR at the end": START + b"Call-ID: a@b\r",
    "blank at the end": START + b"Call-ID: a@b \r\n",
    "parameter": START + b"Call-ID: a@b;c=d\r\n",
    "comma": START + b"Call-ID: a,b\r\n",
    "no word behind @": START + b"Call-ID: a@\r\n",
    "no colon": START + b"Call-ID a@b\r\n",
    "no value": START + b"Call-ID: \r\n\r\n",
    "name only": START + b"Call-ID",
    "colon only": START + b"Call-ID:",
    "keep-alive": b"\r\n\r\n",
    "one byte": b"\r",
    "NUL": START + b"Call-ID: a\0b\r\n",
    "UTF-8": START + b"Call-ID: \xc3\xa4\xe2\x82\xac\r\n",
    "binary": bytes(range(256)),
    "nothing": b"",
}


@case("SIP: messages", fam=FAMILIES, what=tuple(MESSAGES))
def messages(t, what):
    """In which a Call-ID is found, and which one."""
    service(t)
    two(t)
    to_service(t, "", 6001, data=MESSAGES[what])
    t.conns()


@case("SIP: more lines than ip_vs looks at", fam=FAMILIES, what=(0, 1, 2, 3))
def more_lines(t, what):
    """Where ip_vs gives up."""
    service(t)
    two(t)
    data = (b"INVITE x\n\nCall-ID: a@b\n",
            START + b"Call-IDs: 1\r\nCall-ID: a@b\r\n",
            START + b"i=x\r\nCall-ID: a@b\r\n",
            START + b"Call-ID:\r\nVia: x\r\nCall-ID: a@b\r\n")[what]
    with t.differs(EVERY_LINE):
        to_service(t, "", 6001, data=data)
        t.conns()


@case("SIP: fragments", fam=FAMILIES)
def fragments(t):
    """The Call-ID is in the second one, or in both."""
    service(t)
    two(t)
    packets = [frames.fragments(frames.udp(
        t.cip(), 6000 + size, t.vip(), PORT, START + b"Subject: " +
        b"x" * pad + b"\r\n" + VIA +
        b"Call-ID: fragmented%d@example.com\r\n\r\n" % size, df=False), size)
               for size, pad in ((200, 300), (1200, 1230))]
    for packet in packets:
        if t.fam == 4:
            t.send(CLIENT, *packet)
            continue
        with t.differs("A fragmented message of SIP"):
            t.send(CLIENT, *packet)
    t.conns()


@case("SIP: not by UDP", fam=FAMILIES, proto=("tcp", "sctp"), mark=(0, 1))
def not_udp(t, proto, mark):
    """Nothing starts a conn."""
    t.own = ("%08X" % 0,)
    if mark:
        service(t, mark=1)
        t.mark(1, 1)
    else:
        service(t, proto=proto)
    two(t)
    flow = t.flow(proto, port=PORT)
    flow.client(frames.chunk(1, b"\0" * 16) if proto == "sctp" else "S")
    t.listing()


@case("SIP: one packet", fam=FAMILIES, wide=(0, 1))
def one_packet(t, wide):
    """Both directions, of two calls that share the client's port."""
    mask = {"netmask": everybody(t)} if wide else {}
    service(t, flags=P | ONE, **mask)
    two(t)
    to_service(t, "one@example.com", 6001)
    prefer_second(t)
    to_service(t, "two@example.com", 6001)
    to_service(t, "one@example.com", 6001)
    from_server(t, 1, "", 6001, data=ok("one@example.com"))
    from_server(t, 2, "", 6001, data=ok("two@example.com"))
    t.conns()
    # a call of its own, which is answered to it
    from_server(t, 1, "three@example.com", 6001)
    to_service(t, "", 6001, data=ok("three@example.com"))
    # nothing to go by: it passes as it is
    from_server(t, 1, "", 6001, data=b"\r\n\r\n")
    t.listing()
    yield from t.counters()


@case("SIP: one-packet service without persistence", fam=FAMILIES)
def one_packet_only(t):
    """The engine translates replies; requests are scheduled."""
    service(t, flags=ONE)
    two(t)
    to_service(t, "one@example.com", 6001)
    from_server(t, 1, "", 6001, data=ok("one@example.com"))
    from_server(t, 2, "", 6001, data=b"no SIP")
    to_service(t, "", 6001, data=b"no SIP")
    t.listing()


@case("SIP: a server starts", fam=FAMILIES, persistent=(0, P))
def server_starts(t, persistent):
    """Its packet is translated, and the answer goes to it."""
    service(t, flags=persistent)
    two(t)
    from_server(t, 2, "one@example.com", 6001)
    to_service(t, "", 6001, data=ok("one@example.com"))
    from_server(t, 2, "one@example.com", 6001)
    t.conns()
    # the same call from another port of the client
    to_service(t, "one@example.com", 6002)
    # a call of another server with the same client
    from_server(t, 1, "two@example.com", 6003)
    to_service(t, "two@example.com", 6004)
    t.listing()
    synced(t)
    yield from t.counters()


@case("SIP: a server's packet is not one", fam=FAMILIES)
def server_starts_not(t):
    """Other port, other address, other protocol, other method, no Call-ID."""
    service(t)
    two(t)
    t.dest(3, port=PORT, fwd="dr")
    from_server(t, 1, "one@example.com", 6001, sport=PORT + 1)
    from_server(t, 3, "one@example.com", 6001)
    from_server(t, 4, "one@example.com", 6001)
    from_server(t, 1, "", 6001, data=START + VIA + b"\r\n")
    from_server(t, 1, "", 6001, data=b"")
    t.send(SERVER, frames.tcp(rip(t.fam, 1), PORT, t.cip(), 6001, "S"))
    t.listing()


@case("SIP: a server starts, of another kind of service", fam=FAMILIES,
      kind=("mark", "any port", "no engine", "removed", "no port"))
def server_starts_other(t, kind):
    """Only of a service with an address and a port."""
    t.own = ("%08X" % 0,)
    if kind == "mark":
        service(t, mark=1)
    elif kind == "any port":
        service(t, port=0)
    else:
        service(t, pe=None if kind == "no engine" else "sip")
    two(t, port=0 if kind == "no port" else PORT)
    if kind == "removed":
        t.del_dest(1, port=PORT)
    from_server(t, 1, "one@example.com", 6001)
    t.listing()


@case("SIP: the call of another server", fam=FAMILIES)
def other_server(t):
    """A server that speaks takes the call over."""
    service(t)
    two(t)
    to_service(t, "one@example.com", 6001)
    from_server(t, 2, "one@example.com", 6002)
    t.conns()
    to_service(t, "one@example.com", 6003)
    with t.differs("A template that no longer holds is gone"):
        t.listing()
    t.conns()


@case("SIP: a client's flow with another server", fam=FAMILIES)
def other_flow(t):
    """The server that spoke last gets the client's answer."""
    service(t)
    two(t)
    to_service(t, "one@example.com", 6001)
    from_server(t, 2, "two@example.com", 6001)
    to_service(t, "", 6001, data=ok("two@example.com"))
    with t.differs("One flow, one conn"):
        t.conns()
    from_server(t, 1, "", 6001, data=ok("one@example.com"))


@case("SIP: servers removed and quiesced", fam=FAMILIES, expire=(0, 1))
def servers_change(t, expire):
    """As other templates."""
    t.sysctl("expire_quiescent_template", expire)
    service(t)
    two(t)
    to_service(t, "one@example.com", 6001)
    t.edit_dest(1, port=PORT, weight=0)
    to_service(t, "one@example.com", 6002)
    to_service(t, "two@example.com", 6003)
    from_server(t, 1, "three@example.com", 6004)
    t.del_dest(2, port=PORT)
    to_service(t, "two@example.com", 6005)
    t.conns(templates=not expire)


@case("SIP: mark service", fam=FAMILIES, method=("nat", "dr"))
def marks(t, method):
    """One template for a call on several ports."""
    t.own = ("%08X" % 0,)
    service(t, mark=1)
    two(t, method, 0)
    t.mark(1, 1)
    to_service(t, "one@example.com", 6001)
    prefer_second(t, method, 0)
    to_service(t, "one@example.com", 6001, port=5070)
    to_service(t, "two@example.com", 6002, port=5070)
    to_service(t, "", 6003, data=b"no SIP")
    t.listing()


@case("SIP: any port", fam=FAMILIES)
def any_port(t):
    """Likewise of an address."""
    service(t, port=0)
    two(t, port=0)
    to_service(t, "one@example.com", 6001)
    prefer_second(t, port=0)
    to_service(t, "one@example.com", 6001, port=5070)
    to_service(t, "two@example.com", 6002, port=5070)
    t.listing()


@case("SIP: engines by name", fam=FAMILIES, name=(
    "sip", "SIP", "si", "sips", "nosuch", "", "a" * 16))
def names(t, name):
    """In an added and in an edited service."""
    t.service("udp", PORT, sched="rr", pe="sip", flags=P)
    for cmd, port in ((ipvs.NEW_SERVICE, 5070), (ipvs.SET_SERVICE, PORT)):
        attrs = t.svc_key("udp", port) + ipvs.svc_rest(
            sched="wlc", flags=P, netmask=128) + \
            ipvs.nla(ipvs.S_PE, ipvs.text(name))
        t.request("engine %r" % name, cmd, ipvs.service(attrs))
        t.ends_conns = True
        t.listing()
    attrs = t.svc_key("tcp", 5071) + ipvs.svc_rest(sched="nosuch",
                                                   netmask=0) + \
        ipvs.nla(ipvs.S_PE, ipvs.text(name))
    t.request("engine and no scheduler", ipvs.NEW_SERVICE, ipvs.service(attrs))


@case("SIP: engine edited", fam=FAMILIES)
def edited(t):
    """Taken away and given back: templates of both kinds."""
    service(t)
    two(t)
    to_service(t, "one@example.com", 6001)
    prefer_second(t)
    for number, engine in enumerate((None, "sip", None)):
        service(t, pe=engine, cmd=ipvs.SET_SERVICE)
        to_service(t, "one@example.com", 6002 + number)
        to_service(t, "two@example.com", 6012 + number)
        from_server(t, 1, "three@example.com", 6022 + number)
    t.listing()


@case("SIP: without persistence", fam=FAMILIES)
def not_persistent(t):
    """The engine is listed, and clients' packets are not looked at."""
    service(t, flags=0)
    two(t)
    to_service(t, "one@example.com", 6001)
    to_service(t, "", 6002, data=b"no SIP")
    t.listing()


@case("SIP: schedule_icmp", fam=FAMILIES)
def by_icmp(t):
    """An ICMP error has no Call-ID."""
    t.sysctl("schedule_icmp", 1)
    service(t)
    two(t)
    quoted = frames.udp(t.vip(), PORT, t.cip(), 6001, invite("one@b"))
    t.send(CLIENT, frames.unreachable("198.51.100.1" if t.fam == 4 else
                                      "2001:db8:c::1", t.vip(), quoted))
    t.conns()


@case("SIP: nat_icmp_send", fam=FAMILIES)
def strays(t):
    """The engine is asked before."""
    t.sysctl("nat_icmp_send", 1)
    service(t)
    two(t)
    from_server(t, 1, "one@example.com", 6001)
    from_server(t, 1, "", 6002, data=b"no SIP")
    t.conns()


@case("SIP: from the director itself", fam=FAMILIES)
def local_client(t):
    """A client there, and a server there."""
    service(t)
    two(t)
    own = "198.51.100.254" if t.fam == 4 else "2001:db8:c::fe"
    t.own = ("C63364FE", "2001:0db8:000c:0000:0000:0000:0000:00fe")
    t.emit(frames.udp(own, 6001, t.vip(), PORT, invite("one@example.com")))
    addr = "192.0.2.2" if t.fam == 4 else "2001:db8:1::2"
    t.dest(addr=addr, port=PORT + 1)
    t.emit(frames.udp(addr, PORT + 1, t.cip(), 6002, invite("two@example.com")))
    t.conns()


@case("SIP: template's time", long=True, fam=FAMILIES)
def template_time(t):
    """It ends soon after the last flow."""
    t.config(udp=4)
    t.service("udp", PORT, sched="fo", flags=P, timeout=8, pe="sip")
    two(t)
    to_service(t, "one@example.com", 6001)
    t.conns()
    yield 6
    t.conns(expires=False)
    yield 9
    prefer_second(t)
    to_service(t, "one@example.com", 6002)
    t.conns()
