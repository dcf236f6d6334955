/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPANION_H
#define _LVS_COMPANION_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct net;
struct sk_buff;

/**
 * struct lvs_conn_props - what others may know of the conn of a packet
 * @vaddr: virtual address
 * @vport: virtual port, network byte order
 * @control_vport: virtual port of the conn or template that controls it; valid if @controlled
 * @controlled: it is controlled by another one
 * @method: an IP_VS_CONN_F_FWD_MASK value
 * @proto: IPPROTO_*
 */
struct lvs_conn_props {
	union nf_inet_addr vaddr;
	__be16 vport;
	__be16 control_vport;
	bool controlled;
	u8 method;
	u8 proto;
};

bool lvs_conn_props_get(struct net *net, const struct sk_buff *skb, u8 af, struct lvs_conn_props *props);

#endif
