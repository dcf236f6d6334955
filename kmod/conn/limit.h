/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_LIMIT_H
#define _LVS_CONN_LIMIT_H

#include <linux/types.h>

struct lvs_net;

/* What a conn takes at most, table included. */
#define LVS_MEMORY_UNIT 256

bool lvs_memory_get(const struct lvs_net *ln, int units);
void lvs_memory_put(const struct lvs_net *ln, int units);
bool lvs_conn_limit_get(struct lvs_net *ln, int units);
void lvs_conn_limit_put(struct lvs_net *ln, int units);
void lvs_conn_limit_init(void);

#endif
