#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Measure instructions per packet of stock ip_vs and lvs in one boot.

Runs in a VM with one CPU under QEMU's -icount shift=0 (bench.sh sees to that),
as root, with the modules lvsbench.ko and lvs.ko given on the command line.
Prints a table, and writes CSV to the file named last.
"""

import csv
import os
import subprocess
import sys

VIP = {4: "192.0.2.1", 6: "2001:db8:1::1"}
SERVER = {4: "10.2.0.11", 6: "2001:db8:2::11"}
CLIENT = {4: "10.1.1.0", 6: "2001:db8:9::1:0"}
SYN, ACK, TCP, UDP = 2, 16, 6, 17
METHODS = {"DR": "-g", "NAT": "-m", "TUN": "-i"}


def sh(command, check=True):
    return subprocess.run(command, shell=True, check=check, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True).stdout


def push(device, family, proto, flags, count, flows, vary, address, port, peer, peer_port, batch=1):
    """Receive packets; return (nanoseconds per packet, packets that left)."""
    line = f"{device} {family} {proto} {flags} {count} {flows} {batch} 0 {vary} {address} {port} {peer} {peer_port}"
    with open("/proc/lvsbench", "w") as f:
        f.write(line)
    with open("/proc/lvsbench") as f:
        done, ns, sent0, sent1 = map(int, f.read().split())
    return ns / done, sent0 + sent1


def lab():
    for command in (
            "ip link set lo up", "ip link set bench0 up", "ip link set bench1 up",
            "ip addr add 10.1.0.1/16 dev bench0", "ip addr add 10.2.0.1/24 dev bench1",
            "ip -6 addr add 2001:db8:9::1/64 dev bench0 nodad", "ip -6 addr add 2001:db8:2::1/64 dev bench1 nodad",
            f"ip addr add {VIP[4]}/32 dev lo", f"ip -6 addr add {VIP[6]}/128 dev lo nodad",
            "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.bench0.rp_filter=0 net.ipv4.conf.bench1.rp_filter=0",
            "sysctl -qw net.ipv6.route.gc_thresh=2147483647"):
        sh(command)


def service(control, method, family, proto, port, scheduler="rr", servers=1):
    option = "-u" if proto == UDP else "-t"
    name = f"[{VIP[6]}]:{port}" if family == 6 else f"{VIP[4]}:{port}"
    sh(f"{control} -C; {control} -A {option} {name} -s {scheduler}")
    for i in range(servers):
        if family == 6:
            server = f"[2001:db8:2::{0x11 + i:x}]"
        else:
            server = f"10.2.0.{11 + i}"
        sh(f"{control} -a {option} {name} -r {server}:{port} {METHODS[method]}")


def expect(name, got, wanted):
    if got != wanted:
        sys.exit(f"{name}: {got} of {wanted} packets came out of the director")


class Bench:
    """The rows of one module, with the figures in the order in which they were taken."""

    def __init__(self, count):
        self.count = count
        self.rows = {}
        self.base = {}
        self.port = 80      # one for each case: conns outlive their service

    def calibrate(self):
        for family in (4, 6):
            push(0, family, TCP, ACK, 2000, 100, "s", CLIENT[family], 1024, SERVER[family], 80, 0)
            self.base[family] = push(0, family, TCP, ACK, self.count, 1000, "s", CLIENT[family], 1024,
                                     SERVER[family], 80, 0)[0]

    def note(self, name, family, figure):
        self.rows[name] = figure - self.base[family]

    def forwarding(self):
        for family in (4, 6):
            push(0, family, TCP, ACK, 2000, 100, "s", CLIENT[family], 1024, SERVER[family], 80)
            ns, sent = push(0, family, TCP, ACK, self.count, 1000, "s", CLIENT[family], 1024, SERVER[family], 80)
            expect("forwarding", sent, self.count)
            self.note(f"forwarding IPv{family}", family, ns)

    def flow(self, control, method, family, proto, flows=1000, batch=1):
        self.port += 1
        port = self.port
        service(control, method, family, proto, port)
        first, flags = (SYN, ACK) if proto == TCP else (0, 0)
        label = f"IPv{family} {'TCP' if proto == TCP else 'UDP'}"
        source = ("s", CLIENT[family], 1024, VIP[family], port)
        if batch == 1 and flows == 1000:
            push(0, family, proto, first, 200, 200, "s", CLIENT[family], 60000, VIP[family], port)
        ns, sent = push(0, family, proto, first, flows, flows, *source)
        expect("new conns", sent, flows)
        if batch == 1 and flows == 1000:
            self.note(f"{method} new {label}", family, ns)
        push(0, family, proto, flags, 2 * flows, flows, *source, batch)
        count = max(self.count, flows)
        ns, sent = push(0, family, proto, flags, count, flows, *source, batch)
        expect(method, sent, count)
        suffix = (f", lists of {batch}" if batch > 1 else "") + (f", {flows} conns" if flows != 1000 else "")
        self.note(f"{method} in {label}{suffix}", family, ns)
        if method == "NAT":
            back = ("d", CLIENT[family], 1024, SERVER[family], port)
            push(1, family, proto, flags, 2 * flows, flows, *back, batch)
            ns, sent = push(1, family, proto, flags, count, flows, *back, batch)
            expect("NAT replies", sent, count)
            self.note(f"NAT reply {label}{suffix}", family, ns)

    def all(self, control):
        self.calibrate()
        self.forwarding()
        for family in (4, 6):
            for method in METHODS:
                self.flow(control, method, family, TCP)
        self.flow(control, "DR", 4, UDP)
        self.flow(control, "NAT", 4, UDP)
        for method in METHODS:
            self.flow(control, method, 4, TCP, batch=64)
        self.flow(control, "DR", 4, TCP, flows=100000)
        sh(f"{control} -C")


def main():
    bench_ko, lvs_ko, control, out = sys.argv[1:5]
    count = int(os.environ.get("BENCH_COUNT", "20000"))
    sh(f"insmod {bench_ko}")
    lab()
    plain, stock, lvs = Bench(count), Bench(count), Bench(count)
    plain.calibrate()
    plain.forwarding()
    sh("modprobe ip_vs; modprobe ip_vs_rr")
    stock.all("ipvsadm")
    sh("rmmod ip_vs_rr ip_vs")
    sh(f"insmod {lvs_ko}")
    lvs.all(control)
    sh("rmmod lvs")

    with open(out, "w", newline="") as f:
        table = csv.writer(f)
        table.writerow(["case", "plain", "stock", "lvs", "lvs/stock"])
        print(f"instructions per packet on Linux {os.uname().release}, without source and sink "
              f"({plain.base[4]:.0f} IPv4, {plain.base[6]:.0f} IPv6)")
        print(f"{'':42}{'plain':>8}{'stock':>8}{'lvs':>8}{'ratio':>8}")
        for name, figure in lvs.rows.items():
            ratio = figure / stock.rows[name]
            bare = f"{plain.rows[name]:.0f}" if name in plain.rows else ""
            print(f"{name:42}{bare:>8}{stock.rows[name]:8.0f}{figure:8.0f}{ratio:8.2f}")
            table.writerow([name, bare, f"{stock.rows[name]:.0f}", f"{figure:.0f}", f"{ratio:.3f}"])


main()
