# SPDX-License-Identifier: GPL-2.0
"""Who may configure, who may read. Each question is asked by a child that has
given its privileges up in one of several ways."""

import ctypes
import errno
import os
import socket
import struct

from child import child
from ipvs import (
    FLUSH, GET_DAEMON, GET_DEST, GET_SERVICE, NEW_SERVICE,
    Ipvs, SET_INFO, new_service)
from ktap import check, equal, test

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
CAP_NET_ADMIN = 12
PROC = ("ip_vs", "ip_vs_conn", "ip_vs_stats", "ip_vs_stats_percpu",
        "lvs_drops")
KNOBS = "/proc/sys/net/ipv4/vs/"
SO_BASE = 64 + 1024 + 64        # IP_VS_BASE_CTL

libc = ctypes.CDLL(None, use_errno=True)


def nothing():
    """Stays what the tests are: root."""


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def keep_only(cap):
    """Root in name, with one capability of root's: all others are dropped."""
    mask = 0 if cap is None else 1 << cap
    header = struct.pack("=Ii", 0x20080522, 0)
    data = struct.pack("=6I", mask, mask, 0, 0, 0, 0)
    if libc.capset(header, data):
        raise OSError(ctypes.get_errno(), "capset")


def powerless():
    keep_only(None)


def net_admin():
    keep_only(CAP_NET_ADMIN)


def container():
    """Root of a user namespace, and of a network namespace that it owns."""
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", "0 0 1"),
                       ("gid_map", "0 0 1")):
        with open("/proc/self/" + name, "w", encoding="ascii") as out:
            out.write(text)


def commands():
    """The error codes of all commands, and of all dumps."""
    ipvs = Ipvs()
    codes = {cmd: ipvs.errno(cmd) for cmd in range(NEW_SERVICE, FLUSH + 1)
             if cmd not in (SET_INFO, GET_DEST, GET_DAEMON)}
    for cmd in (GET_SERVICE, GET_DEST, GET_DAEMON):
        codes["dump", cmd] = ipvs.errno(cmd, dump=True)
    return codes


def sockopts():
    """The error codes of IPVS's socket options, and of numbers beside them."""
    codes = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for name in range(SO_BASE, SO_BASE + 20):
            for call in (lambda: sock.setsockopt(0, name, b"\0" * 128),
                         lambda: sock.getsockopt(0, name, 128)):
                try:
                    call()
                    codes.add(0)
                except OSError as why:
                    codes.add(why.errno)
    return codes


def write(path, text):
    try:
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
    except OSError as why:
        return why.errno
    return 0


def readable():
    return [name for name in PROC if not os.access("/proc/net/" + name,
                                                   os.R_OK)]


@test("without CAP_NET_ADMIN each command, dump and socket option is refused")
def refused():
    for who in (nobody, powerless):
        codes = child(who, commands)
        check(isinstance(codes, dict), str(codes))
        wrong = {c: e for c, e in codes.items() if e != errno.EPERM}
        equal(wrong, {}, "%s: other answers than EPERM" % who.__name__)
        codes = child(who, sockopts)
        check(codes <= {errno.EPERM, errno.ENOPROTOOPT}, "%s: sockopts %r"
              % (who.__name__, codes))


@test("CAP_NET_ADMIN alone is enough")
def enough():
    def configure():
        ipvs = Ipvs()
        ipvs.do(NEW_SERVICE, new_service(port=4711))
        count = len(ipvs.services())
        ipvs.flush()
        return count
    equal(child(net_admin, configure), 1, "services made")


@test("root of a user namespace: no command of the family, as with stock")
def contained():
    codes = child(container, commands)
    check(isinstance(codes, dict), str(codes))
    equal({c: e for c, e in codes.items() if e != errno.EPERM}, {},
          "other answers than EPERM")


@test("root of a user namespace sets the knobs of its own namespace only")
def own_knobs():
    def knobs():
        return [write(KNOBS + "sloppy_tcp", "1"),
                write(KNOBS + "conn_max", "900"),
                write(KNOBS + "conn_max", "1001"),
                open(KNOBS + "sloppy_tcp", encoding="ascii").read()]
    write(KNOBS + "conn_max", "1000")
    own, less, more, value = child(container, knobs)
    write(KNOBS + "conn_max", str(1 << 30))
    equal((own, value), (0, "1\n"), "sloppy_tcp of its namespace")
    equal(less, 0, "a lower conn_max than root's")
    check(more, "conn_max above what root set was accepted")
    with open(KNOBS + "sloppy_tcp", encoding="ascii") as knob:
        equal(knob.read(), "0\n", "sloppy_tcp of the first namespace")


@test("files: all may read, nobody but root may set a knob")
def files():
    for name in PROC:
        equal(os.stat("/proc/net/" + name).st_mode & 0o7777, 0o444,
              "mode of " + name)
    for name in os.listdir(KNOBS):
        equal(os.stat(KNOBS + name).st_mode & 0o7777, 0o644, "mode of " + name)
    equal(child(nobody, readable), [], "what nobody cannot read")
    equal(child(nobody, lambda: write(KNOBS + "sloppy_tcp", "1")),
          errno.EACCES, "writing a knob")
    for name in PROC:
        check(child(nobody, lambda: write("/proc/net/" + name, "x")),
              name + " was written")
