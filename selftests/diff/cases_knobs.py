# SPDX-License-Identifier: GPL-2.0
"""net.ipv4.vs, the files of /proc/net, the socket options."""

import ctypes
import socket
import struct

from case import case

# those of 6.1; lvs has more
KNOBS = """am_droprate amemthresh backup_only cache_bypass conn_reuse_mode
conntrack drop_entry drop_packet expire_nodest_conn expire_quiescent_template
ignore_tunneled nat_icmp_send pmtu_disc run_estimation schedule_icmp
secure_tcp sloppy_sctp sloppy_tcp snat_reroute sync_persist_mode sync_ports
sync_qlen_max sync_refresh_period sync_retries sync_sock_size sync_threshold
sync_version lblc_expiration lblcr_expiration""".split()
KNOBS7 = ("conn_max", "conn_lfactor", "svc_lfactor", "est_cpulist", "est_nice")
VALUES = ("0", "1", "2", "3", "4", "7", "64", "65", "100", "-1", "-2147483648",
          "2147483647", "2147483648", "4294967296", "0x10", "1 2", "2 1",
          "3 50", "0 0", "5 5", "-1 5", "5 -1", "1 0", "x", "", "1x", " 9 ",
          "1 2 3")


@case("knob", knob=tuple(KNOBS))
def knob(t, knob):
    """The default; what may be written, and what is read then."""
    if knob != "sync_qlen_max":     # that follows free memory
        t.read_sysctl(knob)
    for value in VALUES:
        t.sysctl(knob, value)
        t.read_sysctl(knob)


@case("knob of 7.2", kernels=("7.2",), knob=KNOBS7)
def knob7(t, knob):
    """Those that 6.1 does not have."""
    t.read_sysctl(knob)
    for value in VALUES + ("-8", "8", "9", "-9", "-20", "19", "20", "1073741824",
                           "1073741825", "0-1", "0,1", "99999"):
        if knob == "conn_max" and value == "-2147483648":
            continue        # All knobs of Linux 7.2 on every kernel.
        t.sysctl(knob, value)
        t.read_sysctl(knob)


@case("files of an empty namespace", name=(
    "ip_vs", "ip_vs_conn", "ip_vs_conn_sync", "ip_vs_app", "ip_vs_stats",
    "ip_vs_stats_percpu"))
def files(t, name):
    """Byte for byte, but the size of the table and others' conns."""
    text = t.lab.proc(name)
    if name in ("ip_vs_conn", "ip_vs_conn_sync"):
        text = text.splitlines()[0]
    elif name.startswith("ip_vs_stats"):
        text = text.splitlines()[:2]
    elif name == "ip_vs":
        text = text.split("(size=")[0] + text.split(")", 1)[1]
    t.see(name, text)


@case("ip_vs_conn_sync of conns", fam=(4, 6), proto=("tcp", "udp"))
def conn_sync(t, proto):
    """The same conns with their origin."""
    t.service(proto, flags=1, timeout=100)
    t.dest(1)
    t.flow(proto).client("S")
    t.see("ip_vs_conn_sync", sorted(
        line[:line.rindex(" ")].rstrip()
        for line in t.lab.proc("ip_vs_conn_sync").splitlines()
        if t._is_mine(line)))                         # pylint: disable=W0212


# --- socket options -----------------------------------------------------------
BASE = 64 + 1024 + 64
LIBC = ctypes.CDLL(None, use_errno=True)
SETS = {"none": 0, "insert": 1, "add": 2, "edit": 3, "delete": 4, "flush": 5,
        "list": 6, "add server": 7, "delete server": 8, "edit server": 9,
        "timeout": 10, "start daemon": 11, "stop daemon": 12, "restore": 13,
        "save": 14, "zero": 15, "after": 16}
GETS = {"version": 0, "info": 1, "services": 2, "service": 3, "servers": 4,
        "server": 5, "timeout": 6, "daemon": 7, "after": 8}


def user_service(t, port=80, proto=6, sched=b"rr", flags=0, timeout=0,
                 netmask=0xffffffff, mark=0, vip=1):
    """struct ip_vs_service_user"""
    return struct.pack("=HxxIHxxI16sIII", proto, int.from_bytes(
        socket.inet_aton(t.vip(vip)), "little"), socket.htons(port), mark,
        sched, flags, timeout, netmask)


def user_dest(t, i=1, port=80, flags=0, weight=1, upper=0, lower=0):
    """struct ip_vs_dest_user"""
    return struct.pack("=IHxxIiII", int.from_bytes(
        socket.inet_aton(t.rip(i)), "little"), socket.htons(port), flags,
        weight, upper, lower)


def opened(t):
    t.lab.enter()
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def put(t, sock, name, data):
    try:
        sock.setsockopt(socket.IPPROTO_IP, BASE + SETS[name], data)
        code = 0
    except OSError as error:
        code = error.errno
    t.see("set %s of %d" % (name, len(data)), code)


def get(t, sock, name, data):
    """The size of the table is not compared, nor are rates: they depend on where
    in the two seconds of a window packets came."""
    buffer = bytearray(data)
    size = ctypes.c_uint(len(buffer))
    raw = (ctypes.c_char * max(len(buffer), 1)).from_buffer(
        buffer if buffer else bytearray(1))
    code = LIBC.getsockopt(sock.fileno(), 0, BASE + GETS[name], raw,
                           ctypes.byref(size))
    code = ctypes.get_errno() if code else 0
    out = bytearray(bytes(raw)[:size.value if not code else 0])
    if name == "info":
        out[4:8] = b""
    if name == "services":
        for at in range(8 + 80, len(out), 104):
            out[at:at + 20] = b"\0" * 20
    length = size.value
    if name == "version" and b"size=" in out:
        digits = out[out.index(b"size=") + 5:].rstrip(b")\0")
        out = out.replace(digits, b"")
        length -= len(digits)
    t.see("get %s of %d" % (name, len(data)), [code, length, out.hex()])
    return bytes(out)


@case("socket options to set", name=tuple(SETS))
def sets(t, name):
    """Lengths, and what is done to a service."""
    with opened(t) as sock:
        t.service(sched="rr")
        t.dest(1)
        for data in (b"", b"\0" * 12, b"\0" * 24, b"\0" * 44, b"\0" * 68,
                     b"\0" * 69):
            if name == "flush" and not data:
                continue
            put(t, sock, name, data)
        t.listing()
        put(t, sock, name, user_service(t, port=81))
        put(t, sock, name, user_service(t, sched=b"wlc", flags=1, timeout=7))
        t.listing()
        put(t, sock, name, user_service(t) + user_dest(t, 2, weight=5,
                                                       flags=3))
        put(t, sock, name, user_service(t) + user_dest(t, 1, weight=7))
        t.listing()


@case("services by socket options", proto=(0, 1, 6, 17, 50, 255))
def set_services(t, proto):
    """Each protocol, with a mark, names without an end, flags."""
    with opened(t) as sock:
        put(t, sock, "add", user_service(t, proto=proto))
        put(t, sock, "add", user_service(t, proto=proto, mark=0x99))
        put(t, sock, "add", user_service(t, 81, proto, b"x" * 16))
        put(t, sock, "add", user_service(t, 82, proto, b"nosuch"))
        put(t, sock, "add", user_service(t, 83, proto, b""))
        put(t, sock, "add", user_service(t, 84, proto, b"wlc", 0xffffffff, 9))
        put(t, sock, "edit", user_service(t, 85, proto))
        put(t, sock, "delete", user_service(t, 85, proto))
        put(t, sock, "add", user_service(t, proto=proto))
        t.listing()
        put(t, sock, "flush", b"")
        t.listing()


@case("servers by socket options", flags=(0, 1, 2, 3, 0x2003, 0x1f000, ~0))
def set_servers(t, flags):
    """Methods, flags that a user may not set, errors."""
    with opened(t) as sock:
        put(t, sock, "add", user_service(t))
        svc = user_service(t)
        flags &= 0xffffffff
        if flags & 7 > 3:
            with t.differs("Refused, not ignored."):
                put(t, sock, "add server", svc + user_dest(t, flags=flags))
            return
        put(t, sock, "add server", svc + user_dest(t, flags=flags))
        put(t, sock, "add server", svc + user_dest(t, flags=flags))
        put(t, sock, "add server", svc + user_dest(t, 2, weight=-1))
        put(t, sock, "add server", svc + user_dest(t, 3, upper=1, lower=2))
        put(t, sock, "edit server", svc + user_dest(t, 4))
        put(t, sock, "delete server", svc + user_dest(t, 4))
        put(t, sock, "add server",
            user_service(t, 99) + user_dest(t, flags=flags))
        t.listing()
        flow = t.flow()
        flow.client("S")
        t.conns()


@case("server flag of one packet", proto=(6, 17), persistent=(0, 1))
def one_packet_server(t, proto, persistent):
    """A server all of whose conns are of one packet: only by socket option."""
    with opened(t) as sock:
        put(t, sock, "add", user_service(t, proto=proto, flags=persistent,
                                         timeout=100))
        put(t, sock, "add server", user_service(t, proto=proto) + user_dest(
            t, flags=0x2000))
        t.listing()
    for _ in range(2):
        flow = t.flow("udp" if proto == 17 else "tcp")
        flow.client("S")
        flow.client("A")
        flow.server("SA")
    t.listing()
    yield from t.counters()


@case("socket options to get", name=tuple(GETS))
def gets(t, name):
    """Too short, too long, for what is there and what is not."""
    with opened(t) as sock:
        t.service(sched="wlc", flags=1, timeout=100)
        t.dest(1, weight=3, upper=10, lower=5)
        t.dest(2, port=8080, fwd="tun")
        t.config(tcp=100, fin=20, udp=30)
        for data in (b"", b"\0" * 4, b"\0" * 8, b"\0" * 12, b"\0" * 24,
                     b"\0" * 63, b"\0" * 64, b"\0" * 104, b"\0" * 120,
                     b"\0" * 500):
            get(t, sock, name, data)
        key = struct.pack("=HxxIHxxI", 6, int.from_bytes(
            socket.inet_aton(t.vip()), "little"), socket.htons(80), 0)
        get(t, sock, name, key.ljust(104, b"\0"))
        servers = key[:0] + struct.pack("=HxxIHxxII", 6, int.from_bytes(
            socket.inet_aton(t.vip()), "little"), socket.htons(80), 0, 2)
        for count in (0, 1, 2, 3):
            data = bytearray(servers.ljust(24 + 96 * count, b"\0"))
            struct.pack_into("=I", data, 16, count)
            get(t, sock, name, bytes(data))
        for count in (0, 1, 2):
            data = struct.pack("=II", count, 0) + b"\0" * 104 * count
            get(t, sock, name, data)


@case("zero by socket options")
def zero(t):
    """One, and all by a key of zeroes."""
    keys = [t.service(port=80), t.service(port=81)]
    for key, port in zip(keys, (80, 81)):
        t.dest(1, port=port, key=key)
        t.flow(port=port).client("S")
    yield 2.6
    with opened(t) as sock:
        put(t, sock, "zero", user_service(t, 80))
        t.counted()
        put(t, sock, "zero", user_service(t, 99))
        put(t, sock, "zero", b"\0" * 44)
        t.counted()
