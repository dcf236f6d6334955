# SPDX-License-Identifier: GPL-2.0
"""FTP behind NAT, with the helper loaded."""

import subprocess

import frames
import ipvs
from case import case
from cases_tracking import flows, rule, tables, tracked
from lab import CLIENT, SERVER

FAMILIES = (4, 6)
P = ipvs.F_PERSISTENT
TO_ITS_SERVER = "A data connection of FTP goes to its control connection's"
BY_LINES = "FTP is read by lines."


class Control:
    """A control conn. Sequence numbers are those that each end counts, as
    connection tracking looks at them."""

    def __init__(self, t, port=21, **more):
        self.t = t
        self.before = helped(t)
        self.flow = t.flow(port=port, **more)
        self.c, self.s = 0x01020304, 0x0a0b0c0d
        self.seen = self.s      # the server's number as the client sees it

    def open(self):
        self.flow.client("S", seq=self.c)
        self.c += 1
        self.flow.server("SA", seq=self.s, ack=self.c)
        self.s += 1
        self.seen += 1
        self.ack()
        return self

    def ack(self):
        self.flow.client("A", seq=self.c, ack=self.seen)

    def say(self, text):
        """The client sends it, and the server has read it."""
        self.flow.client("PA", text, seq=self.c, ack=self.seen)
        self.c += len(text)
        self.flow.server("A", seq=self.s, ack=self.c)

    def tell(self, text):
        """The server sends it, and the client has read it. Returns what that
        was."""
        got = self.flow.server("PA", text, seq=self.s, ack=self.c)
        self.s += len(text)
        said = payload(got)
        self.seen += len(said)
        self.ack()
        return said

    def ask(self, text, answer):
        self.say(text)
        return self.tell(answer)


def ftp(t, port=21, real=None, fwd="nat", **rest):
    t.service(port=port, **rest)
    t.dest(1, port=real or port, fwd=fwd)
    return Control(t, port).open()


def bare(t, i=1):
    """Server @i's address, as PASV writes it."""
    return t.rip(i).replace(".", ",").encode()


def pasv(t, port=50000, i=1):
    return b"227 Entering Passive Mode (%s,%d,%d).\r\n" % (
        bare(t, i), port >> 8, port & 255)


def epsv(port=50000):
    return b"229 Entering Extended Passive Mode (|||%d|)\r\n" % port


def payload(got):
    """What the client gets to read."""
    for side, frame in got:
        if side == CLIENT:
            body = frames.Parsed(frame[14:]).body
            return body[(body[12] >> 4) * 4:]
    return b""


def app_lines(t):
    return t.lab.proc("ip_vs_app").splitlines()


def helped(t):
    """How many conns the helper has."""
    return sum(int(line.split()[2]) for line in app_lines(t)[1:])


def app(t, talk):
    """The file, with what has come since before @talk: labs are shared."""
    out = [line[:13] + "%6s" % (int(line[13:20]) - talk.before) + line[20:]
           for line in app_lines(t)[1:]]
    t.see("/proc/net/ip_vs_app", app_lines(t)[:1] + out)


def call_server(t, port=50000):
    """The client opens a data conn, and a second one."""
    flow = t.flow(port=port)
    c, s = 0x01020304, 0x0a0b0c0d
    flow.client("S", seq=c)
    t.conns()
    flow.server("SA", seq=s, ack=c + 1)
    flow.client("A", seq=c + 1, ack=s + 1)
    t.conns()
    flow.server("PA", b"a file", seq=s + 1, ack=c + 1)
    flow.server("FA", seq=s + 7, ack=c + 1)
    flow.client("FA", seq=c + 1, ack=s + 8)
    t.flow(port=port).client("S")
    t.conns()


def call_client(t, sport, real=20, vport=20):
    """The server opens one."""
    flow = t.flow(port=vport, sport=sport)
    flow.real = (t.rip(1), real)
    c, s = 0x01020304, 0x0a0b0c0d
    flow.server("S", seq=s)
    t.conns()
    flow.client("SA", seq=c, ack=s + 1)
    flow.server("A", seq=s + 1, ack=c + 1)
    t.conns()
    flow.client("PA", b"a file", seq=c + 1, ack=s + 1)
    flow.server("FA", seq=s + 1, ack=c + 7)
    flow.client("FA", seq=c + 7, ack=s + 2)
    t.conns()


@case("FTP: PASV", helper=True, port=(50000, 256, 65535))
def passive(t, port):
    """The client reads another address, the server counts its own bytes."""
    talk = ftp(t)
    talk.tell(b"220 hello\r\n")
    talk.ask(b"PASV\r\n", pasv(t, port))
    t.listing()
    app(t, talk)
    talk.ask(b"NOOP\r\n", b"200 all right\r\n")
    call_server(t, port)
    talk.ask(b"NOOP\r\n", b"200 all right\r\n")
    yield from t.counters()


@case("FTP: EPSV", helper=True, fam=FAMILIES, how=("plain", "family", "small",
                                                   "address", "delimiter"))
def extended_passive(t, how):
    talk = ftp(t)
    ask = {"family": b"EPSV %d\r\n" % (2 if t.fam == 6 else 1),
           "small": b"epsv\r\n"}.get(how, b"EPSV\r\n")
    answer = {
        "address": b"229 ok (|%d|%s|50000|)\r\n" % (
            2 if t.fam == 6 else 1, t.rip(1).encode()),
        "delimiter": b"229 ok (!!!50000!)\r\n"}.get(how, epsv())
    talk.ask(ask, answer)
    t.listing()
    call_server(t)
    talk.ask(b"QUIT\r\n", b"221 bye\r\n")
    yield from t.counters()


@case("FTP: PORT and EPRT", helper=True, fam=FAMILIES, real=(21, 2121),
      how=("PORT", "EPRT", "delimiter"))
def active(t, how, real):
    """The server calls from the port below that of the control conn."""
    talk = ftp(t, real=real)
    one = t.cip().encode()
    if how == "PORT":
        line = b"PORT %s,78,40\r\n" % one.replace(b".", b",")
    elif how == "EPRT":
        line = b"EPRT |%d|%s|20008|\r\n" % (2 if t.fam == 6 else 1, one)
    else:
        line = b"EPRT !%d!%s!20008!\r\n" % (2 if t.fam == 6 else 1, one)
    talk.ask(line, b"200 all right\r\n")
    t.listing()
    app(t, talk)
    if t.fam == 4 or how != "PORT":
        call_client(t, 20008, real - 1)
    talk.ask(b"QUIT\r\n", b"221 bye\r\n")
    yield from t.counters()


@case("FTP: not understood", helper=True, fam=FAMILIES)
def nonsense(t):
    """Passed on as they are, and no conn is made."""
    talk = ftp(t)
    for line in (b"EPSV ALL\r\n", b"EPSV 3\r\n", b"PASVX\r\n",
                 b"PORT 1,2,3,4,5\r\n", b"PORT 1,2,3,4,5,256\r\n",
                 b"PORT 1,2,3,256,5,6\r\n", b"PORT 1,2,3,4,5,99999999999\r\n",
                 b"EPRT |1|1.2.3.4|65536|\r\n", b"EPRT |1|1.2.3.4|0|\r\n",
                 b"EPRT |3|1.2.3.4|5|\r\n", b"EPRT |2|2001:db8::1|99999|\r\n",
                 b"EPRT |2|2001:db8::1::1|9999|\r\n", b"EPRT |||5|\r\n",
                 b"PORT\r\n", b"EPRT\r\n"):
        talk.ask(line, b"500 what?\r\n")
    for line in (pasv(t) if t.fam == 4 else b"227 ?\r\n", epsv()):
        talk.tell(line)
    t.conns()


@case("FTP: answers not understood", helper=True)
def nonsense_answers(t):
    talk = ftp(t)
    for ask, answers in (
            (b"PASV\r\n", (b"227 ok\r\n", b"227 (1,2,3,4,5)\r\n",
                           b"227 (1,2,3,4,5,256)\r\n", b"227-(1,2,3,4,5,6)\r\n",
                           epsv(), b"500 (1,2,3,4,5,6)\r\n")),
            (b"EPSV\r\n", (b"229 ok\r\n", b"229 (|||0|)\r\n",
                           b"229 (|||65536|)\r\n", b"229 |||5|\r\n",
                           b"229 (|2|2001:db8::1|5|)\r\n", pasv(t)))):
        talk.say(ask)
        for answer in answers:
            talk.tell(answer)
    t.conns()


@case("FTP: asked again", helper=True, fam=FAMILIES)
def again(t):
    """One port twice, another one, and a call of the other direction."""
    talk = ftp(t)
    talk.ask(b"EPSV\r\n", epsv())
    talk.ask(b"EPSV\r\n", epsv())
    t.conns()
    talk.ask(b"EPSV\r\n", epsv(50001))
    t.conns()
    flow = t.flow(port=50000)
    flow.client("S")
    talk.ask(b"EPSV\r\n", epsv())
    t.conns()
    line = b"EPRT |%d|%s|20009|\r\n" % (2 if t.fam == 6 else 1,
                                        t.cip().encode())
    talk.ask(line, b"200 all right\r\n")
    talk.ask(line, b"200 all right\r\n")
    t.conns()


@case("FTP: who else calls", helper=True, fam=FAMILIES)
def strangers(t):
    """A conn without a client's port is for one client, and for one port."""
    talk = ftp(t)
    talk.ask(b"EPSV\r\n", epsv())
    t.flow(k=2, port=50000).client("S")
    t.flow(port=50001).client("S")
    t.conns()
    t.flow(port=50000).client("S")
    t.conns()


@case("FTP: persistence", helper=True, fam=FAMILIES)
def persistent(t):
    """A data conn is under its control conn, and that under its template."""
    talk = ftp(t, flags=P, timeout=300)
    talk.ask(b"EPSV\r\n", epsv())
    t.conns()
    call_server(t)
    t.listing()


@case("FTP: two control conns", helper=True)
def two(t):
    """Each has its own server, and what that one has told."""
    t.service(port=21, sched="rr")
    t.dest(1, port=21)
    t.dest(2, port=21)
    talks = [Control(t).open() for _ in range(2)]
    for n, talk in enumerate(talks):
        server = 1 if talk.flow.real[0] == t.rip(1) else 2
        talk.ask(b"PASV\r\n", pasv(t, 50000 + n, server))
    t.conns()
    app(t, talks[0])
    for n in (1, 0):
        t.flow(port=50000 + n).client("S")
    t.conns()


@case("FTP: other methods and ports", helper=True, fam=FAMILIES,
      method=("dr", "tun"))
def others(t, method):
    """What is not behind NAT, or on another port, is not read."""
    t.service(port=21)
    t.dest(1, port=21, fwd=method)
    talk = Control(t)
    talk.flow.client("S", seq=talk.c)
    talk.flow.client("A", seq=talk.c + 1)
    talk.flow.client("PA", b"EPSV\r\n", seq=talk.c + 1)
    t.service(port=2121)
    t.dest(1, port=21)
    talk = Control(t, 2121).open()
    talk.ask(b"EPSV\r\n", epsv())
    t.conns()
    app(t, talk)


@case("FTP: too early", helper=True, fam=FAMILIES)
def early(t):
    """Only what is established is read."""
    t.service(port=21)
    t.dest(1, port=21)
    talk = Control(t)
    talk.flow.client("S", seq=talk.c)
    talk.c += 1
    talk.flow.client("PA", b"EPSV\r\n", seq=talk.c)
    t.conns()


@case("FTP: server of weight 0, and gone", helper=True, gone=(0, 1))
def quiesced(t, gone):
    talk = ftp(t)
    if gone:
        t.del_dest(1, port=21)
    else:
        t.edit_dest(1, port=21, weight=0)
    talk.ask(b"PASV\r\n", pasv(t))
    t.conns()
    t.flow(port=50000).client("S")
    t.conns()


# --- what differs --------------------------------------------------------------
@case("FTP: another address told", helper=True, how=("vip", "other"))
def another_address(t, how):
    """A server tells the address by which it was called, or one that is not
    of the lab."""
    talk = ftp(t)
    talk.say(b"PASV\r\n")
    told = t.vip() if how == "vip" else "203.0.113.5"
    talk.tell(b"227 ok (%s,195,80)\r\n" % told.replace(".", ",").encode())
    with t.differs(TO_ITS_SERVER):
        t.conns()
    flow = t.flow(port=50000)
    with t.differs(TO_ITS_SERVER):
        flow.client("S")


@case("FTP: another address told by EPSV", helper=True, fam=FAMILIES)
def another_extended(t):
    talk = ftp(t)
    talk.say(b"EPSV\r\n")
    talk.tell(b"229 ok (|%d|%s|50000|)\r\n" % (
        2 if t.fam == 6 else 1, t.rip(2).encode()))
    with t.differs(TO_ITS_SERVER):
        t.conns()
    with t.differs(TO_ITS_SERVER):
        t.flow(port=50000).client("S")


@case("FTP: two servers tell one port", helper=True, fam=FAMILIES)
def one_port(t):
    t.service(port=21, sched="rr")
    t.dest(1, port=21)
    t.dest(2, port=21)
    for number in range(2):
        talk = Control(t).open()
        talk.say(b"EPSV\r\n")
        if number:
            with t.differs("Two servers may tell one client of FTP"):
                talk.tell(epsv())
        else:
            talk.tell(epsv())


@case("FTP: a reply sent again", helper=True, fam=FAMILIES)
def reply_again(t):
    """The client has not read the first."""
    talk = ftp(t)
    talk.say(b"EPSV\r\n")
    answer = b"229 ok (|%d|%s|50000|)\r\n" % (
        2 if t.fam == 6 else 1, t.rip(1).encode())
    talk.flow.server("PA", answer, seq=talk.s, ack=talk.c)
    with t.differs("A reply of an FTP server that is sent again"):
        talk.flow.server("PA", answer, seq=talk.s, ack=talk.c)


LINES = {
    "PORT behind another": b"NOOP\r\nPORT 198,18,0,1,78,40\r\n",
    "PASV of another": b"XPASV\r\n", "PASV in a line": b"noop PASV\r\n",
    "a number left out": b"PORT 198,18,0,,78,40\r\n",
    "port 0": b"PORT 198,18,0,1,0,0\r\n"}


@case("FTP: lines", helper=True, what=tuple(LINES))
def lines(t, what):
    """What lvs reads otherwise than stock."""
    talk = ftp(t)
    talk.say(LINES[what])
    if "PASV" in what:
        with t.differs(BY_LINES):
            talk.tell(pasv(t))
    else:
        # of the network in which clients are, but not of this case
        t.own = ("C6120001", "C6120000")
        with t.differs(BY_LINES):
            t.conns()


# --- and beside others -----------------------------------------------------------
@case("FTP: commands and answers in pieces", helper=True, fam=FAMILIES)
def pieces(t):
    """What is in two segments is not understood."""
    talk = ftp(t)
    for part in (b"EP", b"SV\r\n"):
        talk.say(part)
    talk.tell(epsv())
    talk.say(b"EPSV\r\n")
    for part in (b"229 ok (|||5", b"0000|)\r\n"):
        talk.tell(part)
    talk.say(b"EPRT |%d|%s|" % (2 if t.fam == 6 else 1, t.cip().encode()))
    talk.say(b"20008|\r\n")
    t.conns()


@case("FTP: more than one line", helper=True)
def more_lines(t):
    """The commands that ask are found behind others."""
    talk = ftp(t)
    talk.say(b"TYPE I\r\nPASV\r\n")
    talk.tell(b"200 ok\r\n")
    talk.tell(pasv(t))
    t.conns()
    talk.say(b"TYPE I\r\nEPSV\r\n")
    talk.tell(epsv(50001))
    t.conns()


@case("FTP: IP fragments", helper=True, fam=FAMILIES)
def cut(t):
    """Put together before they are read."""
    talk = ftp(t)
    long = b"229 " + b"x" * 80 + b"(|||50000|)\r\n"
    talk.say(b"EPSV\r\n")
    t.send(SERVER, *frames.fragments(talk.flow.reply(
        "PA", long, seq=talk.s, ack=talk.c, df=False), 64), label="pieces")
    t.conns()


@case("FTP: wrong checksums", helper=True, fam=FAMILIES)
def wrong_sums(t):
    """What is corrupt is not read, nor made whole."""
    talk = ftp(t)
    talk.flow.client("PA", b"EPSV\r\n", seq=talk.c, ack=talk.seen, bad=0x1234)
    talk.tell(epsv())
    talk.say(b"EPSV\r\n")
    talk.flow.server("PA", epsv(), seq=talk.s, ack=talk.c, bad=0x1234)
    talk.flow.client("A", seq=talk.c, ack=talk.seen, bad=0x1234)
    talk.flow.client("PA", b"EPRT |%d|%s|20008|\r\n" % (
        2 if t.fam == 6 else 1, t.cip().encode()), seq=talk.c, ack=talk.seen,
                     bad=0x1234)
    t.conns()


@case("FTP: conntrack=1", helper=True, fam=FAMILIES)
def with_tracking(t):
    """The flows of all conns."""
    tracked(t)
    talk = ftp(t)
    talk.ask(b"EPSV\r\n", epsv())
    flows(t)
    call_server(t)
    flows(t)
    talk.ask(b"EPRT |%d|%s|20008|\r\n" % (
        2 if t.fam == 6 else 1, t.cip().encode()), b"200 all right\r\n")
    call_client(t, 20008)
    flows(t)


@case("FTP: MASQUERADE", helper=True, fam=FAMILIES)
def behind_masquerade(t):
    """The server sees the director."""
    tracked(t)
    full = 32 if t.fam == 4 else 128
    rule(t, "nat", "POSTROUTING", "-m ipvs --vaddr %s/%d -j MASQUERADE" % (
        t.vip(), full))
    t.service(port=21)
    t.dest(1, port=21)
    own = "192.0.2.2" if t.fam == 4 else "2001:db8:1::2"
    flow = t.flow(port=21)
    c, s = 0x01020304, 0x0a0b0c0d
    back = t.rip(1), 21, own, flow.sport
    flow.client("S", seq=c)
    t.send(SERVER, frames.tcp(*back, "SA", seq=s, ack=c + 1))
    flow.client("A", seq=c + 1, ack=s + 1)
    flow.client("PA", b"EPSV\r\n", seq=c + 1, ack=s + 1)
    t.send(SERVER, frames.tcp(*back, "PA", epsv(), seq=s + 1, ack=c + 7))
    t.conns()
    data = t.flow(port=50000)
    data.client("S", seq=c)
    t.send(SERVER, frames.tcp(t.rip(1), 50000, own, data.sport, "SA", seq=s,
                              ack=c + 1))
    t.conns()
    flows(t)


def counted(t):
    """Packets of each rule in the chain INPUT."""
    t.lab.enter()
    text = subprocess.run(tables(t).split() + ["-nvxL", "INPUT"], check=True,
                          text=True, capture_output=True).stdout
    t.see("rules", [line.split()[0] for line in text.splitlines()[2:]])


@case("FTP: RELATED", helper=True, fam=FAMILIES, ask=("EPSV", "EPRT"))
def related(t, ask):
    """Rules may have conntrack's own helper read the control conn, too."""
    tracked(t)
    t.run("modprobe nf_conntrack_ftp")
    rule(t, "raw", "PREROUTING", "-p tcp --dport 21 -j CT --helper ftp")
    for state in ("RELATED", "NEW", "ESTABLISHED"):
        rule(t, "filter", "INPUT", "-p tcp ! --dport 21 -m conntrack "
             "--ctstate " + state)
    talk = ftp(t)
    if ask == "EPSV":
        talk.ask(b"EPSV\r\n", epsv())
        call_server(t)
    else:
        talk.ask(b"EPRT |%d|%s|20008|\r\n" % (
            2 if t.fam == 6 else 1, t.cip().encode()), b"200 all right\r\n")
        call_client(t, 20008)
    counted(t)
    flows(t)


@case("FTP: mark service", helper=True, fam=FAMILIES, flags=(0, P))
def marked(t, flags):
    """The port of the conn counts, not that of the service. It tracks nothing
    by itself, so it takes rules."""
    tracked(t)
    t.mark()
    t.service(mark=1, flags=flags, timeout=300)
    t.dest(1, port=0)
    talk = Control(t).open()
    talk.ask(b"EPSV\r\n", epsv())
    t.listing()
    app(t, talk)
    call_server(t)


@case("FTP: port 0", helper=True, fam=FAMILIES)
def every_port(t):
    tracked(t)
    t.service(port=0, flags=P, timeout=300)
    t.dest(1, port=0)
    talk = Control(t).open()
    talk.ask(b"EPSV\r\n", epsv())
    t.listing()
    call_server(t)


@case("FTP: a control conn ends", helper=True, fam=FAMILIES)
def control_ends(t):
    """Those under it live on."""
    talk = ftp(t)
    talk.ask(b"EPSV\r\n", epsv())
    flow = t.flow(port=50000)
    flow.client("S", seq=1)
    talk.flow.client("FA", seq=talk.c, ack=talk.seen)
    talk.flow.server("FA", seq=talk.s, ack=talk.c + 1)
    talk.flow.client("A", seq=talk.c + 1, ack=talk.seen + 1)
    t.conns()
    talk.say(b"EPSV\r\n")
    talk.tell(epsv(50001))
    flow.server("SA", seq=7, ack=2)
    flow.client("A", seq=2, ack=8)
    t.conns()


@case("FTP: last server behind NAT edited", helper=True)
def edited(t):
    """Sequence numbers of conns that are there go on to be adjusted."""
    talk = ftp(t)
    talk.ask(b"PASV\r\n", pasv(t))
    t.edit_dest(1, port=21, fwd="dr")
    talk.ask(b"NOOP\r\n", b"200 all right\r\n")
    talk.flow.client("PA", b"PASV\r\n", seq=talk.c, ack=talk.seen)
