# SPDX-License-Identifier: GPL-2.0
"""Chains and rules that come and go under traffic: not one packet gets past a
rule that drops it.

Packets say what they are: those that are sent while a rule forbids them are
marked so, and none of these may ever come out, however late. Others go on all
the time, from another processor where there is one, so that rules change while
packets are under way.

TEST_RULES is how often a rule is made and taken away.
"""

import ctypes
import os
import random
import signal
import socket
import time

import wire
from fastlane import (
    CLIENT, DR, Flow, NAT, SERVER, TUN, fast, flows, mode, names,
    packets_of, taken, tcp, udp, wires)
from ktap import check, equal, note, test

TIMES = int(os.environ.get("TEST_RULES") or 300)
HOOKS = {CLIENT: ("prerouting", "input", "output", "postrouting"),
         SERVER: ("prerouting", "forward", "postrouting")}
MARK = b"forbidden"
ROOM = 24           # bytes of payload
MEMBARRIER = 324    # x86-64
GLOBAL = 1
PAUSE = 0.002       # of the noise, between rounds
ROOM_FOR_FRAMES = 8 << 20
SO_RCVBUFFORCE = 33


class Nft:
    """libnftables, in the director's namespace."""

    def __init__(self):
        self.lib = ctypes.CDLL("libnftables.so.1")
        self.lib.nft_ctx_new.restype = ctypes.c_void_p
        self.lib.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        for name in ("nft_ctx_buffer_error", "nft_ctx_get_error_buffer"):
            getattr(self.lib, name).argtypes = (ctypes.c_void_p,)
        self.lib.nft_run_cmd_from_buffer.argtypes = (
            ctypes.c_void_p, ctypes.c_char_p)
        wire.enter(wires().director)
        try:
            self.ctx = self.lib.nft_ctx_new(0)
            self.lib.nft_ctx_buffer_error(self.ctx)
        finally:
            wire.enter(wires().wire)

    def run(self, text):
        wire.enter(wires().director)
        try:
            err = self.lib.nft_run_cmd_from_buffer(self.ctx, text.encode())
        finally:
            wire.enter(wires().wire)
        check(not err, "nft %s: %s" % (
            text, self.lib.nft_ctx_get_error_buffer(self.ctx)))


def grace_period():
    """No packet is under way any more that was when this was called."""
    check(not ctypes.CDLL(None).syscall(MEMBARRIER, GLOBAL, 0, 0),
          "membarrier")


def chain(family, hook, priority, rest):
    return ("table %s t { chain c { type filter hook %s priority %d; %s }; }\n"
            % (family, hook, priority, rest))


TRACKING = ("table inet k { chain c { type filter hook input priority 10; "
            "ct state invalid accept; }; }\n")


def steps(rng, family, hook):
    """A way to forbid packets: what to do before, what forbids, what allows
    again."""
    kind = rng.choice(("inet", "ip" if family == 4 else "ip6"))
    priority = rng.choice((-300, -150, 0, 50, 99, 150, 300))
    if hook == "input":
        priority = min(priority, 98)     # lvs is there at 99
    if hook == "prerouting":
        priority = max(priority, -299)
    tracked = rng.random() < 0.2
    before = TRACKING if tracked else ""
    after = "delete table inet k\n" if tracked else ""
    way = rng.randrange(4)
    drop = rng.choice(("counter drop;", "meta l4proto { tcp, udp } drop;"))
    if hook in ("output", "postrouting"):
        drop = "drop;"      # tunnel packets, too
    if way == 0:
        return (before, chain(kind, hook, priority, "policy drop;"),
                "delete table %s t\n" % kind + after)
    if way == 1:
        return (before + chain(kind, hook, priority, "policy accept;"),
                "add rule %s t c %s\n" % (kind, drop),
                "flush chain %s t c\ndelete table %s t\n" % (kind, kind) +
                after)
    if way == 2:
        return (before + chain(kind, hook, priority, "policy accept;"),
                chain(kind, hook, priority, "policy drop;"),
                "delete table %s t\n" % kind + after)
    return (before + chain(kind, hook, priority, "accept;"),
            "delete table %s t\n" % kind +
            chain(kind, hook, priority, drop),
            "delete table %s t\n" % kind + after)


def frames_of(chosen, side, data):
    return [bytes(wires().frame_in(side, packet)) for packet in packets_of(
        chosen, side, data=data.ljust(ROOM, b"."))]


def first_frames(family, data):
    """The first packets of two flows."""
    return [bytes(wires().frame_in(CLIENT, packet)) for packet in (
        Flow(family, tcp, DR).request(flags="S", data=data.ljust(ROOM, b".")),
        Flow(family, udp, NAT).request(data=data.ljust(ROOM, b".")))]


class Noise:
    """Packets that go on all the time."""

    def __init__(self, chosen):
        frames = [(side, frame) for side in (CLIENT, SERVER)
                  for frame in frames_of(chosen, side, b"noise")]
        self.pid = os.fork()
        if self.pid:
            return
        cpus = sorted(os.sched_getaffinity(os.getppid()) | {0})
        os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1, cpus[-1]})
        try:
            while os.getppid() != 1:
                for side, frame in frames:
                    wires().socks[side].send(frame)
                time.sleep(PAUSE)
        finally:
            os._exit(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Watch:
    """What came out."""

    def __init__(self):
        self.open = self.forbidden = 0

    def drain(self):
        for side in wires().socks:
            for _, data in wires().read(side):
                self.forbidden += MARK in data
                self.open += b"open" in data


def forbid(rng, nft, watch, prepared):
    """One rule for one direction of one family."""
    family, side = rng.choice(tuple(prepared))
    opened, forbidden = prepared[family, side]
    if side == CLIENT:
        opened = opened + first_frames(family, b"open")
        forbidden = forbidden + first_frames(family, MARK)
    before, drop, after = steps(rng, family, rng.choice(HOOKS[side]))
    if before:
        nft.run(before)
    for frame in opened:
        wires().send(side, frame)
    nft.run(drop)
    grace_period()
    for frame in forbidden:
        wires().send(side, frame)
    watch.drain()
    # what lets the packets go must not do so before those are through
    grace_period()
    nft.run(after)
    check(not watch.forbidden, "%d packets got past %s after %s" % (
        watch.forbidden, drop, before))
    return len(opened)


@test("rules that come and go under traffic let not one packet pass")
def rules_come_and_go():
    mode(1)
    rng = random.Random(TIMES)
    some = flows(ports=(DR, NAT))
    some += flows(l4s=(tcp,), ports=(TUN,))
    noise = flows(l4s=(udp,), ports=(DR, NAT))
    for side in (CLIENT, SERVER):
        fast(side, packets_of(some, side), names(some))
    prepared = {(family, side): [frames_of(
        [flow for flow in some if flow.family == family], side, data)
        for data in (b"open", MARK)]
        for family in (4, 6) for side in (CLIENT, SERVER)}
    for sock in wires().socks.values():
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                        ROOM_FOR_FRAMES)
    nft, watch, sent, before = Nft(), Watch(), 0, taken()
    wires().flush_frames()
    with Noise(noise):
        for _ in range(TIMES):
            sent += forbid(rng, nft, watch, prepared)
    left = wires().collect(1, 0.5)
    check(not any(MARK in data for _, data in left), "packets that were late")
    watch.open += sum(b"open" in data for _, data in left)
    note("%d times: %d of %d packets came out, the fast path took %d, with "
         "noise" % (TIMES, watch.open, sent, taken() - before))
    # the test has not forbidden all
    check(watch.open > sent * 0.9, "%d of %d packets came out" % (
        watch.open, sent))
    check(taken() - before > TIMES, "the fast path was not in use")
    for side in (CLIENT, SERVER):
        fast(side, packets_of(some, side), names(some))
