/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_BOUND_H
#define _LVS_CONN_BOUND_H

#include "conn.h"
#include "lookup.h"

/* Has it got its server, and is not over? What was set before publication can be read then. */
static inline bool lvs_conn_bound(const struct lvs_conn *cp)
{
	/* pairs with lvs_conn_publish() */
	u8 life = smp_load_acquire(&cp->life);

	return life == LVS_CONN_LIVE || life == LVS_CONN_EXPIRING;
}

/**
 * lvs_conn_of_request - the conn that an entry of a table is to be visited for
 * @entry: the entry
 * @ipv6: of which table
 *
 * Context: RCU. Return: the conn; NULL for an entry of replies, and for a conn that is not bound.
 */
static inline struct lvs_conn *lvs_conn_of_request(unsigned long entry, bool ipv6)
{
	enum lvs_dir dir;
	struct lvs_conn *cp = lvs_entry_conn(entry, ipv6, &dir);

	return dir == LVS_DIR_REQUEST && lvs_conn_bound(cp) ? cp : NULL;
}

#endif
