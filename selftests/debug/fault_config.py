# SPDX-License-Identifier: GPL-2.0
"""Every allocation of every configuration request fails in turn. The answer
must be an error and nothing has changed, or success and all has."""

import ctypes
import errno
import os
import socket
import struct

from ipvs import (
    A_TIMEOUT_TCP, A_TIMEOUT_UDP, DEL_DEST, DEL_SERVICE, DROUTE, F_ONEPACKET,
    F_PERSISTENT, FLUSH, GET_CONFIG, GET_DEST, GET_INFO, GET_SERVICE, MASQ,
    NEW_DEST, NEW_SERVICE, NETLINK_GENERIC, NLM_F_ACK, NLM_F_DUMP,
    NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, SET_CONFIG, SET_DEST, SET_SERVICE,
    TUNNEL, UDP, ZERO, AF_INET6, D_AF, Ipvs, Message, dest, dst_key, dst_rest,
    new_dest, new_service, nla, service, snapshot, svc_key, svc_mark,
    svc_rest, u16, u32)
from ktap import Failure, check, equal, note, test
from nth import Tally, faults

VIP, VIP6 = "192.0.2.1", "2001:db8::1"
CLONE_NEWNET = 0x40000000
WEB = svc_key(VIP, 80)
DNS = svc_key(VIP, 53, UDP)
WEB6 = svc_key(VIP6, 80)
MARK = svc_mark(7)
BIG = svc_key(VIP, 81)
BIG_ADD, BIG_DEL = "10.0.2.1", "10.0.1.100"


def base(ipvs):
    """The configuration that every request meets."""
    ipvs.flush()
    ipvs.do(SET_CONFIG, nla(A_TIMEOUT_TCP, u32(900)),
            nla(A_TIMEOUT_UDP, u32(300)))
    ipvs.do(NEW_SERVICE, new_service(VIP, 80, sched="wrr"))
    ipvs.do(NEW_SERVICE, new_service(VIP, 53, UDP, sched="mh"))
    ipvs.do(NEW_SERVICE, new_service(VIP6, 80, sched="wlc",
                                     flags=F_PERSISTENT, timeout=60))
    ipvs.do(NEW_SERVICE, service(MARK + svc_rest()))
    for i in (1, 2, 3):
        ipvs.do(NEW_DEST, service(WEB), new_dest("10.0.0.%d" % i, weight=i))
    ipvs.do(NEW_DEST, service(DNS), new_dest("10.0.0.1", fwd=DROUTE))
    ipvs.do(NEW_DEST, service(WEB6), new_dest("fd00::1", fwd=TUNNEL))


def big(ipvs):
    """More servers than one chunk of a pool holds, and two half empty."""
    base(ipvs)
    ipvs.do(NEW_SERVICE, new_service(VIP, 81, sched="wrr"))
    for i in range(140):
        ipvs.do(NEW_DEST, service(BIG), new_dest("10.0.1.%d" % i))
    for i in range(90):
        ipvs.do(DEL_DEST, service(BIG), dest(dst_key("10.0.1.%d" % i)))


def state(ipvs):
    """All that is configured."""
    config = ipvs.do(GET_CONFIG)[0].attrs
    return snapshot(ipvs), [(kind, bytes(value)) for kind, value in config]


class Asker:
    """Sends a request and reads its answer, with as little as possible
    beside the system calls."""

    def __init__(self, family):
        self.family = family
        self.buffer = bytearray(1 << 17)
        self.sock = None

    def open(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.bind((0, 0))
        # not settimeout(), which would poll
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,
                             struct.pack("ll", 20, 0))

    def ask(self, fault, cmd, attrs, flags):
        """(errno, messages); EREMOTEIO for an answer that was lost."""
        raw = struct.pack("=IHHIIBBH", 20 + len(attrs), self.family,
                          NLM_F_REQUEST | flags, 1, 0, cmd, 1, 0) + attrs
        self.open()
        pages = []
        try:
            with fault:
                sent = False
                try:
                    self.sock.send(raw)
                    sent = True
                    while not pages or not is_last(pages[-1]):
                        size = self.sock.recv_into(self.buffer)
                        pages.append(bytes(self.buffer[:size]))
                except OSError as error:
                    # netlink itself had no memory to send, or to answer
                    code = error.errno
                    return (errno.EREMOTEIO if sent else code), pages
            return final(pages[-1]), pages
        finally:
            self.sock.close()


def is_last(page):
    """Does a datagram end the answer?"""
    at = 0
    while at < len(page):
        size, kind = struct.unpack_from("=IH", page, at)
        if kind in (NLMSG_ERROR, NLMSG_DONE):
            return True
        at += (size + 3) & ~3
    return False


def final(page):
    """The error code that ends an answer."""
    at = 0
    while True:
        size, kind = struct.unpack_from("=IH", page, at)
        if kind in (NLMSG_ERROR, NLMSG_DONE):
            return -struct.unpack_from("=i", page, at + 16)[0]
        at += (size + 3) & ~3


def name(code):
    return errno.errorcode.get(code, str(code)) if code else "ok"


# What lack of memory may be answered with; EFAULT for a copy that failed.
CLEAN = {errno.ENOMEM, errno.ENOBUFS, errno.EFAULT, errno.EREMOTEIO,
         errno.EBUSY, errno.E2BIG}


def again(ipvs, prepare):
    """The same configuration again: of the long one, only what a request of
    below has changed."""
    if prepare is not big:
        prepare(ipvs)
        return
    for cmd, what in ((DEL_DEST, dest(dst_key(BIG_ADD))),
                      (NEW_DEST, new_dest(BIG_DEL))):
        check(ipvs.errno(cmd, service(BIG), what) in
              (0, errno.ENOENT, errno.EEXIST), "undo")


def request(ipvs, asker, prepare, cmd, *attrs):
    """Let one request meet every fault. Returns the tally."""
    tally = Tally()
    prepare(ipvs)
    before = state(ipvs)
    ipvs.do(cmd, *attrs)
    after = state(ipvs)
    again(ipvs, prepare)
    equal(state(ipvs), before, "the same configuration, made twice")
    for fault in faults():
        code, _ = asker.ask(fault, cmd, b"".join(attrs), NLM_F_ACK)
        now = state(ipvs)
        tally.count(fault, name(code))
        where = "fault %d (%s)" % (fault.n, name(code))
        check(code == 0 or code in CLEAN, "%s: not a clean error" % where)
        if code == 0:
            equal(now, after, where + ": configuration")
        elif code == errno.EREMOTEIO:
            check(now in (before, after), where + ": half a change")
        else:
            equal(now, before, where + ": configuration")
        check(fault.injected or code == 0, where + ": failed without a fault")
        if now != before:
            again(ipvs, prepare)
    return tally


def dump(asker, cmd, *attrs):
    """Let one listing meet every fault: an error, or every row."""
    tally = Tally()
    whole = None
    for fault in faults():
        code, pages = asker.ask(fault, cmd, b"".join(attrs),
                                NLM_F_ACK | NLM_F_DUMP)
        tally.count(fault, name(code))
        rows = bodies(pages)
        check(code == 0 or code in CLEAN, "fault %d: %s" % (fault.n, name(code)))
        check(fault.injected or code == 0, "%s without a fault" % name(code))
        if code == 0:
            whole = whole or rows
            equal(rows, whole, "fault %d: rows" % fault.n)
    return tally


def bodies(pages):
    """All messages but the last."""
    out = []
    for page in pages:
        at = 0
        while at < len(page):
            size, kind = struct.unpack_from("=IH", page, at)
            if kind not in (NLMSG_ERROR, NLMSG_DONE):
                out.append(Message(page[at:at + size]).body)
            at += (size + 3) & ~3
    return out


REQUESTS = [
    ("add a service, " + sched.decode(), base, NEW_SERVICE,
     new_service(VIP, 1000, sched=sched.decode()))
    for sched in (b"rr", b"wrr", b"mh", b"sh", b"dh", b"lc")
] + [
    ("add a persistent IPv6 service", base, NEW_SERVICE,
     new_service(VIP6, 1000, flags=F_PERSISTENT, timeout=10)),
    ("add a firewall-mark service", base, NEW_SERVICE,
     service(svc_mark(8, AF_INET6) + svc_rest(netmask=128))),
    ("change the scheduler to mh", base, SET_SERVICE,
     new_service(VIP, 80, sched="mh")),
    ("change the scheduler of a mark", base, SET_SERVICE,
     service(MARK + svc_rest(sched="sh", flags=F_ONEPACKET))),
    ("make a service persistent", base, SET_SERVICE,
     new_service(VIP, 80, sched="wrr", flags=F_PERSISTENT, timeout=5)),
    ("delete a service", base, DEL_SERVICE, service(WEB)),
    ("add a server, NAT", base, NEW_DEST, service(WEB), new_dest("10.0.0.9")),
    ("add a server, DR, to mh", base, NEW_DEST, service(DNS),
     new_dest("10.0.0.9", fwd=DROUTE, weight=3)),
    ("add the first server", base, NEW_DEST, service(MARK),
     new_dest("10.0.0.9", fwd=DROUTE)),
    ("add an IPv6 server to an IPv4 service", base, NEW_DEST, service(WEB),
     dest(dst_key("fd00::9") + dst_rest(fwd=TUNNEL) +
          nla(D_AF, u16(AF_INET6)))),
    ("change a weight", base, SET_DEST, service(WEB),
     new_dest("10.0.0.2", weight=9)),
    ("change a method", base, SET_DEST, service(WEB),
     new_dest("10.0.0.2", weight=2, fwd=DROUTE)),
    ("delete a server", base, DEL_DEST, service(WEB),
     dest(dst_key("10.0.0.2"))),
    ("delete the last server", base, DEL_DEST, service(DNS),
     dest(dst_key("10.0.0.1"))),
    ("add to many servers", big, NEW_DEST, service(BIG), new_dest(BIG_ADD)),
    ("delete of many servers", big, DEL_DEST, service(BIG),
     dest(dst_key(BIG_DEL))),
    ("set timeouts", base, SET_CONFIG, nla(A_TIMEOUT_TCP, u32(77)),
     nla(A_TIMEOUT_UDP, u32(33))),
    ("zero everything", base, ZERO),
    ("zero a service", base, ZERO, service(WEB)),
    ("flush", base, FLUSH),
]


@test("faults: configuration requests change all or nothing")
def config_requests():
    ipvs = Ipvs()
    asker = Asker(ipvs.id)
    for title, prepare, cmd, *attrs in REQUESTS:
        try:
            note("%s: %s" % (title, request(ipvs, asker, prepare, cmd,
                                            *attrs)))
        except Failure as why:
            raise Failure("%s: %s" % (title, why)) from why
    ipvs.flush()


@test("faults: questions get an answer or an error")
def config_questions():
    ipvs = Ipvs()
    asker = Asker(ipvs.id)
    big(ipvs)
    for title, cmd, *attrs in (
            ("a service", GET_SERVICE, service(WEB)),
            ("timeouts", GET_CONFIG), ("version", GET_INFO)):
        note("%s: %s" % (title, request(ipvs, asker, lambda _: None, cmd,
                                        *attrs)))
    note("all services: %s" % dump(asker, GET_SERVICE))
    note("servers: %s" % dump(asker, GET_DEST, service(BIG)))
    ipvs.flush()


def new_namespace():
    """Leave this namespace for a new one."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    return Ipvs()


@test("faults: the first service of a namespace")
def first_service():
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    for title, vip in (("IPv4", VIP), ("IPv6", VIP6)):
        ipvs = new_namespace()
        asker = Asker(ipvs.id)
        tally = Tally()
        for fault in faults():
            code, _ = asker.ask(fault, NEW_SERVICE, new_service(vip, 80),
                                NLM_F_ACK)
            tally.count(fault, name(code))
            there = len(ipvs.services())
            where = "fault %d (%s)" % (fault.n, name(code))
            check(code == 0 or code in CLEAN, where + ": not a clean error")
            if code != errno.EREMOTEIO:
                equal(there, int(code == 0), where + ": services")
            check(fault.injected or code == 0, where + ": without a fault")
            if there:
                ipvs.close()
                ipvs = new_namespace()
        note("%s: %s" % (title, tally))
        ipvs.close()
    ctypes.CDLL(None).setns(home, CLONE_NEWNET)
    os.close(home)


@test("faults: files are read wholly or with an error")
def files():
    ipvs = Ipvs()
    base(ipvs)
    for path in ("ip_vs", "ip_vs_conn", "ip_vs_stats", "ip_vs_stats_percpu",
                 "lvs_drops"):
        tally = Tally()
        whole = read("/proc/net/" + path)
        for fault in faults():
            code, got = 0, b""
            try:
                with fault:
                    got = read("/proc/net/" + path)
            except OSError as error:
                code = error.errno
            tally.count(fault, name(code))
            check(code in (0, errno.ENOMEM, errno.EFAULT, errno.ENFILE),
                  "%s, fault %d: %s" % (path, fault.n, name(code)))
            check(fault.injected or code == 0, "%s: without a fault" % path)
            check(code or len(got) == len(whole),
                  "%s, fault %d: %d bytes" % (path, fault.n, len(got)))
        note("%s: %s" % (path, tally))
    ipvs.flush()


def read(path):
    out = b""
    fd = os.open(path, os.O_RDONLY)
    try:
        while True:
            got = os.read(fd, 4096)
            if not got:
                return out
            out += got
    finally:
        os.close(fd)


@test("faults: a knob is set or keeps its value")
def knobs():
    path = "/proc/sys/net/ipv4/vs/"
    for knob, values in (("snat_reroute", (b"0", b"1")),
                         ("conn_max", (b"1000", b"1073741824"))):
        tally = Tally()
        for fault in faults():
            old = read(path + knob).strip()
            want = values[old == values[0]]
            code = 0
            fd = os.open(path + knob, os.O_WRONLY)
            try:
                with fault:
                    os.write(fd, want)
            except OSError as error:
                code = error.errno
            os.close(fd)
            tally.count(fault, name(code))
            equal(read(path + knob).strip(), old if code else want, knob)
            check(fault.injected or code == 0, knob + ": without a fault")
        with open(path + knob, "wb") as file:
            file.write(values[1])
        note("%s: %s" % (knob, tally))
