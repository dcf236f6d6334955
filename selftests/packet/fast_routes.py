# SPDX-License-Identifier: GPL-2.0
"""What the fast path remembers is forgotten in time: ways to servers and clients
that change under established flows."""

import itertools
import socket
import subprocess

import ipvs
import wire
from fast_doubt import OTHER_MAC, macs_of
from fastlane import (
    CLIENT, Changed, DR, NAT, SERVER, TUN, TUN_OTHER, compare, fast, flows,
    mode, names, packets_of, run, run_all, slow, taken, tcp, through, udp,
    volley, wires)
from ktap import busywait, check, equal, test
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr
from scapy.layers.l2 import ARP, Ether
from tunnel_errors import BIG, PATH_MTU, error_about, forget
from wire import CIP, DIP, DIRECTOR_MAC, IPv6, RIP, VIP

THIRD_MAC = "02:00:00:00:00:9a"
# where packets from a side go to, by which device and to whom, and two others
# there that they may go to instead
AHEAD = {CLIENT: (RIP, "s0", wire.SERVER_MAC, (DR, NAT, TUN)),
         SERVER: (CIP, "c0", wire.CLIENT_MAC, (NAT,))}
OTHERS = {(CLIENT, 4): ("192.0.2.77", "192.0.2.78"),
          (CLIENT, 6): ("2001:db8:1::77", "2001:db8:1::78"),
          (SERVER, 4): ("198.51.100.77", "198.51.100.78"),
          (SERVER, 6): ("2001:db8:c::77", "2001:db8:c::78")}


def known(side, family):
    """The two others have link layer addresses."""
    device = AHEAD[side][1]
    return Changed(
        ["ip neighbour replace %s dev %s nud permanent lladdr %s" % (
            hop, device, mac) for hop, mac in zip(OTHERS[side, family],
                                                  (OTHER_MAC, THIRD_MAC))],
        ["ip neighbour del %s dev %s" % (hop, device)
         for hop in OTHERS[side, family]])


def goes_to(side, packets, mac, what):
    """From the next packet on, and in the end on the fast path."""
    for _ in range(3):
        equal(macs_of(through(side, packets, what)), {mac}, what)
    equal(macs_of(fast(side, packets, what)), {mac}, what)


def each_way(count=1):
    """(side, family, packets, what) of established flows whose packets are on the
    fast path; of each kind so many."""
    for (side, (_, _, mac, ports)), family in itertools.product(
            AHEAD.items(), (4, 6)):
        some = flows((family,), (udp,), ports * count)
        packets = packets_of(some, side)
        fast(side, packets, names(some))
        yield side, family, packets, "IPv%d from the %s" % (family, side)
        goes_to(side, packets, mac, names(some) + " in the end")


@test("a nexthop object that is replaced is followed by the next packet")
def nexthop_replaced():
    mode(1)
    for side, family, packets, what in each_way():
        addresses, device, _, _ = AHEAD[side]
        first, second = ("ip nexthop replace id 7 via %s dev %s" % (
            hop, device) for hop in OTHERS[side, family])
        with known(side, family), Changed(
                [first, "ip route add %s nhid 7" % addresses[family]],
                ["ip nexthop del id 7"]):
            goes_to(side, packets, OTHER_MAC, what + ", first")
            run(second)
            goes_to(side, packets, THIRD_MAC, what + ", replaced")


POLICIES = ("net.ipv4.fib_multipath_hash_policy",
            "net.ipv6.fib_multipath_hash_policy")


@test("of several ways a flow has the same on either path, until that goes")
def several_ways():
    mode(1)
    for knob in POLICIES:
        wires().sysctl(knob, 1)         # by ports, too
    for side, family, packets, what in each_way(12):
        addresses, device, _, _ = AHEAD[side]
        hops = ["via %s dev %s" % (hop, device)
                for hop in OTHERS[side, family]]
        change = "ip route replace %s " % addresses[family]
        both = change + " ".join("nexthop " + hop for hop in hops)
        with known(side, family), Changed([both], [
                "ip route del " + addresses[family]]):
            on_fast = [Ether(frame).dst for frame in fast(side, packets, what)]
            mode(0)
            on_slow = [Ether(frame).dst
                       for _, frame in slow(side, packets, what)]
            mode(1)
            equal(on_fast, on_slow, what + ": ways")
            check(set(on_fast) <= {OTHER_MAC, THIRD_MAC}, what + ": ways")
            if side == SERVER:
                equal(len(set(on_fast)), 2, what + ": ways in use")
            for hop, mac in zip(hops, (OTHER_MAC, THIRD_MAC)):
                run(change + hop)
                goes_to(side, packets, mac, what + ": one is left")
                run(both)
                fast(side, packets, what)
    for knob in POLICIES:
        wires().sysctl(knob, 0)


def wire_is(how):
    """Set the servers' wire up or down, which the director sees as its carrier."""
    subprocess.run(["ip", "link", "set", "ws", how], check=True)
    # the socket says once that its device went down
    wires().socks[SERVER].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class Backup:
    """Routes to servers by the clients' side for when there is no carrier."""
    knobs = ["net.ipv%d.conf.s0.ignore_routes_with_linkdown" % family
             for family in (4, 6)]

    def __init__(self):
        routes = [line for family, real in RIP.items() for line in (
            "%s dev s0 metric 10" % real,
            "%s via %s metric 20" % (real, OTHERS[SERVER, family][0]))]
        self.changes = [
            known(SERVER, 4), known(SERVER, 6),
            Changed(["ip route add " + route for route in routes],
                    ["ip route del " + route for route in routes])]

    def __enter__(self):
        for knob in self.knobs:
            wires().sysctl(knob, 1)
        for change in self.changes:
            change.__enter__()

    def __exit__(self, *_):
        for change in reversed(self.changes):
            change.__exit__()
        for knob in self.knobs:
            wires().sysctl(knob, 0)


def ways(packets):
    """Where a client's packets come out, and to whom they go."""
    return [(side, Ether(frame).dst)
            for side, frame in volley(CLIENT, packets, len(packets), 0.3)]


# The kernel leaves IPv6 routes valid, so it has none of the slow path's go
# another way either.
@test("without a carrier packets go the way that they go on the slow path")
def no_carrier():
    mode(1)
    some = flows(l4s=(udp,), ports=(DR, NAT, TUN))
    four, six = (packets_of([flow for flow in some if flow.family == family],
                            CLIENT) for family in (4, 6))
    away, home = ([where] * len(four) for where in (
        (CLIENT, OTHER_MAC), (SERVER, wire.SERVER_MAC)))
    with Backup():
        goes_to(CLIENT, four + six, wire.SERVER_MAC, "with a carrier")
        wire_is("down")
        try:
            check(busywait(5, lambda: ways(four) == away), "no other way")
            before = taken()
            equal(ways(four), away, "the other way")
            equal(taken() - before, len(four), "on the fast path")
            on_fast = ways(six)
            mode(0)
            equal(ways(six), on_fast, "IPv6 on the slow path, and the fast one")
            equal(ways(four), away, "the other way on the slow path")
            mode(1)
        finally:
            wire_is("up")
        check(busywait(5, lambda: ways(four) == home == ways(six)),
              "with a carrier again packets go another way")
        goes_to(CLIENT, four + six, wire.SERVER_MAC, "in the end")


def answer(family, mac):
    """The server tells its link layer address."""
    to = DIRECTOR_MAC[SERVER]
    frame = Ether(src=mac, dst=to)
    if family == 4:
        return bytes(frame / ARP(op=2, hwsrc=mac, psrc=RIP[4], hwdst=to,
                                 pdst=DIP[4]))
    return bytes(frame / IPv6(src=RIP[6], dst=DIP[6], hlim=255) / ICMPv6ND_NA(
        R=0, S=1, O=1, tgt=RIP[6]) / ICMPv6NDOptDstLLAddr(lladdr=mac))


@test("a server that has failed or was forgotten is found at its new address")
def found_anew():
    mode(1)
    for family, real in RIP.items():
        some = flows((family,), (udp,), (DR, NAT, TUN))
        packets, entry = packets_of(some, CLIENT), real + " dev s0"
        back = "ip neighbour replace %s lladdr %s nud permanent" % (
            entry, wire.SERVER_MAC)
        for lose in ("change %s nud failed", "del %s"):
            fast(CLIENT, packets, names(some))
            with Changed(["ip neighbour " + lose % entry], [back]):
                slow(CLIENT, packets, lose, 0)
                wires().flush_frames()
                wires().send(SERVER, answer(family, THIRD_MAC))
                got = [frame for _, frame in wires().collect(len(packets))]
                equal(len(got), len(packets), lose + ": what has waited")
                equal(macs_of(got), {THIRD_MAC}, lose + ": what has waited")
                goes_to(CLIENT, packets, THIRD_MAC, lose)
            goes_to(CLIENT, packets, wire.SERVER_MAC, lose + ", and back")


@test("when a device gets another address, that is the source at once")
def own_address():
    mode(1)
    some = flows(l4s=(udp,), ports=(DR, NAT, TUN))
    for side, device, hops, mac, own in (
            (CLIENT, "s0", RIP, wire.SERVER_MAC, DIRECTOR_MAC[SERVER]),
            (SERVER, "c0", wire.HOP, wire.CLIENT_MAC, DIRECTOR_MAC[CLIENT])):
        packets = packets_of(some, side)
        fast(side, packets, names(some))
        for address in ("02:00:00:00:0d:22", own):
            run("ip link set %s address %s" % (device, address))
            # the kernel has forgotten everybody there
            slow(side, packets, address, 0)
            run_all(["ip neighbour replace %s dev %s lladdr %s nud permanent"
                     % (hop, device, mac) for hop in hops.values()])
            wires().collect(len(packets), 0.3)
            for frames in (through(side, packets, address),
                           fast(side, packets, address)):
                equal({Ether(frame).src for frame in frames}, {address},
                      "source of packets from the " + side)


def as_slow(side, packets, what):
    """What comes out must be as many and as long on either path, and none of it
    from the fast one. Returns it."""
    out = []
    for value in (1, 0):
        mode(value)
        before = taken()
        out.append([(where, len(frame)) for where, frame in
                    volley(side, packets, 0, 0.3)])
        equal(taken() - before, 0, what + ": on the fast path")
    mode(1)
    equal(out[0], out[1], what + ": frames with fast_path=1, and 0")
    return out[0]


def to_servers(out):
    return [length for where, length in out if where == SERVER]


@test("a server whose address becomes the director's gets nothing by the wire")
def server_is_local():
    mode(1)
    for family, real in RIP.items():
        some = flows((family,), (udp,), (DR, NAT, TUN))
        packets = packets_of(some, CLIENT)
        fast(CLIENT, packets, names(some))
        address = "%s/%d dev lo" % (real, 32 if family == 4 else 128)
        with Changed(["ip address add %s%s" % (
                address, "" if family == 4 else " nodad")],
                     ["ip address del " + address]):
            out = as_slow(CLIENT, packets, "a server that is local")
            equal(to_servers(out), [], "frames to the server")
        goes_to(CLIENT, packets, wire.SERVER_MAC, "a server that is not")


@test("a removed service's flows end as on the slow path, at once")
def removed_service():
    out = []
    for value in (1, 0):
        mode(1)
        some = flows(ports=(DR, NAT, TUN))
        for side in (CLIENT, SERVER):
            fast(side, packets_of(some, side), names(some))
        mode(value)
        for family, port, proto in itertools.product(
                (4, 6), (DR, NAT, TUN), (ipvs.TCP, ipvs.UDP)):
            wires().ipvs.do(ipvs.DEL_SERVICE, ipvs.service(
                ipvs.svc_key(VIP[family], port, proto)))
        before = taken()
        out.append([[(where, len(frame)) for where, frame in volley(
            side, packets_of(some, side), 0, 0.3)]
                    for side in (CLIENT, SERVER)])
        equal(taken() - before, 0, "on the fast path")
        wires().configure()
    mode(1)
    equal(out[0], out[1], "frames with fast_path=1, and 0")
    equal(to_servers(out[0][0]), [], "frames to servers")


@test("a narrower path to a server, when it is learnt, counts at once")
def narrower_path():
    mode(1)
    for family, port in itertools.product((4, 6), (TUN, TUN_OTHER)):
        other = family if port == TUN else 10 - family
        flow, = flows((family,), (udp,), (port,))
        beside = flows((other,), (udp,), (NAT,))
        big, fits = ([flow.request(data=b"x" * size)] for size in (1380, 1200))
        frame, = fast(CLIENT, big, flow.name)
        many = packets_of(beside, CLIENT, data=b"x" * 1400)
        fast(CLIENT, many, names(beside))
        try:
            got = wires().exchange(SERVER, error_about(
                other, BIG, bytes(Ether(frame).payload)))
            equal([side for side, _ in got], [CLIENT], "the router's word")
            for packets in (big, many):
                got = slow(CLIENT, packets, "over %d bytes" % PATH_MTU)
                equal({side for side, _ in got}, {CLIENT}, "where answers go")
            fast(CLIENT, fits, flow.name)
        finally:
            forget()
        fast(CLIENT, big, flow.name)
        fast(CLIENT, many, names(beside))


ESP = ("proto esp spi 0x100 mode transport auth hmac(sha1) "
       "0x000102030405060708090a0b0c0d0e0f10111213 enc ecb(cipher_null) ''")


@test("IPsec policies for servers' addresses hold for tunnels at once")
def ipsec_tunnels():
    mode(1)
    some = flows(l4s=(udp,), ports=(TUN, TUN_OTHER))
    beside = flows(l4s=(tcp, udp), ports=(DR,))
    packets = packets_of(some, CLIENT)
    policy = "ip xfrm policy add src %s dst %s dir out "
    undo = ["ip xfrm policy flush", "ip xfrm state flush"]
    fast(CLIENT, packets, names(some))
    with Changed([policy % (DIP[family], RIP[family]) + "action block"
                  for family in (4, 6)], undo):
        equal(to_servers(as_slow(CLIENT, packets, "blocked")), [],
              "frames to servers")
        compare(beside, lambda _: ({},))
    fast(CLIENT, packets, names(some))
    with Changed(["ip xfrm state add src %s dst %s " % (
            DIP[family], RIP[family]) + ESP for family in (4, 6)] +
            [policy % (DIP[family], RIP[family]) +
             "tmpl proto esp mode transport" for family in (4, 6)], undo):
        slow(CLIENT, packets, "to be encrypted")    # routes are found anew
        for _, frame in slow(CLIENT, packets, "encrypted"):
            equal(frame[23] if frame[14] >> 4 == 4 else frame[20], 50,
                  "protocol of what is to be encrypted")
        compare(beside, lambda _: ({},))
    fast(CLIENT, packets, names(some))


@test("flows with conntrack=1 go the slow way, and those after it the fast one")
def tracked_flows():
    mode(1)
    for _ in range(2):
        wires().sysctl("net.ipv4.vs.conntrack", 1)
        try:
            some = flows(ports=(DR, NAT, TUN))
            for side in (CLIENT, SERVER, CLIENT, SERVER):
                slow(side, packets_of(some, side), "conntrack=1")
        finally:
            wires().sysctl("net.ipv4.vs.conntrack", 0)
        for side in (CLIENT, SERVER):
            slow(side, packets_of(some, side), "conntrack=1 before")
        some = flows(ports=(DR, NAT, TUN))
        for side in (CLIENT, SERVER):
            fast(side, packets_of(some, side), "conntrack=0")
