// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: packet parser
 *
 * Parses a packet once, at the IP layer's hooks, into struct lvs_pkt. Pure: reads the skb through skb_header_pointer()
 * only, changes nothing, knows nobody. Everything read here is hostile: the inner headers of an ICMP error most of all.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/gre.h>
#include <net/gue.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet.h"

/* More extension headers than any sane sender uses: a bound for the loop, RFC 8200 sets none. */
#define LVS_MAX_EXTHDRS 16

/* Bytes of a transport header that an ICMP error must quote: RFC 792. */
#define LVS_ICMP_QUOTE 8

/* AH and ESP belong to the conn of the key exchange: from this port to this port, of UDP. */
#define LVS_PORT_ISAKMP 500

/* Where the walk over the network header ended. */
struct lvs_l3 {
	unsigned int l4off;
	u8 proto;
	bool frag;
	bool later;
};

static enum lvs_parse l3_parse4(const struct sk_buff *skb, unsigned int off, struct lvs_l3 *l3, union lvs_key *key)
{
	const struct iphdr *iph;
	struct iphdr _iph;

	iph = skb_header_pointer(skb, off, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < 5)
		return LVS_PARSE_BAD;
	l3->l4off = off + iph->ihl * 4;
	if (l3->l4off > skb->len)
		return LVS_PARSE_BAD;
	l3->proto = iph->protocol;
	l3->frag = iph->frag_off & htons(IP_MF | IP_OFFSET);
	l3->later = iph->frag_off & htons(IP_OFFSET);
	key->v4.src = iph->saddr;
	key->v4.dst = iph->daddr;
	return LVS_PARSE_OK;
}

/* Steps over one extension header. Returns BAD if it is cut short; leaves @l3->proto at the first header it does not know. */
static enum lvs_parse exthdr_skip(const struct sk_buff *skb, struct lvs_l3 *l3)
{
	const struct ipv6_opt_hdr *opt;
	struct ipv6_opt_hdr _opt;

	if (l3->proto == NEXTHDR_FRAGMENT) {
		const struct frag_hdr *fh;
		struct frag_hdr _fh;

		fh = skb_header_pointer(skb, l3->l4off, sizeof(_fh), &_fh);
		if (!fh)
			return LVS_PARSE_BAD;
		l3->frag = true;
		l3->later = fh->frag_off & htons(IP6_OFFSET);
		l3->proto = fh->nexthdr;
		l3->l4off += sizeof(_fh);
		return LVS_PARSE_OK;
	}

	opt = skb_header_pointer(skb, l3->l4off, sizeof(_opt), &_opt);
	if (!opt)
		return LVS_PARSE_BAD;
	l3->proto = opt->nexthdr;
	l3->l4off += ipv6_optlen(opt);
	return l3->l4off > skb->len ? LVS_PARSE_BAD : LVS_PARSE_OK;
}

static bool exthdr_known(u8 nexthdr)
{
	return nexthdr == NEXTHDR_HOP || nexthdr == NEXTHDR_ROUTING || nexthdr == NEXTHDR_DEST ||
	       nexthdr == NEXTHDR_FRAGMENT;
}

static enum lvs_parse l3_parse6(const struct sk_buff *skb, unsigned int off, struct lvs_l3 *l3, union lvs_key *key)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr _ip6h;
	int i;

	ip6h = skb_header_pointer(skb, off, sizeof(_ip6h), &_ip6h);
	if (!ip6h || ip6h->version != 6)
		return LVS_PARSE_BAD;
	l3->l4off = off + sizeof(_ip6h);
	l3->proto = ip6h->nexthdr;
	l3->frag = false;
	l3->later = false;
	key->v6.src = ip6h->saddr;
	key->v6.dst = ip6h->daddr;

	for (i = 0; exthdr_known(l3->proto); i++) {
		/* a later fragment carries payload here, not headers */
		if (l3->later)
			return LVS_PARSE_OK;
		if (i == LVS_MAX_EXTHDRS || exthdr_skip(skb, l3) != LVS_PARSE_OK)
			return LVS_PARSE_BAD;
	}
	return LVS_PARSE_OK;
}

static enum lvs_parse l3_parse(const struct sk_buff *skb, u8 af, unsigned int off, struct lvs_l3 *l3,
			       union lvs_key *key)
{
	return af == AF_INET ? l3_parse4(skb, off, l3, key) : l3_parse6(skb, off, l3, key);
}

static void key_set_l4(union lvs_key *key, u8 af, u8 proto, __be16 sport, __be16 dport)
{
	if (af == AF_INET) {
		key->v4.sport = sport;
		key->v4.dport = dport;
		key->v4.proto = proto;
	} else {
		key->v6.sport = sport;
		key->v6.dport = dport;
		key->v6.proto = proto;
	}
}

static enum lvs_parse tcp_parse(struct lvs_pkt *pkt)
{
	const struct tcphdr *th;
	struct tcphdr _th;

	th = skb_header_pointer(pkt->skb, pkt->l4off, sizeof(_th), &_th);
	if (!th || th->doff < 5)
		return LVS_PARSE_BAD;
	key_set_l4(&pkt->key, pkt->af, IPPROTO_TCP, th->source, th->dest);
	pkt->flags |= (th->syn ? LVS_PKT_TCP_SYN : 0) | (th->fin ? LVS_PKT_TCP_FIN : 0) |
		      (th->rst ? LVS_PKT_TCP_RST : 0) | (th->ack ? LVS_PKT_TCP_ACK : 0);
	return LVS_PARSE_OK;
}

static enum lvs_parse udp_parse(struct lvs_pkt *pkt)
{
	const struct udphdr *uh;
	struct udphdr _uh;

	uh = skb_header_pointer(pkt->skb, pkt->l4off, sizeof(_uh), &_uh);
	if (!uh)
		return LVS_PARSE_BAD;
	key_set_l4(&pkt->key, pkt->af, IPPROTO_UDP, uh->source, uh->dest);
	return LVS_PARSE_OK;
}

/*
 * Of a packet's chunks only the first is looked at; but one of the cookie chunks may have an ABORT behind it, which is then
 * what the packet is about.
 */
static bool sctp_aborts(const struct lvs_pkt *pkt, unsigned int off, const struct sctp_chunkhdr *ch)
{
	unsigned int len = ntohs(ch->length);
	const struct sctp_chunkhdr *next;
	struct sctp_chunkhdr _next;

	if (ch->type == SCTP_CID_ABORT)
		return true;
	if ((ch->type != SCTP_CID_COOKIE_ECHO && ch->type != SCTP_CID_COOKIE_ACK) || len < sizeof(*ch))
		return false;
	next = skb_header_pointer(pkt->skb, off + ALIGN(len, 4), sizeof(_next), &_next);
	return next && next->type == SCTP_CID_ABORT;
}

static enum lvs_parse sctp_parse(struct lvs_pkt *pkt)
{
	unsigned int off = pkt->l4off + sizeof(struct sctphdr);
	const struct sctp_chunkhdr *ch;
	struct sctp_chunkhdr _ch;
	const struct sctphdr *sh;
	struct sctphdr _sh;

	sh = skb_header_pointer(pkt->skb, pkt->l4off, sizeof(_sh), &_sh);
	if (!sh)
		return LVS_PARSE_BAD;
	key_set_l4(&pkt->key, pkt->af, IPPROTO_SCTP, sh->source, sh->dest);
	ch = skb_header_pointer(pkt->skb, off, sizeof(_ch), &_ch);
	if (!ch)
		return LVS_PARSE_BAD;
	pkt->chunk = ch->type;
	if (sctp_aborts(pkt, off, ch))
		pkt->flags |= LVS_PKT_SCTP_ABORT;
	return LVS_PARSE_OK;
}

static bool is_ipsec(u8 proto)
{
	return proto == IPPROTO_ESP || proto == IPPROTO_AH;
}

static void key_set_ipsec(union lvs_key *key, u8 af)
{
	key_set_l4(key, af, IPPROTO_UDP, htons(LVS_PORT_ISAKMP), htons(LVS_PORT_ISAKMP));
}

static bool has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

static bool icmp_is_error(const struct lvs_pkt *pkt, u8 type)
{
	if (pkt->af == AF_INET)
		return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED;
	return !(type & ICMPV6_INFOMSG_MASK);
}

/* A packet of which an ICMP error quotes the beginning, at @off: where its transport header is, and its tuple. */
static enum lvs_parse quote_parse(const struct sk_buff *skb, u8 af, unsigned int off, struct lvs_l3 *l3,
				  union lvs_key *key)
{
	__be16 _ports[LVS_ICMP_QUOTE / sizeof(__be16)];
	const __be16 *ports;

	if (l3_parse(skb, af, off, l3, key) != LVS_PARSE_OK)
		return LVS_PARSE_BAD;
	if (l3->later || !(has_ports(l3->proto) || is_ipsec(l3->proto)))
		return LVS_PARSE_FOREIGN;
	ports = skb_header_pointer(skb, l3->l4off, sizeof(_ports), _ports);
	if (!ports)
		return LVS_PARSE_BAD;
	if (is_ipsec(l3->proto))
		key_set_ipsec(key, af);
	else
		key_set_l4(key, af, l3->proto, ports[0], ports[1]);
	return LVS_PARSE_OK;
}

/* The packet that an ICMP error quotes. Its tuple becomes the packet's. */
static enum lvs_parse icmp_parse(struct lvs_pkt *pkt)
{
	const struct icmphdr *ih;	/* ICMPv6 has type and code in the same place and the same 8 bytes in all */
	enum lvs_parse ret;
	struct icmphdr _ih;
	struct lvs_l3 inner;

	ih = skb_header_pointer(pkt->skb, pkt->l4off, sizeof(_ih), &_ih);
	if (!ih)
		return LVS_PARSE_BAD;
	if (!icmp_is_error(pkt, ih->type))
		return LVS_PARSE_FOREIGN;

	pkt->inner_off = pkt->l4off + sizeof(_ih);
	ret = quote_parse(pkt->skb, pkt->af, pkt->inner_off, &inner, &pkt->key);
	if (ret != LVS_PARSE_OK)
		return ret;
	pkt->inner_l4off = inner.l4off;
	pkt->flags |= LVS_PKT_ICMP_ERR;
	if (is_ipsec(inner.proto))
		pkt->flags |= LVS_PKT_RELATED;
	return LVS_PARSE_OK;
}

/* Steps over UDP and GUE headers. */
static bool gue_skip(const struct sk_buff *skb, struct lvs_tunnelled *in, u8 *proto)
{
	const struct udphdr *uh;
	const struct guehdr *gue;
	struct udphdr _uh;
	struct guehdr _gue;

	uh = skb_header_pointer(skb, in->off, sizeof(_uh), &_uh);
	gue = skb_header_pointer(skb, in->off + sizeof(_uh), sizeof(_gue), &_gue);
	if (!uh || !gue || gue->version || gue->control)
		return false;
	in->type = IP_VS_CONN_F_TUNNEL_TYPE_GUE;
	in->port = uh->dest;
	in->off += sizeof(*uh) + sizeof(*gue) + gue->hlen * 4;
	*proto = gue->proto_ctype;
	return true;
}

/* Steps over a GRE header with or without a checksum. */
static bool gre_skip(const struct sk_buff *skb, struct lvs_tunnelled *in, u8 *proto)
{
	const struct gre_base_hdr *gre;
	struct gre_base_hdr _gre;

	gre = skb_header_pointer(skb, in->off, sizeof(_gre), &_gre);
	if (!gre || gre->flags & ~GRE_CSUM)
		return false;
	in->type = IP_VS_CONN_F_TUNNEL_TYPE_GRE;
	in->off += sizeof(*gre) + (gre->flags ? sizeof(__be32) : 0);
	if (gre->protocol == htons(ETH_P_IP))
		*proto = IPPROTO_IPIP;
	else if (gre->protocol == htons(ETH_P_IPV6))
		*proto = IPPROTO_IPV6;
	else
		return false;
	return true;
}

/* Steps over what is between the outer and the inner IP header. */
static bool tunnel_skip(const struct sk_buff *skb, struct lvs_tunnelled *in, u8 *proto)
{
	switch (*proto) {
	case IPPROTO_UDP:
		return gue_skip(skb, in, proto);
	case IPPROTO_GRE:
		return gre_skip(skb, in, proto);
	default:
		in->type = IP_VS_CONN_F_TUNNEL_TYPE_IPIP;
		return true;
	}
}

/**
 * lvs_pkt_unwrap - look into the tunnel packet that an ICMP error quotes
 * @pkt: a whole ICMP or ICMPv6 packet, parsed
 * @in: filled in
 *
 * Any UDP packet may be taken for GUE: the caller must know the tunnel.
 * Context: any. Nothing is allocated, held or changed.
 * Return: true if it is an error about a TCP or UDP packet in an IP-in-IP, GUE or GRE packet.
 */
bool lvs_pkt_unwrap(const struct lvs_pkt *pkt, struct lvs_tunnelled *in)
{
	const struct sk_buff *skb = pkt->skb;
	const struct icmphdr *ih;
	struct icmphdr _ih;
	union lvs_key outer;
	struct lvs_l3 l3;
	u8 proto;

	memset(in, 0, sizeof(*in));
	ih = skb_header_pointer(skb, pkt->l4off, sizeof(_ih), &_ih);
	if (!ih || !icmp_is_error(pkt, ih->type))
		return false;
	in->outer_off = pkt->l4off + sizeof(_ih);
	if (l3_parse(skb, pkt->af, in->outer_off, &l3, &outer) != LVS_PARSE_OK || l3.later)
		return false;
	in->server = lvs_key_dst(&outer, pkt->af);
	in->off = l3.l4off;
	proto = l3.proto;
	if (!tunnel_skip(skb, in, &proto) || (proto != IPPROTO_IPIP && proto != IPPROTO_IPV6))
		return false;
	in->af = proto == IPPROTO_IPIP ? AF_INET : AF_INET6;
	if (quote_parse(skb, in->af, in->off, &l3, &in->key) != LVS_PARSE_OK)
		return false;
	in->l4off = l3.l4off;
	return true;
}

static bool proto_parsed(u8 af, u8 proto)
{
	return has_ports(proto) || proto == (af == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/**
 * lvs_pkt_parse - parse a packet at a hook of the IP layers
 * @pkt: filled in
 * @skb: packet; skb->data at the network header
 * @af: AF_INET or AF_INET6
 * @hook: NF_INET_* number of the hook
 *
 * For a later fragment of anything, LVS_PKT_LATER_FRAG is set and the key has addresses and protocol only.
 * Context: any. Nothing is allocated, held or changed.
 * Return: LVS_PARSE_OK, LVS_PARSE_FOREIGN or LVS_PARSE_BAD. The addresses in @pkt->key are valid unless the network
 * header itself is bad, in which case they are zero.
 */
enum lvs_parse lvs_pkt_parse(struct lvs_pkt *pkt, struct sk_buff *skb, u8 af, u8 hook)
{
	struct lvs_l3 l3;
	enum lvs_parse ret;

	memset(pkt, 0, sizeof(*pkt));
	pkt->skb = skb;
	pkt->af = af;
	pkt->hook = hook;

	ret = l3_parse(skb, af, 0, &l3, &pkt->key);
	if (ret != LVS_PARSE_OK)
		return ret;
	pkt->l4off = l3.l4off;
	pkt->proto = l3.proto;
	/* a first fragment and the later ones get the same answer, or they would never come together again */
	if (unlikely(!proto_parsed(af, l3.proto))) {
		if (!is_ipsec(l3.proto))
			return LVS_PARSE_FOREIGN;
		/* fragments of it have all that is wanted, too: they go the same way, one by one */
		pkt->flags |= LVS_PKT_RELATED;
		key_set_ipsec(&pkt->key, af);
		return LVS_PARSE_OK;
	}
	if (l3.frag)
		pkt->flags |= LVS_PKT_FRAG;
	if (l3.later) {
		pkt->flags |= LVS_PKT_LATER_FRAG;
		key_set_l4(&pkt->key, af, l3.proto, 0, 0);
		return LVS_PARSE_OK;
	}

	switch (l3.proto) {
	case IPPROTO_TCP:
		return tcp_parse(pkt);
	case IPPROTO_UDP:
		return udp_parse(pkt);
	case IPPROTO_SCTP:
		return sctp_parse(pkt);
	default:
		return icmp_parse(pkt);
	}
}

/**
 * lvs_key_reverse - the tuple of the opposite direction
 * @to: result; may not be @from
 * @from: a tuple
 * @af: its family
 */
void lvs_key_reverse(union lvs_key *to, const union lvs_key *from, u8 af)
{
	*to = *from;
	if (af == AF_INET) {
		to->v4.src = from->v4.dst;
		to->v4.dst = from->v4.src;
		to->v4.sport = from->v4.dport;
		to->v4.dport = from->v4.sport;
	} else {
		to->v6.src = from->v6.dst;
		to->v6.dst = from->v6.src;
		to->v6.sport = from->v6.dport;
		to->v6.dport = from->v6.sport;
	}
}

/**
 * lvs_key_fill - build a tuple
 * @key: result, wholly written
 * @af: AF_INET or AF_INET6
 * @proto: IPPROTO_*
 * @kind: enum lvs_key_kind
 * @src: source address
 * @sport: source port, network byte order
 * @dst: destination address
 * @dport: destination port, network byte order
 */
void lvs_key_fill(union lvs_key *key, u8 af, u8 proto, u8 kind, const union nf_inet_addr *src, __be16 sport,
		  const union nf_inet_addr *dst, __be16 dport)
{
	memset(key, 0, sizeof(*key));
	if (af == AF_INET) {
		key->v4.src = src->ip;
		key->v4.dst = dst->ip;
		key->v4.kind = kind;
	} else {
		key->v6.src = src->in6;
		key->v6.dst = dst->in6;
		key->v6.kind = kind;
	}
	key_set_l4(key, af, proto, sport, dport);
}
