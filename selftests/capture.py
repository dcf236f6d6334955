# SPDX-License-Identifier: GPL-2.0
"""Frames on a device, captured and sent by this process."""

import ctypes
import os
import socket

_libc = ctypes.CDLL(None, use_errno=True)


def enter(space):
    """Move this thread to the network namespace of an open file descriptor."""
    if _libc.setns(space, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns: " + os.strerror(
            ctypes.get_errno()))


def packet_socket(device):
    """Sends and captures frames on a device of this thread's namespace."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)   # RCVBUFFORCE
    sock.bind((device, 0))
    sock.setblocking(False)
    return sock


def is_noise(data):
    """Neighbour discovery, multicast reports: not ours; nor the stack's word
    about fragments that have waited in vain, half a minute or more later."""
    kind = data[12:14]
    if kind == b"\x86\xdd":
        return len(data) > 55 and (
            (data[20] == 0 and data[54] == 58) or
            (data[20] == 58 and (130 <= data[54] <= 143 or
                                 data[54:56] == b"\x03\x01")))
    if kind != b"\x08\x00":
        return True
    if len(data) < 34:
        return False
    icmp = 14 + (data[14] & 15) * 4
    return data[23] == 1 and data[icmp:icmp + 2] == b"\x0b\x01"
