# SPDX-License-Identifier: GPL-2.0
"""Directors between two wires, many of them, for as long as the program runs.

    wire namespace (no addresses)            director namespace
      wc 02:00:00:00:00:c1  <-- veth -->  c0  02:00:00:00:0d:01
                                              198.51.100.254   2001:db8:c::fe
      ws 02:00:00:00:01:xx  <-- veth -->  s0  02:00:00:00:0d:02
                                              192.0.2.2        2001:db8:1::2
                                          lo  10.48.0.0/13, 2001:db8:50::/48

Server i is 192.0.2.(10+i) and 2001:db8:1::(10+i), and has the MAC address
02:00:00:00:01:0i. Clients are behind 198.51.100.1 and 2001:db8:c::1. Each case
has services and clients of its own, from ranges that are local, and behind
the default route: a lab is used again, while conns of other cases are there.
"""

import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(HERE) + "/abi"]

import capture                                             # noqa: E402
import ipvs                                                # noqa: E402

# where devices for a lab are made: no lab
HOME = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
CLIENT, SERVER = "c", "s"
SERVERS = 8
MAC = {CLIENT: bytes.fromhex("020000000d01"),
       SERVER: bytes.fromhex("020000000d02")}
FROM = {CLIENT: bytes.fromhex("0200000000c1"),
        SERVER: bytes.fromhex("020000000101")}
_PROBE = FROM[CLIENT] + bytes.fromhex("08060001080006040001") + \
    FROM[CLIENT] + socket.inet_aton("198.51.100.1") + b"\0" * 6 + \
    socket.inet_aton("198.51.100.254")
PROBE = b"\xff" * 6 + _PROBE


def rip(fam, i):
    return "192.0.2.%d" % (10 + i) if fam == 4 else "2001:db8:1::%x" % (10 + i)


def _director():
    """Lines for ip -batch in a director's namespace."""
    lines = ["link set lo up",
             "link set c0 address 02:00:00:00:0d:01 up",
             "link set s0 address 02:00:00:00:0d:02 up",
             "address add 198.51.100.254/24 dev c0",
             "address add 2001:db8:c::fe/64 dev c0 nodad",
             "address add 192.0.2.2/24 dev s0",
             "address add 2001:db8:1::2/64 dev s0 nodad",
             "route add local 10.48.0.0/13 dev lo",
             "route add local 2001:db8:50::/48 dev lo",
             "neighbour add 198.51.100.1 lladdr 02:00:00:00:00:c1 dev c0 "
             "nud permanent",
             "neighbour add 2001:db8:c::1 lladdr 02:00:00:00:00:c1 dev c0 "
             "nud permanent",
             "route add default via 198.51.100.1",
             "route add default via 2001:db8:c::1"]
    for i in range(1, SERVERS + 1):
        for fam in (4, 6):
            lines.append("neighbour add %s lladdr 02:00:00:00:01:%02x dev s0 "
                         "nud permanent" % (rip(fam, i), i))
    return lines


SYSCTLS = {
    "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1,
    "net.ipv4.icmp_ratelimit": 0, "net.ipv6.icmp.ratelimit": 0,
    "net.ipv4.icmp_msgs_per_sec": 100000, "net.ipv4.icmp_msgs_burst": 100000,
    "net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.conf.c0.rp_filter": 0, "net.ipv4.conf.s0.rp_filter": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv4.conf.s0.send_redirects": 0, "net.ipv4.conf.c0.send_redirects": 0,
    "net.ipv6.auto_flowlabels": 0,
    "net.ipv6.conf.all.accept_dad": 0, "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.router_solicitations": 0,
}


def batch(lines, netns=None):
    """Run many ip(8) commands as one."""
    command = ["ip"] + (["-n", netns] if netns else []) + ["-batch", "-"]
    subprocess.run(command, input="\n".join(lines) + "\n", text=True,
                   check=True)


def write_sysctl(name, value):
    """0, or the errno of writing it in this thread's namespace."""
    try:
        with open("/proc/sys/" + name.replace(".", "/"), "w",
                  encoding="ascii") as proc:
            proc.write("%s\n" % value)
    except OSError as error:
        return error.errno
    return 0


def compute_checksums(device):
    """Have the kernel compute them and not leave it to the device: what is
    captured is whole."""
    with socket.socket() as sock:
        value = ctypes.create_string_buffer(struct.pack("=II", 0x17, 0), 8)
        ifreq = struct.pack("16sP16x", device.encode(),
                            ctypes.addressof(value))
        fcntl.ioctl(sock, 0x8946, ifreq)    # SIOCETHTOOL, ETHTOOL_STXCSUM


class Lab:
    """One director and its wires."""

    def __init__(self, number):
        self.names = ["dd%d-%d" % (number, os.getpid()),
                      "dw%d-%d" % (number, os.getpid())]
        self.spaces = []
        self.socks = {}
        self.ipvs = None
        self.raw = {}

    def links(self):
        """For ip -batch in the first namespace."""
        return ["netns add " + name for name in self.names] + [
            "link add %s0 netns %s type veth peer name w%s netns %s"
            % (side, self.names[0], side, self.names[1]) for side in "cs"]

    def up(self):
        self.spaces = [os.open("/run/netns/" + name, os.O_RDONLY)
                       for name in self.names]
        self.enter(1)
        for side in "cs":
            write_sysctl("net.ipv6.conf.w%s.disable_ipv6" % side, 1)
        batch(["link set w%s arp off up" % side for side in "cs"],
              self.names[1])
        for side in "cs":
            self.socks[side] = capture.packet_socket("w" + side)
        self.enter(0)
        for name, value in SYSCTLS.items():
            write_sysctl(name, value)
        batch(_director(), self.names[0])
        for device in ("c0", "s0"):
            compute_checksums(device)

    def down(self):
        for sock in list(self.socks.values()) + list(self.raw.values()):
            sock.close()
        for space in self.spaces:
            os.close(space)

    def enter(self, which=0):
        """Move this thread to the director's namespace, or the wire's."""
        capture.enter(self.spaces[which])

    def connect(self):
        """Meet the module that has been loaded."""
        self.enter()
        self.ipvs = ipvs.Ipvs()

    def disconnect(self):
        self.ipvs.close()
        self.ipvs = None

    def read(self, side):
        out, probed = [], False
        while True:
            try:
                data, origin = self.socks[side].recvfrom(65536)
            except BlockingIOError:
                return out, probed
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            probed |= data[12:14] == b"\x08\x06" and data[20:22] == b"\0\2"
            if not capture.is_noise(data):
                out.append((side, data))

    def drain(self):
        """[(side, frame)] of all that what was sent so far has caused.

        An ARP request sent behind it has been answered when all before it has
        been worked off: one CPU, one queue."""
        self.socks[CLIENT].send(PROBE)
        out, seen = [], False
        while not seen:
            frames, seen = self.read(CLIENT)
            out += frames
            if not seen:
                ready = select.select([self.socks[CLIENT]], [], [], 5)
                if not ready[0]:
                    raise OSError(errno.ETIMEDOUT, "director is silent")
        return out + self.read(SERVER)[0]

    def inject(self, side, packet):
        """Put a packet into a wire, towards the director."""
        kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
        self.socks[side].send(MAC[side] + FROM[side] + kind + packet)

    def emit(self, packet):
        """Send a packet as the director itself; 0 or the errno."""
        fam = packet[0] >> 4
        if fam not in self.raw:
            self.enter()
            self.raw[fam] = self._raw_socket(fam)
        if fam == 4:
            to = (socket.inet_ntoa(packet[16:20]), 0)
        else:
            to = (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0, 0, 0)
        try:
            self.raw[fam].sendto(packet, to)
        except OSError as error:
            return error.errno
        return 0

    @staticmethod
    def _raw_socket(fam):
        sock = socket.socket(
            socket.AF_INET6 if fam == 6 else socket.AF_INET, socket.SOCK_RAW,
            socket.IPPROTO_RAW)
        if fam == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, 36, 1)    # IPV6_HDRINCL
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        return sock

    def proc(self, name):
        self.enter()
        with open("/proc/thread-self/net/" + name, encoding="latin-1") as proc:
            return proc.read()

    def run(self, *words):
        """A command in the director's namespace: its exit status."""
        self.enter()
        return subprocess.run(words, check=False, capture_output=True).returncode


def build(count, first=0):
    """That many labs. @first: number of the first, for their names."""
    capture.enter(HOME)
    labs = [Lab(first + number) for number in range(count)]
    batch([line for lab in labs for line in lab.links()])
    for lab in labs:
        lab.up()
    return labs


def remove(labs):
    capture.enter(HOME)
    for lab in labs:
        lab.down()
    batch(["netns delete " + name for lab in labs for name in lab.names])


