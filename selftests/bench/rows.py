# SPDX-License-Identifier: GPL-2.0
"""What is measured, in groups.

A group is a generator over (row, figure): when it yields, everything is set up, and figure(count)
measures with that many packets, as often as it is called.
"""

import contextlib

import table
import control
from lab import METHODS, sh
from source import TCP, UDP, LockMeter

SCHEDULERS = "rr wrr lc wlc sed nq fo ovf dh sh mh lblc lblcr".split()


def label(family, proto):
    return f"IPv{family} {'TCP' if proto == TCP else 'UDP'}"


def established(lab, suffix, methods=METHODS, **how):
    """Packets of flows that are there: by each method, and a NAT server's replies."""
    for method in methods:
        flows = lab.balance(method, **how).open()
        yield f"{method} in{suffix}", flows.request
        if method == "NAT":
            yield f"NAT reply{suffix}", flows.reply


def path(lab):
    for family in (4, 6):
        yield from established(lab, f", {label(family, TCP)}", family=family)
    for family in (4, 6):
        yield from established(lab, f", {label(family, UDP)}", family=family, proto=UDP)


def lists(lab):
    for family in (4, 6):
        yield from established(lab, f", lists of 64, IPv{family}", family=family, batch=64)


def gso(lab):
    for family in (4, 6):
        yield from established(lab, f", 45 segments of GRO, IPv{family}", family=family, payload=45 * 1400)


def new(lab):
    for family, proto in ((4, TCP), (6, TCP), (4, UDP), (6, UDP)):
        for method in METHODS:
            yield f"{method} new conn, {label(family, proto)}", lab.balance(method, family, proto).opening
    # as Debian has it
    with rp_filter(2):
        for method in METHODS:
            yield f"{method} new conn, {label(4, TCP)}, rp_filter=2", lab.balance(method).opening


def conns(lab):
    for flows in (1, 1000, 100000):
        yield from established(lab, f", {flows} conns", flows=flows)


def million(lab):
    yield from established(lab, ", 1M conns", flows=1000000)


def services(lab):
    for n in (1, 1000, 10000):
        for method in ("DR", "NAT"):
            flows = lab.balance(method)
            if lab.contender.balances:
                lab.configure("".join(lab.service("DR", 4, TCP, 10000 + i) for i in range(n - 1)), replace=False)
            yield f"{method} new conn, {n} services", flows.opening
            flows.open()
            yield f"{method} in, {n} services", flows.request


def servers(lab):
    for scheduler in SCHEDULERS:
        for n in (1, 100, 1000):
            yield f"DR new conn, {scheduler}, {n} servers", lab.balance(scheduler=scheduler, servers=n).opening
    for n in (1, 100, 1000):
        yield f"NAT new conn, rr, {n} servers", lab.balance("NAT", servers=n).opening


def locked(lab):
    lab.meter = LockMeter(repeats=True)
    yield from path(lab)
    for method in METHODS:
        yield f"{method} new conn, {label(4, TCP)}", lab.balance(method).opening


@contextlib.contextmanager
def fast_path(lab, value):
    lab.set_fast_path(value)
    yield
    lab.set_fast_path(1)


@contextlib.contextmanager
def rp_filter(value):
    sh(f"sysctl -qw net.ipv4.conf.all.rp_filter={value}")
    yield
    sh("sysctl -qw net.ipv4.conf.all.rp_filter=0")


def slow(lab):
    with fast_path(lab, 0):
        for family in (4, 6):
            yield from established(lab, f", fast_path=0, IPv{family}", family=family)


def foreign(lab):
    for value in (1, 0):
        with fast_path(lab, value):
            for family in (4, 6):
                lab.balance(family=family)
                yield f"merely routed, fast_path={value}, IPv{family}", lab.passing(family).request
    # the filter of addresses has 4096 places; and a mark may be on any packet
    more = {"10,000 VIPs": "".join(f"-A -t 198.18.{i // 250}.{i % 250 + 1}:80 -s rr\n" for i in range(10000)),
            "a service of a mark": "-A -f 1 -s rr\n"}
    for name, commands in more.items():
        lab.fresh()
        lab.balance()
        if lab.contender.balances:
            lab.configure(commands, replace=False)
        yield f"merely routed, {name}, IPv4", lab.passing(4).request


# name -> commands. All accept what the bench sends, as rules of a working director do.
WALLS = {
    "bare": (),
    "nft input": ("nft add table inet w",
                  "nft 'add chain inet w in { type filter hook input priority 0; policy drop; }'",
                  "nft 'add rule inet w in iif lo accept'",
                  "nft 'add rule inet w in meta l4proto { icmp, ipv6-icmp } accept'",
                  "nft 'add rule inet w in tcp dport 22 ip saddr 192.168.0.0/16 accept'",
                  "nft 'add rule inet w in ip daddr 192.0.2.0/24 accept'"),
    "ct state": ("nft add table inet w",
                 "nft 'add chain inet w in { type filter hook input priority 0; policy drop; }'",
                 "nft 'add rule inet w in ct state established,related accept'",
                 "nft 'add rule inet w in iif lo accept'",
                 "nft 'add rule inet w in meta l4proto { icmp, ipv6-icmp } accept'",
                 "nft 'add rule inet w in tcp dport 22 ip saddr 192.168.0.0/16 accept'",
                 "nft 'add rule inet w in ip daddr 192.0.2.0/24 accept'"),
    "iptables nat": ("iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
                     "iptables -A INPUT -i lo -j ACCEPT",
                     "iptables -A INPUT -p tcp --dport 22 -s 192.168.0.0/16 -j ACCEPT",
                     "iptables -A INPUT -d 192.0.2.0/24 -j ACCEPT",
                     "iptables -P INPUT DROP",
                     "iptables -t nat -A POSTROUTING -s 172.16.0.0/12 -j MASQUERADE",
                     "iptables -t nat -A PREROUTING -d 172.16.0.1 -p tcp --dport 80 -j DNAT --to 172.16.0.2"),
}


@contextlib.contextmanager
def wall(commands):
    for command in commands:
        sh(command)
    yield
    sh("nft flush ruleset")     # of iptables, too, which is nft's


def walls(lab):
    for name, commands in WALLS.items():
        for value in (1, 2):
            with fast_path(lab, value), wall(commands):
                yield from established(lab, f", {name}, fast_path={value}")


def least(rows, times=5):
    """The same, taken some times: what runs beside packets now and then, as the end of conns, must not count."""
    for name, figure in rows:
        yield name, lambda count, figure=figure: min(figure(count // 5) for _ in range(times))


def check(lab):
    """What bench-check compares with the committed ratios."""
    yield from least(established(lab, f", {label(4, TCP)}"))
    yield from least(established(lab, f", {label(6, TCP)}", ("DR", "NAT"), family=6))
    yield from least(established(lab, f", {label(4, UDP)}", ("DR",), proto=UDP))
    yield from least(established(lab, ", lists of 64, IPv4", ("DR", "NAT"), batch=64))
    # the table grows meanwhile, or does not
    yield from least(((f"{method} new conn, {label(4, TCP)}", lab.balance(method).opening) for method in ("DR", "NAT")), 8)
    lab.balance()
    yield from least([("merely routed, IPv4", lab.passing(4).request)])
    with fast_path(lab, 0):
        yield from least(established(lab, ", fast_path=0", ("DR", "NAT")))


class Group:
    def __init__(self, rows, unit, contenders, title):
        self.rows, self.unit, self.contenders, self.title = rows, unit, contenders.split(), title


PER_PACKET = "instructions per packet"
GROUPS = {
    "path": Group(path, PER_PACKET, "plain flowtable stock lvs", "established flows, 1000 conns"),
    "lists": Group(lists, PER_PACKET, "plain flowtable stock lvs", "received as lists, 1000 conns"),
    "gso": Group(gso, PER_PACKET, "plain flowtable stock lvs", "packets of 63,000 bytes, 1000 conns"),
    "new": Group(new, PER_PACKET, "plain stock lvs", "first packets"),
    "conns": Group(conns, PER_PACKET, "plain flowtable stock stock20 lvs", "by number of conns, IPv4 TCP"),
    "million": Group(million, PER_PACKET, "plain flowtable stock20 lvs", "a million conns, IPv4 TCP"),
    "services": Group(services, PER_PACKET, "stock lvs", "by number of services, IPv4 TCP"),
    "servers": Group(servers, PER_PACKET, "stock lvs", "by scheduler and number of servers, IPv4 TCP"),
    "slow": Group(slow, PER_PACKET, "plain stock lvs", "the slow path, 1000 conns"),
    "foreign": Group(foreign, PER_PACKET, "plain stock lvs", "what is not balanced"),
    "walls": Group(walls, PER_PACKET, "plain stock lvs", "behind firewalls, IPv4 TCP, 1000 conns"),
    "longest": Group(table.longest, "instructions", "stock20 lvs", "the longest single packet"),
    "memory": Group(table.memory, "bytes", "stock20 lvs", "memory of a conn, a service, a server"),
    "control": Group(control.rows, "ms of the processor", "stock lvs", "configuration: ipvsadm on stock, lvsadm on lvs"),
    "locked": Group(locked, "locked instructions per packet", "plain stock lvs", "established flows, 1000 conns"),
    "listing": Group(control.conns, "ms of the processor", "lvs", "listings of a million conns"),
    "check": Group(check, PER_PACKET, "plain lvs", "for bench-check"),
}
