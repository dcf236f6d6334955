# SPDX-License-Identifier: GPL-2.0
"""Every allocation on the way of a packet fails in turn. The packet is written
to a tun device, so all of its way is in this thread: receiving, the hook, the
new conn, the route, the change, the output path.

    tun0 198.51.100.254/24, 2001:db8:c::fe/64      (this program)
    lo   192.0.2.1, 2001:db8::1                     (the VIPs)
    servers 10.2.0.1/24, fd00::ff/64, MTU 1500      (takes every packet)

Each is one packet in and one outcome, whatever fails."""

import errno
import fcntl
import itertools
import os
import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6
from scapy.packet import Raw

from ipvs import (
    AF_INET, AF_INET6, DROUTE, D_AF, F_ONEPACKET, F_PERSISTENT, MASQ, NEW_DEST,
    NEW_SERVICE, TUNNEL, UDP as PROTO_UDP, TCP as PROTO_TCP, Ipvs, dest,
    dst_key, dst_rest, new_service, nla, service, svc_key, u16)
from ktap import Failure, check, note, test
from nth import Fault, Tally, faults

VIP, VIP6 = "192.0.2.1", "2001:db8::1"
CLIENT, CLIENT6 = "198.51.100.1", "2001:db8:c::1"
FLOWS = 3000      # more than the table has room for at first
TUNSETIFF, IFF_TUN_NO_PI = 0x400454ca, 0x1001


class Tun:
    """The device that packets come in by."""

    def __init__(self, name):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF,
                    struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))

    def write(self, packet):
        """A packet comes in, unless the device itself has no memory."""
        try:
            os.write(self.fd, packet)
        except OSError as error:
            check(error.errno in (errno.ENOMEM, errno.EFAULT, errno.ENOBUFS),
                  str(error))

    def drain(self):
        """Answers that came back."""
        count = 0
        try:
            while os.read(self.fd, 4096):
                count += 1
        except BlockingIOError:
            return count


def outcomes():
    """The counters of /proc/net/lvs_drops."""
    with open("/proc/thread-self/net/lvs_drops", encoding="ascii") as file:
        return {k: int(v) for k, v in map(str.split, file)}


def changes(before):
    """(packets that came in, [name of each outcome])."""
    after = outcomes()
    diff = {k: after[k] - before[k] for k in after if after[k] != before[k]}
    came = diff.pop("packets_in", 0)
    return came, sorted(k for k, n in diff.items() for _ in range(n))


def udp4(port, size=20, **ip):
    return IP(src=CLIENT, dst=VIP, **ip) / UDP(sport=port, dport=80) / \
        Raw(b"x" * size)


def udp6(port, size=20, **ip):
    return IPv6(src=CLIENT6, dst=VIP6, **ip) / UDP(sport=port, dport=80) / \
        Raw(b"x" * size)


def tcp4(port):
    return IP(src=CLIENT, dst=VIP) / TCP(sport=port, dport=80, flags="S")


def tcp6(port):
    return IPv6(src=CLIENT6, dst=VIP6) / TCP(sport=port, dport=80, flags="S")


def fragments(port):
    """Two of one datagram."""
    return fragment(udp4(port, 1400, id=port), 800)


def quote(port):
    """A datagram, and the complaint of its sender about the answer."""
    inner = IP(src=VIP, dst=CLIENT) / UDP(sport=80, dport=port) / Raw(b"y" * 8)
    return [udp4(port), IP(src=CLIENT, dst=VIP) / ICMP(type=3, code=3) / inner]


def quote6(port):
    inner = IPv6(src=VIP6, dst=CLIENT6) / UDP(sport=80, dport=port) / \
        Raw(b"y" * 8)
    return [udp6(port),
            IPv6(src=CLIENT6, dst=VIP6) / ICMPv6DestUnreach(code=4) / inner]


def cases():
    """title, (address, protocol, service), servers, packets of a port, how
    many of them come to the hook, what becomes of the last one"""
    server, server6 = "10.2.0.%d", "fd00::%d"
    for name, method in (("NAT", MASQ), ("DR", DROUTE), ("TUN", TUNNEL)):
        yield "UDP, " + name, (VIP, PROTO_UDP, {}), [(server, method)], udp4, \
            1, "forwarded"
        yield "TCP over IPv6, " + name, (VIP6, PROTO_TCP, {}), \
            [(server6, method)], tcp6, 1, "forwarded"
    yield "TCP, persistent, NAT", (
        VIP, PROTO_TCP, {"flags": F_PERSISTENT, "timeout": 3}), \
        [(server, MASQ)], tcp4, 1, "forwarded"
    yield "UDP, one packet, NAT", (VIP, PROTO_UDP, {"flags": F_ONEPACKET}), \
        [(server, MASQ)], udp4, 1, "forwarded"
    yield "an IPv6 tunnel", (VIP, PROTO_UDP, {}), [(server6, TUNNEL)], udp4, \
        1, "forwarded"
    yield "no server", (VIP, PROTO_UDP, {}), [], udp4, 1, "answered"
    yield "no server, IPv6", (VIP6, PROTO_UDP, {}), [], udp6, 1, "answered"
    yield "too long", (VIP, PROTO_UDP, {}), [(server, TUNNEL)], \
        lambda port: udp4(port, 1470, flags="DF"), 1, "answered"
    yield "too long, IPv6", (VIP6, PROTO_UDP, {}), [(server6, TUNNEL)], \
        lambda port: udp6(port, 1450), 1, "answered"
    yield "no hop left", (VIP, PROTO_UDP, {}), [(server, DROUTE)], \
        lambda port: udp4(port, ttl=1), 1, "answered"
    yield "fragments, NAT", (VIP, PROTO_UDP, {}), [(server, MASQ)], \
        fragments, 1, "forwarded"
    yield "ICMP error, NAT", (VIP, PROTO_UDP, {}), [(server, MASQ)], quote, \
        2, "forwarded"
    yield "ICMP error, TUN", (VIP, PROTO_UDP, {}), [(server, TUNNEL)], quote, \
        2, "forwarded"
    yield "ICMP error, IPv6, NAT", (VIP6, PROTO_UDP, {}), [(server6, MASQ)], \
        quote6, 2, "forwarded"


def configure(ipvs, where, servers, n):
    """The service anew, with servers that have no conns: no route is cached."""
    address, proto, rest = where
    ipvs.flush()
    with open("/proc/sys/net/ipv4/route/flush", "w", encoding="ascii") as file:
        file.write("1")
    ipvs.do(NEW_SERVICE, new_service(address, 80, proto, **rest))
    for server, method in servers:
        server %= n % 200 + 10
        family = AF_INET6 if ":" in server else AF_INET
        ipvs.do(NEW_DEST, service(svc_key(address, 80, proto)),
                dest(dst_key(server) + dst_rest(fwd=method) +
                     nla(D_AF, u16(family))))


def one_case(ipvs, tun, case, port):
    """Returns the first port that was not used."""
    title, where, servers, make, most, last = case
    tally = Tally()
    order = []
    # twice: a slab that is refilled now and then moves what the n-th one is
    for fault in itertools.chain(faults(), faults()):
        configure(ipvs, where, servers, port)
        packets = make(port)
        packets = [bytes(p) for p in (
            packets if isinstance(packets, list) else [packets])]
        port += 1
        before = outcomes()
        with fault:
            for packet in packets:
                tun.write(packet)
        came, ended = changes(before)
        tun.drain()
        where_ = "%s, fault %d" % (title, fault.n)
        check(came == len(ended), "%s: %d packets, outcomes %s"
              % (where_, came, ended))
        # IPv6 itself sends a word now and then
        ours = [name for name in ended if name != "passed"]
        check(len(ours) <= most, "%s: %s" % (where_, ended))
        tally.count(fault, "+".join(ours) or "not seen")
        order.append("+".join(ended) or "-")
        if not fault.injected:
            check(len(ours) == most and last in ours, "%s: without a fault %s"
                  " after %s" % (where_, ended, order))
    note("%s: %s" % (title, tally))
    if os.environ.get("TEST_VERBOSE"):
        note(" ".join(order))
    return port


@test("faults: a packet has one outcome, whatever fails on its way")
def packets():
    ipvs = Ipvs()
    tun = Tun("tun0")
    port = 2000
    failures = []
    only = os.environ.get("TEST_CASE", "")
    for case in cases():
        if only not in case[0]:
            continue
        try:
            port = one_case(ipvs, tun, case, port)
        except Failure as why:
            failures.append(str(why))
            port += 100
    os.close(tun.fd)
    ipvs.flush()
    check(not failures, "\n".join(failures))


@test("faults: the conn table grows without memory")
def growth():
    ipvs = Ipvs()
    tun = Tun("tun0")
    configure(ipvs, (VIP, PROTO_UDP, {}), [("10.2.0.%d", MASQ)], 1)
    tally = Tally()
    template = bytearray(bytes(udp4(1)))
    # no checksum: UDP over IPv4 may do without
    template[26:28] = b"\0\0"
    before = outcomes()
    for fault in faults_cycle(FLOWS, 1, 12):
        struct.pack_into(">H", template, 20, 10000 + fault.round)
        with fault:
            tun.write(template)
        tally.faults += fault.injected
    came, ended = changes(before)
    check(came == len(ended), "%d packets, %d outcomes" % (came, len(ended)))
    for name in sorted(set(ended)):
        tally.results[name] = ended.count(name)
    note("%d flows: %s" % (FLOWS, tally))
    check(tally.results.get("forwarded", 0) > FLOWS // 3, "hardly any conn")
    ipvs.flush()


def faults_cycle(count, low, high):
    """@count faults, the n-th allocation with n from @low to @high in turn."""
    for i in range(count):
        fault = Fault(low + i % (high - low + 1))
        fault.round = i
        try:
            yield fault
        finally:
            fault.close()
