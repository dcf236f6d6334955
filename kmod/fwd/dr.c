// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: direct routing and local delivery
 *
 * The server has the VIP itself: the packet goes to the server's link layer address and is otherwise left alone. ICMP
 * errors take the same way. Replies do not come back here.
 */
#include <linux/ip_vs.h>
#include <net/dst.h>

#include "../conn/conn.h"
#include "../net.h"
#include "egress.h"
#include "methods.h"
#include "xmit.h"

static enum lvs_outcome dr_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_egress *eg;
	enum lvs_outcome outcome;

	outcome = lvs_xmit_route(ln, pkt, cp->dest, IP_VS_CONN_F_DROUTE, &eg);
	if (outcome == LVS_DELIVERED)
		return lvs_xmit_deliver(pkt);
	if (outcome == LVS_FORWARDED)
		outcome = lvs_xmit_admit(ln, pkt, dst_mtu(eg->dst));
	if (outcome == LVS_FORWARDED)
		outcome = lvs_xmit_hop(pkt);
	return outcome == LVS_FORWARDED ? lvs_xmit_send(ln, pkt, eg) : outcome;
}

static enum lvs_outcome local_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return lvs_xmit_deliver(pkt);
}

const struct lvs_fwd_ops lvs_fwd_dr = {
	.name = "Route",
	.request = dr_request,
	.icmp_request = dr_request,
};

const struct lvs_fwd_ops lvs_fwd_local = {
	.name = "Local",
	.request = local_request,
	.icmp_request = local_request,
};
