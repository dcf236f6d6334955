// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: limit on conns
 *
 * conn_max is the administrator's limit for a namespace. Memory sets another: conns of all namespaces together may take
 * a quarter of RAM, and those of all namespaces together that the initial user namespace does not own an eighth of that:
 * who may make namespaces cannot use up what the others need.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/user_namespace.h>

#include "../net.h"
#include "conn.h"
#include "limit.h"

/* What a conn takes at most, table included: the unit of the limits. */
#define LVS_CONN_BYTES 256

static atomic_t lvs_conns_total = ATOMIC_INIT(0);
static atomic_t lvs_conns_guests = ATOMIC_INIT(0);	/* those of namespaces of other user namespaces */
static int lvs_conns_ram __read_mostly;

static bool is_guest(const struct lvs_net *ln)
{
	return ln->net->user_ns != &init_user_ns;
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
	if (atomic_inc_return(&ln->conn_count) > READ_ONCE(ln->knobs.conn_max))
		goto undo_net;
	if (is_guest(ln) && atomic_add_return(units, &lvs_conns_guests) > lvs_conns_ram / 8)
		goto undo_guests;
	if (atomic_add_return(units, &lvs_conns_total) > lvs_conns_ram)
		goto undo_total;
	return true;

undo_total:
	atomic_sub(units, &lvs_conns_total);
undo_guests:
	if (is_guest(ln))
		atomic_sub(units, &lvs_conns_guests);
undo_net:
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
	atomic_sub(units, &lvs_conns_total);
	if (is_guest(ln))
		atomic_sub(units, &lvs_conns_guests);
	atomic_dec(&ln->conn_count);
}

/**
 * lvs_conn_limit_init - see how much RAM there is; once, before any conn is made
 */
void lvs_conn_limit_init(void)
{
	u64 bytes = (u64)totalram_pages() << PAGE_SHIFT;

	lvs_conns_ram = min_t(u64, div_u64(bytes, 4 * LVS_CONN_BYTES), INT_MAX);
}
