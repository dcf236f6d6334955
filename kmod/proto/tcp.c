// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: TCP states
 *
 * The balancer follows what it sees pass: both sides for NAT, the client's alone for DR and TUN (unless the servers
 * answer through the director after all). The tables say where each event leads from each state; they are IPVS's, whose
 * listings and timeouts people know. Sequence numbers are not followed.
 */
#include <linux/tcp.h>

#include "../net.h"
#include "proto.h"

/* What a segment is, by the strongest of its flags. */
enum tcp_event { EV_SYN, EV_FIN, EV_ACK, EV_RST, EV_OTHER };

/* Whose view of the conversation a table is. */
enum tcp_view { VIEW_CLIENT, VIEW_SERVER, VIEW_CLIENT_ONLY };

#define NO LVS_TCP_NONE
#define ES LVS_TCP_ESTABLISHED
#define SS LVS_TCP_SYN_SENT
#define SR LVS_TCP_SYN_RECV
#define FW LVS_TCP_FIN_WAIT
#define TW LVS_TCP_TIME_WAIT
#define CL LVS_TCP_CLOSE
#define CW LVS_TCP_CLOSE_WAIT
#define LA LVS_TCP_LAST_ACK
#define LI LVS_TCP_LISTEN
#define SA LVS_TCP_SYNACK

/* rows: what comes; columns: the state before, in the order NO ES SS SR FW TW CL CW LA LI SA */
typedef u8 tcp_table[3][4][LVS_TCP_STATES];

static const tcp_table tcp_next = {
	[VIEW_CLIENT] = {
		[EV_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EV_FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
		[EV_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EV_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
	},
	[VIEW_SERVER] = {
		[EV_SYN] = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
		[EV_FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[EV_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[EV_RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
	},
	[VIEW_CLIENT_ONLY] = {
		[EV_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EV_FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[EV_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EV_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	},
};

/*
 * With secure_tcp the director waits for the server's answer to the SYN: until then an ACK of the client moves nothing, so
 * that a flood of half-open conns with ACKs behind does not get the timeout of established ones. Conns that are seen from
 * one side begin in SYNACK.
 */
static const tcp_table tcp_next_secure = {
	[VIEW_CLIENT] = {
		[EV_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA },
		[EV_FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA },
		[EV_ACK] = { ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA },
		[EV_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	},
	[VIEW_SERVER] = {
		[EV_SYN] = { SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA },
		[EV_FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[EV_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[EV_RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
	},
	[VIEW_CLIENT_ONLY] = {
		[EV_SYN] = { SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA },
		[EV_FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[EV_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EV_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	},
};

static const char * const tcp_names[LVS_TCP_STATES] = {
	[NO] = "NONE", [ES] = "ESTABLISHED", [SS] = "SYN_SENT", [SR] = "SYN_RECV", [FW] = "FIN_WAIT",
	[TW] = "TIME_WAIT", [CL] = "CLOSE", [CW] = "CLOSE_WAIT", [LA] = "LAST_ACK", [LI] = "LISTEN", [SA] = "SYNACK",
};

static bool tcp_active(u8 state)
{
	return state == ES || state == SS || state == SR || state == SA;
}

static enum tcp_event tcp_event(const struct lvs_pkt *pkt)
{
	if (pkt->flags & LVS_PKT_TCP_RST)
		return EV_RST;
	if (pkt->flags & LVS_PKT_TCP_SYN)
		return EV_SYN;
	if (pkt->flags & LVS_PKT_TCP_FIN)
		return EV_FIN;
	if (pkt->flags & LVS_PKT_TCP_ACK)
		return EV_ACK;
	return EV_OTHER;
}

static u8 tcp_next_state(const struct lvs_net *ln, const struct lvs_conn *cp, enum tcp_event ev, enum lvs_dir dir)
{
	const tcp_table *next = READ_ONCE(ln->secure_tcp_on) ? &tcp_next_secure : &tcp_next;
	enum tcp_view view = VIEW_SERVER;

	if (ev == EV_OTHER)
		return CL;
	if (dir == LVS_DIR_REQUEST)
		view = READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT ? VIEW_CLIENT_ONLY : VIEW_CLIENT;
	return (*next)[view][ev][READ_ONCE(cp->state)];
}

static bool tcp_may_start(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	if (pkt->flags & LVS_PKT_TCP_RST)
		return false;
	return pkt->flags & LVS_PKT_TCP_SYN || READ_ONCE(ln->knobs.sloppy_tcp);
}

static bool tcp_restarts(const struct lvs_pkt *pkt)
{
	return pkt->flags & LVS_PKT_TCP_SYN;
}

static bool tcp_is_over(const struct lvs_net *ln, const struct lvs_conn *cp)
{
	int mode = READ_ONCE(ln->knobs.conn_reuse_mode);
	u8 state = READ_ONCE(cp->state);

	if (!mode)
		return false;
	return state == TW || state == CL ||
	       (mode & 2 && state == FW && READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT);
}

static void tcp_enter(struct lvs_net *ln, struct lvs_conn *cp, enum tcp_event ev, enum lvs_dir dir)
{
	u8 next;

	spin_lock(&cp->lock);
	/* a server that answers through the director is seen from both sides from now on */
	if (dir == LVS_DIR_REPLY)
		WRITE_ONCE(cp->flags, cp->flags & ~IP_VS_CONN_F_NOOUTPUT);
	next = tcp_next_state(ln, cp, ev, dir);
	lvs_conn_update(ln, cp, next, READ_ONCE(ln->timeouts.tcp[next]), tcp_active(next));
	spin_unlock(&cp->lock);
	if (next == ES)
		lvs_conn_assure(cp);
}

static void tcp_track(struct lvs_net *ln, struct lvs_conn *cp, const struct lvs_pkt *pkt, enum lvs_dir dir)
{
	enum tcp_event ev = tcp_event(pkt);
	u8 next = tcp_next_state(ln, cp, ev, dir);

	if (next == READ_ONCE(cp->state) && READ_ONCE(cp->timeout) == READ_ONCE(ln->timeouts.tcp[next]) &&
	    !(dir == LVS_DIR_REPLY && READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT))
		lvs_conn_touch(cp);
	else
		tcp_enter(ln, cp, ev, dir);
}

static const char *tcp_state_name(u8 state)
{
	return state < LVS_TCP_STATES ? tcp_names[state] : "ERR!";
}

const struct lvs_proto_ops lvs_proto_tcp = {
	.name = "TCP",
	.may_start = tcp_may_start,
	.restarts = tcp_restarts,
	.is_over = tcp_is_over,
	.track = tcp_track,
	.state_name = tcp_state_name,
};
