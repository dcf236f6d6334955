# SPDX-License-Identifier: GPL-2.0
"""The error table of the "IPVS" family, odd values, and what is refused
until it is implemented. A refused request changes nothing."""

import errno
import itertools
import struct

from ipvs import (
    AF_INET6, AH, A_DAEMON, BYPASS, DEL_DAEMON, DEL_DEST, DEL_SERVICE,
    DROUTE, D_ADDR, D_AF,
    D_FWD, D_PORT, D_TUN_FLAGS, D_TUN_PORT, D_TUN_TYPE, D_UTHRESH, D_WEIGHT,
    ESP, FLUSH, F_HASHED, F_ONEPACKET, F_PERSISTENT, GET_DAEMON, GET_DEST,
    GET_INFO, GET_SERVICE, LOCALNODE, MASQ, M_IFN, M_STATE, M_SYNCID,
    NEW_DAEMON, NEW_DEST, NEW_SERVICE, SET_CONFIG, SET_DEST, SET_INFO,
    SET_SERVICE, S_ADDR, S_AF, S_FLAGS, S_FWMARK, S_NETMASK, S_PE, S_PORT,
    S_PROTOCOL, S_SCHED, S_TIMEOUT, TCP, TUNNEL, UDP, ZERO, Ipvs, address,
    be16, dest, dst_key, dst_rest, is_stock, new_dest, new_service, nla,
    parse, service, snapshot, svc_key, svc_mark, svc_rest, text, u16, u32, u8)
from ktap import Skip, check, equal, test

# What lvs refuses for now, and how: title, command, request, errno.
REFUSED = (
    ("ESP service", NEW_SERVICE, new_service(port=81, proto=ESP),
     errno.EPROTONOSUPPORT),
    ("AH service", NEW_SERVICE, new_service(port=81, proto=AH),
     errno.EPROTONOSUPPORT),
    ("unknown tunnel", NEW_DEST, service(svc_key()) +
     dest(dst_key("10.0.0.9") + dst_rest(fwd=TUNNEL) +
          nla(D_TUN_TYPE, u8(3)) + nla(D_TUN_FLAGS, u16(0))),
     errno.EOPNOTSUPP),
    ("master daemon", NEW_DAEMON, nla(A_DAEMON, nla(M_STATE, u32(1)) +
                                      nla(M_IFN, text("dummy0")) +
                                      nla(M_SYNCID, u32(1))),
     errno.EOPNOTSUPP),
    ("backup daemon", NEW_DAEMON, nla(A_DAEMON, nla(M_STATE, u32(2)) +
                                      nla(M_IFN, text("dummy0")) +
                                      nla(M_SYNCID, u32(1))),
     errno.EOPNOTSUPP),
)
# Schedulers that exist.
SCHEDULERS = ("rr", "wrr", "lc", "wlc", "dh", "sh", "sed", "nq", "fo", "ovf",
              "mh", "lblc", "lblcr", "twos")


def base():
    """A socket on the configuration that all refusals must leave alone."""
    ipvs = Ipvs()
    ipvs.flush()
    ipvs.do(NEW_SERVICE, new_service(sched="wrr"))
    ipvs.do(NEW_DEST, service(svc_key()), new_dest(weight=5, upper=9, lower=3))
    ipvs.do(NEW_DEST, service(svc_key()), new_dest("10.0.0.2", weight=0))
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1", 443, sched="sh"))
    ipvs.do(NEW_DEST, service(svc_key("2001:db8::1", 443)),
            new_dest("fd00::2", 8443))
    ipvs.do(NEW_SERVICE, service(svc_mark(7) + svc_rest(
        sched="lc", flags=F_PERSISTENT, timeout=100)))
    return ipvs


def refused(ipvs, rows):
    """Each (what, errno, command, request[, dump]) fails as it should and
    changes nothing."""
    before, wrong = snapshot(ipvs), []
    for what, want, cmd, attrs, *dump in rows:
        got = ipvs.errno(cmd, attrs, dump=bool(dump))
        if got != want:
            wrong.append("%s: got %s, want %s" % (
                what, errno.errorcode.get(got, got),
                errno.errorcode.get(want, want)))
        if snapshot(ipvs) != before:
            wrong.append("%s: changed the configuration" % what)
            before = snapshot(ipvs)
    check(not wrong, "; ".join(wrong))
    ipvs.flush()


def without(kind, attrs):
    """A run of attributes without those of one type."""
    return b"".join(nla(k, v) for k, v in parse(attrs) if k != kind)


@test("errors: reading what is not there")
def reading():
    ipvs = base()
    none = service(svc_key(port=9999))
    refused(ipvs, (
        ("GET_SERVICE, no attribute", errno.EINVAL, GET_SERVICE, b""),
        ("GET_SERVICE, empty nest", errno.EINVAL, GET_SERVICE, service(b"")),
        ("GET_SERVICE, missing", errno.ESRCH, GET_SERVICE, none),
        ("GET_SERVICE, other protocol", errno.ESRCH, GET_SERVICE,
         service(svc_key(proto=UDP))),
        ("GET_SERVICE, other mark", errno.ESRCH, GET_SERVICE,
         service(svc_mark(8))),
        ("GET_SERVICE, mark of the other family", errno.ESRCH, GET_SERVICE,
         service(svc_mark(7, AF_INET6))),
        ("GET_DEST without DUMP", errno.EOPNOTSUPP, GET_DEST,
         service(svc_key())),
        ("GET_DAEMON without DUMP", errno.EOPNOTSUPP, GET_DAEMON, b""),
        ("SET_INFO", errno.EOPNOTSUPP, SET_INFO, b""),
        ("command 18", errno.EOPNOTSUPP, 18, b""),
        ("command 0", errno.EOPNOTSUPP, 0, b""),
        ("command 255", errno.EOPNOTSUPP, 255, b"")))


@test("errors: dumps that find nothing are empty, not errors")
def empty_dumps():
    ipvs = base()
    for what, cmd, attrs in (
            ("GET_DEST, no attribute", GET_DEST, b""),
            ("GET_DEST, empty nest", GET_DEST, service(b"")),
            ("GET_DEST, missing service", GET_DEST,
             service(svc_key(port=9999))),
            ("GET_DAEMON", GET_DAEMON, b"")):
        equal(ipvs.dump(cmd, attrs), [], what)
    ipvs.flush()


@test("errors: commands that are refused as dumps")
def dumps_refused():
    ipvs = base()
    refused(ipvs, [("dump of command %d" % cmd, errno.EOPNOTSUPP, cmd, b"", 1)
                   for cmd in (NEW_SERVICE, DEL_SERVICE, NEW_DEST, SET_CONFIG,
                               GET_INFO, ZERO, FLUSH)])


@test("errors: NEW_SERVICE and SET_SERVICE with attributes missing")
def partial_service():
    ipvs = base()
    rows = [("no attribute", errno.EINVAL, NEW_SERVICE, b""),
            ("empty nest", errno.EINVAL, NEW_SERVICE, service(b"")),
            ("key only", errno.EINVAL, NEW_SERVICE,
             service(svc_key(port=81)))]
    whole = svc_key(port=81) + svc_rest()
    for name, kind in (("AF", S_AF), ("PROTOCOL", S_PROTOCOL),
                       ("ADDR", S_ADDR), ("PORT", S_PORT),
                       ("SCHED_NAME", S_SCHED), ("FLAGS", S_FLAGS),
                       ("TIMEOUT", S_TIMEOUT), ("NETMASK", S_NETMASK)):
        rows.append(("NEW without " + name, errno.EINVAL, NEW_SERVICE,
                     service(without(kind, whole))))
    for name, kind in (("SCHED_NAME", S_SCHED), ("FLAGS", S_FLAGS),
                       ("TIMEOUT", S_TIMEOUT), ("NETMASK", S_NETMASK)):
        rows.append(("SET without " + name, errno.EINVAL, SET_SERVICE,
                     service(without(kind, svc_key() + svc_rest()))))
    refused(ipvs, rows)


@test("errors: duplicates, unknown names, missing services and dests")
def lookups():
    ipvs = base()
    key, none = service(svc_key()), service(svc_key(port=9999))
    gone = new_dest("10.0.0.77")
    refused(ipvs, (
        ("duplicate service", errno.EEXIST, NEW_SERVICE, new_service()),
        ("duplicate mark", errno.EEXIST, NEW_SERVICE,
         service(svc_mark(7) + svc_rest())),
        ("unknown scheduler", errno.ENOENT, NEW_SERVICE,
         new_service(port=81, sched="nosuch")),
        ("unknown scheduler on edit", errno.ENOENT, SET_SERVICE,
         new_service(sched="nosuch")),
        ("unknown engine", errno.ENOENT, NEW_SERVICE,
         service(svc_key(port=81) + svc_rest(flags=1, timeout=9) +
                 nla(S_PE, text("nosuch")))),
        ("SET_SERVICE missing", errno.ESRCH, SET_SERVICE,
         new_service(port=9999)),
        ("DEL_SERVICE missing", errno.ESRCH, DEL_SERVICE, none),
        ("ZERO missing", errno.ESRCH, ZERO, none),
        ("ZERO, empty nest", errno.EINVAL, ZERO, service(b"")),
        ("NEW_DEST, missing service", errno.ESRCH, NEW_DEST,
         none + new_dest()),
        ("SET_DEST, missing service", errno.ESRCH, SET_DEST,
         none + new_dest()),
        ("DEL_DEST, missing service", errno.ESRCH, DEL_DEST,
         none + new_dest()),
        ("duplicate dest", errno.EEXIST, NEW_DEST, key + new_dest()),
        ("SET_DEST missing", errno.ENOENT, SET_DEST, key + gone),
        ("DEL_DEST missing", errno.ENOENT, DEL_DEST, key + gone),
        ("NEW_DEST, no dest", errno.EINVAL, NEW_DEST, key),
        ("NEW_DEST, empty dest", errno.EINVAL, NEW_DEST, key + dest(b"")),
        ("NEW_DEST, key only", errno.EINVAL, NEW_DEST,
         key + dest(dst_key("10.0.0.77"))),
        ("NEW_DEST, no service", errno.EINVAL, NEW_DEST, new_dest()),
        ("DEL_DEST, no port", errno.EINVAL, DEL_DEST,
         key + dest(without(D_PORT, dst_key())))))


@test("errors: ZERO and SET_CONFIG without attributes succeed")
def bare_requests():
    ipvs = base()
    before = snapshot(ipvs)
    for cmd in (ZERO, SET_CONFIG):
        equal(ipvs.errno(cmd), 0, "command %d" % cmd)
    equal(snapshot(ipvs), before, "configuration")
    ipvs.flush()


@test("errors: addresses that no server can have")
def server_addresses():
    ipvs = base()
    key, key6 = service(svc_key()), service(svc_key("2001:db8::1", 443))
    rows = [("dest " + addr, errno.EINVAL, NEW_DEST, key + new_dest(addr))
            for addr in ("224.0.0.1", "239.255.255.255", "255.255.255.255",
                         "0.0.0.0")]
    rows += [("dest " + addr, errno.EINVAL, NEW_DEST, key6 + new_dest(addr))
             for addr in ("ff02::1", "fe80::1", "::")]
    refused(ipvs, rows)


@test("values: a virtual service on a multicast address is accepted")
def multicast_service():
    ipvs = base()
    ipvs.do(NEW_SERVICE, new_service("224.0.0.1"))
    equal(len(ipvs.services()), 4, "services")
    ipvs.flush()


@test("errors: wrong families")
def families():
    ipvs = base()
    key = svc_key(port=81)
    odd = [(nla(S_AF, u16(af)) + without(S_AF, key), af)
           for af in (0, 1, 5, 255, 65535)]
    rows = [("family %d" % af, errno.EAFNOSUPPORT, cmd,
             service(attrs + svc_rest()))
            for attrs, af in odd for cmd in (NEW_SERVICE, GET_SERVICE)]
    rows += [("mark, family %d" % af, errno.EAFNOSUPPORT, NEW_SERVICE,
              service(svc_mark(8, af) + svc_rest())) for af in (1, 5)]
    mixed = dst_key("fd00::9") + nla(D_AF, u16(AF_INET6))
    rows += [("mixed, method %d" % fwd, errno.EINVAL, NEW_DEST,
              service(svc_key()) + dest(mixed + dst_rest(fwd=fwd)))
             for fwd in (0, 1, 3)]
    refused(ipvs, rows)


@test("errors: weights and thresholds out of range")
def ranges():
    ipvs = base()
    key = service(svc_key())
    rows = []
    for cmd, addr in ((NEW_DEST, "10.0.0.77"), (SET_DEST, "10.0.0.1")):
        for what, want, rest in (
                ("weight -1", errno.ERANGE, dict(weight=-1)),
                ("weight -2^31", errno.ERANGE, dict(weight=-2**31)),
                ("lower > upper", errno.ERANGE, dict(upper=10, lower=11)),
                ("lower without upper", errno.ERANGE, dict(lower=1)),
                ("upper 2^31", errno.EINVAL, dict(upper=2**31)),
                ("both 2^32-1", errno.EINVAL, dict(upper=-1, lower=-1))):
            rows.append(("%s by command %d" % (what, cmd), want, cmd,
                         key + new_dest(addr, **rest)))
    refused(ipvs, rows)


@test("errors: prefix lengths of IPv6 services")
def prefixes():
    ipvs = base()
    rows = []
    for netmask in (0, 129, 0xffffffff):
        for sched in (NEW_SERVICE, SET_SERVICE):
            rows.append(("/%u by command %d" % (netmask, sched), errno.EINVAL,
                         sched, new_service("2001:db8::1", 443 + (sched == 1),
                                            flags=F_PERSISTENT, timeout=9,
                                            netmask=netmask)))
    refused(ipvs, rows)


@test("errors: daemons")
def daemons():
    ipvs = base()

    def daemon(state, ifname="lo"):
        return nla(A_DAEMON, nla(M_STATE, u32(state)) +
                   nla(M_IFN, text(ifname)) + nla(M_SYNCID, u32(1)))

    rows = [("DEL_DAEMON, role %d not running" % role, errno.ESRCH,
             DEL_DAEMON, daemon(role)) for role in (1, 2)]
    rows += [("NEW_DAEMON on no interface", errno.ENODEV if is_stock() else
              errno.EOPNOTSUPP, NEW_DAEMON, daemon(1, "nosuch0"))]
    refused(ipvs, rows)


@test("values: extremes that are accepted and read back")
def extremes():
    ipvs = base()
    key = service(svc_key())
    for weight in (0, 1, 65535, 65536, 2**31 - 1):
        ipvs.do(SET_DEST, key, new_dest(weight=weight))
        got = [d[D_WEIGHT] for d in ipvs.dests(svc_key())]
        check(u32(weight) in got, "weight %d not read back" % weight)
    ipvs.do(SET_DEST, key, new_dest(upper=2**31 - 1, lower=2**31 - 1))
    check(u32(2**31 - 1) in [d[D_UTHRESH] for d in ipvs.dests(svc_key())],
          "threshold 2^31-1 not read back")
    for port in (0, 65535):
        ipvs.do(NEW_DEST, key, new_dest("10.0.0.33", port))
        check(be16(port) in [d[D_PORT] for d in ipvs.dests(svc_key())],
              "dest port %d not read back" % port)
    for fwd in (MASQ, LOCALNODE, TUNNEL, 3):
        ipvs.do(SET_DEST, key, new_dest(fwd=fwd))
        check(u32(fwd) in [d[D_FWD] for d in ipvs.dests(svc_key())],
              "method %d not read back" % fwd)
    ipvs.flush()


@test("values: services on port 0 and 65535, with and without persistence")
def port_zero():
    ipvs = base()
    for port, flags in ((0, F_PERSISTENT), (65535, F_PERSISTENT)):
        ipvs.do(NEW_SERVICE, new_service("192.0.2.9", port, flags=flags,
                                         timeout=60))
        svc = ipvs.service_one(svc_key("192.0.2.9", port))
        equal(svc[S_PORT], be16(port), "port")
    ipvs.do(NEW_SERVICE, new_service("192.0.2.10", 0))
    equal(ipvs.service_one(svc_key("192.0.2.10", 0))[S_PORT], be16(0),
          "port 0 without persistence")
    ipvs.flush()


@test("values: unknown flag bits are stored and read back")
def unknown_flags():
    ipvs = base()
    ipvs.do(NEW_SERVICE, new_service(port=81, flags=0xffff0000))
    svc = ipvs.service_one(svc_key(port=81))
    equal(svc[S_FLAGS], struct.pack("=II", 0xffff0000 | F_HASHED,
                                    0xffffffff), "flags")
    ipvs.flush()


@test("values: the method word keeps its low three bits")
def method_bits():
    ipvs = base()
    ipvs.do(NEW_DEST, service(svc_key()), new_dest("10.0.0.50", fwd=0x1f02))
    got = [d[D_FWD] for d in ipvs.dests(svc_key())]
    check(u32(TUNNEL) in got, "methods: %r" % got)
    ipvs.flush()


@test("values: every scheduler is accepted and listed by its name")
def schedulers():
    ipvs = base()
    for name in SCHEDULERS:
        ipvs.do(SET_SERVICE, new_service(sched=name))
        equal(ipvs.service_one(svc_key())[S_SCHED], text(name), "scheduler")
        equal(len(ipvs.dests(svc_key())), 2, "dests under " + name)
    ipvs.do(SET_SERVICE, new_service(sched="none"))
    equal(ipvs.service_one(svc_key())[S_SCHED], text("none"), "scheduler")
    ipvs.do(SET_SERVICE, new_service(sched="wrr", flags=F_ONEPACKET))
    equal(ipvs.service_one(svc_key())[S_SCHED], text("wrr"), "scheduler")
    ipvs.flush()


@test("values: marks from 1 to 2^32-1")
def marks():
    ipvs = base()
    for mark in (1, 2**31, 2**32 - 1):
        ipvs.do(NEW_SERVICE, service(svc_mark(mark) + svc_rest()))
        equal(ipvs.service_one(svc_mark(mark))[S_FWMARK], u32(mark), "mark")
        ipvs.do(NEW_DEST, service(svc_mark(mark)), new_dest(port=0))
        ipvs.do(DEL_SERVICE, service(svc_mark(mark)))
    ipvs.flush()


@test("refused: what is not implemented yet answers an error")
def not_yet():
    if is_stock():
        raise Skip("stock ip_vs implements these")
    ipvs = base()
    refused(ipvs, [(what, code, cmd, attrs)
                   for what, cmd, attrs, code in REFUSED])


@test("refused: an edit to what is not implemented keeps the old service")
def not_yet_edit():
    if is_stock():
        raise Skip("stock ip_vs implements these")
    ipvs = base()
    strange = nla(D_TUN_TYPE, u8(3)) + nla(D_TUN_PORT, be16(5555))
    refused(ipvs, (
        ("edit to two", errno.ENOENT, SET_SERVICE, new_service(sched="two")),
        ("edit to an unknown tunnel", errno.EOPNOTSUPP, SET_DEST,
         service(svc_key()) +
         dest(dst_key() + dst_rest(fwd=TUNNEL) + strange))))


def tunnel_dest(fwd, tun, port, flags):
    return dest(dst_key("10.0.0.60") + dst_rest(fwd=fwd) +
                nla(D_TUN_TYPE, u8(tun)) + nla(D_TUN_PORT, be16(port)) +
                nla(D_TUN_FLAGS, u16(flags)))


@test("values: kinds of tunnels are listed as they were given, with any method")
def tunnel_types():
    ipvs = base()
    kinds = ((0, 0, 0), (0, 7, 3), (1, 6080, 0), (1, 1, 1), (1, 65535, 2),
             (2, 0, 0), (2, 9, 1), (2, 0, 0xffff))
    for fwd, kind in itertools.product((TUNNEL, MASQ, DROUTE), kinds):
        ipvs.do(NEW_DEST, service(svc_key()), tunnel_dest(fwd, *kind))
        for edited in (kind, kinds[-1], kind):
            ipvs.do(SET_DEST, service(svc_key()), tunnel_dest(fwd, *edited))
            got = [entry for entry in ipvs.dests(svc_key())
                   if entry[D_ADDR] == address("10.0.0.60")]
            equal([(entry[D_TUN_TYPE], entry[D_TUN_PORT], entry[D_TUN_FLAGS])
                   for entry in got],
                  [(u8(edited[0]), be16(edited[1]), u16(edited[2]))],
                  "tunnel %r" % (edited,))
        ipvs.do(DEL_DEST, service(svc_key()), dest(dst_key("10.0.0.60")))
    # the port of a GUE tunnel must be given, whatever the method
    for fwd in (TUNNEL, MASQ):
        equal(ipvs.errno(NEW_DEST, service(svc_key()), tunnel_dest(
            fwd, 1, 0, 0)), errno.EINVAL, "GUE without a port")
    ipvs.flush()


@test("values: the same address as TCP, UDP and mark service")
def neighbours():
    ipvs = base()
    ipvs.do(NEW_SERVICE, new_service(proto=UDP))
    ipvs.do(DEL_SERVICE, service(svc_key(proto=TCP)))
    equal(len(ipvs.services()), 3, "services")
    equal(ipvs.service_one(svc_key(proto=UDP))[S_ADDR], address("192.0.2.1"),
          "address of the one left")
    ipvs.flush()
