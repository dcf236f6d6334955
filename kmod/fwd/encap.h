/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_ENCAP_H
#define _LVS_ENCAP_H

#include <linux/types.h>

#include "egress.h"

struct lvs_outer;
struct net;
struct sk_buff;

/**
 * struct lvs_encap_ops - what a kind of tunnel puts between the outer IP header and the packet
 * @proto: protocol that the outer header announces
 * @len: how much it is, bytes; the same for a packet whether it has gone through @gso_types or not
 * @gso_types: SKB_GSO_* bits for it, without those of IP-in-IP
 * @ipxip: its segments are IP-in-IP for the offloads, too
 * @push: put it in front of the packet, whose headers are the inner ones already. @outer->proto is the protocol of what
 *        is inside and becomes @proto. False if that cannot be
 *
 * IP-in-IP has nothing there, and no operations.
 */
struct lvs_encap_ops {
	u8 proto;
	bool ipxip;
	unsigned int (*len)(const struct lvs_tunnel *tun, const struct sk_buff *skb);
	int (*gso_types)(const struct lvs_tunnel *tun, const struct sk_buff *skb);
	bool (*push)(struct net *net, struct sk_buff *skb, const struct lvs_egress *eg, struct lvs_outer *outer);
};

const struct lvs_encap_ops *lvs_encap_find(u8 type);

/**
 * lvs_encap_len - what a tunnel puts between the outer IP header and a packet
 * @eg: the way to the server, for IP_VS_CONN_F_TUNNEL
 * @skb: packet
 *
 * Return: bytes.
 */
static inline unsigned int lvs_encap_len(const struct lvs_egress *eg, const struct sk_buff *skb)
{
	return likely(!eg->encap) ? 0 : eg->encap->len(&eg->tun, skb);
}

#endif
