// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: netfilter hooks
 *
 * The only place that returns NF_* verdicts. The hooks stand where IPVS's stand, each pair of them merged into one, and
 * only in namespaces that have a service of the family.
 *
 *	LOCAL_IN	clients' packets (the VIP is local), and servers' replies to a client on this host
 *	FORWARD		servers' replies on their way to the clients
 *	LOCAL_OUT	packets of clients on this host, and replies of servers on this host
 *	PRE_ROUTING	the fast path, see hook/fast.c; not with net.ipv4.vs.fast_path = 0
 *
 * Packets of established conns are handled before all this at LOCAL_IN and FORWARD, see hook/steady.c.
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "../compat/inet_flags.h"
#include "../net.h"
#include "../packet.h"
#include "../service/filter.h"
#include "../test/latch.h"
#include "clean.h"
#include "fast.h"
#include "hook.h"

/* A local program that asked for its fragments to be left alone builds packets itself. */
static bool raw_sender(const struct sk_buff *skb, u8 hook)
{
	const struct sock *sk;

	if (hook != NF_INET_LOCAL_OUT)
		return false;
	sk = skb_to_full_sk(skb);
	return sk && sk->sk_family == PF_INET && lvs_inet_nodefrag(sk);
}

/* Whether the packet's addresses are ones that lvs has to do with. */
static bool pkt_concerns(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	union nf_inet_addr src = lvs_key_src(&pkt->key, pkt->af);
	union nf_inet_addr dst = lvs_key_dst(&pkt->key, pkt->af);

	/* a reply, by NAT or straight from a VIP; or an ICMP error about one of either direction */
	if (lvs_filter_server(ln->filter, &src) || lvs_filter_vip(ln->filter, &src))
		return true;
	if (lvs_filter_vip(ln->filter, &dst))
		return true;
	return pkt->flags & LVS_PKT_ICMP_ERR && lvs_filter_server(ln->filter, &dst);
}

static u32 defrag_user(u8 hook)
{
	if (hook == NF_INET_LOCAL_OUT)
		return IP_DEFRAG_VS_OUT;
	return hook == NF_INET_FORWARD ? IP_DEFRAG_VS_FWD : IP_DEFRAG_VS_IN;
}

/* nf_ct_frag6_gather(), while a namespace has it: see defrag6_enable(). Written before the hooks that call it are there. */
static int (*gather6)(struct net *net, struct sk_buff *skb, u32 user);

/* LVS_FORWARDED: it is whole; LVS_PASSED: it waits for others, and is not ours any more; or a drop reason. */
static enum lvs_outcome gather_fragments(struct lvs_net *ln, struct sk_buff *skb, u8 af, u8 hook)
{
	u32 user = hook == NF_INET_LOCAL_OUT ? IP6_DEFRAG_CONNTRACK_OUT : IP6_DEFRAG_CONNTRACK_IN;
	int err;

	if (af == AF_INET) {
		if (ip_defrag(ln->net, skb, defrag_user(hook)))
			return LVS_PASSED;
		ip_send_check(ip_hdr(skb));
		/* it came in pieces, and may leave in pieces, DF or not */
		skb->ignore_df = 1;
		return LVS_FORWARDED;
	}
	/* what is left a fragment is not lost: loose_fragment() */
	err = READ_ONCE(ln->defrag6) ? READ_ONCE(gather6)(ln->net, skb, user) : 0;
	if (err == -EINPROGRESS)
		return LVS_PASSED;
	/* it has been refused, and has lost its route */
	return err ? LVS_DROP_FRAGMENT : LVS_FORWARDED;
}

static bool is_icmp(const struct lvs_pkt *pkt)
{
	return pkt->proto == (pkt->af == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/* What is only passing through, and what may be meant for this host itself, is left to the stack to judge. */
static enum lvs_outcome bad_packet(const struct lvs_pkt *pkt)
{
	if (pkt->hook == NF_INET_FORWARD || is_icmp(pkt))
		return LVS_PASSED;
	return LVS_DROP_MALFORMED;
}

/* An IPv6 fragment comes here only if nf_defrag_ipv6 is not there, or will not have it. */
static enum lvs_outcome loose_fragment(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	union nf_inet_addr src = lvs_key_src(&pkt->key, pkt->af);

	if (pkt->hook == NF_INET_FORWARD && !lvs_filter_server(ln->filter, &src))
		return LVS_PASSED;
	return LVS_DROP_FRAGMENT;
}

static enum lvs_outcome not_ours(struct lvs_net *ln, struct lvs_pkt *pkt, enum lvs_parse parsed)
{
	if (unlikely(is_icmp(pkt)))
		return lvs_tunnel_error(ln, pkt);
	/* if it comes here once more, it will have been in a tunnel */
	if (parsed == LVS_PARSE_FOREIGN && READ_ONCE(ln->knobs.ignore_tunneled) && pkt->hook != NF_INET_FORWARD)
		pkt->skb->ipvs_property = 1;
	return LVS_PASSED;
}

static unsigned int hook_packet(struct lvs_net *ln, struct sk_buff *skb, u8 af, u8 hook, u32 flags)
{
	enum lvs_outcome outcome, gathered = LVS_FORWARDED;
	struct lvs_pkt pkt;
	enum lvs_parse parsed = lvs_pkt_parse(&pkt, skb, af, hook);

	/* whatever the parser says of a first fragment: its transport header may go on in the next one */
	if (pkt.flags & LVS_PKT_FRAG && pkt_concerns(ln, &pkt)) {
		gathered = gather_fragments(ln, skb, af, hook);
		if (gathered == LVS_PASSED)
			return NF_STOLEN;
		if (gathered == LVS_FORWARDED)
			parsed = lvs_pkt_parse(&pkt, skb, af, hook);
	}
	pkt.flags |= flags;

	this_cpu_inc(ln->outcomes->in);
	if (unlikely(gathered != LVS_FORWARDED))
		outcome = gathered;
	else if (parsed == LVS_PARSE_FOREIGN || !pkt_concerns(ln, &pkt))
		outcome = not_ours(ln, &pkt, parsed);
	else if (parsed == LVS_PARSE_BAD)
		outcome = bad_packet(&pkt);
	else if (pkt.flags & LVS_PKT_FRAG && af == AF_INET6)
		outcome = loose_fragment(ln, &pkt);
	else
		outcome = lvs_slow_path(ln, &pkt);
	return lvs_outcome_verdict(ln, &pkt, outcome);
}

/**
 * lvs_slow_hook - a packet at one of IPVS's places
 * @priv: namespace
 * @skb: packet
 * @state: which place
 *
 * Context: softirq, or process at LOCAL_OUT. Return: a verdict.
 */
unsigned int lvs_slow_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	u32 flags = in_softirq() ? 0 : LVS_PKT_LATE;
	struct lvs_net *ln = priv;
	unsigned int verdict;

	/* been here already, as a request or as a reply */
	if (skb->ipvs_property)
		return NF_ACCEPT;
	if (unlikely((skb->pkt_type != PACKET_HOST && state->hook != NF_INET_LOCAL_OUT) || !skb_dst(skb)))
		return NF_ACCEPT;
	if (unlikely(raw_sender(skb, state->hook)))
		return NF_ACCEPT;

	/* LOCAL_OUT is also reached from process context; conns are locked with BH off */
	local_bh_disable();
	verdict = hook_packet(ln, skb, state->pf, state->hook, flags);
	local_bh_enable();
	return verdict;
}

/* The last one. */
#define LVS_HOOK_FAST 3

#define LVS_HOOKS(_pf, _fast, _in, _forward) {						\
	{ .hook = _in, .pf = _pf, .hooknum = NF_INET_LOCAL_IN, .priority = NF_IP_PRI_NAT_SRC - 1 }, \
	{ .hook = _forward, .pf = _pf, .hooknum = NF_INET_FORWARD, .priority = NF_IP_PRI_NAT_SRC }, \
	{ .hook = lvs_slow_hook, .pf = _pf, .hooknum = NF_INET_LOCAL_OUT, .priority = NF_IP_PRI_NAT_DST + 2 }, \
	{ .hook = _fast, .pf = _pf, .hooknum = NF_INET_PRE_ROUTING, .priority = LVS_FAST_PRIORITY }, \
}

static const struct nf_hook_ops lvs_hook_template[2][LVS_HOOK_FAST + 1] = {
	LVS_HOOKS(NFPROTO_IPV4, lvs_fast_hook4, lvs_in_hook4, lvs_forward_hook4),
	LVS_HOOKS(NFPROTO_IPV6, lvs_fast_hook6, lvs_in_hook6, lvs_forward_hook6)
};

/*
 * IPv6 fragments are put together by nf_defrag_ipv6, which is a module of its own: fetched when the first IPv6 service
 * comes, so that lvs itself loads without it. Its hooks would look at every packet that the namespace receives; only its
 * function is used, for fragments to or from an address of ours. Returns an error only if another attempt may succeed.
 */
static int defrag6_enable(struct lvs_net *ln)
{
	int (*gather)(struct net *net, struct sk_buff *skb, u32 user);
	int err;

	if (ln->defrag6)
		return 0;
	gather = symbol_get(nf_ct_frag6_gather);
	if (!gather) {
		err = request_module("nf_defrag_ipv6");
		if (err == -ENOMEM)
			return err;
		gather = symbol_get(nf_ct_frag6_gather);
	}
	if (!gather) {
		pr_warn("lvs: nf_defrag_ipv6 is not to be had: IPv6 fragments will be dropped\n");
		return 0;
	}
	/* the same for all namespaces */
	WRITE_ONCE(gather6, gather);
	WRITE_ONCE(ln->defrag6, true);
	return 0;
}

/**
 * lvs_hooks_whole6 - have IPv6 fragments put together before they are marked
 * @ln: namespace whose IPv6 hooks are registered
 *
 * A rule that marks packets by their ports knows only the first fragment. Therefore, and as IPVS does it, nf_defrag_ipv6
 * gets its hooks for services by firewall mark. They stay until the last IPv6 service goes.
 * Context: process, config lock.
 * Return: 0 or -errno.
 */
int lvs_hooks_whole6(struct lvs_net *ln)
{
	int (*enable)(struct net *net);
	int err;

	if (!ln->defrag6 || ln->whole6)
		return 0;
	enable = symbol_get(nf_defrag_ipv6_enable);
	if (!enable)
		return 0;
	err = enable(ln->net);
	if (err)
		symbol_put(nf_defrag_ipv6_enable);
	else
		WRITE_ONCE(ln->whole6, true);
	return err;
}

static void whole6_end(struct lvs_net *ln)
{
	void (*disable)(struct net *net);

	if (!ln->whole6)
		return;
	disable = symbol_get(nf_defrag_ipv6_disable);
	if (disable) {
		disable(ln->net);
		symbol_put(nf_defrag_ipv6_disable);
	}
	symbol_put(nf_defrag_ipv6_enable);
	WRITE_ONCE(ln->whole6, false);
}

static void defrag6_disable(struct lvs_net *ln)
{
	if (!ln->defrag6)
		return;
	whole6_end(ln);
	WRITE_ONCE(ln->defrag6, false);
	/* packets that are in the hooks may be in that module */
	synchronize_net();
	symbol_put(nf_ct_frag6_gather);
}

static int fast_hook_get(struct lvs_net *ln, unsigned int f)
{
	int err;

	if (ln->fast_hooked[f])
		return 0;
	err = nf_register_net_hook(ln->net, &ln->hooks[f][LVS_HOOK_FAST]);
	ln->fast_hooked[f] = !err;
	return err;
}

static void fast_hook_put(struct lvs_net *ln, unsigned int f)
{
	int cpu;

	if (!ln->fast_hooked[f])
		return;
	nf_unregister_net_hook(ln->net, &ln->hooks[f][LVS_HOOK_FAST]);
	ln->fast_hooked[f] = false;
	/* for packets from now on, whichever CPU they come to */
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(ln->outcomes, cpu)->epoch, READ_ONCE(ln->epoch));
}

static int fast_hooks_get(struct lvs_net *ln)
{
	unsigned int f;
	int err = 0;

	for (f = 0; f < ARRAY_SIZE(ln->hooked) && !err; f++)
		if (ln->hooked[f])
			err = fast_hook_get(ln, f);
	return err;
}

/**
 * lvs_hooks_set_fast - have a fast path, or none
 * @ln: namespace
 * @mode: net.ipv4.vs.fast_path, 0 to 2
 *
 * What is merely routed is not to pay for a hook that does nothing. Context: process, takes the config lock.
 * Return: 0, or -errno and nothing has changed but hooks.
 */
int lvs_hooks_set_fast(struct lvs_net *ln, int mode)
{
	int err;

	mutex_lock(&ln->config_lock);
	err = mode ? fast_hooks_get(ln) : 0;
	if (!err)
		WRITE_ONCE(ln->knobs.fast_path, mode);
	if (!READ_ONCE(ln->knobs.fast_path)) {
		fast_hook_put(ln, 0);
		fast_hook_put(ln, 1);
	}
	mutex_unlock(&ln->config_lock);
	return err;
}

/**
 * lvs_hooks_get - register the hooks of a family, if they are not
 * @ln: namespace, active
 * @af: AF_INET or AF_INET6
 *
 * Context: process, config lock.
 * Return: 0 or -errno.
 */
int lvs_hooks_get(struct lvs_net *ln, u8 af)
{
	unsigned int f = lvs_af_index(af);
	int i, err;

	lockdep_assert_held(&ln->config_lock);
	if (ln->hooked[f])
		return 0;
	for (i = 0; i < ARRAY_SIZE(ln->hooks[f]); i++) {
		ln->hooks[f][i] = lvs_hook_template[f][i];
		ln->hooks[f][i].priv = ln;
	}
	if (af == AF_INET6) {
		err = defrag6_enable(ln);
		if (err)
			return err;
	}
	lvs_clean_learn(ln);
	err = nf_register_net_hooks(ln->net, ln->hooks[f], LVS_HOOK_FAST);
	if (err)
		goto no_defrag;
	if (ln->knobs.fast_path) {
		err = fast_hook_get(ln, f);
		if (err)
			goto no_hooks;
	}
	ln->hooked[f] = true;
	return 0;

no_hooks:
	nf_unregister_net_hooks(ln->net, ln->hooks[f], LVS_HOOK_FAST);
no_defrag:
	if (af == AF_INET6)
		defrag6_disable(ln);
	return err;
}

/**
 * lvs_hooks_get_both - register the hooks of both families, if they are not
 * @ln: namespace, active
 *
 * Errors about tunnels come in the family of the server, which need not be that of the service. Both stay until the last
 * service goes. Context: process, config lock.
 * Return: 0 or -errno.
 */
int lvs_hooks_get_both(struct lvs_net *ln)
{
	int err = lvs_hooks_get(ln, AF_INET);

	if (!err)
		err = lvs_hooks_get(ln, AF_INET6);
	ln->mixed = true;
	return err;
}

static void hooks_drop(struct lvs_net *ln, u8 af)
{
	unsigned int f = lvs_af_index(af);

	if (!ln->hooked[f])
		return;
	lvs_latch_sleep(unhook);
	fast_hook_put(ln, f);
	nf_unregister_net_hooks(ln->net, ln->hooks[f], LVS_HOOK_FAST);
	if (af == AF_INET6)
		defrag6_disable(ln);
	ln->hooked[f] = false;
}

/**
 * lvs_hooks_put - unregister the hooks of a family, if they are registered
 * @ln: namespace
 * @af: AF_INET or AF_INET6; it has no service
 *
 * Packets that are in the hooks already may stay there for another grace period. Context: process, config lock.
 */
void lvs_hooks_put(struct lvs_net *ln, u8 af)
{
	lockdep_assert_held(&ln->config_lock);
	if (!ln->mixed) {
		hooks_drop(ln, af);
	} else if (!ln->n_services[0] && !ln->n_services[1]) {
		hooks_drop(ln, AF_INET);
		hooks_drop(ln, AF_INET6);
		ln->mixed = false;
	}
}
