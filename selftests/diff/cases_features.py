# SPDX-License-Identifier: GPL-2.0
"""Protocols other than TCP and UDP, and what knobs turn on."""

import frames
import ipvs
from case import case
from cases_conns import ROADS, walk
from cases_sched import several, turns, turns_quietly
from lab import CLIENT, SERVER

FAMILIES = (4, 6)
METHODS = ("nat", "dr", "tun")
# chunks by name
CHUNKS = {"DATA": 0, "INIT": 1, "INIT_ACK": 2, "SACK": 3, "HEARTBEAT": 4,
          "HEARTBEAT_ACK": 5, "ABORT": 6, "SHUTDOWN": 7, "SHUTDOWN_ACK": 8,
          "ERROR": 9, "COOKIE_ECHO": 10, "COOKIE_ACK": 11, "ECNE": 12,
          "SHUTDOWN_COMPLETE": 14, "unknown": 77}
SCTP_ROADS = {
    "INIT1": ("cINIT",),
    "INIT": ("sINIT",),
    "COOKIE_REPLIED": ("cINIT", "sINIT_ACK"),
    "COOKIE_SENT": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO"),
    "ESTABLISHED": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO", "sCOOKIE_ACK"),
    "SHUTDOWN_RECEIVED": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO", "sCOOKIE_ACK",
                          "cSHUTDOWN"),
    "SHUTDOWN_SENT": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO", "sCOOKIE_ACK",
                      "sSHUTDOWN"),
    "SHUTDOWN_ACK_SENT": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO", "sCOOKIE_ACK",
                          "sSHUTDOWN", "cSHUTDOWN_ACK"),
    "CLOSED": ("cINIT", "sINIT_ACK", "cCOOKIE_ECHO", "sCOOKIE_ACK",
               "sSHUTDOWN", "cSHUTDOWN_ACK", "sSHUTDOWN_COMPLETE"),
    "REJECTED": ("cINIT", "sABORT"),
}


def chunks(*names):
    return b"".join(frames.chunk(CHUNKS[name], b"\0" * 16) for name in names)


def sctp_walk(flow, road):
    for step in road:
        (flow.client if step[0] == "c" else flow.server)(chunks(step[1:]))


@case("SCTP: every chunk in state", method=METHODS,
      state=tuple(SCTP_ROADS))
def sctp_states(t, method, state):
    """A flow for each chunk and side: state and time left after it."""
    t.service("sctp")
    t.dest(1, fwd=method)
    road = [s for s in SCTP_ROADS[state] if method == "nat" or s[0] == "c"]
    for name in CHUNKS:
        for side in "cs" if method == "nat" else "c":
            flow = t.flow("sctp")
            sctp_walk(flow, road)
            if name == "INIT" and side == "c" and state == "CLOSED":
                continue    # a new conn: its own case
            (flow.client if side == "c" else flow.server)(chunks(name))
    t.conns()
    t.listing()


@case("SCTP over IPv6 in state", method=METHODS, state=tuple(SCTP_ROADS))
def sctp_states_ipv6(t, method, state):
    """The same roads over IPv6; some chunks after each."""
    t.fam = 6
    t.service("sctp")
    t.dest(1, fwd=method)
    road = [s for s in SCTP_ROADS[state] if method == "nat" or s[0] == "c"]
    for name in ("DATA", "SHUTDOWN", "ABORT", "COOKIE_ECHO"):
        flow = t.flow("sctp")
        sctp_walk(flow, road)
        flow.client(chunks(name))
    t.conns()


@case("SCTP conversation", fam=FAMILIES, method=METHODS,
      port=(80, 8080))
def sctp_conversation(t, method, port):
    """Bytes with their checksum, states, counters."""
    t.service("sctp")
    t.dest(1, fwd=method, port=port)
    flow = t.flow("sctp")
    sctp_walk(flow, [s for s in SCTP_ROADS["ESTABLISHED"]
                     if method == "nat" or s[0] == "c"])
    for size in (0, 1, 2, 3, 4, 1000):
        flow.client(frames.chunk(0, b"d" * size))
        if method == "nat":
            flow.server(frames.chunk(0, b"e" * size))
    flow.client(chunks("SACK", "DATA"))
    if method == "nat" and port != 80:
        with t.differs("A wrong SCTP checksum stays wrong"):
            flow.client(chunks("DATA"), bad=0x1010)
    else:
        flow.client(chunks("DATA"), bad=0x1010)
    t.listing()
    yield from t.counters()


@case("SCTP without a conn", fam=FAMILIES, sloppy=(0, 1))
def sctp_no_conn(t, sloppy):
    """What may start one, by sloppy_sctp."""
    t.sysctl("sloppy_sctp", sloppy)
    t.service("sctp")
    t.dest(1)
    for name in CHUNKS:
        t.flow("sctp").client(chunks(name))
    t.flow("sctp").client(chunks("COOKIE_ECHO", "ABORT"))
    t.flow("sctp").client(chunks("COOKIE_ECHO", "DATA"))
    t.flow("sctp").client(b"")
    t.conns()


@case("SCTP: a port used again", mode=(0, 1))
def sctp_reuse(t, mode):
    """An INIT on a conn that is closed."""
    t.sysctl("conn_reuse_mode", mode)
    t.service("sctp", sched="fo")
    t.dest(1, weight=5)
    flow = t.flow("sctp")
    sctp_walk(flow, SCTP_ROADS["CLOSED"])
    t.conns()
    t.dest(2, weight=9)
    flow.client(chunks("INIT"))
    yield 0.1
    t.conns()


@case("SCTP and schedulers, persistence", fam=FAMILIES,
      flags=(0, 1))
def sctp_sched(t, flags):
    """Templates, and the service's listing."""
    t.service("sctp", sched="sh", flags=flags, timeout=100)
    several(t, (1, 2, 3))
    turns(t, 8, "sctp", clients=4)
    t.listing()


@case("SCTP errors", kind=(3, 11))
def sctp_errors(t, kind):
    """ICMP errors about SCTP packets."""
    t.service("sctp")
    t.dest(1)
    flow = t.flow("sctp")
    flow.client(chunks("INIT"))
    quoted = frames.sctp(flow.dst, 80, flow.src, flow.sport, chunks("DATA"))
    t.send(CLIENT, frames.icmp(flow.src, flow.dst, kind, 0, 0, quoted))
    quoted = frames.sctp(flow.src, flow.sport, *flow.real, chunks("DATA"))
    t.send(SERVER, frames.icmp(t.rip(1), flow.src, kind, 0, 0, quoted))
    t.flow("sctp", port=81).client(chunks("INIT"))


@case("AH and ESP", fam=FAMILIES, number=(50, 51),
      method=METHODS)
def ipsec(t, number, method):
    """They ride on the conn of UDP port 500, and are not scheduled."""
    t.service("udp", 500)
    t.dest(1, fwd=method, port=500)
    t.send(CLIENT, frames.ip(t.cip(), t.vip(), number, b"\1" * 40))
    t.flow("udp", port=500, sport=500).client()
    t.conns()
    if number == 51 and t.fam == 6:
        with t.differs("IPv6 packets with an authentication header"):
            t.send(CLIENT, frames.ip(t.cip(), t.vip(), number, b"\2" * 40))
        return
    t.send(CLIENT, frames.ip(t.cip(), t.vip(), number, b"\2" * 40))
    t.send(CLIENT, frames.ip(t.cip(2), t.vip(), number, b"\3" * 40))
    if method == "nat":
        t.send(SERVER, frames.ip(t.rip(1), t.cip(), number, b"\4" * 40))
    t.listing()
    yield from t.counters()


@case("services of AH and ESP", number=(50, 51))
def ipsec_service(t, number):
    """Nothing would be scheduled."""
    with t.differs("Refused, not ignored."):
        t.service(number, 0, flags=1, timeout=100)


@case("secure_tcp", state=tuple(ROADS),
      method=("nat", "dr"))
def secure_tcp(t, state, method):
    """Its states and times, always on."""
    t.sysctl("secure_tcp", 3)
    yield 2.5
    t.service()
    t.dest(1, fwd=method)
    for flags in ("S", "A", "FA", "R", "SA"):
        flow = t.flow()
        walk(flow, ROADS[state], method)
        if "S" in flags and state.split(",")[0] in ("TIME_WAIT", "CLOSE"):
            continue
        flow.client(flags)
    yield 0.1       # stock ends old conns by their timers
    t.conns()
    t.listing()


@case("drop_packet", rate=(1, 2, 5))
def drop_packet(t, rate):
    """Every so many new flows is not scheduled."""
    t.sysctl("am_droprate", rate)
    t.sysctl("drop_packet", 3)
    yield 2.5
    t.service()
    t.dest(1, fwd="dr")
    t.see("dropped", turns_quietly(t, 20).count(0))


@case("nat_icmp_send", fam=FAMILIES, value=(0, 1),
      proto=("tcp", "udp"))
def nat_icmp_send(t, value, proto):
    """A server's packet that belongs to no conn is refused."""
    t.sysctl("nat_icmp_send", value)
    t.service(proto)
    t.dest(1)
    t.flow(proto).server("A")
    t.flow(proto).server("R")
    t.flow(proto, port=81).server("A")
    t.conns()


@case("schedule_icmp", fam=FAMILIES, value=(0, 1),
      method=METHODS)
def schedule_icmp(t, value, method):
    """An error about a flow that is not known is sent where a server would."""
    t.sysctl("schedule_icmp", value)
    t.service("udp", sched="sh")
    several(t, (1, 1), method)
    quoted = frames.udp(t.vip(), 80, t.cip(), 4711)
    t.send(CLIENT, frames.unreachable(t.cip(9), t.vip(), quoted))
    t.send(CLIENT, frames.too_big(t.cip(9), t.vip(), quoted, 1300))
    t.send(CLIENT, frames.unreachable(t.cip(9), t.vip(), frames.udp(
        t.vip(), 81, t.cip(), 4711)))
    t.conns()
    t.flow("udp", sport=4711).client()
    t.listing()


@case("ignore_tunneled", value=(0, 1))
def ignore_tunneled(t, value):
    """IP in IP to a mark service."""
    t.sysctl("ignore_tunneled", value)
    t.service(mark=1)
    t.dest(1, fwd="dr", port=0)
    t.mark(1, 1)
    inner = frames.udp(t.cip(), 99, t.vip(), 80)
    t.send(CLIENT, frames.ip(t.cip(), t.vip(), 4, inner))
    t.flow("udp").client()
    t.conns()


@case("cache_bypass", fam=FAMILIES, value=(0, 1),
      proto=("tcp", "udp"))
def cache_bypass(t, value, proto):
    """A mark service without a server: packets go where they wanted to."""
    flow = bypassed(t, value, proto)
    flow.client("S")
    flow.client("A")
    t.conns()
    yield from t.counters()


@case("cache_bypass and a server that goes", fam=FAMILIES)
def bypass_stays(t):
    """expire_nodest_conn: what has no server has not lost it, nor has it one
    of weight 0."""
    t.sysctl("expire_nodest_conn", 1)
    flow = bypassed(t, 1, "tcp")
    flow.client("S")
    flow.client("A")
    t.service(port=81)
    t.dest(1, port=81)
    t.del_dest(1, port=81)
    yield 1
    flow.client("A")
    flow.client("S")
    t.conns()


@case("a service of the highest mark", fam=FAMILIES)
def highest_mark(t):
    """No address is none of a server."""
    fam = 10 if t.fam == 6 else 2
    t.key = ipvs.svc_mark(0xffffffff, fam)
    t.request("service", ipvs.NEW_SERVICE, ipvs.service(
        t.key + ipvs.svc_rest(sched="rr", netmask=128 if t.fam == 6 else
                              0xffffffff)))
    for fwd in ("nat", "dr"):
        t.dest(addr="::" if t.fam == 6 else "0.0.0.0", port=0, fwd=fwd)
    t.dest(1, port=0, fwd="dr")
    t.listing()


def bypassed(t, value, proto):
    """A flow to an address that is marked for a service without a server."""
    t.sysctl("cache_bypass", value)
    table = 100 + t.number
    option = "-6 " if t.fam == 6 else ""
    t.run("ip %srule add fwmark %d lookup %d" % (option, t.mark_value(), table),
          "ip %srule del fwmark %d lookup %d" % (option, t.mark_value(),
                                                 table))
    t.run("ip %sroute add local default dev lo table %d" % (option, table),
          "ip %sroute flush table %d" % (option, table))
    t.service(mark=1)
    there = "203.0.113.%d" % (t.number & 63) if t.fam == 4 else \
        "2001:db8:77::%x" % t.number
    t.run("ip route add %s dev s0 via %s" % (there, t.rip(5)),
          "ip route del %s" % there)
    t.lab.run("tc", "qdisc", "add", "dev", "c0", "clsact")
    t.run("tc filter add dev c0 ingress protocol %s pref 9 flower dst_ip %s "
          "action skbedit mark %d" % ("ip" if t.fam == 4 else "ipv6", there,
                                      t.mark_value()),
          "tc filter del dev c0 ingress protocol %s pref 9" % (
              "ip" if t.fam == 4 else "ipv6"))
    return t.flow(proto, dst=there)


@case("ports that belong to FTP", pending="FTP look-up", fam=FAMILIES,
      flags=(0, 1))
def ftp_lookup(t, flags):
    """Data ports of a VIP that has a service on port 21."""
    t.service(port=21, flags=flags, timeout=100)
    t.dest(1, port=21, fwd="dr")
    for port in (21, 20, 1023, 1024, 5000, 80):
        t.flow(port=port).client("S")
    t.flow("udp", port=5000).client()
    t.listing()


@case("twos", kernels=("6.12", "7.2"))
def twos(t):
    """With one server that can be chosen there is no choice."""
    t.service(sched="twos")
    several(t, (0, 3, 0))
    turns(t, 4)
    t.listing()
