# SPDX-License-Identifier: GPL-2.0
"""Random walks: services, servers, edits and packets in any order.

A walk is a list of steps that a seed determines; it is made without looking at
what happens. Left out is what is known to differ on purpose: order of rr and
wrr; packets of a removed server's flows other than replies and ACKs; a
server's change of method; one client port towards two services; headers cut
short.
"""

import random

import frames
import ipvs
from case import Case
from lab import CLIENT, SERVER

# number: (protocol, port); the last is of a mark, that of packets to the second
# address
SERVICES = {0: ("tcp", 80), 1: ("udp", 80), 2: ("tcp", 81), 3: ("tcp", 0),
            4: ("udp", 0), 5: ("udp", 53), 6: ("sctp", 80), 7: ("tcp", 80)}
MARKED = 7
MARKED_UDP = 99     # the port
SCHEDULERS = ("lc", "wlc", "sed", "nq", "fo", "ovf", "sh", "mh", "dh", "none")
# by the number of the server: how it is reached, by which tunnel, and whether
# it has an address of the other family
METHODS = ("nat", "dr", "tun", "nat", "nat", "dr", "tun", "tun", "tun")
TUNNELS = {6: (1, 6080, 0), 7: (2, 0, 1), 8: (0, 0, 0)}
OTHER_FAMILY = 8
# what an SCTP packet has for flags of TCP
CHUNKS = {"S": 1, "SA": 2, "A": 0, "PA": 10, "FA": 7, "R": 6, "RA": 14,
          "F": 8, "FS": 11, "": 4}
# of a server: after an ABORT a conn has but 4 s
SERVER_CHUNKS = dict(CHUNKS, R=9)
# of an old flow: a SYN may start a new conn, for which stock counts the old one
# as load that is there; see cases_conns for those
TCP_FLAGS = ("A", "A", "A", "PA", "FA", "R", "RA", "F", "")
KNOBS = (("conn_reuse_mode", (0, 1, 2, 3)), ("expire_quiescent_template",
                                             (0, 1)), ("sloppy_tcp", (0, 1)),
         ("sloppy_sctp", (0, 1)), ("nat_icmp_send", (0, 1)),
         ("schedule_icmp", (0, 1)), ("snat_reroute", (0, 1)),
         ("pmtu_disc", (0, 1)), ("cache_bypass", (0, 1)))
ERRORS = ("unreachable", "too_big", "expired")
# seconds after which conns in CLOSE may have ended: a machine that is so slow
# is not compared any further
LIMIT = 9


class Generator:
    """Makes steps; knows what it has asked for, not whether it was done."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        # flows of a service are (service, client, port of the service, age)
        self.age = {number: 0 for number in SERVICES}
        self.begun = []
        # those that most of this walk is about
        self.mine = self.random.sample(sorted(SERVICES), 4)

    def begin(self):
        """Steps that give it something to go through."""
        out = []
        for number in self.mine:
            out.append(self._service("service", number))
            out += [self._dest("dest", number) for _ in range(3)]
        return out

    def step(self):
        roll = self.random.random()
        for limit, make in ((0.05, self.service), (0.08, self.edit_service),
                            (0.10, self.remove_service), (0.20, self.dest),
                            (0.28, self.edit_dest), (0.31, self.remove_dest),
                            (0.34, self.knob), (0.38, self.error),
                            (0.41, self.odd), (0.42, self.config),
                            (0.43, self.zero), (0.45, self.stray),
                            (0.70, self.client),
                            (0.90, self.old_client), (1.1, self.server)):
            if roll < limit:
                return make()
        return None

    def _any(self):
        return self.random.choice(self.mine * 6 + sorted(SERVICES))

    def _service(self, kind, number=None):
        number = self._any() if number is None else number
        port = SERVICES[number][1]
        flags = self.random.choice((0, 0, 1, 8, 16, 24, 4))
        if not port:
            flags = 1
        return (kind, number, self.random.choice(SCHEDULERS), flags,
                self.random.choice((60, 300, 1000)),
                self.random.choice((24, 32)))

    def service(self):
        return self._service("service")

    def edit_service(self):
        return self._service("edit service")

    def remove_service(self):
        number = self._any()
        self.age[number] += 1
        return ("remove service", number)

    def _dest(self, kind, number=None):
        upper = self.random.choice((0, 0, 0, 0, 1, 2, 5))
        return (kind, self._any() if number is None else number, self.random.randint(1, 8),
                self.random.choice((0, 1, 1, 1, 2, 3, 10)), upper,
                self.random.choice((0, 0, upper)))

    def dest(self):
        return self._dest("dest")

    def edit_dest(self):
        return self._dest("edit dest")

    def remove_dest(self):
        number = self._any()
        self.age[number] += 1
        return ("remove dest", number, self.random.randint(1, 8))

    def knob(self):
        name, values = self.random.choice(KNOBS)
        return ("knob", name, self.random.choice(values))

    def _flow(self, begin):
        live = [f for f in self.begun if f[3] == self.age[f[0]]]
        if begin or not live:
            number = self._any()
            port = SERVICES[number][1]
            if number == MARKED:
                port = self.random.choice((80, 81, MARKED_UDP))
            elif not port:      # none that another service has, too
                port = self.random.choice((82, 99))
            flow = (number, self.random.randint(1, 4), port, self.age[number],
                    len(self.begun))
            self.begun.append(flow)
            return flow
        return self.random.choice(live[-12:])

    def client(self):
        return ("client", self._flow(True), "S", self.random.choice((0, 99)))

    def old_client(self):
        return ("client", self._flow(False), self.random.choice(TCP_FLAGS),
                self.random.choice((0, 1, 700, 1400)))

    def server(self):
        return ("server", self._flow(False), self.random.choice(
            ("SA", "SA", "A", "PA", "FA", "R")),
            self.random.choice((0, 1, 1400)))

    def error(self):
        return ("error", self._flow(False), self.random.choice(ERRORS),
                self.random.choice((CLIENT, SERVER)))

    def config(self):
        return ("config", self.random.choice((0, 300, 900)),
                self.random.choice((0, 60, 120)),
                self.random.choice((0, 100, 300)))

    def zero(self):
        return ("zero", self.random.choice((None, self._any())))

    def stray(self):
        """A server's packet that belongs to no flow."""
        return ("stray", self._any(), self.random.randint(1, 5),
                self.random.randint(1, 4))

    def odd(self):
        return ("odd", self._flow(False), self.random.choice(
            ("ttl", "pieces", "sum")))


def steps(seed, count):
    generator = Generator(seed)
    return generator.begin() + [generator.step() for _ in range(count)]


class Walker:
    """Does the steps of a walk."""

    def __init__(self, t):
        self.t = t
        self.flows, self.plain = {}, {}
        # services whose packets are each for another server, now or earlier
        self.one_packet = set()
        t.hashed_port = 6080
        t.mark(1, 2)

    @staticmethod
    def _mark(number):
        return 1 if number == MARKED else None

    def key(self, number):
        proto, port = SERVICES[number]
        return self.t.svc_key(proto, port, mark=self._mark(number))

    def do(self, step):
        getattr(self, step[0].replace(" ", "_"))(*step[1:])

    def _set(self, cmd, number, values):
        sched, flags, timeout, bits = values
        proto, port = SERVICES[number]
        if flags & ipvs.F_ONEPACKET:
            self.one_packet.add(number)
        mask = 0xffffffff if bits == 32 else 0xffffff
        if self.t.fam == 6:
            mask = 128 if bits == 32 else 112
        self.t.service(proto, port, cmd=cmd, sched=sched, flags=flags,
                       timeout=timeout, netmask=mask, mark=self._mark(number))

    def service(self, number, *values):
        self._set(ipvs.NEW_SERVICE, number, values)

    def edit_service(self, number, *values):
        self._set(ipvs.SET_SERVICE, number, values)

    def remove_service(self, number):
        self.t.del_service(self.key(number))

    def _dest(self, cmd, number, i, weight, upper, lower):
        self.t.dest(i, port=SERVICES[number][1], fwd=METHODS[i], cmd=cmd,
                    key=self.key(number), weight=weight, upper=upper,
                    lower=lower, tun=TUNNELS.get(i),
                    fam=10 - self.t.fam if i == OTHER_FAMILY else None)

    def dest(self, *values):
        self._dest(ipvs.NEW_DEST, *values)

    def edit_dest(self, *values):
        self._dest(ipvs.SET_DEST, *values)

    def remove_dest(self, number, i):
        self.t.del_dest(i, SERVICES[number][1], self.key(number),
                        fam=10 - self.t.fam if i == OTHER_FAMILY else None)

    def knob(self, name, value):
        self.t.sysctl(name, value)

    def _flow(self, one):
        if one not in self.flows:
            marked = one[0] == MARKED
            proto = "udp" if marked and one[2] == MARKED_UDP else \
                SERVICES[one[0]][0]
            self.flows[one] = self.t.flow(
                proto, k=one[1], port=one[2], sport=21000 + one[4],
                vip=2 if marked else 1)
        return self.flows[one]

    @staticmethod
    def _what(flow, flags, chunks=CHUNKS):      # pylint: disable=W0102
        return frames.chunk(chunks[flags], b"\0" * 16) \
            if flow.proto == "sctp" else flags

    def client(self, one, flags, size):
        flow = self._flow(one)
        before, flow.real = flow.real, None
        flow.client(self._what(flow, flags), b"c" * size)
        if flow.proto == "sctp" and flags == "S":
            # a conn of one INIT ends within the walk
            flow.client(self._what(flow, "PA"))
        self.plain[one] = flow.real is not None     # no tunnel, not dropped
        flow.real = flow.real or before

    def server(self, one, flags, size):
        flow = self._flow(one)
        if flow.real and flow.real[0] != flow.dst:
            flow.server(self._what(flow, flags, SERVER_CHUNKS), b"s" * size)

    def config(self, *values):
        self.t.config(*values)

    def zero(self, number):
        self.t.request("zero", ipvs.ZERO, *(
            [] if number is None else [ipvs.service(self.key(number))]))

    def stray(self, number, i, k):
        flow = self.t.flow(SERVICES[number][0], k=k, sport=5000)
        flow.real = (self.t.rip(i), SERVICES[number][1] or 80)
        flow.server(self._what(flow, "A"))

    def error(self, one, kind, side):
        flow = self._flow(one)
        rest = (1300,) if kind == "too_big" else ()
        make = getattr(frames, kind)
        if side == CLIENT:
            quoted = frames.Parsed(flow.packet("A"))
            body = frames.ip(flow.dst, flow.src, quoted.proto,
                             quoted.body[2:4] + quoted.body[:2] +
                             quoted.body[4:])
            self.t.send(CLIENT, make(flow.src, flow.dst, body, *rest))
        elif flow.real:
            quoted = frames.Parsed(flow.reply("A"))
            body = frames.ip(flow.src, flow.real[0], quoted.proto,
                             quoted.body[2:4] + quoted.body[:2] +
                             quoted.body[4:])
            self.t.send(SERVER, make(flow.real[0], flow.src, body, *rest))

    def odd(self, one, what):
        flow = self._flow(one)
        if what == "ttl":
            flow.client(self._what(flow, "A"), ttl=1)
        elif what == "sum":
            flow.client(self._what(flow, "A"), b"1234", bad=0x55)
        elif self.plain.get(one) and one[0] not in self.one_packet:
            # through tunnels it differs
            for part in frames.fragments(flow.packet("A", b"p" * 500), 256):
                self.t.send(CLIENT, part)


def make(seed, fam, walk):
    """A case that does the steps of @walk."""
    def function(t):
        walker = Walker(t)
        for step in walk:
            walker.do(step)
            if step[0] == "client" and "S" in step[2]:
                yield 0.012     # stock ends an old conn by its timer
            if step[0] in ("remove dest", "dest", "edit dest", "client"):
                t.listing()
        yield 0.05
        t.listing()
    return Case("walk, seed %s" % seed, function, {"fam": fam}, limit=LIMIT)


def shorter(walk, size):
    """The walk without each run of @size steps."""
    for begin in range(0, len(walk), size):
        if len(walk) > size:
            yield walk[:begin] + walk[begin + size:]


def shrink(walk, fam, fails):
    """A walk that still fails, as short as is found. @fails: list of cases to
    the set of names of those that fail, all run at once."""
    size = max(1, len(walk) // 2)
    while True:
        tries = list(shorter(walk, size))
        cases = [make("try %d" % n, fam, w) for n, w in enumerate(tries)]
        bad = fails(cases) if cases else set()
        better = [w for w, c in zip(tries, cases) if c.name in bad]
        if better:
            walk = better[0]
            size = max(1, min(size, len(walk) // 2))
        elif size == 1:
            return walk
        else:
            size //= 2
