# SPDX-License-Identifier: GPL-2.0
"""What a case is written in.

A case is a generator that is run on both modules. What it does is done at
once and what is seen is recorded; it yields the seconds that it wants to wait.

    @case("nat: a conversation", fam=(4, 6))
    def conversation(t):
        t.service()
        t.dest(1)
        flow = t.flow()
        flow.client("S")
        flow.server("SA")
        t.listing()
        yield from t.counters()

@case makes one case of each choice of the parameters given as keywords.
"""

import itertools
import struct
import time

import frames
import ipvs
import lab as lab_module
from lab import CLIENT, SERVER, rip

CASES = []
PROTOCOLS = {"tcp": ipvs.TCP, "udp": ipvs.UDP, "sctp": ipvs.SCTP}
METHODS = {"nat": ipvs.MASQ, "dr": ipvs.DROUTE, "tun": ipvs.TUNNEL,
           "local": ipvs.LOCALNODE}
# counters that a listing leaves out: only counters() waits until they are true
STATS = {ipvs.S_STATS, ipvs.S_STATS64}
DEST_STATS = {ipvs.D_STATS, ipvs.D_STATS64}
RATES = range(6, 11)
CONFIG_DEFAULT = (900, 120, 300)


class Case:
    """A scenario with its parameters."""

    def __init__(self, title, function, params, **options):
        words = ["IPv%d" % v if k == "fam" else str(v)
                 for k, v in params.items()]
        self.name = title + (" (%s)" % ", ".join(words) if words else "")
        self.function, self.params = function, params
        self.fam = params.pop("fam", 4)
        self.smoke = options.get("smoke")
        self.kernels = options.get("kernels")
        self.pending = options.get("pending")
        self.long = options.get("long")
        self.helper = options.get("helper")
        self.limit = options.get("limit")


OPTIONS = ("smoke", "kernels", "pending", "long", "helper")


def case(title, **choices):
    """Register a function as one case for each choice of parameters.

    smoke: one of the few that are always run; kernels: only on these;
    pending: why lvs cannot do it yet; long: waits long, so it begins first;
    helper: with the one for FTP, in labs apart, which end before it does."""
    options = {k: choices.pop(k) for k in OPTIONS if k in choices}

    def register(func):
        for values in itertools.product(*choices.values()):
            params = dict(zip(choices, values))
            CASES.append(Case(title, func, params, **options))
        return func
    return register


class Record:
    """One thing seen. @about: an entry of differences.rst, or None; @block:
    the number of the block of records that belong to it; @when: seconds from
    the case's begin."""

    def __init__(self, label, value, about, block, when):
        self.label, self.value = label, value
        self.about, self.block = about, block
        self.when = when


class _Differs:
    def __init__(self, t, about):
        self.t, self.about = t, about

    def __enter__(self):
        self.t.blocks += 1
        self.t.about = self.about

    def __exit__(self, *_):
        self.t.about = None


class Flow:
    """One client's talk with a service: the packets of both ends."""

    def __init__(self, t, proto, src, sport, dst, dport):
        self.t, self.proto = t, proto
        self.src, self.sport, self.dst, self.dport = src, sport, dst, dport
        self.real = None    # (address, port) that the server was spoken to at
        self.seq = 0x01020304

    def packet(self, what="S", data=None, **fields):
        """@what: TCP flags, or bytes of an SCTP chunk."""
        ends = (self.src, self.sport, self.dst, self.dport)
        return make(self.proto, ends, what, data, **fields)

    def client(self, what="S", data=None, **fields):
        """A packet of the client; records what comes of it, and returns it."""
        return self.learn(self.t.send(CLIENT,
                                      self.packet(what, data, **fields)))

    def learn(self, got):
        """Notice which server this flow is sent to."""
        for side, frame in got:
            if side == SERVER:
                parsed = frames.Parsed(frame[14:])
                if parsed.sport == self.sport:
                    self.real = (parsed.dst, parsed.dport)
        return got

    def reply(self, what="SA", data=None, **fields):
        real = self.real or (rip(self.t.fam, 1), self.dport)
        ends = real + (self.src, self.sport)
        return make(self.proto, ends, what, data, **fields)

    def server(self, what="SA", data=None, **fields):
        """A packet of the server that the client's went to."""
        return self.t.send(SERVER, self.reply(what, data, **fields))

    def open(self):
        """Three packets of TCP, as far as the director sees them."""
        self.client("S")
        self.server("SA")
        self.client("A")


def make(proto, ends, what, data, **fields):
    if proto == "tcp":
        return frames.tcp(*ends, what, data or b"", **fields)
    if proto == "sctp":
        return frames.sctp(*ends, what if isinstance(what, bytes)
                           else frames.chunk(1, b"\0" * 16), **fields)
    return frames.udp(*ends, frames.DATA if data is None else data, **fields)


class T:
    """The hands and eyes of a case: one lab, addresses of its own."""

    def __init__(self, lab, number, fam):
        self.lab, self.number, self.fam = lab, number, fam
        self.records, self.undo = [], []
        self.about, self.blocks = None, 0
        self.idents, self.hashed_port = set(), 0
        self.ports = itertools.count(20001)
        self.key = b""
        self.gone = False
        self.ends_conns = False     # or templates keep stock's engine in use
        self.end = ""
        self.began = time.monotonic()

    # --- addresses --------------------------------------------------------
    def vip(self, k=1, fam=None):
        if (fam or self.fam) == 6:
            return "2001:db8:50:%x::%x" % (self.number, k)
        return "10.%d.%d.%d" % (48 + (self.number >> 8), self.number & 255, k)

    def cip(self, k=1, fam=None):
        if (fam or self.fam) == 6:
            return "2001:db8:cc:%x::%x" % (self.number, k)
        return "198.%d.%d.%d" % (18 + (self.number >> 8), self.number & 255, k)

    def rip(self, i, fam=None):
        return rip(fam or self.fam, i)

    def mark_value(self, k=1):
        return 0x1000 + 16 * self.number + k

    # --- recording --------------------------------------------------------
    def see(self, label, value):
        self.records.append(Record(label, value, self.about,
                                   self.blocks if self.about else 0,
                                   time.monotonic() - self.began))

    def differs(self, about):
        """What is seen inside differs on purpose: see this entry."""
        return _Differs(self, about)

    # --- packets ----------------------------------------------------------
    def _note_ident(self, packet):
        while packet and packet[0] >> 4 == 4:
            self.idents.add(struct.unpack_from("!H", packet, 4)[0])
            size = (packet[0] & 15) * 4
            kind = packet[9]
            packet = packet[size:]
            packet = packet[8:] if kind == frames.ICMP else b""

    def _frames(self, label, got):
        self.see(label, ["%s %s" % (
            side, frames.normal(data, self.idents, self.hashed_port,
                                not self.whole_quotes).hex())
            for side, data in got])
        return got

    def send(self, side, *packets, label=""):
        """Packets into one wire; all that comes out is recorded. @label: what
        they are, if there is something random in them."""
        self.lab.drain()
        for packet in packets:
            self._note_ident(packet)
            self.lab.inject(side, packet)
        label = label or "after %s" % "; ".join(
            "%s: %s" % (side, describe(p)) for p in packets)
        return self._frames(label, self.lab.drain())

    def emit(self, packet):
        """A packet of the director's own; what comes out is recorded."""
        self.lab.drain()
        self._note_ident(packet)
        error = self.lab.emit(packet)
        self.see("emit", error)
        return self._frames("after own: " + describe(packet), self.lab.drain())

    def flow(self, proto="tcp", k=1, port=80, vip=1, sport=None, dst=None):
        return Flow(self, proto, self.cip(k), sport or next(self.ports),
                    dst or self.vip(vip), port)

    # --- configuration ----------------------------------------------------
    def request(self, label, cmd, *attrs, flags=ipvs.NLM_F_ACK):
        """A netlink request; all of the answer is recorded but counters."""
        sock = self.lab.ipvs
        out, last = sock.exchange(sock.id, cmd, b"".join(attrs), flags)
        code = -struct.unpack_from("=i", last.body)[0] if last and \
            len(last.body) >= 4 else 0
        body = [plain(message) for message in out]
        if cmd in (ipvs.GET_SERVICE, ipvs.GET_INFO):
            body.sort(key=str)
        self.see(label, [code, last.type if last else 0, body])
        return code, out

    def svc_key(self, proto="tcp", port=80, vip=1, mark=None, fam=None,
                addr=None):
        if mark is not None:
            return ipvs.svc_mark(self.mark_value(mark),
                                 10 if (fam or self.fam) == 6 else 2)
        return ipvs.svc_key(addr or self.vip(vip, fam), port,
                            PROTOCOLS.get(proto, proto))

    def service(self, proto="tcp", port=80, vip=1, mark=None, fam=None,
                cmd=ipvs.NEW_SERVICE, pe=None, addr=None, **rest):
        """Add (or by @cmd edit) a service, and return its key."""
        rest.setdefault("sched", "wlc")
        if (fam or self.fam) == 6:
            rest.setdefault("netmask", 128)
        self.key = self.svc_key(proto, port, vip, mark, fam, addr)
        attrs = self.key + ipvs.svc_rest(**rest)
        if pe:
            self.ends_conns = True
            attrs += ipvs.nla(ipvs.S_PE, ipvs.text(pe))
        self.request("service %s %s" % (cmd, rest["sched"]), cmd,
                     ipvs.service(attrs))
        return self.key

    def dest(self, i=1, port=80, fwd="nat", cmd=ipvs.NEW_DEST, key=None,
             addr=None, fam=None, tun=None, **rest):
        """Add (or by @cmd edit, delete) server @i of a service."""
        addr = addr or self.rip(i, fam)
        attrs = ipvs.dst_key(addr, port)
        if cmd != ipvs.DEL_DEST:
            attrs += ipvs.dst_rest(fwd=METHODS.get(fwd, fwd), **rest)
        if fam:
            attrs += ipvs.nla(ipvs.D_AF, ipvs.u16(10 if fam == 6 else 2))
        if tun:
            kind, tport, tflags = tun
            attrs += ipvs.nla(ipvs.D_TUN_TYPE, ipvs.u8(kind)) + \
                ipvs.nla(ipvs.D_TUN_PORT, ipvs.be16(tport)) + \
                ipvs.nla(ipvs.D_TUN_FLAGS, ipvs.u16(tflags))
        return self.request("dest %s %s" % (cmd, addr), cmd,
                            ipvs.service(key or self.key), ipvs.dest(attrs))[0]

    def edit_dest(self, i=1, **rest):
        return self.dest(i, cmd=ipvs.SET_DEST, **rest)

    def del_dest(self, i=1, port=80, key=None, **rest):
        return self.dest(i, port, cmd=ipvs.DEL_DEST, key=key, **rest)

    def del_service(self, key=None):
        self.request("delete service", ipvs.DEL_SERVICE,
                     ipvs.service(key or self.key))

    def config(self, tcp=0, fin=0, udp=0):
        """SET_CONFIG, undone at the end."""
        attrs = b"".join(ipvs.nla(k, ipvs.u32(v)) for k, v in (
            (ipvs.A_TIMEOUT_TCP, tcp), (ipvs.A_TIMEOUT_TCP_FIN, fin),
            (ipvs.A_TIMEOUT_UDP, udp)))
        self.request("config %d %d %d" % (tcp, fin, udp), ipvs.SET_CONFIG,
                     attrs)
        self.undo.append(self._config_back)

    def _config_back(self):
        self.lab.ipvs.do(ipvs.SET_CONFIG, *(
            ipvs.nla(k, ipvs.u32(v)) for k, v in zip(
                (ipvs.A_TIMEOUT_TCP, ipvs.A_TIMEOUT_TCP_FIN,
                 ipvs.A_TIMEOUT_UDP), CONFIG_DEFAULT)))

    def _vs(self, name):
        return name if "." in name else "net.ipv4.vs." + name

    def sysctl(self, name, value):
        """Set one of net.ipv4.vs, or any by its whole name; undone."""
        name = self._vs(name)
        self.lab.enter()
        try:
            with open("/proc/sys/" + name.replace(".", "/"),
                      encoding="ascii") as proc:
                old = proc.read().strip()
        except OSError as error:
            self.see("sysctl " + name, "no such: %d" % error.errno)
            return
        self.undo.append(lambda: (self.lab.enter(),
                                  lab_module.write_sysctl(name, old)))
        self.see("sysctl %s=%s" % (name, value),
                 lab_module.write_sysctl(name, value))

    def read_sysctl(self, name):
        self.lab.enter()
        try:
            with open("/proc/sys/" + self._vs(name).replace(".", "/"),
                      encoding="ascii") as proc:
                value = proc.read()
        except OSError as error:
            value = error.errno
        self.see("sysctl %s is" % name, value)

    def run(self, command, undo=None):
        """A command in the director's namespace."""
        status = self.lab.run(*command.split())
        if status:
            raise RuntimeError("failed: " + command)
        if undo:
            self.undo.append(lambda: self.lab.run(*undo.split()))

    def mark(self, k=1, vip=1):
        """Packets to @vip from the client's side get a mark of this case."""
        handle = "protocol %s pref %d" % (
            "ip" if self.fam == 4 else "ipv6", 100 + k)
        self.lab.run("tc", "qdisc", "add", "dev", "c0", "clsact")
        self.run("tc filter add dev c0 ingress %s flower dst_ip %s "
                 "action skbedit mark %d" % (handle, self.vip(vip),
                                             self.mark_value(k)),
                 "tc filter del dev c0 ingress " + handle)

    def own_lab(self):
        """Go on in a lab of one's own, which ends with the case; the case's
        lab is returned."""
        before = self.lab
        before.enter(1)         # has no devices of the same names
        lab = lab_module.Lab(1000 + self.number)
        lab_module.batch(lab.links())
        lab.up()
        lab.connect()
        self.lab = lab

        def end():
            self.lab = before
            lab.disconnect()
            lab.down()
            lab_module.batch(["netns delete " + name for name in lab.names])
        self.undo.append(end)
        return before

    # --- listings ---------------------------------------------------------
    def listing(self, expires=True):
        """Services and servers by netlink and /proc, and conns."""
        _, out = self.request("services", ipvs.GET_SERVICE,
                              flags=ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP)
        for key in sorted(identity(m) for m in out):
            self.request("servers", ipvs.GET_DEST, ipvs.service(key),
                         flags=ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP)
        self.see("/proc/net/ip_vs", blocks(self.lab.proc("ip_vs")))
        self.conns(expires)

    def conns(self, expires=True, templates=True):
        """This case's lines of ip_vs_conn, in an order of their own.

        Left out are templates that stock keeps without use, with port ffff:
        see differences.rst. Of three readings the longest: stock leaves conns out when others end
        while it is read."""
        readings = [[
            self._conn(line, expires)
            for line in self.lab.proc("ip_vs_conn").splitlines()[1:]
            if self._is_mine(line) and (templates or self._port(line))]
            for _ in range(3)]
        self.see("conns", sorted(max(readings, key=len), key=str))

    @staticmethod
    def _port(line):
        return int(line.split()[2], 16)

    def _is_mine(self, line):
        """By the client's network: marks' templates have no address."""
        words = line.split()
        if words[4] == words[6] == "FFFF" and words[7] in ("NONE", "ASSURED"):
            return False
        if self.fam == 6 or ":" in words[1]:
            net = "2001:0db8:00cc:%04x:" % self.number
        else:
            net = "C6%02X%02X" % (18 + (self.number >> 8), self.number & 255)
        if words[1].startswith(net):
            return True
        to = {self.vip(k) for k in (1, 2)} | {printed_mark(self.mark_value())}
        return words[1] in self.own and printed(words[3]) in to

    whole_quotes = False    # the TTL that an ICMP error quotes matters
    own = ()   # more client addresses, as /proc writes them

    def _conn(self, line, expires):
        words = line.split()
        head, _, rest = line.partition(" %-11s " % words[7])
        left = about(int(words[8]) if expires else 0)
        left["at"] = round(time.monotonic() - self.began, 1)
        return [head, words[7], len(line), rest.split()[1:], left]

    def counters(self):
        """Wait until stock has counted, then counters of all."""
        yield 2.6
        self.counted()

    def counted(self):
        out, _ = self.lab.ipvs.exchange(
            self.lab.ipvs.id, ipvs.GET_SERVICE, b"",
            ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP)
        for message in sorted(out, key=identity):
            attrs = dict(message.attrs)[1]
            self.see("counters of a service", figures(attrs, STATS))
            dests, _ = self.lab.ipvs.exchange(
                self.lab.ipvs.id, ipvs.GET_DEST,
                ipvs.service(identity(message)),
                ipvs.NLM_F_ACK | ipvs.NLM_F_DUMP)
            for one in dests:
                self.see("counters of a server",
                         figures(dict(one.attrs)[2], DEST_STATS))

    # --- end --------------------------------------------------------------
    def clean(self):
        """Leave nothing for the next case but conns."""
        for undo in reversed(self.undo):
            undo()
        self.undo = []
        if self.ends_conns:
            self.lab.enter()
            lab_module.write_sysctl("net.ipv4.vs.expire_nodest_conn", 1)
        if not self.gone:
            self.lab.ipvs.do(ipvs.FLUSH)
        self.lab.drain()
        if self.ends_conns:
            time.sleep(0.03)
            lab_module.write_sysctl("net.ipv4.vs.expire_nodest_conn", 0)


def about(value, off=4):
    """A number that may be a little more or less."""
    return {"about": value, "off": off}


def printed(word):
    """An address of /proc/net/ip_vs_conn, as this program writes it."""
    if ":" in word:
        return frames.printed(frames.packed(word))
    return frames.printed(bytes.fromhex(word))


def printed_mark(value):
    return frames.printed(value.to_bytes(4, "big"))


def describe(packet):
    try:
        return str(frames.Parsed(packet))
    except (IndexError, ValueError, struct.error):
        return packet.hex()


def identity(message):
    """The bytes that name the service of a GET_SERVICE reply."""
    attrs = ipvs.parse(dict(message.attrs)[1])
    names = (ipvs.S_AF, ipvs.S_PROTOCOL, ipvs.S_ADDR, ipvs.S_PORT,
             ipvs.S_FWMARK)
    return b"".join(ipvs.nla(k, v) for k, v in attrs if k in names)


def plain(message):
    """A reply as text: every byte but statistics and the table's size."""
    out = ["cmd %d version %d flags %x" % (message.cmd, message.version,
                                           message.flags)]
    for kind, payload in message.attrs:
        if kind in (ipvs.A_SERVICE, ipvs.A_DEST) and message.cmd in (
                ipvs.NEW_SERVICE, ipvs.NEW_DEST):
            skip = STATS if kind == ipvs.A_SERVICE else DEST_STATS
            for k, v in ipvs.parse(payload):
                out.append("%d.%d %s" % (kind, k, ", ".join(
                    "%d:%d" % (i, len(w)) for i, w in ipvs.parse(v))
                    if k in skip else v.hex()))
        elif message.cmd == ipvs.SET_INFO and kind == 2:
            out.append("2 size")
        else:
            out.append("%d %s" % (kind, payload.hex()))
    return out


def figures(nest, kinds):
    """Counters without rates: {attribute: [numbers]}."""
    out = {}
    for kind, payload in ipvs.parse(nest):
        if kind in kinds:
            out[str(kind)] = [int.from_bytes(v, "little") for k, v in
                              ipvs.parse(payload) if k not in RATES]
    return out


def blocks(text):
    """/proc/net/ip_vs: services with their servers, in order of text; the
    size in the first line is not compared."""
    lines = text.splitlines()
    head = [lines[0].split("(size=")[0]] + lines[1:3]
    out = []
    for line in lines[3:]:
        if line.startswith("  ->"):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return head + sorted(out)
