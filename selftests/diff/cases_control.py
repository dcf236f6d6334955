# SPDX-License-Identifier: GPL-2.0
"""The netlink family: every command, what it answers, what it leaves."""

import struct

import ipvs
from case import case

FAMILIES = (4, 6)
COMMANDS = {
    "NEW_SERVICE": 1, "SET_SERVICE": 2, "DEL_SERVICE": 3, "GET_SERVICE": 4,
    "NEW_DEST": 5, "SET_DEST": 6, "DEL_DEST": 7, "GET_DEST": 8,
    "SET_CONFIG": 12, "GET_CONFIG": 13, "SET_INFO": 14, "GET_INFO": 15,
    "ZERO": 16, "FLUSH": 17, "unknown 18": 18, "unknown 0": 0}
DUMP = ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP


@case("command with little in it", command=tuple(COMMANDS))
def bare_command(t, command):
    """No attributes, empty nests, with and without DUMP; nothing changes."""
    cmd = COMMANDS[command]
    t.service()
    t.dest(1)
    for name, attrs in (("nothing", b""),
                        ("empty service", ipvs.service(b"")),
                        ("empty both", ipvs.service(b"") + ipvs.dest(b"")),
                        ("key", ipvs.service(t.key)),
                        ("key, empty server",
                         ipvs.service(t.key) + ipvs.dest(b"")),
                        ("other nest", ipvs.dest(t.key)),
                        ("unknown attribute", ipvs.nla(30, b"1234"))):
        if command in ("DEL_SERVICE",) and name in ("key",):
            continue
        t.request("%s: %s" % (command, name), cmd, attrs)
        t.request("%s dump: %s" % (command, name), cmd, attrs, flags=DUMP)
    t.listing()


SERVICE_ATTRS = {
    "AF": ipvs.S_AF, "PROTOCOL": ipvs.S_PROTOCOL, "ADDR": ipvs.S_ADDR,
    "PORT": ipvs.S_PORT, "SCHED": ipvs.S_SCHED, "FLAGS": ipvs.S_FLAGS,
    "TIMEOUT": ipvs.S_TIMEOUT, "NETMASK": ipvs.S_NETMASK}


@case("service without an attribute", fam=FAMILIES, left=tuple(SERVICE_ATTRS))
def service_without(t, left):
    """Which are needed to add, edit, read, zero, delete."""
    whole = t.svc_key() + ipvs.svc_rest(
        sched="rr", netmask=128 if t.fam == 6 else 0xffffffff)
    part = b"".join(ipvs.nla(k, v) for k, v in ipvs.parse(whole)
                    if k != SERVICE_ATTRS[left])
    t.request("add part", ipvs.NEW_SERVICE, ipvs.service(part))
    t.listing()
    t.request("add", ipvs.NEW_SERVICE, ipvs.service(whole))
    for cmd in (ipvs.SET_SERVICE, ipvs.GET_SERVICE, ipvs.ZERO,
                ipvs.DEL_SERVICE):
        t.request("cmd %d part" % cmd, cmd, ipvs.service(part))
    t.listing()


@case("server without an attribute", left=("ADDR", "PORT", "FWD", "WEIGHT",
                                           "UTHRESH", "LTHRESH"))
def dest_without(t, left):
    """Which are needed to add, edit, delete."""
    kind = {"ADDR": 1, "PORT": 2, "FWD": 3, "WEIGHT": 4, "UTHRESH": 5,
            "LTHRESH": 6}[left]
    t.service()
    whole = ipvs.dst_key(t.rip(1), 80) + ipvs.dst_rest(weight=3)
    part = b"".join(ipvs.nla(k, v) for k, v in ipvs.parse(whole) if k != kind)
    for cmd in (ipvs.NEW_DEST, ipvs.SET_DEST, ipvs.DEL_DEST):
        for what in (part, whole):
            t.request("cmd %d" % cmd, cmd, ipvs.service(t.key),
                      ipvs.dest(what))
    t.listing()


@case("duplicates and what is missing", fam=FAMILIES)
def duplicates(t):
    """EEXIST, ESRCH, ENOENT of each command."""
    missing = t.svc_key(port=81)
    t.service()
    t.service()
    t.dest(1)
    t.dest(1)
    t.dest(1, port=81)
    t.edit_dest(2)
    t.del_dest(2)
    for cmd in (ipvs.DEL_SERVICE, ipvs.GET_SERVICE, ipvs.ZERO):
        t.request("missing %d" % cmd, cmd, ipvs.service(missing))
    t.dest(1, key=missing)
    t.edit_dest(1, key=missing)
    t.del_dest(1, key=missing)
    t.service(port=82, cmd=ipvs.SET_SERVICE)
    t.service(port=83, sched="nosuch")
    t.service(port=83, sched="")
    t.service(port=83, pe="nosuch")
    t.service(port=83, pe="")
    t.request("servers of a missing one", ipvs.GET_DEST,
              ipvs.service(missing), flags=DUMP)
    t.listing()


@case("the same address as TCP and UDP, port and mark", fam=FAMILIES)
def neighbours(t):
    """Keys that differ in one thing are different services."""
    keys = [t.service("tcp", 80), t.service("udp", 80), t.service("tcp", 81),
            t.service("tcp", 80, vip=2), t.service(mark=1), t.service(mark=2),
            t.service("tcp", 0, flags=1, timeout=60)]
    for number, key in enumerate(keys):
        t.dest(1, weight=number + 1, key=key)
    t.listing()
    for key in keys[::2]:
        t.del_service(key)
    t.listing()
    t.request("flush", ipvs.FLUSH)
    t.listing()


@case("port 0", fam=FAMILIES, persistent=(0, 1))
def port_zero(t, persistent):
    """A service on port 0, with persistence and without."""
    t.service(port=0, flags=persistent, timeout=60)
    t.dest(1, port=0)
    t.dest(2, port=8080)
    t.listing()
    flow = t.flow(port=1234)
    flow.client("S")
    t.conns()


@case("protocol number", proto=(0, 1, 6, 17, 47, 50, 51, 58, 136, 255, 65535))
def protocol_number(t, proto):
    """PROTOCOL is any u16 for netlink."""
    if proto not in (6, 17):
        with t.differs("Refused, not ignored."):
            t.service(proto)
        return
    t.service(proto)
    t.dest(1)
    t.listing()


@case("family number", family=(0, 1, 2, 10, 7, 65535))
def family_number(t, family):
    """Neither IPv4 nor IPv6."""
    for extra in (ipvs.nla(ipvs.S_FWMARK, ipvs.u32(77)), b""):
        key = b"".join(ipvs.nla(k, v) for k, v in ipvs.parse(t.svc_key())
                       if k != ipvs.S_AF)
        key += ipvs.nla(ipvs.S_AF, ipvs.u16(family)) + extra
        t.request("add", ipvs.NEW_SERVICE, ipvs.service(
            key + ipvs.svc_rest(netmask=128 if family == 10 else 0xffffffff)))
        t.request("get", ipvs.GET_SERVICE, ipvs.service(key))
    t.listing()


@case("flag bits by mask", fam=FAMILIES, bit=(1, 2, 4, 8, 16, 32, 64, 1 << 31))
def flag_bits(t, bit):
    """Set, kept, cleared through the mask."""
    t.service(flags=bit, timeout=60)
    t.listing()
    t.service(flags=0, mask=~bit & 0xffffffff, timeout=60, cmd=ipvs.SET_SERVICE)
    t.listing()
    t.service(flags=0, timeout=60, cmd=ipvs.SET_SERVICE)
    t.listing()
    t.service(flags=0xffffffff, mask=bit, timeout=60, cmd=ipvs.SET_SERVICE)
    t.listing()


@case("netmask", fam=FAMILIES,
      netmask=(0, 1, 64, 127, 128, 129, 0xffffff00, 0x00ffffff, 0xffffffff))
def netmask_values(t, netmask):
    """IPv4: any bits; IPv6: 1 to 128. With and without persistence."""
    t.service(netmask=netmask)
    t.service(port=81, netmask=netmask, flags=1, timeout=300)
    t.service(port=81, netmask=netmask, cmd=ipvs.SET_SERVICE)
    t.listing()


@case("timeout of a service", timeout=(
    0, 1, 300, 0x7fffffff // 250, 17179869, 0xffffffff))
def timeout_values(t, timeout):
    """Persistence timeouts as they are read back."""
    t.service(flags=1, timeout=timeout)
    if timeout * 250 >= 1 << 31:
        with t.differs("A timeout of persistence is at most 2^31 ticks"):
            t.listing()
    else:
        t.listing()


@case("mark values", fam=FAMILIES, mark=(0, 1, 0x7fffffff, 0xffffffff))
def mark_values(t, mark):
    """A mark service with a protocol and address, and without."""
    key = ipvs.svc_mark(mark, 10 if t.fam == 6 else 2)
    rest = ipvs.svc_rest(sched="rr", netmask=128 if t.fam == 6 else ~0)
    t.request("add", ipvs.NEW_SERVICE, ipvs.service(key + rest))
    t.request("add with address", ipvs.NEW_SERVICE, ipvs.service(
        key + t.svc_key("udp") + rest))
    t.request("get", ipvs.GET_SERVICE, ipvs.service(key + t.svc_key("udp")))
    t.listing()
    t.request("delete", ipvs.DEL_SERVICE, ipvs.service(key))
    t.listing()


@case("scheduler by name", smoke=True,
      sched=("rr", "wrr", "lc", "wlc", "dh", "sh", "mh", "sed", "nq", "fo",
             "ovf", "none", "", "RR", "rr2"))
def scheduler_names(t, sched):
    """Added, edited to and from, listed; servers come and go."""
    t.service(sched=sched)
    t.dest(1, weight=2)
    t.dest(2, weight=3)
    t.service(port=81, sched="rr")
    t.service(port=81, sched=sched, cmd=ipvs.SET_SERVICE)
    t.service(port=81, sched="lc", cmd=ipvs.SET_SERVICE)
    t.listing()
    t.edit_dest(1, weight=0)
    t.del_dest(2)
    t.listing()


@case("weight", weight=(0, 1, 65535, 0x7fffffff, 0x80000000, 0xffffffff))
def weights(t, weight):
    """A weight is an int, not negative."""
    t.service(sched="wlc")
    t.dest(1, weight=weight)
    t.dest(2)
    t.edit_dest(2, weight=weight)
    t.listing()


@case("thresholds", upper=(0, 1, 100, 0x7fffffff), lower=(0, 1, 99, 101))
def thresholds(t, upper, lower):
    """Lower is not above upper."""
    t.service()
    t.dest(1, upper=upper, lower=lower)
    t.dest(2)
    t.edit_dest(2, upper=upper, lower=lower)
    t.listing()


@case("thresholds above the largest int", upper=(0x80000000, 0xffffffff),
      lower=(0, 1, 0x80000000, 0xffffffff))
def large_thresholds(t, upper, lower):
    """For a new server and an old one."""
    t.service()
    t.dest(1, upper=upper, lower=lower)
    t.dest(2)
    t.edit_dest(2, upper=upper, lower=lower)
    t.listing()


@case("forwarding method", fam=FAMILIES, method=tuple(range(9)))
def forwarding_methods(t, method):
    """Low three bits of the word."""
    t.service()
    if method & 7 > 4:
        with t.differs("Refused, not ignored."):
            t.dest(1, fwd=method)
        return
    t.dest(1, fwd=method)
    t.dest(2, fwd=method | 0x1000)
    t.edit_dest(1, fwd=(method + 1) & 3)
    t.listing()


@case("address of a server", addr=(
    "0.0.0.0", "127.0.0.1", "192.0.2.2", "192.0.2.255", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "10.48.0.9", "203.0.113.1",
    "::", "::1", "fe80::1", "ff02::1", "2001:db8:1::2", "::ffff:192.0.2.11",
    "2001:db8:50::9", "fc00::1"))
def server_addresses(t, addr):
    """Unicast or local; by each method."""
    fam = 6 if ":" in addr else 4
    t.fam = fam
    t.service()
    for number, fwd in enumerate(("nat", "dr", "tun", "local")):
        t.dest(fwd=fwd, port=80 + number, addr=addr)
    t.listing()


@case("address of a service", addr=(
    "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "203.0.113.77",
    "::", "::1", "fe80::1", "ff02::1"))
def service_addresses(t, addr):
    """Any address is good for a service."""
    t.fam = 6 if ":" in addr else 4
    t.service(addr=addr)
    t.dest(1)
    t.listing()


@case("server of the other family", fam=FAMILIES, method=("nat", "dr", "tun",
                                                          "local"))
def other_family(t, method):
    """Only with tunnels."""
    t.service()
    t.dest(1, fwd=method, fam=10 - t.fam)
    t.edit_dest(1, fwd="nat", fam=10 - t.fam)
    t.del_dest(1, fam=10 - t.fam)
    t.dest(1, fwd=method, fam=10 - t.fam)
    t.listing()


@case("tunnel type", kind=(0, 3, 4, 255), method=("tun", "nat"))
def tunnel_types(t, kind, method):
    """Types that do not exist, ports and flags of ipip."""
    t.service()
    if kind > 2:
        with t.differs("Refused, not ignored."):
            t.dest(1, fwd=method, tun=(kind, 6080, 0))
        return
    t.dest(1, fwd=method, tun=(kind, 6080, 0))
    t.dest(2, fwd=method, tun=(kind, 0, 1))
    t.edit_dest(2, fwd=method, tun=(kind, 0, 7))
    t.listing()


@case("editing a service", fam=FAMILIES)
def edit_service(t):
    """All that can be edited, one thing at a time; servers stay."""
    t.service()
    for i in (1, 2, 3):
        t.dest(i, weight=i)
    for rest in ({"sched": "rr"}, {"sched": "none"}, {"sched": "sh"},
                 {"flags": 1, "timeout": 100},
                 {"flags": 1, "timeout": 200},
                 {"flags": 24, "sched": "mh"}, {"timeout": 300},
                 {"netmask": 24 if t.fam == 6 else 0xffffff}):
        t.service(cmd=ipvs.SET_SERVICE, **rest)
        t.listing()
    t.service(cmd=ipvs.SET_SERVICE, sched="nosuch")
    t.listing()


@case("editing servers, order of the list", fam=FAMILIES)
def edit_servers(t):
    """Place in the list after edits, removal, and coming back."""
    t.service()
    for i in (1, 2, 3, 4):
        t.dest(i, weight=i, upper=10 * i, lower=i)
    t.listing()
    t.edit_dest(2, weight=9, fwd="dr")
    t.listing()
    t.del_dest(3)
    t.listing()
    t.dest(3, weight=7)
    t.dest(3, port=81, weight=7)
    t.listing()


@case("deleting a service with servers, and adding it again", fam=FAMILIES)
def delete_and_add(t):
    """A new service is empty."""
    t.service(sched="rr")
    t.dest(1)
    t.dest(2)
    t.del_service()
    t.listing()
    t.service(sched="wrr")
    t.listing()
    t.dest(2, weight=5)
    t.listing()


@case("timeouts by SET_CONFIG", values=(
    (0, 0, 0), (10, 0, 0), (0, 20, 0), (0, 0, 30), (1, 2, 3),
    (0x7fffffff // 250, 1, 1), (0x7fffffff, 1, 1), (5, 0xffffffff, 1),
    (5, 1, 0x80000000)))
def set_config(t, values):
    """0 keeps, too long or negative is refused and nothing changes."""
    t.config(*values)
    t.request("get", ipvs.GET_CONFIG)


@case("SET_CONFIG with one attribute", kind=(4, 5, 6))
def set_config_one(t, kind):
    """Each alone."""
    t.config()
    t.request("set", ipvs.SET_CONFIG, ipvs.nla(kind, ipvs.u32(77)))
    t.request("get", ipvs.GET_CONFIG)


@case("zeroing", fam=FAMILIES)
def zero(t):
    """One service and its servers, or all."""
    keys = [t.service(port=80), t.service(port=81)]
    for key, port in zip(keys, (80, 81)):
        t.dest(1, port=port, key=key)
        t.flow(port=port).client("S")
    yield from t.counters()
    t.request("zero one", ipvs.ZERO, ipvs.service(keys[0]))
    t.counted()
    t.request("zero all", ipvs.ZERO)
    t.counted()
    flow = t.flow(port=81)
    flow.client("S")
    flow.client("A")
    yield from t.counters()


@case("values longer and shorter than their type", kind=(
    "AF", "PROTOCOL", "ADDR", "PORT", "FLAGS", "TIMEOUT", "NETMASK", "SCHED"))
def odd_sizes(t, kind):
    """Every length from 0 to 20 bytes."""
    whole = t.svc_key() + ipvs.svc_rest(sched="rr")
    for size in range(21):
        attrs = b""
        for k, v in ipvs.parse(whole):
            if k == SERVICE_ATTRS[kind]:
                v = v.ljust(20, b"\0")[:size]
            attrs += ipvs.nla(k, v)
        t.request("add, %d bytes" % size, ipvs.NEW_SERVICE,
                  ipvs.service(attrs))
        t.request("services", ipvs.GET_SERVICE, flags=DUMP)
        t.request("flush", ipvs.FLUSH)


@case("order and repetition of attributes")
def attribute_order(t):
    """Backwards, twice, with strange ones between."""
    attrs = ipvs.parse(t.svc_key() + ipvs.svc_rest(sched="rr"))
    t.request("backwards", ipvs.NEW_SERVICE, ipvs.service(
        b"".join(ipvs.nla(k, v) for k, v in reversed(attrs))))
    t.listing()
    twice = b"".join(ipvs.nla(k, v) for k, v in attrs) + \
        ipvs.nla(ipvs.S_PORT, ipvs.be16(99)) + ipvs.nla(99, b"x") + \
        ipvs.nla(ipvs.S_SCHED, b"wrr\0")
    t.request("twice", ipvs.NEW_SERVICE, ipvs.service(twice))
    t.request("flags", ipvs.NEW_SERVICE, ipvs.service(
        b"".join(ipvs.nla(k | 0x4000, v) for k, v in attrs)))
    t.listing()


@case("service and server of one request are those of their nests")
def nests(t):
    """Server nest before the service nest; both flagged as nested."""
    t.service()
    server = ipvs.new_dest(t.rip(1), 80, weight=4)
    t.request("reversed", ipvs.NEW_DEST, server, ipvs.service(t.key))
    t.request("nested", ipvs.NEW_DEST,
              ipvs.service(t.key, nested=True),
              ipvs.dest(ipvs.dst_key(t.rip(2), 80) + ipvs.dst_rest(),
                        nested=True))
    t.request("name too long", ipvs.NEW_SERVICE, ipvs.service(
        t.svc_key(port=9) + ipvs.nla(ipvs.S_SCHED, b"x" * 17) +
        ipvs.nla(ipvs.S_FLAGS, struct.pack("=II", 0, 0)) +
        ipvs.nla(ipvs.S_TIMEOUT, ipvs.u32(0)) +
        ipvs.nla(ipvs.S_NETMASK, ipvs.u32(~0))))
    t.listing()


@case("information", kernels=("6.1", "6.12", "7.2"))
def information(t):
    """GET_INFO, GET_CONFIG, the files of a namespace with nothing in it."""
    t.request("info", ipvs.GET_INFO)
    t.request("config", ipvs.GET_CONFIG)
    t.listing()
