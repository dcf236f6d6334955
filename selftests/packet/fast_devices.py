# SPDX-License-Identifier: GPL-2.0
"""Devices that stand on others, on both sides of the director:

      (wc5 --) wc  <-- veth -->  c0 -- cx   a VLAN, a macvlan or a bridge
      (ws5 --) ws  <-- veth -->  s0 -- sx
"""

import subprocess

import wire
from fastlane import (
    CLIENT, Changed, DR, SERVER, compare, fast, flows, mode, names,
    packets_of, run, run_all, same, slow, udp, unload, wires)
from ktap import check, equal, test
from scapy.layers.l2 import Ether
from wire import CIP, HOP, RIP, packet_socket

TAG = 5
UPPER = {CLIENT: ("c0", "cx", "02:00:00:00:0d:11"),
         SERVER: ("s0", "sx", "02:00:00:00:0d:12")}
KINDS = {
    "vlan": ["ip link add link {low} name {up} address {mac} type vlan id %d"
             % TAG],
    "macvlan": ["ip link add link {low} name {up} address {mac} type macvlan "
                "mode bridge"],
    "bridge": ["ip link add name {up} address {mac} type bridge",
               "ip link set {low} master {up}"]}


class Over:
    """All packets go by way of such devices."""

    def __init__(self, kind):
        self.make = []
        for side, (low, up, mac) in UPPER.items():
            self.make += [line.format(low=low, up=up, mac=mac)
                          for line in KINDS[kind]]
            self.make.append("ip link set %s addrgenmode none up" % up)
        hops = [(real, wire.SERVER_MAC, "sx", real + " dev sx")
                for real in RIP.values()]
        hops += [(hop, wire.CLIENT_MAC, "cx", "%s via %s dev cx%s" % (
            CIP[family], hop, how)) for family, hop, how in (
                (4, HOP[4], " onlink"), (6, "fe80::c1", ""))]
        for hop, mac, device, route in hops:
            self.make += ["ip neighbour replace %s lladdr %s dev %s nud "
                          "permanent" % (hop, mac, device),
                          "ip route add " + route]

    def __enter__(self):
        self.mac = dict(wires().mac)
        run_all(self.make)
        wires().mac.update({side: up[2] for side, up in UPPER.items()})

    def __exit__(self, *_):
        wires().mac.update(self.mac)
        run_all(["ip link del cx", "ip link del sx"])


class TaggedWires:
    """The wires show frames that have the tag, and only those."""
    devices = {CLIENT: "wc", SERVER: "ws"}

    def __enter__(self):
        self.socks = dict(wires().socks)
        for side, device in self.devices.items():
            for line in ("add link %s name %s5 type vlan id %d" % (
                    device, device, TAG), "set %s5 addrgenmode none arp off up"
                         % device):
                subprocess.run(["ip", "link"] + line.split(), check=True)
            wires().socks[side] = packet_socket(device + "5")

    def __exit__(self, *_):
        for side, device in self.devices.items():
            wires().socks[side].close()
            subprocess.run(["ip", "link", "del", device + "5"], check=True)
        wires().socks.update(self.socks)
        wires().flush_frames()


def some_variants(flow):
    yield {}
    yield {"data": b"x", "ttl": 2}
    yield {"tos" if flow.family == 4 else "tc": 0xb9, "data": b"d" * 1300}


def over(kind):
    """Both ways, all methods; what leaves has the upper device's address."""
    mode(1)
    with Over(kind):
        some = flows()
        compare(some, some_variants)
        for side, other in ((CLIENT, SERVER), (SERVER, CLIENT)):
            frames = fast(side, packets_of(some, side), names(some))
            equal({Ether(frame).src for frame in frames}, {UPPER[other][2]},
                  "source of what leaves towards the " + other)


@test("VLANs: the same tagged frames on either path")
def vlans():
    with TaggedWires():
        over("vlan")


@test("VLANs without offload, whose link layer header is long: the same")
def vlans_by_hand():
    devices = ("c0", "s0")
    with TaggedWires(), Changed(
            ["ethtool -K %s rxvlan off txvlan off" % name for name in devices],
            ["ethtool -K %s rxvlan on txvlan on" % name for name in devices]):
        over("vlan")


@test("macvlans: the same on either path")
def macvlans():
    over("macvlan")


@test("bridges: the same on either path")
def bridges():
    over("bridge")


@test("bridges that ask iptables: all goes the slow way, and is the same")
def bridges_with_rules():
    run("modprobe br_netfilter")
    try:
        with Over("bridge"):
            some = flows()
            for side in (CLIENT, SERVER):
                packets = packets_of(some, side)
                frames = []
                for value in (0, 1, 2):
                    mode(value)
                    frames.append([frame for _, frame in slow(
                        side, packets, "fast_path=%d" % value)])
                for left, right in zip(frames[0] * 2, frames[1] + frames[2]):
                    same("packets from the " + side, left, right)
    finally:
        mode(1)
        check(unload("br_netfilter"), "br_netfilter stays")
    some = flows(l4s=(udp,), ports=(DR,))
    fast(CLIENT, packets_of(some, CLIENT), "without br_netfilter")
