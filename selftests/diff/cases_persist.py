# SPDX-License-Identifier: GPL-2.0
"""Persistence, its templates, and mark services."""

import ipvs
from case import case
from cases_sched import several, turns

FAMILIES = (4, 6)
P = ipvs.F_PERSISTENT


@case("templates", fam=FAMILIES, proto=("tcp", "udp"),
      method=("nat", "dr", "tun"))
def templates(t, proto, method):
    """What a client's first and second flow leave."""
    t.service(proto, sched="fo", flags=P, timeout=300)
    t.dest(1, weight=3, fwd=method)
    t.dest(2, weight=1, fwd=method)
    one = t.flow(proto)
    one.client("S")
    t.listing()
    t.edit_dest(2, weight=9, fwd=method)
    t.flow(proto).client("S")
    t.flow(proto, k=2).client("S")
    one.client("A")
    t.listing()


@case("granularity of templates", fam=FAMILIES, bits=(0, 8, 24, 31, 32, 64,
                                                      120, 128))
def granularity(t, bits):
    """Which clients are one."""
    if t.fam == 4:
        if bits > 32:
            bits = 32
        netmask = int.from_bytes((((1 << bits) - 1) << (32 - bits)).to_bytes(
            4, "big"), "little")
    else:
        netmask = max(bits, 1)
    t.own = ("00000000", "C0000000", "0000:0000:0000:0000:0000:0000:0000:0000",
             "2000:0000:0000:0000:0000:0000:0000:0000",
             "2001:0000:0000:0000:0000:0000:0000:0000",
             "2001:0db8:00cc:0000:0000:0000:0000:0000")
    t.service(flags=P, timeout=300, netmask=netmask)
    several(t, (1, 1, 1))
    turns(t, 8, clients=8)
    t.conns()
    t.listing()


@case("persistence and the port", fam=FAMILIES, real=(0, 80, 8080),
      port=(80, 0), method=("nat", "dr"))
def ports(t, real, port, method):
    """To which port of the server a flow goes; one template or several."""
    t.service(port=port, flags=P, timeout=300)
    t.dest(1, port=real, fwd=method)
    for asked in (80, 81, 8080, 21):
        flow = t.flow(port=asked)
        flow.client("S")
        if method == "nat":
            flow.server("SA")
    t.listing()


@case("port 0 beside other services", fam=FAMILIES, proto=("tcp", "udp"))
def port_zero(t, proto):
    """The exact service wins; they have templates of their own."""
    t.service(proto, 0, flags=P, timeout=300)
    t.dest(1, port=0, fwd="dr")
    t.service(proto, 80)
    t.dest(2, port=80, fwd="dr")
    t.service(proto, 81, flags=P, timeout=100)
    t.dest(3, port=81, fwd="dr")
    for port in (80, 81, 82, 83, 80):
        t.flow(proto, port=port).client("S")
    t.listing()


@case("FTP: data ports of the service on port 21", fam=FAMILIES,
      persistent=(0, P), any_port=(0, 1))
def ftp_data_ports(t, persistent, any_port):
    """20 and what needs no privilege, unless there is a service of its own;
    before the service for any port."""
    t.service("tcp", 21, flags=persistent, timeout=300)
    t.dest(1, port=2121, fwd="dr")
    t.service("tcp", 5000)
    t.dest(2, port=5000, fwd="dr")
    if any_port:
        t.service("tcp", 0, flags=P, timeout=100)
        t.dest(3, port=0, fwd="dr")
    for port in (21, 20, 22, 1023, 1024, 5000, 65535, 21):
        t.flow("tcp", port=port).client("S")
    t.listing()


@case("mark service", fam=FAMILIES, persistent=(0, P), method=("nat", "dr"))
def mark(t, persistent, method):
    """Any protocol, port and address that has the mark."""
    t.own = ("%08X" % 0,)
    t.service(mark=1, flags=persistent, timeout=300)
    t.dest(1, port=0, fwd=method)
    t.dest(2, port=8080, fwd=method)
    t.mark(1, 1)
    for proto in ("tcp", "udp"):
        for port in (80, 8080, 21):
            flow = t.flow(proto, port=port)
            flow.client("S")
            if method == "nat":
                flow.server("SA")
    t.listing()
    yield from t.counters()


@case("mark and address", fam=FAMILIES)
def mark_wins(t):
    """A mark service goes before the exact one; others are not touched."""
    t.service()
    t.dest(1, fwd="dr")
    t.service(vip=2)
    t.dest(1, fwd="dr")
    key = t.service(mark=1)
    t.dest(2, fwd="dr")
    t.mark(1, 1)
    t.flow(vip=1).client("S")
    t.flow(vip=2).client("S")
    t.service(mark=2)
    t.dest(3, fwd="dr")
    t.flow(vip=1).client("S")
    t.del_service(key)
    t.flow(vip=1).client("S")
    t.listing()


@case("mark without a service, and of the other family", fam=FAMILIES)
def mark_other(t):
    """Falls through to the address."""
    t.service(mark=1, fam=10 - t.fam)
    t.mark(1, 1)
    t.service()
    t.dest(1, fwd="dr")
    t.flow().client("S")
    t.flow(port=81).client("S")
    t.listing()


@case("template and a quiesced server", fam=FAMILIES, expire=(0, 1),
      proto=("tcp", "udp"))
def quiesced(t, expire, proto):
    """expire_quiescent_template."""
    t.sysctl("expire_quiescent_template", expire)
    t.service(proto, sched="fo", flags=P, timeout=300)
    t.dest(1, weight=3, fwd="dr")
    t.dest(2, weight=1, fwd="dr")
    flow = t.flow(proto)
    flow.client("S")
    t.edit_dest(1, weight=0, fwd="dr")
    turns(t, 2, proto)
    flow.client("A")
    t.conns(templates=not expire)
    t.edit_dest(1, weight=3, fwd="dr")
    turns(t, 2, proto)
    t.conns(templates=not expire)


@case("template and a full server", fam=FAMILIES)
def overloaded(t):
    """The template holds, another client goes elsewhere."""
    t.service(sched="fo", flags=P, timeout=300)
    t.dest(1, weight=3, fwd="dr", upper=2)
    t.dest(2, weight=1, fwd="dr")
    turns(t, 4)
    t.flow(k=2).client("S")
    t.listing()


@case("template and a removed server", fam=FAMILIES)
def removed(t):
    """The client goes to another server; and when the server is back?"""
    t.service(sched="fo", flags=P, timeout=300)
    t.dest(1, weight=3, fwd="dr")
    t.dest(2, weight=1, fwd="dr")
    t.flow().client("S")
    t.del_dest(1)
    turns(t, 2)
    t.dest(1, weight=3, fwd="dr")
    turns(t, 2)
    turns(t, 1, clients=1)


@case("template's time", long=True, fam=FAMILIES, proto=("tcp", "udp"))
def template_time(t, proto):
    """It ends soon after the last flow, and the server is forgotten."""
    t.config(tcp=4, fin=4, udp=4)
    t.service(proto, sched="fo", flags=P, timeout=12)
    t.dest(1, weight=3)
    flow = t.flow(proto)
    flow.open()
    t.conns()
    t.dest(2, weight=9)
    yield 8
    t.conns(expires=False)
    yield 8
    t.listing()
    turns(t, 1, proto)


@case("a persistent service edited", fam=FAMILIES)
def edited(t):
    """Timeout, netmask, and persistence taken away and given back."""
    t.service(sched="fo", flags=P, timeout=300)
    t.dest(1, weight=3, fwd="dr")
    t.flow().client("S")
    t.dest(2, weight=9, fwd="dr")
    for flags, timeout in ((P, 100), (0, 0), (P, 200)):
        t.service(sched="fo", flags=flags, timeout=timeout,
                  cmd=ipvs.SET_SERVICE)
        turns(t, 2)
        t.conns()
    t.listing()


@case("persistence counters", fam=FAMILIES)
def counters(t):
    """Conns of a template count once each; persistent conns are listed."""
    t.service(sched="wlc", flags=P, timeout=300)
    several(t, (1, 1))
    turns(t, 6, clients=3)
    t.listing()
    yield from t.counters()


@case("two services, one client", fam=FAMILIES)
def two_services(t):
    """Templates of different services do not meet."""
    for port in (80, 81):
        t.service(port=port, sched="wlc", flags=P, timeout=300)
        several(t, (1, 1), port=port)
    for port in (80, 81, 80, 81):
        turns(t, 1, port=port)
    t.listing()


@case("scheduler with persistence", fam=FAMILIES, sched=(
    "lc", "wlc", "sh", "mh", "dh", "sed", "nq", "fo", "ovf"))
def schedulers(t, sched):
    """Each client's server, and its second flow's."""
    t.service(sched=sched, flags=P, timeout=300)
    several(t, (1, 2, 3))
    turns(t, 6, clients=3)
    turns(t, 6, clients=6)
    t.listing()
