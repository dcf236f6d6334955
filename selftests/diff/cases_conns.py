# SPDX-License-Identifier: GPL-2.0
"""Conns: TCP's states, timeouts, reuse, servers that go."""

import frames
import ipvs
from case import case
from lab import CLIENT, SERVER

FAMILIES = (4, 6)
# how to come to each state that packets can drive, as (who, flags)
ROADS = {
    "SYN_RECV": ("cS",),
    "SYN_RECV, answered": ("cS", "sSA"),
    "ESTABLISHED": ("cS", "sSA", "cA"),
    "FIN_WAIT, server's": ("cS", "sSA", "cA", "sFA"),
    "CLOSE_WAIT": ("cS", "sSA", "cA", "cFA"),
    "LAST_ACK": ("cS", "sSA", "cA", "cFA", "sFA"),
    "TIME_WAIT": ("cS", "sSA", "cA", "sFA", "cFA"),
    "CLOSE": ("cS", "sSA", "cA", "sR"),
    "CLOSE, client's": ("cS", "cR"),
}
ALL_FLAGS = ("S", "SA", "A", "PA", "FA", "F", "R", "RA", "FS", "SR", "FSRPA",
             "P", "")


def walk(flow, road, method):
    """Packets of a road; a server behind DR or TUN is not heard."""
    for who in road:
        if who[0] == "c":
            flow.client(who[1:])
        elif method == "nat":
            flow.server(who[1:])


@case("TCP: every packet in state", fam=(4,), method=("nat", "dr", "tun"),
      state=tuple(ROADS))
def tcp_states(t, method, state):
    """A flow for each set of flags and side: state and time left after it."""
    t.service()
    t.dest(1, fwd=method)
    for flags in ALL_FLAGS:
        for side in "cs" if method == "nat" else "c":
            flow = t.flow()
            walk(flow, ROADS[state], method)
            with_reuse = "S" in flags and "R" not in flags and side == "c"
            if with_reuse and state.split(",")[0] in ("TIME_WAIT", "CLOSE"):
                continue    # see reuse()
            (flow.client if side == "c" else flow.server)(flags)
    t.conns()
    t.listing()


@case("TCP over IPv6 in state", method=("nat", "dr"), state=tuple(ROADS))
def tcp_states_ipv6(t, method, state):
    """The same roads over IPv6; a SYN, a FIN, an RST after each."""
    t.fam = 6
    t.service()
    t.dest(1, fwd=method)
    for flags in ("A", "FA", "R"):
        flow = t.flow()
        walk(flow, ROADS[state], method)
        flow.client(flags)
        t.conns()


@case("SYN on an old conn", fam=FAMILIES, mode=(0, 1, 2, 3),
      method=("nat", "dr"))
def reuse(t, mode, method):
    """conn_reuse_mode, with the client's port used again in each state.

    The new conn goes to another server when the old one has got heavier
    company: the servers' loads tell whether there is a new conn."""
    t.sysctl("conn_reuse_mode", mode)
    t.service(sched="fo")
    t.dest(1, fwd=method, weight=5)
    flows = []
    for state in ROADS:
        flow = t.flow()
        walk(flow, ROADS[state], method)
        flows.append(flow)
    t.dest(2, fwd=method, weight=9)
    for flow in flows:
        flow.client("S")
        yield 0.1       # stock ends the old one by its timer
        t.conns()
        flow.client("A")
    t.listing()


@case("weight 0 and a SYN on an old conn", fam=FAMILIES, nodest=(0, 1))
def reuse_weight_zero(t, nodest):
    """expire_nodest_conn: a SYN leaves a server of weight 0."""
    t.sysctl("expire_nodest_conn", nodest)
    t.sysctl("conn_reuse_mode", 0)
    t.service(sched="fo")
    t.dest(1, weight=5)
    t.dest(2, weight=1)
    flows = []
    for state in ("SYN_RECV", "ESTABLISHED", "TIME_WAIT"):
        flow = t.flow()
        walk(flow, ROADS[state], "nat")
        flows.append(flow)
    t.edit_dest(1, weight=0)
    for flow in flows:
        flow.client("A")
        flow.client("S")
        yield 0.1
        t.conns()
    t.listing()


@case("packets without a conn", fam=FAMILIES, sloppy=(0, 1))
def no_conn(t, sloppy):
    """What may start one, by sloppy_tcp."""
    t.sysctl("sloppy_tcp", sloppy)
    t.service()
    t.dest(1)
    for flags in ALL_FLAGS:
        t.flow().client(flags)
    t.conns()
    t.listing()


@case("replies without a conn", fam=FAMILIES)
def no_conn_reply(t):
    """From a server, from its service's port and others: forwarded."""
    t.service()
    t.dest(1)
    for flags in ("SA", "A", "R"):
        t.flow().server(flags)
    t.flow("udp").server()
    t.flow("udp", port=81).server()
    t.conns()


@case("server removed", fam=FAMILIES, proto=("tcp", "udp"), nodest=(0, 1),
      method=("nat", "dr"))
def removed_server(t, proto, nodest, method):
    """Packets of its conns, replies, another server there or none."""
    t.sysctl("expire_nodest_conn", nodest)
    t.service(proto, sched="fo")
    t.dest(1, fwd=method, weight=5)
    flow = t.flow(proto)
    flow.client("S")
    if method == "nat":
        flow.server("SA")
    flow.client("A")
    t.del_dest(1)
    if nodest:
        yield 1
        t.conns()
        return
    t.listing()
    if method == "nat":
        flow.server("A")
    if proto == "tcp":
        flow.client("A")
    t.conns()
    t.dest(1, fwd=method, weight=5)
    flow.client("A")
    t.listing()


@case("server removed, then the first packet", fam=FAMILIES,
      proto=("tcp", "udp"))
def removed_server_first(t, proto):
    """With another server there."""
    t.service(proto, sched="fo")
    t.dest(1, weight=5)
    t.dest(2, weight=1)
    flow = t.flow(proto)
    flow.client("S")
    flow.client("A")
    t.del_dest(1)
    with t.differs("The first UDP packet after a server's removal"):
        flow.client("S")


@case("server taken back", fam=FAMILIES, edit=("same", "dr", "weight"))
def taken_back(t, edit):
    """A server that is removed and added keeps conns and counts."""
    t.service()
    t.dest(1)
    flow = t.flow()
    flow.open()
    t.listing()
    t.del_dest(1)
    t.dest(1, **{"same": {}, "dr": {"fwd": "dr"}, "weight": {"weight": 0}}
           [edit])
    t.listing()
    flow.client("PA", b"more")
    flow.server("PA", b"answer")
    flow.client("FA")
    t.listing()


@case("service removed", fam=FAMILIES, proto=("tcp", "udp"))
def removed_service(t, proto):
    """Packets of its conns; the service comes back."""
    t.service("tcp", 99)
    t.dest(2, port=99)
    key = t.service(proto)
    t.dest(1)
    flow = t.flow(proto)
    flow.client("S")
    flow.server("SA")
    flow.client("A")
    t.del_service(key)
    t.conns()
    flow.server("A")
    t.service(proto)
    t.dest(1)
    t.listing()
    flow.client("A")
    t.listing()


@case("flow of a server whose method is edited", fam=FAMILIES,
      begin=("nat", "dr", "tun"), end=("nat", "dr", "tun"))
def edited_method(t, begin, end):
    """An old conn keeps its method, a new one has the new."""
    t.service()
    t.dest(1, fwd=begin)
    old, new = t.flow(), t.flow()
    old.client("S")
    t.edit_dest(1, fwd=end, weight=7)
    old.client("A")
    if begin != "dr" and end == "dr":
        with t.differs("An edited server gets a new route."):
            new.client("S")
    else:
        new.client("S")
    t.listing()


@case("weight 0 keeps conns", fam=FAMILIES, proto=("tcp", "udp"))
def quiesced(t, proto):
    """Old flows stay, new ones are refused."""
    t.service(proto)
    t.dest(1)
    flow = t.flow(proto)
    flow.client("S")
    flow.server("SA")
    t.edit_dest(1, weight=0)
    flow.client("A")
    t.flow(proto).client("S")
    t.edit_dest(1, weight=1)
    t.flow(proto).client("S")
    t.listing()


@case("timeouts by --set are those of new packets", proto=("tcp", "udp"),
      fam=FAMILIES)
def timeouts(t, proto):
    """A conn that is there takes the new time with its next packet."""
    t.service(proto)
    t.dest(1)
    flow, late = t.flow(proto), t.flow(proto)
    flow.open()
    t.conns()
    t.config(tcp=500, fin=70, udp=80)
    t.conns()
    late.open()
    t.conns()
    flow.client("A")
    t.conns()
    flow.client("FA")
    t.conns()
    flow.server("FA")
    t.conns()


@case("a conn ends on time", long=True, fam=FAMILIES, proto=("tcp", "udp"),
      method=("nat", "dr"))
def ends_on_time(t, proto, method):
    """Six seconds; a packet in between prolongs it; counts go back to 0."""
    t.config(tcp=6, fin=6, udp=6)
    t.service(proto)
    t.dest(1, fwd=method)
    flow, other = t.flow(proto), t.flow(proto)
    for one in (flow, other):
        one.client("S")
        if method == "nat":
            one.server("SA")
        one.client("A")
    yield 2
    other.client("A")
    t.listing(expires=False)
    yield 12
    t.listing(expires=False)
    flow.client("A")
    if proto == "udp":
        t.conns()


@case("a conn of many packets", fam=FAMILIES, method=("nat", "dr", "tun"))
def counted(t, method):
    """Packets and bytes of each direction are counted."""
    t.service()
    t.dest(1, fwd=method)
    flow = t.flow()
    flow.client("S")
    if method == "nat":
        flow.server("SA")
    for size in (0, 1, 10, 100, 1000, 1400):
        flow.client("A", b"x" * size)
        if method == "nat":
            flow.server("A", b"y" * (size // 2))
    flow.client("FA")
    yield from t.counters()
    t.see("stats", t.lab.proc("ip_vs_stats").splitlines()[:2])


@case("upper threshold", fam=FAMILIES, upper=(1, 2, 4), lower=(0, 1))
def upper_threshold(t, upper, lower):
    """When a server is full, and when it takes conns again."""
    t.service(sched="fo")
    t.dest(1, weight=9, upper=upper, lower=min(lower, upper))
    t.dest(2, weight=1)
    flows = [t.flow() for _ in range(6)]
    for flow in flows:
        flow.client("S")
    t.listing()
    t.edit_dest(1, weight=9, upper=upper + 2, lower=min(lower, upper))
    t.flow().client("S")
    t.flow().client("S")
    t.flow().client("S")
    t.edit_dest(1, weight=9, upper=0)
    t.flow().client("S")
    t.edit_dest(1, weight=9, upper=1)
    t.flow().client("S")
    t.listing()


@case("lower threshold", long=True, lower=(0, 1, 3))
def lower_threshold(t, lower):
    """Conns end, and the server is open again."""
    t.service(sched="fo")
    t.dest(1, weight=9, upper=4, lower=lower)
    t.dest(2, weight=1)
    t.config(tcp=6, fin=6)
    flows = [t.flow() for _ in range(5)]
    for flow in flows:
        flow.open()
    t.listing()
    for left in (3, 2, 1):
        yield 0.4
        for flow in flows[:left]:
            flow.client("A")
    yield 12
    for flow in [t.flow() for _ in range(5)]:
        flow.client("S")
    t.listing(expires=False)


@case("one-packet scheduling", fam=FAMILIES, method=("nat", "dr"))
def one_packet(t, method):
    """No conn stays; each packet counts; replies are not translated."""
    t.service("udp", sched="fo", flags=ipvs.F_ONEPACKET)
    t.dest(1, fwd=method, weight=2)
    flow = t.flow("udp")
    flow.client()
    t.conns()
    if method == "nat":
        flow.server()
    t.dest(2, fwd=method, weight=5)
    flow.client()
    t.listing()
    yield from t.counters()


@case("one-packet flag and TCP, persistence", fam=FAMILIES,
      proto=("tcp", "udp"))
def one_packet_others(t, proto):
    """The flag is for UDP; a persistent service still makes templates."""
    t.service(proto, flags=ipvs.F_ONEPACKET)
    t.dest(1)
    t.flow(proto).client("S")
    t.listing()
    t.service(proto, port=81, flags=ipvs.F_ONEPACKET | 1, timeout=100)
    t.dest(1)
    t.flow(proto, port=81).client("S")
    t.flow(proto, port=81).client("S")
    t.listing()


@case("one client port to two services", fam=FAMILIES)
def tuple_twice(t):
    """Reply tuples that would be the same, behind NAT."""
    t.service(sched="fo")
    t.dest(1, port=8080, weight=5)
    t.service(sched="fo", vip=2)
    t.dest(1, port=8080, weight=5)
    t.dest(2, port=8080, weight=1)
    t.flow(sport=5555).client("S")
    with t.differs("A NAT reply tuple that is in use is seen."):
        t.flow(sport=5555, vip=2).client("S")


@case("conns with odd ports", fam=FAMILIES, sport=(1, 19, 20, 21, 65535),
      proto=("tcp", "udp"))
def odd_ports(t, sport, proto):
    """Client port 20 is not scheduled, the others are."""
    t.service(proto)
    t.dest(1)
    flow = t.flow(proto, sport=sport)
    flow.client("S")
    flow.server("SA")
    t.listing()


@case("fragments that carry a conn", fam=FAMILIES, method=("nat", "dr", "tun"))
def fragmented(t, method):
    """A request in pieces: what comes out, and how it counts."""
    t.service("udp")
    t.dest(1, fwd=method)
    flow = t.flow("udp")
    whole = flow.packet("", b"z" * 600, df=False)
    parts = frames.fragments(whole, 200)
    for part in parts[:-1]:
        t.send(CLIENT, part)
    if method == "tun":
        with t.differs("Fragments go through a tunnel as one packet"):
            t.send(CLIENT, parts[-1])
        return
    flow.learn(t.send(CLIENT, parts[-1]))
    t.listing()
    if method == "nat":
        for part in frames.fragments(flow.reply("", b"y" * 500, df=False),
                                     256):
            t.send(SERVER, part)
    for part in reversed(parts):
        t.send(CLIENT, part)
    yield from t.counters()


@case("conn_max", kernels=("7.2",), limit=(0, 1, 3))
def conn_max(t, limit):
    """No more conns than that; what the client gets."""
    t.sysctl("conn_max", limit)
    t.service()
    t.dest(1)
    for _ in range(5):
        t.flow().client("S")
    t.conns()
