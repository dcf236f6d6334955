/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FILTER_H
#define _LVS_FILTER_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/netfilter.h>
#include <linux/types.h>

#define LVS_FILTER_BITS 12

/**
 * struct lvs_addr_filter - which addresses concern a namespace's services at all
 * @any: what has no fixed address (firewall-mark services and their servers' conns); above 0 everything concerns us
 * @vip: count of virtual addresses by hash
 * @server: count of server addresses by hash: any server may come to do NAT, and its conns keep how they began
 * @local: IPv4 addresses that are, or have been, this host's; set under a lock of the notifier of routes, and never cleared
 *
 * A counting filter: it may say yes for an address that is not there, never no for one that is. Counts are changed in any
 * context and read locklessly. Removed servers count until their last conn is gone.
 */
struct lvs_addr_filter {
	atomic_t any;
	atomic_t vip[1 << LVS_FILTER_BITS];
	atomic_t server[1 << LVS_FILTER_BITS];
	DECLARE_BITMAP(local, 1 << LVS_FILTER_BITS);
};

static inline u32 lvs_filter_slot(const union nf_inet_addr *addr)
{
	return hash_32(addr->all[0] ^ addr->all[1] ^ addr->all[2] ^ addr->all[3], LVS_FILTER_BITS);
}

/* May a packet to this address be a client's? */
static inline bool lvs_filter_vip(const struct lvs_addr_filter *f, const union nf_inet_addr *addr)
{
	return atomic_read(&f->vip[lvs_filter_slot(addr)]) || atomic_read(&f->any);
}

/* May a packet from this address be a server's? */
static inline bool lvs_filter_server(const struct lvs_addr_filter *f, const union nf_inet_addr *addr)
{
	return atomic_read(&f->server[lvs_filter_slot(addr)]);
}

/* May this be an address of this host? */
static inline bool lvs_filter_local(const struct lvs_addr_filter *f, const union nf_inet_addr *addr)
{
	return test_bit(lvs_filter_slot(addr), f->local);
}

static inline void lvs_filter_add_local(struct lvs_addr_filter *f, const union nf_inet_addr *addr)
{
	set_bit(lvs_filter_slot(addr), f->local);
}

static inline void lvs_filter_add_vip(struct lvs_addr_filter *f, const union nf_inet_addr *addr, u32 fwmark, int n)
{
	atomic_add(n, fwmark ? &f->any : &f->vip[lvs_filter_slot(addr)]);
}

static inline void lvs_filter_add_server(struct lvs_addr_filter *f, const union nf_inet_addr *addr, int n)
{
	atomic_add(n, &f->server[lvs_filter_slot(addr)]);
}

#endif
