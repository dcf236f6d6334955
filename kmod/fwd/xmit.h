/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_XMIT_H
#define _LVS_XMIT_H

#include <linux/skbuff.h>

#include "../compat/gso.h"
#include "../drop.h"
#include "../packet.h"

struct lvs_dest;
struct lvs_egress;
struct lvs_net;

/**
 * lvs_skb_exceeds - is a packet longer than the MTU
 * @skb: packet
 * @mtu: bytes
 *
 * GSO packets count by the length of their segments.
 *
 * Return: true if it is.
 */
static inline bool lvs_skb_exceeds(const struct sk_buff *skb, unsigned int mtu)
{
	return skb->len > mtu && !(skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

enum lvs_outcome lvs_xmit_route(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_dest *dest, u8 method,
				const struct lvs_egress **egress);
enum lvs_outcome lvs_xmit_route_away(struct lvs_net *ln, struct lvs_pkt *pkt, const union nf_inet_addr *to,
				     struct lvs_egress *eg);
enum lvs_outcome lvs_xmit_admit(struct lvs_net *ln, struct lvs_pkt *pkt, unsigned int mtu);
enum lvs_outcome lvs_xmit_hop(struct lvs_pkt *pkt);
void lvs_xmit_prepare(struct lvs_pkt *pkt, const struct lvs_egress *eg);
enum lvs_outcome lvs_xmit_send(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_egress *eg);
enum lvs_outcome lvs_xmit_deliver(struct lvs_pkt *pkt);
enum lvs_outcome lvs_xmit_redirect(struct lvs_pkt *pkt, const struct lvs_egress *eg);
enum lvs_outcome lvs_xmit_leave(struct lvs_pkt *pkt);
enum lvs_outcome lvs_xmit_translated(struct lvs_net *ln, struct lvs_pkt *pkt);

#endif
