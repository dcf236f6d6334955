/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_BOUND_H
#define _LVS_CONN_BOUND_H

#include "conn.h"

/* Has it got its server, and is not over? What was set before publication can be read then. */
static inline bool lvs_conn_bound(const struct lvs_conn *cp)
{
	/* pairs with lvs_conn_publish() */
	u8 life = smp_load_acquire(&cp->life);

	return life == LVS_CONN_LIVE || life == LVS_CONN_EXPIRING;
}

/**
 * lvs_conn_of_request - the conn that an entry of a table is to be visited for
 * @node: struct lvs_node4 or lvs_node6
 * @ipv6: which of them
 *
 * Context: RCU. Return: the conn; NULL for an entry of replies, and for a conn that is not bound.
 */
static inline struct lvs_conn *lvs_conn_of_request(const void *node, bool ipv6)
{
	const struct lvs_node4 *node4 = node;
	const struct lvs_node6 *node6 = node;
	/* the entry of requests is the first thing behind its conn */
	struct lvs_conn *cp = (struct lvs_conn *)node - 1;

	if ((ipv6 ? node6->dir : node4->dir) != LVS_DIR_REQUEST)
		return NULL;
	return lvs_conn_bound(cp) ? cp : NULL;
}

#endif
