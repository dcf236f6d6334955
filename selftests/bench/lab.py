# SPDX-License-Identifier: GPL-2.0
"""The director under test: its network, and who balances on it.

    clients 10.1.0.0/16, 2001:db8:9::/64 --- bench0 [director, VIP] bench1 --- servers 10.2.0.0/16, 2001:db8:2::/64
"""

import dataclasses
import re
import subprocess
import sys

from source import ACK, PORTS, SYN, TCP, UDP, Meter, Stream, push, push_all

VIP = {4: "192.0.2.1", 6: "2001:db8:1::1"}
FOREIGN = {4: "10.2.255.1", 6: "2001:db8:2::ffff"}
METHODS = {"DR": "-g", "NAT": "-m", "TUN": "-i"}
MODULES = re.compile("nf_|nft_|xt_|x_tables|ip6?_?t|ip_vs|lvs$|lvs_ct|xt_lvs|libcrc32c")
CROWD = 3000    # conns of earlier cases that may stay in the table

FLOWTABLE = """
table inet bench {
    flowtable f { hook ingress priority 0; devices = { bench0, bench1 }; }
    chain forward { type filter hook forward priority 0; meta l4proto { tcp, udp } flow add @f; }
}
"""


def sh(command, text=None):
    done = subprocess.run(command, shell=True, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode:
        sys.exit(f"{command}: {done.stdout}")
    return done.stdout


def unload_netfilter():
    """Remove modules that nobody uses any more: some leave hooks behind while they stay."""
    while True:
        with open("/proc/modules", encoding="ascii") as f:
            modules = [line.split()[:3] for line in f]
        idle = [name for name, _, users in modules if users == "0" and MODULES.match(name)]
        if not idle:
            return
        sh(f"rmmod {' '.join(idle)}")


def set_up_network():
    for command in (
            "ip link set lo up", "ip link set bench0 up", "ip link set bench1 up",
            "ip addr add 10.1.0.1/16 dev bench0", "ip addr add 10.2.0.1/16 dev bench1",
            "ip -6 addr add 2001:db8:9::1/64 dev bench0 nodad", "ip -6 addr add 2001:db8:2::1/64 dev bench1 nodad",
            f"ip addr add {VIP[4]}/32 dev lo", f"ip -6 addr add {VIP[6]}/128 dev lo nodad",
            "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.bench0.rp_filter=0"
            " net.ipv4.conf.bench1.rp_filter=0",
            "sysctl -qw net.ipv6.route.gc_thresh=2147483647",
            # as for whoever has a thousand servers on one link
            "sysctl -qw net.ipv4.neigh.default.gc_thresh3=16384 net.ipv6.neigh.default.gc_thresh3=16384"
            " net.ipv4.neigh.default.gc_thresh2=8192 net.ipv6.neigh.default.gc_thresh2=8192"):
        sh(command)


def server(family, i):
    return f"10.2.{1 + i // 250}.{1 + i % 250}" if family == 4 else f"2001:db8:2::1:{1 + i:x}"


def at(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Plain:
    """No load balancer: packets go to the server's address, and are forwarded."""
    name = "plain"
    balances = False
    control = None

    # What unload() leaves without users is removed afterwards: unload_netfilter().

    def load(self, fast_path):
        pass

    def unload(self):
        pass


class Flowtable(Plain):
    """Forwarding by nft's flowtable, of flows that connection tracking has seen."""
    name = "flowtable"

    def load(self, fast_path):
        sh("nft -f -", FLOWTABLE)
        sh("sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1 net.netfilter.nf_conntrack_max=4000000")
        sh("echo 1048576 > /sys/module/nf_conntrack/parameters/hashsize")

    def unload(self):
        sh("nft flush ruleset")


class Stock:
    """The kernel's own ip_vs."""
    balances = True
    control = "ipvsadm"

    def __init__(self, bits=None):
        self.name = "stock" if bits is None else f"stock{bits}"
        self.options = "" if bits is None else f"conn_tab_bits={bits}"

    def load(self, fast_path):
        sh(f"modprobe ip_vs {self.options}")

    def unload(self):
        sh("ipvsadm -C")


class Lvs:
    name = "lvs"
    balances = True

    def __init__(self, module, control):
        self.module, self.control = module, control

    def load(self, fast_path):
        sh(f"insmod {self.module}")
        sh(f"sysctl -qw net.ipv4.vs.fast_path={fast_path}")

    def unload(self):
        sh(f"{self.control} -C")


@dataclasses.dataclass
class Flows:
    """The flows of one service: what clients send, and what servers answer."""
    lab: "Lab"
    requests: Stream
    replies: Stream

    def open(self):
        """New conns, settled by a packet or two each, both ways where replies pass."""
        flows = self.requests.flows
        settle = 2 if flows < 100000 else 1
        single = dataclasses.replace(self.requests, batch=1, payload=0)
        push_all(single, flows, SYN)
        if self.replies:
            push_all(dataclasses.replace(self.replies, batch=1, payload=0), flows, SYN | ACK)
        for stream in filter(None, (self.requests, self.replies)):
            push_all(stream, settle * flows)
        return self

    def opening(self, count):
        """The cost of new conns, each time from clients that have none; few, so that stock's table stays sparse."""
        count = min(count, 2000)
        self.lab.conns += count
        fresh = self.lab.clients(self.requests.family, count)
        return self.lab.meter.cost(dataclasses.replace(self.requests, address=fresh, flows=count), count, SYN)

    def request(self, count):
        return self.lab.meter.cost(self.requests, max(count, self.requests.flows))

    def reply(self, count):
        return self.lab.meter.cost(self.replies, max(count, self.replies.flows))


class Lab:
    """One balancer at a time, and conns of it that no other case has met."""

    def __init__(self, contender, repeats=True):
        self.contender = contender
        self.meter = Meter(repeats)
        self.fast_path = 1
        self.loaded = False
        self.port = 80
        self.client = 0
        self.conns = 0

    def fresh(self):
        """Begin with an empty table."""
        self.done()
        self.contender.load(self.fast_path)
        self.loaded = True
        self.conns = 0

    def done(self):
        if self.loaded:
            self.contender.unload()
            unload_netfilter()
        self.loaded = False

    def set_fast_path(self, value):
        self.fast_path = value
        self.fresh()

    def clients(self, family, flows):
        """Addresses for that many flows, which nobody else has."""
        first = self.client
        self.client += -(-flows // PORTS)
        return f"10.1.{16 + first // 256}.{first % 256}" if family == 4 else f"2001:db8:9::1:{first:x}"

    def configure(self, text, replace=True):
        """Services and servers, as ipvsadm -R reads them."""
        sh((f"{self.contender.control} -C; " if replace else "") + f"{self.contender.control} -R", text)

    def service(self, method, family, proto, port, scheduler="rr", servers=1):
        name = f"{'-u' if proto == UDP else '-t'} {at(VIP[family], port)}"
        weight = CROWD if scheduler == "ovf" else 1     # that one passes on what is more than the weight
        lines = [f"-A {name} -s {scheduler}"]
        lines += [f"-a {name} -r {at(server(family, i), port)} {METHODS[method]} -w {weight}" for i in range(servers)]
        return "\n".join(lines) + "\n"

    def balance(self, method="DR", family=4, proto=TCP, flows=1000, batch=1, payload=0, **more):
        """A service with a client range of its own, and no conns yet."""
        if not self.loaded or self.conns + flows > CROWD:
            self.fresh()
        self.conns += flows
        self.port += 1
        address = self.clients(family, flows)
        if self.contender.balances:
            self.configure(self.service(method, family, proto, self.port, **more))
        target = VIP[family] if self.contender.balances else server(family, 0)
        common = {"family": family, "proto": proto, "flows": flows, "batch": batch, "payload": payload,
                  "address": address, "peer_port": self.port}
        requests = Stream(0, vary="s", peer=target, **common)
        both = method == "NAT" or not self.contender.balances
        replies = Stream(1, vary="d", peer=server(family, 0), **common) if both else None
        # each server gets a packet before anything is measured: the first one looks up its route, in every module
        first = max(200, more.get("servers", 1))
        warm = dataclasses.replace(requests, address=self.clients(family, first), flows=first, batch=1, payload=0)
        push(warm, first, SYN)
        return Flows(self, requests, replies)

    def passing(self, family):
        """What concerns no service, and is merely routed."""
        return Flows(self, Stream(0, family, TCP, "s", self.clients(family, 1000), FOREIGN[family], 80, 1000), None)
