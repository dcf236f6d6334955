# SPDX-License-Identifier: GPL-2.0
"""Beside others of netfilter: connection tracking, and the match -m ipvs."""

import socket
import struct
import subprocess

import frames
from case import case
from lab import CLIENT, SERVER

FAMILIES = (4, 6)
METHODS = ("nat", "dr", "tun")
OWN = {4: "192.0.2.2", 6: "2001:db8:1::2"}


def tables(t):
    return "ip6tables -w" if t.fam == 6 else "iptables -w"


def rule(t, table, chain, words):
    """A rule that goes with the ruleset."""
    t.run("%s -t %s -A %s %s" % (tables(t), table, chain, words))


# what needs connection tracking to have it
TRACK = """table inet track { chain input {
type filter hook prerouting priority -150; ct state invalid counter; }; }"""


def forget(t):
    """All flows of connection tracking end, as conntrack -F has it."""
    t.lab.enter()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as sock:
        # IPCTNL_MSG_CT_DELETE without attributes, acknowledged
        sock.sendto(struct.pack("=IHHIIBBH", 20, 0x102, 5, 1, 0, 0, 0, 0),
                    (0, 0))
        sock.recv(4096)


def tracked(t):
    """Connection tracking begins with the first rule that needs it; nothing
    of it stays behind."""
    t.lab.enter()
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input=TRACK)
    t.undo.append(lambda: t.run("nft flush ruleset"))
    t.sysctl("conntrack", 1)
    forget(t)
    t.undo.append(lambda: forget(t))


def long_address(address):
    raw = frames.packed(address)
    if len(raw) == 4:
        return address
    text = raw.hex()
    return ":".join(text[i:i + 4] for i in range(0, 32, 4))


def flows(t, label="flows"):
    """What connection tracking has of this case's clients, without what counts down."""
    t.lab.enter()
    mine = ["src=" + long_address(t.cip(k)) + " " for k in (1, 2)]
    out = []
    for line in t.lab.proc("nf_conntrack").splitlines():
        if any(one in line for one in mine):
            words = line.split()
            out.append(" ".join(
                w for w in words[2:4] + words[5:]
                if not w.startswith(("use=", "mark=", "zone="))))
    t.see(label, sorted(out))


def talk(t, flow, method, proto):
    """A whole conversation, as far as the director sees it."""
    flow.client("S")
    flows(t)
    if method == "nat":
        flow.server("SA")
    flow.client("A")
    flow.client("PA", b"question")
    if method == "nat":
        flow.server("PA", b"answer")
    flows(t)
    if proto == "tcp":
        flow.client("FA")
        if method == "nat":
            flow.server("FA")
            flow.client("A")
        flows(t)


@case("conntrack=1, a conversation", fam=FAMILIES, method=METHODS,
      proto=("tcp", "udp"))
def track(t, method, proto):
    """The flow that each method leaves in connection tracking."""
    tracked(t)
    t.service(proto)
    t.dest(1, fwd=method, port=8080 if method == "nat" else 80)
    talk(t, t.flow(proto), method, proto)
    t.listing()


@case("conntrack=1, persistence and one packet", fam=FAMILIES, flags=(1, 4, 5))
def track_flags(t, flags):
    """Templates have no flow; of a one-packet conn conntrack keeps its own."""
    tracked(t)
    t.service("udp", flags=flags, timeout=100)
    t.dest(1, port=8080)
    flow = t.flow("udp")
    flow.client()
    flow.client()
    flow.server()
    flows(t)
    t.listing()


@case("conntrack=1, ICMP errors", fam=FAMILIES, method=METHODS)
def track_errors(t, method):
    """They are of the flow that they are about."""
    tracked(t)
    t.service("udp")
    t.dest(1, fwd=method)
    flow = t.flow("udp")
    flow.client()
    if method == "nat":
        flow.server()
    t.send(CLIENT, frames.unreachable(
        flow.src, flow.dst, frames.udp(flow.dst, 80, flow.src, flow.sport)))
    quoted = frames.udp(flow.src, flow.sport, *flow.real) \
        if method == "nat" else flow.packet()
    t.send(SERVER, frames.unreachable(t.rip(1), flow.src, quoted))
    flows(t)


@case("conntrack=1, MASQUERADE behind NAT", fam=FAMILIES,
      by=("vaddr", "mark"), proto=("tcp", "udp"))
def masquerade(t, by, proto):
    """The server sees the director, as with kube-proxy; replies come back."""
    tracked(t)
    full = 32 if t.fam == 4 else 128
    if by == "vaddr":
        rule(t, "nat", "POSTROUTING", "-m ipvs --vaddr %s/%d --vport 80 "
             "-j MASQUERADE" % (t.vip(), full))
    else:
        rule(t, "nat", "PREROUTING", "-d %s -p %s --dport 80 -j MARK "
             "--or-mark 0x4000" % (t.vip(), proto))
        rule(t, "nat", "POSTROUTING", "-m mark --mark 0x4000/0x4000 "
             "-j MASQUERADE")
    t.service(proto)
    t.dest(1, port=8080)
    flow = t.flow(proto)
    flow.client("S")
    back = t.rip(1), 8080, OWN[t.fam], flow.sport
    if proto == "tcp":      # numbers that connection tracking believes
        t.send(SERVER, frames.tcp(*back, "SA", ack=flow.seq + 1))
        flow.client("A", seq=flow.seq + 1, ack=flow.seq + 1)
    else:
        t.send(SERVER, frames.udp(*back))
        flow.client("A")
    flows(t)
    t.listing()


@case("conntrack=1, a flow ends with its conn", long=True, fam=FAMILIES,
      end=("time", "server", "service"))
def track_end(t, end):
    """By time; and what goes with a server, and with a service."""
    tracked(t)
    t.sysctl("net.netfilter.nf_conntrack_udp_timeout", 600)
    if end == "time":
        t.config(udp=4)
    t.sysctl("expire_nodest_conn", 1)
    key = t.service("udp")
    t.dest(1, port=8080)
    flow = t.flow("udp")
    flow.client()
    flow.server()
    flows(t)
    if end == "server":
        t.del_dest(1, 8080)
    elif end == "service":
        t.del_service(key)
    yield 10 if end == "time" else 2
    flows(t)
    t.conns()


@case("conntrack=1, a SYN on an old conn", fam=FAMILIES, mode=(0, 1, 2, 3))
def track_reuse(t, mode):
    """Stock drops the SYN and lets the client try again."""
    tracked(t)
    t.sysctl("conn_reuse_mode", mode)
    t.service(sched="fo")
    t.dest(1, weight=5, port=8080)
    flow = t.flow()
    flow.open()
    flow.server("FA")
    flow.client("FA")
    flow.server("A")
    t.conns()
    t.dest(2, weight=9, port=8080)
    if mode & 1 or mode == 2:
        with t.differs("A client port that is used again is not delayed."):
            flow.client("S")
    else:
        flow.client("S")
        t.conns()


@case("conntrack=0 in a tracked namespace", fam=FAMILIES,
      method=("nat", "tun"))
def untracked(t, method):
    """No flow of what is balanced."""
    tracked(t)
    t.sysctl("conntrack", 0)
    t.service()
    t.dest(1, fwd=method)
    flow = t.flow()
    talk(t, flow, method, "tcp")


@case("conntrack=1, a local client", fam=FAMILIES, method=METHODS)
def track_local(t, method):
    """The director's own flow, and its reply."""
    tracked(t)
    t.service("udp")
    t.dest(1, fwd=method)
    own = OWN[t.fam]
    t.emit(frames.udp(own, 4000 + t.number, t.vip(), 80))
    if method == "nat":
        t.send(SERVER, frames.udp(t.rip(1), 80, own, 4000 + t.number))
    t.conns()


# --- the match ------------------------------------------------------------------
def matches(t):
    """Options of the match, each with what it is to be told from."""
    full = 32 if t.fam == 4 else 128
    vip, away = "%s/%d" % (t.vip(), full), "%s/%d" % (t.vip(9), full)
    out = []
    for words in ("--ipvs", "--vproto tcp", "--vproto udp", "--vaddr " + vip,
                  "--vaddr " + away, "--vport 80", "--vport 8080",
                  "--vmethod MASQ", "--vmethod GATE", "--vmethod IPIP",
                  "--vportctl 80", "--vportctl 21"):
        out += [words, "! " + words]
    return out + ["--vdir ORIGINAL", "--vdir REPLY",
                  "--vproto tcp --vaddr %s --vport 80" % vip,
                  "--vproto udp --vport 80", "--vaddr %s --vport 81" % vip,
                  "--vmethod MASQ --vdir ORIGINAL"]


CHAINS = ("INPUT", "FORWARD", "POSTROUTING")


def restore(t, tool, text):
    t.lab.enter()
    done = subprocess.run([tool + "-restore", "-w", "--noflush"], check=False,
                          input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


def saved(t, tool):
    """[packets that each rule has matched, and the rule]"""
    t.lab.enter()
    text = subprocess.run([tool + "-save", "-c", "-t", "mangle"], check=True,
                          text=True, capture_output=True).stdout
    return [line.split(":")[0][1:] + " " + line.split("-A ")[1]
            for line in text.splitlines() if "-m ipvs" in line]


def count_matches(t, tool, options):
    # neighbour discovery and the like are not what is to be counted
    text = "*mangle\n" + "".join(
        "-A %s -p tcp -m ipvs %s\n" % (chain, words)
        for chain in CHAINS for words in options) + "".join(
            "-A %s -p tcp -m ipvs --ipvs\n" % chain
            for chain in ("PREROUTING", "OUTPUT")) + "COMMIT\n"
    restore(t, tool, text)
    t.undo.append(lambda: t.lab.run(tool, "-w", "-t", "mangle", "-F"))


@case("match of ipvs", fam=FAMILIES, method=METHODS, kind=(
    ("nft", 0), ("legacy", 1)))
def match(t, method, kind):
    """What each option matches in each chain, request and reply; without and
    with persistence."""
    tool = ("ip6tables-" if t.fam == 6 else "iptables-") + kind[0]
    if kind[0] == "nft":
        t.undo.append(lambda: t.run("nft flush ruleset"))
    else:
        t.own_lab()         # the old tool's hooks stay
    count_matches(t, tool, matches(t))
    t.service(flags=kind[1], timeout=100)
    t.dest(1, fwd=method, port=8080 if method == "nat" else 80)
    flow = t.flow()
    flow.client("S")
    if method == "nat":
        t.see("after a request", saved(t, tool))
        flow.server("SA")
    flow.client("A")
    t.flow(port=81).client("S")     # of no service
    t.see("at the end", saved(t, tool))


@case("match of ipvs with connection tracking", fam=FAMILIES,
      method=("nat", "dr"))
def match_tracked(t, method):
    """--vdir tells directions of conntrack's."""
    tracked(t)
    tool = "ip6tables" if t.fam == 6 else "iptables"
    count_matches(t, tool, (
        "--ipvs", "--vport 80", "--vdir ORIGINAL", "--vdir REPLY",
        "--vport 80 --vdir ORIGINAL"))
    t.service()
    t.dest(1, fwd=method, port=8080 if method == "nat" else 80)
    talk(t, t.flow(), method, "tcp")
    t.see("rules", saved(t, tool))
