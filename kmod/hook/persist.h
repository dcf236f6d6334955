/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PERSIST_H
#define _LVS_PERSIST_H

#include "../pe/pe.h"
#include "../service/service.h"

struct lvs_conn;

/**
 * struct lvs_start - a packet that is to start a conn
 * @ln: namespace
 * @pkt: the packet
 * @svc: service that it is for
 * @conf: the service's snapshot, the same for the whole packet
 * @sched_key: what the scheduler gets to see
 * @server: the server that sends the packet, whose conn it is going to be; NULL: a client sends it
 * @pe: what the service's persistence engine found in the packet
 * @pe_copy: where it found it, if the packet does not lie in one piece; owned
 */
struct lvs_start {
	struct lvs_net *ln;
	struct lvs_pkt *pkt;
	struct lvs_service *svc;
	const struct lvs_service_conf *conf;
	struct lvs_sched_key sched_key;
	struct lvs_dest *server;
	struct lvs_pe_found pe;
	u8 *pe_copy;
};

/* Server port of a conn to @vport: the server's own if it has one and the service has that port. */
static inline __be16 lvs_start_dport(const struct lvs_start *start, const struct lvs_dest *dest, __be16 vport)
{
	bool mapped = lvs_dest_port(dest) &&
		      (start->svc->key.port == vport || !(start->conf->flags & IP_VS_SVC_F_PERSISTENT));

	return mapped ? lvs_dest_port(dest) : vport;
}

/* The mark of a new conn: its service's, if a client's packet came by one. */
static inline u32 lvs_start_mark(const struct lvs_start *start)
{
	return start->server ? 0 : start->pkt->skb->mark;
}

int lvs_persist_read(struct lvs_start *start);
int lvs_persist_bind(const struct lvs_start *start, struct lvs_conn *cp,
		     int (*pick_and_bind)(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport));

#endif
