// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: fast path
 *
 * Packets of established conns are forwarded at PRE_ROUTING, straight to the next hop. It only ever takes what is plain: a
 * packet without anything unusual, of a conn that the slow path has made and whose state it does not change, on a way
 * that is known and valid. Any doubt leaves the packet, untouched, to the stack and the slow path.
 *
 * A packet forwarded here is not seen by hooks that come later. So (net.ipv4.vs.fast_path = 1) nothing is taken while
 * anybody else has a hook there. The kernel tells nobody about hooks that come and go; therefore each packet looks at
 * the lists themselves, which are immutable under RCU: a list is clean if it holds our own hook and nothing else, but for
 * that of nf_defrag_ipv6 while we have asked for it, and AppArmor's. A hook that was registered a grace period ago is
 * seen by all packets.
 *
 * What input routing has decided (the VIP is local, the client's address is not, rp_filter) is taken from the packets that
 * went before, as long as they came in on the same device and struct lvs_net::epoch stands.
 */
#include <linux/seq_file.h>

#include "../fwd/fast.h"
#include "../fwd/fast_way.h"
#include "../net.h"
#include "../packet.h"
#include "../test/latch.h"
#include "clean.h"
#include "fast.h"
#include "hook.h"
#include "plain.h"

/* ---- packets --------------------------------------------------------------------------------------------------- */

/* A request of this conn; some of it may be gone. */
static noinline unsigned int dropped(struct lvs_net *ln, struct sk_buff *skb, const struct lvs_conn *cp,
				     enum lvs_outcome outcome)
{
	struct lvs_pkt pkt = {
		.skb = skb,
		.af = cp->af,
		.hook = NF_INET_PRE_ROUTING,
		.proto = lvs_conn_proto(cp),
	};
	union nf_inet_addr caddr = lvs_conn_caddr(cp), vaddr = lvs_conn_vaddr(cp);

	lvs_key_fill(&pkt.key, pkt.af, pkt.proto, LVS_KEY_FLOW, &caddr, lvs_conn_cport(cp), &vaddr, lvs_conn_vport(cp));
	this_cpu_inc(ln->outcomes->in);
	return lvs_outcome_verdict(ln, &pkt, outcome);
}

/* What comes from or goes to an address of ours: whether the lists on its way, as far as it is known, are clean. */
static __always_inline bool way_clean(const struct lvs_net *ln, u8 af, bool request)
{
	if (!lvs_hooks_end_ours(ln, af, NF_INET_PRE_ROUTING) || !lvs_post_routing_clean(ln, af))
		return false;
	if (!request)
		return lvs_list_clean(ln, af, NF_INET_FORWARD);
	return lvs_list_clean(ln, af, NF_INET_LOCAL_IN) && lvs_list_clean(ln, af, NF_INET_LOCAL_OUT);
}

/* A conn's packet that @request was not true of, or a tunnel of the other family. */
static __always_inline bool rest_clean(const struct lvs_net *ln, u8 af, const struct lvs_conn *cp, enum lvs_dir dir,
				       bool request)
{
	bool is_request = dir == LVS_DIR_REQUEST;

	if (unlikely(request != is_request) && !way_clean(ln, af, is_request))
		return false;
	return !is_request || likely(cp->dest->key.af == af) || lvs_outer_clean(ln, cp->dest->key.af);
}

static __always_inline enum lvs_outcome fast_conn(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
						  enum lvs_dir dir, int mode, bool request, u8 proto, u8 af)
{
	union lvs_conn_word w = lvs_conn_word(cp);

	/* only then has it a server */
	if (unlikely(!lvs_conn_steady(ln, cp, w, proto, dir)))
		return LVS_PASSED;
	lvs_latch(found);
	if (mode == 1 && !rest_clean(ln, af, cp, dir, request))
		return LVS_PASSED;
	if (dir == LVS_DIR_REPLY)
		return lvs_fast_reply(ln, skb, cp, proto, af, false);
	if (unlikely(READ_ONCE(cp->seen) != lvs_seen(READ_ONCE(ln->epoch), skb->skb_iif)))
		return LVS_PASSED;
	return lvs_fast_request(ln, skb, cp, w.flags & IP_VS_CONN_F_FWD_MASK, proto, af);
}

/* The first packet of a conn, perhaps. */
static __always_inline unsigned int start_packet(struct lvs_net *ln, struct sk_buff *skb, u8 proto, u8 af)
{
	/* rules may be passed over by what they have let in, and not by this */
	if (READ_ONCE(ln->knobs.fast_path) != 1 && !way_clean(ln, af, true))
		return NF_ACCEPT;
	return af == AF_INET ? lvs_early4(ln, skb, proto) : lvs_early6(ln, skb, proto);
}

static __always_inline unsigned int fast_packet(struct lvs_net *ln, struct sk_buff *skb, bool request, u8 af)
{
	int mode = READ_ONCE(ln->knobs.fast_path);
	union lvs_key key LVS_UNINITIALIZED;
	enum lvs_outcome outcome;
	struct lvs_conn *cp;
	enum lvs_dir dir;
	u8 proto;

	if (unlikely(!mode))
		return NF_ACCEPT;
	proto = lvs_plain_l3(&key, skb, af);
	if (unlikely(proto != IPPROTO_TCP && proto != IPPROTO_UDP))
		return NF_ACCEPT;
	if (unlikely(!lvs_skb_plain(skb, af) || skb->_skb_refdst) || (mode == 1 && !way_clean(ln, af, request)))
		return NF_ACCEPT;
	if (unlikely(!lvs_plain_l4(&key, skb, proto, af)))
		return request ? start_packet(ln, skb, proto, af) : NF_ACCEPT;
	cp = af == AF_INET ? lvs_conn_lookup4(ln, &key.v4, &dir) : lvs_conn_lookup6(ln, &key.v6, &dir);
	if (!cp)
		return request && proto == IPPROTO_UDP ? start_packet(ln, skb, proto, af) : NF_ACCEPT;
	outcome = fast_conn(ln, skb, cp, dir, mode, request, proto, af);
	if (outcome == LVS_PASSED)
		return NF_ACCEPT;
	if (unlikely(outcome != LVS_FORWARDED))
		return dropped(ln, skb, cp, outcome);
	this_cpu_inc(ln->outcomes->fast);
	return NF_STOLEN;
}

static __always_inline unsigned int fast_hook(struct lvs_net *ln, struct sk_buff *skb, u8 af)
{
	bool request = lvs_plain_vip(ln, skb, LVS_DST, af);
	unsigned int ret;

	if (!request && !lvs_plain_server(ln, skb, af))
		return NF_ACCEPT;
	/* What a program has let go on (NFQUEUE) comes with softirqs on, and below here nobody turns them off. */
	if (unlikely(!in_softirq()))
		return NF_ACCEPT;
	ret = fast_packet(ln, skb, request, af);
	/* the packet is routed now: what is found out about it is known to hold from here on only */
	if (ret == NF_ACCEPT) {
		this_cpu_write(ln->outcomes->epoch, READ_ONCE(ln->epoch));
		if (request && af == AF_INET)
			lvs_early_route4(ln, skb);
		else if (request)
			lvs_early_route6(ln, skb);
	}
	return ret;
}

/**
 * lvs_fast_hook4 - an IPv4 packet came in
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: softirq, or process with RCU; RCU.
 * Return: NF_STOLEN if it was forwarded, NF_ACCEPT if it was left alone, NF_DROP if memory is short.
 */
unsigned int lvs_fast_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return fast_hook(priv, skb, AF_INET);
}

/**
 * lvs_fast_hook6 - an IPv6 packet came in
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_hook4().
 */
unsigned int lvs_fast_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return fast_hook(priv, skb, AF_INET6);
}

/* ---- what there is to tell ------------------------------------------------------------------------------------- */

/* The first list on the way that has hooks of others, -1 if all are clean. */
static int first_unclean(const struct lvs_net *ln, u8 af, bool request)
{
	if (!lvs_hooks_end_ours(ln, af, NF_INET_PRE_ROUTING))
		return NF_INET_PRE_ROUTING;
	if (request && !lvs_list_clean(ln, af, NF_INET_LOCAL_IN))
		return NF_INET_LOCAL_IN;
	if (!request && !lvs_list_clean(ln, af, NF_INET_FORWARD))
		return NF_INET_FORWARD;
	if (request && !lvs_list_clean(ln, af, NF_INET_LOCAL_OUT))
		return NF_INET_LOCAL_OUT;
	return lvs_post_routing_clean(ln, af) ? -1 : NF_INET_POST_ROUTING;
}

/* The first list with hooks of others behind those where the slow path begins, -1 if all are clean. */
static int later_unclean(const struct lvs_net *ln, u8 af, bool request)
{
	if (request && !lvs_untracked_out_clean(ln, af))
		return lvs_untracked_post_clean(ln, af) ? NF_INET_LOCAL_OUT : NF_INET_POST_ROUTING;
	if (!request && !lvs_hooks_end_ours(ln, af, NF_INET_FORWARD))
		return NF_INET_FORWARD;
	return lvs_untracked_post_clean(ln, af) ? -1 : NF_INET_POST_ROUTING;
}

/* Why the fast path is not used at all, whatever hooks there are; or NULL. */
static const char *reason_of(const struct lvs_net *ln, u8 af, bool request)
{
	if (!READ_ONCE(ln->hooked[lvs_af_index(af)]))
		return "no service";
	if (!READ_ONCE(ln->knobs.fast_path))
		return "net.ipv4.vs.fast_path is 0";
	if (!READ_ONCE(ln->watch))
		return "routes are not watched";
	return request ? NULL : lvs_fast_replies_off(ln, af);
}

static void show_stage(const struct lvs_net *ln, struct seq_file *seq, u8 af, bool request)
{
	int first = READ_ONCE(ln->knobs.fast_path) == 1 ? first_unclean(ln, af, request) : -1;
	int later = first < 0 ? -1 : later_unclean(ln, af, request);

	if (first < 0) {
		seq_puts(seq, "on");
	} else if (later < 0) {
		seq_printf(seq, "on from %s: ", request ? "LOCAL_IN" : "FORWARD");
		lvs_clean_tell(ln, af, first, first == NF_INET_PRE_ROUTING, seq);
	} else {
		seq_puts(seq, "off: ");
		lvs_clean_tell(ln, af, later, later == NF_INET_FORWARD, seq);
	}
}

static void show_state(const struct lvs_net *ln, struct seq_file *seq, u8 af, bool request)
{
	const char *reason = reason_of(ln, af, request);

	seq_printf(seq, "%s_ipv%-*d ", request ? "requests" : "replies", request ? 16 : 17, af == AF_INET ? 4 : 6);
	if (reason)
		seq_printf(seq, "off: %s", reason);
	else
		show_stage(ln, seq, af, request);
	seq_putc(seq, '\n');
}

/**
 * lvs_fast_show - tell where the fast path is in use, and if not, why
 * @ln: namespace
 * @seq: where to
 *
 * Context: process.
 */
void lvs_fast_show(struct lvs_net *ln, struct seq_file *seq)
{
	struct lvs_outcomes sum;

	lvs_clean_learn(ln);
	lvs_outcomes_sum(ln->outcomes, &sum);
	seq_printf(seq, "%-28s %llu\n", "packets", sum.fast);
	rcu_read_lock();
	show_state(ln, seq, AF_INET, true);
	show_state(ln, seq, AF_INET, false);
	show_state(ln, seq, AF_INET6, true);
	show_state(ln, seq, AF_INET6, false);
	rcu_read_unlock();
}
