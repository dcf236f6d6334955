// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: NAT
 *
 * Requests get the server's address and port as their destination, replies the virtual ones as their source. Checksums
 * are corrected by the difference, so a packet that was corrupt before stays recognizably so.
 */
#include <linux/ip_vs.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/dst.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "methods.h"
#include "way.h"
#include "xmit.h"

typedef enum lvs_outcome (*nat_rewrite_fn)(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr,
					   __be16 port);

static unsigned int l4_hlen(u8 proto)
{
	if (proto == IPPROTO_TCP)
		return sizeof(struct tcphdr);
	return likely(proto == IPPROTO_UDP) ? sizeof(struct udphdr) : sizeof(struct sctphdr);
}

/* Where the transport checksum is; NULL if the packet has none, which only UDP may. */
static __sum16 *l4_check(const struct sk_buff *skb, u8 proto, unsigned int l4off)
{
	struct udphdr *uh;

	if (proto == IPPROTO_TCP)
		return &((struct tcphdr *)(skb->data + l4off))->check;
	uh = (struct udphdr *)(skb->data + l4off);
	return uh->check || skb->ip_summed == CHECKSUM_PARTIAL ? &uh->check : NULL;
}

/* TCP and UDP begin with the source port, followed by the destination port. */
static void set_port(struct sk_buff *skb, unsigned int l4off, enum lvs_side side, __be16 port, __sum16 *check)
{
	__be16 *field = (__be16 *)(skb->data + l4off) + (side == LVS_DST);

	if (check)
		inet_proto_csum_replace2(check, skb, *field, port, false);
	*field = port;
}

/**
 * lvs_nat_rewrite - translate one side of a packet
 * @pkt: packet, TCP, UDP or SCTP; AH, ESP or a later fragment, which have no ports; its head may be reallocated
 * @side: LVS_DST on the way to a server, LVS_SRC on the way to a client
 * @addr: new address on that side
 * @port: new port, network byte order
 *
 * Context: softirq or BH off.
 * Return: LVS_FORWARDED, or a drop reason.
 */
enum lvs_outcome lvs_nat_rewrite(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port)
{
	bool bare = pkt->flags & (LVS_PKT_LATER_FRAG | LVS_PKT_RELATED);
	unsigned int len = pkt->l4off + (bare ? 0 : l4_hlen(pkt->proto));
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);
	struct sk_buff *skb = pkt->skb;
	__sum16 *check;

	if (skb->len < len)
		return LVS_DROP_MALFORMED;
	if (unlikely(skb_ensure_writable(skb, len)))
		return LVS_DROP_NO_MEMORY;
	if (unlikely(bare || pkt->proto == IPPROTO_SCTP)) {
		if (!bare)
			lvs_sctp_set_port(skb, pkt->l4off, side, port);
		l3->set_addr(skb, side, addr, NULL);
		return LVS_FORWARDED;
	}

	check = l4_check(skb, pkt->proto, pkt->l4off);
	if (!check && skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;	/* nothing in the packet makes up for the new port */
	set_port(skb, pkt->l4off, side, port, check);
	l3->set_addr(skb, side, addr, check);
	if (check && !*check && pkt->proto == IPPROTO_UDP && skb->ip_summed != CHECKSUM_PARTIAL)
		*check = CSUM_MANGLED_0;
	return LVS_FORWARDED;
}

static enum lvs_outcome to_server(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp, nat_rewrite_fn rewrite)
{
	struct lvs_dest *dest = cp->dest;
	enum lvs_outcome way, outcome;
	const struct lvs_egress *eg;

	way = lvs_xmit_route(ln, pkt, dest, IP_VS_CONN_F_MASQ, &eg);
	if (way != LVS_FORWARDED && way != LVS_DELIVERED)
		return way;
	if (way == LVS_FORWARDED) {
		outcome = lvs_xmit_admit(ln, pkt, dst_mtu(eg->dst));
		if (outcome != LVS_FORWARDED)
			return outcome;
	}

	outcome = rewrite(pkt, LVS_DST, &dest->key.addr, cp->dport);
	if (outcome != LVS_FORWARDED)
		return outcome;
	if (way == LVS_DELIVERED)
		return lvs_xmit_redirect(pkt, eg);

	outcome = lvs_xmit_hop(pkt);
	return outcome == LVS_FORWARDED ? lvs_xmit_send(ln, pkt, eg) : outcome;
}

static enum lvs_outcome to_client(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp, nat_rewrite_fn rewrite)
{
	union nf_inet_addr vaddr = lvs_conn_vaddr(cp);
	enum lvs_outcome outcome;

	outcome = rewrite(pkt, LVS_SRC, &vaddr, lvs_conn_vport(cp));
	return outcome == LVS_FORWARDED ? lvs_xmit_translated(ln, pkt) : outcome;
}

static enum lvs_outcome nat_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return to_server(ln, pkt, cp, lvs_nat_rewrite);
}

static enum lvs_outcome nat_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	enum lvs_outcome outcome = to_client(ln, pkt, cp, lvs_nat_rewrite);

	if (outcome == LVS_TRANSLATED && pkt->hook == NF_INET_FORWARD && !(pkt->flags & (LVS_PKT_TRACKED | LVS_PKT_LATE)))
		lvs_way_learn(ln, pkt, cp);
	return outcome;
}

static enum lvs_outcome nat_icmp_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return to_server(ln, pkt, cp, lvs_icmp_rewrite);
}

static enum lvs_outcome nat_icmp_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return to_client(ln, pkt, cp, lvs_icmp_rewrite);
}

const struct lvs_fwd_ops lvs_fwd_nat = {
	.name = "Masq",
	.request = nat_request,
	.reply = nat_reply,
	.icmp_request = nat_icmp_request,
	.icmp_reply = nat_icmp_reply,
};
