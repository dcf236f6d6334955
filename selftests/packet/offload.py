# SPDX-License-Identifier: GPL-2.0
"""Packets as devices with offloads hand them over: with a header that tells what
is left to do (struct virtio_net_hdr)."""

import socket
import struct

import capture
import wire
from scapy.packet import Raw
from wire import CLIENT, SERVER, wires

SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR = 263, 8, 15
HEADER = 10         # bytes of the header
NEEDS_CSUM = 1
TCPV4, TCPV6 = 1, 4
VLAN_VALID = 0x10   # TP_STATUS_VLAN_VALID
DEVICES = {CLIENT: "wc", SERVER: "ws"}


def ones(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def unfinished(family, packet, mss=0):
    """A packet whose checksum is left to others; with @mss, TCP to be cut up.
    Returns the header, the packet, where the checksum's sum begins in it and,
    from there, where it goes."""
    head = 20 if family == 4 else 40
    raw = bytearray(bytes(packet))
    proto, at = (6, 16) if isinstance(packet.payload, wire.TCP) else (17, 6)
    size = len(raw) - head
    pseudo = (bytes(raw[12:20]) if family == 4 else bytes(raw[8:40])) + \
        struct.pack(">II", size, proto)
    struct.pack_into(">H", raw, head + at, ~ones(pseudo) & 0xffff)
    gso = (TCPV4 if family == 4 else TCPV6) if mss else 0
    return struct.pack("=BBHHHH", NEEDS_CSUM, gso, 14 + head + 20 if mss else 0,
                       mss, 14 + head, at), bytes(raw), head, at


def framed(side, family, raw):
    return bytes(wires().frame_in(
        side, Raw(raw), 0x0800 if family == 4 else 0x86dd))


def vnet_socket(device):
    sock = capture.packet_socket(device)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    return sock


class Offloaded:
    """A socket of the client's that sends packets as a local sender's device
    gets them: without checksum, and in one piece."""

    def __init__(self):
        self.sock = vnet_socket(DEVICES[CLIENT])

    def send(self, family, packet, mss=0):
        """Send what unfinished() makes of a packet; returns the rest of it."""
        header, raw, head, at = unfinished(family, packet, mss)
        self.sock.send(header + framed(CLIENT, family, raw))
        return raw, head, at


class Whole:
    """A wire on which frames have that header: in front when they are sent; and
    behind when they come out, where their VLAN tag follows."""

    def __init__(self, side):
        self.sock = vnet_socket(DEVICES[side])
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.send, self.fileno = self.sock.send, self.sock.fileno
        self.close = self.sock.close

    def recvfrom(self, size):
        data, aux, _, origin = self.sock.recvmsg(
            size + HEADER, socket.CMSG_SPACE(20))
        status, tag = next(
            (struct.unpack("=I12xHxx", value) for level, kind, value in aux
             if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)), (0, 0))
        tag = tag if status & VLAN_VALID else 0
        return data[HEADER:] + data[:HEADER] + struct.pack(">H", tag), origin


class WholeWires:
    """Both wires are such wires."""

    def __enter__(self):
        self.before = dict(wires().socks)
        for side in self.before:
            wires().socks[side] = Whole(side)

    def __exit__(self, *_):
        for side, sock in self.before.items():
            wires().socks[side].close()
            wires().socks[side] = sock
        wires().flush_frames()


class NoOffload:
    """The director fills in all checksums itself, and cuts all segments."""

    def __init__(self, *devices):
        self.devices = devices or ("s0",)

    def _all(self, how):
        for device in self.devices:
            wires().run("ethtool -K %s tx %s >/dev/null" % (device, how))

    def __enter__(self):
        self._all("off")

    def __exit__(self, *_):
        self._all("on")
