/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOOK_CLEAN_H
#define _LVS_HOOK_CLEAN_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"

struct seq_file;

/* Hooks of others that do nothing to certain packets, in the order in which a list has them: hook/clean.c. */
enum lvs_known {
	/* PRE_ROUTING, behind ours */
	LVS_KNOWN_CT_IN,
	LVS_KNOWN_NAT_IN,
	/* LOCAL_OUT */
	LVS_KNOWN_DEFRAG,
	LVS_KNOWN_CT_LOCAL,
	LVS_KNOWN_NAT_LOCAL,
	/* POST_ROUTING */
	LVS_KNOWN_APPARMOR,
	LVS_KNOWN_NAT_OUT,
	LVS_KNOWN_CT_CONFIRM,
	LVS_KNOWN_MAX
};

extern nf_hookfn *lvs_known_hooks[2][LVS_KNOWN_MAX];

int lvs_clean_register(void);
void lvs_clean_unregister(void);
void lvs_clean_init(struct lvs_net *ln);
void lvs_clean_learn(const struct lvs_net *ln);
void lvs_clean_ask(struct lvs_net *ln);
void lvs_clean_tell(const struct lvs_net *ln, u8 af, unsigned int hook, bool behind, struct seq_file *seq);

static __always_inline const struct nf_hook_entries *lvs_hook_list(const struct lvs_net *ln, u8 af, unsigned int hook)
{
	return af == AF_INET ? rcu_dereference(ln->net->nf.hooks_ipv4[hook]) :
			       rcu_dereference(ln->net->nf.hooks_ipv6[hook]);
}

/* Hooks of ours, and only they, are called with the namespace. */
static __always_inline bool lvs_hook_is_ours(const struct lvs_net *ln, const struct nf_hook_entry *entry)
{
	return entry->priv == ln;
}

/* Whether the last hook of a list is ours. */
static __always_inline bool lvs_hooks_end_ours(const struct lvs_net *ln, u8 af, unsigned int hook)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, hook);

	return list && lvs_hook_is_ours(ln, &list->hooks[list->num_hook_entries - 1]);
}

static __always_inline nf_hookfn *lvs_known(u8 af, enum lvs_known which)
{
	return READ_ONCE(lvs_known_hooks[af == AF_INET6][which]);
}

static __always_inline bool lvs_list_clean(const struct lvs_net *ln, u8 af, unsigned int hook)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, hook);

	if (!list)
		return true;
	if (likely(list->num_hook_entries == 1))
		return lvs_hook_is_ours(ln, &list->hooks[0]);
	/* nf_defrag_ipv6 has one hook at LOCAL_OUT, before ours */
	return hook == NF_INET_LOCAL_OUT && af == AF_INET6 && list->num_hook_entries == 2 && READ_ONCE(ln->whole6) &&
	       lvs_hook_is_ours(ln, &list->hooks[1]);
}

static __always_inline bool lvs_post_routing_clean(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, NF_INET_POST_ROUTING);

	return !list || (list->num_hook_entries == 1 && list->hooks[0].hook == lvs_known(af, LVS_KNOWN_APPARMOR));
}

/* A tunnel packet that this host sends: connection tracking follows those. */
static __always_inline bool lvs_outer_clean(const struct lvs_net *ln, u8 af)
{
	return lvs_list_clean(ln, af, NF_INET_LOCAL_OUT) && lvs_post_routing_clean(ln, af);
}

/* Entry after the one at @i, if that is a hook of this kind. */
static __always_inline unsigned int lvs_hook_skip(const struct nf_hook_entries *list, unsigned int i, nf_hookfn *fn)
{
	return i + (i < list->num_hook_entries && list->hooks[i].hook == fn);
}

/*
 * Whether a packet may be given its route by our hook at PRE_ROUTING. Who comes behind it must not care, or give it up if it
 * leads to another address now.
 */
static __always_inline bool lvs_pre_routing_tame(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, NF_INET_PRE_ROUTING);
	unsigned int i = 0;

	if (!list)
		return false;
	while (i < list->num_hook_entries && !lvs_hook_is_ours(ln, &list->hooks[i]))
		i++;
	i = lvs_hook_skip(list, i + 1, lvs_known(af, LVS_KNOWN_CT_IN));
	i = lvs_hook_skip(list, i, lvs_known(af, LVS_KNOWN_NAT_IN));
	return i == list->num_hook_entries;
}

/* Whether nobody at POST_ROUTING does anything to an untracked packet. */
static __always_inline bool lvs_untracked_post_clean(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, NF_INET_POST_ROUTING);
	unsigned int i;

	if (!list)
		return true;
	i = lvs_hook_skip(list, 0, lvs_known(af, LVS_KNOWN_APPARMOR));
	i = lvs_hook_skip(list, i, lvs_known(af, LVS_KNOWN_NAT_OUT));
	i = lvs_hook_skip(list, i, lvs_known(af, LVS_KNOWN_CT_CONFIRM));
	return i == list->num_hook_entries;
}

/* Whether nobody at LOCAL_OUT and POST_ROUTING does anything to an untracked packet. */
static __always_inline bool lvs_untracked_out_clean(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, NF_INET_LOCAL_OUT);
	unsigned int i;

	if (!list)
		return true;
	i = lvs_hook_skip(list, 0, lvs_known(af, LVS_KNOWN_DEFRAG));
	i = lvs_hook_skip(list, i, lvs_known(af, LVS_KNOWN_CT_LOCAL));
	i = lvs_hook_skip(list, i, lvs_known(af, LVS_KNOWN_NAT_LOCAL));
	i += i < list->num_hook_entries && lvs_hook_is_ours(ln, &list->hooks[i]);
	return i == list->num_hook_entries && lvs_untracked_post_clean(ln, af);
}

#endif
