/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_DROP_H
#define _LVS_DROP_H

#include <linux/percpu.h>
#include <linux/types.h>

struct lvs_net;
struct lvs_pkt;

/*
 * Every packet that a hook of lvs looks at ends in exactly one outcome, and each outcome is counted under its name in
 * /proc/net/lvs_drops. The order here is the order there, so add new reasons at the end.
 *
 * X(enum suffix, name, what a reader of the counter should think of)
 */
#define LVS_DROP_REASONS(X)								\
	X(MALFORMED,		malformed)		/* lengths or headers that lie */	\
	X(FRAGMENT,		fragment)		/* a fragment that could not be reassembled */ \
	X(BAD_CHECKSUM,		bad_checksum)		/* an ICMP error or packet to rewrite fails its checksum */ \
	X(DEST_GONE,		dest_gone)		/* the conn's server was removed */ \
	X(CONN_LIMIT,		conn_limit)		/* conn_max or the memory limit reached */ \
	X(NO_MEMORY,		no_memory)		/* an allocation in softirq failed */ \
	X(TUPLE_IN_USE,		tuple_in_use)		/* NAT: the reply tuple belongs to another conn on every server */ \
	X(NO_ROUTE,		no_route)		/* no route to the server */ \
	X(ROUTE_BOUNDARY,	route_boundary)		/* local/non-local addresses would be crossed */ \
	X(MTU_TOO_SMALL,	mtu_too_small)		/* path MTU leaves no room for the tunnel header */ \
	X(TOO_BIG,		too_big)		/* over the MTU and must not be answered */ \
	X(HOP_LIMIT,		hop_limit)		/* no hop left and must not be answered */ \
	X(CONN_RACE,		conn_race)		/* the conn was abandoned by the CPU that was creating it */ \
	X(TABLE_BUSY,		table_busy)		/* the conn table refused an insert */ \
	X(DROP_PACKET,		drop_packet)		/* it was its turn, by net.ipv4.vs.drop_packet */ \
	X(NO_SERVER,		no_server)		/* an ICMP error would start a conn, and there is no server */ \
	X(CONNTRACK,		conntrack)		/* connection tracking, or its helper, would not have it */ \
	X(NO_CALL_ID,		no_call_id)		/* persistence engine sip: not UDP, or no Call-ID in it */

enum lvs_outcome {
	LVS_FORWARDED,		/* given to the output path; the skb is no longer ours */
	LVS_ANSWERED,		/* answered by an ICMP error; the skb is still to be dropped */
	LVS_PASSED,		/* none of our business; the stack goes on with it */
	LVS_DELIVERED,		/* for a server on this host; the stack goes on with it, counted as forwarded */
	LVS_TRANSLATED,		/* rewritten in place (NAT reply); the stack goes on with it, counted as forwarded */
	LVS_DROP_FIRST,
	__LVS_DROP_BEFORE = LVS_DROP_FIRST - 1,
#define LVS_DROP_ENUM(sym, name) LVS_DROP_##sym,
	LVS_DROP_REASONS(LVS_DROP_ENUM)
#undef LVS_DROP_ENUM
	LVS_OUTCOME_MAX
};

/**
 * struct lvs_outcomes - one CPU's count of packets by outcome
 * @in: packets that a hook looked at, without those of the next three
 * @by: indexed by enum lvs_outcome
 * @fast: packets that the fast path forwarded: part of the sums of @in and of LVS_FORWARDED
 * @steady: packets that hook/steady.c had the stack forward: likewise
 * @foreign: packets that concern nobody: part of the sums of @in and of LVS_PASSED
 * @epoch: struct lvs_net::epoch before the latest packet was routed
 */
struct lvs_outcomes {
	u64 in;
	u64 by[LVS_OUTCOME_MAX];
	u64 fast;
	u64 steady;
	u64 foreign;
	u32 epoch;
};

const char *lvs_outcome_name(enum lvs_outcome outcome);
void lvs_outcomes_sum(const struct lvs_outcomes __percpu *cells, struct lvs_outcomes *sum);
unsigned int lvs_outcome_verdict(struct lvs_net *ln, const struct lvs_pkt *pkt, enum lvs_outcome outcome);

#endif
