// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: new conns
 *
 * A flow is reserved in the table first and gets its server then, so that of several CPUs with its first packets only one
 * takes a turn of the scheduler. A server whose reply tuple is in use (NAT) is passed over as if it were full.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/icmp.h>

#include "../fwd/l3.h"
#include "../net.h"
#include "../packet.h"
#include "../proto/proto.h"
#include "../service/service.h"
#include "../test/latch.h"
#include "defense.h"
#include "fast.h"
#include "hook.h"
#include "persist.h"

/* Servers that are tried for one flow before it is refused: each refusal means a tuple in use. */
#define LVS_TRIES_MAX 16

/* How often a flow is reserved: its tuple may be given up by another conn meanwhile. */
#define LVS_RESERVE_TRIES 3

/**
 * lvs_start_failed - what becomes of a packet that could not start a conn
 * @err: why: an error of lvs_conn_reserve() or lvs_conn_bind()
 *
 * Context: any. Return: a drop reason.
 */
enum lvs_outcome lvs_start_failed(int err)
{
	switch (err) {
	case -EDQUOT:
		return LVS_DROP_CONN_LIMIT;
	case -ENOMEM:
		return LVS_DROP_NO_MEMORY;
	case -EEXIST:
		return LVS_DROP_TUPLE_IN_USE;
	case -EAGAIN:
		return LVS_DROP_CONN_RACE;
	default:
		return LVS_DROP_TABLE_BUSY;
	}
}

/**
 * lvs_refuse - tell the sender of a packet that nobody is there for it
 * @ln: namespace
 * @pkt: packet, TCP or UDP, or an ICMP error
 *
 * Context: softirq or BH off, RCU, no conn locked.
 * Return: LVS_ANSWERED, a drop reason, or LVS_PASSED before the packet is routed.
 */
enum lvs_outcome lvs_refuse(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (pkt->flags & LVS_PKT_ICMP_ERR)
		return LVS_DROP_NO_SERVER;
	/* it has no route yet, by which an answer could go: the slow path will come to the same end */
	if (pkt->hook == NF_INET_PRE_ROUTING)
		return LVS_PASSED;
	if (pkt->af == AF_INET6) {
		if (!skb->dev)
			skb->dev = ln->net->loopback_dev;
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
	} else {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	}
	return LVS_ANSWERED;
}

/* Picks a server and gives it the conn. Returns 0, or an error of lvs_conn_bind(); -ENOENT without a server if there is none. */
static int pick_one(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport, const struct lvs_sched_key *key,
		    struct lvs_dest **dest)
{
	__be16 port;

	*dest = lvs_sched_pick(start->conf->pool, &start->svc->state, key);
	if (!*dest)
		return -ENOENT;
	lvs_latch(pick);
	/* a template has the server's own, or none if it is for all ports */
	if (dport && lvs_conn_is_template(cp))
		port = lvs_dest_port(*dest);
	else
		port = dport ? lvs_start_dport(start, *dest, dport) : 0;
	return lvs_conn_bind(start->ln, cp, *dest, port, 0);
}

/* May another server take what this one could not? */
static bool try_others(int err, const struct lvs_dest *dest)
{
	return dest && (err == -EEXIST || err == -ENOENT);
}

/* Picks servers until one takes the conn, after @dest could not. */
static noinline int pick_another(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport, struct lvs_dest *dest,
				 int err)
{
	struct lvs_dest *tried[LVS_TRIES_MAX];
	struct lvs_sched_key key = start->sched_key;
	int next;

	key.avoid = tried;
	while (key.n_avoid < LVS_TRIES_MAX - 1) {
		tried[key.n_avoid++] = dest;
		next = pick_one(start, cp, dport, &key, &dest);
		if (!dest)
			return err;
		if (!try_others(next, dest))
			return next;
		err = next;
	}
	return err;
}

/* Picks servers until one takes the conn. Returns 0, -ENOENT if there is none, -EEXIST if every one was in use. */
static int pick_and_bind(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport)
{
	struct lvs_dest *dest;
	int err;

	/* the scheduler is not asked */
	if (unlikely(start->server))
		return lvs_conn_bind(start->ln, cp, start->server, lvs_dest_port(start->server), 0);
	err = pick_one(start, cp, dport, &start->sched_key, &dest);
	if (likely(!try_others(err, dest)))
		return err;
	return pick_another(start, cp, dport, dest, err);
}

/* May a packet without a server go to its own destination? */
static struct lvs_dest *bypass(const struct lvs_start *start)
{
	const struct lvs_pkt *pkt = start->pkt;
	union nf_inet_addr dst = lvs_key_dst(&pkt->key, pkt->af);

	if (!READ_ONCE(start->ln->knobs.cache_bypass) || !start->svc->key.fwmark || pkt->flags & LVS_PKT_ICMP_ERR ||
	    !lvs_l3(pkt->af)->unicast(start->ln->net, &dst))
		return NULL;
	return rcu_dereference(start->ln->nobody[lvs_af_index(pkt->af)]);
}

/* Gives a reserved or one-packet conn its server, by template or by scheduler. */
static int choose_server(const struct lvs_start *start, struct lvs_conn *cp)
{
	struct lvs_dest *nobody;
	int err;

	if (start->conf->flags & IP_VS_SVC_F_PERSISTENT)
		err = lvs_persist_bind(start, cp, pick_and_bind);
	else
		err = pick_and_bind(start, cp, lvs_key_dport(&start->pkt->key, start->pkt->af));
	if (err != -ENOENT || start->server)
		return err;
	nobody = bypass(start);
	return nobody ? lvs_conn_bind(start->ln, cp, nobody, 0, 0) : err;
}

static enum lvs_outcome choose_failed(const struct lvs_start *start, int err)
{
	switch (err) {
	case -ENOENT:
		return start->server ? LVS_DROP_DEST_GONE : lvs_refuse(start->ln, start->pkt);
	case -EALREADY:
		return LVS_PASSED;
	case -ENOMSG:
		return start->server ? LVS_PASSED : LVS_DROP_NO_CALL_ID;
	default:
		return lvs_start_failed(err);
	}
}

/* Before the packet is routed: what is not plain is left to the slow path. */
static bool is_early(const struct lvs_start *start)
{
	return start->pkt->hook == NF_INET_PRE_ROUTING;
}

static void count_conn(const struct lvs_start *start, struct lvs_conn *cp)
{
	if (unlikely(test_bit(LVS_DEST_NOBODY, &cp->dest->state)))
		return;
	lvs_stats_conn(&cp->dest->stats);
	lvs_stats_conn(&start->ln->total);
}

static enum lvs_outcome start_once(const struct lvs_start *start, struct lvs_conn **cpp)
{
	struct lvs_conn *cp = lvs_defense_alloc_once(start->ln, start->pkt->af, &start->pkt->key);
	int err;

	if (IS_ERR(cp))
		return lvs_start_failed(PTR_ERR(cp));
	cp->flags = IP_VS_CONN_F_ONE_PACKET;
	cp->fwmark = lvs_start_mark(start);
	err = choose_server(start, cp);
	if (err) {
		lvs_conn_free_once(start->ln, cp);
		return choose_failed(start, err);
	}
	count_conn(start, cp);
	if (unlikely(rcu_access_pointer(start->ln->ct)))
		lvs_ct_start(start->ln, cp);
	*cpp = cp;
	return LVS_FORWARDED;
}

/* Another conn has the flow's tuple. As try_flow(). */
static int join_flow(const struct lvs_start *start, struct lvs_conn **cpp)
{
	const struct lvs_pkt *pkt = start->pkt;
	enum lvs_dir dir;

	*cpp = lvs_conn_lookup(start->ln, pkt->af, &pkt->key, &dir);
	if (!*cpp || dir != LVS_DIR_REQUEST || !lvs_conn_usable(*cpp))
		return -EAGAIN;
	if (likely(!start->server) || (*cpp)->dest == start->server)
		return 0;
	/* the client's talk with another server: who speaks now shall have the answer */
	return lvs_conn_displace(start->ln, *cpp) ? -EAGAIN : -EBUSY;
}

/* Returns 0 with @cpp set, -EAGAIN if the tuple's holder has just ended, or why there is no conn. */
static int try_flow(const struct lvs_start *start, u8 nodes, struct lvs_conn **cpp)
{
	struct lvs_net *ln = start->ln;
	const struct lvs_pkt *pkt = start->pkt;
	struct lvs_conn *cp, *found;
	int err;

	cp = lvs_defense_reserve(ln, pkt->af, &pkt->key, nodes, &found);
	if (IS_ERR(cp))
		return PTR_ERR(cp);
	/* another CPU was first, with this flow or with a reply whose tuple is the same */
	if (!cp)
		return is_early(start) ? -EALREADY : join_flow(start, cpp);

	cp->fwmark = lvs_start_mark(start);
	lvs_latch(reserve);
	err = choose_server(start, cp);
	/* more is to be done for a conn of one packet than is done early */
	if (!err && unlikely(is_early(start)) && READ_ONCE(cp->dest->conn_flags) & IP_VS_CONN_F_ONE_PACKET)
		err = -EALREADY;
	if (err) {
		lvs_conn_abandon(ln, cp);
		return err;
	}
	count_conn(start, cp);
	if (unlikely(rcu_access_pointer(ln->ct)))
		lvs_ct_start(ln, cp);
	lvs_conn_publish(ln, cp, LVS_CONN_FIRST_TIMEOUT);
	*cpp = cp;
	return 0;
}

static enum lvs_outcome start_flow(const struct lvs_start *start, struct lvs_conn **cpp)
{
	u8 nodes = start->conf->n_nat ? 2 : 1;
	int tries, err = -EAGAIN;

	for (tries = 0; tries < LVS_RESERVE_TRIES; tries++) {
		err = try_flow(start, nodes, cpp);
		if (!err)
			return LVS_FORWARDED;
		/* a server behind NAT after all: just edited, or by the template of another service of the VIP */
		if (err == -EEXIST && nodes == 1)
			nodes = 2;
		else if (err != -EAGAIN)
			break;
	}
	*cpp = NULL;
	return choose_failed(start, err);
}

static enum lvs_outcome start_any(struct lvs_start *start, struct lvs_conn **cpp)
{
	bool once = start->conf->flags & IP_VS_SVC_F_ONEPACKET &&
		    lvs_key_proto(&start->pkt->key, start->pkt->af) == IPPROTO_UDP;
	enum lvs_outcome outcome;

	if (unlikely(start->conf->pe) && start->conf->flags & IP_VS_SVC_F_PERSISTENT) {
		int err = lvs_persist_read(start);

		if (err)
			return choose_failed(start, err);
	}
	outcome = once ? start_once(start, cpp) : start_flow(start, cpp);
	kfree(start->pe_copy);
	return outcome;
}

/* For any port, and for data conns of FTP: only a template can tie a client's conns to different ports together. */
static bool is_other_port(const struct lvs_service *svc, const struct lvs_pkt *pkt)
{
	const struct lvs_svc_key *key = &svc->key;

	return !key->fwmark && (!key->port || key->port != lvs_key_dport(&pkt->key, pkt->af));
}

/* A client's packet for @svc starts a conn. As lvs_schedule(). */
static enum lvs_outcome schedule_to(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_service *svc, struct lvs_conn **cp)
{
	struct lvs_start start = { .ln = ln, .pkt = pkt, .svc = svc };
	union nf_inet_addr src, dst;

	if (lvs_defense_drop(ln))
		return LVS_DROP_DROP_PACKET;
	start.conf = rcu_dereference(svc->conf);
	/* active FTP: a server's own data conns are never scheduled */
	if (!start.conf || lvs_key_sport(&pkt->key, pkt->af) == htons(LVS_FTP_DATA_PORT))
		return LVS_PASSED;
	if (!(start.conf->flags & IP_VS_SVC_F_PERSISTENT) && is_other_port(svc, pkt))
		return svc->key.port ? LVS_PASSED : lvs_refuse(ln, pkt);

	src = lvs_key_src(&pkt->key, pkt->af);
	dst = lvs_key_dst(&pkt->key, pkt->af);
	start.sched_key = (struct lvs_sched_key){
		.af = pkt->af,
		.svc_flags = start.conf->flags,
		.saddr = &src,
		.daddr = &dst,
		.sport = lvs_key_sport(&pkt->key, pkt->af),
		.dport = lvs_key_dport(&pkt->key, pkt->af),
	};
	return start_any(&start, cp);
}

/**
 * lvs_schedule - start a conn for a client's packet that has none
 * @ln: namespace
 * @pkt: the packet, TCP or UDP
 * @cp: set to the conn that the packet goes on to
 *
 * Context: RCU, BH off.
 * Return: if @cp is not set, what became of the packet.
 */
enum lvs_outcome lvs_schedule(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp)
{
	bool quoted = pkt->flags & LVS_PKT_ICMP_ERR;
	struct lvs_service *svc;

	/* what an ICMP error quotes says nothing of what the conn's next packet will be */
	if (!quoted && !lvs_proto(lvs_key_proto(&pkt->key, pkt->af))->may_start(ln, pkt))
		return LVS_PASSED;
	svc = lvs_service_match(ln, pkt);
	if (!svc)
		return LVS_PASSED;
	/* the next one may do without being routed */
	if (!quoted && pkt->hook == NF_INET_LOCAL_IN && !(pkt->flags & LVS_PKT_LATE))
		lvs_service_note_seen(svc, lvs_fast_seen(ln, pkt->skb));
	return schedule_to(ln, pkt, svc, cp);
}

/**
 * lvs_schedule_early - start a conn for a client's packet before it is routed
 * @ln: namespace
 * @pkt: the packet, at PRE_ROUTING: UDP or a SYN of TCP; its tuple need not have been looked up
 * @cp: set to the conn that the packet goes on to
 *
 * Context: softirq, RCU.
 * Return: if @cp is not set, what became of the packet: LVS_PASSED for what is not plain.
 */
enum lvs_outcome lvs_schedule_early(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp)
{
	struct lvs_service *svc = lvs_service_match(ln, pkt);
	u64 seen = lvs_seen(READ_ONCE(ln->epoch), pkt->skb->skb_iif);
	const struct lvs_service_conf *conf;
	enum lvs_outcome outcome;

	if (!svc || svc->key.fwmark || !lvs_service_seen(svc, seen))
		return LVS_PASSED;
	/* what is given back would be counted twice */
	if (unlikely(READ_ONCE(ln->defense.drop_rate)))
		return LVS_PASSED;
	conf = rcu_dereference(svc->conf);
	if (!conf || conf->flags & IP_VS_SVC_F_ONEPACKET || conf->pe)
		return LVS_PASSED;
	outcome = schedule_to(ln, pkt, svc, cp);
	/* lvs_ct.ko may have come since it was looked for */
	if (*cp && likely(!(*cp)->tracked))
		WRITE_ONCE((*cp)->seen, seen);
	return outcome;
}

/* Finds the service, newest first, and the server of it that a packet comes from. */
static bool find_sender(struct lvs_start *start)
{
	const struct lvs_pkt *pkt = start->pkt;
	struct lvs_dest_key key = {
		.addr = lvs_key_src(&pkt->key, pkt->af),
		.port = lvs_key_sport(&pkt->key, pkt->af),
		.af = pkt->af,
	};

	list_for_each_entry_rcu(start->svc, &start->ln->pe_services, pe_list) {
		start->conf = rcu_dereference(start->svc->conf);
		key.svc = start->svc->key;
		if (!start->conf || !start->conf->pe || key.svc.proto != IPPROTO_UDP || !key.svc.port)
			continue;
		start->server = lvs_dest_lookup(start->ln, &key);
		if (start->server && test_bit(LVS_DEST_AVAILABLE, &start->server->state) &&
		    lvs_dest_fwd_method(start->server) == IP_VS_CONN_F_MASQ)
			return key.port;
	}
	return false;
}

/**
 * lvs_schedule_sender - start a conn for a packet of a server that has none
 * @ln: namespace
 * @pkt: the packet, UDP
 * @cp: set to the conn that it is a reply of
 *
 * As if its client had sent one to the service before, and got this server. Context: RCU, BH off.
 * Return: if @cp is not set, what became of the packet: LVS_PASSED if it is from no server of a service with a persistence
 * engine, or that finds nothing in it.
 */
enum lvs_outcome lvs_schedule_sender(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn **cp)
{
	struct lvs_start start = { .ln = ln, .pkt = pkt };
	union nf_inet_addr client = lvs_key_dst(&pkt->key, pkt->af);
	union lvs_key reply = pkt->key;
	const struct lvs_svc_key *svc;
	enum lvs_outcome outcome;

	if (!find_sender(&start))
		return LVS_PASSED;
	svc = &start.svc->key;
	lvs_key_fill(&pkt->key, pkt->af, svc->proto, LVS_KEY_FLOW, &client, lvs_key_dport(&reply, pkt->af), &svc->addr,
		     svc->port);
	outcome = start_any(&start, cp);
	pkt->key = reply;
	return outcome;
}
