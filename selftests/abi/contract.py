# SPDX-License-Identifier: GPL-2.0
"""What no client of the "IPVS" family forgives: shapes of replies, flags,
order of attributes, liberal requests."""

import os
import struct

from ipvs import (
    AF_INET, AF_INET6, A_DEST, A_SERVICE, A_TIMEOUT_TCP, A_TIMEOUT_TCP_FIN,
    A_TIMEOUT_UDP, DROUTE, D_ACTIVE, D_ADDR, D_AF, D_FWD, D_INACT, D_LTHRESH,
    D_PERSIST, D_PORT, D_STATS, D_STATS64, D_TUN_FLAGS, D_TUN_PORT,
    D_TUN_TYPE, D_UTHRESH, D_WEIGHT, F_HASHED, F_ONEPACKET, F_PERSISTENT,
    F_SCHED1, F_SCHED2, GET_CONFIG, GET_DEST, GET_INFO, GET_SERVICE,
    GET_DAEMON, DEL_DEST, DEL_SERVICE, MASQ, NEW_DEST, NEW_SERVICE,
    NLA_F_NESTED, NLMSG_DONE, NLMSG_ERROR, NLM_F_ACK, NLM_F_DUMP,
    NLM_F_MULTI, NlError, SET_CONFIG, SET_DEST, SET_INFO, SET_SERVICE, S_ADDR,
    S_AF, S_FLAGS, S_FWMARK, S_NETMASK, S_PORT, S_PROTOCOL, S_SCHED, S_STATS,
    S_STATS64, S_TIMEOUT, TCP, TUNNEL, UDP, ZERO, FLUSH, Ipvs, address, be16,
    dest, dst_key, dst_rest, family, new_dest, new_service, nla, parse,
    service, svc_key, svc_mark, svc_rest, text, u16, u32)
from ktap import busywait, check, equal, test

SVC_ORDER = [S_AF, S_PROTOCOL, S_ADDR, S_PORT, S_SCHED, S_FLAGS, S_TIMEOUT,
             S_NETMASK, S_STATS, S_STATS64]
FWM_ORDER = [S_AF, S_FWMARK, S_SCHED, S_FLAGS, S_TIMEOUT, S_NETMASK, S_STATS,
             S_STATS64]
DST_ORDER = [D_ADDR, D_PORT, D_FWD, D_WEIGHT, D_TUN_TYPE, D_TUN_PORT,
             D_TUN_FLAGS, D_UTHRESH, D_LTHRESH, D_ACTIVE, D_INACT, D_PERSIST,
             D_AF, D_STATS, D_STATS64]
DST_SIZES = {D_ADDR: 16, D_PORT: 2, D_FWD: 4, D_WEIGHT: 4, D_TUN_TYPE: 1,
             D_TUN_PORT: 2, D_TUN_FLAGS: 2, D_UTHRESH: 4, D_LTHRESH: 4,
             D_ACTIVE: 4, D_INACT: 4, D_PERSIST: 4, D_AF: 2}
SVC_SIZES = {S_AF: 2, S_PROTOCOL: 2, S_ADDR: 16, S_PORT: 2, S_FWMARK: 4,
             S_FLAGS: 8, S_TIMEOUT: 4, S_NETMASK: 4}
STATS_SIZES = [(1, 4), (2, 4), (3, 4), (4, 8), (5, 8), (6, 4), (7, 4), (8, 4),
               (9, 4), (10, 4)]
STATS64_SIZES = [(kind, 8) for kind in range(1, 11)]


def fresh():
    """A socket on an empty configuration."""
    ipvs = Ipvs()
    ipvs.flush()
    return ipvs


@test("contract 1: family name, version, header size, maxattr")
def family_facts():
    attrs = family(Ipvs())
    equal(attrs[2], b"IPVS\0", "name")
    equal(struct.unpack("=I", attrs[3])[0], 1, "version")
    equal(struct.unpack("=I", attrs[4])[0], 0, "hdrsize")
    equal(struct.unpack("=I", attrs[5])[0], 6, "maxattr")
    check(7 not in attrs, "the family has multicast groups")


@test("contract 1: commands and their flags as CTRL reports them")
def family_ops():
    ops = {}
    for _, nest in parse(family(Ipvs())[6]):
        op = dict(parse(nest))
        ops[struct.unpack("=I", op[1])[0]] = struct.unpack("=I", op[2])[0]
    want = {cmd: 11 for cmd in (1, 2, 3, 5, 6, 7, 9, 10, 12, 13, 15, 16, 17)}
    # Newer kernels do not count a policy that dumps are not checked against (8: HASPOL).
    dump_only = 5 if ops.get(8) == 5 else 13
    want.update({4: 15, 8: dump_only, 11: dump_only})
    equal(ops, want, "flags by command")


@test("contract 1: the version a client sends is not checked")
def any_version():
    ipvs = fresh()
    for version in (0, 1, 9):
        equal(len(ipvs.do(GET_INFO, version=version)), 1,
              "replies to GET_INFO with version %d" % version)


@test("contract 2: nests with and without NLA_F_NESTED are understood")
def nested_or_not():
    ipvs = fresh()
    for nested in (False, True):
        svc = service(svc_key() + svc_rest(), nested)
        key = service(svc_key(), nested)
        ipvs.do(NEW_SERVICE, svc)
        ipvs.do(NEW_DEST, key, dest(dst_key() + dst_rest(), nested))
        ipvs.do(SET_DEST, key, dest(dst_key() + dst_rest(weight=7), nested))
        found = ipvs.dests(svc_key())
        equal(found[0][D_WEIGHT], u32(7), "weight after SET_DEST")
        ipvs.do(DEL_DEST, key, dest(dst_key(), nested))
        ipvs.do(DEL_SERVICE, key)
    equal(ipvs.services(), [], "services left")


@test("contract 2: unknown attributes are ignored, at every level")
def unknown_attributes():
    ipvs = fresh()
    extra = nla(30, b"surprise") + nla(200, b"")
    equal(len(ipvs.do(GET_INFO, extra)), 1, "replies to GET_INFO")
    ipvs.do(NEW_SERVICE, extra, service(extra + svc_key() + svc_rest()))
    ipvs.do(NEW_DEST, service(svc_key()), dest(extra + dst_key() +
                                               dst_rest()), extra)
    equal(len(ipvs.dests(svc_key())), 1, "dests")
    ipvs.flush()


@test("contract 2: an empty SERVICE nest in the dump request of services")
def empty_nest_in_dump():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    equal(len(ipvs.dump(GET_SERVICE, service(b""))), 1, "services listed")
    ipvs.flush()


@test("contract 3, 4: reply nests carry no flag and come first")
def reply_nests():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    ipvs.do(NEW_DEST, service(svc_key()), new_dest())
    one = ipvs.do(GET_SERVICE, service(svc_key()))
    for messages, kind, stats in (
            (one, A_SERVICE, (S_STATS, S_STATS64)),
            (ipvs.dump(GET_SERVICE), A_SERVICE, (S_STATS, S_STATS64)),
            (ipvs.dump(GET_DEST, service(svc_key())), A_DEST,
             (D_STATS, D_STATS64))):
        equal(len(messages), 1, "messages")
        equal([k for k, _ in messages[0].attrs], [kind], "top attributes")
        inner = [k for k, _ in parse(messages[0].attrs[0][1])]
        for nest in stats:
            check(nest in inner, "no attribute %d in %r" % (nest, inner))
        check(not any(k & NLA_F_NESTED for k in inner), "flagged: %r" % inner)
    ipvs.flush()


@test("contract 5: MULTI and DONE in dumps only, port id and sequence echoed")
def reply_headers():
    ipvs = fresh()
    for port in (80, 81, 82):
        ipvs.do(NEW_SERVICE, new_service(port=port))
    ipvs.do(NEW_DEST, service(svc_key()), new_dest())
    for cmd, attrs, count, reply in (
            (GET_SERVICE, b"", 3, NEW_SERVICE),
            (GET_DEST, service(svc_key()), 1, NEW_DEST),
            (GET_DAEMON, b"", 0, 9)):
        out, last = ipvs.exchange(ipvs.id, cmd, attrs, NLM_F_ACK | NLM_F_DUMP)
        equal(last.type, NLMSG_DONE, "end of dump %d" % cmd)
        equal(len(out), count, "messages of dump %d" % cmd)
        for message in out:
            check(message.flags & NLM_F_MULTI, "no MULTI in dump %d" % cmd)
            equal(message.cmd, reply, "command of the reply to %d" % cmd)
            equal((message.pid, message.seq, message.version),
                  (ipvs.port, ipvs.seq, 1), "port id, seq, version")
    for cmd, attrs, reply in ((GET_SERVICE, service(svc_key()), NEW_SERVICE),
                              (GET_CONFIG, b"", SET_CONFIG),
                              (GET_INFO, b"", SET_INFO)):
        out, last = ipvs.exchange(ipvs.id, cmd, attrs)
        equal(last.type, NLMSG_ERROR, "end of the answer to %d" % cmd)
        equal(len(out), 1, "replies to %d" % cmd)
        equal((out[0].flags & NLM_F_MULTI, out[0].cmd, out[0].pid,
               out[0].seq), (0, reply, ipvs.port, ipvs.seq),
              "flags, command, port id, seq of the reply to %d" % cmd)
    ipvs.flush()


@test("contract 5: a dump of many services and dests is complete")
def large_dump():
    ipvs = fresh()
    for number in range(300):
        ipvs.do(NEW_SERVICE, new_service(port=1000 + number))
    for number in range(300):
        ipvs.do(NEW_DEST, service(svc_key(port=1000)),
                new_dest("10.0.%d.%d" % (number >> 8, number & 255)))
    ports = sorted(s[S_PORT] for s in ipvs.services())
    equal(ports, [be16(1000 + n) for n in range(300)], "ports listed")
    addrs = set(d[D_ADDR] for d in ipvs.dests(svc_key(port=1000)))
    equal(len(addrs), 300, "different dests listed")
    ipvs.flush()


@test("contract 6: every request is acknowledged")
def acknowledged():
    ipvs = fresh()
    key = service(svc_key())
    for cmd, attrs in ((NEW_SERVICE, new_service()),
                       (SET_SERVICE, new_service(sched="wrr")),
                       (NEW_DEST, key + new_dest()),
                       (SET_DEST, key + new_dest(weight=3)),
                       (GET_SERVICE, key), (ZERO, key), (ZERO, b""),
                       (DEL_DEST, key + new_dest()), (DEL_SERVICE, key),
                       (SET_CONFIG, b""), (GET_CONFIG, b""), (GET_INFO, b""),
                       (FLUSH, b"")):
        _, last = ipvs.exchange(ipvs.id, cmd, attrs)
        equal((last.type, struct.unpack_from("=i", last.body)[0]),
              (NLMSG_ERROR, 0), "answer to command %d" % cmd)


@test("contract 7: addresses of 4 or 16 bytes in, 16 bytes out")
def address_sizes():
    ipvs = fresh()
    short = svc_key(pad=False)
    ipvs.do(NEW_SERVICE, service(short + svc_rest()))
    ipvs.do(NEW_DEST, service(short),
            dest(nla(D_ADDR, address("10.0.0.1", False)) +
                 nla(D_PORT, be16(8080)) + dst_rest()))
    for key in (short, svc_key()):
        svc = ipvs.service_one(key)
        equal(svc[S_ADDR], address("192.0.2.1"), "service address")
        equal(svc[S_PORT], b"\0\x50", "service port, network order")
        dst = ipvs.dests(key)[0]
        equal(dst[D_ADDR], address("10.0.0.1"), "dest address")
        equal(dst[D_PORT], b"\x1f\x90", "dest port, network order")
    ipvs.flush()


@test("contract 7: family, netmask and numbers read back as they were set")
def numbers_back():
    ipvs = fresh()
    mask4 = struct.unpack("=I", bytes((255, 255, 255, 0)))[0]
    ipvs.do(NEW_SERVICE, new_service(flags=F_PERSISTENT, timeout=77,
                                     netmask=mask4))
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1", flags=F_PERSISTENT,
                                     timeout=88, netmask=64))
    svc = ipvs.service_one(svc_key())
    equal((svc[S_AF], svc[S_PROTOCOL], svc[S_TIMEOUT], svc[S_NETMASK]),
          (u16(AF_INET), u16(TCP), u32(77), bytes((255, 255, 255, 0))),
          "IPv4 service")
    svc = ipvs.service_one(svc_key("2001:db8::1"))
    equal((svc[S_AF], svc[S_ADDR], svc[S_TIMEOUT], svc[S_NETMASK]),
          (u16(AF_INET6), address("2001:db8::1"), u32(88), u32(64)),
          "IPv6 service")
    ipvs.do(NEW_DEST, service(svc_key()),
            new_dest(fwd=DROUTE, weight=9, upper=100, lower=50))
    dst = ipvs.dests(svc_key())[0]
    equal((dst[D_FWD], dst[D_WEIGHT], dst[D_UTHRESH], dst[D_LTHRESH],
           dst[D_AF], dst[D_ACTIVE], dst[D_INACT], dst[D_PERSIST]),
          (u32(DROUTE), u32(9), u32(100), u32(50), u16(AF_INET), u32(0),
           u32(0), u32(0)), "dest")
    ipvs.flush()


@test("contract 8: HASHED and a full mask in replies, HASHED ignored on SET")
def hashed_flag():
    ipvs = fresh()
    want = struct.pack("=II", F_PERSISTENT | F_HASHED, 0xffffffff)
    ipvs.do(NEW_SERVICE, new_service(flags=F_PERSISTENT, timeout=60))
    equal(ipvs.service_one(svc_key())[S_FLAGS], want, "flags")
    ipvs.do(SET_SERVICE, new_service(flags=F_PERSISTENT | F_HASHED,
                                     timeout=60))
    equal(ipvs.services()[0][S_FLAGS], want, "flags with HASHED sent back")
    ipvs.do(SET_SERVICE, new_service(flags=0))
    equal(ipvs.services()[0][S_FLAGS],
          struct.pack("=II", F_HASHED, 0xffffffff), "flags after clearing")
    ipvs.flush()


@test("contract 8: flags change by mask, unknown bits are stored")
def flags_by_mask():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service(sched="sh", flags=F_SCHED1 | 0x10000))
    ipvs.do(SET_SERVICE, new_service(sched="sh", flags=F_SCHED2,
                                     mask=F_SCHED2))
    flags = struct.unpack("=II", ipvs.services()[0][S_FLAGS])[0]
    equal(flags, F_SCHED1 | F_SCHED2 | 0x10000 | F_HASHED,
          "flags after a masked edit")
    ipvs.do(SET_SERVICE, new_service(sched="sh", flags=0, mask=F_SCHED1))
    flags = struct.unpack("=II", ipvs.services()[0][S_FLAGS])[0]
    equal(flags, F_SCHED2 | 0x10000 | F_HASHED, "flags after clearing one")
    ipvs.flush()


@test("contract 9: a fwmark service replies without protocol, address, port")
def fwmark_shape():
    ipvs = fresh()
    for family_id, mask in ((AF_INET, 0xffffffff), (AF_INET6, 128)):
        key = svc_mark(0xfedcba98, family_id)
        ipvs.do(NEW_SERVICE, service(key + svc_rest(netmask=mask)))
        reply = ipvs.do(GET_SERVICE, service(key))[0]
        inner = parse(reply.attrs[0][1])
        equal([k for k, _ in inner], FWM_ORDER, "attributes in order")
        equal(dict(inner)[S_FWMARK], u32(0xfedcba98), "mark")
        equal(dict(inner)[S_AF], u16(family_id), "family")
    equal(len(ipvs.services()), 2, "one service per family")
    ipvs.flush()


@test("contract 9: with an address and a mark the mark wins")
def fwmark_wins():
    ipvs = fresh()
    both = svc_key() + nla(S_FWMARK, u32(5))
    ipvs.do(NEW_SERVICE, service(both + svc_rest()))
    check(S_ADDR not in ipvs.service_one(svc_mark(5)), "kept an address")
    equal(ipvs.errno(GET_SERVICE, service(svc_key())), 3, "by address: ESRCH")
    ipvs.do(DEL_SERVICE, service(both))
    equal(ipvs.services(), [], "services left")


@test("contract 10, 12: service attributes, their order and sizes")
def service_attributes():
    ipvs = fresh()
    for addr in ("192.0.2.1", "2001:db8::1"):
        ipvs.do(NEW_SERVICE, new_service(addr, sched="wlc"))
        inner = parse(ipvs.do(GET_SERVICE,
                              service(svc_key(addr)))[0].attrs[0][1])
        equal([k for k, _ in inner], SVC_ORDER, "attributes in order")
        for kind, payload in inner:
            if kind in SVC_SIZES:
                equal(len(payload), SVC_SIZES[kind], "size of %d" % kind)
        equal(dict(inner)[S_SCHED], b"wlc\0", "scheduler")
    ipvs.flush()


@test("contract 10, 12: dest attributes, their order and sizes")
def dest_attributes():
    ipvs = fresh()
    for addr, real in (("192.0.2.1", "10.0.0.1"), ("2001:db8::1", "fd00::2")):
        ipvs.do(NEW_SERVICE, new_service(addr))
        ipvs.do(NEW_DEST, service(svc_key(addr)), new_dest(real))
        message = ipvs.dump(GET_DEST, service(svc_key(addr)))[0]
        inner = parse(message.attrs[0][1])
        equal([k for k, _ in inner], DST_ORDER, "attributes in order")
        for kind, payload in inner:
            if kind in DST_SIZES:
                equal(len(payload), DST_SIZES[kind], "size of %d" % kind)
    ipvs.flush()


@test("contract 10: a dest without ADDR_FAMILY takes the service's family")
def default_family():
    ipvs = fresh()
    for addr, real, af in (("192.0.2.1", "10.0.0.1", AF_INET),
                           ("2001:db8::1", "fd00::2", AF_INET6)):
        ipvs.do(NEW_SERVICE, new_service(addr))
        ipvs.do(NEW_DEST, service(svc_key(addr)), new_dest(real))
        ipvs.do(NEW_DEST, service(svc_key(addr)),
                dest(dst_key(real, 81) + dst_rest() + nla(D_AF, u16(af))))
        equal([d[D_AF] for d in ipvs.dests(svc_key(addr))], [u16(af)] * 2,
              "families of the dests")
    ipvs.flush()


@test("contract 10: a tunnel server of the other family keeps its family")
def mixed_family():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    ipvs.do(NEW_DEST, service(svc_key()),
            dest(dst_key("fd00::2") + dst_rest(fwd=TUNNEL) +
                 nla(D_AF, u16(AF_INET6))))
    dst = ipvs.dests(svc_key())[0]
    equal((dst[D_AF], dst[D_ADDR], dst[D_FWD]),
          (u16(AF_INET6), address("fd00::2"), u32(TUNNEL)), "dest")
    equal(ipvs.errno(NEW_DEST, service(svc_key()),
                     dest(dst_key("fd00::3") + dst_rest(fwd=MASQ) +
                          nla(D_AF, u16(AF_INET6)))), 22,
          "NAT to the other family: EINVAL")
    ipvs.flush()


@test("contract 11: both statistics nests with all ten values")
def statistics():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    ipvs.do(NEW_DEST, service(svc_key()), new_dest())
    svc, dst = ipvs.service_one(svc_key()), ipvs.dests(svc_key())[0]
    for attrs, narrow, wide in ((svc, S_STATS, S_STATS64),
                                (dst, D_STATS, D_STATS64)):
        equal([(k, len(v)) for k, v in parse(attrs[narrow])], STATS_SIZES,
              "32-bit statistics")
        equal([(k, len(v)) for k, v in parse(attrs[wide])], STATS64_SIZES,
              "64-bit statistics")
        for _, value in parse(attrs[wide]):
            equal(value, bytes(8), "a counter of a new object")
    ipvs.flush()


@test("contract 13: scheduler names of 15 characters, not of 16")
def long_names():
    ipvs = fresh()
    equal(ipvs.errno(NEW_SERVICE, new_service(sched="a" * 15)), 2,
          "15 characters: ENOENT")
    equal(ipvs.errno(NEW_SERVICE, new_service(sched="a" * 16)), 22,
          "16 characters: EINVAL")
    equal(ipvs.services(), [], "services")


@test("contract 14: EPERM without CAP_NET_ADMIN, also for listings")
def permission():
    ipvs = fresh()
    reader, writer = os.pipe()
    if not os.fork():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        nobody = Ipvs()
        codes = [nobody.errno(cmd) for cmd in range(NEW_SERVICE, FLUSH + 1)
                 if cmd not in (SET_INFO, GET_DEST, GET_DAEMON)]
        codes += [nobody.errno(cmd, dump=True)
                  for cmd in (GET_SERVICE, GET_DEST, GET_DAEMON)]
        open_files = all(os.access("/proc/net/ip_vs" + name, os.R_OK)
                         for name in ("", "_conn", "_stats", "_stats_percpu"))
        os.write(writer, b"%d %d" % (set(codes) == {1}, open_files))
        os._exit(0)
    os.wait()
    equal(os.read(reader, 99), b"1 1", "all EPERM, /proc files readable")
    ipvs.close()


@test("config: timeouts are set, 0 keeps, and read back")
def timeouts():
    ipvs = fresh()

    def read():
        reply = ipvs.do(GET_CONFIG)[0]
        equal([k for k, _ in reply.attrs],
              [A_TIMEOUT_TCP, A_TIMEOUT_TCP_FIN, A_TIMEOUT_UDP], "attributes")
        return [struct.unpack("=I", v)[0] for _, v in reply.attrs]

    def write(*values):
        ipvs.do(SET_CONFIG, *(nla(kind, u32(value)) for kind, value in
                              zip((4, 5, 6), values) if value is not None))

    equal(read(), [900, 120, 300], "defaults")
    write(600, 60, 120)
    equal(read(), [600, 60, 120], "all three")
    write(0, 70, 0)
    equal(read(), [600, 70, 120], "0 keeps the old value")
    write(None, None, 130)
    equal(read(), [600, 70, 130], "only one attribute")
    write()
    equal(read(), [600, 70, 130], "no attribute")
    for value in (0x7fffffff, 0xffffffff):
        equal(ipvs.errno(SET_CONFIG, nla(A_TIMEOUT_TCP, u32(value))), 22,
              "timeout %u: EINVAL" % value)
    equal(read(), [600, 70, 130], "after refused values")
    write(900, 120, 300)


@test("info: version 1.2.1 and a table size")
def info():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    attrs = ipvs.do(GET_INFO)[0].attrs
    equal([k for k, _ in attrs], [1, 2], "attributes")
    equal(attrs[0][1], u32(0x010201), "version")
    check(struct.unpack("=I", attrs[1][1])[0] > 0, "no table size")
    ipvs.flush()


@test("edit: a service keeps its dests, a dest its place, when edited")
def edits():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service(proto=UDP))
    key = service(svc_key(proto=UDP))
    for number in range(1, 6):
        ipvs.do(NEW_DEST, key, new_dest("10.0.0.%d" % number, weight=number))
    ipvs.do(SET_SERVICE, new_service(proto=UDP, sched="mh",
                                     flags=F_ONEPACKET))
    equal(len(ipvs.dests(svc_key(proto=UDP))), 5, "dests after the edit")
    ipvs.do(SET_DEST, key, new_dest("10.0.0.3", fwd=TUNNEL, weight=0,
                                    upper=9, lower=3))
    byaddr = {d[D_ADDR]: d for d in ipvs.dests(svc_key(proto=UDP))}
    dst = byaddr[address("10.0.0.3")]
    equal((dst[D_WEIGHT], dst[D_FWD], dst[D_UTHRESH], dst[D_LTHRESH]),
          (u32(0), u32(TUNNEL), u32(9), u32(3)), "edited dest")
    equal(byaddr[address("10.0.0.4")][D_WEIGHT], u32(4), "its neighbour")
    ipvs.do(DEL_DEST, key, dest(dst_key("10.0.0.3")))
    equal(len(ipvs.dests(svc_key(proto=UDP))), 4, "dests after DEL_DEST")
    ipvs.flush()
    equal(ipvs.services(), [], "services after FLUSH")


@test("edit: commands on a dest need only the identifying attributes")
def sparse_requests():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    named = service(svc_key() + nla(S_SCHED, text("")))
    ipvs.do(NEW_DEST, named, new_dest())
    ipvs.do(ZERO, named)
    equal(len(ipvs.dests(svc_key() + nla(S_SCHED, text("")))), 1, "dests")
    ipvs.do(DEL_DEST, named, dest(dst_key()))
    try:
        ipvs.do(DEL_SERVICE, named)
    except NlError as error:
        raise AssertionError("DEL_SERVICE with the key only") from error
    check(busywait(1, lambda: not ipvs.services()), "services left")
