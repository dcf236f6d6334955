# SPDX-License-Identifier: GPL-2.0
"""IPVS's socket options: each structure byte for byte, lengths, errors, who
may use them. The same on the kernel's own ip_vs, unless it says otherwise."""

import ctypes
import errno
import os
import socket
import struct

from child import child
from ipvs import (
    AF_INET6, D_AF, DROUTE, F_HASHED, F_ONEPACKET, F_PERSISTENT, MASQ,
    NEW_DEST, NEW_SERVICE, S_STATS, SCTP, SET_CONFIG, TCP, TUNNEL, UDP, Ipvs,
    address, dest, dst_key, dst_rest, new_service, nla, parse,
    service, snapshot, svc_key, svc_mark, svc_rest, u16, u32)
from ktap import busywait, check, equal, test

BASE = 64 + 1024 + 64
(ADD, EDIT, DEL, FLUSH) = range(BASE + 2, BASE + 6)
(ADDDEST, DELDEST, EDITDEST, TIMEOUT, STARTDAEMON,
 STOPDAEMON) = range(BASE + 7, BASE + 13)
SET_ZERO = BASE + 15
(G_VERSION, G_INFO, G_SERVICES, G_SERVICE, G_DESTS, G_DEST, G_TIMEOUT,
 G_DAEMON) = range(BASE, BASE + 8)

# as the compiler lays them out on a 64-bit machine
SERVICE = struct.Struct("=H2xIH2xI16sIII")
DEST = struct.Struct("=IH2xIiII")
STATS = struct.Struct("=III4xQQIIIII4x")
SERVICE_ENTRY = struct.Struct("=H2xIH2xI16sIIII56s")
DEST_ENTRY = struct.Struct("=IH2xIiIIIII4x56s")
DAEMON = struct.Struct("=i16si")
SIZES = {ADD: 44, EDIT: 44, DEL: 44, FLUSH: 0, ADDDEST: 68, DELDEST: 68,
         EDITDEST: 68, TIMEOUT: 12, STARTDAEMON: 24, STOPDAEMON: 24,
         SET_ZERO: 44}
GET_SIZES = {G_VERSION: 64, G_INFO: 12, G_SERVICES: 8, G_SERVICE: 104,
             G_DESTS: 24, G_TIMEOUT: 12, G_DAEMON: 48}
NO_STATS = bytes(56)
INACTIVE, NOOUTPUT, ONE_PACKET = 0x100, 0x80, 0x2000

libc = ctypes.CDLL(None, use_errno=True)


def net32(addr):
    return struct.unpack("=I", socket.inet_aton(addr))[0]


def net16(port):
    return socket.htons(port)


def svc(addr="192.0.2.1", port=80, proto=TCP, fwmark=0, sched=b"rr", flags=0,
        timeout=0, netmask=0xffffffff):
    return SERVICE.pack(proto, net32(addr), net16(port), fwmark, sched, flags,
                        timeout, netmask)


def dst(addr="10.0.0.1", port=80, flags=MASQ, weight=1, upper=0, lower=0):
    return DEST.pack(net32(addr), net16(port), flags, weight, upper, lower)


class Options:
    """A socket whose options are IPVS's."""

    def __init__(self, kind=socket.SOCK_RAW):
        proto = socket.IPPROTO_RAW if kind == socket.SOCK_RAW else 0
        self.sock = socket.socket(socket.AF_INET, kind, proto)

    def set(self, cmd, value=b""):
        """0, or the errno."""
        buf = ctypes.create_string_buffer(value, max(len(value), 1))
        if libc.setsockopt(self.sock.fileno(), 0, cmd, buf, len(value)):
            return ctypes.get_errno()
        return 0

    def get(self, cmd, request, size=None):
        """The reply, or the errno; the whole buffer, cut to what was said."""
        buf = ctypes.create_string_buffer(request, max(len(request), 1))
        left = ctypes.c_int(len(request) if size is None else size)
        if libc.getsockopt(self.sock.fileno(), 0, cmd, buf,
                           ctypes.byref(left)):
            return ctypes.get_errno()
        return buf.raw[:left.value]

    def services(self, room):
        raw = self.get(G_SERVICES, struct.pack("=I4x", room) +
                       b"\xee" * (104 * room))
        equal(raw[:8], struct.pack("=I4x", room), "header")
        return [raw[i:i + 104] for i in range(8, len(raw), 104)]

    def dests(self, room, proto=TCP, addr="192.0.2.1", port=80, fwmark=0):
        head = struct.pack("=H2xIH2xII4x", proto, net32(addr), net16(port),
                           fwmark, room)
        raw = self.get(G_DESTS, head + b"\xee" * (96 * room))
        if isinstance(raw, int):
            return raw
        equal(raw[:24], head, "header")
        return [raw[i:i + 96] for i in range(24, len(raw), 96)]


def fresh():
    ipvs, opts = Ipvs(), Options()
    ipvs.flush()
    return ipvs, opts


def entry(n_dests, *args, stats=NO_STATS, **kwargs):
    """What GET_SERVICES is to say of svc(...)."""
    fields = list(SERVICE.unpack(svc(*args, **kwargs)))
    fields[5] |= F_HASHED
    return SERVICE_ENTRY.pack(*fields, n_dests, stats)


@test("sockopt: INFO, VERSION and TIMEOUT")
def globals_():
    ipvs, opts = fresh()
    equal(opts.set(ADD, svc()), 0, "ADD")
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1"))
    ipvs.do(NEW_SERVICE, service(svc_mark(9) + svc_rest()))
    version, size, number = struct.unpack("=3I", opts.get(G_INFO, bytes(12)))
    equal((version, number), (0x010201, 2), "version, IPv4 services")
    text = b"IP Virtual Server version 1.2.1 (size=%d)\0" % size
    equal(opts.get(G_VERSION, b"\xee" * 64), text, "VERSION")
    equal(opts.get(G_VERSION, b"\xee" * 80), text, "VERSION, longer")
    ipvs.do(SET_CONFIG, nla(4, u32(900)), nla(5, u32(120)), nla(6, u32(300)))
    equal(opts.set(TIMEOUT, struct.pack("=3i", 11, 0, 33)), 0, "TIMEOUT")
    equal(struct.unpack("=3i", opts.get(G_TIMEOUT, bytes(12))),
          (11, 120, 33), "TIMEOUT")
    for bad in ((-1, 0, 0), (0, -1, 0), (0, 0, 1 << 30)):
        equal(opts.set(TIMEOUT, struct.pack("=3i", *bad)), errno.EINVAL,
              "TIMEOUT %r" % (bad,))
    equal(opts.set(TIMEOUT, struct.pack("=3i", 900, 120, 300)), 0, "TIMEOUT")
    equal(opts.get(G_DAEMON, b"\xee" * 48), bytes(48), "no daemon")
    ipvs.flush()


@test("sockopt: services, made and changed, as both interfaces list them")
def services():
    ipvs, opts = fresh()
    mask = net32("255.255.255.0")
    made = ((("192.0.2.1", 80, TCP), {"sched": b"wrr"}),
            (("192.0.2.1", 53, UDP), {"flags": F_ONEPACKET}),
            (("192.0.2.2", 0, TCP), {"flags": F_PERSISTENT, "timeout": 600,
                                     "netmask": mask, "sched": b"sh"}),
            (("0.0.0.0", 0, TCP, 77), {"flags": 0xc0, "sched": b"lc"}))
    for args, rest in made:
        equal(opts.set(ADD, svc(*args, **rest)), 0, "ADD %r" % (args,))
        equal(opts.set(ADD, svc(*args, **rest)), errno.EEXIST, "again")
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1"))
    want = {entry(0, *args, **rest) for args, rest in made}
    equal(set(opts.services(4)), want, "services")
    equal(opts.services(5)[4], b"\xee" * 104, "room that is not needed")
    check(opts.services(1)[0] in want, "less room than services")
    equal(len(ipvs.services()), 5, "by netlink")
    equal(opts.set(EDIT, svc(sched=b"rr", flags=F_PERSISTENT, timeout=60)), 0,
          "EDIT")
    one = opts.get(G_SERVICE, entry(9, sched=b"?" * 16, stats=b"\xaa" * 56))
    want = entry(0, sched=b"rr", flags=F_PERSISTENT, timeout=60)
    stats = one[48:]
    equal(one[:16] + one[32:48], want[:16] + want[32:48], "SERVICE")
    equal(one[16:19], b"rr\0", "its scheduler")
    equal(stats, bytes(12) + b"\xaa" * 4 + bytes(36) + b"\xaa" * 4,
          "its counters; what is between them is the caller's")
    equal(opts.set(DEL, svc()), 0, "DEL")
    equal(opts.set(DEL, svc()), errno.ESRCH, "DEL again")
    equal(opts.set(FLUSH), 0, "FLUSH")
    equal(ipvs.services(), [], "services left")


@test("sockopt: the protocol of a firewall-mark service is part of its name")
def marks():
    ipvs, opts = fresh()
    ipvs.do(NEW_SERVICE, service(svc_mark(5) + svc_rest()))
    equal(opts.set(ADD, svc("0.0.0.0", 0, UDP, 6)), 0, "ADD")
    equal(sorted(e[:2] + e[12:16] for e in opts.services(2)),
          sorted(u16(p) + u32(m) for p, m in ((TCP, 5), (UDP, 6))), "listed")
    equal(opts.set(EDIT, svc("0.0.0.0", 0, TCP, 6)), errno.ESRCH, "EDIT, TCP")
    equal(opts.set(EDIT, svc("0.0.0.0", 0, UDP, 6)), 0, "EDIT, UDP")
    equal(opts.set(ADD, svc("0.0.0.0", 0, TCP, 6)), errno.EEXIST, "ADD, TCP")
    equal(opts.set(DEL, svc("0.0.0.0", 0, SCTP, 5)), errno.ESRCH, "DEL, SCTP")
    equal(opts.set(DEL, svc("0.0.0.0", 0, TCP, 5)), 0, "DEL, TCP")
    equal(opts.dests(0, UDP, "0.0.0.0", 0, 6), [], "servers")
    equal(opts.dests(0, TCP, "0.0.0.0", 0, 6), [], "servers, any protocol")
    ipvs.flush()


def dest_entry(addr, port, flags, weight, upper=0, lower=0, counts=(0, 0, 0),
               stats=NO_STATS):
    return DEST_ENTRY.pack(net32(addr), net16(port), flags, weight, upper,
                           lower, *counts, stats)


@test("sockopt: servers, made and changed, as both interfaces list them")
def dests():
    ipvs, opts = fresh()
    equal(opts.set(ADD, svc()), 0, "ADD")
    for args in (("10.0.0.1", 80, MASQ, 1), ("10.0.0.2", 80, TUNNEL, 0),
                 ("10.0.0.3", 81, DROUTE, 5, 20, 10),
                 ("10.0.0.4", 80, MASQ | ONE_PACKET | 0xc8f0, 7)):
        equal(opts.set(ADDDEST, svc() + dst(*args)), 0, "ADDDEST %r" % (args,))
        equal(opts.set(ADDDEST, svc() + dst(*args)), errno.EEXIST, "again")
    ipvs.do(NEW_DEST, service(svc_key()), dest(
        dst_key("fd00::2") + dst_rest(fwd=TUNNEL) + nla(D_AF, u16(AF_INET6))))
    want = [dest_entry("10.0.0.4", 80, MASQ | INACTIVE | ONE_PACKET, 7),
            dest_entry("10.0.0.3", 81, DROUTE | INACTIVE | NOOUTPUT, 5, 20,
                       10),
            dest_entry("10.0.0.2", 80, TUNNEL | INACTIVE | NOOUTPUT, 0),
            dest_entry("10.0.0.1", 80, MASQ | INACTIVE, 1)]
    equal(opts.dests(4), want, "servers")
    equal(opts.dests(2), want[:2], "less room than servers")
    equal(opts.dests(5), want + [b"\xee" * 96], "more room than servers")
    equal(opts.set(EDITDEST, svc() + dst("10.0.0.2", 80, DROUTE, 9, 4)), 0,
          "EDITDEST")
    want[2] = dest_entry("10.0.0.2", 80, DROUTE | INACTIVE | NOOUTPUT, 9, 4)
    equal(opts.dests(4), want, "servers after EDITDEST")
    equal(opts.set(DELDEST, svc() + dst("10.0.0.3", 81)), 0, "DELDEST")
    equal(opts.dests(3), [want[0], want[2], want[3]], "servers left")
    equal(opts.get(G_SERVICE, entry(0))[44:48], u32(4), "number of servers")
    ipvs.flush()


@test("sockopt: every length but the right one is EINVAL")
def lengths():
    ipvs, opts = fresh()
    for cmd in range(BASE, BASE + 16):
        size = SIZES.get(cmd, 0)
        for bad in {0, 1, size - 1, size + 1, 12, 24, 44, 68, 255} - {size}:
            if bad >= 0:
                equal(opts.set(cmd, bytes(bad)), errno.EINVAL,
                      "%d bytes for %d" % (bad, cmd - BASE))
    for cmd in (BASE, BASE + 1, BASE + 6, BASE + 13, BASE + 14):
        equal(opts.set(cmd), errno.EINVAL, "number %d" % (cmd - BASE))
    for cmd, size in GET_SIZES.items():
        for bad in (0, 1, size - 1):
            equal(opts.get(cmd, bytes(bad)), errno.EINVAL,
                  "%d bytes to get %d" % (bad, cmd - BASE))
    equal(opts.get(G_DEST, bytes(256)), errno.EINVAL, "DEST")
    equal(opts.set(ADD, svc()), 0, "ADD")
    for cmd, head, size in ((G_SERVICES, struct.pack("=I4x", 2), 104),
                            (G_DESTS, struct.pack(
                                "=H2xIH2xII4x", TCP, net32("192.0.2.1"),
                                net16(80), 0, 2), 96)):
        for room in (0, size, 2 * size - 1, 2 * size + 1):
            equal(opts.get(cmd, head + bytes(room)), errno.EINVAL,
                  "room of %d" % room)
    for number in (0xffffffff, 0x80000000, 0x40000000, 41297763):
        equal(opts.get(G_SERVICES, struct.pack("=I4x", number) + bytes(96)),
              errno.EINVAL, "%d services" % number)
    # longer than what has a fixed length is fine
    equal(opts.get(G_INFO, b"\xee" * 13)[12:], b"\xee", "INFO, longer")
    ipvs.flush()


@test("sockopt: numbers beside the range are nobody's")
def numbers():
    opts = Options()
    for cmd in (BASE - 1, BASE + 16):
        equal(opts.set(cmd), errno.ENOPROTOOPT, "set %d" % (cmd - BASE))
    for cmd in (BASE - 1, BASE + 8):
        equal(opts.get(cmd, bytes(128)), errno.ENOPROTOOPT,
              "get %d" % (cmd - BASE))


@test("sockopt: refused requests have their errors and change nothing")
def errors():
    ipvs, opts = fresh()
    equal(opts.set(ADD, svc()), 0, "ADD")
    equal(opts.set(ADDDEST, svc() + dst()), 0, "ADDDEST")
    before = snapshot(ipvs)
    rows = (
        ("name without end", ADD, svc(port=81, sched=b"r" * 16),
         errno.EINVAL),
        ("name without end, EDIT", EDIT, svc(sched=b"r" * 16), errno.EINVAL),
        ("name without end, DEL", DEL, svc(port=81, sched=b"r" * 16),
         errno.ESRCH),
        ("protocol 0", ADD, svc(port=81, proto=0), errno.EFAULT),
        ("protocol 50", ADD, svc(port=81, proto=50), errno.EFAULT),
        ("protocol 262", ADD, svc(port=81, proto=262), errno.EFAULT),
        ("mark without protocol", ADD, svc("0.0.0.0", 0, 0, 5), errno.EFAULT),
        ("protocol 0, ZERO", SET_ZERO, svc(proto=0), errno.EFAULT),
        ("no such scheduler", ADD, svc(port=81, sched=b"nosuch"),
         errno.ENOENT),
        ("no such scheduler, EDIT", EDIT, svc(sched=b"nosuch"),
         errno.ENOENT),
        ("exists", ADD, svc(), errno.EEXIST),
        ("exists, no such scheduler", ADD, svc(sched=b"nosuch"),
         errno.EEXIST),
        ("EDIT, missing", EDIT, svc(port=81), errno.ESRCH),
        ("DEL, missing", DEL, svc(port=81), errno.ESRCH),
        ("ZERO, missing", SET_ZERO, svc(port=81), errno.ESRCH),
        ("ADDDEST, missing", ADDDEST, svc(port=81) + dst(), errno.ESRCH),
        ("ADDDEST, exists", ADDDEST, svc() + dst(), errno.EEXIST),
        ("negative weight", ADDDEST, svc() + dst("10.0.0.2", weight=-1),
         errno.ERANGE),
        ("lower above upper", ADDDEST, svc() + dst("10.0.0.2", upper=1,
                                                   lower=2), errno.ERANGE),
        ("multicast server", ADDDEST, svc() + dst("224.0.0.1"),
         errno.EINVAL),
        ("EDITDEST, missing", EDITDEST, svc() + dst("10.0.0.2"),
         errno.ENOENT),
        ("EDITDEST, negative weight", EDITDEST, svc() + dst(weight=-1),
         errno.ERANGE),
        ("DELDEST, missing", DELDEST, svc() + dst("10.0.0.2"), errno.ENOENT),
        ("daemon without device", STARTDAEMON, DAEMON.pack(1, b"", 0),
         errno.EINVAL),
        ("daemon, device without end", STARTDAEMON,
         DAEMON.pack(1, b"d" * 16, 0), errno.EINVAL),
        ("no daemon to stop", STOPDAEMON, DAEMON.pack(1, b"", 0),
         errno.ESRCH),
        ("a daemon that is neither", STOPDAEMON, DAEMON.pack(3, b"", 0),
         errno.EINVAL))
    for what, cmd, value, want in rows:
        equal(opts.set(cmd, value), want, what)
        equal(snapshot(ipvs), before, what + ": configuration")
    equal(opts.get(G_SERVICE, entry(0, port=81)), errno.ESRCH, "SERVICE")
    equal(opts.dests(1, port=81), errno.ESRCH, "DESTS")
    for ptr, want in ((1, errno.EFAULT),):
        equal(libc.setsockopt(opts.sock.fileno(), 0, ADD,
                              ctypes.c_void_p(ptr), 44), -1, "bad pointer")
        equal(ctypes.get_errno(), want, "bad pointer")
    ipvs.flush()


@test("sockopt: counters, and ZERO of one service or of all")
def counters():
    ipvs, opts = fresh()
    for port in (53, 54):
        equal(opts.set(ADD, svc(port=port, proto=UDP)), 0, "ADD")
        equal(opts.set(ADDDEST, svc(port=port, proto=UDP) + dst(port=port)),
              0, "ADDDEST")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"x" * 100, ("192.0.2.1", port))

    def counts(port):
        one = opts.get(G_SERVICE, entry(0, port=port, proto=UDP))
        real = opts.dests(1, UDP, port=port)[0]
        equal(STATS.unpack(one[48:])[:5], STATS.unpack(real[40:])[:5],
              "service and server")
        return STATS.unpack(real[40:])[:5]

    # stock brings totals up to date every 2 s
    check(busywait(6, lambda: counts(53) == counts(54) == (1, 1, 0, 128, 0)),
          "counters %r %r" % (counts(53), counts(54)))
    real = opts.dests(1, UDP, port=53)[0]
    equal(struct.unpack_from("=3I", real, 24), (0, 1, 0), "conns")
    legacy = dict(parse(ipvs.service_one(svc_key(port=53, proto=UDP))
                        [S_STATS]))
    equal(struct.unpack("=I", legacy[1])[0], 1, "conns by netlink")
    equal(opts.set(SET_ZERO, svc(port=53, proto=UDP)), 0, "ZERO")
    check(busywait(6, lambda: counts(53) == (0,) * 5), "not zeroed")
    equal(counts(54), (1, 1, 0, 128, 0), "the other service")
    equal(opts.set(SET_ZERO, svc("0.0.0.0", 0, 0)), 0, "ZERO of all")
    check(busywait(6, lambda: counts(54) == (0,) * 5), "not zeroed")
    ipvs.flush()


@test("sockopt: UDP conns of a server with the flag of one packet do not stay")
def one_packet():
    ipvs, opts = fresh()
    equal(opts.set(ADD, svc(port=55, proto=UDP)), 0, "ADD")
    equal(opts.set(ADDDEST, svc(port=55, proto=UDP) +
                   dst(port=55, flags=MASQ | ONE_PACKET)), 0, "ADDDEST")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _ in range(3):
            sock.sendto(b"x", ("192.0.2.1", 55))

    def seen():
        real = opts.dests(1, UDP, port=55)[0]
        return (STATS.unpack(real[40:])[:2] +
                struct.unpack_from("=3I", real, 24))
    check(busywait(6, lambda: seen() == (3, 3, 0, 0, 0)),
          "conns, packets, active, inactive, persistent: %r" % (seen(),))
    with open("/proc/net/ip_vs_conn", encoding="ascii") as conns:
        check(":0037" not in conns.read().replace(" 0037 ", ":0037"),
              "a conn has stayed")
    ipvs.flush()


@test("sockopt: on every kind of IPv4 socket")
def kinds():
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_STREAM):
        equal(len(Options(kind).get(G_INFO, bytes(12))), 12, str(kind))


@test("sockopt: who may use them, and each namespace has its own services")
def permissions():
    ipvs, opts = fresh()

    def nobody():
        other = Options(socket.SOCK_DGRAM)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        codes = {other.set(cmd, bytes(size)) for cmd, size in SIZES.items()}
        return codes | {other.get(cmd, bytes(size))
                        for cmd, size in GET_SIZES.items()}

    def container():
        if libc.unshare(0x10000000 | 0x40000000):
            return ctypes.get_errno()
        with open("/proc/self/uid_map", "w", encoding="ascii") as out:
            out.write("0 0 1")
        other = Options()
        return (other.set(ADD, svc(port=7)), other.get(G_INFO, bytes(12))[8:],
                opts.set(ADD, svc(port=8)), other.set(FLUSH))

    equal(opts.set(ADD, svc()), 0, "ADD")
    equal(child(nobody), {errno.EPERM}, "nobody")
    # the namespace goes when the child is gone
    equal(child(container), (0, u32(1), errno.EPERM, 0),
          "root of a user namespace: its own, and the socket of another")
    equal(len(ipvs.services()), 1, "services")
    equal(address("192.0.2.1"), ipvs.services()[0][3], "its address")
    ipvs.flush()
