/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOOK_H
#define _LVS_HOOK_H

#include "../drop.h"
#include "../fwd/fwd.h"
#include "../conn/conn.h"
#include "../dest/dest.h"

struct lvs_net;
struct lvs_pkt;

int lvs_hooks_get(struct lvs_net *ln, u8 af);
void lvs_hooks_put(struct lvs_net *ln, u8 af);

/* hook/slow.c */
enum lvs_outcome lvs_slow_path(struct lvs_net *ln, struct lvs_pkt *pkt);

/* hook/schedule.c: *cp is set if the packet is to go on to a conn, and then the return value means nothing */
enum lvs_outcome lvs_schedule(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp);

/* The forwarder of a conn. It keeps the method that it began with, though its server may have been edited to another. */
static inline const struct lvs_fwd_ops *lvs_conn_fwd_ops(const struct lvs_conn *cp)
{
	return lvs_fwd_find(lvs_conn_fwd(cp), cp->af, cp->dest->key.af);
}

#endif
