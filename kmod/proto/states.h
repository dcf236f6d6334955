/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_STATES_H
#define _LVS_STATES_H

#include <linux/types.h>

/*
 * States of a conn by protocol: struct lvs_conn::state. Their numbers travel in IPVS's sync messages, so they are
 * those of IPVS.
 */
enum lvs_tcp_state {
	LVS_TCP_NONE,
	LVS_TCP_ESTABLISHED,
	LVS_TCP_SYN_SENT,
	LVS_TCP_SYN_RECV,
	LVS_TCP_FIN_WAIT,
	LVS_TCP_TIME_WAIT,
	LVS_TCP_CLOSE,
	LVS_TCP_CLOSE_WAIT,
	LVS_TCP_LAST_ACK,
	LVS_TCP_LISTEN,
	LVS_TCP_SYNACK,
	LVS_TCP_STATES
};

/* As the server sees it; C: the client speaks, S: the server. */
enum lvs_sctp_state {
	LVS_SCTP_NONE,
	LVS_SCTP_INIT1,			/* C: a first INIT */
	LVS_SCTP_INIT,			/* C: another one */
	LVS_SCTP_COOKIE_SENT,		/* S: INIT ACK */
	LVS_SCTP_COOKIE_REPLIED,	/* C: COOKIE ECHO */
	LVS_SCTP_COOKIE_WAIT,		/* S: INIT, the server calls the client */
	LVS_SCTP_COOKIE,		/* C: INIT ACK */
	LVS_SCTP_COOKIE_ECHOED,		/* S: COOKIE ECHO */
	LVS_SCTP_ESTABLISHED,
	LVS_SCTP_SHUTDOWN_SENT,		/* S: SHUTDOWN */
	LVS_SCTP_SHUTDOWN_RECEIVED,	/* C: SHUTDOWN */
	LVS_SCTP_SHUTDOWN_ACK_SENT,	/* S: SHUTDOWN ACK */
	LVS_SCTP_REJECTED,		/* INIT was answered by ABORT */
	LVS_SCTP_CLOSED,
	LVS_SCTP_STATES
};

enum lvs_udp_state {
	LVS_UDP_NORMAL,
};

/**
 * struct lvs_timeouts - idle timeouts, in jiffies
 * @tcp: by enum lvs_tcp_state
 * @udp: of UDP's only state
 * @sctp: by enum lvs_sctp_state
 *
 * Written under the config lock, read locklessly.
 */
struct lvs_timeouts {
	u32 tcp[LVS_TCP_STATES];
	u32 udp;
	u32 sctp[LVS_SCTP_STATES];
};

#endif
