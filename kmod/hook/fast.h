/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOOK_FAST_H
#define _LVS_HOOK_FAST_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "../conn/conn.h"
#include "../net.h"

struct seq_file;

/* After defragmentation (-400) and the raw tables (-300), before SELinux (-225) and conntrack (-200). */
#define LVS_FAST_PRIORITY (-250)

unsigned int lvs_fast_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int lvs_fast_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
void lvs_fast_show(struct lvs_net *ln, struct seq_file *seq);

/* hook/early.c */
unsigned int lvs_early4(struct lvs_net *ln, struct sk_buff *skb, u8 proto);
unsigned int lvs_early6(struct lvs_net *ln, struct sk_buff *skb, u8 proto);
void lvs_early_route4(struct lvs_net *ln, struct sk_buff *skb);
void lvs_early_route6(struct lvs_net *ln, struct sk_buff *skb);

/* hook/steady.c */
unsigned int lvs_in_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int lvs_in_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int lvs_forward_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int lvs_forward_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

/* hook/hook.c */
unsigned int lvs_slow_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

/**
 * lvs_seen - what a conn remembers of where its requests come in
 * @epoch: struct lvs_net::epoch before the packet was routed
 * @iif: index of the device
 *
 * Return: what is different for another device, and later; never 0.
 */
static inline u64 lvs_seen(u32 epoch, int iif)
{
	return (u64)epoch << 32 | (u32)iif;
}

/**
 * lvs_fast_seen - what a conn is to remember of a request that has come through input routing
 * @ln: namespace
 * @skb: packet at LOCAL_IN
 *
 * Context: softirq.
 * Return: a value for struct lvs_conn::seen, 0 if there is nothing to remember.
 */
static inline u64 lvs_fast_seen(const struct lvs_net *ln, const struct sk_buff *skb)
{
	return READ_ONCE(ln->watch) ? lvs_seen(this_cpu_read(ln->outcomes->epoch), skb->dev->ifindex) : 0;
}

#endif
