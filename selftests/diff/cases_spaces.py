# SPDX-License-Identifier: GPL-2.0
"""Namespaces and rights: who sees and may do what."""

import ctypes
import os
import socket
import struct

import ipvs
from case import case
from cases_knobs import BASE, KNOBS, user_dest, user_service
from child import child

FAMILIES = (4, 6)
LIBC = ctypes.CDLL(None, use_errno=True)
NEWUSER, NEWNET = 0x10000000, 0x40000000
FILES = ("ip_vs", "ip_vs_conn", "ip_vs_conn_sync", "ip_vs_app", "ip_vs_stats",
         "ip_vs_stats_percpu")


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def in_user_namespace():
    """Become root of a user namespace with a network namespace of its own."""
    if LIBC.unshare(NEWUSER | NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", "0 0 1"),
                       ("gid_map", "0 0 1")):
        with open("/proc/self/" + name, "w", encoding="ascii") as proc:
            proc.write(text)


def netlink():
    """{command: errno} of every request."""
    sock = ipvs.Ipvs()
    key = ipvs.service(ipvs.svc_key() + ipvs.svc_rest())
    server = ipvs.new_dest("127.0.0.1")
    return [(cmd, sock.errno(cmd, key, server, dump=dump))
            for cmd in range(1, 20) for dump in (False, True)]


def opt(call):
    try:
        call()
    except OSError as error:
        return error.errno
    return 0


def socket_options():
    """[errno] of options to set and to get."""
    try:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                             socket.IPPROTO_RAW)
    except PermissionError:     # nobody: any socket's options will do
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out = [opt(lambda n=n: sock.setsockopt(0, BASE + n, b"\0" * 12))
           for n in range(17)]
    return out + [opt(lambda n=n: sock.getsockopt(0, BASE + n, 64))
                  for n in range(9)]


def files():
    """What of /proc can be read, and how it begins."""
    out = []
    for name in FILES:
        try:
            with open("/proc/thread-self/net/" + name, encoding="ascii") as proc:
                out.append((name, proc.readline().split("(size=")[0]))
        except OSError as error:
            out.append((name, error.errno))
    return out


@case("family by name")
def family(t):
    """What the kernel tells of the family, but its number."""
    told = ipvs.family(t.lab.ipvs)
    t.see("family", sorted((k, v.hex()) for k, v in told.items() if k != 1))


@case("modes of files")
def modes(t):
    """Of /proc/net and of net.ipv4.vs."""
    t.lab.enter()
    for path in ["/proc/thread-self/net/" + name for name in FILES] + [
            "/proc/sys/net/ipv4/vs/" + name for name in KNOBS]:
        told = os.stat(path)
        t.see(path, [oct(told.st_mode), told.st_uid, told.st_gid])


@case("rights of nobody", what=("netlink", "sockets", "files"))
def rights(t, what):
    """A process without privilege, in the director's namespace."""
    t.service()
    t.dest(1)
    t.lab.enter()
    t.see(what, child(nobody, {"netlink": netlink, "sockets": socket_options,
                               "files": files}[what]))
    t.listing()


@case("rights in a user namespace", what=("netlink", "sockets", "files"))
def user_space(t, what):
    """Root of a namespace of its own."""
    t.lab.enter()
    t.see(what, child(in_user_namespace,
                      {"netlink": netlink, "sockets": socket_options,
                       "files": files}[what]))


@case("services by socket options in a user namespace")
def user_services(t):
    """Added, listed in /proc, deleted."""
    def work():
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                             socket.IPPROTO_RAW)
        batch = [opt(lambda: sock.setsockopt(0, BASE + 2, user_service(t))),
                 opt(lambda: sock.setsockopt(0, BASE + 7, user_service(t) +
                                             user_dest(t)))]
        with open("/proc/thread-self/net/ip_vs", encoding="ascii") as proc:
            text = proc.read()
        batch.append(text.split(")", 1)[1])
        batch.append(opt(lambda: sock.setsockopt(0, BASE + 5, b"")))
        return batch

    t.lab.enter()
    t.see("work", child(in_user_namespace, work))


def knob_names():
    try:
        return sorted(set(os.listdir("/proc/sys/net/ipv4/vs")) & set(KNOBS))
    except OSError as error:
        return error.errno


@case("knobs in a user namespace")
def user_knobs(t):
    """Which are there."""
    t.lab.enter()
    with t.differs("All knobs of Linux 7.2 on every kernel."):
        t.see("knobs", child(in_user_namespace, knob_names))


@case("two namespaces with one address", fam=FAMILIES, proto=("tcp", "udp"))
def two(t, proto):
    """Services, conns, knobs and counters of one are not the other's; it goes
    while it has conns."""
    t.service(proto)
    t.dest(1)
    t.config(udp=77)
    t.sysctl("sloppy_tcp", 1)
    flow = t.flow(proto)
    flow.open()
    t.own_lab()
    t.listing()
    t.read_sysctl("sloppy_tcp")
    t.request("config", ipvs.GET_CONFIG)
    flow.client("A")
    t.service(proto)
    t.dest(2, fwd="dr")
    flow.client("S")
    t.listing()
    t.undo.pop()()
    t.listing()
    flow.client("A")
    t.listing()
    t.read_sysctl("sloppy_tcp")


def fresh_knobs():
    if LIBC.unshare(NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    out = []
    for knob in KNOBS:
        with open("/proc/sys/net/ipv4/vs/" + knob, encoding="ascii") as proc:
            # sync_qlen_max follows free memory
            out.append((knob, proc.read() if knob != "sync_qlen_max" else 0))
    return out


@case("knobs of a new namespace")
def new_knobs(t):
    """Defaults, whatever another namespace has been told."""
    for knob in ("sloppy_tcp", "secure_tcp", "conn_reuse_mode", "amemthresh"):
        t.sysctl(knob, 3)
    t.lab.enter()
    t.see("knobs", child(fresh_knobs))
