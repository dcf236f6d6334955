// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ICMP errors about our own tunnel packets
 *
 * A router on the way to a server tells the sender of a tunnel packet, which is this host, what only the client can mend. The
 * error is turned into one about the packet inside, and sent on to the client. What is believed: the packet inside is one
 * of a conn whose server is at the other end of just such a tunnel.
 */
#include <linux/err.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../fwd/egress.h"
#include "../fwd/l3.h"
#include "../net.h"
#include "../packet.h"
#include "hook.h"

/* What an error says, as far as there is a word for it in both families. */
enum kind {
	UNREACHABLE,
	TOO_BIG,
	EXPIRED,
	KINDS
};

/**
 * struct message - an ICMP error
 * @kind: what it says
 * @type: ICMP or ICMPv6 type
 * @code: its code
 * @info: the word behind the checksum, host byte order
 */
struct message {
	enum kind kind;
	u8 type;
	u8 code;
	u32 info;
};

static const struct message words[2][KINDS] = {
	{
		[UNREACHABLE] = { .type = ICMP_DEST_UNREACH, .code = ICMP_HOST_UNREACH },
		[TOO_BIG] = { .type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED },
		[EXPIRED] = { .type = ICMP_TIME_EXCEEDED },
	}, {
		[UNREACHABLE] = { .type = ICMPV6_DEST_UNREACH, .code = ICMPV6_ADDR_UNREACH },
		[TOO_BIG] = { .type = ICMPV6_PKT_TOOBIG },
		[EXPIRED] = { .type = ICMPV6_TIME_EXCEED },
	},
};

static enum kind kind_of(u8 af, const struct message *msg)
{
	const struct message *word = words[lvs_af_index(af)];

	if (msg->type == word[TOO_BIG].type && msg->code == word[TOO_BIG].code)
		return TOO_BIG;
	return msg->type == word[EXPIRED].type ? EXPIRED : UNREACHABLE;
}

/* Type and code have the same place in both protocols, and so has the word after the checksum. */
static void message_read(const struct lvs_pkt *pkt, struct message *msg)
{
	const struct icmphdr *ih = (const struct icmphdr *)(pkt->skb->data + pkt->l4off);

	msg->type = ih->type;
	msg->code = ih->code;
	msg->info = ntohl(ih->un.gateway);
	msg->kind = kind_of(pkt->af, msg);
	if (msg->kind == TOO_BIG && pkt->af == AF_INET)
		msg->info = ntohs(ih->un.frag.mtu);
}

/* What points into the outer headers means nothing to the client. */
static bool means_the_same(const struct lvs_pkt *pkt, const struct lvs_tunnelled *in, const struct message *msg)
{
	return in->af == pkt->af && (pkt->af == AF_INET || msg->type != ICMPV6_PARAMPROB);
}

static void message_translate(const struct lvs_pkt *pkt, const struct lvs_tunnelled *in, struct message *msg)
{
	const struct message *word = &words[lvs_af_index(in->af)][msg->kind];

	if (means_the_same(pkt, in, msg))
		return;
	msg->type = word->type;
	if (msg->kind != EXPIRED)
		msg->code = word->code;
	if (msg->kind != TOO_BIG)
		msg->info = 0;
}

static bool same_tunnel(const struct lvs_dest *dest, const struct lvs_pkt *pkt, const struct lvs_tunnelled *in)
{
	return dest->key.af == pkt->af && !memcmp(&dest->key.addr, &in->server, sizeof(in->server)) &&
	       READ_ONCE(dest->tun.type) == in->type &&
	       (in->type != IP_VS_CONN_F_TUNNEL_TYPE_GUE || READ_ONCE(dest->tun.port) == in->port);
}

/* The conn of the packet inside, if the tunnel packet can be ours. */
static struct lvs_conn *conn_find(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_tunnelled *in)
{
	struct lvs_conn *cp;
	enum lvs_dir dir;

	cp = lvs_conn_lookup(ln, in->af, &in->key, &dir);
	if (!cp || dir != LVS_DIR_REQUEST || !lvs_conn_has_server(cp) || lvs_conn_fwd(cp) != IP_VS_CONN_F_TUNNEL)
		return NULL;
	return same_tunnel(cp->dest, pkt, in) ? cp : NULL;
}

/*
 * The path to the server is narrower than was believed. Sets @msg->info to what the client may send. False if the client need
 * not be told: its packets are fragmented.
 */
static bool learn_mtu(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_tunnelled *in,
		      struct lvs_conn *cp, struct message *msg)
{
	unsigned int overhead = in->off - in->outer_off, mtu = msg->info;
	const struct lvs_egress *eg;
	struct sk_buff *skb = pkt->skb;

	__skb_pull(skb, in->outer_off);
	lvs_l3(pkt->af)->learn_mtu(ln->net, skb, mtu);
	__skb_push(skb, in->outer_off);
	/* the routing code does not believe everything */
	eg = lvs_egress_get(ln, cp->dest, IP_VS_CONN_F_TUNNEL);
	if (!IS_ERR(eg))
		mtu = dst_mtu(eg->dst);
	msg->info = max_t(unsigned int, mtu > overhead ? mtu - overhead : 0, lvs_l3(in->af)->min_mtu);
	return in->af == AF_INET6 || ((struct iphdr *)(skb->data + in->off))->frag_off & htons(IP_DF);
}

/* Leaves only the packet inside, unless its header is not what the parser saw. */
static enum lvs_outcome strip(struct net *net, const struct lvs_pkt *pkt, const struct lvs_tunnelled *in)
{
	struct sk_buff *skb = pkt->skb;

	__skb_pull(skb, in->off);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, in->l4off - in->off);
	if (in->af == AF_INET) {
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
		skb->protocol = htons(ETH_P_IP);
		if (ip_hdr(skb)->version != 4 || ip_hdr(skb)->ihl * 4 != in->l4off - in->off)
			return LVS_DROP_MALFORMED;
	} else {
		memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
		skb->protocol = htons(ETH_P_IPV6);
		if (ipv6_hdr(skb)->version != 6)
			return LVS_DROP_MALFORMED;
	}
	return in->af == pkt->af || lvs_l3(in->af)->route_back(net, skb) ? LVS_FORWARDED : LVS_DROP_NO_ROUTE;
}

/**
 * lvs_tunnel_error - handle an ICMP error that may be about a tunnel packet of ours
 * @ln: namespace
 * @pkt: parsed packet, ICMP or ICMPv6
 *
 * Context: RCU, BH off.
 * Return: what became of the packet; LVS_PASSED if it is none, or concerns only this host.
 */
enum lvs_outcome lvs_tunnel_error(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	enum lvs_outcome outcome;
	struct lvs_tunnelled in;
	struct lvs_conn *cp;
	struct message msg;

	/* it is this host that has sent the tunnel packet */
	if (pkt->hook != NF_INET_LOCAL_IN || pkt->flags & LVS_PKT_FRAG || !lvs_pkt_unwrap(pkt, &in))
		return LVS_PASSED;
	cp = conn_find(ln, pkt, &in);
	if (!cp)
		return LVS_PASSED;
	if (skb->ip_summed != CHECKSUM_PARTIAL && lvs_l3(pkt->af)->icmp_check(skb, pkt->l4off))
		return LVS_DROP_BAD_CHECKSUM;
	/* so much of it was there when it was parsed */
	if (!pskb_may_pull(skb, in.l4off + 2 * sizeof(__be16)))
		return LVS_DROP_NO_MEMORY;

	message_read(pkt, &msg);
	if (msg.kind == TOO_BIG && !learn_mtu(ln, pkt, &in, cp, &msg))
		return LVS_PASSED;
	message_translate(pkt, &in, &msg);
	outcome = strip(ln->net, pkt, &in);
	if (outcome != LVS_FORWARDED)
		return outcome;
	lvs_l3(in.af)->answer(ln->net, skb, msg.type, msg.code, msg.info);
	lvs_count_out(ln, cp, skb);
	return LVS_ANSWERED;
}
