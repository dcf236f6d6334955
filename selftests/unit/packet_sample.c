// SPDX-License-Identifier: GPL-2.0
#include "packet_sample.h"
#include "unit.h"

/* headers, by what varies in them; all numbers in hex */
#define ADDR4 "c6336407 c0000201 "
#define BACK4 "c0000201 c6336407 "
#define ADDR6 "20010db8 00000000 00000000 00000007 20010db8 00010000 00000000 00000001 "
#define BACK6 "20010db8 00010000 00000000 00000001 20010db8 00000000 00000000 00000007 "
#define IP4_FULL(ver_ihl, frag, proto) ver_ihl "00 0040 1234 " frag " 40 " proto " 0000 "
#define IP4(proto) IP4_FULL("45", "4000", proto) ADDR4
#define IP4_FRAG(frag, proto) IP4_FULL("45", frag, proto) ADDR4
#define IN4_FULL(ver_ihl, frag, proto) IP4_FULL(ver_ihl, frag, proto) BACK4
#define IN4(proto) IN4_FULL("45", "4000", proto)
#define IP6_FULL(ver, next) ver "0 000000 0040 " next " 40 "
#define IP6(next) IP6_FULL("6", next) ADDR6
#define IN6(next) IP6_FULL("6", next) BACK6
#define TCP_FULL(doff, flags) "04d2 0050 00000001 00000002 " doff "0 " flags " 0200 0000 0000 "
#define TCP(flags) TCP_FULL("5", flags)
#define TCP_SYN TCP("02")
#define UDP "14e9 0035 0010 0000 "
#define SCTP(chunk) "04d2 0050 00000001 00000000 " chunk "00 0004 "
#define DATA8 "0102030405060708 "
#define ICMP(type) type " 01 0000 00000000 "
#define HOP(next) next " 00 0502 0000 0100 "
#define ROUTING(next) next " 00 0400 00000000 "
#define DEST(next) next " 00 0104 00000000 "
#define DEST24(next) next " 02 0114 00000000 0000000000000000 0000000000000000 "
#define FRAG(next, off) next " 00 " off " 00001234 "

#define P_ICMP "01"
#define P_TCP "06"
#define P_UDP "11"
#define P_HOP "00"
#define P_ROUTING "2b"
#define P_FRAG "2c"
#define P_ICMP6 "3a"
#define P_ESP "32"
#define P_AH "33"
#define P_SCTP "84"
#define P_DEST "3c"

#define DEST_X4 DEST(P_DEST) DEST(P_DEST) DEST(P_DEST) DEST(P_DEST)
#define DEST_X15 DEST_X4 DEST_X4 DEST_X4 DEST(P_DEST) DEST(P_DEST) DEST(P_DEST)

#define OK .parse = LVS_PARSE_OK
#define FOREIGN .parse = LVS_PARSE_FOREIGN
#define BAD .parse = LVS_PARSE_BAD
#define IS_TCP(off) .proto = IPPROTO_TCP, .l4off = (off), .need = (off) + 20, .key_proto = IPPROTO_TCP, \
	.sport = 1234, .dport = 80
#define IS_UDP(off) .proto = IPPROTO_UDP, .l4off = (off), .need = (off) + 8, .key_proto = IPPROTO_UDP, \
	.sport = 5353, .dport = 53
#define IS_SCTP(off) .proto = IPPROTO_SCTP, .l4off = (off), .need = (off) + 16, .key_proto = IPPROTO_SCTP, \
	.sport = 1234, .dport = 80
/* rides on the conn of the key exchange, and nothing of it is looked at */
#define IS_IPSEC(p, off) .proto = (p), .l4off = (off), .need = (off), .key_proto = IPPROTO_UDP, \
	.sport = 500, .dport = 500, .flags = LVS_PKT_RELATED
#define IS_LATER(p, l3) .proto = (p), .key_proto = (p), .l4off = (l3), .need = (l3), \
	.flags = LVS_PKT_FRAG | LVS_PKT_LATER_FRAG
#define ABOUT(icmp, off, in, in_l4, more) .proto = (icmp), .l4off = (off), .inner_off = (in), .inner_l4off = (in_l4), \
	.need = (in_l4) + 8, .inner = true, .flags = LVS_PKT_ICMP_ERR | (more)
#define ABOUT_TCP(icmp, off, in, in_l4) ABOUT(icmp, off, in, in_l4, 0), \
	.key_proto = IPPROTO_TCP, .sport = 1234, .dport = 80
#define ABOUT_UDP(icmp, off, in, in_l4) ABOUT(icmp, off, in, in_l4, 0), \
	.key_proto = IPPROTO_UDP, .sport = 5353, .dport = 53
#define V4 .af = AF_INET
#define V6 .af = AF_INET6

const struct packet_sample packet_samples[] = {
	/* TCP and UDP, plain */
	{ "tcp syn", V4, IP4(P_TCP) TCP_SYN, OK, IS_TCP(20), .flags = LVS_PKT_TCP_SYN },
	{ "tcp syn ack", V4, IP4(P_TCP) TCP("12"), OK, IS_TCP(20), .flags = LVS_PKT_TCP_SYN | LVS_PKT_TCP_ACK },
	{ "tcp fin ack", V4, IP4(P_TCP) TCP("11"), OK, IS_TCP(20), .flags = LVS_PKT_TCP_FIN | LVS_PKT_TCP_ACK },
	{ "tcp rst", V4, IP4(P_TCP) TCP("04"), OK, IS_TCP(20), .flags = LVS_PKT_TCP_RST },
	{ "tcp ack psh urg", V4, IP4(P_TCP) TCP("38") DATA8, OK, IS_TCP(20), .flags = LVS_PKT_TCP_ACK },
	{ "tcp without a flag", V4, IP4(P_TCP) TCP("00"), OK, IS_TCP(20) },
	{ "tcp with every flag", V4, IP4(P_TCP) TCP("ff"), OK, IS_TCP(20),
	  .flags = LVS_PKT_TCP_SYN | LVS_PKT_TCP_FIN | LVS_PKT_TCP_RST | LVS_PKT_TCP_ACK },
	{ "tcp with options", V4, IP4(P_TCP) TCP_FULL("8", "10") "020405b4 01030307 04020101 ", OK, IS_TCP(20),
	  .flags = LVS_PKT_TCP_ACK },
	{ "udp", V4, IP4(P_UDP) UDP DATA8, OK, IS_UDP(20) },
	{ "sctp init", V4, IP4(P_SCTP) SCTP("01") DATA8, OK, IS_SCTP(20) },
	{ "sctp abort", V4, IP4(P_SCTP) SCTP("06"), OK, IS_SCTP(20), .flags = LVS_PKT_SCTP_ABORT },
	{ "sctp6 cookie ack", V6, IP6(P_DEST) DEST(P_SCTP) SCTP("0b"), OK, IS_SCTP(48) },
	{ "first fragment, sctp", V4, IP4_FRAG("2000", P_SCTP) SCTP("00") DATA8, OK, IS_SCTP(20), .flags = LVS_PKT_FRAG },
	{ "later fragment, sctp", V4, IP4_FRAG("2001", P_SCTP) DATA8, OK, IS_LATER(IPPROTO_SCTP, 20) },
	{ "esp", V4, IP4(P_ESP) DATA8, OK, IS_IPSEC(IPPROTO_ESP, 20) },
	{ "fragment of esp", V4, IP4_FRAG("2001", P_ESP) DATA8, OK, IS_IPSEC(IPPROTO_ESP, 20) },
	{ "ah", V4, IP4(P_AH) DATA8, OK, IS_IPSEC(IPPROTO_AH, 20) },
	{ "ah6", V6, IP6(P_AH) DATA8, OK, IS_IPSEC(IPPROTO_AH, 40) },
	{ "later fragment of esp6", V6, IP6(P_FRAG) FRAG(P_ESP, "0009") DATA8, OK, IS_IPSEC(IPPROTO_ESP, 48) },
	{ "udp without data", V4, IP4(P_UDP) UDP, OK, IS_UDP(20) },
	{ "tcp6 syn", V6, IP6(P_TCP) TCP_SYN, OK, IS_TCP(40), .flags = LVS_PKT_TCP_SYN },
	{ "tcp6 ack", V6, IP6(P_TCP) TCP("10") DATA8, OK, IS_TCP(40), .flags = LVS_PKT_TCP_ACK },
	{ "udp6", V6, IP6(P_UDP) UDP DATA8, OK, IS_UDP(40) },

	/* IPv4 options */
	{ "ip options of 4 bytes", V4, IP4_FULL("46", "0000", P_TCP) ADDR4 "94040000 " TCP_SYN, OK, IS_TCP(24),
	  .flags = LVS_PKT_TCP_SYN },
	{ "ip options of 40 bytes", V4, IP4_FULL("4f", "0000", P_UDP) ADDR4 DATA8 DATA8 DATA8 DATA8 DATA8 UDP,
	  OK, IS_UDP(60) },

	/* IPv6 extension headers */
	{ "hop-by-hop", V6, IP6(P_HOP) HOP(P_TCP) TCP_SYN, OK, IS_TCP(48), .flags = LVS_PKT_TCP_SYN },
	{ "routing", V6, IP6(P_ROUTING) ROUTING(P_TCP) TCP_SYN, OK, IS_TCP(48), .flags = LVS_PKT_TCP_SYN },
	{ "destination options", V6, IP6(P_DEST) DEST(P_UDP) UDP, OK, IS_UDP(48) },
	{ "destination options of 24 bytes", V6, IP6(P_DEST) DEST24(P_UDP) UDP, OK, IS_UDP(64) },
	{ "hop-by-hop, routing, destination", V6, IP6(P_HOP) HOP(P_ROUTING) ROUTING(P_DEST) DEST(P_UDP) UDP,
	  OK, IS_UDP(64) },
	{ "atomic fragment", V6, IP6(P_FRAG) FRAG(P_UDP, "0000") UDP, OK, .proto = IPPROTO_UDP, .l4off = 48, .need = 56,
	  .key_proto = IPPROTO_UDP, .sport = 5353, .dport = 53, .flags = LVS_PKT_FRAG },
	{ "16 extension headers", V6, IP6(P_DEST) DEST_X15 DEST(P_UDP) UDP, OK, IS_UDP(168) },
	{ "17 extension headers", V6, IP6(P_DEST) DEST_X15 DEST(P_DEST) DEST(P_UDP) UDP, BAD },

	/* fragments */
	{ "first fragment, tcp", V4, IP4_FRAG("2000", P_TCP) TCP_SYN, OK, IS_TCP(20),
	  .flags = LVS_PKT_FRAG | LVS_PKT_TCP_SYN },
	{ "first fragment, udp, df set too", V4, IP4_FRAG("6000", P_UDP) UDP, OK, IS_UDP(20), .flags = LVS_PKT_FRAG },
	{ "first fragment that cuts the tcp header", V4, IP4_FRAG("2000", P_TCP) "04d20050 00000001 ", BAD,
	  .flags = LVS_PKT_FRAG },
	{ "later fragment, tcp", V4, IP4_FRAG("2001", P_TCP) DATA8, OK, IS_LATER(IPPROTO_TCP, 20) },
	{ "last fragment, udp", V4, IP4_FRAG("1fff", P_UDP) DATA8, OK, IS_LATER(IPPROTO_UDP, 20) },
	{ "later fragment without data", V4, IP4_FRAG("0010", P_UDP), OK, IS_LATER(IPPROTO_UDP, 20) },
	{ "later fragment, icmp", V4, IP4_FRAG("0010", P_ICMP) DATA8, OK, IS_LATER(IPPROTO_ICMP, 20) },
	{ "later fragment of no protocol of ours", V4, IP4_FRAG("0010", "2f") DATA8, FOREIGN, .need = 20 },
	{ "first fragment of no protocol of ours", V4, IP4_FRAG("2000", "2f") DATA8, FOREIGN, .need = 20 },
	{ "reserved bit is no fragment", V4, IP4_FRAG("8000", P_UDP) UDP, OK, IS_UDP(20) },
	{ "first fragment, tcp6", V6, IP6(P_FRAG) FRAG(P_TCP, "0001") TCP_SYN, OK, IS_TCP(48),
	  .flags = LVS_PKT_FRAG | LVS_PKT_TCP_SYN },
	{ "later fragment, udp6", V6, IP6(P_FRAG) FRAG(P_UDP, "0009") DATA8, OK, IS_LATER(IPPROTO_UDP, 48) },
	{ "last fragment, tcp6, after hop-by-hop", V6, IP6(P_HOP) HOP(P_FRAG) FRAG(P_TCP, "fff8") DATA8, OK,
	  IS_LATER(IPPROTO_TCP, 56) },
	{ "later fragment that goes on in an extension header", V6, IP6(P_FRAG) FRAG(P_DEST, "0008") DEST(P_UDP) UDP,
	  FOREIGN, .need = 48 },
	{ "first fragment, options within", V6, IP6(P_FRAG) FRAG(P_DEST, "0001") DEST(P_UDP) UDP, OK, IS_UDP(56),
	  .flags = LVS_PKT_FRAG },
	{ "reserved bits of the fragment header", V6, IP6(P_FRAG) FRAG(P_UDP, "0006") UDP, OK, IS_UDP(48),
	  .flags = LVS_PKT_FRAG },
	{ "fragment of a fragment", V6, IP6(P_FRAG) FRAG(P_FRAG, "0001") FRAG(P_UDP, "0008") DATA8, OK,
	  IS_LATER(IPPROTO_UDP, 56) },
	{ "later fragment, icmp6", V6, IP6(P_FRAG) FRAG(P_ICMP6, "0100") DATA8, OK, IS_LATER(IPPROTO_ICMPV6, 48) },

	/* what others balance */
	{ "gre", V4, IP4("2f") DATA8 DATA8, FOREIGN, .need = 20 },
	{ "no next header", V6, IP6("3b"), FOREIGN, .need = 40 },
	{ "icmpv6 in ipv4", V4, IP4(P_ICMP6) ICMP("01") IN4(P_TCP) DATA8, FOREIGN, .need = 20 },
	{ "icmp in ipv6", V6, IP6(P_ICMP) ICMP("03") IN6(P_TCP) DATA8, FOREIGN, .need = 40 },
	{ "ping", V4, IP4(P_ICMP) ICMP("08"), FOREIGN, .need = 28 },
	{ "ping6", V6, IP6(P_ICMP6) ICMP("80"), FOREIGN, .need = 48 },
	{ "neighbour solicitation", V6, IP6(P_ICMP6) ICMP("87") DATA8 DATA8, FOREIGN, .need = 48 },
	{ "icmp redirect", V4, IP4(P_ICMP) ICMP("05") IN4(P_TCP) DATA8, FOREIGN, .need = 28 },
	{ "icmp parameter problem", V4, IP4(P_ICMP) ICMP("0c") IN4(P_TCP) DATA8, FOREIGN, .need = 28 },
	{ "icmp timestamp", V4, IP4(P_ICMP) ICMP("0d") DATA8, FOREIGN, .need = 28 },

	/* ICMP errors */
	{ "unreachable about tcp", V4, IP4(P_ICMP) ICMP("03") IN4(P_TCP) TCP_SYN, OK, ABOUT_TCP(IPPROTO_ICMP, 20, 28, 48) },
	{ "unreachable, 8 bytes of tcp", V4, IP4(P_ICMP) ICMP("03") IN4(P_TCP) "04d20050 00000001 ", OK,
	  ABOUT_TCP(IPPROTO_ICMP, 20, 28, 48) },
	{ "source quench about udp", V4, IP4(P_ICMP) ICMP("04") IN4(P_UDP) UDP, OK, ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48) },
	{ "time exceeded, options within", V4, IP4(P_ICMP) ICMP("0b") IN4_FULL("47", "0000", P_UDP) DATA8 UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMP, 20, 28, 56) },
	{ "unreachable, options outside", V4, IP4_FULL("46", "0000", P_ICMP) ADDR4 "94040000 " ICMP("03") IN4(P_UDP) UDP,
	  OK, ABOUT_UDP(IPPROTO_ICMP, 24, 32, 52) },
	{ "unreachable about a first fragment", V4, IP4(P_ICMP) ICMP("03") IN4_FULL("45", "2000", P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48) },
	{ "unreachable about a later fragment", V4, IP4(P_ICMP) ICMP("03") IN4_FULL("45", "0010", P_UDP) DATA8, FOREIGN,
	  .need = 48 },
	{ "unreachable about icmp", V4, IP4(P_ICMP) ICMP("03") IN4(P_ICMP) ICMP("08"), FOREIGN, .need = 48 },
	{ "unreachable about an error", V4, IP4(P_ICMP) ICMP("03") IN4(P_ICMP) ICMP("03") IN4(P_TCP) TCP_SYN, FOREIGN,
	  .need = 48 },
	{ "unreachable about esp", V4, IP4(P_ICMP) ICMP("03") IN4(P_ESP) DATA8, OK,
	  ABOUT(IPPROTO_ICMP, 20, 28, 48, LVS_PKT_RELATED), .key_proto = IPPROTO_UDP, .sport = 500, .dport = 500 },
	{ "unreachable about sctp", V4, IP4(P_ICMP) ICMP("03") IN4(P_SCTP) SCTP("01"), OK,
	  ABOUT(IPPROTO_ICMP, 20, 28, 48, 0), .key_proto = IPPROTO_SCTP, .sport = 1234, .dport = 80 },
	{ "unreachable about ipip", V4, IP4(P_ICMP) ICMP("03") IN4("04") IN4(P_UDP) UDP, FOREIGN, .need = 48,
	  .inside = 48 },
	{ "unreachable about ipv6 in ipv4", V4, IP4(P_ICMP) ICMP("03") IN4("29") IN6(P_TCP) TCP_SYN, FOREIGN, .need = 48,
	  .inside = 48 },
	{ "unreachable about gre", V4, IP4(P_ICMP) ICMP("03") IN4("2f") "0000 0800 " IN4(P_UDP) UDP, FOREIGN, .need = 48,
	  .inside = 52 },
	{ "unreachable about gre with checksum", V4, IP4(P_ICMP) ICMP("03") IN4("2f") "8000 86dd 00000000 " IN6(P_UDP) UDP,
	  FOREIGN, .need = 48, .inside = 56 },
	{ "unreachable about gre with a key", V4, IP4(P_ICMP) ICMP("03") IN4("2f") "2000 0800 00000000 " IN4(P_UDP) UDP,
	  FOREIGN, .need = 48 },
	{ "unreachable about ethernet in gre", V4, IP4(P_ICMP) ICMP("03") IN4("2f") "0000 6558 " IN4(P_UDP) UDP,
	  FOREIGN, .need = 48 },
	{ "unreachable about gue", V4, IP4(P_ICMP) ICMP("03") IN4(P_UDP) UDP "00040000 " IN4(P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48), .inside = 60 },
	{ "unreachable about gue with an option", V4, IP4(P_ICMP) ICMP("03") IN4(P_UDP) UDP "02290001 80000000 00280010 "
	  IN6(P_UDP) UDP, OK, ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48), .inside = 68 },
	{ "unreachable about gue that lies", V4, IP4(P_ICMP) ICMP("03") IN4(P_UDP) UDP "1f040000 " IN4(P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48) },
	{ "unreachable about gue, control", V4, IP4(P_ICMP) ICMP("03") IN4(P_UDP) UDP "20040000 " IN4(P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMP, 20, 28, 48) },
	{ "unreachable about a later fragment of ipip", V4, IP4(P_ICMP) ICMP("03") IN4_FULL("45", "0010", "04") IN4(P_UDP)
	  UDP, FOREIGN, .need = 48 },
	{ "unreachable about ipip, 7 bytes of udp", V4, IP4(P_ICMP) ICMP("03") IN4("04") IN4(P_UDP) "14e90035 001000 ",
	  FOREIGN, .need = 48 },
	{ "unreachable in a first fragment", V4, IP4_FRAG("2000", P_ICMP) ICMP("03") IN4(P_UDP) UDP, OK,
	  ABOUT(IPPROTO_ICMP, 20, 28, 48, LVS_PKT_FRAG), .key_proto = IPPROTO_UDP, .sport = 5353, .dport = 53 },
	{ "unreachable about nothing", V4, IP4(P_ICMP) ICMP("03"), BAD },
	{ "unreachable about ipv6", V4, IP4(P_ICMP) ICMP("03") IN6(P_TCP) TCP_SYN, BAD },
	{ "unreachable, 7 bytes of tcp", V4, IP4(P_ICMP) ICMP("03") IN4(P_TCP) "04d20050 000000 ", BAD },
	{ "unreachable, inner header too short", V4, IP4(P_ICMP) ICMP("03") IN4_FULL("44", "0000", P_TCP) TCP_SYN, BAD },
	{ "unreachable, inner header lies", V4, IP4(P_ICMP) ICMP("03") IN4_FULL("4f", "0000", P_TCP) TCP_SYN, BAD },

	/* ICMPv6 errors */
	{ "unreachable6 about tcp", V6, IP6(P_ICMP6) ICMP("01") IN6(P_TCP) TCP_SYN, OK, ABOUT_TCP(IPPROTO_ICMPV6, 40, 48, 88) },
	{ "too big about tcp", V6, IP6(P_ICMP6) ICMP("02") IN6(P_TCP) TCP("10"), OK, ABOUT_TCP(IPPROTO_ICMPV6, 40, 48, 88) },
	{ "time exceeded6 about udp", V6, IP6(P_ICMP6) ICMP("03") IN6(P_UDP) UDP, OK, ABOUT_UDP(IPPROTO_ICMPV6, 40, 48, 88) },
	{ "parameter problem6 about udp", V6, IP6(P_ICMP6) ICMP("04") IN6(P_DEST) DEST(P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMPV6, 40, 48, 96) },
	{ "unknown error6", V6, IP6(P_ICMP6) ICMP("7f") IN6(P_UDP) UDP, OK, ABOUT_UDP(IPPROTO_ICMPV6, 40, 48, 88) },
	{ "too big, options outside", V6, IP6(P_HOP) HOP(P_ICMP6) ICMP("02") IN6(P_UDP) UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMPV6, 48, 56, 96) },
	{ "too big about a first fragment", V6, IP6(P_ICMP6) ICMP("02") IN6(P_FRAG) FRAG(P_UDP, "0001") UDP, OK,
	  ABOUT_UDP(IPPROTO_ICMPV6, 40, 48, 96) },
	{ "too big about a later fragment", V6, IP6(P_ICMP6) ICMP("02") IN6(P_FRAG) FRAG(P_UDP, "0100") DATA8, FOREIGN,
	  .need = 96 },
	{ "unreachable6 about icmp6", V6, IP6(P_ICMP6) ICMP("01") IN6(P_ICMP6) ICMP("80"), FOREIGN, .need = 88 },
	{ "too big about ip6ip6", V6, IP6(P_ICMP6) ICMP("02") IN6("29") IN6(P_UDP) UDP, FOREIGN, .need = 88, .inside = 88 },
	{ "too big about ipv4 in ipv6", V6, IP6(P_ICMP6) ICMP("02") IN6("04") IN4(P_UDP) UDP, FOREIGN, .need = 88,
	  .inside = 88 },
	{ "unreachable6 about ipv4", V6, IP6(P_ICMP6) ICMP("01") IN4(P_TCP) TCP_SYN TCP_SYN, BAD },
	{ "unreachable6, inner extension lies", V6, IP6(P_ICMP6) ICMP("01") IN6(P_DEST) P_UDP " ff 0104 00000000 " UDP, BAD },
	{ "unreachable6, 7 bytes of udp", V6, IP6(P_ICMP6) ICMP("01") IN6(P_UDP) "14e90035 001000 ", BAD },

	/* lies */
	{ "version 6 at an IPv4 hook", V4, IP4_FULL("65", "0000", P_TCP) ADDR4 TCP_SYN, BAD },
	{ "version 0", V4, IP4_FULL("05", "0000", P_TCP) ADDR4 TCP_SYN, BAD },
	{ "version 4 at an IPv6 hook", V6, IP6_FULL("4", P_TCP) ADDR6 TCP_SYN, BAD },
	{ "ipv6 packet at an IPv4 hook", V4, IP6(P_TCP) TCP_SYN, BAD },
	{ "ipv4 packet at an IPv6 hook", V6, IP4(P_TCP) TCP_SYN DATA8, BAD },
	{ "header of 16 bytes", V4, IP4_FULL("44", "0000", P_TCP) ADDR4 TCP_SYN, BAD },
	{ "header of no bytes", V4, IP4_FULL("40", "0000", P_TCP) ADDR4 TCP_SYN, BAD },
	{ "header longer than the packet", V4, IP4_FULL("4f", "0000", P_UDP) ADDR4 TCP_SYN, BAD },
	{ "header longer than a later fragment", V4, IP4_FULL("4f", "0010", P_UDP) ADDR4 DATA8, BAD },
	{ "tcp header of 16 bytes", V4, IP4(P_TCP) TCP_FULL("4", "02"), BAD },
	{ "tcp6 header of no bytes", V6, IP6(P_TCP) TCP_FULL("0", "02"), BAD },
	{ "extension longer than the packet", V6, IP6(P_HOP) P_TCP " 02 0502 0000 0100 " UDP, BAD },
	{ "extension of 2048 bytes", V6, IP6(P_ROUTING) P_TCP " ff 0502 0000 0100 " TCP_SYN TCP_SYN, BAD },
	{ "extension that ends with the packet", V6, IP6(P_DEST) DEST(P_TCP), BAD },
	{ "fragment header cut short", V6, IP6(P_FRAG) P_TCP "00 0000 000012 ", BAD },
};

const unsigned int packet_sample_count = ARRAY_SIZE(packet_samples);

static unsigned int digit(char c)
{
	return isdigit(c) ? c - '0' : c - 'a' + 10;
}

unsigned int packet_bytes(const struct packet_sample *sample, u8 bytes[PACKET_MAX])
{
	unsigned int digits = 0;
	const char *c;

	memset(bytes, 0, PACKET_MAX);
	for (c = sample->hex; *c; c++) {
		if (*c == ' ')
			continue;
		if (!isxdigit(*c) || digits / 2 == PACKET_MAX)
			abort();
		bytes[digits / 2] |= digit(*c) << (digits % 2 ? 0 : 4);
		digits++;
	}
	if (digits % 2)
		abort();
	return digits / 2;
}

unsigned int packet_inside;

void packet_unwrap(const struct lvs_pkt *pkt, enum lvs_parse parse)
{
	struct lvs_tunnelled in;

	packet_inside = 0;
	if (parse == LVS_PARSE_BAD || (pkt->proto != IPPROTO_ICMP && pkt->proto != IPPROTO_ICMPV6) ||
	    pkt->flags & LVS_PKT_FRAG || !lvs_pkt_unwrap(pkt, &in))
		return;
	CHECK(in.off > in.outer_off && in.l4off > in.off && in.l4off + 8 <= pkt->skb->len);
	packet_inside = in.off;
}
