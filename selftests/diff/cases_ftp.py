# SPDX-License-Identifier: GPL-2.0
"""FTP behind NAT, with the helper loaded."""

import frames
import ipvs
from case import case
from lab import CLIENT

FAMILIES = (4, 6)
P = ipvs.F_PERSISTENT


class Control:
    """A control conn. Sequence numbers are those that each end counts, as
    connection tracking looks at them."""

    def __init__(self, t, port=21, **more):
        self.t = t
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
        said = b""
        for side, frame in got:
            if side == CLIENT:
                body = frames.Parsed(frame[14:]).body
                said = body[(body[12] >> 4) * 4:]
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


def app(t):
    t.see("/proc/net/ip_vs_app", t.lab.proc("ip_vs_app").splitlines())


def call_server(t, port=50000):
    """The client opens a data conn, and a second one."""
    flow = t.flow(port=port)
    flow.client("S")
    t.conns()
    flow.server("SA")
    flow.client("A")
    t.conns()
    flow.server("FA")
    flow.client("FA")
    t.flow(port=port).client("S")
    t.conns()


def call_client(t, sport, real=20, vport=20):
    """The server opens one."""
    flow = t.flow(port=vport, sport=sport)
    flow.real = (t.rip(1), real)
    flow.server("S")
    t.conns()
    flow.client("SA")
    flow.server("A")
    t.conns()
    flow.server("FA")
    flow.client("FA")
    t.conns()


@case("FTP: PASV", helper=True, port=(50000, 256, 65535))
def passive(t, port):
    """The client reads another address, the server counts its own bytes."""
    talk = ftp(t)
    talk.tell(b"220 hello\r\n")
    talk.ask(b"PASV\r\n", pasv(t, port))
    t.listing()
    app(t)
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
    app(t)
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
    app(t)
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
    app(t)


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
