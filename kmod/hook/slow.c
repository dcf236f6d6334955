// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: slow path
 *
 * What becomes of a packet that concerns lvs: one lookup tells whether it is a request, a reply, or the start of a conn.
 * Everything here runs with BH off under RCU; what is found stays valid until the hook returns.
 */
#include <linux/err.h>

#include "../companion/expected.h"
#include "../dest/stray.h"
#include "../fwd/l3.h"
#include "../fwd/local_route.h"
#include "../net.h"
#include "../packet.h"
#include "../proto/proto.h"
#include "../service/filter.h"
#include "../test/latch.h"
#include "fast.h"
#include "hook.h"

/* A packet of AH or ESP moves no state: it keeps the conn by which it was agreed on from ending. */
static void track(struct lvs_net *ln, struct lvs_conn *cp, const struct lvs_pkt *pkt, enum lvs_dir dir)
{
	if (unlikely(pkt->flags & LVS_PKT_RELATED))
		lvs_conn_touch(cp);
	else
		lvs_proto(lvs_conn_proto(cp))->track(ln, cp, pkt, dir);
}

/* Is what input routing made of the packet true of those that follow it? Rules may go by marks, which come from anywhere. */
static bool learnable(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	return pkt->hook == NF_INET_LOCAL_IN && !(pkt->flags & LVS_PKT_LATE) &&
	       !(pkt->skb->mark && lvs_l3(pkt->af)->route_matters(ln->net));
}

static enum lvs_outcome forward_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	u64 seen = learnable(ln, pkt) ? lvs_fast_seen(ln, pkt->skb) : 0;
	enum lvs_outcome outcome;

	if (seen && READ_ONCE(ln->knobs.fast_path))
		lvs_local_route_learn(ln, pkt, seen);
	lvs_count_in(ln, cp, pkt->skb);
	track(ln, cp, pkt, LVS_DIR_REQUEST);
	if (unlikely(cp->tracked) && !lvs_ct_request(ln, pkt, cp))
		return LVS_DROP_CONNTRACK;
	outcome = lvs_conn_fwd_ops(cp)->request(ln, pkt, cp);
	/* those that follow it may do without all this, but for what is tracked */
	if (seen && outcome == LVS_FORWARDED && !cp->tracked && READ_ONCE(cp->seen) != seen)
		WRITE_ONCE(cp->seen, seen);
	return outcome;
}

static enum lvs_outcome forward_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_fwd_ops *fwd = lvs_conn_fwd_ops(cp);
	enum lvs_outcome outcome = LVS_PASSED;

	/* a helper may change the length of what is counted */
	if (unlikely(cp->tracked) && !lvs_ct_reply(ln, pkt, cp))
		return LVS_DROP_CONNTRACK;
	lvs_count_out(ln, cp, pkt->skb);
	track(ln, cp, pkt, LVS_DIR_REPLY);
	if (fwd->reply)
		outcome = fwd->reply(ln, pkt, cp);
	return outcome;
}

/* A conn's packet starts a new one, or its server is gone: may the old conn be ended for it? */
static bool conn_is_stale(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp)
{
	const struct lvs_proto_ops *proto = lvs_proto(lvs_conn_proto(cp));
	const struct lvs_dest *dest = cp->dest;
	bool gone = lvs_dest_gone(dest);

	if (gone && (proto == &lvs_proto_udp || READ_ONCE(ln->knobs.expire_nodest_conn)))
		return true;
	if (!proto->restarts(pkt))
		return false;
	if (gone || (READ_ONCE(ln->knobs.expire_nodest_conn) && !READ_ONCE(dest->weight) &&
		     !test_bit(LVS_DEST_NOBODY, &dest->state)))
		return true;
	/* a persistent client's next conn goes to the same server: it may take the old entry over */
	return !cp->control && proto->is_over(ln, cp);
}

/* A server may be one whose UDP conns last for one packet. It is chosen when the flow is in the table already. */
static bool once_only(const struct lvs_conn *cp)
{
	return READ_ONCE(cp->dest->conn_flags) & IP_VS_CONN_F_ONE_PACKET && lvs_conn_proto(cp) == IPPROTO_UDP;
}

/* The packet that started a conn has been dealt with. */
static void started(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (READ_ONCE(cp->flags) & IP_VS_CONN_F_ONE_PACKET)
		lvs_conn_free_once(ln, cp);
	else if (unlikely(once_only(cp)))
		lvs_conn_displace(ln, cp);
}

static enum lvs_outcome start_conn(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	struct lvs_conn *cp = NULL;
	enum lvs_outcome outcome = lvs_schedule(ln, pkt, &cp);

	if (!cp)
		return outcome;
	if (unlikely(cp->tracked))
		lvs_ct_renew(ln, pkt, cp);
	outcome = forward_request(ln, pkt, cp);
	started(ln, cp);
	return outcome;
}

/* A packet of a server may start a conn, too, by the word of a persistence engine. */
static enum lvs_outcome sender_start_conn(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	struct lvs_conn *cp = NULL;
	enum lvs_outcome outcome = lvs_schedule_sender(ln, pkt, &cp);

	if (!cp)
		return outcome;
	outcome = forward_reply(ln, pkt, cp);
	started(ln, cp);
	return outcome;
}

static bool sender_may_start(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	return !list_empty(&ln->pe_services) && pkt->proto == IPPROTO_UDP && pkt->hook != NF_INET_LOCAL_IN;
}

static enum lvs_outcome request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	/* not through this host, but addressed to it: the VIP is local */
	if (pkt->hook == NF_INET_FORWARD)
		return LVS_PASSED;
	if (!(pkt->flags & LVS_PKT_RELATED) && conn_is_stale(ln, pkt, cp)) {
		if (lvs_conn_displace(ln, cp))
			return start_conn(ln, pkt);
		/* it is just being changed by another CPU: this packet still belongs to it */
	}
	if (lvs_dest_gone(cp->dest))
		return LVS_DROP_DEST_GONE;
	return forward_request(ln, pkt, cp);
}

/* Is it a client's call that may be expected? */
static bool is_call(const struct lvs_pkt *pkt)
{
	const u32 call = LVS_PKT_TCP_SYN, flags = call | LVS_PKT_TCP_ACK | LVS_PKT_TCP_RST | LVS_PKT_RELATED;

	return pkt->proto == IPPROTO_TCP && (pkt->flags & flags) == call && pkt->hook != NF_INET_FORWARD;
}

/* Is this packet the one that a conn without a client's port waits for? Sets *@outcome to what became of it. */
static bool meet_expected(struct lvs_net *ln, struct lvs_pkt *pkt, enum lvs_outcome *outcome)
{
	struct lvs_conn *cp = lvs_expected_meet(ln, pkt->af, &pkt->key);

	if (!cp)
		return false;
	if (IS_ERR(cp)) {
		*outcome = lvs_start_failed(PTR_ERR(cp));
		return true;
	}
	lvs_ct_renew(ln, pkt, cp);
	*outcome = request(ln, pkt, cp);
	return true;
}

static enum lvs_outcome icmp_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	lvs_count_in(ln, cp, pkt->skb);
	return lvs_conn_fwd_ops(cp)->icmp_request(ln, pkt, cp);
}

/*
 * An error about a reply of a conn that this director does not know, because another one has it: the server that would get
 * the conn gets the error. @key: the conn's tuple.
 */
static enum lvs_outcome icmp_start(struct lvs_net *ln, struct lvs_pkt *pkt, const union lvs_key *key)
{
	union lvs_key quoted = pkt->key;
	struct lvs_conn *cp = NULL;
	enum lvs_outcome outcome;

	pkt->key = *key;
	outcome = lvs_schedule(ln, pkt, &cp);
	pkt->key = quoted;
	if (!cp)
		return outcome;
	outcome = icmp_request(ln, pkt, cp);
	if (READ_ONCE(cp->flags) & IP_VS_CONN_F_ONE_PACKET)
		lvs_conn_free_once(ln, cp);
	return outcome;
}

static enum lvs_outcome icmp_unknown(struct lvs_net *ln, struct lvs_pkt *pkt, const union lvs_key *key)
{
	enum lvs_outcome outcome = lvs_tunnel_error(ln, pkt);

	if (outcome == LVS_PASSED && READ_ONCE(ln->knobs.schedule_icmp) && !(pkt->flags & LVS_PKT_RELATED))
		return icmp_start(ln, pkt, key);
	return outcome;
}

static enum lvs_outcome icmp_error(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	const struct lvs_fwd_ops *fwd;
	enum lvs_outcome outcome = LVS_PASSED;
	struct lvs_conn *cp;
	union lvs_key key;
	enum lvs_dir dir;

	/* an error about a packet of one direction travels in the other */
	lvs_key_reverse(&key, &pkt->key, pkt->af);
	cp = lvs_conn_lookup(ln, pkt->af, &key, &dir);
	if (!cp)
		return icmp_unknown(ln, pkt, &key);
	if (!lvs_conn_has_server(cp))
		return LVS_PASSED;

	if (unlikely(cp->tracked))
		pkt->flags |= LVS_PKT_TRACKED;
	if (dir == LVS_DIR_REQUEST)
		return icmp_request(ln, pkt, cp);
	fwd = lvs_conn_fwd_ops(cp);
	if (fwd->icmp_reply) {
		lvs_count_out(ln, cp, pkt->skb);
		outcome = fwd->icmp_reply(ln, pkt, cp);
	}
	return outcome;
}

/* A reply that a server sends with the VIP as its own address (DR, TUN) and that passes this host. */
static struct lvs_conn *find_straight_reply(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	union nf_inet_addr src = lvs_key_src(&pkt->key, pkt->af);
	struct lvs_conn *cp;
	union lvs_key key;
	enum lvs_dir dir;

	if (!lvs_filter_vip(ln->filter, &src))
		return NULL;
	lvs_key_reverse(&key, &pkt->key, pkt->af);
	cp = lvs_conn_lookup(ln, pkt->af, &key, &dir);
	if (!cp || dir != LVS_DIR_REQUEST || !lvs_conn_usable(cp) || lvs_conn_fwd(cp) == IP_VS_CONN_F_MASQ)
		return NULL;
	return cp;
}

/* Does a server behind NAT say something that no conn is for? What ends a conn may not be answered. */
static bool server_strays(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	union nf_inet_addr src = lvs_key_src(&pkt->key, pkt->af);

	return !(pkt->flags & (LVS_PKT_TCP_RST | LVS_PKT_SCTP_ABORT | LVS_PKT_RELATED)) &&
	       lvs_filter_server(ln->filter, &src) &&
	       lvs_dest_serves(ln, pkt->af, lvs_key_proto(&pkt->key, pkt->af), &src, lvs_key_sport(&pkt->key, pkt->af));
}

/**
 * lvs_slow_path - handle a packet that concerns lvs
 * @ln: namespace
 * @pkt: parsed packet with ports, or an ICMP error about one
 *
 * Context: RCU, BH off.
 * Return: what became of the packet; see enum lvs_outcome for who owns the skb.
 */
enum lvs_outcome lvs_slow_path(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	enum lvs_outcome outcome;
	struct lvs_conn *cp;
	enum lvs_dir dir;

	if (pkt->flags & LVS_PKT_ICMP_ERR)
		return icmp_error(ln, pkt);

	cp = lvs_conn_lookup(ln, pkt->af, &pkt->key, &dir);
	if (cp && lvs_conn_usable(cp)) {
		lvs_latch(found_slow);
		return dir == LVS_DIR_REQUEST ? request(ln, pkt, cp) : forward_reply(ln, pkt, cp);
	}

	if (unlikely(atomic_read(&ln->n_no_cport[lvs_af_index(pkt->af)])) && is_call(pkt) &&
	    meet_expected(ln, pkt, &outcome))
		return outcome;
	cp = find_straight_reply(ln, pkt);
	if (cp)
		return forward_reply(ln, pkt, cp);
	if (unlikely(sender_may_start(ln, pkt))) {
		outcome = sender_start_conn(ln, pkt);
		if (outcome != LVS_PASSED)
			return outcome;
	}
	if (unlikely(READ_ONCE(ln->knobs.nat_icmp_send)) && server_strays(ln, pkt))
		return lvs_refuse(ln, pkt);
	if (pkt->hook == NF_INET_FORWARD || pkt->flags & LVS_PKT_RELATED)
		return LVS_PASSED;
	return start_conn(ln, pkt);
}
