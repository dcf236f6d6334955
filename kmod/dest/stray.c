// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: servers for packets that have none
 *
 * What stands for no server at all, and whose a packet may be that has no conn.
 */
#include <linux/err.h>
#include <linux/ip_vs.h>
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/string.h>

#include "../net.h"
#include "dest.h"
#include "stray.h"

/**
 * lvs_dest_nobody_make - make what stands for no server
 * @ln: namespace
 * @af: AF_INET or AF_INET6
 *
 * Conns that go to their own destination are bound to it. Context: process, config lock.
 * Return: 0 or -errno.
 */
int lvs_dest_nobody_make(struct lvs_net *ln, u8 af)
{
	/*
	 * A mark, so that packets are looked at as long as it has conns; and what no service of a mark has, a port: nobody
	 * is not to be had as a server.
	 */
	const struct lvs_dest_key key = { .svc = { .af = af, .fwmark = U32_MAX, .port = htons(1) }, .af = af };
	struct lvs_dest *d;

	lockdep_assert_held(&ln->config_lock);
	if (rcu_access_pointer(ln->nobody[lvs_af_index(af)]))
		return 0;
	d = lvs_dest_find_get(ln, &key);
	if (!d)
		d = lvs_dest_alloc(ln, &key);
	if (IS_ERR(d))
		return PTR_ERR(d);
	d->conn_flags = IP_VS_CONN_F_BYPASS | IP_VS_CONN_F_INACTIVE;
	set_bit(LVS_DEST_NOBODY, &d->state);
	rcu_assign_pointer(ln->nobody[lvs_af_index(af)], d);
	return 0;
}

/**
 * lvs_dest_nobody_drop - no more conns to nobody
 * @ln: namespace
 * @af: AF_INET or AF_INET6
 *
 * Context: process, config lock.
 */
void lvs_dest_nobody_drop(struct lvs_net *ln, u8 af)
{
	struct lvs_dest *d;

	lockdep_assert_held(&ln->config_lock);
	d = rcu_replace_pointer(ln->nobody[lvs_af_index(af)], NULL, true);
	if (d)
		lvs_dest_put(d);
}

/**
 * lvs_dest_serves - is this the address of a server behind NAT
 * @ln: namespace
 * @af: family
 * @proto: protocol
 * @addr: address
 * @port: port, network byte order
 *
 * Looks at every server. Context: RCU.
 * Return: true if it is.
 */
bool lvs_dest_serves(struct lvs_net *ln, u8 af, u8 proto, const union nf_inet_addr *addr, __be16 port)
{
	const struct lvs_dest *d;

	list_for_each_entry_rcu(d, &ln->dest_list, all) {
		if (d->key.port == port && d->key.af == af && test_bit(LVS_DEST_AVAILABLE, &d->state) &&
		    (d->key.svc.proto == proto || d->key.svc.fwmark) &&
		    lvs_dest_fwd_method(d) == IP_VS_CONN_F_MASQ && !memcmp(&d->key.addr, addr, sizeof(*addr)))
			return true;
	}
	return false;
}
