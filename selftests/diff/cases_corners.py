# SPDX-License-Identifier: GPL-2.0
"""What no other case came to, as reach.sh has told."""

import socket

import frames
import ipvs
from case import case
from cases_features import chunks
from cases_knobs import get, opened
from cases_sched import several, turns, turns_quietly
from lab import CLIENT, FROM, MAC, SERVER

FAMILIES = (4, 6)
METHODS = ("nat", "dr", "tun")
OWN = {4: "192.0.2.2", 6: "2001:db8:1::2"}


@case("no server for a persistent service", fam=FAMILIES,
      proto=("tcp", "udp", "sctp"), port=(80, 0))
def no_server(t, proto, port):
    """No template is left; with a server it goes on."""
    t.service(proto, port=port, flags=1, timeout=100)
    flow = t.flow(proto)
    what = chunks("INIT") if proto == "sctp" else "S"
    flow.client(what)
    t.dest(1, weight=0, port=port)
    flow.client(what)
    t.conns()
    t.edit_dest(1, weight=1, port=port)
    flow.client(what)
    t.listing()


@case("no server for a mark service", fam=FAMILIES, proto=("tcp", "udp", "sctp"))
def no_server_mark(t, proto):
    """What the client is told."""
    t.service(mark=1)
    t.mark(1, 1)
    t.flow(proto).client(chunks("INIT") if proto == "sctp" else "S")
    t.conns()


@case("mark services zeroed, and by socket options")
def marks(t):
    """Those of IPv6 are not for socket options."""
    for fam in FAMILIES:
        t.service(mark=1, fam=fam)
        t.dest(1, fwd="dr", port=0, fam=fam)
    t.mark(1, 1)
    t.flow().client("S")
    yield from t.counters()
    with opened(t) as sock:
        for count in (0, 1, 2):
            get(t, sock, "services", count.to_bytes(4, "little") + b"\0" * (
                4 + 104 * count))
    t.request("zero", ipvs.ZERO)
    t.counted()


@case("drop_packet and SCTP", fam=FAMILIES)
def drop_sctp(t):
    """Its INITs are dropped in turn as well."""
    t.sysctl("am_droprate", 2)
    t.sysctl("drop_packet", 3)
    yield 2.5
    t.service("sctp")
    t.dest(1, fwd="dr")
    t.see("dropped", turns_quietly(t, 9, "sctp").count(0))


@case("nat_icmp_send and SCTP", fam=FAMILIES, value=(0, 1))
def icmp_send_sctp(t, value):
    """An ABORT is not answered."""
    t.sysctl("nat_icmp_send", value)
    t.service("sctp")
    t.dest(1)
    for name in ("DATA", "ABORT", "INIT"):
        t.flow("sctp").server(chunks(name))
    t.conns()


@case("schedule_icmp by port", fam=FAMILIES, sched=("sh", "mh"),
      proto=("tcp", "udp", "sctp"))
def icmp_by_port(t, sched, proto):
    """Of what an error quotes, the client's port is the other one."""
    t.sysctl("schedule_icmp", 1)
    t.service(proto, sched=sched, flags=16)
    several(t, (1, 1, 1))
    for sport in (4001, 4002, 4003):
        flow = t.flow(proto, sport=sport)
        body = {"udp": frames.udp, "tcp": frames.tcp}.get(proto)
        quoted = body(flow.dst, 80, flow.src, sport) if body else frames.sctp(
            flow.dst, 80, flow.src, sport, chunks("DATA"))
        t.send(CLIENT, frames.unreachable(t.cip(9), t.vip(), quoted))
    t.conns()
    t.listing()


@case("frames to others", fam=FAMILIES, to=(b"\xff" * 6, b"\2\0\0\0\0\x99",
                                            b"\1\0\x5e\0\0\1"))
def to_others(t, to):
    """Broadcast, another host's, multicast, with the address of a service."""
    t.service("udp")
    t.dest(1)
    flow = t.flow("udp")
    kind = b"\x86\xdd" if t.fam == 6 else b"\x08\x00"
    t.lab.drain()
    t.lab.socks[CLIENT].send(to + FROM[CLIENT] + kind + flow.packet())
    t.see("frames", [side for side, _ in t.lab.drain()])
    t.conns()
    t.see("usual", MAC[CLIENT].hex())


@case("a packet right after a server's removal", fam=FAMILIES,
      proto=("tcp", "udp"), persistent=(0, 1))
def at_once(t, proto, persistent):
    """With expire_nodest_conn and no server left: the conn is over."""
    t.sysctl("expire_nodest_conn", 1)
    t.service(proto, flags=persistent, timeout=100)
    t.dest(1)
    flow = t.flow(proto)
    flow.open()
    t.del_dest(1)
    flow.client("A")
    yield 1
    flow.client("A")
    flow.server("A")
    t.conns(templates=not persistent)


@case("local client, hops", fam=FAMILIES, method=METHODS, ttl=(1, 2))
def local_hops(t, method, ttl):
    """A packet of the director's own that may not go far."""
    t.service("udp")
    t.dest(1, fwd=method)
    t.own = ("C0000202", "2001:0db8:0001:0000:0000:0000:0000:0002")
    t.emit(frames.udp(OWN[t.fam], 3000 + t.number, t.vip(), 80, ttl=ttl))
    t.conns()


@case("local client, too big", fam=FAMILIES, method=METHODS, df=(False, True))
def local_big(t, method, df):
    """A packet of the director's own that does not fit."""
    t.service("udp")
    t.dest(1, fwd=method)
    t.run("ip link set s0 mtu 1300", "ip link set s0 mtu 1500")
    t.own = ("C0000202", "2001:0db8:0001:0000:0000:0000:0000:0002")
    for size in (1200, 1400):
        t.emit(frames.udp(OWN[t.fam], 3000 + t.number, t.vip(), 80,
                          b"x" * size, df=df))
    t.conns()


TUNNELS = {"nat": None, "dr": None, "ipip": (0, 0, 0), "gue": (1, 6080, 0),
           "gue csum": (1, 6080, 1), "gue remcsum": (1, 6080, 2),
           "gre": (2, 0, 0), "gre csum": (2, 0, 1)}


def without_ident(t, frame):
    """The kernel chooses the id of the packet, also of one in a tunnel."""
    at = frame.find(frames.packed(OWN[t.fam]) + frames.packed(t.vip()))
    if t.fam == 6 or at < 0:
        return frame
    return frame[:at - 8] + b"\0\0" + frame[at - 6:at - 2] + b"\0\0" + frame[at:]


@case("local client's socket", fam=FAMILIES, outer=FAMILIES,
      method=tuple(TUNNELS))
def local_socket(t, outer, method):
    """Packets whose checksum is left to the device."""
    t.service("udp")
    tun = TUNNELS[method]
    if not tun and outer != t.fam:
        return
    t.hashed_port = 6080
    t.dest(1, fwd="tun" if tun else method, tun=tun,
           fam=outer if tun else None)
    t.lab.enter()
    with socket.socket(socket.AF_INET6 if t.fam == 6 else socket.AF_INET,
                       socket.SOCK_DGRAM) as sock:
        sock.bind((OWN[t.fam], 31000 + t.number))
        # longer ones are sent in fragments, once the sender knows the way
        for size in (10, 11, 1300, 1390):
            t.lab.drain()
            try:
                sock.sendto(b"x" * size, (t.vip(), 80))
                error = 0
            except OSError as why:
                error = why.errno
            t.see("sent %d" % size, error)
            t._frames("frames", [                   # pylint: disable=W0212
                (side, without_ident(t, data)) for side, data in t.lab.drain()])
    t.own = ("C0000202", "2001:0db8:0001:0000:0000:0000:0000:0002")
    t.conns()


@case("full servers", fam=FAMILIES, sched=(
    "rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "dh", "sh", "mh"))
def full(t, sched):
    """The heaviest is full, then all."""
    t.service(sched=sched)
    t.dest(1, weight=1000, fwd="dr", upper=1)
    t.dest(2, weight=1, fwd="dr", upper=2)
    out = turns_quietly(t, 6)
    if sched in ("rr", "wrr"):
        t.see("shares", sorted(out))
    elif sched in ("dh", "sh", "mh"):
        t.see("taken", sum(1 for one in out if one))
    else:
        t.see("servers", out)
    t.listing()


@case("a service's protocol and its mark", fam=FAMILIES)
def mark_and_protocols(t):
    """One mark service of UDP, TCP and SCTP at once; one client's templates."""
    t.service(mark=1, flags=1, timeout=100, sched="wlc")
    several(t, (1, 1))
    t.mark(1, 1)
    for proto in ("tcp", "udp", "sctp"):
        for k in (1, 2):
            flow = t.flow(proto, k=k)
            flow.client(chunks("INIT") if proto == "sctp" else "S")
    t.send(CLIENT, frames.ip(t.cip(), t.vip(), 50, b"\1" * 40))
    t.send(SERVER, frames.ip(t.rip(1), t.cip(), 50, b"\1" * 40))
    t.conns()
    t.listing()


@case("schedulers' last server goes", fam=FAMILIES, sched=(
    "rr", "wrr", "lblc", "lblcr", "mh", "sh", "dh", "lc"))
def last_goes(t, sched):
    """And comes back; the service goes with a table in use."""
    t.service(sched=sched)
    several(t, (2, 1))
    turns_quietly(t, 3)
    t.del_dest(1)
    t.del_dest(2)
    turns(t, 1)
    t.dest(2, fwd="dr", weight=3)
    turns(t, 2)
    t.listing()
    t.del_service()
    turns(t, 1)
