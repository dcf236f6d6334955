# SPDX-License-Identifier: GPL-2.0
"""Forged ICMP errors and RSTs: what an attacker sends who sees no packet of the
flow, or who guesses its ports and not its sequence numbers. The most that may
happen is what happens with the kernel's own IPVS."""

import itertools
import time

import ipvs
from ktap import check, equal, test
from scapy.layers.inet6 import ICMPv6DestUnreach
from wire import (
    CIP, CLIENT, DR, HOP, ICMP, NAT, REAL, RIP, SERVER, VIP, enter, ip,
    read_proc, tcp, udp, wires)

FORGED_SEQ = 0xdeadbeef


def send(side, packet, count=1):
    """The sides on which it came out."""
    return [where for where, _ in wires().exchange(side, packet, count)]


def established(family, port):
    """A TCP connection of which the director has seen the handshake."""
    sport = wires().next_port()
    there = (CIP[family], VIP[family])
    send(CLIENT, ip(family, *there) / tcp(sport, port, "S"))
    if port == NAT:
        send(SERVER, ip(family, RIP[family], CIP[family]) /
             tcp(REAL[port], sport, "SA"))
    equal(send(CLIENT, ip(family, *there) / tcp(sport, port, "A")), [SERVER],
          "the end of the handshake")
    return sport


def rows(sport):
    """(state, seconds left) of the conns with this client port."""
    enter(wires().director)
    try:
        text = read_proc("ip_vs_conn")
    finally:
        enter(wires().wire)
    found = [line.split() for line in text.splitlines()]
    return [(r[7], int(r[8])) for r in found if r[2] == "%04X" % sport]


def state(sport):
    found = rows(sport)
    equal(len(found), 1, "rows of the flow")
    return found[0][0]


def unreachable(family, about, src=None):
    error = ICMP(type=3, code=3) if family == 4 else ICMPv6DestUnreach(code=4)
    return ip(family, src or HOP[family], about.src) / error / about


def total():
    enter(wires().director)
    try:
        return len(read_proc("ip_vs_conn").splitlines())
    finally:
        enter(wires().wire)


@test("ICMP errors about a port, address or protocol that has no flow go nowhere")
def wrong_quotes():
    for family, port in itertools.product((4, 6), (NAT, DR)):
        sport = established(family, port)
        before = total()
        vip, cip = VIP[family], CIP[family]
        for what, about in (
                ("client port", ip(family, vip, cip) / tcp(port, sport + 7777, "A")),
                ("virtual port", ip(family, vip, cip) / tcp(port + 50, sport, "A")),
                ("client", ip(family, vip, HOP[family]) / tcp(port, sport, "A")),
                ("protocol", ip(family, vip, cip) / udp(port, sport))):
            equal(send(CLIENT, unreachable(family, about), 0), [],
                  "IPv%d, port %d, wrong %s: came out on" % (family, port, what))
        equal(state(sport), "ESTABLISHED", "state")
        equal(total(), before, "conns")


@test("an ICMP error of the server's side about what it never got goes nowhere")
def wrong_quotes_of_server():
    for family in (4, 6):
        sport = established(family, NAT)
        for what, about in (
                ("client port", ip(family, CIP[family], RIP[family]) /
                 tcp(sport + 7777, REAL[NAT], "A")),
                ("server port", ip(family, CIP[family], RIP[family]) /
                 tcp(sport, REAL[NAT] + 50, "A"))):
            # the stack routes what is none of ours, as any router does
            got = wires().exchange(SERVER, unreachable(family, about,
                                                       RIP[family]), 0)
            check(all(bytes(about.payload)[:4] in frame for _, frame in got),
                  "IPv%d, wrong %s: translated" % (family, what))
        equal(state(sport), "ESTABLISHED", "state")


@test("an ICMP error with a wrong sequence number: passed on, changes nothing")
def wrong_sequence():
    flows = [(family, port, established(family, port))
             for family, port in itertools.product((4, 6), (NAT, DR))]
    time.sleep(1.5)
    for family, port, sport in flows:
        segment = tcp(port, sport, "A")
        segment.seq = FORGED_SEQ
        about = ip(family, VIP[family], CIP[family]) / segment
        left = rows(sport)[0][1]
        # the server knows its sequence numbers, and takes no notice
        equal(send(CLIENT, unreachable(family, about)), [SERVER], "came out on")
        now, after = rows(sport)[0]
        equal(now, "ESTABLISHED", "state")
        check(after <= left, "the error prolonged the flow: %d, %d"
              % (left, after))


@test("a RST without a flow makes none and goes nowhere")
def reset_of_nothing():
    for family, port, flags in itertools.product((4, 6), (NAT, DR),
                                                 ("R", "RA", "RS", "RF")):
        sport = wires().next_port()
        send(CLIENT, ip(family, CIP[family], VIP[family]) /
             tcp(sport, port, flags), 0)
        equal(rows(sport), [], "conns of IPv%d %s" % (family, flags))


@test("a RST with other ports or another address leaves the flow alone")
def reset_beside():
    for family, port in itertools.product((4, 6), (NAT, DR)):
        sport = established(family, port)
        for src, sp, dp in ((CIP[family], sport + 7777, port),
                            (CIP[family], sport, port + 50),
                            (HOP[family], sport, port)):
            send(CLIENT, ip(family, src, VIP[family]) / tcp(sp, dp, "R"), 0)
        equal(state(sport), "ESTABLISHED", "state")


@test("a RST within a handshake leaves it to the server to believe it")
def reset_in_handshake():
    for family in (4, 6):
        sport = wires().next_port()
        there = (CIP[family], VIP[family])
        send(CLIENT, ip(family, *there) / tcp(sport, NAT, "S"))
        equal(send(CLIENT, ip(family, *there) / tcp(sport, NAT, "R")),
              [SERVER], "the RST came out on")
        if not ipvs.is_stock():
            equal(state(sport), "SYN_RECV", "state after the RST")
        send(SERVER, ip(family, RIP[family], CIP[family]) /
             tcp(REAL[NAT], sport, "SA"))
        equal(send(CLIENT, ip(family, *there) / tcp(sport, NAT, "A")),
              [SERVER], "the client goes on")


@test("a RST with the right ports shortens the flow as with stock, no more")
def reset_guessed():
    for family, port in itertools.product((4, 6), (NAT, DR)):
        sport = established(family, port)
        there = (CIP[family], VIP[family])
        segment = tcp(sport, port, "R")
        segment.seq = FORGED_SEQ
        equal(send(CLIENT, ip(family, *there) / segment), [SERVER], "the RST")
        now, left = rows(sport)[0]
        check(now in ("CLOSE", "ESTABLISHED"), "state " + now)
        check(left >= 8, "only %d s are left" % left)
        # a server that took no notice is still the one that gets the rest
        equal(send(CLIENT, ip(family, *there) / tcp(sport, port, "A", b"go on")),
              [SERVER], "data after the RST")
        if port == NAT:
            equal(send(SERVER, ip(family, RIP[family], CIP[family]) /
                       tcp(REAL[port], sport, "A", b"answer")), [CLIENT],
                  "an answer after the RST")
        equal(len(rows(sport)), 1, "conns of the flow")
