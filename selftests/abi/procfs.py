# SPDX-License-Identifier: GPL-2.0
"""The files /proc/net/ip_vs*, byte for byte. The namespace needs a device
"dummy0" that swallows 10.0.0.0/16 and fd00::/16, and 192.0.2.1, 192.0.2.2,
2001:db8::1 as local addresses."""

import os
import re
import socket
import struct

from ipvs import (
    AF_INET6, DROUTE, D_AF, F_ONEPACKET, F_PERSISTENT, GET_INFO, LOCALNODE,
    MASQ, NEW_DEST, NEW_SERVICE, SET_CONFIG, TUNNEL, UDP, ZERO, Ipvs, dest,
    dst_key, dst_rest, is_stock, new_dest, new_service, nla, service, svc_key,
    svc_mark, svc_rest, u16, u32)
from ktap import Skip, busywait, check, equal, test

HZ = 250
TITLES = ("Prot LocalAddress:Port Scheduler Flags\n"
          "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n")
CONN_TITLE = ("Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       "
              "Expires PEName PEData\n")
V6 = "2001:0db8:0000:0000:0000:0000:0000:0001"
FD2 = "fd00:0000:0000:0000:0000:0000:0000:0002"


def read(name):
    with open("/proc/net/" + name, encoding="ascii") as proc:
        return proc.read()


def blocks(table):
    """The service blocks of /proc/net/ip_vs, as a set: their order is free,
    and so is the order of servers in a block."""
    out = set()
    for line in table.splitlines(keepends=True):
        if line.startswith("  -> "):
            head, dests = out_last
            out.discard((head, dests))
            out_last = (head, dests | frozenset((line,)))
        else:
            out_last = (line, frozenset())
        out.add(out_last)
    return out


def fresh():
    ipvs = Ipvs()
    ipvs.flush()
    return ipvs


@test("procfs: ip_vs, header with the table size of GET_INFO")
def table_header():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service())
    size = struct.unpack("=I", dict(ipvs.do(GET_INFO)[0].attrs)[2])[0]
    head = "IP Virtual Server version 1.2.1 (size=%d)\n" % size
    check(read("ip_vs").startswith(head + TITLES), "header: %r" %
          read("ip_vs")[:160])
    ipvs.flush()


@test("procfs: ip_vs, services and servers of every shape")
def table_rows():
    ipvs = fresh()
    ipvs.do(NEW_SERVICE, new_service(sched="wrr"))
    for addr, fwd, weight in (("10.0.0.1", MASQ, 1), ("10.0.0.2", TUNNEL, 0),
                              ("10.0.0.3", DROUTE, 2**31 - 1),
                              ("10.0.0.4", LOCALNODE, 10)):
        ipvs.do(NEW_DEST, service(svc_key()), new_dest(addr, fwd=fwd,
                                                       weight=weight))
    ipvs.do(NEW_DEST, service(svc_key()),
            dest(dst_key("fd00::2", 81) + dst_rest(fwd=TUNNEL) +
                 nla(D_AF, u16(AF_INET6))))
    mask = struct.unpack("=I", bytes((255, 255, 255, 0)))[0]
    ipvs.do(NEW_SERVICE, new_service(proto=UDP, sched="rr",
                                     flags=F_ONEPACKET))
    ipvs.do(NEW_SERVICE, new_service("192.0.2.2", 0, flags=F_PERSISTENT,
                                     timeout=600, netmask=mask))
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1", 443, sched="sh"))
    ipvs.do(NEW_DEST, service(svc_key("2001:db8::1", 443)),
            new_dest("fd00::2", 8443))
    ipvs.do(NEW_SERVICE, new_service("2001:db8::1", 53, proto=UDP, sched="mh",
                                     flags=F_PERSISTENT | F_ONEPACKET,
                                     timeout=60, netmask=64))
    ipvs.do(NEW_SERVICE, service(svc_mark(77) + svc_rest(sched="lc")))
    ipvs.do(NEW_SERVICE, service(svc_mark(0xfedcba98) + svc_rest(
        sched="wlc", flags=F_PERSISTENT | F_ONEPACKET, timeout=10)))
    want = {
        ("TCP  C0000201:0050 wrr  \n", frozenset((
            "  -> 0A000001:0050      Masq    1      0          0         \n",
            "  -> 0A000002:0050      Tunnel  0      0          0         \n",
            "  -> 0A000003:0050      Route   2147483647 0          0"
            "         \n",
            "  -> 0A000004:0050      Local   10     0          0         \n",
            "  -> [%s]:0051      Tunnel  1      0          0         \n"
            % FD2))),
        ("UDP  C0000201:0050 rr ops  \n", frozenset()),
        ("TCP  C0000202:0000 rr  persistent %d FFFFFF00\n" % (600 * HZ),
         frozenset()),
        ("TCP  [%s]:01BB sh \n" % V6, frozenset((
            "  -> [%s]:20FB      Masq    1      0          0         \n"
            % FD2,))),
        ("UDP  [%s]:0035 mh persistent %d %08X\n" % (V6, 60 * HZ, 0x40000000),
         frozenset()),
        ("FWM  0000004D lc \n", frozenset()),
        ("FWM  FEDCBA98 wlc ops persistent %d FFFFFFFF\n" % (10 * HZ),
         frozenset()),
    }
    rows = read("ip_vs").split("InActConn\n", 1)[1]
    got = blocks(rows)
    for block in want - got:
        check(False, "missing %r in %r" % (block, rows))
    equal(got, want, "services and servers")
    ipvs.flush()


@test("procfs: ip_vs of an empty configuration is its header")
def table_empty():
    fresh()
    text = read("ip_vs")
    check(re.fullmatch(r"IP Virtual Server version 1\.2\.1 \(size=\d+\)\n" +
                       re.escape(TITLES), text), "got %r" % text)


STATS = ("   Total Incoming Outgoing         Incoming         Outgoing\n"
         "   Conns  Packets  Packets            Bytes            Bytes\n")
RATES = " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n"
FIVE = "%8X %8X %8X %16X %16X"
ZEROES = FIVE % (0, 0, 0, 0, 0)


@test("procfs: ip_vs_stats of a quiet namespace")
def stats_zero():
    ipvs = fresh()
    ipvs.do(ZERO)
    got = busywait(12, lambda: read("ip_vs_stats") == STATS + ZEROES +
                   "\n\n" + RATES + ZEROES + "\n")
    check(got, "got %r" % read("ip_vs_stats"))


@test("procfs: ip_vs_stats_percpu, one line per possible CPU")
def stats_percpu():
    ipvs = fresh()
    ipvs.do(ZERO)
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as listed:
        last = int(re.split("[-,]", listed.read().strip())[-1])
    lines = read("ip_vs_stats_percpu").splitlines(keepends=True)
    equal("".join(lines[:2]),
          "       Total Incoming Outgoing         Incoming         Outgoing\n"
          "CPU    Conns  Packets  Packets            Bytes            Bytes\n",
          "titles")
    row = r" +[0-9A-F]+ +[0-9A-F]+ +[0-9A-F]+ +[0-9A-F]+ +[0-9A-F]+\n"
    for cpu in range(last + 1):
        line = lines[2 + cpu]
        check(re.fullmatch("%3X" % cpu + row, line), "row %r" % line)
        equal([len(line), line[3], line[12], line[21], line[30], line[47]],
              [65, " ", " ", " ", " ", " "], "columns of %r" % line)
    rest = "".join(lines[3 + last:])
    check(re.fullmatch("  ~" + row + "\n     Conns/s   Pkts/s   Pkts/s"
                       "          Bytes/s          Bytes/s\n   " + row, rest),
          "end %r" % rest)


def udp_packet(addr, port, size, source):
    """One datagram of @size bytes to a virtual service from @source."""
    kind = socket.AF_INET6 if ":" in addr else socket.AF_INET
    with socket.socket(kind, socket.SOCK_DGRAM) as sock:
        sock.bind(("::" if ":" in addr else "0.0.0.0", source))
        sock.sendto(b"x" * size, (addr, port))


@test("procfs: ip_vs_conn and the counters after a packet, IPv4 and IPv6")
def conn_rows():
    ipvs = fresh()
    ipvs.do(SET_CONFIG, nla(6, u32(300)))
    ipvs.do(ZERO)
    equal(read("ip_vs_conn"), CONN_TITLE, "no conns")
    for addr, real in (("192.0.2.1", "10.0.0.9"), ("2001:db8::1", "fd00::2")):
        ipvs.do(NEW_SERVICE, new_service(addr, 53, proto=UDP))
        ipvs.do(NEW_DEST, service(svc_key(addr, 53, UDP)),
                new_dest(real, 5353, fwd=MASQ))
        udp_packet(addr, 53, 100, 40000)
    want = [r"UDP C0000201 9C40 C0000201 0035 0A000009 14E9 UDP        "
            r"     (299|300)",
            "UDP %s 9C40 %s 0035 %s 14E9 UDP             (299|300)"
            % (V6, V6, FD2)]
    rows = read("ip_vs_conn").replace(CONN_TITLE, "").splitlines()
    equal(len(rows), 2, "conns")
    for pattern in want:
        check(any(re.fullmatch(pattern, row) for row in rows),
              "no %r in %r" % (pattern, rows))
    total = FIVE % (2, 2, 0, 128 + 148, 0)
    check(busywait(6, lambda: read("ip_vs_stats").startswith(STATS + total)),
          "got %r" % read("ip_vs_stats"))
    lines = read("ip_vs_stats_percpu").splitlines()
    equal([line for line in lines if line.startswith("  ~")],
          ["  ~ " + total], "total line")
    ipvs.do(ZERO)
    check(busywait(6, lambda: read("ip_vs_stats").startswith(STATS + ZEROES)),
          "not zeroed: %r" % read("ip_vs_stats"))
    ipvs.flush()


@test("procfs: ip_vs_conn, a persistence template and its conn")
def template_row():
    ipvs = fresh()
    mask = struct.unpack("=I", bytes((255, 255, 0, 0)))[0]
    key = svc_key("192.0.2.2", 53, UDP)
    ipvs.do(NEW_SERVICE, service(key + svc_rest(
        flags=F_PERSISTENT, timeout=200, netmask=mask)))
    ipvs.do(NEW_DEST, service(key), new_dest("10.0.0.9", 53))
    udp_packet("192.0.2.2", 53, 10, 40001)
    rows = [r for r in read("ip_vs_conn").splitlines()[1:] if "C0000202" in r]
    equal(len(rows), 2, "rows %r" % rows)
    # the client is the namespace itself: its address is the VIP
    net = r"UDP C0000000 0000 C0000202 0035 0A000009 0035 (NONE|ASSURED) +\d+"
    flow = r"UDP C000020. 9C41 C0000202 0035 0A000009 0035 UDP +\d+"
    for pattern in (net, flow):
        check(any(re.fullmatch(pattern, row) for row in rows),
              "no %r in %r" % (pattern, rows))
    ipvs.flush()


@test("procfs: ip_vs_conn_sync has the lines of ip_vs_conn, and their origin")
def conn_sync():
    ipvs = fresh()
    for addr, real in (("192.0.2.1", "10.0.0.9"), ("2001:db8::1", "fd00::2")):
        ipvs.do(NEW_SERVICE, new_service(addr, 53, proto=UDP))
        ipvs.do(NEW_DEST, service(svc_key(addr, 53, UDP)),
                new_dest(real, 5353, fwd=MASQ))
        udp_packet(addr, 53, 100, 40000)
    got = read("ip_vs_conn_sync").splitlines(keepends=True)
    equal(got[0], "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       "
          "Origin Expires\n", "title")
    want = []
    for line in read("ip_vs_conn").splitlines()[1:]:
        head, left = line[:-8], int(line[-8:])
        want.append(["%s %-6s %7u\n" % (head, "LOCAL", s)
                     for s in (left, left + 1)])
    equal(len(got) - 1, len(want), "lines")
    for line in got[1:]:
        check(any(line in either for either in want), "line %r" % line)
    ipvs.flush()


@test("procfs: ip_vs_app")
def app():
    lines = read("ip_vs_app").splitlines(keepends=True)
    equal(lines[0], "prot port    usecnt name\n", "title")
    check(lines[1:] in ([], ["TCP  21      0      ftp              \n"]),
          "helpers %r" % lines[1:])


def status():
    """ip_vs_status, as a list of (name, first number, rest)."""
    rows = []
    for line in read("ip_vs_status").splitlines():
        name, rest = line.split(":\t")
        number, *rest = rest.split(" ", 1)
        rows.append((name, int(number), rest[0] if rest else ""))
    return rows


def histogram(rows, what):
    """Checks the figures about one table, returns how many lines they are."""
    name, buckets, rest = rows[0]
    equal(name, what + " buckets", "line")
    check(re.fullmatch(r"\(%d bits, lfactor -?\d\)"
                       % max(buckets.bit_length() - 1, 0), rest), rest)
    lines = []
    for row in rows[1:]:
        if not row[0].startswith(what + " buckets "):
            break
        lines.append(row)
    if not lines:
        return 1
    equal(lines[0][0], what + " buckets empty", "first line")
    equal(lines[0][2], "(%d%%)" % (100 * lines[0][1] // buckets), "empty")
    used = buckets - lines[0][1]
    equal(sum(row[1] for row in lines[1:]), used, "buckets with chains")
    for name, number, rest in lines[1:]:
        check(re.fullmatch(what + " buckets len-[1-7]", name), name)
        equal(rest, "(%d%%)" % (100 * number // used), name)
    return 1 + len(lines)


@test("procfs: ip_vs_status of 7.2")
def table_status():
    if not os.path.exists("/proc/net/ip_vs_status"):
        check(is_stock(), "there is no ip_vs_status")
        raise Skip("this ip_vs has none")
    equal(os.stat("/proc/net/ip_vs_status").st_mode & 0o777, 0o440, "mode")
    ipvs = fresh()
    rows = status()
    services = [row for row in rows if row[0].startswith("Service")]
    equal(services, [("Services", 0, ""),
                     ("Service buckets", 0, "(0 bits, lfactor 0)")], "none")
    for port in range(1, 41):
        ipvs.do(NEW_SERVICE, new_service("192.0.2.1", port, proto=UDP))
    ipvs.do(NEW_SERVICE, service(svc_mark(3) + svc_rest()))
    ipvs.do(NEW_DEST, service(svc_key("192.0.2.1", 7, UDP)),
            new_dest("10.0.0.9", 7))
    for port in range(40000, 40030):
        udp_packet("192.0.2.1", 7, 1, port)
    rows = status()
    check(rows[0][0] == "Conns" and rows[0][1] >= 30, "conns %r" % rows[0:1])
    at = 1 + histogram(rows[1:], "Conn")
    equal(rows[at], ("Services", 41, ""), "services")
    at += 1
    lines = histogram(rows[at:], "Service")
    check(lines >= 3, "no figures about services: %r" % rows)
    rest = [row[0] for row in rows[at + lines:]]
    equal(rest, ["Stats thread slots", "Stats chain max len",
                 "Stats thread ests"], "the end")
    ipvs.flush()


@test("procfs: the files are world readable and nothing more")
def modes():
    for name in ("ip_vs", "ip_vs_app", "ip_vs_conn", "ip_vs_conn_sync",
                 "ip_vs_stats", "ip_vs_stats_percpu"):
        mode = os.stat("/proc/net/" + name).st_mode & 0o777
        equal(mode, 0o444, "mode of " + name)
