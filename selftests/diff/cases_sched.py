# SPDX-License-Identifier: GPL-2.0
"""Schedulers: to which server each new flow goes."""

import collections

import frames
import ipvs
from case import case
from lab import SERVER

FAMILIES = (4, 6)


def turns(t, count, proto="tcp", clients=1, vip=1, port=80, close=False):
    """New flows; the server of each, 0 for none, is recorded and returned."""
    out = []
    for number in range(count):
        flow = t.flow(proto, k=1 + number % clients, vip=vip, port=port)
        packet = flow.packet("S")
        t.lab.drain()
        t.lab.inject("c", packet)
        got = [f for side, f in t.lab.drain() if side == SERVER]
        out.append(got[0][5] if got else 0)
        if close and got:
            parsed = frames.Parsed(got[0][14:])
            flow.real = (parsed.dst, parsed.dport)
            t.lab.inject("c", flow.packet("R"))
            t.lab.drain()
    t.see("servers of %d flows" % count, out)
    return out


def several(t, weights, method="dr", **rest):
    """One server for each weight."""
    for i, weight in enumerate(weights, 1):
        t.dest(i, weight=weight, fwd=method, **rest)


@case("shares", smoke=True, fam=FAMILIES, sched=("rr", "wrr"),
      weights=((1, 1), (3, 1), (1, 2, 3), (5, 0, 5), (100, 50, 25, 25)))
def shares(t, sched, weights):
    """Equal over a whole turn, in whatever order."""
    t.service(sched=sched)
    several(t, weights)
    period = len([w for w in weights if w]) if sched == "rr" else {
        (1, 1): 2, (3, 1): 4, (1, 2, 3): 6, (5, 0, 5): 2,
        (100, 50, 25, 25): 8}[weights]
    for _ in range(2):
        out = []
        for _ in range(period):
            flow = t.flow()
            t.lab.inject("c", flow.packet("S"))
            out += [f[5] for side, f in t.lab.drain() if side == SERVER]
        t.see("shares", sorted(collections.Counter(out).items()))


@case("order of wrr", fam=FAMILIES)
def wrr_order(t):
    """Not in bursts."""
    t.service(sched="wrr")
    several(t, (5, 1, 1))
    with t.differs("wrr has no bursts."):
        turns(t, 14)


@case("choice by load", fam=FAMILIES, sched=("lc", "wlc", "sed", "nq"),
      weights=((1, 1), (3, 1), (1, 2, 3), (2, 0, 5), (7, 7, 7, 1)))
def by_load(t, sched, weights):
    """Each flow's server, ties included."""
    t.service(sched=sched)
    several(t, weights)
    turns(t, 16)
    t.listing()


@case("choice by load, conns closing", fam=FAMILIES,
      sched=("lc", "wlc", "sed", "nq"), proto=("tcp", "udp"))
def by_load_closing(t, sched, proto):
    """Inactive conns count less, and UDP's all."""
    t.service(proto, sched=sched)
    several(t, (2, 3, 1))
    turns(t, 8, proto, close=proto == "tcp")
    turns(t, 8, proto)
    t.edit_dest(1, weight=9, fwd="dr")
    turns(t, 6, proto)
    t.edit_dest(2, weight=0, fwd="dr")
    turns(t, 4, proto)
    t.listing()


@case("choice of fo and ovf", fam=FAMILIES, sched=("fo", "ovf"),
      weights=((1, 1), (3, 1), (1, 2, 3), (2, 0, 5), (4, 4, 1)))
def by_weight(t, sched, weights):
    """The heaviest, or the heaviest that has room."""
    t.service(sched=sched)
    several(t, weights)
    turns(t, 12)
    t.edit_dest(1, weight=6, fwd="dr")
    turns(t, 5)
    t.listing()


@case("choice by hash", fam=FAMILIES, sched=("dh", "sh", "mh"),
      flags=(0, 8, 16, 24), weights=((1, 1, 1), (1, 2, 3), (5, 0, 1)))
def by_hash(t, sched, flags, weights):
    """By client, by port, by destination; with fallback."""
    t.service(sched=sched, flags=flags)
    several(t, weights)
    turns(t, 20, clients=10)
    turns(t, 6)
    t.edit_dest(2, weight=0, fwd="dr")
    turns(t, 10, clients=10)
    t.edit_dest(2, weight=4, fwd="dr")
    t.del_dest(3)
    turns(t, 10, clients=10)


@case("hash schedulers and full servers", fam=FAMILIES, sched=("sh", "mh"),
      flags=(0, 8, 16, 24))
def hash_overload(t, sched, flags):
    """A server over its threshold: refused, or by fallback another."""
    t.service(sched=sched, flags=flags)
    several(t, (1, 1, 1), upper=3)
    turns(t, 16, clients=12)
    t.listing()


@case("hash and destination address", fam=FAMILIES, sched=("dh", "sh", "mh"))
def hash_many_vips(t, sched):
    """One mark service over several addresses."""
    t.service(mark=1, sched=sched)
    several(t, (1, 1, 1))
    for vip in range(1, 7):
        t.mark(1, vip)
        turns(t, 2, vip=vip)
        t.undo.pop()()
    t.conns()


@case("large weights", sched=("wrr", "wlc", "sed", "nq", "lc", "mh", "fo"),
      weights=((65535, 1), (2147483647, 2147483647, 1), (1000, 1000)))
def large_weights(t, sched, weights):
    """Up to the largest: who gets the first flows."""
    t.service(sched=sched)
    several(t, weights)
    if sched == "wrr":
        if weights[0] == weights[1]:
            t.see("shares", sorted(turns_quietly(t, 4))[:1])
        return
    turns(t, 8)


def turns_quietly(t, count, proto="tcp"):
    keep = t.records[:]
    out = turns(t, count, proto)
    t.records[:] = keep
    return out


@case("sh with a weight above 256")
def sh_heavy(t):
    """The other server is not starved."""
    t.service(sched="sh")
    several(t, (1000, 100))
    with t.differs("Weights above 256 do not starve"):
        turns(t, 40, clients=40)


@case("scheduler changed under conns", fam=FAMILIES,
      path=(("rr", "wlc"), ("sh", "lc"), ("none", "wlc"), ("wlc", "none"),
            ("mh", "dh"), ("dh", "mh"), ("fo", "nq")))
def change(t, path):
    """From the edit on the new one decides, with the loads that are there."""
    t.service(sched=path[0])
    several(t, (1, 2, 3))
    if path[0] == "rr":
        turns_quietly(t, 6)
    else:
        turns(t, 6)
    t.service(sched=path[1], cmd=ipvs.SET_SERVICE)
    if path[0] != "rr":
        turns(t, 8)
        t.listing()


@case("one server, every scheduler", fam=FAMILIES, sched=(
    "rr", "wrr", "lc", "wlc", "dh", "sh", "mh", "sed", "nq", "fo", "ovf"))
def one_server(t, sched):
    """Taken, at weight 0 not, at weight 1 again, full not."""
    t.service(sched=sched)
    t.dest(1, weight=3, fwd="dr")
    turns(t, 2)
    t.edit_dest(1, weight=0, fwd="dr")
    turns(t, 2)
    t.edit_dest(1, weight=1, fwd="dr")
    turns(t, 1)
    t.edit_dest(1, weight=1, fwd="dr", upper=1)
    turns(t, 1)
    t.listing()


@case("servers come and go", fam=FAMILIES, sched=(
    "lc", "wlc", "dh", "sh", "mh", "sed", "nq", "fo", "ovf"))
def come_and_go(t, sched):
    """The list's order decides ties and hashes."""
    t.service(sched=sched)
    several(t, (1, 1, 1))
    turns(t, 4, clients=4)
    t.del_dest(2)
    turns(t, 4, clients=4)
    t.dest(4, weight=2, fwd="dr")
    turns(t, 4, clients=4)
    t.dest(2, weight=1, fwd="dr")
    turns(t, 6, clients=6)
    t.listing()


@case("choice by locality", fam=FAMILIES,
      sched=("lblc", "lblcr"))
def locality(t, sched):
    """One server for each destination, until it is overloaded."""
    t.service(mark=1, sched=sched)
    several(t, (1, 2, 3))
    for vip in (1, 2, 3, 1, 2, 3):
        t.mark(1, vip)
        turns(t, 3, vip=vip)
        t.undo.pop()()
    t.listing()


@case("locality and a full server", fam=FAMILIES, sched=("lblc", "lblcr"))
def locality_full(t, sched):
    """An address whose server has reached its threshold."""
    t.service(mark=1, sched=sched)
    several(t, (5, 5), upper=2)
    t.mark(1, 1)
    turns(t, 2)
    if sched == "lblc":
        with t.differs("lblc and lblcr heed thresholds"):
            turns(t, 1)
    else:
        turns(t, 1)


@case("locality and load", fam=FAMILIES, sched=("lblc", "lblcr"),
      weights=((1, 4), (2, 9, 1), (0, 3), (3, 0)))
def locality_load(t, sched, weights):
    """An address leaves a server that has more conns than weight while
    another has room; servers that are edited, removed, and back."""
    t.service(mark=1, sched=sched)
    several(t, weights)
    for vip in (1, 2):
        t.mark(1, vip)
        turns(t, 8, vip=vip)
        t.edit_dest(1, weight=6, fwd="dr")
        turns(t, 4, vip=vip)
        t.del_dest(1)
        turns(t, 2, vip=vip)
        t.dest(1, weight=2, fwd="dr")
        turns(t, 4, vip=vip)
        t.undo.pop()()
    t.service(mark=1, sched="wlc", cmd=ipvs.SET_SERVICE)
    t.service(mark=1, sched=sched, cmd=ipvs.SET_SERVICE)
    t.mark(1, 1)
    turns(t, 3)
    t.listing()


@case("one server by locality", fam=FAMILIES, sched=("lblc", "lblcr"))
def locality_one(t, sched):
    """By address, and with persistence; none that can be taken."""
    t.service(sched=sched)
    t.dest(1, fwd="dr")
    turns(t, 3)
    t.edit_dest(1, weight=0, fwd="dr")
    turns(t, 2)
    t.service(port=81, sched=sched, flags=ipvs.F_PERSISTENT, timeout=100)
    several(t, (1, 1))
    turns(t, 4, port=81, clients=2)
    t.listing()
