/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FWD_FAST_H
#define _LVS_FWD_FAST_H

#include "../conn/conn.h"
#include "../drop.h"
#include "../packet.h"

struct dst_entry;
struct lvs_egress;
struct lvs_net;
struct neighbour;

/**
 * struct lvs_fast_out - how a packet will leave
 * @dst: its route
 * @neigh: the next hop, whose link layer address is known
 * @eg: requests: the way to the server that @dst is from
 *
 * Valid until rcu_read_unlock().
 */
struct lvs_fast_out {
	struct dst_entry *dst;
	struct neighbour *neigh;
	const struct lvs_egress *eg;
};

bool lvs_fast_request_ready(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp,
			    struct lvs_fast_out *out);
const char *lvs_fast_replies_off(const struct lvs_net *ln, u8 af);
bool lvs_fast_reply_ready(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp,
			  struct lvs_fast_out *out);
enum lvs_outcome lvs_fast_request(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp,
				  const struct lvs_fast_out *out);
enum lvs_outcome lvs_fast_reply(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp,
				const struct lvs_fast_out *out);

#endif
