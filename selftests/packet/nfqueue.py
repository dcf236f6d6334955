# SPDX-License-Identifier: GPL-2.0
"""A program that packets are handed to by a rule (NFQUEUE), and that lets them
go on from where they were. See linux/netfilter/nfnetlink_queue.h."""

import os
import socket
import struct

from ipvs import NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, nla

NETLINK_NETFILTER = 12
SUBSYSTEM = 3 << 8
PACKET, VERDICT, CONFIG = SUBSYSTEM, SUBSYSTEM | 1, SUBSYSTEM | 2
A_PACKET_HDR, A_VERDICT_HDR, A_CFG_CMD, A_CFG_PARAMS = 1, 2, 1, 2
BIND, COPY_META, NF_ACCEPT = 1, 1, 1
HEADERS = 20    # struct nlmsghdr and struct nfgenmsg


class Queue:
    """One queue of the namespace that this thread is in."""

    def __init__(self, number):
        self.number = number
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_NETFILTER)
        self.sock.bind((0, 0))
        self.sock.settimeout(5)
        self._send(CONFIG, nla(A_CFG_CMD, struct.pack("!BxH", BIND, 0)),
                   NLM_F_ACK)
        self._send(CONFIG, nla(A_CFG_PARAMS, struct.pack("!IB", 0, COPY_META)),
                   NLM_F_ACK)

    def _send(self, kind, attrs, flags=0):
        body = struct.pack("!BBH", 0, 0, self.number) + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                   NLM_F_REQUEST | flags, 1, 0) + body)
        if flags & NLM_F_ACK:
            data = self.sock.recv(65536)
            code = struct.unpack_from("=i", data, 16)[0]
            if struct.unpack_from("=H", data, 4)[0] != NLMSG_ERROR or code:
                raise OSError(-code, os.strerror(-code))

    def let_go(self, count):
        """Let so many packets go on, in the order in which they came."""
        for _ in range(count):
            data = self.sock.recv(65536)
            at = HEADERS
            while struct.unpack_from("=H", data, at + 2)[0] != A_PACKET_HDR:
                at += (struct.unpack_from("=H", data, at)[0] + 3) & ~3
            packet = struct.unpack_from("!I", data, at + 4)[0]
            self._send(VERDICT, nla(A_VERDICT_HDR, struct.pack(
                "!II", NF_ACCEPT, packet)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()
