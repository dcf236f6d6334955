// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: UDP
 *
 * A flow has one state, and ends when it has been idle for the timeout.
 */
#include "../net.h"
#include "proto.h"

static bool udp_may_start(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	return true;
}

/* One datagram of a flow is like another: none says that it is the first. */
static bool udp_restarts(const struct lvs_pkt *pkt)
{
	return false;
}

static bool udp_is_over(const struct lvs_net *ln, const struct lvs_conn *cp)
{
	return false;
}

static void udp_track(struct lvs_net *ln, struct lvs_conn *cp, const struct lvs_pkt *pkt, enum lvs_dir dir)
{
	u32 timeout = READ_ONCE(ln->timeouts.udp);

	if (READ_ONCE(cp->timeout) == timeout) {
		lvs_conn_touch(cp);
	} else {
		spin_lock(&cp->lock);
		lvs_conn_update(ln, cp, LVS_UDP_NORMAL, timeout, false);
		spin_unlock(&cp->lock);
	}
	if (dir == LVS_DIR_REPLY)
		lvs_conn_assure(cp);
}

static const char *udp_state_name(u8 state)
{
	return state == LVS_UDP_NORMAL ? "UDP" : "ERR!";
}

const struct lvs_proto_ops lvs_proto_udp = {
	.name = "UDP",
	.may_start = udp_may_start,
	.restarts = udp_restarts,
	.is_over = udp_is_over,
	.track = udp_track,
	.state_name = udp_state_name,
};
