// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: limit on what packets make
 *
 * conn_max is the administrator's limit for a namespace. Memory sets another: conns of all namespaces together, and what
 * schedulers remember of addresses, may take a quarter of RAM, and those of all namespaces together that the initial user
 * namespace does not own an eighth of that: who may make namespaces cannot use up what the others need.
 */
#include <linux/mm.h>

#include "../guest.h"
#include "conn.h"
#include "limit.h"

/* in units of LVS_MEMORY_UNIT */
static atomic_t lvs_memory_total = ATOMIC_INIT(0);
static atomic_t lvs_memory_guests = ATOMIC_INIT(0);	/* what namespaces of other user namespaces have of it */
static int lvs_memory_most __read_mostly;

/**
 * lvs_memory_get - account for memory that packets have had allocated
 * @ln: namespace
 * @units: of LVS_MEMORY_UNIT bytes
 *
 * Context: any.
 * Return: false if a limit is reached, and nothing was accounted for.
 */
bool lvs_memory_get(const struct lvs_net *ln, int units)
{
	if (lvs_net_is_guest(ln) && atomic_add_return(units, &lvs_memory_guests) > lvs_memory_most / 8)
		goto undo_guests;
	if (atomic_add_return(units, &lvs_memory_total) > lvs_memory_most)
		goto undo_total;
	return true;

undo_total:
	atomic_sub(units, &lvs_memory_total);
undo_guests:
	if (lvs_net_is_guest(ln))
		atomic_sub(units, &lvs_memory_guests);
	return false;
}

/**
 * lvs_memory_put - memory that packets have had allocated is free
 * @ln: namespace
 * @units: as when it was allocated
 *
 * Context: any.
 */
void lvs_memory_put(const struct lvs_net *ln, int units)
{
	atomic_sub(units, &lvs_memory_total);
	if (lvs_net_is_guest(ln))
		atomic_sub(units, &lvs_memory_guests);
}

/**
 * lvs_conn_limit_get - account for one more conn
 * @ln: namespace
 * @units: of memory that it takes
 *
 * Context: any.
 * Return: false if a limit is reached, and nothing was accounted for.
 */
bool lvs_conn_limit_get(struct lvs_net *ln, int units)
{
	if (atomic_inc_return(&ln->conn_count) <= READ_ONCE(ln->knobs.conn_max) && lvs_memory_get(ln, units))
		return true;
	atomic_dec(&ln->conn_count);
	return false;
}

/**
 * lvs_conn_limit_put - a conn has ended
 * @ln: namespace
 * @units: as when it began
 *
 * Context: any.
 */
void lvs_conn_limit_put(struct lvs_net *ln, int units)
{
	lvs_memory_put(ln, units);
	atomic_dec(&ln->conn_count);
}

/**
 * lvs_conn_limit_init - see how much RAM there is; once, before any packet comes
 */
void lvs_conn_limit_init(void)
{
	u64 bytes = (u64)totalram_pages() << PAGE_SHIFT;

	lvs_memory_most = min_t(u64, div_u64(bytes, 4 * LVS_MEMORY_UNIT), INT_MAX);
}
