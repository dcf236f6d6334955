// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: SCTP states
 *
 * What a packet is about is told by its first chunk. The states are the server's, and the tables are IPVS's, whose
 * listings and timeouts people know. Verification tags and sequence numbers are not followed.
 */
#include <linux/sctp.h>

#include "../net.h"
#include "proto.h"

enum sctp_what {
	EV_DATA,	/* what moves nothing: DATA, SACK, HEARTBEAT and all that is not known */
	EV_INIT,
	EV_INIT_ACK,
	EV_COOKIE_ECHO,
	EV_COOKIE_ACK,
	EV_SHUTDOWN,
	EV_SHUTDOWN_ACK,
	EV_SHUTDOWN_COMPLETE,
	EV_ERROR,
	EV_ABORT,
	EV_ALL
};

/* Whose view of the conversation a table is. */
enum sctp_view { VIEW_CLIENT, VIEW_SERVER, VIEW_CLIENT_ONLY };

static const u8 sctp_events[] = {
	[SCTP_CID_INIT]			= EV_INIT,
	[SCTP_CID_INIT_ACK]		= EV_INIT_ACK,
	[SCTP_CID_ABORT]		= EV_ABORT,
	[SCTP_CID_SHUTDOWN]		= EV_SHUTDOWN,
	[SCTP_CID_SHUTDOWN_ACK]		= EV_SHUTDOWN_ACK,
	[SCTP_CID_ERROR]		= EV_ERROR,
	[SCTP_CID_COOKIE_ECHO]		= EV_COOKIE_ECHO,
	[SCTP_CID_COOKIE_ACK]		= EV_COOKIE_ACK,
	[SCTP_CID_SHUTDOWN_COMPLETE]	= EV_SHUTDOWN_COMPLETE,
};

#define NO LVS_SCTP_NONE
#define I1 LVS_SCTP_INIT1
#define IN LVS_SCTP_INIT
#define CS LVS_SCTP_COOKIE_SENT
#define CR LVS_SCTP_COOKIE_REPLIED
#define CW LVS_SCTP_COOKIE_WAIT
#define CO LVS_SCTP_COOKIE
#define CE LVS_SCTP_COOKIE_ECHOED
#define ES LVS_SCTP_ESTABLISHED
#define SS LVS_SCTP_SHUTDOWN_SENT
#define SR LVS_SCTP_SHUTDOWN_RECEIVED
#define SA LVS_SCTP_SHUTDOWN_ACK_SENT
#define RJ LVS_SCTP_REJECTED
#define CL LVS_SCTP_CLOSED

/* columns: the state before, in the order NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL */
static const u8 sctp_next[3][EV_ALL][LVS_SCTP_STATES] = {
	[VIEW_CLIENT] = {
		[EV_DATA]		= { ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_INIT]		= { I1, IN, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, IN, IN },
		[EV_INIT_ACK]		= { CW, CW, CW, CS, CR, CO, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ECHO]	= { CR, IN, IN, CR, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ACK]		= { ES, I1, IN, CS, CR, CW, CO, ES, ES, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN]		= { SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN_ACK]	= { CL, IN, IN, CS, CR, CW, CO, CE, ES, CL, SR, CL, RJ, CL },
		[EV_SHUTDOWN_COMPLETE]	= { CL, CL, CL, CS, CR, CW, CO, CE, ES, SS, SR, CL, RJ, CL },
		[EV_ERROR]		= { CL, I1, IN, CS, CR, CW, CO, CL, ES, SS, SR, SA, RJ, CL },
		[EV_ABORT]		= { CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL },
	},
	[VIEW_SERVER] = {
		[EV_DATA]		= { ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_INIT]		= { CW, CW, CW, CW, CW, CW, CW, CW, ES, CW, CW, CW, CW, CW },
		[EV_INIT_ACK]		= { CS, CS, CS, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ECHO]	= { CE, CE, CE, CE, CE, CE, CE, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ACK]		= { ES, ES, ES, ES, ES, ES, ES, ES, ES, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN]		= { SS, SS, SS, SS, SS, SS, SS, SS, SS, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN_ACK]	= { SA, SA, SA, SA, SA, CW, CO, CE, ES, SA, SA, SA, RJ, CL },
		[EV_SHUTDOWN_COMPLETE]	= { CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_ERROR]		= { CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_ABORT]		= { CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL },
	},
	[VIEW_CLIENT_ONLY] = {
		[EV_DATA]		= { ES, I1, IN, CS, CR, ES, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_INIT]		= { I1, IN, IN, IN, IN, IN, CO, CE, ES, SS, SR, SA, IN, IN },
		[EV_INIT_ACK]		= { CE, CE, CE, CE, CE, CE, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ECHO]	= { ES, ES, ES, ES, ES, ES, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_COOKIE_ACK]		= { ES, I1, IN, ES, ES, CW, ES, ES, ES, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN]		= { SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL },
		[EV_SHUTDOWN_ACK]	= { CL, IN, IN, CS, CR, CW, CO, CE, CL, CL, SR, CL, RJ, CL },
		[EV_SHUTDOWN_COMPLETE]	= { CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, CL, CL, RJ, CL },
		[EV_ERROR]		= { CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL },
		[EV_ABORT]		= { CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL },
	},
};

static const char * const sctp_names[LVS_SCTP_STATES] = {
	[NO] = "NONE", [I1] = "INIT1", [IN] = "INIT", [CS] = "C-SENT", [CR] = "C-REPLIED", [CW] = "C-WAIT", [CO] = "COOKIE",
	[CE] = "C-ECHOED", [ES] = "ESTABLISHED", [SS] = "S-SENT", [SR] = "S-RECEIVED", [SA] = "S-ACK-SENT",
	[RJ] = "REJECTED", [CL] = "CLOSED",
};

static enum sctp_what sctp_event(const struct lvs_pkt *pkt)
{
	if (pkt->flags & LVS_PKT_SCTP_ABORT)
		return EV_ABORT;
	return pkt->chunk < ARRAY_SIZE(sctp_events) ? sctp_events[pkt->chunk] : EV_DATA;
}

static u8 sctp_next_state(const struct lvs_conn *cp, enum sctp_what ev, enum lvs_dir dir)
{
	enum sctp_view view = VIEW_SERVER;

	if (dir == LVS_DIR_REQUEST)
		view = READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT ? VIEW_CLIENT_ONLY : VIEW_CLIENT;
	return sctp_next[view][ev][READ_ONCE(cp->state)];
}

static bool sctp_may_start(const struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	if (pkt->chunk == SCTP_CID_ABORT)
		return false;
	return pkt->chunk == SCTP_CID_INIT || READ_ONCE(ln->knobs.sloppy_sctp);
}

static bool sctp_restarts(const struct lvs_pkt *pkt)
{
	return pkt->chunk == SCTP_CID_INIT;
}

static bool sctp_is_over(const struct lvs_net *ln, const struct lvs_conn *cp)
{
	return READ_ONCE(ln->knobs.conn_reuse_mode) && READ_ONCE(cp->state) == CL;
}

static void sctp_enter(struct lvs_net *ln, struct lvs_conn *cp, enum sctp_what ev, enum lvs_dir dir)
{
	u8 next;

	spin_lock(&cp->lock);
	/* a server that answers through the director is seen from both sides from now on */
	if (dir == LVS_DIR_REPLY)
		WRITE_ONCE(cp->flags, cp->flags & ~IP_VS_CONN_F_NOOUTPUT);
	next = sctp_next_state(cp, ev, dir);
	lvs_conn_update(ln, cp, next, READ_ONCE(ln->timeouts.sctp[next]), next == ES);
	spin_unlock(&cp->lock);
	if (next == ES)
		lvs_conn_assure(cp);
}

static void sctp_track(struct lvs_net *ln, struct lvs_conn *cp, const struct lvs_pkt *pkt, enum lvs_dir dir)
{
	enum sctp_what ev = sctp_event(pkt);
	u8 next = sctp_next_state(cp, ev, dir);

	if (next == READ_ONCE(cp->state) && READ_ONCE(cp->timeout) == READ_ONCE(ln->timeouts.sctp[next]) &&
	    !(dir == LVS_DIR_REPLY && READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT))
		lvs_conn_touch(cp);
	else
		sctp_enter(ln, cp, ev, dir);
}

static const char *sctp_state_name(u8 state)
{
	return state < LVS_SCTP_STATES ? sctp_names[state] : "ERR!";
}

const struct lvs_proto_ops lvs_proto_sctp = {
	.name = "SCTP",
	.may_start = sctp_may_start,
	.restarts = sctp_restarts,
	.is_over = sctp_is_over,
	.track = sctp_track,
	.state_name = sctp_state_name,
};
