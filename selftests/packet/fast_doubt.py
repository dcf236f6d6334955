# SPDX-License-Identifier: GPL-2.0
"""When the fast path has to stand back, and that it does."""

import ipvs
import wire
from fastlane import (
    CLIENT, Changed, DR, Flow, NAT, SERVER, TUN, TUN_OTHER, establish, fast,
    flows, from_device, mode, names, packets_of, run, run_all, slow, state,
    taken, tcp, through, udp, unload, volley, wires)
from ktap import busywait, check, equal, test
from scapy.layers.inet import IPOption_NOP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, PadN
from scapy.layers.l2 import Ether
from wire import CIP, RIP, VIP, ip

OTHER_MAC = "02:00:00:00:00:99"
REQUEST_HOOKS = ("prerouting", "input", "output", "postrouting")
REPLY_HOOKS = ("prerouting", "forward", "postrouting")
# chains that packets have passed when they are met once more, and where
BEHIND = {CLIENT: {"prerouting": "LOCAL_IN", "input": "LOCAL_IN"},
          SERVER: {"prerouting": "FORWARD", "forward": "FORWARD"}}


def with_options(flow):
    """A request that carries IP options, or an extension header."""
    l4 = udp(flow.sport, flow.port)
    if flow.family == 4:
        return ip(4, CIP[4], VIP[4], options=[IPOption_NOP()] * 4) / l4
    return ip(6, CIP[6], VIP[6]) / IPv6ExtHdrDestOpt(
        options=[PadN(optdata=b"\0\0\0\0")]) / l4


@test("what is not plain goes the slow way: options, last hop, SYN, FIN, RST")
def not_plain():
    mode(1)
    some = flows((4, 6), (udp,), (DR, NAT))
    fast(CLIENT, packets_of(some, CLIENT), names(some))
    slow(CLIENT, [with_options(flow) for flow in some], "options")
    slow(CLIENT, packets_of(some, CLIENT, ttl=1), "last hop")
    for flags in ("S", "SA", "FA", "R", "RA", ""):
        some = flows(l4s=(tcp,), ports=(DR,))
        fast(CLIENT, packets_of(some, CLIENT), names(some))
        slow(CLIENT, packets_of(some, CLIENT, flags=flags), "flags " + flags)


@test("after a FIN the conn is closing: its packets go the slow way")
def closing():
    mode(1)
    some = flows(l4s=(tcp,), ports=(DR, NAT))
    fast(CLIENT, packets_of(some, CLIENT), names(some))
    slow(CLIENT, packets_of(some, CLIENT, flags="FA"), "FIN")
    slow(CLIENT, packets_of(some, CLIENT), "after FIN")


@test("what does not fit is answered by the slow path")
def too_big():
    mode(1)
    some = flows(l4s=(udp,), ports=(DR, NAT, TUN))
    wide = ["ip route change default via %s dev c0" % hop
            for hop in wire.HOP.values()]
    narrow = [route + " mtu lock 1400" for route in wide]
    for side, do, undo in (
            (CLIENT, ["ip link set s0 mtu 1400"], ["ip link set s0 mtu 1500"]),
            (SERVER, narrow, wide)):
        packets = packets_of(some, side, data=b"x" * 1400)
        fast(side, packets, names(some))
        with Changed(do, undo):
            got = slow(side, packets, "over MTU")
            equal({where for where, _ in got}, {side}, "where answers go")
        fast(side, packets, names(some))


CHAIN = "table %s t { chain c { type filter hook %s priority 0; %s; }; }"


def table(family, hook, rule):
    """A chain of one family, or of both with 0."""
    kind = {0: "inet", 4: "ip", 6: "ip6"}[family]
    return Changed(["nft '%s'" % CHAIN % (kind, hook, rule)],
                   ["nft delete table %s t" % kind])


def told(side, how):
    """What /proc/net/lvs_fast_path says of packets from one side begins like
    this, for both families."""
    kind = "requests" if side == CLIENT else "replies"
    for family in (4, 6):
        said = state()["%s_ipv%d" % (kind, family)]
        check(said.startswith(how), "%s, IPv%d: %r, not %r" % (
            kind, family, said, how))


def rules(some, side, hook):
    """A chain that lets all pass, and one that drops. The packets may be taken
    behind a chain on the way in, never before one on the way out."""
    packets = packets_of(some, side)
    what = "%s, a chain in %s" % (names(some), hook)
    fast(side, packets, what)
    with table(0, hook, "policy accept"):
        if hook in BEHIND[side]:
            told(side, "on from %s: " % BEHIND[side][hook])
            fast(side, packets, what)
        else:
            told(side, "off: ")
            slow(side, packets, what)
        check("nft_do_chain" in state()["requests_ipv4" if side == CLIENT
                                        else "replies_ipv4"], "no name told")
        mode(2)
        told(side, "on")
        fast(side, packets, what)
        mode(1)
        run("nft 'delete table inet t; %s'" % CHAIN % (
            "inet", hook, "policy drop"))
        slow(side, packets, what, 0)
    fast(side, packets, what)


@test("a rule in any chain stops an established flow's requests at once")
def rules_requests():
    mode(1)
    some = flows(ports=(DR, NAT, TUN))
    for hook in REQUEST_HOOKS:
        rules(some, CLIENT, hook)


@test("a rule in any chain stops an established flow's replies at once")
def rules_replies():
    mode(1)
    some = flows(ports=(NAT,))
    for hook in REPLY_HOOKS:
        rules(some, SERVER, hook)


@test("a tunnel stands back for rules on its outer packets")
def rules_outer():
    mode(1)
    for flow in flows(l4s=(udp,), ports=(TUN_OTHER,)):
        packet = [flow.request()]
        for hook in ("output", "postrouting"):
            fast(CLIENT, packet, flow.name)
            with table(10 - flow.family, hook, "policy drop"):
                slow(CLIENT, packet, flow.name, 0)
        fast(CLIENT, packet, flow.name)


@test("a chain that is not passed does not matter")
def rules_elsewhere():
    mode(1)
    flow, = establish([Flow(4, udp, NAT)])
    request, reply = [flow.request()], [flow.reply()]
    with table(4, "output", "policy accept"):
        slow(CLIENT, request, "output")
        fast(SERVER, reply, "output")
        equal(state()["replies_ipv4"], "on", "replies")
    with table(4, "input", "policy accept"):
        equal(state()["replies_ipv4"], "on", "replies")
    with table(4, "forward", "policy drop"):
        fast(CLIENT, request, "forward")
        equal(state()["requests_ipv4"], "on", "requests")
        slow(SERVER, reply, "forward", 0)
    with table(6, "forward", "policy drop"):
        fast(CLIENT, request, "the other family")
        fast(SERVER, reply, "the other family")


CT_INPUT = ("nft 'table inet t { chain c { type filter hook input priority 0; "
            "policy drop; ct state invalid drop; meta l4proto icmpv6 accept; "
            "%s accept; }; }'")
CT_NAT = ("nft 'table %s n { chain d { type nat hook prerouting priority -100; }"
          "; chain s { type nat hook postrouting priority 100; "
          "meta mark 7 masquerade; }; }'")


@test("with connection tracking packets are taken behind it, tunnels are not")
def conntrack():
    mode(1)
    some = flows(ports=(DR, NAT))
    tunnels = flows(l4s=(udp,), ports=(TUN, TUN_OTHER))
    def both_ways():
        for side in (CLIENT, SERVER):
            fast(side, packets_of(some, side), names(some))
        told(CLIENT, "on from LOCAL_IN: ")
        told(SERVER, "on from FORWARD: ")
        slow(CLIENT, packets_of(tunnels, CLIENT), names(tunnels))
    with Changed([CT_INPUT % "ct state new,established"],
                 ["nft delete table inet t"]):
        both_ways()
        with Changed([CT_NAT % "ip", CT_NAT % "ip6"],
                     ["nft delete table ip n", "nft delete table ip6 n"]):
            both_ways()
        run_all(["nft flush chain inet t c"])
        slow(CLIENT, packets_of(some, CLIENT), "chain that drops", 0)
    for side in (CLIENT, SERVER):
        fast(side, packets_of(some, side), "after")
    told(CLIENT, "on")
    told(SERVER, "on")


def without_conntrack():
    """Unload connection tracking; true if it is gone."""
    return unload("nf_conntrack")


@test("what is known of a module's hooks is forgotten with the module")
def module_gone():
    mode(1)
    some = flows((4,), ports=(DR,))
    packets = packets_of(some, CLIENT)
    with open("/proc/modules", encoding="ascii") as modules:
        built_in = "nf_tables " not in modules.read()
    for _ in range(2):
        with Changed([CT_INPUT % "ct state new"], ["nft delete table inet t"]):
            fast(CLIENT, packets, names(some))
            told(CLIENT, "on from LOCAL_IN: ")
        if built_in:
            break
        check(busywait(60, without_conntrack), "nf_conntrack stays")
        fast(CLIENT, packets, names(some))


@test("rules on the way out are asked about untracked packets")
def untracked_out():
    mode(1)
    some = flows((4,), (udp,), ports=(DR, NAT))
    packets = packets_of(some, CLIENT)
    with Changed([CT_INPUT % "ct state new"], ["nft delete table inet t"]):
        for hook in ("output", "postrouting"):
            fast(CLIENT, packets, names(some))
            with Changed(["nft 'table ip o { chain c { type filter hook %s "
                          "priority 0; ct state untracked drop; }; }'" % hook],
                         ["nft delete table ip o"]):
                told4 = state()["requests_ipv4"]
                check(told4.startswith("off: "), told4)
                slow(CLIENT, packets, names(some), 0)
        fast(CLIENT, packets, names(some))


def macs_of(frames):
    """The link layer addresses that frames go to."""
    return {Ether(frame).dst for frame in frames}


@test("a server's or client's new link layer address is used at once")
def new_neighbour():
    mode(1)
    some = flows(l4s=(udp,), ports=(DR, NAT, TUN))
    for side, addresses, device, mac in (
            (CLIENT, RIP, "s0", wire.SERVER_MAC),
            (SERVER, wire.HOP, "c0", wire.CLIENT_MAC)):
        entries = ["ip neighbour replace %s dev %s nud permanent lladdr " % (
            address, device) for address in addresses.values()]
        packets = packets_of(some, side)
        fast(side, packets, names(some))
        with Changed([entry + OTHER_MAC for entry in entries],
                     [entry + mac for entry in entries]):
            equal(macs_of(fast(side, packets, names(some))), {OTHER_MAC},
                  "where packets from the " + side + " go")


@test("a server whose link layer address is lost is asked for by the slow path")
def lost_neighbour():
    mode(1)
    some = flows(l4s=(udp,), ports=(DR, NAT))
    packets = packets_of(some, CLIENT)
    fast(CLIENT, packets, names(some))
    with Changed(["ip neighbour del %s dev s0" % real for real in RIP.values()],
                 ["ip neighbour replace %s lladdr %s dev s0 nud permanent"
                  % (real, wire.SERVER_MAC) for real in RIP.values()]):
        slow(CLIENT, packets, names(some), 0)
    wires().collect(len(packets), 0.5)     # what waited for the address
    fast(CLIENT, packets, names(some))


@test("a stale address is good for the packet, and is probed")
def stale_neighbour():
    mode(1)
    for flow in flows(l4s=(udp,), ports=(DR,)):
        real = RIP[flow.family]
        entry = "ip neighbour replace %s lladdr %s dev s0 nud " % (
            real, wire.SERVER_MAC)
        with Changed([entry + "stale"], [entry + "permanent"]):
            fast(CLIENT, [flow.request()], flow.name)
            shown = run("ip neighbour show %s dev s0" % real)
            check("DELAY" in shown or "PROBE" in shown, "it is " + shown)


def detour(family, address, gateway, device):
    """A route of its own for an address, over another gateway."""
    bits = 32 if family == 4 else 128
    return Changed(
        ["ip neighbour replace %s lladdr %s dev %s nud permanent"
         % (gateway, OTHER_MAC, device),
         "ip route add %s/%d via %s" % (address, bits, gateway)],
        ["ip route del %s/%d" % (address, bits),
         "ip neighbour del %s dev %s" % (gateway, device)])


def follow(side, port, addresses, gateways, device, mac):
    """The next packet takes the new route, and the next after its end the
    old one; and both get fast."""
    for family in (4, 6):
        some = flows((family,), (udp,), port)
        packets = packets_of(some, side)
        fast(side, packets, names(some))
        with detour(family, addresses[family], gateways[family], device):
            for _ in range(3):
                equal(macs_of(through(side, packets, names(some))),
                      {OTHER_MAC}, names(some) + ": new route")
            fast(side, packets, names(some))
        equal(macs_of(through(side, packets, names(some))), {mac},
              names(some) + ": old route")
        fast(side, packets, names(some))


@test("a changed route to a server is followed by the next packet")
def new_route():
    mode(1)
    follow(CLIENT, (DR, NAT, TUN), RIP,
           {4: "192.0.2.77", 6: "2001:db8:1::77"}, "s0", wire.SERVER_MAC)


@test("a changed route to a client is followed by the next reply")
def new_route_back():
    mode(1)
    follow(SERVER, (NAT,), CIP,
           {4: "198.51.100.77", 6: "2001:db8:c::77"}, "c0", wire.CLIENT_MAC)


@test("a VIP that is taken away is balanced no more, and again when it is back")
def lost_vip():
    mode(1)
    for family in (4, 6):
        some = flows((family,), (udp,), (DR, NAT))
        packets = packets_of(some, CLIENT)
        vip = "%s/%d dev lo" % (VIP[family], 32 if family == 4 else 128)
        back = vip + (" nodad preferred_lft 0" if family == 6 else "")
        nowhere = "unreachable " + VIP[family]
        fast(CLIENT, packets, names(some))
        with Changed(["ip address del " + vip,
                      "ip route add " + nowhere],
                     ["ip route del " + nowhere,
                      "ip address add " + back]):
            before = taken()
            volley(CLIENT, packets, 0, 0.15)
            equal(taken(), before, "packets for a lost VIP on the fast path")
        fast(CLIENT, packets, names(some))


@test("requests from another device are looked at anew")
def other_device():
    mode(1)
    for flow in flows(l4s=(udp,), ports=(DR,)):
        fast(CLIENT, [flow.request()], flow.name)
        before = taken()
        equal(len(volley(SERVER, [flow.request()], 1)), 1, "frames")
        equal(taken(), before, flow.name + ": from the other side")


@test("without forwarding no reply is forwarded")
def no_forwarding():
    mode(1)
    some = flows(l4s=(udp,), ports=(NAT,))
    replies = packets_of(some, SERVER)
    knobs = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
    fast(SERVER, replies, names(some))
    for knob in knobs:
        wires().sysctl(knob, 0)
    try:
        slow(SERVER, replies, names(some), 0)
    finally:
        for knob in knobs:
            wires().sysctl(knob, 1)


@test("IPsec policies send replies the slow way")
def ipsec_policies():
    mode(1)
    some = flows(l4s=(udp,), ports=(NAT,))
    replies = packets_of(some, SERVER)
    for direction in ("fwd", "out"):
        fast(SERVER, replies, names(some))
        with Changed(["ip xfrm policy add src %s dst %s dir %s"
                      % (CIP[family], CIP[family], direction)
                      for family in (4, 6)], ["ip xfrm policy flush"]):
            slow(SERVER, replies, names(some))
            slow(SERVER, replies, names(some))


@test("a removed server's flows are not forwarded")
def removed_server():
    mode(1)
    some = flows(l4s=(tcp,), ports=(DR,))
    packets = packets_of(some, CLIENT)
    fast(CLIENT, packets, names(some))
    for family in (4, 6):
        key = ipvs.svc_key(VIP[family], DR, ipvs.TCP)
        wires().ipvs.do(ipvs.DEL_DEST, ipvs.service(key), ipvs.dest(
            ipvs.dst_key(RIP[family], DR)))
    before = wires().drops()["dest_gone"]
    slow(CLIENT, packets, names(some), 0)
    equal(wires().drops()["dest_gone"] - before, len(packets), "dest_gone")
    wires().configure()


@test("a device that goes down and up: flows go on, the fast way in the end")
def device_down():
    mode(1)
    flow, = establish([Flow(4, udp, NAT)])
    fast(CLIENT, [flow.request()], flow.name)
    fast(SERVER, [flow.reply()], flow.name)
    run("ip link set s0 down")
    got = volley(CLIENT, [flow.request()], 0, 0.15)
    check(SERVER not in [side for side, _ in got], "sent on a dead device")
    run_all(["ip link set s0 up"] +
            ["ip neighbour replace %s lladdr %s dev s0 nud permanent"
             % (real, wire.SERVER_MAC) for real in RIP.values()] +
            ["ip address replace 2001:db8:1::2/64 dev s0 nodad"])
    fast(CLIENT, [flow.request()], flow.name)
    fast(SERVER, [flow.reply()], flow.name)


@test("a device with a very high index is like any other")
def high_index():
    mode(1)
    mac = "02:00:00:00:0d:03"
    with Changed(["ip link add h0 index 70000 type veth peer name h1",
                  "ip link set h0 address %s up" % mac,
                  "ip link set h1 arp off up"], ["ip link del h0"]):
        packet = [Flow(4, udp, DR).request()]
        check(busywait(5, lambda: from_device("h1", mac, packet)[0]),
              "not fast")
        with Changed(["ip address add 192.0.2.200/32 dev lo"],
                     ["ip address del 192.0.2.200/32 dev lo"]):
            equal(from_device("h1", mac, packet)[0], 0,
                  "fast ones after local routes changed")
