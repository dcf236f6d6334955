# SPDX-License-Identifier: GPL-2.0
"""Flows for the tests of the fast path, and whether it was taken.

Packets go in volleys, one side at a time: the tests are many, and what takes
their time is the waiting. All is done on one CPU, so frames come out in the
order in which the packets went in.
"""

import itertools
import os
import shlex
import subprocess

import wire
from ktap import busywait, check, equal
from scapy.layers.l2 import Ether
from wire import (
    CIP, CLIENT, DR, NAT, REAL, RIP, SERVER, TUN, TUN_OTHER, VIP, ip, tcp, udp,
    wires)

METHODS = (NAT, DR, TUN, TUN_OTHER)
KNOB = "net.ipv4.vs.fast_path"
LINGER = 0.01       # what comes unwanted comes with what is wanted


class Director:
    """Files and programs of the director's namespace, at little cost."""

    def __init__(self):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        wires().linger, wires().sent = LINGER, 0
        wire.enter(wires().director)
        try:
            self.state = os.open("/proc/thread-self/net/lvs_fast_path",
                                 os.O_RDONLY)
            self.knob = os.open("/proc/sys/" + KNOB.replace(".", "/"),
                                os.O_RDWR)
        finally:
            wire.enter(wires().wire)
        self.first_mode = int(os.pread(self.knob, 16, 0))


_director = []


def director():
    """The one director of this process."""
    if not _director:
        _director.append(Director())
    return _director[0]


def run(command, text=""):
    """Run a program in the director's namespace; returns what it prints."""
    wire.enter(wires().director)
    try:
        done = subprocess.run(shlex.split(command), check=False, text=True,
                              input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    finally:
        wire.enter(wires().wire)
    check(done.returncode == 0, "failed: %s %s: %s" % (
        command, text, done.stdout))
    return done.stdout


def run_all(commands):
    """Run commands; those of ip without options that follow each other, by one
    program."""
    for one_ip, group in itertools.groupby(
            commands, lambda command: command.startswith("ip ") and
            not command.startswith("ip -")):
        if one_ip:
            run("ip -batch -", "".join(line[3:] + "\n" for line in group))
            continue
        for command in group:
            run(command)


class Changed:
    """A change of the director that is taken back at the end."""

    def __init__(self, do, undo):
        self.do, self.undo = do, undo

    def __enter__(self):
        run_all(self.do)

    def __exit__(self, *_):
        run_all(self.undo)


def unload(module):
    """Unload a module and all that use it; true if it is gone."""
    with open("/proc/modules", encoding="ascii") as modules:
        users = {line.split()[0]: line.split()[3] for line in modules}
    if module not in users:
        return True
    for user in users[module].split(","):
        if user not in ("", "-"):
            unload(user)
    return not subprocess.run(
        ["/sbin/rmmod", module], check=False, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode


def state():
    """/proc/net/lvs_fast_path as a dictionary."""
    text = os.pread(director().state, 4096, 0).decode()
    return dict(line.split(None, 1) for line in text.splitlines())


def taken():
    """Packets that the fast path has forwarded so far."""
    return int(state()["packets"])


def mode(value):
    os.pwrite(director().knob, b"%d" % value, 0)


class Flow:
    """What the packets of one conn look like."""

    def __init__(self, family, l4, port):
        self.family, self.l4, self.port = family, l4, port
        self.sport = wires().next_port()
        self.name = "IPv%d %s port %d" % (
            family, "TCP" if l4 is tcp else "UDP", port)

    def _l4(self, sport, dport, fields):
        l4 = {name: fields.pop(name) for name in
              ("flags", "data", "chksum", "options") if name in fields}
        if self.l4 is tcp:
            l4.setdefault("flags", "A")
            l4.setdefault("options", [])
        else:
            l4 = {name: value for name, value in l4.items()
                  if name in ("data", "chksum")}
        return self.l4(sport, dport, **l4)

    def _ip(self, src, dst, fields):
        return ip(self.family, src[self.family], dst[self.family],
                  **{name[2:] if name.startswith("ip") else name: value
                     for name, value in fields.items()})

    def request(self, **fields):
        l4 = self._l4(self.sport, self.port, fields)
        return self._ip(CIP, VIP, fields) / l4

    def reply(self, **fields):
        l4 = self._l4(REAL[NAT], self.sport, fields)
        return self._ip(RIP, CIP, fields) / l4

    def packet(self, side, **fields):
        return self.request(**fields) if side == CLIENT else \
            self.reply(**fields)

    def sides(self):
        """Where this flow has packets from: only NAT has replies here."""
        return (CLIENT, SERVER) if self.port == NAT else (CLIENT,)


def volley(side, packets, count, seconds=2.0):
    """Send packets or frames into one wire, return the (side, frame) that
    come out."""
    frames = [p if isinstance(p, bytes) else bytes(wires().frame_in(side, p))
              for p in packets]
    wires().flush_frames()
    for frame in frames:
        wires().send(side, frame)
    wires().sent += len(frames)
    return wires().collect(count, seconds)


def through(side, packets, what="", each=1):
    """One frame for each packet, or as many as @each, must come out on the other
    side."""
    other = SERVER if side == CLIENT else CLIENT
    got = volley(side, packets, len(packets) * each)
    equal([where for where, _ in got], [other] * len(packets) * each,
          "%s: where packets from the %s came out" % (what, side))
    return [frame for _, frame in got]


def fast(side, packets, what="", each=1):
    """The same; the fast path must take all of them, sooner or later: what an
    earlier test has changed makes it look anew, once more a while after."""
    def again():
        before = taken()
        frames = through(side, packets, what, each)
        return frames if taken() - before == len(packets) else None
    frames = busywait(5, again)
    check(frames, "%s: packets from the %s on the slow path" % (what, side))
    return frames


def slow(side, packets, what="", count=None):
    """Send packets; the fast path must have taken none. Returns (side, frame),
    of which there must be @count, or as many as packets."""
    want = len(packets) if count is None else count
    before = taken()
    got = volley(side, packets, want, 2.0 if want else 0.15)
    equal(taken() - before, 0,
          "%s: packets from the %s on the fast path" % (what, side))
    equal(len(got), want, "%s: frames after packets from the %s"
          % (what, side))
    return got


def packets_of(chosen, side, **fields):
    """A packet of each flow that has some on this side."""
    return [flow.packet(side, **fields) for flow in chosen
            if side in flow.sides()]


def establish(chosen):
    """Make conns of flows, by the slow path and then each way once more."""
    first = [flow.request(flags="S") for flow in chosen if flow.l4 is tcp]
    for side, packets in ((CLIENT, first),
                          (CLIENT, packets_of(chosen, CLIENT)),
                          (SERVER, packets_of(chosen, SERVER))):
        if packets:
            through(side, packets, "new conns")
    return chosen


def flows(families=(4, 6), l4s=(tcp, udp), ports=METHODS):
    """Established flows of all these kinds."""
    return establish([Flow(*kind) for kind in
                      itertools.product(families, l4s, ports)])


def names(chosen):
    return ", ".join(flow.name for flow in chosen)


def same(what, left, right):
    """Two frames are equal, but for the number that IPv4 gives to a tunnel
    packet that may be fragmented."""
    def plain(data):
        if data[12:14] == b"\x08\x00" and data[23] in (4, 17, 41, 47) and \
                not data[20] & 0x40:
            return data[:18] + data[20:24] + data[26:]
        return data
    if plain(left) != plain(right):
        check(False, "%s: %s" % (
            what, wire.differences(Ether(left), Ether(right))))


def from_device(name, mac, packets):
    """Packets that come in by a device of the director; @name is its peer.
    Returns how many of them the fast path has taken, and the frames."""
    before = taken()
    wires().flush_frames()
    wire.enter(wires().director)
    try:
        with wire.packet_socket(name) as sock:
            for packet in packets:
                sock.send(bytes(Ether(src=wire.CLIENT_MAC, dst=mac) / packet))
    finally:
        wire.enter(wires().wire)
    got = wires().collect(len(packets))
    equal(len(got), len(packets), "frames of packets by way of " + name)
    return taken() - before, [frame for _, frame in got]


def plain_frame(side, flow, fields):
    return bytes(wires().frame_in(side, flow.packet(side, **fields)))


def compare(chosen, fields_of, frame_of=plain_frame, each=1):
    """All these packets come out the same on either path; @each is into how many
    frames the director cuts one."""
    for side in (CLIENT, SERVER):
        kinds = [(flow, fields) for flow in chosen if side in flow.sides()
                 for fields in fields_of(flow)]
        if not kinds:
            continue
        frames = [frame_of(side, flow, fields) for flow, fields in kinds]
        mode(0)
        on_slow = slow(side, frames, "fast_path=0", len(frames) * each)
        mode(1)
        on_fast = fast(side, frames, "fast_path=1", each)
        for number, (left, (_, right)) in enumerate(zip(on_fast, on_slow)):
            flow, fields = kinds[number // each]
            same("%s from the %s, %r" % (flow.name, side, fields), left, right)


__all__ = [
    "CLIENT", "Changed", "DR", "Flow", "KNOB", "METHODS", "NAT", "SERVER",
    "TUN", "TUN_OTHER", "compare", "director", "establish", "fast", "flows",
    "from_device", "mode", "names", "packets_of", "plain_frame", "run",
    "run_all", "same", "slow", "state", "taken", "tcp", "through", "udp",
    "unload", "volley", "wires"]
