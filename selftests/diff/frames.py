# SPDX-License-Identifier: GPL-2.0
"""Packets as bytes: made, taken apart, freed of what is random.

By hand and not by scapy, which takes longer to load in an emulated machine
than all cases take to run.
"""

import socket
import struct

ICMP, TCP, UDP, ICMP6, SCTP, ESP, AH = 1, 6, 17, 58, 132, 50, 51
IPIP, IPV6, GRE = 4, 41, 47
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_FLAGS = {"F": FIN, "S": SYN, "R": RST, "P": PSH, "A": ACK}
FRAGMENT_IDENT = b"wwww"       # of IPv6 fragments that are sent in
DATA = b"odd data of 21 bytes!"


def family(address):
    return 6 if ":" in address else 4


def packed(address):
    return socket.inet_pton(
        socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def printed(raw):
    return socket.inet_ntop(
        socket.AF_INET6 if len(raw) == 16 else socket.AF_INET, bytes(raw))


def checksum(data):
    """The internet checksum of @data."""
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82f63b78 if n & 1 else n >> 1
        table.append(n)
    return table


_CRC = []


def crc32c(data):
    if not _CRC:
        _CRC.extend(_crc_table())
    crc = 0xffffffff
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


def ip(src, dst, proto, payload, ttl=64, ident=0x4d2, df=True, tos=0x28,
       options=b"", mf=False, offset=0, flow=0x54321, ext=b""):
    """A whole packet; the family is that of @src. @ext: IPv6 extension
    headers as bytes, the first of which has number @proto."""
    if ":" in src:
        return struct.pack("!IHBB", 6 << 28 | tos << 20 | flow,
                           len(ext) + len(payload), proto, ttl) + \
            packed(src) + packed(dst) + ext + payload
    head = struct.pack(
        "!BBHHHBBH", 0x45 + len(options) // 4, tos,
        20 + len(options) + len(payload), ident,
        (df << 14) | (mf << 13) | offset, ttl, proto, 0) + \
        packed(src) + packed(dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def pseudo(src, dst, proto, size):
    if ":" in src:
        return packed(src) + packed(dst) + struct.pack("!II", size, proto)
    return packed(src) + packed(dst) + struct.pack("!HH", proto, size)


def tcp(src, sport, dst, dport, flags="S", data=b"", seq=0x01020304,
        ack=0x0a0b0c0d, options=None, bad=0, **fields):
    bits = sum(_FLAGS[f] for f in flags)
    if options is None:
        options = b"\x02\x04\x05\xb4" if bits & SYN else b""
    head = struct.pack("!HHIIBBHHH", sport, dport, seq,
                       ack if bits & ACK else 0,
                       (5 + len(options) // 4) << 4, bits, 0x1234, 0, 0)
    body = head + options + data
    sums = checksum(pseudo(src, dst, TCP, len(body)) + body) ^ bad
    body = body[:16] + struct.pack("!H", sums) + body[18:]
    return ip(src, dst, TCP, body, **fields)


def udp_body(src, sport, dst, dport, data=DATA, nosum=False, bad=0):
    body = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    sums = checksum(pseudo(src, dst, UDP, len(body)) + body) ^ bad
    return body[:6] + struct.pack("!H", 0 if nosum else sums or 0xffff) + data


def udp(src, sport, dst, dport, data=DATA, nosum=False, bad=0, **fields):
    return ip(src, dst, UDP, udp_body(src, sport, dst, dport, data, nosum,
                                      bad), **fields)


def chunk(kind, data=b"", flags=0):
    """An SCTP chunk, padded."""
    return struct.pack("!BBH", kind, flags, 4 + len(data)) + data + \
        b"\0" * (-len(data) % 4)


def sctp(src, sport, dst, dport, chunks, tag=0x11223344, bad=0, **fields):
    head = struct.pack("!HHI", sport, dport, tag)
    crc = crc32c(head + b"\0\0\0\0" + chunks) ^ bad
    return ip(src, dst, SCTP, head + struct.pack("<I", crc) + chunks, **fields)


def icmp(src, dst, kind, code, rest=0, data=b"", bad=0, **fields):
    """An ICMP or, by the family of @src, an ICMPv6 message."""
    body = struct.pack("!BBHI", kind, code, 0, rest) + data
    if ":" in src:
        sums = checksum(pseudo(src, dst, ICMP6, len(body)) + body)
    else:
        sums = checksum(body)
    body = body[:2] + struct.pack("!H", sums ^ bad) + body[4:]
    fields.setdefault("df", False)
    return ip(src, dst, ICMP6 if ":" in src else ICMP, body, **fields)


def unreachable(src, dst, quoted, code=None, **fields):
    """Port unreachable about the packet @quoted."""
    if ":" in src:
        return icmp(src, dst, 1, 4 if code is None else code, 0, quoted,
                    **fields)
    return icmp(src, dst, 3, 3 if code is None else code, 0, quoted, **fields)


def too_big(src, dst, quoted, mtu, **fields):
    if ":" in src:
        return icmp(src, dst, 2, 0, mtu, quoted, **fields)
    return icmp(src, dst, 3, 4, mtu, quoted, **fields)


def expired(src, dst, quoted, **fields):
    return icmp(src, dst, 3 if ":" in src else 11, 0, 0, quoted, **fields)


def fragments(packet, size, df=False):
    """@packet in pieces of @size bytes of payload. @df: which must not be cut
    (IPv4)."""
    if packet[0] >> 4 == 4:
        return _fragments4(packet, size, df)
    out = []
    payload = packet[40:]
    for begin in range(0, len(payload), size):
        part = payload[begin:begin + size]
        more = begin + size < len(payload)
        head = struct.pack("!BBH", packet[6], 0, begin | more) + \
            FRAGMENT_IDENT
        out.append(packet[:4] + struct.pack("!HB", 8 + len(part), 44) +
                   packet[7:40] + head + part)
    return out


def _fragments4(packet, size, df):
    out = []
    length = (packet[0] & 15) * 4
    payload = packet[length:]
    for begin in range(0, len(payload), size):
        part = payload[begin:begin + size]
        more = begin + size < len(payload)
        head = packet[:2] + struct.pack(
            "!HHH", length + len(part), struct.unpack_from("!H", packet, 4)[0],
            (df << 14) | (more << 13) | begin // 8) + packet[8:10] + b"\0\0" + \
            packet[12:length]
        out.append(head[:10] + struct.pack("!H", checksum(head)) + head[12:] +
                   part)
    return out


class Parsed:
    """What a packet says of itself. @raw begins at the network header."""

    def __init__(self, raw):
        self.raw = raw
        self.family = raw[0] >> 4
        if self.family == 4:
            self.proto, self.ttl, self.tos = raw[9], raw[8], raw[1]
            self.src, self.dst = printed(raw[12:16]), printed(raw[16:20])
            self.offset = struct.unpack_from("!H", raw, 6)[0] & 0x1fff
            self.body = raw[(raw[0] & 15) * 4:]
        else:
            self.proto, self.ttl = raw[6], raw[7]
            self.tos = struct.unpack_from("!H", raw)[0] >> 4 & 255
            self.src, self.dst = printed(raw[8:24]), printed(raw[24:40])
            self.offset, self.body = 0, raw[40:]
            if self.proto == 44:
                self.proto = self.body[0]
                self.offset = struct.unpack_from("!H", self.body, 2)[0] & ~7
                self.body = self.body[8:]
        self.sport = self.dport = 0
        if self.proto in (TCP, UDP, SCTP) and not self.offset and \
                len(self.body) >= 4:
            self.sport, self.dport = struct.unpack_from("!HH", self.body)

    def __str__(self):
        text = "%s > %s ttl %d tos %x " % (self.src, self.dst, self.ttl,
                                           self.tos)
        if self.family == 4:
            text += "id %x frag %04x " % struct.unpack_from("!HH", self.raw, 4)
        if self.proto in (IPIP, IPV6) and self.body:
            return text + "( " + str(Parsed(self.body)) + " )"
        if self.sport or self.dport:
            text += "%d > %d " % (self.sport, self.dport)
        if self.proto == TCP and len(self.body) >= 20:
            text += "".join(f for f, bit in _FLAGS.items()
                            if self.body[13] & bit)
        elif self.proto in (ICMP, ICMP6) and len(self.body) >= 8:
            text += "type %d code %d rest %x" % (
                self.body[0], self.body[1],
                struct.unpack_from("!I", self.body, 4)[0])
            if self._is_error():
                text += " ( " + str(Parsed(self.body[8:])) + " )"
        return "%s [%d:%d]" % (text, self.proto, len(self.raw))

    def _is_error(self):
        kinds = (3, 4, 5, 11, 12) if self.family == 4 else (1, 2, 3, 4)
        return self.body[0] in kinds and len(self.body) >= (
            28 if self.family == 4 else 48)


def describe(text):
    """A recorded frame, in words."""
    side, raw = text.split(" ", 1)
    data = bytes.fromhex(raw)
    try:
        words = str(Parsed(data[14:]))
    except (IndexError, struct.error, ValueError):
        words = "?"
    return "%s %s>%s %s\n      %s" % (side, data[6:12].hex(), data[:6].hex(),
                                      words, raw[28:])


def normal(frame, idents, hashed_port=0, quotes=True):
    """@frame without what is random in it. Rules:

    - the id of an IPv4 header that is none of @idents (those sent in) and not
      0 is set to ffff, and the header's checksum to 0 if it was right;
    - with @quotes, the TTL or hop limit of a packet that an error about its
      size quotes becomes 0, and the checksums that cover it, if they were right;
    - the id of an IPv6 fragment is set to 0 if it is none that was sent in;
    - the source port of a UDP packet to @hashed_port (GUE) is set to 0, and
      its checksum to 0xffff if there is one.
    """
    if frame[12:14] == b"\x08\x00":
        ident = struct.unpack_from("!H", frame, 18)[0]
        size = (frame[14] & 15) * 4
        if ident and ident not in idents and not checksum(frame[14:14 + size]):
            frame = frame[:18] + b"\xff\xff" + frame[20:24] + b"\0\0" + \
                frame[26:]
        if quotes and frame[23] == ICMP and frame[34:36] == b"\3\4" and \
                len(frame) >= 62:
            frame = _without_ttl(frame)
    elif quotes and frame[12:14] == b"\x86\xdd" and frame[20] == ICMP6 and \
            frame[54] == 2:
        message = frame[54:]
        if not checksum(pseudo(printed(frame[22:38]), printed(frame[38:54]),
                               ICMP6, len(message)) + message):
            frame = frame[:56] + b"\0\0" + frame[58:69] + b"\0" + frame[70:]
    elif frame[12:14] == b"\x86\xdd" and frame[20] == 44 and \
            frame[58:62] != FRAGMENT_IDENT:
        frame = frame[:58] + b"\0\0\0\0" + frame[62:]
    if hashed_port:
        frame = _without_hash(frame, hashed_port)
    return frame


def _without_ttl(frame):
    message = frame[34:]
    if checksum(message) or checksum(message[8:28]):
        return frame
    return frame[:36] + b"\0\0" + frame[38:50] + b"\0" + frame[51:52] + \
        b"\0\0" + frame[54:]


def _without_hash(frame, port):
    parsed = Parsed(frame[14:])
    if parsed.proto != UDP or parsed.dport != port:
        return frame
    at = len(frame) - len(parsed.body)
    given = frame[at + 6:at + 8] != b"\0\0"
    return frame[:at] + b"\0\0" + frame[at + 2:at + 6] + \
        (b"\xff\xff" if given else b"\0\0") + frame[at + 8:]
