/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PACKET_H
#define _LVS_PACKET_H

#include <linux/types.h>
#include <linux/in6.h>
#include <linux/netfilter.h>

struct sk_buff;

/* What a table entry stands for; part of every key, so that kinds never meet. */
enum lvs_key_kind {
	LVS_KEY_FLOW,		/* a flow, as its packets carry it */
	LVS_KEY_TEMPLATE,	/* persistence of an address service: masked client, VIP, port or 0 */
	LVS_KEY_TEMPLATE_MARK,	/* persistence of a firewall-mark service: @dst holds the mark */
	/* the same with what a persistence engine found */
	LVS_KEY_TEMPLATE_PE,
	LVS_KEY_TEMPLATE_MARK_PE,
};

/**
 * struct lvs_key4 - IPv4 tuple as seen in a packet
 * @src: source address
 * @dst: destination address
 * @sport: source port
 * @dport: destination port
 * @proto: IPPROTO_*
 * @kind: enum lvs_key_kind
 * @digest: of what a persistence engine found, half of it; the other half is in @sport; 0 in all other keys
 * @words: all of it
 */
struct lvs_key4 {
	union {
		struct {
			__be32 src;
			__be32 dst;
			__be16 sport;
			__be16 dport;
			u8 proto;
			u8 kind;
			u16 digest;
		};
		u64 words[2];
	};
};

/**
 * struct lvs_key6 - IPv6 tuple as seen in a packet
 * @src: as in struct lvs_key4
 * @dst: likewise
 * @sport: likewise
 * @dport: likewise
 * @proto: likewise
 * @kind: likewise
 * @digest: likewise
 * @words: likewise
 */
struct lvs_key6 {
	union {
		struct {
			struct in6_addr src;
			struct in6_addr dst;
			__be16 sport;
			__be16 dport;
			u8 proto;
			u8 kind;
			u16 digest;
		};
		u64 words[5];
	};
};

union lvs_key {
	struct lvs_key4 v4;
	struct lvs_key6 v6;
};

/* struct lvs_pkt::flags */
#define LVS_PKT_LATER_FRAG	BIT(0)	/* not the first fragment: no ports */
#define LVS_PKT_FRAG		BIT(1)	/* a fragment, first or later, of what has ports or of ICMP */
#define LVS_PKT_ICMP_ERR	BIT(2)	/* an ICMP error; @key is the inner packet's tuple as the inner header has it */
#define LVS_PKT_TCP_SYN		BIT(3)
#define LVS_PKT_TCP_FIN		BIT(4)
#define LVS_PKT_TCP_RST		BIT(5)
#define LVS_PKT_TCP_ACK		BIT(6)
#define LVS_PKT_SCTP_ABORT	BIT(7)	/* an ABORT chunk, the first one or behind a COOKIE chunk */
#define LVS_PKT_RELATED		BIT(8)	/* AH or ESP: @key is that of the UDP conn by which the two agreed on it */

#define LVS_PKT_LATE		BIT(13)	/* let go on by a program: when and where it was routed is not known */
#define LVS_PKT_ROUTED		BIT(14)	/* a way for it has been looked for */
#define LVS_PKT_TRACKED		BIT(15)	/* connection tracking goes on with the packet */

/**
 * struct lvs_pkt - a packet parsed once
 * @skb: the packet; skb->data is at the network header (netfilter hooks of the IP layers)
 * @af: AF_INET or AF_INET6
 * @hook: NF_INET_* number of the hook
 * @proto: protocol of the transport header (that of the outer packet for an ICMP error)
 * @chunk: SCTP: type of the first chunk
 * @flags: LVS_PKT_*
 * @l4off: offset of the transport header from skb->data
 * @inner_off: ICMP error: offset of the inner IP header from skb->data
 * @inner_l4off: ICMP error: offset of the inner transport header from skb->data
 * @key: the tuple; for an ICMP error the inner one, in the inner packet's own direction
 *
 * Only offsets are kept: no header pointer survives anything that may reallocate the skb.
 */
struct lvs_pkt {
	struct sk_buff *skb;
	u8 af;
	u8 hook;
	u8 proto;
	u8 chunk;
	u32 flags;
	unsigned int l4off;
	unsigned int inner_off;
	unsigned int inner_l4off;
	union lvs_key key;
};

/**
 * struct lvs_tunnelled - a packet in a tunnel packet that an ICMP error quotes
 * @server: where the tunnel packet was sent to
 * @port: GUE: destination port
 * @type: IP_VS_CONN_F_TUNNEL_TYPE_*
 * @af: AF_INET or AF_INET6, of the packet inside
 * @outer_off: offset of the tunnel packet from skb->data
 * @off: offset of the packet inside
 * @l4off: offset of its transport header
 * @key: its tuple
 */
struct lvs_tunnelled {
	union nf_inet_addr server;
	__be16 port;
	u8 type;
	u8 af;
	unsigned int outer_off;
	unsigned int off;
	unsigned int l4off;
	union lvs_key key;
};

/* Result of lvs_pkt_parse(). */
enum lvs_parse {
	LVS_PARSE_OK,		/* TCP, UDP or SCTP with ports, AH, ESP, or an ICMP error about such a packet */
	LVS_PARSE_FOREIGN,	/* well-formed, but nothing that lvs balances */
	LVS_PARSE_BAD,		/* truncated or lying */
};

enum lvs_parse lvs_pkt_parse(struct lvs_pkt *pkt, struct sk_buff *skb, u8 af, u8 hook);
bool lvs_pkt_unwrap(const struct lvs_pkt *pkt, struct lvs_tunnelled *in);
void lvs_key_reverse(union lvs_key *to, const union lvs_key *from, u8 af);

static inline union nf_inet_addr lvs_key_src(const union lvs_key *key, u8 af)
{
	union nf_inet_addr a = {};

	if (af == AF_INET)
		a.ip = key->v4.src;
	else
		a.in6 = key->v6.src;
	return a;
}

static inline union nf_inet_addr lvs_key_dst(const union lvs_key *key, u8 af)
{
	union nf_inet_addr a = {};

	if (af == AF_INET)
		a.ip = key->v4.dst;
	else
		a.in6 = key->v6.dst;
	return a;
}

static inline __be16 lvs_key_sport(const union lvs_key *key, u8 af)
{
	return af == AF_INET ? key->v4.sport : key->v6.sport;
}

static inline __be16 lvs_key_dport(const union lvs_key *key, u8 af)
{
	return af == AF_INET ? key->v4.dport : key->v6.dport;
}

static inline u8 lvs_key_proto(const union lvs_key *key, u8 af)
{
	return af == AF_INET ? key->v4.proto : key->v6.proto;
}

static inline u8 lvs_key_kind(const union lvs_key *key, u8 af)
{
	return af == AF_INET ? key->v4.kind : key->v6.kind;
}

void lvs_key_fill(union lvs_key *key, u8 af, u8 proto, u8 kind, const union nf_inet_addr *src, __be16 sport,
		  const union nf_inet_addr *dst, __be16 dport);

#endif
