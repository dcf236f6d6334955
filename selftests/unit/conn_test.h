/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of conns share. */
#ifndef UNIT_CONN_TEST_H
#define UNIT_CONN_TEST_H

#include "conn/tick.h"
#include "sim.h"

#define NAT IP_VS_CONN_F_MASQ
#define DR (IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT)

/* the wheel looks within a tick, ends what it found at its next round, and works once a tick */
#define LATE (4 << LVS_WHEEL_SHIFT)

static inline struct lvs_conn *new_conn(struct lvs_dest *dest, u16 port, u32 timeout)
{
	union lvs_key key;

	sim_key(&key, lvs_dest_af(dest), IPPROTO_TCP, port);
	return sim_conn(dest, &key, timeout);
}

static inline bool is_there(struct lvs_dest *dest, u16 port)
{
	enum lvs_dir dir;
	union lvs_key key;

	sim_key(&key, lvs_dest_af(dest), IPPROTO_TCP, port);
	return lvs_conn_lookup(unit_ln, lvs_dest_af(dest), &key, &dir);
}

static inline struct lvs_conn *find(struct lvs_dest *dest, u16 port)
{
	union lvs_key key;

	sim_key(&key, lvs_dest_af(dest), IPPROTO_TCP, port);
	return sim_find(lvs_dest_af(dest), &key);
}

static inline struct lvs_conn *new_template(struct lvs_dest *dest, u32 timeout)
{
	union lvs_key key;

	sim_key(&key, lvs_dest_af(dest), IPPROTO_TCP, 0);
	if (lvs_dest_af(dest) == AF_INET)
		key.v4.kind = LVS_KEY_TEMPLATE;
	else
		key.v6.kind = LVS_KEY_TEMPLATE;
	return sim_conn(dest, &key, timeout);
}

static inline void check_idle(struct lvs_dest *dest)
{
	CHECK_EQ(atomic_read(&dest->active), 0);
	CHECK_EQ(atomic_read(&dest->inactive), 0);
	CHECK_EQ(atomic_read(&dest->persist), 0);
	CHECK_EQ(refcount_read(&dest->refs), 1);
	CHECK_EQ(atomic_read(&unit_ln->conn_count), 0);
	CHECK_EQ(atomic_read(&unit_ln->wheel.count), 0);
}

#endif
