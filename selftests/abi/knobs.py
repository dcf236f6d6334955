# SPDX-License-Identifier: GPL-2.0
"""net.ipv4.vs: names, defaults, ranges and errors; which may only be read in
a user namespace. The same on the kernel's own ip_vs, which has all of them
from 7.1 on and has fewer before."""

import ctypes
import errno
import os
import socket
import struct

from ipvs import (
    D_STATS64, NEW_DEST, NEW_SERVICE, S_STATS64, UDP, Ipvs, is_stock,
    new_dest, new_service, parse, service, svc_key)
from ktap import Skip, busywait, check, equal, test

KNOBS = "/proc/sys/net/ipv4/vs/"
PLAIN = ("am_droprate", "amemthresh", "backup_only", "cache_bypass",
         "conn_reuse_mode", "conntrack", "expire_nodest_conn",
         "expire_quiescent_template", "ignore_tunneled", "nat_icmp_send",
         "pmtu_disc", "run_estimation", "schedule_icmp", "sloppy_sctp",
         "sloppy_tcp", "snat_reroute", "sync_persist_mode", "sync_sock_size")
ONES = ("conn_reuse_mode", "pmtu_disc", "run_estimation", "snat_reroute",
        "sync_ports", "sync_version")
DEFAULTS = {"am_droprate": "10", "amemthresh": "1024", "conn_lfactor": "-2",
            "svc_lfactor": "-2", "conn_max": str(1 << 30),
            "sync_threshold": "3\t50"}
# name: values that are taken, values that are not
RANGES = {
    "drop_entry": (range(4), (-1, 4)),
    "drop_packet": (range(4), (-1, 4)),
    "secure_tcp": (range(4), (-1, 4)),
    # -2^31 is taken by ip_vs of 7.2
    "conn_max": ((0, 77, 1 << 30), (-1, (1 << 30) + 1, 1 << 33) +
                 (() if is_stock() else (-1 << 31,))),
    "conn_lfactor": ((-8, 0, 8), (-9, 9)),
    "svc_lfactor": ((-8, 0, 8), (-9, 9)),
    "est_nice": ((-20, 0, 19), (-21, 20)),
    "sync_version": ((0, 1), (-1, 2)),
    "sync_retries": ((0, 3), (-1, 4)),
    "sync_ports": ((1, 2, 64, 128, 1 << 30), (-1, 0, 3, 12)),
    "sync_refresh_period": ((0, 1, 3600), (1 << 40,)),
    "sync_qlen_max": ((0, 1, 1 << 40), ()),
}
HIDDEN = ("lblc_expiration", "lblcr_expiration")
READ_ONLY = ("conn_lfactor", "est_cpulist", "est_nice", "run_estimation",
             "svc_lfactor", "sync_qlen_max", "sync_sock_size")
ALL = sorted(set(PLAIN) | set(RANGES) | {"est_cpulist", "sync_threshold"})


def read(name):
    with open(KNOBS + name, encoding="ascii") as file:
        return file.read()


def write(name, value):
    """0 or the errno."""
    try:
        fd = os.open(KNOBS + name, os.O_WRONLY)
    except OSError as error:
        return error.errno
    try:
        os.write(fd, str(value).encode())
    except OSError as error:
        return error.errno
    finally:
        os.close(fd)
    return 0


def present(names):
    """Those that are there: all, but on an older kernel's own ip_vs."""
    there = [name for name in names if os.path.exists(KNOBS + name)]
    if not is_stock():
        equal(there, list(names), "knobs")
    return there


@test("knobs: defaults")
def defaults():
    for name in present(ALL):
        if name in ("est_cpulist", "sync_qlen_max"):
            continue
        want = DEFAULTS.get(name, "1" if name in ONES else "0")
        equal(read(name), want + "\n", name)
    check(int(read("sync_qlen_max")) > 1000, "sync_qlen_max")


def try_values(name, good, bad):
    before = read(name)
    for value in good:
        equal(write(name, value), 0, "%s = %s" % (name, value))
        equal(read(name), "%s\n" % value, name)
    for value in bad:
        held = read(name)
        equal(write(name, value), errno.EINVAL, "%s = %s" % (name, value))
        equal(read(name), held, name + " after a refused value")
    equal(write(name, before), 0, name + " = its default")


@test("knobs: plain numbers take any that fits 32 bits")
def plain():
    for name in present(PLAIN):
        # what does something is left as it was
        try_values(name, (1, 0, 2, -1, 2**31 - 1, -2**31),
                   ("x", "1x", 2**31, "-"))


@test("knobs: lblc_expiration and lblcr_expiration are seconds")
def expirations():
    for name in HIDDEN:
        if is_stock() and not os.path.exists(KNOBS + name):
            raise Skip("%s is not loaded" % name.split("_", maxsplit=1)[0])
        equal(read(name), "86400\n", name)
        equal(write(name, "7"), 0, name + " = 7")
        equal(read(name), "7\n", name)
        equal(write(name, "x"), errno.EINVAL, name + " = x")
        equal(write(name, "86400"), 0, name)


@test("knobs: ranges")
def ranges():
    for name in present(sorted(RANGES)):
        if name in ("drop_entry", "drop_packet", "secure_tcp"):
            # 2 is "automatic, on", and becomes 1 while there is memory
            good, bad = (3, 1, 0), RANGES[name][1]
        else:
            good, bad = RANGES[name]
        try_values(name, good, tuple(bad) + ("x",))


@test("knobs: sync_threshold is a pair, the first below the second")
def threshold():
    for text, want, shown in (
            ("5 60", 0, "5\t60"), ("7", 0, "7\t60"), ("60", errno.EINVAL, ""),
            ("61 60", errno.EINVAL, ""), ("-1 60", errno.EINVAL, ""),
            ("1 -60", errno.EINVAL, ""), ("9 0", 0, "9\t0"),
            ("x", errno.EINVAL, ""), ("3 50", 0, "3\t50")):
        held = read("sync_threshold")
        equal(write("sync_threshold", text), want, "sync_threshold = " + text)
        equal(read("sync_threshold"), shown + "\n" if shown else held,
              "sync_threshold after " + text)


@test("knobs: est_cpulist is what the writer may run on")
def cpulist():
    if not present(("est_cpulist",)):
        raise Skip("this ip_vs has none")
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as cpus:
        possible = cpus.read()
    check(read("est_cpulist") == possible, "default: " + read("est_cpulist"))
    equal(write("est_cpulist", "0\n"), 0, "CPU 0")
    equal(read("est_cpulist"), "0\n", "CPU 0")
    for bad in ("x", "3-1"):
        equal(write("est_cpulist", bad), errno.EINVAL, bad)
    equal(read("est_cpulist"), "0\n", "after refused ones")
    equal(write("est_cpulist", "\n"), 0, "none")
    equal(read("est_cpulist"), "\n", "none")
    equal(write("est_cpulist", possible), 0, "all")


@test("knobs: run_estimation=0 shows rates as 0, and counters go on")
def estimation():
    if is_stock():
        raise Skip("its counters stand still, too")
    ipvs = Ipvs()
    ipvs.flush()
    key = svc_key(port=56, proto=UDP)
    ipvs.do(NEW_SERVICE, new_service(port=56, proto=UDP))
    ipvs.do(NEW_DEST, service(key), new_dest(port=56))

    def stats():
        svc = dict(parse(ipvs.service_one(key)[S_STATS64]))
        real = dict(parse(ipvs.dests(key)[0][D_STATS64]))
        return [[struct.unpack("=Q", one[kind])[0] for kind in range(1, 11)]
                for one in (svc, real)]

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for _ in range(100):
                sock.sendto(b"x" * 100, ("192.0.2.1", 56))
    send()
    check(busywait(6, lambda: stats()[1][6] > 0), "no rate: %r" % stats())
    equal(write("run_estimation", 0), 0, "run_estimation = 0")
    send()
    for one in stats():
        equal(one, [2, 200, 0, 200 * 128, 0] + [0] * 5, "counters and rates")
    with open("/proc/net/ip_vs_stats", encoding="ascii") as file:
        equal(file.read().split("\n")[5].split(), ["0"] * 5, "all rates")
    equal(write("run_estimation", 1), 0, "run_estimation = 1")
    check(stats()[0][6] > 0, "no rate again: %r" % stats())
    ipvs.flush()


@test("knobs: root of a user namespace may only read what costs others")
def guest():
    reader, writer = os.pipe()
    if not os.fork():
        libc = ctypes.CDLL(None, use_errno=True)
        code = libc.unshare(0x10000000 | 0x40000000)
        lines = []
        if not code:
            with open("/proc/self/uid_map", "w", encoding="ascii") as out:
                out.write("0 0 1")
            for name in sorted(os.listdir(KNOBS)) if os.path.isdir(
                    KNOBS) else ():
                value = read(name).split()
                lines.append("%s %o %d" % (
                    name, os.stat(KNOBS + name).st_mode & 0o777,
                    write(name, " ".join(value))))
        os.write(writer, "\n".join(lines).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        got = answers.read().split("\n")
    os.wait()
    if is_stock() and got == [""]:
        raise Skip("this ip_vs hides them all")
    want = []
    for name in sorted(os.listdir(KNOBS)):
        if name in READ_ONLY:
            want.append("%s 444 %d" % (name, errno.EACCES))
        else:
            want.append("%s 644 0" % name)
    check(is_stock() or not set(HIDDEN) & {row.split()[0] for row in got},
          "lblc and lblcr in a user namespace")
    equal([row for row in got if row.split()[0] not in HIDDEN],
          [row for row in want if row.split()[0] not in HIDDEN],
          "modes and errors of writing")
