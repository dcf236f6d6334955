/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_WALK_H
#define _LVS_WALK_H

#include <linux/types.h>

struct lvs_conn;
struct lvs_net;

/* Looks at a conn or template, which may be ended. Context: RCU, BH off. Returns true to stop. */
typedef bool (*lvs_visit_t)(struct lvs_net *ln, struct lvs_conn *cp);

bool lvs_walk_sample(struct lvs_net *ln, u8 af, u32 buckets, u32 conns, lvs_visit_t visit);
void lvs_walk_share(struct lvs_net *ln, unsigned int shift, lvs_visit_t visit);
void lvs_walk_all(struct lvs_net *ln, lvs_visit_t visit);

#endif
