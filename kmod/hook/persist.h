/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PERSIST_H
#define _LVS_PERSIST_H

#include "../service/service.h"

struct lvs_conn;

/**
 * struct lvs_start - a packet that is to start a conn
 * @ln: namespace
 * @pkt: the packet
 * @svc: service that it is for
 * @conf: the service's snapshot, the same for the whole packet
 * @sched_key: what the scheduler gets to see
 */
struct lvs_start {
	struct lvs_net *ln;
	struct lvs_pkt *pkt;
	struct lvs_service *svc;
	const struct lvs_service_conf *conf;
	struct lvs_sched_key sched_key;
};

/* Server port of a conn to @vport: the server's own if it has one and the service has that port. */
static inline __be16 lvs_start_dport(const struct lvs_start *start, const struct lvs_dest *dest, __be16 vport)
{
	bool mapped = lvs_dest_port(dest) &&
		      (start->svc->key.port == vport || !(start->conf->flags & IP_VS_SVC_F_PERSISTENT));

	return mapped ? lvs_dest_port(dest) : vport;
}

int lvs_persist_bind(const struct lvs_start *start, struct lvs_conn *cp,
		     int (*pick_and_bind)(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport));

#endif
