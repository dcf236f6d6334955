# SPDX-License-Identifier: GPL-2.0
"""Groups about a conn table with a million conns: the packet that waits longest, and memory."""

import subprocess
import time

from lab import sh
from source import ACK, SYN, UDP, push_all

MILLION = 1000000
UDP_TIMEOUT = 20    # seconds: longer than a million conns take to be made


def longest(lab):
    flows = lab.balance("NAT", flows=MILLION)
    push_all(flows.requests, 1000, SYN)
    yield "while the table grows from 1k to 1M conns", lambda _: push_all(flows.requests, MILLION, SYN, True).longest
    yield "while 1M conns are listed", lambda _: while_listed(lab, flows.requests)
    yield "while 1M conns expire", lambda _: while_they_expire(lab)


def while_listed(lab, stream):
    """A listing that takes for ever is stopped."""
    result = 0
    with subprocess.Popen([lab.contender.control, "-Lnc"], stdout=subprocess.DEVNULL) as listing:
        for _ in range(100):
            result = max(result, push_all(stream, 5000, ACK, True).longest)
            time.sleep(0.001)
            if listing.poll() is not None:
                break
        listing.kill()
    return result


def while_they_expire(lab):
    many = lab.balance("NAT", proto=UDP, flows=MILLION).requests
    sh(f"{lab.contender.control} --set 0 0 {UDP_TIMEOUT}")
    few = lab.clients(4, 1000)
    begin = time.monotonic()
    push_all(many, MILLION)
    result = 0
    stream = type(many)(**{**vars(many), "address": few, "flows": 1000})
    push_all(stream, 2000)
    while time.monotonic() < begin + 2 * UDP_TIMEOUT:
        result = max(result, push_all(stream, 500, ACK, True).longest)
        time.sleep(0.02)
    left = sum(int(line.split()[-1]) for line in sh(f"{lab.contender.control} -Ln").splitlines() if "->" in line
               and line.split()[-1].isdigit())
    if left > 1000:
        raise SystemExit(f"{left} conns have not expired")
    return result


def free():
    """Bytes that nobody has: what slabs, tables, vmalloc and per-CPU memory take is gone from it."""
    for _ in range(2):
        time.sleep(1)
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
            f.write("3")
    with open("/proc/meminfo", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("MemFree")) * 1024


def taken(count, action):
    before = free()
    action()
    return (before - free()) / count


def memory(lab):
    """Of ESTABLISHED conns, whose packets passed both ways; what a listing would need is not in it."""
    for family in (4, 6):
        for method in ("DR", "NAT"):
            lab.done()
            yield (f"a conn of 1M, {method}, IPv{family}", lambda _, how=(method, family):
                   taken(MILLION, lambda: lab.balance(*how, flows=MILLION).open()))
    lab.fresh()
    n = 10000
    text = "".join(lab.service("DR", 4, UDP, 1000 + i, servers=0) for i in range(n))
    yield f"a service of {n}", lambda _: taken(n, lambda: lab.configure(text))
    lab.fresh()
    # so many that what earlier rows have left in half-empty slabs does not matter
    m = 10 * n
    crowd = "".join(lab.service("DR", 4, UDP, 1000 + i, servers=1000) for i in range(m // 1000))
    yield f"a server of {m}", lambda _: taken(m, lambda: lab.configure(crowd))
