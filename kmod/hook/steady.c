// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: steady packets
 *
 * At LOCAL_IN and FORWARD most packets are as plain as those of the fast path, and of conns whose state they do not change.
 * These are handled here, without all that slow.c provides for; what is not plain goes on to it.
 *
 * Rules on the way here have had their say. If nobody on the way out does anything to the packet it is sent straight to
 * the next hop, as by the fast path (net.ipv4.vs.fast_path = 1), and counted with it: what a filter at PRE_ROUTING,
 * LOCAL_IN or FORWARD costs is the filter and the stack on the way in, and not the way out. Otherwise the stack sends it.
 *
 * Nothing of what input routing has decided has to be remembered here; but a conn whose notes about that are out of date
 * is left to the slow path, which renews them.
 */
#include "../fwd/fast.h"
#include "../fwd/fwd.h"
#include "../net.h"
#include "../packet.h"
#include "../test/latch.h"
#include "clean.h"
#include "fast.h"
#include "hook.h"
#include "plain.h"

/* Whether nobody would do anything to a packet on its way out, or the administrator has chosen not to ask. */
static __always_inline bool request_direct(struct lvs_net *ln, const struct lvs_conn *cp, u8 af)
{
	int mode = READ_ONCE(ln->knobs.fast_path);

	if (mode != 1)
		return mode;
	if (likely(lvs_conn_fwd(cp) == IP_VS_CONN_F_TUNNEL ? lvs_outer_clean(ln, cp->dest->key.af) :
							     lvs_untracked_out_clean(ln, af)))
		return true;
	lvs_clean_ask(ln);
	return false;
}

static __always_inline bool reply_direct(struct lvs_net *ln, u8 af)
{
	int mode = READ_ONCE(ln->knobs.fast_path);

	if (mode != 1)
		return mode;
	if (likely(lvs_hooks_end_ours(ln, af, NF_INET_FORWARD) && lvs_untracked_post_clean(ln, af)))
		return true;
	lvs_clean_ask(ln);
	return false;
}

static __always_inline unsigned int taken(struct lvs_net *ln)
{
	this_cpu_inc(ln->outcomes->fast);
	return NF_STOLEN;
}

/* Sent by the stack, or left to it. Returns NF_REPEAT for what was not taken. */
static __always_inline unsigned int handled(struct lvs_net *ln, const struct lvs_pkt *pkt, enum lvs_outcome outcome)
{
	if (likely(outcome == LVS_FORWARDED || outcome == LVS_TRANSLATED)) {
		this_cpu_inc(ln->outcomes->steady);
		return outcome == LVS_FORWARDED ? NF_STOLEN : NF_ACCEPT;
	}
	if (outcome == LVS_PASSED)
		return NF_REPEAT;
	this_cpu_inc(ln->outcomes->in);
	return lvs_outcome_verdict(ln, pkt, outcome);
}

static __always_inline unsigned int steady_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp, u8 af)
{
	u64 seen = lvs_fast_seen(ln, pkt->skb);
	struct sk_buff *skb = pkt->skb;
	enum lvs_outcome outcome;
	unsigned long refdst;

	/* also what is tracked, and what must not leave this host, has never been seen */
	if (unlikely(!seen || READ_ONCE(cp->seen) != seen))
		return NF_REPEAT;
	if (request_direct(ln, cp, af)) {
		refdst = skb->_skb_refdst;
		skb->_skb_refdst = 0;
		outcome = af == AF_INET ? lvs_fast_request4(ln, pkt, cp) : lvs_fast_request6(ln, pkt, cp);
		if (likely(outcome == LVS_FORWARDED)) {
			refdst_drop(refdst);
			return taken(ln);
		}
		skb->_skb_refdst = refdst;
		if (outcome != LVS_PASSED)
			return handled(ln, pkt, outcome);
	}
	return handled(ln, pkt, af == AF_INET ? lvs_steady_request4(ln, pkt, cp) : lvs_steady_request6(ln, pkt, cp));
}

static __always_inline unsigned int steady_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp, u8 af)
{
	if (reply_direct(ln, af) && (af == AF_INET ? lvs_fast_forward4(ln, pkt, cp) : lvs_fast_forward6(ln, pkt, cp)) ==
				    LVS_FORWARDED)
		return taken(ln);
	return handled(ln, pkt, af == AF_INET ? lvs_steady_reply4(ln, pkt, cp) : lvs_steady_reply6(ln, pkt, cp));
}

/* Nobody's. */
static __always_inline unsigned int foreign(struct lvs_net *ln)
{
	this_cpu_inc(ln->outcomes->foreign);
	return NF_ACCEPT;
}

/*
 * What passes this host and is not from a server may be what a server of DR or a tunnel has sent as the VIP. If there is a conn
 * that it belongs to, the slow path sees to it.
 */
static __always_inline unsigned int straight_reply(struct lvs_net *ln, const union lvs_key *key, u8 af)
{
	union lvs_key request LVS_UNINITIALIZED;
	enum lvs_dir dir;

	lvs_key_reverse(&request, key, af);
	if (af == AF_INET ? lvs_conn_lookup4(ln, &request.v4, &dir) : lvs_conn_lookup6(ln, &request.v6, &dir))
		return NF_REPEAT;
	/* nor may it start one: a persistence engine knows servers' calls */
	return list_empty(&ln->pe_services) ? foreign(ln) : NF_REPEAT;
}

/* @server: at FORWARD, whether it may be from one. Returns a verdict, or NF_REPEAT for what is the slow path's. */
static __always_inline unsigned int steady_packet(struct lvs_net *ln, struct sk_buff *skb, bool server, u8 af, u8 hook)
{
	enum lvs_dir dir, wanted = hook == NF_INET_FORWARD ? LVS_DIR_REPLY : LVS_DIR_REQUEST;
	struct lvs_pkt pkt LVS_UNINITIALIZED;
	struct lvs_conn *cp;
	u8 proto = lvs_plain_l3(&pkt.key, skb, af);

	if (unlikely((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || !lvs_skb_plain(skb, af)))
		return NF_REPEAT;
	if (unlikely(!lvs_plain_l4(&pkt.key, skb, proto, af)))
		return NF_REPEAT;
	if (hook == NF_INET_FORWARD && unlikely(!server))
		return straight_reply(ln, &pkt.key, af);
	cp = af == AF_INET ? lvs_conn_lookup4(ln, &pkt.key.v4, &dir) : lvs_conn_lookup6(ln, &pkt.key.v6, &dir);
	if (!cp || unlikely(dir != wanted || !lvs_conn_steady(ln, cp, lvs_conn_word(cp), proto, dir)))
		return NF_REPEAT;

	lvs_latch(found_steady);
	pkt.skb = skb;
	pkt.af = af;
	pkt.hook = hook;
	pkt.proto = proto;
	pkt.l4off = af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	pkt.flags = 0;
	return hook == NF_INET_FORWARD ? steady_reply(ln, &pkt, cp, af) : steady_request(ln, &pkt, cp, af);
}

static __always_inline unsigned int steady_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state,
						u8 af, u8 hook)
{
	struct lvs_net *ln = priv;
	bool server = hook == NF_INET_FORWARD && lvs_plain_server(ln, skb, af);
	unsigned int verdict;

	/* most of what a router meets */
	if (hook == NF_INET_FORWARD && lvs_plain_foreign(ln, skb, server, af))
		return foreign(ln);
	/* been here already, as a request or as a reply */
	if (unlikely(skb->ipvs_property))
		return NF_ACCEPT;
	/* not so for what comes back from a program (NFQUEUE) */
	if (likely(in_softirq())) {
		verdict = steady_packet(ln, skb, server, af, hook);
		if (likely(verdict != NF_REPEAT))
			return verdict;
	}
	return lvs_slow_hook(priv, skb, state);
}

/**
 * lvs_in_hook4 - an IPv4 packet for this host
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: softirq, or process with RCU; RCU. Return: a verdict.
 */
unsigned int lvs_in_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return steady_hook(priv, skb, state, AF_INET, NF_INET_LOCAL_IN);
}

/**
 * lvs_in_hook6 - an IPv6 packet for this host
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: as lvs_in_hook4(). Return: a verdict.
 */
unsigned int lvs_in_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return steady_hook(priv, skb, state, AF_INET6, NF_INET_LOCAL_IN);
}

/**
 * lvs_forward_hook4 - an IPv4 packet on its way through this host
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: as lvs_in_hook4(). Return: a verdict.
 */
unsigned int lvs_forward_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return steady_hook(priv, skb, state, AF_INET, NF_INET_FORWARD);
}

/**
 * lvs_forward_hook6 - an IPv6 packet on its way through this host
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: as lvs_in_hook4(). Return: a verdict.
 */
unsigned int lvs_forward_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return steady_hook(priv, skb, state, AF_INET6, NF_INET_FORWARD);
}
