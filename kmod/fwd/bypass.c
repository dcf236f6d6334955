// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: bypass
 *
 * There is no server: the packet goes to its own destination, unchanged, as if it had not been caught. A cache that has
 * failed is passed by in this way. The route is looked up for each packet.
 */
#include <linux/ip_vs.h>
#include <net/dst.h>

#include "../conn/conn.h"
#include "../net.h"
#include "egress.h"
#include "methods.h"
#include "xmit.h"

static enum lvs_outcome bypass_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	struct lvs_egress eg = { .method = IP_VS_CONN_F_BYPASS, .af = pkt->af };
	union nf_inet_addr to = lvs_conn_vaddr(cp);
	enum lvs_outcome outcome;

	outcome = lvs_xmit_route_away(ln, pkt, &to, &eg);
	if (outcome != LVS_FORWARDED)
		return outcome;
	outcome = lvs_xmit_admit(ln, pkt, dst_mtu(eg.dst));
	if (outcome == LVS_FORWARDED)
		outcome = lvs_xmit_hop(pkt);
	if (outcome == LVS_FORWARDED)
		outcome = lvs_xmit_send(ln, pkt, &eg);
	dst_release(eg.dst);
	return outcome;
}

const struct lvs_fwd_ops lvs_fwd_bypass = {
	.name = "Bypass",
	.request = bypass_request,
	.icmp_request = bypass_request,
};
