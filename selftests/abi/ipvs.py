# SPDX-License-Identifier: GPL-2.0
"""The "IPVS" generic netlink family over a raw socket, byte by byte.

Nothing here checks or repairs what is sent: the tests need to send nonsense.
"""

import errno
import os
import socket
import struct

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x2, 0x4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
GENL_ID_CTRL = 16

# commands
(NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE, NEW_DEST, SET_DEST,
 DEL_DEST, GET_DEST, NEW_DAEMON, DEL_DAEMON, GET_DAEMON, SET_CONFIG,
 GET_CONFIG, SET_INFO, GET_INFO, ZERO, FLUSH) = range(1, 18)

# first-level attributes
(A_SERVICE, A_DEST, A_DAEMON, A_TIMEOUT_TCP, A_TIMEOUT_TCP_FIN,
 A_TIMEOUT_UDP) = range(1, 7)
# attributes of a service
(S_AF, S_PROTOCOL, S_ADDR, S_PORT, S_FWMARK, S_SCHED, S_FLAGS, S_TIMEOUT,
 S_NETMASK, S_STATS, S_PE, S_STATS64) = range(1, 13)
# attributes of a dest
(D_ADDR, D_PORT, D_FWD, D_WEIGHT, D_UTHRESH, D_LTHRESH, D_ACTIVE, D_INACT,
 D_PERSIST, D_STATS, D_AF, D_STATS64, D_TUN_TYPE, D_TUN_PORT,
 D_TUN_FLAGS) = range(1, 16)
# attributes of a daemon
(M_STATE, M_IFN, M_SYNCID, M_MAXLEN, M_GROUP, M_GROUP6, M_PORT,
 M_TTL) = range(1, 9)

F_PERSISTENT, F_HASHED, F_ONEPACKET, F_SCHED1, F_SCHED2 = 1, 2, 4, 8, 16
MASQ, LOCALNODE, TUNNEL, DROUTE, BYPASS = range(5)
TCP, UDP, SCTP, ESP, AH = 6, 17, 132, 50, 51
AF_INET, AF_INET6 = socket.AF_INET, socket.AF_INET6


class NlError(Exception):
    """The kernel answered a request with an error."""

    def __init__(self, code):
        super().__init__(errno.errorcode.get(code, str(code)))
        self.code = code


def nla(kind, payload):
    """One attribute, padded."""
    head = struct.pack("=HH", len(payload) + 4, kind)
    return head + payload + b"\0" * (-len(payload) % 4)


def u8(value):
    return struct.pack("=B", value)


def u16(value):
    return struct.pack("=H", value)


def be16(value):
    return struct.pack(">H", value)


def u32(value):
    return struct.pack("=I", value & 0xffffffff)


def text(value):
    return value.encode() + b"\0"


def address(value, pad=True):
    """An address as clients send it: 16 bytes, or 4 for IPv4 without @pad."""
    family = AF_INET6 if ":" in value else AF_INET
    raw = socket.inet_pton(family, value)
    return raw.ljust(16, b"\0") if pad else raw


def parse(data):
    """[(type, payload)] of a run of attributes, types raw with their flags."""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4 or size > len(data):
            raise ValueError("attribute of length %d in %d bytes"
                             % (size, len(data)))
        out.append((kind, data[4:size]))
        data = data[(size + 3) & ~3:]
    if data:
        raise ValueError("%d bytes left over" % len(data))
    return out


def svc_key(addr="192.0.2.1", port=80, proto=TCP, pad=True):
    """The attributes that identify a service by address."""
    family = AF_INET6 if ":" in addr else AF_INET
    return (nla(S_AF, u16(family)) + nla(S_PROTOCOL, u16(proto)) +
            nla(S_ADDR, address(addr, pad)) + nla(S_PORT, be16(port)))


def svc_mark(mark, family=AF_INET):
    """The attributes that identify a service by firewall mark."""
    return nla(S_AF, u16(family)) + nla(S_FWMARK, u32(mark))


def svc_rest(sched="rr", flags=0, timeout=0, netmask=0xffffffff,
             mask=0xffffffff):
    """The attributes that a new or edited service also needs."""
    return (nla(S_SCHED, text(sched)) +
            nla(S_FLAGS, struct.pack("=II", flags, mask)) +
            nla(S_TIMEOUT, u32(timeout)) + nla(S_NETMASK, u32(netmask)))


def service(attrs, nested=False):
    return nla(A_SERVICE | (NLA_F_NESTED if nested else 0), attrs)


def new_service(addr="192.0.2.1", port=80, proto=TCP, **rest):
    """A whole SERVICE nest for NEW_SERVICE and SET_SERVICE."""
    if ":" in addr:
        rest.setdefault("netmask", 128)
    return service(svc_key(addr, port, proto) + svc_rest(**rest))


def dst_key(addr="10.0.0.1", port=80):
    return nla(D_ADDR, address(addr)) + nla(D_PORT, be16(port))


def dst_rest(fwd=MASQ, weight=1, upper=0, lower=0):
    return (nla(D_FWD, u32(fwd)) + nla(D_WEIGHT, u32(weight)) +
            nla(D_UTHRESH, u32(upper)) + nla(D_LTHRESH, u32(lower)))


def dest(attrs, nested=False):
    return nla(A_DEST | (NLA_F_NESTED if nested else 0), attrs)


def new_dest(addr="10.0.0.1", port=80, **rest):
    """A whole DEST nest for NEW_DEST and SET_DEST."""
    return dest(dst_key(addr, port) + dst_rest(**rest))


class Message:
    """One received message: netlink header, genl command, payload."""

    def __init__(self, raw):
        (self.length, self.type, self.flags, self.seq,
         self.pid) = struct.unpack_from("=IHHII", raw)
        self.body = raw[16:self.length]

    @property
    def cmd(self):
        return self.body[0]

    @property
    def version(self):
        return self.body[1]

    @property
    def attrs(self):
        return parse(self.body[4:])


class Socket:
    """A generic netlink socket with one request in flight."""

    def __init__(self, timeout=5):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(timeout)
        self.port = self.sock.getsockname()[0]
        self.seq = 0

    def close(self):
        self.sock.close()

    def send_raw(self, data):
        self.sock.sendto(data, (0, 0))

    def send(self, kind, cmd, attrs=b"", flags=0, version=1):
        self.seq += 1
        body = struct.pack("=BBH", cmd, version, 0) + attrs
        head = struct.pack("=IHHII", 16 + len(body), kind,
                           NLM_F_REQUEST | flags, self.seq, 0)
        self.send_raw(head + body)

    def read(self):
        """The messages of one datagram."""
        data = self.sock.recv(1 << 18)
        out = []
        while len(data) >= 16:
            message = Message(data)
            out.append(message)
            data = data[(message.length + 3) & ~3:]
        return out

    def drain(self):
        """Throw away what is waiting, without blocking."""
        self.sock.setblocking(False)
        try:
            while True:
                self.sock.recv(1 << 18)
        except (BlockingIOError, OSError):
            pass
        self.sock.settimeout(5)

    def exchange(self, kind, cmd, attrs=b"", flags=NLM_F_ACK, version=1):
        """Send, read until ACK, error or DONE: (messages, the final one)."""
        self.send(kind, cmd, attrs, flags, version)
        out = []
        while True:
            for message in self.read():
                if message.seq != self.seq:
                    continue
                if message.type in (NLMSG_ERROR, NLMSG_DONE):
                    return out, message
                out.append(message)
                if not flags & (NLM_F_ACK | NLM_F_DUMP):
                    return out, None

    def call(self, kind, cmd, attrs=b"", flags=NLM_F_ACK, version=1):
        """Like exchange(), but an error raises NlError."""
        out, last = self.exchange(kind, cmd, attrs, flags, version)
        if last is not None and len(last.body) >= 4:
            code = -struct.unpack_from("=i", last.body)[0]
            if code:
                raise NlError(code)
        return out


def family(sock, name="IPVS"):
    """The CTRL family's description of @name, as a dictionary of payloads."""
    reply = sock.call(GENL_ID_CTRL, 3, nla(2, text(name)))
    return dict((k & ~NLA_F_NESTED, v) for k, v in reply[0].attrs)


class Ipvs(Socket):
    """A socket that knows the family's id."""

    def __init__(self, timeout=5):
        super().__init__(timeout)
        self.id = struct.unpack("=H", family(self)[1])[0]

    def do(self, cmd, *attrs, version=1):
        return self.call(self.id, cmd, b"".join(attrs), version=version)

    def dump(self, cmd, *attrs):
        return self.call(self.id, cmd, b"".join(attrs),
                         NLM_F_ACK | NLM_F_DUMP)

    def errno(self, cmd, *attrs, dump=False):
        """The positive errno of a request, 0 if it succeeded."""
        try:
            if dump:
                self.dump(cmd, *attrs)
            else:
                self.do(cmd, *attrs)
        except NlError as error:
            return error.code
        return 0

    def services(self):
        """[attributes of each service], as dictionaries."""
        out = []
        for message in self.dump(GET_SERVICE):
            out.append(dict(parse(message.attrs[0][1])))
        return out

    def dests(self, *svc):
        out = []
        for message in self.dump(GET_DEST, service(b"".join(svc))):
            out.append(dict(parse(message.attrs[0][1])))
        return out

    def service_one(self, *svc):
        reply = self.do(GET_SERVICE, service(b"".join(svc)))
        return dict(parse(reply[0].attrs[0][1]))

    def flush(self):
        self.do(FLUSH)


SVC_CONFIG = (S_AF, S_PROTOCOL, S_ADDR, S_PORT, S_FWMARK, S_SCHED, S_FLAGS,
              S_TIMEOUT, S_NETMASK, S_PE)
DST_CONFIG = (D_ADDR, D_PORT, D_FWD, D_WEIGHT, D_UTHRESH, D_LTHRESH, D_AF,
              D_TUN_TYPE, D_TUN_PORT, D_TUN_FLAGS)
_IDENTITY = (S_AF, S_PROTOCOL, S_ADDR, S_PORT, S_FWMARK)


def snapshot(ipvs):
    """Everything configured, without counters, as comparable values.

    A dictionary from a service's configuration to the sorted list of its
    dests' configurations.
    """
    out = {}
    for svc in ipvs.services():
        key = b"".join(nla(k, svc[k]) for k in _IDENTITY if k in svc)
        dests = sorted(tuple((k, d[k]) for k in DST_CONFIG if k in d)
                       for d in ipvs.dests(key))
        out[tuple((k, svc[k]) for k in SVC_CONFIG if k in svc)] = dests
    return out


def is_stock():
    """True on the kernel's own ip_vs, where lvs-only rules do not hold."""
    return not os.path.isdir("/sys/module/lvs")
