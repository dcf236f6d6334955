# SPDX-License-Identifier: GPL-2.0
"""What the director counts of a packet is the same on either path: in /proc/net/snmp,
netstat and snmp6, for each device in dev_snmp6 and dev, and by lvs."""

import offload
import wire
from fast_offload import of_segments
from fastlane import (
    Changed, flows, mode, plain_frame, taken, tcp, through, wires)
from ktap import busywait, check, test

DEVICES = ("c0", "s0", "lo")


def pairs(text):
    """A line of names, and one of numbers."""
    lines = [line.split() for line in text.splitlines()]
    return {head[0] + name: int(value)
            for head, row in zip(lines[::2], lines[1::2])
            for name, value in zip(head[1:], row[1:])}


def names_first(text):
    return {line.split()[0]: int(line.split()[1])
            for line in text.splitlines()}


def by_device(text):
    return {"%s %d" % (line.split()[0], number): int(value)
            for line in text.splitlines()[2:]
            for number, value in enumerate(line.split()[1:])}


def by_lvs(text):
    return {"column %d" % number: int(value, 16) for number, value in
            enumerate(text.splitlines()[2].split())}


FILES = {"snmp": pairs, "netstat": pairs, "snmp6": names_first,
         "dev": by_device, "lvs_drops": names_first, "ip_vs_stats": by_lvs}
FILES.update({"dev_snmp6/" + device: names_first for device in DEVICES})


def counters():
    wire.enter(wires().director)
    try:
        return {(name, key): value for name, read in FILES.items()
                for key, value in read(wire.read_proc(name)).items()}
    finally:
        wire.enter(wires().wire)


def grown(side, frames, value):
    """What counters grow by when these frames are forwarded."""
    mode(value)
    before, fast = counters(), taken()
    through(side, frames, "fast_path=%d" % value)
    after = counters()
    return taken() - fast, {key: after[key] - before[key] for key in after
                            if after[key] != before[key]}


def different(left, right):
    return ", ".join("%s %s: %d and %d" % (*key, left.get(key, 0),
                                           right.get(key, 0))
                     for key in sorted(set(left) | set(right))
                     if left.get(key) != right.get(key))


def count_alike(what, side, frames):
    """The fast path takes all, and counts as the slow path. Once in a while
    somebody else's packet comes in between."""
    last = []

    def attempt():
        _, on_slow = grown(side, frames, 0)
        fast, on_fast = grown(side, frames, 1)
        last[:] = [fast, different(on_slow, on_fast)]
        check(len(on_slow) > 5, "%s: counted: %r" % (what, on_slow))
        return last == [len(frames), ""]
    check(busywait(5, attempt), "%s: %d of %d on the fast path; %s" % (
        what, last[0], len(frames), last[1]))
    mode(1)


def variants(flow):
    for value in (0, 1, 2, 3, 0xb8):
        yield {"tos" if flow.family == 4 else "tc": value}
    yield {"data": b"long" * 300}


def all_alike():
    for flow in flows():
        for side in flow.sides():
            count_alike("%s from the %s" % (flow.name, side), side, [
                plain_frame(side, flow, fields) for fields in variants(flow)])


@test("counters of the IP layers, devices and lvs are those of the slow path")
def alike():
    mode(1)
    all_alike()


RULES = ("nft 'table inet t { chain i { type filter hook input priority 0; }; "
         "chain f { type filter hook forward priority 0; }; }'")


@test("behind rules, too, counters are those of the slow path")
def alike_behind_rules():
    mode(1)
    with Changed([RULES], ["nft delete table inet t"]):
        all_alike()


@test("TCP in one piece is counted as on the slow path")
def alike_whole():
    mode(1)
    some = flows(l4s=(tcp,))
    with offload.WholeWires():
        for flow in some:
            for side in flow.sides():
                count_alike("%s from the %s" % (flow.name, side), side, [
                    of_segments()(side, flow, {"data": b"long" * 1000})] * 3)
