/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_STATES_H
#define _LVS_STATES_H

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

enum lvs_udp_state {
	LVS_UDP_NORMAL,
};

#endif
