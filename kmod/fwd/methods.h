/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_METHODS_H
#define _LVS_METHODS_H

#include "fwd.h"
#include "l3.h"

struct lvs_egress;

extern const struct lvs_fwd_ops lvs_fwd_nat;
extern const struct lvs_fwd_ops lvs_fwd_dr;
extern const struct lvs_fwd_ops lvs_fwd_local;
extern const struct lvs_fwd_ops lvs_fwd_tun;
extern const struct lvs_fwd_ops lvs_fwd_bypass;

bool lvs_tun_push(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_dest *dest,
		  const struct lvs_egress *eg);
enum lvs_outcome lvs_nat_rewrite(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port);
enum lvs_outcome lvs_icmp_rewrite(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port);

/* fwd/sctp.c */
void lvs_sctp_set_port(struct sk_buff *skb, unsigned int l4off, enum lvs_side side, __be16 port);
int lvs_sctp_fill(struct sk_buff *skb, unsigned int l4off);

#endif
