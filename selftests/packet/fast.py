# SPDX-License-Identifier: GPL-2.0
"""What the fast path sends is what the slow path sends."""

import itertools

import tunnels
from fastlane import (
    CLIENT, DR, Flow, KNOB, NAT, TUN, TUN_OTHER, compare, director, establish,
    fast, flows, mode, state, taken, tcp, udp, wires)
from ktap import check, equal, test
from offload import NoOffload
from wire import CIP, REAL, RIP, ip

PAYLOAD = bytes(range(256)) * 5


def variants(flow):
    """Fields of packets that differ in all that a forwarder may get wrong."""
    yield {}
    yield {"data": b"x"}
    yield {"data": PAYLOAD}
    yield {"ttl": 2}
    yield {"ttl": 255}
    for value in (0x00, 0x01, 0x02, 0x03, 0xb8, 0xff):
        yield {"tos" if flow.family == 4 else "tc": value}
    if flow.family == 4:
        yield {"ipflags": 0}
        yield {"id": 0, "ipflags": 0}
    if flow.l4 is tcp:
        yield {"flags": "PA", "data": b"data"}
        yield {"flags": "AUEC"}
        yield {"options": [("Timestamp", (1, 2)), ("NOP", None),
                           ("NOP", None)], "data": b"more"}
    elif flow.family == 4:
        yield {"chksum": 0}
    # a checksum that is wrong stays as wrong as it was
    yield {"chksum": 0x1234}


def all_variants(port):
    mode(1)
    compare(flows(ports=(port,)), variants)


@test("DR: the same bytes as on the slow path")
def same_dr():
    all_variants(DR)


@test("NAT: the same bytes as on the slow path, both ways")
def same_nat():
    all_variants(NAT)


@test("TUN: the same bytes as on the slow path")
def same_tun():
    all_variants(TUN)


@test("TUN, outer header of the other family: the same bytes")
def same_tun_other():
    all_variants(TUN_OTHER)


@test("GUE, GRE: the same bytes as on the slow path")
def same_encap():
    mode(1)
    with NoOffload():
        compare(establish([
            Flow(family, l4, tunnels.port_of(kind, family, other))
            for kind, (family, other), l4 in itertools.product(
                tunnels.KINDS, ((4, 4), (6, 6), (4, 6)), (tcp, udp))]),
                variants)


@test("pmtu_disc=0: the same outer header")
def same_pmtu_disc():
    mode(1)
    wires().sysctl("net.ipv4.vs.pmtu_disc", 0)
    try:
        compare(flows((4,), (udp,), (TUN, TUN_OTHER)), lambda _: ({},))
    finally:
        wires().sysctl("net.ipv4.vs.pmtu_disc", 1)


@test("UDP: a checksum that becomes 0 is sent as 0xffff")
def udp_zero_sum():
    mode(1)
    for family in (4, 6):
        flow, = establish([Flow(family, udp, NAT)])
        natted = bytes(ip(family, CIP[family], RIP[family]) /
                       udp(flow.sport, REAL[NAT], data=b"\0\0"))
        # data that bring the sum of the packet after NAT to 0
        data = natted[-4:-2]
        frame, = fast(CLIENT, [flow.request(data=data)], flow.name)
        equal(frame[-4:], b"\xff\xff" + data, flow.name)


@test("packets and outcomes are counted as on the slow path")
def counted():
    mode(1)
    for flow in flows(l4s=(tcp,), ports=(DR, NAT)):
        before, drops, sent = taken(), wires().drops(), wires().sent
        for side in flow.sides():
            fast(side, [flow.packet(side)] * 5, flow.name)
        sent = wires().sent - sent
        after = wires().drops()
        check(taken() - before >= 5 * len(flow.sides()), "on the fast path")
        equal(after["forwarded"] - drops["forwarded"], sent, "forwarded")
        equal(after["packets_in"] - drops["packets_in"], sent, "in")
        equal(after["packets_in"], sum(after.values()) - after["packets_in"],
              "sum of outcomes")


@test("fast_path is 1 at first, takes 0 to 2, and tells its state")
def knob():
    equal(director().first_mode, 1, "fast_path at first")
    mode(1)
    equal(state()["requests_ipv4"], "on", "requests")
    equal(state()["replies_ipv6"], "on", "replies")
    mode(0)
    check(state()["requests_ipv6"].startswith("off"), "still on")
    for value in (-1, 3):
        try:
            wires().sysctl(KNOB, value)
        except OSError:
            continue
        check(False, "fast_path took %d" % value)
    mode(2)
    equal(state()["requests_ipv4"], "on", "requests")
    mode(1)
