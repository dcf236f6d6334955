# SPDX-License-Identifier: GPL-2.0
"""The packet source and sink: lvsbench.ko by /proc/lvsbench."""

import dataclasses
import os

TCP, UDP = 6, 17
SYN, ACK = 2, 16
PORTS = 50000       # flows of one varied address


@dataclasses.dataclass(frozen=True)
class Stream:
    """Packets of `flows' flows that take turns, which come in on one device."""
    device: int
    family: int
    proto: int
    vary: str               # "s": flows differ in the source, "d": in the destination
    address: str            # of the first flow, on the varied side
    peer: str
    peer_port: int
    flows: int
    port: int = 1024        # of the first flow
    batch: int = 1          # packets received at once
    payload: int = 0        # bytes; more than 1400 are a packet as GRO makes it


@dataclasses.dataclass
class Result:
    each: float             # nanoseconds, which are instructions under icount, of one packet
    sent: int
    longest: int            # of those pushed alone
    locked: float           # instructions of one packet, if QEMU counts them


def push(stream, count, flags=ACK, batch=None, alone=False):
    """Receive `count' packets.  batch 0: straight to the sink."""
    s = stream
    with open("/proc/lvsbench", "w", encoding="ascii") as f:
        f.write(f"{s.device} {s.family} {s.proto} {flags if s.proto == TCP else 0} {count} {s.flows} "
                f"{s.batch if batch is None else batch} {s.payload} {s.vary} {s.address} {s.port} "
                f"{s.peer} {s.peer_port} {int(alone)}")
    with open("/proc/lvsbench", encoding="ascii") as f:
        done, ns, sent0, sent1, longest = map(int, f.read().split())
    return Result(ns / done, sent0 + sent1, longest, locked() / done)


def locked():
    """What the plugin locked.c has counted."""
    try:
        with open(f"{os.environ['LVS_OUT']}/locked", encoding="ascii") as f:
            return int(f.read())
    except (KeyError, FileNotFoundError):
        return 0


class Lost(Exception):
    """Packets did not leave."""


def push_all(stream, count, flags=ACK, alone=False):
    """Receive packets of which each has to leave."""
    result = push(stream, count, flags, alone=alone)
    if result.sent != count:
        raise Lost(f"{result.sent} of {count} packets came out of the director: {stream}")
    return result


class Meter:
    """What a packet costs, without source and sink."""

    def __init__(self, repeats):
        self.repeats = repeats      # the null figure does not change: icount
        self.nulls = {}

    def null(self, stream):
        key = stream.family, stream.proto, stream.payload
        if not self.repeats or key not in self.nulls:
            if self.repeats:
                push(stream, 2000, batch=0)
            self.nulls[key] = push(stream, 5000, batch=0).each
        return self.nulls[key]

    def cost(self, stream, count, flags=ACK):
        return push_all(stream, count, flags).each - self.null(stream)


class LockMeter(Meter):
    """How many locked instructions a packet takes; one of them is the sink's, which is sent to under a lock."""

    def cost(self, stream, count, flags=ACK):
        return push_all(stream, count, flags).locked


class Gross(Meter):
    """What a packet costs with source and sink, which are not run on their own: what the last run did can be looked at."""

    sent = 1    # what is not measured by cost() tells of a single packet

    def cost(self, stream, count, flags=ACK):
        result = push_all(stream, count, flags)
        self.sent = result.sent
        return result.each
