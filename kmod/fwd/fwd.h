/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FWD_H
#define _LVS_FWD_H

#include "../drop.h"
#include "../packet.h"

struct lvs_net;
struct lvs_conn;
struct lvs_dest;
struct lvs_tunnel;

/**
 * struct lvs_fwd_ops - one forwarding method for one pair of address families
 * @name: as listings show it: "Masq", "Route", "Tunnel", "Local", "Bypass"
 * @request: send a client's packet to the conn's server. Owns the skb when it returns LVS_FORWARDED.
 * @reply: rewrite a server's packet in place so that it comes from the VIP; NULL where replies are left alone.
 *         Returns LVS_TRANSLATED, or a drop reason.
 * @icmp_request: send an ICMP error that concerns the server's packets to the conn's server.
 * @icmp_reply: rewrite a server-side ICMP error about the client's packets in place; NULL where left alone.
 *
 * All are called in softirq (or with BH off) under RCU, with a parsed packet and a live conn.
 */
struct lvs_fwd_ops {
	const char *name;
	enum lvs_outcome (*request)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	enum lvs_outcome (*reply)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	enum lvs_outcome (*icmp_request)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
	enum lvs_outcome (*icmp_reply)(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
};

const struct lvs_fwd_ops *lvs_fwd_find(u32 method, u8 svc_af, u8 dest_af);
bool lvs_encap_known(u8 type);

/* egress cache of a dest: fwd/egress.c */
void lvs_egress_drop(struct lvs_dest *dest);
void lvs_egress_set_tunnel(struct lvs_dest *dest, const struct lvs_tunnel *tun);
void lvs_egress_drop_dev(struct lvs_dest *dest, const struct net_device *dev);

#endif
