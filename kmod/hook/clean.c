// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: other people's hooks
 *
 * Which hooks a packet may be kept from, because they do nothing to it; or that do not mind that it has a route already. They
 * are no symbols that a module could refer to, so they are known by their names, which kallsyms tells for the addresses in a
 * namespace's lists, and from then on by their addresses.
 *
 *	nf_conntrack's, at PRE_ROUTING: does not look at the route
 *	nf_nat's, at PRE_ROUTING: gives the route up when it has changed the destination
 *	AppArmor's, at POST_ROUTING, wherever AppArmor is on: looks at packets of a socket, with a security mark
 *	nf_defrag's, at LOCAL_OUT: looks for fragments
 *	nf_conntrack's, at LOCAL_OUT and POST_ROUTING: returns at once for what is untracked or has no conntrack, so no
 *		helper, no adjusted sequence numbers, nothing to confirm
 *	nf_nat's, at LOCAL_OUT and POST_ROUTING, with whatever rules: returns at once for what has no conntrack
 *
 * What lvs sends to servers and clients is untracked, unless the conn is tracked (conntrack=1), which is not for the fast
 * path; and tunnel packets, for which the last two are strangers.
 *
 * A list has a hook only while it is registered. An address may become another hook's only after its module has gone,
 * which we hear of before its memory is given back, and a grace period before: no packet sees the old knowledge and a
 * list that has the new hook. @known_lock keeps us from learning an address while it is being forgotten: by the time it
 * is forgotten no list has it any more.
 */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "clean.h"

static DEFINE_MUTEX(known_lock);

/* By family; written under @known_lock, read locklessly. */
nf_hookfn *lvs_known_hooks[2][LVS_KNOWN_MAX] __read_mostly;

static const struct known_name {
	u8 af;
	u8 which;
	const char *name;
	const char *module;
} known_names[] = {
	{ AF_INET, LVS_KNOWN_CT_IN, "ipv4_conntrack_in", "nf_conntrack" },
	{ AF_INET, LVS_KNOWN_NAT_IN, "nf_nat_ipv4_pre_routing", "nf_nat" },
	{ AF_INET, LVS_KNOWN_DEFRAG, "ipv4_conntrack_defrag", "nf_defrag_ipv4" },
	{ AF_INET, LVS_KNOWN_CT_LOCAL, "ipv4_conntrack_local", "nf_conntrack" },
	{ AF_INET, LVS_KNOWN_NAT_LOCAL, "nf_nat_ipv4_local_fn", "nf_nat" },
	{ AF_INET, LVS_KNOWN_APPARMOR, "apparmor_ip_postroute", NULL },
	{ AF_INET, LVS_KNOWN_NAT_OUT, "nf_nat_ipv4_out", "nf_nat" },
	{ AF_INET, LVS_KNOWN_CT_CONFIRM, "ipv4_confirm", "nf_conntrack" },	/* before 6.3 */
	{ AF_INET, LVS_KNOWN_CT_CONFIRM, "nf_confirm", "nf_conntrack" },
	{ AF_INET6, LVS_KNOWN_CT_IN, "ipv6_conntrack_in", "nf_conntrack" },
	{ AF_INET6, LVS_KNOWN_NAT_IN, "nf_nat_ipv6_in", "nf_nat" },
	{ AF_INET6, LVS_KNOWN_DEFRAG, "ipv6_defrag", "nf_defrag_ipv6" },
	{ AF_INET6, LVS_KNOWN_CT_LOCAL, "ipv6_conntrack_local", "nf_conntrack" },
	{ AF_INET6, LVS_KNOWN_NAT_LOCAL, "nf_nat_ipv6_local_fn", "nf_nat" },
	{ AF_INET6, LVS_KNOWN_APPARMOR, "apparmor_ip_postroute", NULL },
	{ AF_INET6, LVS_KNOWN_NAT_OUT, "nf_nat_ipv6_out", "nf_nat" },
	{ AF_INET6, LVS_KNOWN_CT_CONFIRM, "ipv6_confirm", "nf_conntrack" },	/* before 6.3 */
	{ AF_INET6, LVS_KNOWN_CT_CONFIRM, "nf_confirm", "nf_conntrack" },
};

/* "NAME [MODULE]", or "NAME" if it is in the kernel image. */
static bool is_named(const char *symbol, const struct known_name *known)
{
	size_t len = strlen(known->name);

	if (strncmp(symbol, known->name, len))
		return false;
	symbol += len;
	if (!*symbol)
		return true;
	len = known->module ? strlen(known->module) : 0;
	return len && !strncmp(symbol, " [", 2) && !strncmp(symbol + 2, known->module, len) &&
	       !strcmp(symbol + 2 + len, "]");
}

static void learn_list(const struct lvs_net *ln, u8 af, unsigned int hook, char *symbol)
{
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, hook);
	unsigned int i, n;

	for (i = 0; list && i < list->num_hook_entries; i++) {
		if (lvs_hook_is_ours(ln, &list->hooks[i]))
			continue;
		sprint_symbol_no_offset(symbol, (unsigned long)list->hooks[i].hook);
		for (n = 0; n < ARRAY_SIZE(known_names); n++)
			if (known_names[n].af == af && is_named(symbol, &known_names[n]))
				WRITE_ONCE(lvs_known_hooks[af == AF_INET6][known_names[n].which], list->hooks[i].hook);
	}
}

/**
 * lvs_clean_learn - get to know the hooks of a namespace
 * @ln: namespace
 *
 * Context: process.
 */
void lvs_clean_learn(const struct lvs_net *ln)
{
	static char symbol[KSYM_SYMBOL_LEN];	/* under @known_lock */

	mutex_lock(&known_lock);
	rcu_read_lock();
	learn_list(ln, AF_INET, NF_INET_PRE_ROUTING, symbol);
	learn_list(ln, AF_INET, NF_INET_LOCAL_OUT, symbol);
	learn_list(ln, AF_INET, NF_INET_POST_ROUTING, symbol);
	learn_list(ln, AF_INET6, NF_INET_PRE_ROUTING, symbol);
	learn_list(ln, AF_INET6, NF_INET_LOCAL_OUT, symbol);
	learn_list(ln, AF_INET6, NF_INET_POST_ROUTING, symbol);
	rcu_read_unlock();
	mutex_unlock(&known_lock);
}

static void clean_work(struct work_struct *work)
{
	lvs_clean_learn(container_of(work, struct lvs_net, clean_work));
}

/**
 * lvs_clean_ask - a packet has met hooks that are not known
 * @ln: namespace
 *
 * They are looked at, at most once a second. Context: any, RCU.
 */
void lvs_clean_ask(struct lvs_net *ln)
{
	if (time_before(jiffies, READ_ONCE(ln->clean_next)))
		return;
	WRITE_ONCE(ln->clean_next, jiffies + HZ);
	queue_work(lvs_wq, &ln->clean_work);
}

/**
 * lvs_clean_init - prepare a namespace
 * @ln: namespace; whoever ends it flushes lvs_wq, a grace period after its hooks have gone
 *
 * Context: process.
 */
void lvs_clean_init(struct lvs_net *ln)
{
	INIT_WORK(&ln->clean_work, clean_work);
	ln->clean_next = jiffies;
}

static int module_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct module *module = ptr;
	int f, which;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&known_lock);
	for (f = 0; f < 2; f++)
		for (which = 0; which < LVS_KNOWN_MAX; which++)
			if (within_module((unsigned long)lvs_known_hooks[f][which], module))
				WRITE_ONCE(lvs_known_hooks[f][which], NULL);
	mutex_unlock(&known_lock);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
};

/**
 * lvs_clean_register - listen for modules that go
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_clean_register(void)
{
	return register_module_notifier(&module_notifier);
}

/**
 * lvs_clean_unregister - listen no more
 *
 * Context: process.
 */
void lvs_clean_unregister(void)
{
	unregister_module_notifier(&module_notifier);
}

/* Whether a hook is not in the way. */
static bool hook_known(const struct lvs_net *ln, u8 af, unsigned int hook, const struct nf_hook_entry *entry)
{
	int which;

	if (lvs_hook_is_ours(ln, entry))
		return true;
	if (hook == NF_INET_PRE_ROUTING)
		return false;
	for (which = 0; which < LVS_KNOWN_MAX; which++)
		if (entry->hook == lvs_known(af, which))
			return true;
	return false;
}

/**
 * lvs_clean_tell - who stands in the way
 * @ln: namespace
 * @af: family
 * @hook: NF_INET_* number of a list
 * @behind: only those behind ours count
 * @seq: where to
 *
 * How many hooks of others there are, and the function of the first. Its priority is not told: only who registered it
 * may read that.
 * Context: process, RCU.
 */
void lvs_clean_tell(const struct lvs_net *ln, u8 af, unsigned int hook, bool behind, struct seq_file *seq)
{
	static const char * const names[] = { "PRE_ROUTING", "LOCAL_IN", "FORWARD", "LOCAL_OUT", "POST_ROUTING" };
	const struct nf_hook_entries *list = lvs_hook_list(ln, af, hook);
	unsigned int i, n = 0;
	void *first = NULL;

	for (i = 0; list && i < list->num_hook_entries; i++) {
		const struct nf_hook_entry *entry = &list->hooks[i];

		if (behind && lvs_hook_is_ours(ln, entry))
			n = 0;
		else if (!hook_known(ln, af, hook, entry) && !n++)
			first = entry->hook;
	}
	seq_printf(seq, "%s has %u foreign hook%s", names[hook], n, n == 1 ? "" : "s");
	if (n && IS_ENABLED(CONFIG_KALLSYMS))
		seq_printf(seq, ", %ps", first);
}
