/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PROTO_H
#define _LVS_PROTO_H

#include "../conn/conn.h"
#include "../packet.h"

struct lvs_net;
struct lvs_timeouts;

/* Timeout of a conn between its creation and its first state, jiffies. */
#define LVS_CONN_FIRST_TIMEOUT (3 * HZ)

/* bit of a template's state: one of its conns got an answer */
#define LVS_TEMPLATE_ASSURED BIT(0)

/**
 * struct lvs_proto_ops - what a transport protocol means to the balancer
 * @name: as listings show it
 * @may_start: may this packet, which has no conn, start one
 * @restarts: does this packet, which has a conn, start another with the same tuple
 * @is_over: may a conn in its present state be replaced by a packet that @restarts
 * @track: a packet passes: follow the state and move the deadline
 * @state_name: name of a state, for listings
 *
 * @track: context softirq, RCU, BH off; takes the conn's lock only if the state changes.
 */
struct lvs_proto_ops {
	const char *name;
	bool (*may_start)(const struct lvs_net *ln, const struct lvs_pkt *pkt);
	bool (*restarts)(const struct lvs_pkt *pkt);
	bool (*is_over)(const struct lvs_net *ln, const struct lvs_conn *cp);
	void (*track)(struct lvs_net *ln, struct lvs_conn *cp, const struct lvs_pkt *pkt, enum lvs_dir dir);
	const char *(*state_name)(u8 state);
};

extern const struct lvs_proto_ops lvs_proto_tcp;
extern const struct lvs_proto_ops lvs_proto_udp;
extern const struct lvs_proto_ops lvs_proto_sctp;

/* The protocols of parsed packets and of conns are only ever these three. */
static inline const struct lvs_proto_ops *lvs_proto(u8 proto)
{
	if (proto == IPPROTO_TCP)
		return &lvs_proto_tcp;
	return likely(proto == IPPROTO_UDP) ? &lvs_proto_udp : &lvs_proto_sctp;
}

void lvs_timeouts_init(struct lvs_timeouts *t);
void lvs_conn_assure(struct lvs_conn *cp);
const char *lvs_proto_name(u8 proto);
const char *lvs_proto_state_name(u8 proto, u8 state);

#endif
