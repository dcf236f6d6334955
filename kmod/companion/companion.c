// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what companion modules use
 *
 * lvs.ko itself needs no other module. What needs one is in modules of its own, which call lvs.ko through the functions
 * exported in this folder and nowhere else: xt_lvs.ko is the match "ipvs" of x_tables.
 */
#include <linux/export.h>

#include "../conn/bound.h"
#include "../dest/dest.h"
#include "../net.h"
#include "companion.h"

/* The conn of a packet as its server gets to see it: with NAT the server's address is in it, otherwise the virtual one. */
static const struct lvs_conn *find_sent(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	const struct lvs_conn *cp;
	union lvs_key key;
	enum lvs_dir dir;

	lvs_key_reverse(&key, &pkt->key, pkt->af);
	cp = lvs_conn_lookup(ln, pkt->af, &key, &dir);
	if (cp && dir == LVS_DIR_REPLY && lvs_conn_bound(cp))
		return cp;
	cp = lvs_conn_lookup(ln, pkt->af, &pkt->key, &dir);
	if (cp && dir == LVS_DIR_REQUEST && lvs_conn_bound(cp) && lvs_conn_fwd(cp) != IP_VS_CONN_F_MASQ)
		return cp;
	return NULL;
}

/**
 * lvs_conn_props_get - tell of the conn of a packet that lvs sends to a server
 * @net: namespace
 * @skb: packet, as its server gets to see it; skb->data at the network header; not changed
 * @af: family
 * @props: filled in
 *
 * Context: RCU.
 * Return: false if the packet is of no conn, or not of TCP, UDP or the like.
 */
bool lvs_conn_props_get(struct net *net, const struct sk_buff *skb, u8 af, struct lvs_conn_props *props)
{
	struct lvs_net *ln = lvs_net(net);
	const struct lvs_conn *cp;
	struct lvs_pkt pkt;

	if (!lvs_net_active(ln))
		return false;
	/* the parser reads, and nothing else */
	if (lvs_pkt_parse(&pkt, (struct sk_buff *)skb, af, NF_INET_POST_ROUTING) != LVS_PARSE_OK)
		return false;
	if (pkt.flags & (LVS_PKT_ICMP_ERR | LVS_PKT_LATER_FRAG))
		return false;
	cp = find_sent(ln, &pkt);
	if (!cp)
		return false;
	*props = (struct lvs_conn_props){
		.vaddr = lvs_conn_vaddr(cp),
		.vport = lvs_conn_vport(cp),
		.controlled = cp->control,
		.control_vport = cp->control ? lvs_conn_vport(cp->control) : 0,
		.method = lvs_conn_fwd(cp),
		.proto = pkt.proto,
	};
	return true;
}
EXPORT_SYMBOL_GPL(lvs_conn_props_get);
