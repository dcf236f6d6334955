# SPDX-License-Identifier: GPL-2.0
"""drop_entry, drop_packet, secure_tcp: on, and when memory is short."""

import ipvs
from case import case
from cases_sched import turns_quietly

FAMILIES = (4, 6)
MODES = ("drop_entry", "drop_packet", "secure_tcp")
ALL_MEMORY = 0x7fffffff         # pages: never as many


@case("automatic modes", long=True, mode=(0, 1, 2, 3))
def automatic(t, mode):
    """1 becomes 2 while memory is short, and 1 again when it is not."""
    for name in MODES:
        t.sysctl(name, mode)
    yield 2.5
    for threshold in (ALL_MEMORY, 0, ALL_MEMORY, 1024, -1):
        t.sysctl("amemthresh", threshold)
        yield 2.5
        for name in MODES:
            t.read_sysctl(name)


@case("automatic drop_packet", long=True, fam=FAMILIES, memory=(
    "short", "enough"))
def automatic_drop(t, memory):
    """Which of 12 new flows is not scheduled; old ones are not touched."""
    t.service()
    t.dest(1)
    old = t.flow()
    old.open()
    t.sysctl("amemthresh", ALL_MEMORY if memory == "short" else 1024)
    t.sysctl("drop_packet", 1)
    yield 2.5
    t.see("dropped", turns_quietly(t, 12).count(0))
    old.client("A")
    old.server("A")


@case("half-open conns under drop_entry", long=True, fam=FAMILIES,
      proto=("tcp", "sctp", "udp"), mode=(0, 1, 3))
def half_open(t, proto, mode):
    """Some of them end soon; established ones, and UDP's, do not."""
    t.service(proto)
    t.dest(1)
    for _ in range(24):
        flow = t.flow(proto)
        flow.client(b"\1\0\0\x14" + b"\0" * 16 if proto == "sctp" else "S")
        if proto == "sctp":     # INIT, as long as others' SYN_RECV
            flow.server(b"\1\0\0\x14" + b"\0" * 16)
    old = [t.flow(proto) for _ in range(3)]
    for flow in old:
        if proto == "sctp":
            flow.client(b"\1\0\0\x14" + b"\0" * 16)
            flow.server(b"\x0b\0\0\4")          # COOKIE_ACK
        else:
            flow.open()
    t.sysctl("drop_entry", mode)
    yield 22
    left = [len([line for line in t.lab.proc("ip_vs_conn").splitlines()
                 if t._is_mine(line) and                # pylint: disable=W0212
                 ("ESTABLISHED" in line) == established])
            for established in (False, True)]
    gone = 24 - left[0]
    t.see("half-open that are gone", "none" if not gone else
          "some" if 0 < gone < 24 else gone)
    t.see("established that are left", left[1])
    for flow in old:
        flow.client(b"\0\0\0\x14" + b"\0" * 16 if proto == "sctp" else "A")


@case("a template under drop_entry", long=True, proto=("tcp", "udp"))
def half_open_template(t, proto):
    """One that a conn holds stays."""
    t.service(proto, flags=ipvs.F_PERSISTENT, timeout=300)
    t.dest(1)
    t.config(tcp=100)
    flow = t.flow(proto)
    flow.open()
    t.sysctl("drop_entry", 3)
    yield 15
    t.conns()


@case("secure_tcp set while conns are there", fam=FAMILIES, method=("nat", "dr"))
def secure_later(t, method):
    """Old conns' next packet is taken by the other table."""
    t.service()
    t.dest(1, fwd=method)
    flows = [t.flow() for _ in range(3)]
    for flow in flows:
        flow.client("S")
        if method == "nat":
            flow.server("SA")
    flows[0].client("A")
    t.sysctl("secure_tcp", 3)
    yield 2.5
    for flow in flows:
        flow.client("A")
    flows[2].client("FA")
    t.conns()
    t.sysctl("secure_tcp", 0)
    yield 2.5
    for flow in flows:
        flow.client("A")
    t.flow().client("S")
    t.conns()
    t.listing()


@case("idle conns under drop_entry", long=True)
def idle(t):
    """Conns of one packet that were silent for a minute go, not all at once."""
    t.service("udp")
    t.dest(1)
    for _ in range(30):
        t.lab.inject("c", t.flow("udp").packet())
    t.lab.drain()
    t.sysctl("drop_entry", 3)
    left = []
    for seconds in (50, 32):
        yield seconds
        left.append(len([line for line in t.lab.proc(
            "ip_vs_conn").splitlines() if t._is_mine(line)]))  # pylint: disable=W0212
    t.see("left after 50 s", left[0])
    t.see("some after 82 s", 0 < left[1] < 30)
