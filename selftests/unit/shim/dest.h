/* SPDX-License-Identifier: GPL-2.0 */
/* The part of kmod/dest/dest.h that pools and schedulers use. */
#ifndef UNIT_SHIM_DEST_H
#define UNIT_SHIM_DEST_H

#include <linux/netfilter.h>

enum {
	LVS_DEST_AVAILABLE,
	LVS_DEST_OVERLOAD,
};

struct lvs_dest {
	struct {
		union nf_inet_addr addr;
		__be16 port;
		u16 af;
	} key;
	u64 seq;
	unsigned long state;
	int weight;
	atomic_t active;
	atomic_t inactive;
	refcount_t refs;
};

bool lvs_dest_get(struct lvs_dest *d);
void lvs_dest_put(struct lvs_dest *d);

static inline const union nf_inet_addr *lvs_dest_addr(const struct lvs_dest *d)
{
	return &d->key.addr;
}

static inline __be16 lvs_dest_port(const struct lvs_dest *d)
{
	return d->key.port;
}

static inline bool lvs_dest_eligible(const struct lvs_dest *d)
{
	return READ_ONCE(d->state) == BIT(LVS_DEST_AVAILABLE) &&
	       READ_ONCE(d->weight) > 0;
}

#endif
