# SPDX-License-Identifier: GPL-2.0
"""Groups about configuration and listings: the processor's time for each tool on its module, process and all."""

import subprocess
import sys
import time

from lab import VIP, at, server
from source import TCP

SERVICES, SERVERS = 10000, 10
SHORT = 20      # times that short commands are repeated


def busy():
    """Seconds in which the machine's one processor has not been idle."""
    with open("/proc/uptime", encoding="ascii") as f:
        idle = float(f.read().split()[1])
    return time.monotonic() - idle


def timed(command, text=None, times=1):
    """Milliseconds of one command, without what it waits: this machine's clock leaps when nobody has anything to do.
    The kernel counts idle time in steps of 10 ms, so what is short is done several @times."""
    begin = busy()
    for _ in range(times):
        done = subprocess.run(command, shell=True, input=text, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode:
            sys.exit(f"{command}: {done.stderr}")
    return (busy() - begin) * 1000 / times


def rows(lab):
    lab.fresh()
    tool = lab.contender.control
    text = "".join(lab.service("DR", 4, TCP, 1000 + i, servers=SERVERS) for i in range(SERVICES))
    one = f"-t {at(VIP[4], 6000)}"
    name = f"{SERVICES} services x {SERVERS} servers"
    timed(f"{tool} -D {one} || true")   # read the program once
    yield "a command that fails at once", lambda _: timed(f"{tool} -D {one} || true", times=SHORT)
    yield f"load {name}", lambda _: timed(f"{tool} -R", text)
    yield f"change one server of {name}", lambda _: timed(f"{tool} -e {one} -r {server(4, 3)} -g -w 5", times=SHORT)
    yield f"list one service of {name}", lambda _: timed(f"{tool} -Ln {one}", times=SHORT)
    yield f"list {name}", lambda _: timed(f"{tool} -Ln")
    yield f"save {name}", lambda _: timed(f"{tool} -Sn")
    yield f"delete {name}", lambda _: timed(f"{tool} -C")
    yield from conns(lab, 100000)


def conns(lab, n=1000000):
    flows = lab.balance(flows=n)
    flows.open()
    tool = lab.contender.control
    last = at(flows.requests.address, flows.requests.port + n % 50000 // 2)
    find = f"conn show client {last}" if lab.contender.name == "lvs" else f"-Lnc | grep -F '{last} '"
    yield f"list {n} conns", lambda _: timed(f"{tool} -Lnc")
    yield f"find one of {n} conns", lambda _: timed(f"{tool} {find}")
