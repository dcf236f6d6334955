/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HELPER_H
#define _LVS_HELPER_H

#include <linux/types.h>

struct lvs_conn;
struct lvs_net;
struct lvs_pkt;
struct lvs_service;
struct net;

/* Virtual ports that a helper may have. */
#define LVS_HELPER_PORTS 8

/* struct lvs_conn::helped of a conn that a helper reads, which is tracked; what is above it is what the helper has noted. */
#define LVS_HELPED 1

/**
 * struct lvs_helper_ops - who reads what clients and servers of an application say, and starts the conns that they agree on
 * @name: as listings show it
 * @ports: its virtual ports, TCP
 * @n_ports: number of them
 * @request: a client's packet of a helped conn passes; false if it must be dropped
 * @reply: likewise, a server's
 *
 * The functions are called under RCU with BH off and no conn locked. The packet's head may be reallocated and its payload
 * changed.
 */
struct lvs_helper_ops {
	char name[16];
	u16 ports[LVS_HELPER_PORTS];
	unsigned int n_ports;
	bool (*request)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	bool (*reply)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
};

/* lvs.ko itself */
bool lvs_helper_wants(struct lvs_net *ln, const struct lvs_conn *cp);
bool lvs_helper_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
bool lvs_helper_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
void lvs_helper_serve(const struct lvs_service *svc);

/* for lvs_ftp.ko */
void lvs_helper_attach(struct net *net, const struct lvs_helper_ops *ops);
void lvs_helper_detach(struct net *net);

#endif
