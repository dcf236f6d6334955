# SPDX-License-Identifier: GPL-2.0
"""Malformed messages: truncated, oversized, nested wrongly, random. None
may hurt the kernel, and nothing that was configured may be lost."""

import errno
import os
import random
import struct

from ipvs import (
    A_DAEMON, A_DEST, A_SERVICE, A_TIMEOUT_TCP, DEL_DEST, DEL_SERVICE, D_ADDR,
    D_FWD, D_PORT, D_WEIGHT, FLUSH, GET_DEST, GET_INFO, GET_SERVICE,
    NEW_DAEMON, NEW_DEST, NEW_SERVICE, NLA_F_NESTED, NLM_F_ACK, NLM_F_DUMP,
    NLM_F_REQUEST, SET_CONFIG, SET_DEST, SET_SERVICE, S_ADDR, S_AF, S_FLAGS,
    S_NETMASK, S_PE, S_PORT, S_PROTOCOL, S_SCHED, S_TIMEOUT, ZERO, Ipvs, dest,
    dst_key, dst_rest, new_dest, nla, parse, service, snapshot,
    svc_key, svc_mark, svc_rest, text, u16, u32)
from errors import base, refused, without
from ktap import check, equal, note, test

SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().getrandbits(32)
MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "3000"))
# Mutated requests name this service, never one of the base configuration.
VICTIM = svc_key("198.51.100.1", 8000)


def resized(kind, size, attrs):
    """A run of attributes with one payload cut or stretched to @size."""
    return b"".join(nla(k, v[:size].ljust(size, b"\xff") if k == kind else v)
                    for k, v in parse(attrs))


@test("garbage: attributes shorter than their type")
def short_attributes():
    ipvs = base()
    whole = svc_key(port=81) + svc_rest()
    rows = []
    for name, kind, size in (
            ("AF", S_AF, 1), ("PROTOCOL", S_PROTOCOL, 1), ("PORT", S_PORT, 1),
            ("TIMEOUT", S_TIMEOUT, 3), ("NETMASK", S_NETMASK, 2),
            ("AF", S_AF, 0), ("PORT", S_PORT, 0), ("SCHED_NAME", S_SCHED, 0)):
        rows.append(("%s of %d bytes" % (name, size), errno.EINVAL,
                     NEW_SERVICE, service(resized(kind, size, whole))))
    target = dst_key("10.0.0.70") + dst_rest()
    for name, kind, size in (("PORT", D_PORT, 1), ("FWD_METHOD", D_FWD, 2),
                             ("WEIGHT", D_WEIGHT, 3), ("WEIGHT", D_WEIGHT, 0)):
        rows.append(("%s of %d bytes" % (name, size), errno.EINVAL, NEW_DEST,
                     service(svc_key()) + dest(resized(kind, size, target))))
    rows.append(("TIMEOUT_TCP of 2 bytes", errno.ERANGE, SET_CONFIG,
                 nla(A_TIMEOUT_TCP, b"\1\0")))
    refused(ipvs, rows)


@test("garbage: addresses, flags and names longer than their type")
def long_attributes():
    ipvs = base()
    whole = svc_key(port=81) + svc_rest()
    rows = [("%s of %d bytes" % (name, size), errno.EINVAL, NEW_SERVICE,
             service(resized(kind, size, whole)))
            for name, kind, size in (("ADDR", S_ADDR, 17),
                                     ("ADDR", S_ADDR, 4000),
                                     ("FLAGS", S_FLAGS, 9))]
    rows.append(("dest ADDR of 17 bytes", errno.EINVAL, NEW_DEST,
                 service(svc_key()) + dest(resized(
                     D_ADDR, 17, dst_key("10.0.0.70") + dst_rest()))))
    refused(ipvs, rows)


@test("garbage: names without their terminating zero")
def unterminated():
    ipvs = base()
    rows = []
    for kind, payload in ((S_SCHED, b"rr"), (S_SCHED, b"r" * 16),
                          (S_SCHED, b"r" * 4000), (S_PE, b"sip")):
        attrs = without(kind, svc_key(port=81) + svc_rest())
        rows.append(("name %r" % payload[:20], 0, NEW_SERVICE,
                     service(attrs + nla(kind, payload))))
    before = snapshot(ipvs)
    for what, _, cmd, attrs in rows:
        check(ipvs.errno(cmd, attrs) in (errno.EINVAL, errno.ERANGE,
                                         errno.ENOENT), what + " accepted")
        equal(snapshot(ipvs), before, "configuration after " + what)
    ipvs.flush()


@test("garbage: nests that are not nests, and lying lengths")
def lying_nests():
    ipvs = base()
    before = snapshot(ipvs)
    key = svc_key()
    bodies = [
        nla(A_SERVICE, b"\1"), nla(A_SERVICE, b"\1\2\3"),
        nla(A_SERVICE, b"\xff" * 8), nla(A_SERVICE, b"\0" * 64),
        nla(A_SERVICE, struct.pack("=HH", 200, S_AF) + u16(2)),
        nla(A_SERVICE, struct.pack("=HH", 3, S_AF) + u16(2)),
        nla(A_SERVICE, struct.pack("=HH", 0, 0) * 4),
        nla(A_SERVICE, nla(A_SERVICE, key)),
        nla(A_DEST, key) + nla(A_SERVICE, dst_key()),
        nla(A_SERVICE, key)[:-6], struct.pack("=HH", 4096, A_SERVICE) + key,
        struct.pack("=HH", 5, A_SERVICE), struct.pack("=HH", 0, A_SERVICE),
        b"\x04", b"\x04\x00\x01", os.urandom(3),
        nla(A_SERVICE, key) + nla(A_DEST, b"\xff" * 12),
        nla(A_SERVICE, nla(S_AF, u16(2)) * 5000),
        nla(A_SERVICE, b"")[:4] + nla(A_DAEMON, nla(1, u32(1)) * 9),
    ]
    for number, body in enumerate(bodies):
        for cmd in (NEW_SERVICE, SET_SERVICE, NEW_DEST, SET_DEST, GET_SERVICE,
                    SET_CONFIG, NEW_DAEMON):
            ipvs.errno(cmd, body)
        ipvs.errno(GET_DEST, body, dump=True)
        equal(snapshot(ipvs), before, "configuration after body %d" % number)
    ipvs.flush()


@test("garbage: the last of an attribute given twice counts")
def twice():
    ipvs = base()
    ipvs.do(NEW_SERVICE, service(svc_key(port=81) + svc_rest("rr") +
                                 nla(S_SCHED, text("wrr"))))
    equal(ipvs.service_one(svc_key(port=81))[S_SCHED], b"wrr\0", "scheduler")
    ipvs.flush()


@test("garbage: every truncation of valid requests")
def truncations():
    ipvs = base()
    before = snapshot(ipvs)
    for cmd, attrs in ((NEW_SERVICE, service(VICTIM + svc_rest())),
                       (NEW_DEST, service(svc_key()) +
                        dest(dst_key("10.0.0.70") + dst_rest()))):
        for size in range(len(attrs)):
            ipvs.errno(cmd, attrs[:size])
            body = bytearray(attrs[:size])
            if size > 4:
                struct.pack_into("=H", body, 0, size)
                ipvs.errno(cmd, bytes(body))
        equal(snapshot(ipvs), before, "configuration after truncations")
    ipvs.flush()


@test("garbage: netlink headers that lie about the length")
def lying_headers():
    ipvs = base()
    before = snapshot(ipvs)
    body = struct.pack("=BBH", GET_INFO, 1, 0) + service(svc_key())
    for length in (0, 1, 15, 16, 17, 19, 20, 21, 1000, 0xffffffff):
        for size in (len(body), 0, 3):
            ipvs.send_raw(struct.pack("=IHHII", length, ipvs.id,
                                      NLM_F_REQUEST | NLM_F_ACK, 1, 0) +
                          body[:size])
    ipvs.drain()
    equal(snapshot(ipvs), before, "configuration")
    ipvs.flush()


def mutate(rng, data):
    """@data with a few bytes changed, cut, doubled or moved."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        if not data:
            break
        at = rng.randrange(len(data))
        what = rng.random()
        if what < 0.5:
            data[at] ^= 1 << rng.randrange(8)
        elif what < 0.7:
            data[at] = rng.choice((0, 1, 4, 0x7f, 0x80, 0xff))
        elif what < 0.85:
            del data[at:at + rng.randint(1, 8)]
        else:
            data[at:at] = data[max(0, at - 8):at]
    return bytes(data)


def random_attrs(rng, depth=0):
    """A run of attributes of random types, sizes and nesting."""
    out = b""
    for _ in range(rng.randint(0, 6)):
        kind = rng.randint(0, 17) | rng.choice((0, 0, NLA_F_NESTED))
        if depth < 3 and rng.random() < 0.5:
            payload = random_attrs(rng, depth + 1)
        else:
            payload = rng.randbytes(rng.choice((0, 1, 2, 4, 8, 16, 17, 40)))
        out += nla(kind, payload)
    return out


def fuzz_request(rng):
    """One (command, attributes) that cannot be meant for the base."""
    requests = (
        (NEW_SERVICE, service(VICTIM + svc_rest())),
        (SET_SERVICE, service(VICTIM + svc_rest(sched="sh"))),
        (NEW_SERVICE, service(svc_mark(0x5a5a5a5a) + svc_rest())),
        (DEL_SERVICE, service(VICTIM)), (GET_SERVICE, service(VICTIM)),
        (NEW_DEST, service(VICTIM) + new_dest("10.9.9.9", weight=4)),
        (SET_DEST, service(VICTIM) + new_dest("10.9.9.9", weight=8)),
        (DEL_DEST, service(VICTIM) + dest(dst_key("10.9.9.9"))),
        (ZERO, service(VICTIM)), (GET_DEST, service(VICTIM)),
        (GET_INFO, b""))
    cmd, attrs = rng.choice(requests)
    if rng.random() < 0.35:
        attrs = random_attrs(rng)
        cmd = rng.choice([c for c in range(0, 20) if c not in
                          (FLUSH, SET_CONFIG)])
    elif rng.random() < 0.9:
        attrs = mutate(rng, attrs)
    return cmd, attrs


@test("garbage: thousands of random messages lose nothing")
def fuzz():
    note("seed %u, %d messages" % (SEED, MESSAGES))
    rng = random.Random(SEED)
    ipvs = base()
    before = snapshot(ipvs)
    answers = {}
    for _ in range(MESSAGES):
        cmd, attrs = fuzz_request(rng)
        dump = rng.random() < 0.1
        code = ipvs.errno(cmd, attrs, dump=dump)
        answers[code] = answers.get(code, 0) + 1
    note("answers by errno: %r" % dict(sorted(answers.items())))
    check(answers.get(0, 0) > MESSAGES // 100, "hardly any request succeeded")
    check(len(answers) > 4, "hardly any kind of refusal")
    after = snapshot(ipvs)
    for svc, dests in before.items():
        equal(after.get(svc), dests, "service %r after the messages" % (svc,))
    ipvs.flush()
    equal(ipvs.services(), [], "services after FLUSH")


@test("garbage: random messages without a header that makes sense")
def noise():
    rng = random.Random(SEED + 1)
    ipvs = base()
    before = snapshot(ipvs)
    for _ in range(1000):
        flags = rng.choice((1, 5, NLM_F_DUMP | 1))
        body = struct.pack("=BBH", rng.choice((NEW_SERVICE, NEW_DEST,
                                               GET_SERVICE, GET_DEST)),
                           rng.getrandbits(8), rng.getrandbits(16))
        body += rng.randbytes(rng.randint(0, 120))
        ipvs.send_raw(struct.pack("=IHHII", 16 + len(body), ipvs.id, flags,
                                  rng.getrandbits(32), 0) + body)
        ipvs.drain()
    fresh = Ipvs()
    equal(snapshot(fresh), before, "configuration")
    fresh.flush()
