/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FWD_FAST_H
#define _LVS_FWD_FAST_H

#include "../drop.h"
#include "../packet.h"
#include "l3.h"

struct dst_entry;
struct lvs_conn;
struct lvs_egress;
struct lvs_net;

const char *lvs_fast_replies_off(const struct lvs_net *ln, u8 af);

/* what is not done inline */
enum lvs_outcome lvs_fast_tunnel(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
				 const struct lvs_egress *eg, u8 proto);
unsigned int lvs_fast_forward_mtu(const struct dst_entry *dst, u8 af);
bool lvs_fast_make_writable(struct sk_buff *skb, unsigned int room, u8 proto, u8 af);
void lvs_fast_nat_partial(struct sk_buff *skb, u8 af, u8 proto, enum lvs_side side, const __be32 *addr, __be16 port);

/* for packets that have come further */
enum lvs_outcome lvs_fast_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_forward4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_forward6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_reply4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_reply6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);

#endif
