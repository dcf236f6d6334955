// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>

#include "../net.h"
#include "../service/edit.h"
#include "proto.h"

/**
 * lvs_timeouts_init - set the default timeouts
 * @t: timeouts of a new namespace
 */
void lvs_timeouts_init(struct lvs_timeouts *t)
{
	static const u16 seconds[LVS_TCP_STATES] = {
		[LVS_TCP_NONE]		= 2,
		[LVS_TCP_ESTABLISHED]	= 900,
		[LVS_TCP_SYN_SENT]		= 120,
		[LVS_TCP_SYN_RECV]		= 60,
		[LVS_TCP_FIN_WAIT]		= 120,
		[LVS_TCP_TIME_WAIT]		= 120,
		[LVS_TCP_CLOSE]		= 10,
		[LVS_TCP_CLOSE_WAIT]	= 60,
		[LVS_TCP_LAST_ACK]		= 30,
		[LVS_TCP_LISTEN]		= 120,
		[LVS_TCP_SYNACK]		= 120,
	};
	static const u16 sctp_seconds[LVS_SCTP_STATES] = {
		[LVS_SCTP_NONE]		= 2,
		[LVS_SCTP_INIT1]	= 4,
		[LVS_SCTP_REJECTED]	= 4,
		[LVS_SCTP_ESTABLISHED]	= 900,
	};
	int i;

	for (i = 0; i < LVS_TCP_STATES; i++)
		t->tcp[i] = seconds[i] * HZ;
	t->udp = 300 * HZ;
	/* the longest time between two retransmissions, and a second */
	for (i = 0; i < LVS_SCTP_STATES; i++)
		t->sctp[i] = (sctp_seconds[i] ?: 61) * HZ;
}

/**
 * lvs_conn_assure - a conn got an answer: note it on its template
 * @cp: conn
 *
 * Context: any, RCU.
 */
void lvs_conn_assure(struct lvs_conn *cp)
{
	struct lvs_conn *tmpl = cp->control;
	u8 state;

	/* the only state of a template; set once, so no lock; a control conn of FTP has states of its own */
	if (!tmpl || !lvs_conn_is_template(tmpl))
		return;
	state = READ_ONCE(tmpl->state);
	if (!(state & LVS_TEMPLATE_ASSURED))
		WRITE_ONCE(tmpl->state, state | LVS_TEMPLATE_ASSURED);
}

/**
 * lvs_proto_name - a protocol's name, for listings
 * @proto: IPPROTO_*
 *
 * Return: "TCP", "UDP", "SCTP", "IP" for the templates of firewall-mark services, or "UNKNOWN".
 */
const char *lvs_proto_name(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return lvs_proto(proto)->name;
	case IPPROTO_IP:
		return "IP";
	default:
		return "UNKNOWN";
	}
}

/**
 * lvs_proto_state_name - a state's name, for listings
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @state: state of a conn of that protocol
 *
 * Return: the name, "ERR!" if there is no such state.
 */
const char *lvs_proto_state_name(u8 proto, u8 state)
{
	return lvs_proto(proto)->state_name(state);
}

static int timeout_check(s32 seconds, struct netlink_ext_ack *extack)
{
	if (seconds >= 0 && seconds <= INT_MAX / HZ)
		return 0;
	NL_SET_ERR_MSG(extack, "timeout is out of range");
	return -EINVAL;
}

/**
 * lvs_timeouts_set - change the timeouts of established TCP, closing TCP and UDP conns
 * @ln: namespace
 * @spec: seconds; 0 keeps a timeout
 * @extack: told what is wrong
 *
 * Conns take the new timeout with their next packet. Context: process, config lock.
 * Return: 0 or -EINVAL.
 */
int lvs_timeouts_set(struct lvs_net *ln, const struct lvs_timeouts_spec *spec, struct netlink_ext_ack *extack)
{
	struct lvs_timeouts *t = &ln->timeouts;

	lockdep_assert_held(&ln->config_lock);
	if (timeout_check(spec->tcp, extack) || timeout_check(spec->tcp_fin, extack) ||
	    timeout_check(spec->udp, extack))
		return -EINVAL;
	if (spec->tcp)
		WRITE_ONCE(t->tcp[LVS_TCP_ESTABLISHED], spec->tcp * HZ);
	if (spec->tcp_fin)
		WRITE_ONCE(t->tcp[LVS_TCP_FIN_WAIT], spec->tcp_fin * HZ);
	if (spec->udp)
		WRITE_ONCE(t->udp, spec->udp * HZ);
	return 0;
}

/**
 * lvs_timeouts_get - read what lvs_timeouts_set() sets
 * @ln: namespace
 * @spec: set to seconds
 *
 * Context: any.
 */
void lvs_timeouts_get(struct lvs_net *ln, struct lvs_timeouts_spec *spec)
{
	spec->tcp = READ_ONCE(ln->timeouts.tcp[LVS_TCP_ESTABLISHED]) / HZ;
	spec->tcp_fin = READ_ONCE(ln->timeouts.tcp[LVS_TCP_FIN_WAIT]) / HZ;
	spec->udp = READ_ONCE(ln->timeouts.udp) / HZ;
}
