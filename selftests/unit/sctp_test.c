// SPDX-License-Identifier: GPL-2.0
/* Associations as the balancer sees them, and the state that each of their packets leads to. */
#include <linux/sctp.h>

#include "packet_sample.h"
#include "sim.h"

#define NAT IP_VS_CONN_F_MASQ
#define DR (IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT)

/* chunks in what walks say of packets, after c (client) or s (server) */
static const struct { const char *name; u8 chunk; } chunks[] = {
	{ "data", SCTP_CID_DATA }, { "init", SCTP_CID_INIT }, { "init-ack", SCTP_CID_INIT_ACK },
	{ "sack", SCTP_CID_SACK }, { "hb", SCTP_CID_HEARTBEAT }, { "hb-ack", SCTP_CID_HEARTBEAT_ACK },
	{ "abort", SCTP_CID_ABORT }, { "shutdown", SCTP_CID_SHUTDOWN }, { "shutdown-ack", SCTP_CID_SHUTDOWN_ACK },
	{ "error", SCTP_CID_ERROR }, { "cookie", SCTP_CID_COOKIE_ECHO }, { "cookie-ack", SCTP_CID_COOKIE_ACK },
	{ "ecne", SCTP_CID_ECN_ECNE }, { "cwr", SCTP_CID_ECN_CWR }, { "complete", SCTP_CID_SHUTDOWN_COMPLETE },
	{ "asconf", 0xc1 },
};

struct walk {
	const char *name;
	u32 method;
	struct { const char *packet, *state; } step[12];
};

#define SETUP { "cinit", "INIT1" }, { "sinit-ack", "C-SENT" }, { "ccookie", "C-REPLIED" }, { "scookie-ack", "ESTABLISHED" }

static const struct walk walks[] = {
	{ "client shuts down", NAT, { SETUP, { "cdata", "ESTABLISHED" }, { "ssack", "ESTABLISHED" },
	  { "cshutdown", "S-RECEIVED" }, { "sshutdown-ack", "S-ACK-SENT" }, { "ccomplete", "CLOSED" } } },
	{ "server shuts down", NAT, { SETUP, { "sdata", "ESTABLISHED" }, { "sshutdown", "S-SENT" },
	  { "cshutdown-ack", "CLOSED" }, { "scomplete", "CLOSED" } } },
	{ "both shut down", NAT, { SETUP, { "cshutdown", "S-RECEIVED" }, { "sshutdown", "S-RECEIVED" },
	  { "sshutdown-ack", "S-ACK-SENT" }, { "cshutdown-ack", "CLOSED" } } },
	{ "client aborts", NAT, { SETUP, { "cabort", "CLOSED" }, { "cinit", "INIT" } } },
	{ "server aborts", NAT, { SETUP, { "sabort", "CLOSED" } } },
	{ "server refuses", NAT, { { "cinit", "INIT1" }, { "sabort", "REJECTED" }, { "cinit", "INIT" } } },
	{ "server refuses later", NAT, { { "cinit", "INIT1" }, { "cinit", "INIT" }, { "sabort", "CLOSED" } } },
	{ "INIT comes twice", NAT, { { "cinit", "INIT1" }, { "cinit", "INIT" }, { "sinit-ack", "C-SENT" },
	  { "cinit", "C-SENT" }, { "ccookie", "C-REPLIED" }, { "scookie-ack", "ESTABLISHED" } } },
	{ "stale cookie", NAT, { { "cinit", "INIT1" }, { "sinit-ack", "C-SENT" }, { "ccookie", "C-REPLIED" },
	  { "serror", "CLOSED" } } },
	{ "server calls", NAT, { { "sinit", "C-WAIT" }, { "cinit-ack", "COOKIE" }, { "scookie", "C-ECHOED" },
	  { "ccookie-ack", "ESTABLISHED" } } },
	{ "server calls, client refuses", NAT, { { "sinit", "C-WAIT" }, { "cabort", "REJECTED" } } },
	{ "heartbeats and the unknown move nothing", NAT, { SETUP, { "chb", "ESTABLISHED" }, { "shb-ack", "ESTABLISHED" },
	  { "cecne", "ESTABLISHED" }, { "scwr", "ESTABLISHED" }, { "casconf", "ESTABLISHED" } } },
	{ "restart of the client", NAT, { SETUP, { "cinit", "ESTABLISHED" }, { "sinit-ack", "ESTABLISHED" } } },
	{ "picked up in the middle", NAT, { { "cdata", "ESTABLISHED" }, { "ssack", "ESTABLISHED" } } },

	{ "direct routing", DR, { { "cinit", "INIT1" }, { "ccookie", "ESTABLISHED" }, { "cdata", "ESTABLISHED" },
	  { "cshutdown", "S-RECEIVED" }, { "ccomplete", "CLOSED" } } },
	{ "direct routing, server shuts down", DR, { { "cinit", "INIT1" }, { "ccookie", "ESTABLISHED" },
	  { "cshutdown-ack", "CLOSED" } } },
	{ "direct routing, client aborts", DR, { { "cinit", "INIT1" }, { "ccookie", "ESTABLISHED" }, { "cabort", "CLOSED" } } },
	{ "direct routing, refused", DR, { { "cinit", "INIT1" }, { "cinit", "INIT" }, { "cinit", "INIT" } } },
	{ "direct routing, server calls", DR, { { "cinit-ack", "C-ECHOED" }, { "ccookie-ack", "ESTABLISHED" } } },
	{ "direct routing through the director", DR, { SETUP, { "cshutdown", "S-RECEIVED" }, { "sshutdown-ack", "S-ACK-SENT" } } },
};

static void packet_of(struct lvs_pkt *pkt, const char *name)
{
	size_t i;

	memset(pkt, 0, sizeof(*pkt));
	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		if (strcmp(chunks[i].name, name))
			continue;
		pkt->chunk = chunks[i].chunk;
		if (pkt->chunk == SCTP_CID_ABORT)
			pkt->flags = LVS_PKT_SCTP_ABORT;
		return;
	}
	unit_note("no chunk %s", name);
	CHECK(false);
}

/* Seconds that a conn may be idle in a state. */
static u32 idle(const char *state)
{
	if (!strcmp(state, "ESTABLISHED"))
		return 900;
	return !strcmp(state, "INIT1") || !strcmp(state, "REJECTED") ? 4 : 61;
}

static void check_step(struct lvs_dest *dest, struct lvs_conn *cp, const struct walk *walk, int step)
{
	const char *text = walk->step[step].packet, *want = walk->step[step].state;
	bool active = !strcmp(want, "ESTABLISHED");
	const char *is;
	struct lvs_pkt pkt;

	packet_of(&pkt, text + 1);
	lvs_proto_sctp.track(unit_ln, cp, &pkt, *text == 's' ? LVS_DIR_REPLY : LVS_DIR_REQUEST);
	is = lvs_proto_state_name(IPPROTO_SCTP, cp->state);
	if (strcmp(is, want))
		unit_note("%s, step %d, %s: %s", walk->name, step + 1, text, is);
	CHECK(!strcmp(is, want));
	CHECK_EQ(cp->timeout, idle(want) * HZ);
	CHECK_EQ(atomic_read(&dest->active), active);
	CHECK_EQ(atomic_read(&dest->inactive), !active);
}

static void check_walk(const struct walk *walk, u8 af, u8 server)
{
	struct lvs_dest *dest = sim_dest(walk->method, af, server);
	struct lvs_conn *cp;
	union lvs_key key;
	int step;

	sim_key(&key, af, IPPROTO_SCTP, 1000 + server);
	cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
	for (step = 0; walk->step[step].packet; step++) {
		check_step(dest, cp, walk, step);
		unit_skip(unit_below(HZ));
	}
	unit_skip(cp->timeout + 3 * HZ);
	CHECK(!sim_find(af, &key));
	CHECK_EQ(atomic_read(&dest->active) + atomic_read(&dest->inactive), 0);
	sim_dest_remove(dest);
}

UNIT_TEST(sctp_associations)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		check_walk(&walks[i], AF_INET, i);
		check_walk(&walks[i], AF_INET6, i);
	}
}

/*
 * Rules that hold in each state: data moves only what is not known yet; an ABORT ends everything; an established
 * association is left only by SHUTDOWN, its answer or ABORT.
 */
UNIT_TEST(sctp_rules_of_all_states)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	u32 seen = 0;
	int i;

	for (i = 0; i < 3000; i++) {
		int steps = 1 + unit_below(12);
		struct lvs_conn *cp;
		union lvs_key key;

		sim_key(&key, AF_INET, IPPROTO_SCTP, i);
		cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
		if (unit_below(2))
			cp->flags |= IP_VS_CONN_F_NOOUTPUT;
		while (steps--) {
			u8 before = cp->state, chunk = unit_below(18);
			struct lvs_pkt pkt = { .chunk = chunk, .flags = chunk == SCTP_CID_ABORT ? LVS_PKT_SCTP_ABORT : 0 };
			bool server = unit_below(2), one_side = cp->flags & IP_VS_CONN_F_NOOUTPUT;

			lvs_proto_sctp.track(unit_ln, cp, &pkt, server ? LVS_DIR_REPLY : LVS_DIR_REQUEST);
			CHECK(cp->state < LVS_SCTP_STATES && cp->state != LVS_SCTP_NONE);
			CHECK_EQ(cp->timeout, unit_ln->timeouts.sctp[cp->state]);
			CHECK_EQ(!(cp->flags & IP_VS_CONN_F_INACTIVE), cp->state == LVS_SCTP_ESTABLISHED);
			if (pkt.flags)
				CHECK(cp->state == LVS_SCTP_CLOSED || cp->state == LVS_SCTP_REJECTED);
			if (chunk == SCTP_CID_DATA && before != LVS_SCTP_NONE)
				CHECK(cp->state == before || (one_side && before == LVS_SCTP_COOKIE_WAIT));
			if (before == LVS_SCTP_ESTABLISHED && chunk != SCTP_CID_SHUTDOWN &&
			    chunk != SCTP_CID_SHUTDOWN_ACK && !pkt.flags)
				CHECK_EQ(cp->state, before);
			seen |= 1 << cp->state;
		}
		lvs_conn_displace(unit_ln, cp);
	}
	CHECK_EQ(seen, (1 << LVS_SCTP_STATES) - 2);
	sim_dest_remove(dest);
}

UNIT_TEST(sctp_what_starts_a_conn)
{
	size_t i;
	u8 state;

	for (i = 0; i < ARRAY_SIZE(chunks); i++) {
		u8 chunk = chunks[i].chunk;
		struct lvs_pkt pkt = { .chunk = chunk };

		unit_ln->knobs.sloppy_sctp = 0;
		CHECK_EQ(lvs_proto_sctp.may_start(unit_ln, &pkt), chunk == SCTP_CID_INIT);
		CHECK_EQ(lvs_proto_sctp.restarts(&pkt), chunk == SCTP_CID_INIT);
		unit_ln->knobs.sloppy_sctp = 1;
		CHECK_EQ(lvs_proto_sctp.may_start(unit_ln, &pkt), chunk != SCTP_CID_ABORT);
	}
	for (state = 0; state < LVS_SCTP_STATES; state++) {
		struct lvs_conn cp = { .state = state };

		unit_ln->knobs.conn_reuse_mode = 1;
		CHECK_EQ(lvs_proto_sctp.is_over(unit_ln, &cp), state == LVS_SCTP_CLOSED);
		unit_ln->knobs.conn_reuse_mode = 0;
		CHECK(!lvs_proto_sctp.is_over(unit_ln, &cp));
	}
	CHECK(!strcmp(lvs_proto_state_name(IPPROTO_SCTP, LVS_SCTP_STATES), "ERR!"));
	CHECK(!strcmp(lvs_proto_state_name(IPPROTO_SCTP, 0), "NONE"));
	CHECK(!strcmp(lvs_proto_name(IPPROTO_SCTP), "SCTP"));
}

/* An ABORT behind a cookie chunk, wherever the length of that one says it is. */
UNIT_TEST(sctp_bundled_abort)
{
	u8 first, type, bytes[64];
	unsigned int size, cut;
	struct lvs_pkt pkt;

	for (first = 0; first < 16; first++) {
		for (type = 0; type < 16; type++) {
			for (size = 0; size < 12; size++) {
				unsigned int end = 32 + ((size + 3) & ~3u) + 4;
				bool cookie = first == SCTP_CID_COOKIE_ECHO || first == SCTP_CID_COOKIE_ACK;

				memset(bytes, 0, sizeof(bytes));
				bytes[0] = 0x45;
				bytes[9] = IPPROTO_SCTP;
				bytes[35] = size;
				bytes[32 + ((size + 3) & ~3u)] = type;
				bytes[32] = first;
				for (cut = 36; cut < 56; cut++) {
					bool there = first == SCTP_CID_ABORT ||
						     (cookie && size >= 4 && type == SCTP_CID_ABORT && cut >= end);

					CHECK_EQ(packet_parse(&pkt, AF_INET, bytes, cut, cut), LVS_PARSE_OK);
					CHECK_EQ(pkt.chunk, first);
					CHECK_EQ(!!(pkt.flags & LVS_PKT_SCTP_ABORT), there);
				}
			}
		}
	}
}
