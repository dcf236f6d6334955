# SPDX-License-Identifier: GPL-2.0
"""A director between two wires, both ends of which are in our hands.

    wire (this process, no addresses)          director
      wc 02:00:00:00:00:c1  <-- veth -->  c0  02:00:00:00:0d:01
                                              198.51.100.254   2001:db8:c::fe
      ws 02:00:00:00:00:0b  <-- veth -->  s0  02:00:00:00:0d:02
                                              192.0.2.2        2001:db8:1::2
                                          lo  VIP 192.0.2.1 and 2001:db8:1::1

What is sent into one wire comes out of either, is captured there and
compared byte for byte with what is wanted. All hosts on a wire share one
MAC; the director has fixed neighbour entries for them.
"""

import os
import select
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(HERE) + "/abi"]

import capture                                             # noqa: E402
import ipvs                                                # noqa: E402
from capture import is_noise, packet_socket                # noqa: E402
from ktap import SLOW, check                               # noqa: E402
from scapy.config import conf                              # noqa: E402
conf.ipv6_enabled = True
from scapy.layers.inet import ICMP, IP, TCP, UDP           # noqa: E402,F401
from scapy.layers.inet6 import IPv6                        # noqa: E402
from scapy.layers.l2 import Ether                          # noqa: E402

CLIENT, SERVER = "client side", "server side"
CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:c1", "02:00:00:00:00:0b"
DIRECTOR_MAC = {CLIENT: "02:00:00:00:0d:01", SERVER: "02:00:00:00:0d:02"}
CIP = {4: "203.0.113.5", 6: "2001:db8:cc::5"}
VIP = {4: "192.0.2.1", 6: "2001:db8:1::1"}
RIP = {4: "192.0.2.11", 6: "2001:db8:1::b"}
DIP = {4: "192.0.2.2", 6: "2001:db8:1::2"}
# the router on the client's side, and a hop behind the server's side
HOP = {4: "198.51.100.1", 6: "2001:db8:c::1"}

# Ports of the virtual services, TCP and UDP, both families.
NAT, DR, TUN, TUN_OTHER, EMPTY = 1000, 1001, 1002, 1003, 1010
REAL = {NAT: 2000}
METHOD = {NAT: ipvs.MASQ, DR: ipvs.DROUTE, TUN: ipvs.TUNNEL,
          TUN_OTHER: ipvs.TUNNEL}
MTU = 1500


def enter(name):
    """Move this thread to the network namespace @name."""
    with open("/run/netns/" + name, encoding="ascii") as handle:
        capture.enter(handle.fileno())


def read_proc(name):
    with open("/proc/thread-self/net/" + name, encoding="ascii") as proc:
        return proc.read()


class Wires:
    """The two capture sockets, and the director's control socket."""

    linger = 0.03   # seconds in which more than is wanted would come

    def __init__(self, director, wire):
        self.director, self.wire = director, wire
        enter(director)
        self.ipvs = ipvs.Ipvs()
        enter(wire)
        self.mac = DIRECTOR_MAC
        self.socks = {}
        for side, device in ((CLIENT, "wc"), (SERVER, "ws")):
            self.socks[side] = packet_socket(device)
        self.port = 10000
        self.configure()

    def configure(self):
        """Every method for both protocols and families, one server each."""
        self.ipvs.flush()
        for family, other in ((4, 6), (6, 4)):
            for proto in (ipvs.TCP, ipvs.UDP):
                for port in (NAT, DR, TUN, TUN_OTHER, EMPTY):
                    self.add(family, other, proto, port)

    def add(self, family, other, proto, port):
        key = ipvs.svc_key(VIP[family], port, proto)
        self.ipvs.do(ipvs.NEW_SERVICE,
                     ipvs.new_service(VIP[family], port, proto, sched="rr"))
        if port == EMPTY:
            return
        real = RIP[other if port == TUN_OTHER else family]
        af = ipvs.AF_INET6 if ":" in real else ipvs.AF_INET
        self.ipvs.do(ipvs.NEW_DEST, ipvs.service(key), ipvs.dest(
            ipvs.dst_key(real, REAL.get(port, port)) +
            ipvs.dst_rest(fwd=METHOD[port]) +
            ipvs.nla(ipvs.D_AF, ipvs.u16(af))))

    def next_port(self):
        """A client port that no test has used."""
        self.port += 1
        return self.port

    def sysctl(self, name, value):
        """Set a sysctl of the director's namespace."""
        enter(self.director)
        try:
            with open("/proc/sys/" + name.replace(".", "/"), "w",
                      encoding="ascii") as proc:
                proc.write(str(value))
        finally:
            enter(self.wire)

    def run(self, command):
        """Run a shell command in the director's namespace."""
        status = os.system("ip netns exec %s %s" % (self.director, command))
        check(status == 0, "failed: " + command)

    def drops(self):
        """/proc/net/lvs_drops as a dictionary; None on stock."""
        if ipvs.is_stock():
            return None
        enter(self.director)
        try:
            text = read_proc("lvs_drops")
        finally:
            enter(self.wire)
        return {line.split()[0]: int(line.split()[1])
                for line in text.splitlines()}

    def read(self, side):
        """The interesting frames that wait on one wire."""
        out = []
        while True:
            try:
                data, origin = self.socks[side].recvfrom(65536)
            except BlockingIOError:
                return out
            if origin[2] != socket.PACKET_OUTGOING and not is_noise(data):
                out.append((side, data))

    def flush_frames(self):
        for side in self.socks:
            self.read(side)

    def send(self, side, packet):
        """Put a packet or raw bytes into a wire, towards the director."""
        data = packet if isinstance(packet, bytes) else bytes(
            self.frame_in(side, packet))
        self.socks[side].send(data)

    def frame_in(self, side, packet, kind=None):
        source = CLIENT_MAC if side == CLIENT else SERVER_MAC
        ether = Ether(src=source, dst=self.mac[side])
        if kind is not None:
            ether.type = kind
        return ether / packet

    def frame_out(self, side, packet):
        to = CLIENT_MAC if side == CLIENT else SERVER_MAC
        return Ether(src=self.mac[side], dst=to) / packet

    def collect(self, count, seconds=2.0, about=b""):
        """@count frames that contain @about, and those that come just after;
        fewer if late."""
        # what must not come is not waited for any longer on a slow machine
        out, end = [], time.monotonic() + seconds * (SLOW if count else 1)
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return out
            select.select(list(self.socks.values()), [], [], left)
            for side in self.socks:
                out += [(where, data) for where, data in self.read(side)
                        if about in data]
            if len(out) >= count:
                end = min(end, time.monotonic() + self.linger)
                count = 1 << 30

    def exchange(self, side, packet, count=1, about=b""):
        """Send one packet, return the [(side, frame)] that come out; only
        those that contain @about, if answers to others may be late."""
        self.flush_frames()
        self.send(side, packet)
        return self.collect(count, 2.0 if count else 0.15, about)

    def expect(self, what, side, packet, *wanted):
        """Send @packet; exactly the @wanted (side, packet) must come out."""
        got = self.exchange(side, packet, len(wanted))
        check(len(got) == len(wanted), "%s: %d frames instead of %d: %s" % (
            what, len(got), len(wanted), "; ".join(
                where + ": " + Ether(data).summary() for where, data in got)))
        for (where, data), (want_side, want) in zip(got, wanted):
            check(where == want_side, "%s: came out on the %s" % (what, where))
            compare(what, data, self.frame_out(want_side, want))
        return got


def layers(packet):
    out = []
    while packet and packet.name != "NoPayload":
        out.append(packet)
        packet = packet.payload
    return out


def differences(got, want):
    """Field by field, in words."""
    out = []
    left, right = layers(got), layers(want)
    if [p.name for p in left] != [p.name for p in right]:
        out.append("layers %s, wanted %s" % ("/".join(p.name for p in left),
                                             "/".join(p.name for p in right)))
    for mine, other in zip(left, right):
        for field in mine.fields_desc:
            a, b = mine.getfieldval(field.name), other.getfieldval(field.name)
            if a != b:
                out.append("%s.%s %r, wanted %r" % (mine.name, field.name,
                                                    a, b))
    return ", ".join(out) or "bytes after the last field"


def compare(what, data, want):
    """@data must be exactly the bytes of @want."""
    raw = bytes(want)
    if data[:len(raw)] == raw and not data[len(raw):].strip(b"\0"):
        return
    check(False, "%s: %s" % (what, differences(Ether(data), Ether(raw))))


def ip(family, src, dst, ttl=64, **fields):
    """A network header with odd values, so that changes show."""
    if family == 4:
        fields.setdefault("id", 0x4d2)
        fields.setdefault("flags", "DF")
        fields.setdefault("tos", 0x28)
        return IP(src=src, dst=dst, ttl=ttl, **fields)
    fields.setdefault("tc", 0x28)
    fields.setdefault("fl", 0x54321)
    return IPv6(src=src, dst=dst, hlim=ttl, **fields)


def tcp(sport, dport, flags="S", data=b"", **fields):
    fields.setdefault("options", [("MSS", 1460), ("NOP", None),
                                  ("WScale", 7)] if "S" in flags else [])
    return TCP(sport=sport, dport=dport, flags=flags, seq=0x01020304,
               ack=0x0a0b0c0d if "A" in flags else 0, window=0x1234,
               **fields) / data


def udp(sport, dport, data=b"odd data of 21 bytes!", **fields):
    return UDP(sport=sport, dport=dport, **fields) / data


def checksums_valid(packet):
    """Does every checksum that scapy knows have the value it would compute?"""
    raw = bytes(packet)
    again = packet.__class__(raw)
    for layer in layers(again):
        for name in ("chksum", "cksum"):
            if name in layer.fields and not (
                    layer.name == "UDP" and layer.fields[name] == 0):
                layer.delfieldval(name)
    return bytes(again) == raw


WIRES = None


def wires():
    """The one pair of wires of this process."""
    return WIRES


def open_wires(director, wire):
    global WIRES                                      # pylint: disable=W0603
    WIRES = Wires(director, wire)
    return WIRES


__all__ = ["CIP", "CLIENT", "DIP", "DR", "EMPTY", "Ether", "HOP", "ICMP",
           "IP", "IPv6", "MTU", "NAT", "REAL", "RIP", "SERVER", "TCP", "TUN",
           "TUN_OTHER", "UDP", "VIP", "checksums_valid", "compare", "ip",
           "layers", "tcp", "udp", "wires"]
