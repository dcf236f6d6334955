/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every source: all that these include of the kernel, then names
 * by which tests get at memory, RCU, time and work, as selftests/unit/shim does in
 * user space. Everything else is the kernel's own.
 */
#ifndef LVS_KUNIT_KERNEL_H
#define LVS_KUNIT_KERNEL_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/gcd.h>
#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/u64_stats_sync.h>
#include <linux/udp.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/route.h>

/* memory: counted, and made to fail; see shim.c */
extern long unit_fail_at;
extern long unit_live_blocks;
extern size_t unit_live_bytes;
extern size_t unit_total_bytes;

void *unit_alloc(size_t bytes, gfp_t gfp);
void unit_free(const void *p);

#define kmalloc(bytes, gfp) unit_alloc(bytes, gfp)
#define kzalloc(bytes, gfp) unit_alloc(bytes, (gfp) | __GFP_ZERO)
#define kvmalloc(bytes, gfp) unit_alloc(bytes, gfp)
#define kvzalloc(bytes, gfp) unit_alloc(bytes, (gfp) | __GFP_ZERO)
#define kvmalloc_array(n, bytes, gfp) unit_alloc((n) * (bytes), gfp)
#define kvcalloc(n, bytes, gfp) unit_alloc((n) * (bytes), (gfp) | __GFP_ZERO)
#define kfree(p) unit_free(p)
#define kvfree(p) unit_free(p)

/* grace periods pass when a test says so */
void unit_call_rcu(struct rcu_head *rcu, rcu_callback_t func);
void unit_rcu_barrier(void);

#define call_rcu(rcu, func) unit_call_rcu(rcu, func)
#define rcu_barrier() unit_rcu_barrier()

#endif
