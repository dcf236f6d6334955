/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CT_H
#define _LVS_CT_H

#include <linux/types.h>

struct lvs_conn;
struct lvs_net;
struct lvs_pkt;
struct module;
struct net;

/**
 * struct lvs_ct_ops - what lvs_ct.ko does to connection tracking
 * @owner: the module
 * @request: a client's packet of a tracked conn is about to be sent to its server; false if it must be dropped
 * @reply: likewise, a server's packet on its way to the client
 * @renew: a packet starts a tracked conn; if connection tracking has its flow in hand as another one, it starts anew
 * @drop: a tracked conn ends; its lock is held
 * @use: have all flows of a family tracked in a namespace; 0 or -errno
 * @unuse: the opposite of @use
 *
 * @use and @unuse are called in process context, all others under RCU with BH off.
 */
struct lvs_ct_ops {
	struct module *owner;
	bool (*request)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	bool (*reply)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	void (*renew)(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp);
	void (*drop)(struct net *net, const struct lvs_conn *cp);
	int (*use)(struct net *net, u8 af);
	void (*unuse)(struct net *net, u8 af);
};

/* lvs.ko itself */
void lvs_ct_init(struct lvs_net *ln);
void lvs_ct_exit(struct lvs_net *ln);
int lvs_ct_enable(struct lvs_net *ln, int value);
void lvs_ct_start(struct lvs_net *ln, struct lvs_conn *cp);
void lvs_ct_renew(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp);
bool lvs_ct_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
bool lvs_ct_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
void lvs_ct_end(struct lvs_net *ln, struct lvs_conn *cp);

/* for lvs_ct.ko */
void lvs_ct_attach(struct net *net, const struct lvs_ct_ops *ops);
void lvs_ct_detach(struct net *net);

#endif
