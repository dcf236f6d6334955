// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: conns in connection tracking
 *
 * A tracked conn's packets keep the conntrack that they came in with. lvs translates addresses itself, so conntrack has to be
 * told what the other direction will look like, before it confirms the flow: with NAT the reply tuple of a client's flow gets
 * the server as its source. From then on both directions are one flow for rules, and for NAT rules on its way, such as
 * MASQUERADE, which change the rest of the reply tuple.
 *
 * A packet that starts a conn whose tuple conntrack still knows from an earlier one, with another server, gets a new conntrack
 * in place of that. So no packet is lost where a client's port is used again, or a server was removed.
 *
 * What a helper changes in a packet may change its length. Conntrack keeps the sequence numbers right, if it was told to be
 * ready for that when it met the flow.
 */
#include <linux/export.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_expect.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "track.h"

/* The packet's conntrack, if the packet is the one that it was made for and nobody else has seen it. */
static struct nf_conn *fresh(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || nf_ct_is_confirmed(ct) || nf_ct_is_dying(ct) || CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL)
		return NULL;
	return ct;
}

/* One-packet conns get no replies that could be known by their tuple. */
static bool translated(const struct lvs_conn *cp)
{
	u16 flags = READ_ONCE(cp->flags);

	return (flags & IP_VS_CONN_F_FWD_MASK) == IP_VS_CONN_F_MASQ && !(flags & IP_VS_CONN_F_ONE_PACKET);
}

/* Makes conntrack ready for helped conns' packets to change in length. Returns false if it cannot be. */
static bool adjustable(struct nf_conn *ct, const struct lvs_conn *cp)
{
	return !READ_ONCE(cp->helped) || nfct_seqadj(ct) || nfct_seqadj_ext_add(ct);
}

/**
 * lvs_track_request - tell conntrack where a client's packet goes
 * @ln: namespace
 * @pkt: packet, not yet changed
 * @cp: its conn
 *
 * Context: RCU, BH off.
 * Return: false if the packet must be dropped.
 */
bool lvs_track_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	struct nf_conntrack_tuple reply;
	struct nf_conn *ct;

	/* it is put into another packet, which is not of this flow */
	if (lvs_conn_fwd(cp) == IP_VS_CONN_F_TUNNEL)
		return nf_conntrack_confirm(pkt->skb) == NF_ACCEPT;
	ct = fresh(pkt->skb);
	if (!ct || !translated(cp))
		return true;
	if (!adjustable(ct, cp))
		return false;
	reply = ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	reply.src.u3 = *lvs_dest_addr(cp->dest);
	reply.src.u.all = cp->dport;
	nf_conntrack_alter_reply(ct, &reply);
	return true;
}

/**
 * lvs_track_reply - tell conntrack of a flow that a server has started
 * @ln: namespace
 * @pkt: packet, not yet changed
 * @cp: its conn
 *
 * Context: RCU, BH off.
 * Return: false if the packet must be dropped.
 */
bool lvs_track_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	struct nf_conn *ct = fresh(pkt->skb);
	struct nf_conntrack_tuple reply;

	if (!ct || !translated(cp))
		return true;
	if (!adjustable(ct, cp))
		return false;
	reply = ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	reply.dst.u3 = lvs_conn_vaddr(cp);
	reply.dst.u.all = lvs_conn_vport(cp);
	nf_conntrack_alter_reply(ct, &reply);
	return true;
}

/* Whether conntrack expects the replies of this conn. */
static bool fits(const struct nf_conn *ct, const struct lvs_conn *cp)
{
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	if (!translated(cp))
		return true;
	return nf_inet_addr_cmp(&reply->src.u3, lvs_dest_addr(cp->dest)) && reply->src.u.all == cp->dport;
}

static u32 mark_of(const struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return READ_ONCE(ct->mark);
#else
	return 0;
#endif
}

static void mark_set(struct nf_conn *ct, u32 mark)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	WRITE_ONCE(ct->mark, mark);
#endif
}

/* A conntrack for a packet that has none, as if it had just come in; @mark is that of the flow's former one. */
static void track_again(struct lvs_net *ln, const struct lvs_pkt *pkt, u32 mark)
{
	struct nf_hook_state state = {
		.hook = pkt->hook == NF_INET_LOCAL_OUT ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING,
		.pf = pkt->af == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6,
		.in = pkt->skb->dev,
		.net = ln->net,
	};
	struct nf_conn *ct;

	if (nf_conntrack_in(pkt->skb, &state) != NF_ACCEPT) {
		nf_reset_ct(pkt->skb);
		nf_ct_set(pkt->skb, NULL, IP_CT_UNTRACKED);
		return;
	}
	ct = fresh(pkt->skb);
	if (!ct)
		return;
	/* rules for new flows have been passed: what they would have noted is what they noted before */
	mark_set(ct, mark);
	/* its destination is translated here, and by no rule */
	if (!(ct->status & IPS_DST_NAT_DONE))
		nf_nat_alloc_null_binding(ct, NF_INET_PRE_ROUTING);
}

/**
 * lvs_track_renew - see to it that a packet that starts a conn starts a flow of conntrack
 * @ln: namespace
 * @pkt: the packet
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 */
void lvs_track_renew(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(pkt->skb, &ctinfo);
	u32 mark;

	if (!ct || !nf_ct_is_confirmed(ct) || CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL)
		return;
	if (!nf_ct_is_dying(ct) && fits(ct, cp))
		return;
	mark = mark_of(ct);
	nf_ct_kill(ct);
	nf_reset_ct(pkt->skb);
	track_again(ln, pkt, mark);
}

/**
 * lvs_track_drop - have conntrack forget a conn's flow
 * @net: namespace
 * @cp: conn, lock held
 *
 * Context: RCU, BH off.
 */
void lvs_track_drop(struct net *net, const struct lvs_conn *cp)
{
	struct nf_conntrack_tuple tuple = {
		.src.u3 = lvs_conn_caddr(cp),
		.src.u.all = lvs_conn_cport(cp),
		.src.l3num = cp->af,
		.dst.u3 = lvs_conn_vaddr(cp),
		.dst.u.all = lvs_conn_vport(cp),
		.dst.protonum = lvs_conn_proto(cp),
		.dst.dir = IP_CT_DIR_ORIGINAL,
	};
	struct nf_conntrack_tuple_hash *hash;
	struct nf_conn *ct;

	/* a conn that waits for its client has no flow yet */
	if (cp->flags & IP_VS_CONN_F_NO_CPORT)
		return;
	hash = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &tuple);
	if (!hash)
		return;
	ct = nf_ct_tuplehash_to_ctrack(hash);
	nf_ct_kill(ct);
	nf_ct_put(ct);
}

/**
 * lvs_track_use - have all flows of a family tracked, whether rules ask for it or not
 * @net: namespace
 * @af: family
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_track_use(struct net *net, u8 af)
{
	return nf_ct_netns_get(net, af == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

/**
 * lvs_track_unuse - leave it to rules again
 * @net: namespace
 * @af: family
 *
 * Context: process.
 */
void lvs_track_unuse(struct net *net, u8 af)
{
	nf_ct_netns_put(net, af == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

/**
 * lvs_track_expect - have conntrack see the client's next conn as related to this one
 * @pkt: the server's packet that tells the client of it
 * @cp: its conn
 * @vport: port of the virtual address that the client is to call, network byte order
 *
 * Rules may have conntrack's own helper read this conn. Otherwise conntrack takes no expectations of it, and the client's call
 * is a new flow. Context: RCU, BH off.
 */
void lvs_track_expect(const struct lvs_pkt *pkt, const struct lvs_conn *cp, __be16 vport)
{
	union nf_inet_addr client = lvs_conn_caddr(cp), vaddr = lvs_conn_vaddr(cp);
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(pkt->skb, &ctinfo);
	struct nf_conntrack_expect *exp;

	if (!ct || !nfct_help(ct))
		return;
	exp = nf_ct_expect_alloc(ct);
	if (!exp)
		return;
	nf_ct_expect_init(exp, NF_CT_EXPECT_CLASS_DEFAULT, nf_ct_l3num(ct), &client, &vaddr, IPPROTO_TCP, NULL, &vport);
	nf_ct_expect_related(exp, 0);
	nf_ct_expect_put(exp);
}
EXPORT_SYMBOL_GPL(lvs_track_expect);
