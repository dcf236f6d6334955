# SPDX-License-Identifier: GPL-2.0
"""What leaves marks, and comes last: a namespace that has had routes by type of
service, or rules of IPv4, is not trusted any more."""

import wire
from fastlane import (
    CLIENT, Changed, METHODS, NAT, SERVER, fast, flows, from_device, mode,
    same, slow, state, udp)
from ktap import check, equal, test
from wire import CIP


@test("with routes by type of service replies go the slow way")
def tos_routes():
    mode(1)
    four, six = flows((4,), (udp,), (NAT,)) + flows((6,), (udp,), (NAT,))
    route = "%s/32 tos 0x10 via %s" % (CIP[4], wire.HOP[4])
    fast(SERVER, [four.reply()], four.name)
    with Changed(["ip route add " + route], ["ip route del " + route]):
        for _ in range(3):
            slow(SERVER, [four.reply()], four.name)
        fast(CLIENT, [four.request()], four.name)
        fast(SERVER, [six.reply()], six.name)
    check("type of service" in state()["replies_ipv4"], "no reason given")


@test("with routing rules of its own a namespace sends replies the slow way")
def rules_of_routing():
    mode(1)
    for flow in flows(l4s=(udp,), ports=(NAT,)):
        family = flow.family
        if family == 6:
            fast(SERVER, [flow.reply()], flow.name)
        with Changed(["ip -%d rule add pref 100 from all lookup main" % family],
                     ["ip -%d rule del pref 100" % family]):
            for _ in range(2):
                slow(SERVER, [flow.reply()], flow.name)
            check("rules" in state()["replies_ipv%d" % family],
                  "no reason given")
            fast(CLIENT, [flow.request()], flow.name)


@test("in a VRF all goes the slow way, and is the same")
def vrf():
    mode(1)
    mac = "02:00:00:00:0d:04"
    with Changed(["ip link add v0 type vrf table 77", "ip link set v0 up",
                  "ip link add v1 type veth peer name v2",
                  "ip link set v1 address %s master v0 up" % mac,
                  "ip link set v2 arp off up"],
                 ["ip link del v1", "ip link del v0"]):
        some = flows(ports=METHODS)
        packets = [flow.request() for flow in some]
        mode(0)
        _, frames = from_device("v2", mac, packets)
        for value in (1, 2):
            mode(value)
            for _ in range(2):
                count, again = from_device("v2", mac, packets)
                equal(count, 0, "packets of a VRF on the fast path")
                for flow, left, right in zip(some, frames, again):
                    same(flow.name, left, right)
        mode(1)
