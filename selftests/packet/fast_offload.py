# SPDX-License-Identifier: GPL-2.0
"""What packets carry beside their bytes: work that is left to devices, others who
look at the same memory, marks. Either path makes the same of it."""

import re
import subprocess

import offload
import wire
from fastlane import (
    CLIENT, Changed, DR, NAT, SERVER, TUN, compare, fast, flows, mode, names,
    packets_of, plain_frame, run, slow, taken, tcp, udp, volley, wires)
from ktap import check, equal, test
from wire import packet_socket

MSS, SEGMENTS = 1000, 4
DATA = bytes(range(256)) * 15
JUMBO, LONG = 9000, bytes(range(256)) * 20


def partial_frame(side, flow, fields, mss=0):
    header, raw, _, _ = offload.unfinished(
        flow.family, flow.packet(side, **fields), mss)
    return header + offload.framed(side, flow.family, raw)


def of_segments(mss=MSS):
    """Frames of TCP in one piece, to be cut up."""
    def frame(side, flow, fields):
        return partial_frame(side, flow, fields, mss)
    return frame


def short(flow):
    yield {"data": b"x"}
    yield {"data": DATA[:1001], "ttl": 2}
    if flow.l4 is udp:
        yield {"data": b""}
    else:
        yield {"flags": "PA", "options": [("Timestamp", (1, 2)), ("NOP", None),
                                          ("NOP", None)], "data": DATA[:77]}


def long(_):
    yield {"data": DATA}
    yield {"data": DATA[:-1], "flags": "PA", "ttl": 2}


@test("checksums that are left to devices: the same on either path")
def partial():
    mode(1)
    some = flows()
    with offload.WholeWires():
        compare(some, short, partial_frame)
        frame, = fast(CLIENT, [partial_frame(CLIENT, some[0], {})], "one")
        equal(frame[-offload.HEADER - 2], offload.NEEDS_CSUM, "flags behind")


@test("checksums that the director has to fill in: the same on either path")
def filled_in():
    mode(1)
    some = flows()
    with offload.NoOffload("s0", "c0"), offload.WholeWires():
        compare(some, short, partial_frame)


@test("TCP in one piece, to be cut up later: the same on either path")
def whole():
    mode(1)
    some = flows(l4s=(tcp,))
    with offload.WholeWires():
        compare(some, long, of_segments())
        frame, = fast(CLIENT, [of_segments()(CLIENT, some[0], {"data": DATA})],
                      "one")
        equal(frame[-offload.HEADER - 1], offload.TCPV4, "kind of segments")


@test("TCP that is cut up on its way out: the same segments on either path")
def cut_up():
    mode(1)
    some = flows(l4s=(tcp,))
    with offload.NoOffload("s0", "c0"), offload.WholeWires():
        compare(some, long, of_segments(), SEGMENTS)


@test("TCP whose segments do not fit goes the slow way")
def too_long_segments():
    mode(1)
    some = flows(l4s=(tcp,))
    with offload.WholeWires():
        for side in (CLIENT, SERVER):
            chosen = [flow for flow in some if side in flow.sides()]
            fits, over = ([of_segments(mss)(side, flow, {"data": DATA})
                           for flow in chosen] for mss in (1300, 1500))
            fast(side, fits, names(chosen))
            got = slow(side, over, names(chosen))
            equal({where for where, _ in got}, {side}, "where answers go")


def of_pages(side, flow, fields):
    """A long frame of which the link layer header alone is in one place."""
    return bytes(offload.HEADER) + plain_frame(side, flow, fields)


@test("headers that are not in one place: the same on either path")
def in_pages():
    mode(1)
    some = flows()
    mtu = "ip link set %s mtu %d"
    for device in ("wc", "ws"):
        subprocess.run((mtu % (device, JUMBO)).split(), check=True)
    with Changed([mtu % (device, JUMBO) for device in ("c0", "s0")],
                 [mtu % (device, wire.MTU) for device in ("c0", "s0")]), \
            offload.WholeWires():
        compare(some, lambda _: (
            {"data": LONG}, {"data": LONG, "ttl": 3}), of_pages)
    for device in ("wc", "ws"):
        subprocess.run((mtu % (device, wire.MTU)).split(), check=True)


class Tap:
    """Somebody who captures what comes in on the director's devices."""

    def __init__(self):
        wire.enter(wires().director)
        try:
            self.socks = {CLIENT: packet_socket("c0"),
                          SERVER: packet_socket("s0")}
        finally:
            wire.enter(wires().wire)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in self.socks.values():
            sock.close()

    def seen(self, side, frames):
        """These frames, in their order, as they came in."""
        got = []
        while len(got) < 1000:
            try:
                data, origin = self.socks[side].recvfrom(65536)
            except BlockingIOError:
                break
            if origin[2] != 4 and data in frames:      # PACKET_OUTGOING
                got.append(data)
        return got


@test("what a tap holds is not changed, and the same comes out on either path")
def tapped():
    mode(1)
    some = flows()
    with Tap() as tap:
        compare(some, lambda _: ({"data": b"held"},))
        for side in (CLIENT, SERVER):
            frames = [bytes(wires().frame_in(side, packet))
                      for packet in packets_of(some, side, data=b"tapped")]
            tap.seen(side, frames)
            before = taken()
            out = volley(side, frames, len(frames))
            equal(len(out), len(frames), "frames from the " + side)
            equal(taken() - before, len(frames), "on the fast path")
            equal(tap.seen(side, frames), frames,
                  "what the tap holds of the " + side)


SIDES = {CLIENT: ("c0", "s0"), SERVER: ("s0", "c0")}
# what comes in is given a mark and a priority, what goes out is counted by them
LABELS = """table netdev w {
 set seen { typeof meta mark . meta priority; size 1024; flags dynamic; };
 chain i { type filter hook ingress device "%s" priority 0; meta mark set 7; %s };
 chain o { type filter hook egress device "%s" priority 0;
  meta protocol { ip, ip6 } add @seen { meta mark . meta priority counter }; };
}"""
LABEL = re.compile(r"(\w+) \. (\S+) counter packets")


def labels(side, packets, rule, value):
    """The marks and priorities with which these packets leave."""
    enter, leave = SIDES[side]
    mode(value)
    table = LABELS.replace("\n", " ") % (enter, rule, leave)
    with Changed(["nft '%s'" % table], ["nft delete table netdev w"]):
        (fast if value else slow)(side, packets, "with a mark")
        text = run("nft list set netdev w seen")
    found = set(LABEL.findall(text))
    check(found, "nothing has been seen: " + text)
    return found


@test("marks are kept and priorities are the same, whatever the service type")
def marked():
    mode(1)
    some = flows(ports=(DR, NAT, TUN))
    for rule in ("", "meta priority set 0x10003;"):
        for side in (CLIENT, SERVER):
            for value in (0x00, 0x10, 0x08, 0xb8):
                packets = [flow.packet(side, **{
                    "tos" if flow.family == 4 else "tc": value})
                    for flow in some if side in flow.sides()]
                on_slow, on_fast = (labels(side, packets, rule, way)
                                    for way in (0, 1))
                what = "from the %s, TOS %#x, %s" % (side, value, rule)
                equal(on_fast, on_slow, "marks and priorities " + what)
                equal({mark for mark, _ in on_fast}, {"0x00000007"},
                      "marks " + what)
