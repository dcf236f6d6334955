/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOOK_H
#define _LVS_HOOK_H

#include "../drop.h"
#include "../fwd/fwd.h"
#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"

struct lvs_net;
struct lvs_pkt;

int lvs_hooks_get(struct lvs_net *ln, u8 af);
int lvs_hooks_get_both(struct lvs_net *ln);
int lvs_hooks_whole6(struct lvs_net *ln);
int lvs_hooks_set_fast(struct lvs_net *ln, int mode);
void lvs_hooks_put(struct lvs_net *ln, u8 af);

/* hook/defense.c */
void lvs_nodest_expire(struct lvs_net *ln);

/* hook/slow.c */
enum lvs_outcome lvs_slow_path(struct lvs_net *ln, struct lvs_pkt *pkt);

/* hook/tunnel_error.c */
enum lvs_outcome lvs_tunnel_error(struct lvs_net *ln, struct lvs_pkt *pkt);

/* hook/schedule.c: *cp is set if the packet is to go on to a conn, and then the return value means nothing */
enum lvs_outcome lvs_start_failed(int err);
enum lvs_outcome lvs_refuse(struct lvs_net *ln, struct lvs_pkt *pkt);
enum lvs_outcome lvs_schedule(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp);
enum lvs_outcome lvs_schedule_early(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp);
enum lvs_outcome lvs_schedule_sender(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp);

/* Packets of a removed server's conns do not count: a server that comes back starts where it stopped. */
static inline void lvs_count_in(struct lvs_net *ln, struct lvs_conn *cp, const struct sk_buff *skb)
{
	if (!test_bit(LVS_DEST_AVAILABLE, &cp->dest->state))
		return;
	lvs_stats_in(&cp->dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
}

static inline void lvs_count_out(struct lvs_net *ln, struct lvs_conn *cp, const struct sk_buff *skb)
{
	if (!test_bit(LVS_DEST_AVAILABLE, &cp->dest->state))
		return;
	lvs_stats_out(&cp->dest->stats, skb->len);
	lvs_stats_out(&ln->total, skb->len);
}

/* An error about a conn's packet may be late, and come for one that is just ending. */
static inline bool lvs_conn_has_server(const struct lvs_conn *cp)
{
	/* pairs with lvs_conn_publish(): no server is to be seen before */
	u8 life = smp_load_acquire(&cp->life);

	return life != LVS_CONN_RESERVED && life != LVS_CONN_DEAD;
}

/* The forwarder of a conn. It keeps the method that it began with, though its server may have been edited to another. */
static inline const struct lvs_fwd_ops *lvs_conn_fwd_ops(const struct lvs_conn *cp)
{
	return lvs_fwd_find(lvs_conn_fwd(cp), cp->af, cp->dest->key.af);
}

#endif
