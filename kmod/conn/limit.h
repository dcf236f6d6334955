/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_LIMIT_H
#define _LVS_CONN_LIMIT_H

#include <linux/types.h>

struct lvs_net;

bool lvs_conn_limit_get(struct lvs_net *ln, int units);
void lvs_conn_limit_put(struct lvs_net *ln, int units);
void lvs_conn_limit_init(void);

#endif
