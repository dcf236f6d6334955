// SPDX-License-Identifier: GPL-2.0
/* Conversations as the balancer sees them, and the state that each of their packets leads to. */
#include "service/edit.h"
#include "sim.h"

/* Packets: c (client) or s (server), then flags S F R A or - for none; the state after each. */
struct walk {
	const char *name;
	u32 method;
	struct { const char *packet; u8 state; } step[12];
};

#define NAT IP_VS_CONN_F_MASQ
/* conns of DR and TUN start with NOOUTPUT: nothing comes back through the director */
#define DR (IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT)

#define NONE LVS_TCP_NONE
#define ESTABLISHED LVS_TCP_ESTABLISHED
#define SYN_SENT LVS_TCP_SYN_SENT
#define SYN_RECV LVS_TCP_SYN_RECV
#define FIN_WAIT LVS_TCP_FIN_WAIT
#undef TIME_WAIT
#define TIME_WAIT LVS_TCP_TIME_WAIT
#define CLOSE LVS_TCP_CLOSE
#define CLOSE_WAIT LVS_TCP_CLOSE_WAIT
#define SYNACK LVS_TCP_SYNACK

#define HANDSHAKE { "cS", SYN_RECV }, { "sSA", SYN_RECV }, { "cA", ESTABLISHED }

static const struct walk walks[] = {
	{ "client closes first", NAT, { HANDSHAKE, { "cA", ESTABLISHED }, { "sA", ESTABLISHED }, { "cFA", CLOSE_WAIT },
	  { "sA", CLOSE_WAIT }, { "sFA", TIME_WAIT }, { "cA", TIME_WAIT } } },
	{ "server closes first", NAT, { HANDSHAKE, { "sFA", FIN_WAIT }, { "cA", FIN_WAIT }, { "cFA", TIME_WAIT },
	  { "sA", TIME_WAIT } } },
	{ "both close at once", NAT, { HANDSHAKE, { "cFA", CLOSE_WAIT }, { "sFA", TIME_WAIT }, { "cA", TIME_WAIT },
	  { "sA", TIME_WAIT } } },
	{ "server goes on after the client's FIN", NAT, { HANDSHAKE, { "cFA", CLOSE_WAIT }, { "sA", CLOSE_WAIT },
	  { "sA", CLOSE_WAIT }, { "cA", CLOSE_WAIT } } },
	{ "client resets", NAT, { HANDSHAKE, { "cR", CLOSE }, { "cA", CLOSE } } },
	{ "server resets", NAT, { HANDSHAKE, { "sR", CLOSE } } },
	{ "server resets with ACK", NAT, { HANDSHAKE, { "sRA", CLOSE } } },
	{ "server refuses", NAT, { { "cS", SYN_RECV }, { "sRA", CLOSE } } },
	{ "nobody answers, then a server does", NAT, { { "cS", SYN_RECV }, { "cS", SYN_RECV }, { "cS", SYN_RECV },
	  { "sSA", SYN_RECV }, { "cA", ESTABLISHED } } },
	{ "answer comes twice", NAT, { { "cS", SYN_RECV }, { "sSA", SYN_RECV }, { "sSA", SYN_RECV }, { "cA", ESTABLISHED },
	  { "sSA", ESTABLISHED } } },
	{ "SYN in the middle of it", NAT, { HANDSHAKE, { "cS", ESTABLISHED } } },
	{ "client starts anew after the end", NAT, { HANDSHAKE, { "sFA", FIN_WAIT }, { "cFA", TIME_WAIT }, { "cS", SYN_RECV },
	  { "sSA", SYN_RECV }, { "cA", ESTABLISHED } } },
	{ "client starts anew after a reset", NAT, { HANDSHAKE, { "cR", CLOSE }, { "cS", SYN_RECV } } },
	{ "data after the end stays the end", NAT, { HANDSHAKE, { "cFA", CLOSE_WAIT }, { "sFA", TIME_WAIT }, { "cA", TIME_WAIT },
	  { "sA", TIME_WAIT }, { "cFA", TIME_WAIT } } },
	{ "segment without a flag", NAT, { HANDSHAKE, { "c-", CLOSE } } },
	{ "reset in a handshake, forged by a client", NAT, { { "cS", SYN_RECV }, { "cR", SYN_RECV }, { "sSA", SYN_RECV },
	  { "cA", ESTABLISHED } } },
	{ "picked up in the middle", NAT, { { "cA", ESTABLISHED }, { "sA", ESTABLISHED }, { "cFA", CLOSE_WAIT } } },
	{ "picked up at its end", NAT, { { "cFA", CLOSE } } },

	/* the client's side alone: its first FIN may be either's, so that it waits for the other */
	{ "direct routing", DR, { { "cS", SYN_RECV }, { "cA", ESTABLISHED }, { "cA", ESTABLISHED }, { "cFA", FIN_WAIT },
	  { "cA", FIN_WAIT } } },
	{ "direct routing, server closed first", DR, { { "cS", SYN_RECV }, { "cA", ESTABLISHED }, { "cA", ESTABLISHED },
	  { "cFA", FIN_WAIT } } },
	{ "direct routing, client resets", DR, { { "cS", SYN_RECV }, { "cA", ESTABLISHED }, { "cR", CLOSE } } },
	{ "direct routing, refused", DR, { { "cS", SYN_RECV }, { "cS", SYN_RECV } } },
	{ "direct routing, starts anew", DR, { { "cS", SYN_RECV }, { "cA", ESTABLISHED }, { "cFA", FIN_WAIT },
	  { "cS", SYN_RECV }, { "cA", ESTABLISHED } } },
	/* ... unless the server answers through the director after all */
	{ "direct routing through the director", DR, { HANDSHAKE, { "cFA", CLOSE_WAIT }, { "sFA", TIME_WAIT } } },
};

static void packet_of(struct lvs_pkt *pkt, const char *text)
{
	static const struct { char c; u32 flag; } flags[] = { { 'S', LVS_PKT_TCP_SYN }, { 'F', LVS_PKT_TCP_FIN },
							      { 'R', LVS_PKT_TCP_RST }, { 'A', LVS_PKT_TCP_ACK } };
	size_t i;

	memset(pkt, 0, sizeof(*pkt));
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (strchr(text, flags[i].c))
			pkt->flags |= flags[i].flag;
}

static bool is_active(u8 state)
{
	return state == ESTABLISHED || state == SYN_RECV || state == SYN_SENT || state == LVS_TCP_SYNACK;
}

static void check_step(struct lvs_dest *dest, struct lvs_conn *cp, const struct walk *walk, int step)
{
	const char *text = walk->step[step].packet;
	u8 want = walk->step[step].state;
	u32 timeout = unit_ln->timeouts.tcp[want];
	struct lvs_pkt pkt;

	packet_of(&pkt, text);
	lvs_proto_tcp.track(unit_ln, cp, &pkt, *text == 's' ? LVS_DIR_REPLY : LVS_DIR_REQUEST);
	if (cp->state != want)
		unit_note("%s, step %d, %s: %s", walk->name, step + 1, text, lvs_proto_state_name(IPPROTO_TCP, cp->state));
	CHECK_EQ(cp->state, want);
	CHECK_EQ(cp->timeout, timeout);
	/* an eighth of a second is not worth a write */
	CHECK((s32)(cp->deadline - (u32)jiffies) <= (s32)timeout &&
	      (s32)(cp->deadline - (u32)jiffies) >= (s32)(timeout - HZ / 8));
	CHECK_EQ(atomic_read(&dest->active), is_active(want));
	CHECK_EQ(atomic_read(&dest->inactive), !is_active(want));
	CHECK_EQ(!(cp->flags & IP_VS_CONN_F_INACTIVE), is_active(want));
}

static void check_walk(const struct walk *walk, u8 af, u8 server)
{
	struct lvs_dest *dest = sim_dest(walk->method, af, server);
	struct lvs_conn *cp;
	union lvs_key key;
	bool heard = false;
	int step;

	sim_key(&key, af, IPPROTO_TCP, 1000 + server);
	cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
	CHECK_EQ(cp->state, NONE);
	for (step = 0; walk->step[step].packet; step++) {
		check_step(dest, cp, walk, step);
		heard |= *walk->step[step].packet == 's';
		CHECK_EQ(!!(cp->flags & IP_VS_CONN_F_NOOUTPUT), walk->method == DR && !heard);
		unit_skip(unit_below(HZ));
	}
	/* it ends by the timeout of its last state */
	unit_skip(cp->timeout + 3 * HZ);
	CHECK(!sim_find(af, &key));
	CHECK_EQ(atomic_read(&dest->active) + atomic_read(&dest->inactive), 0);
	CHECK_EQ(refcount_read(&dest->refs), 1);
	sim_dest_remove(dest);
}

/* With secure_tcp: what differs. */
static const struct walk secure_walks[] = {
	{ "secure: a handshake waits for the server", NAT, { { "cS", SYN_RECV }, { "cA", SYN_RECV }, { "sSA", SYNACK },
	  { "cA", SYNACK }, { "sA", ESTABLISHED }, { "cA", ESTABLISHED }, { "cFA", CLOSE_WAIT }, { "sFA", TIME_WAIT } } },
	{ "secure: the client gives up", NAT, { { "cS", SYN_RECV }, { "sSA", SYNACK }, { "cS", SYNACK }, { "cFA", SYNACK },
	  { "cR", CLOSE } } },
	{ "secure: the server closes", NAT, { { "cS", SYN_RECV }, { "sSA", SYNACK }, { "sFA", TIME_WAIT } } },
	{ "secure: refused", NAT, { { "cS", SYN_RECV }, { "sRA", CLOSE } } },
	{ "secure: direct routing", DR, { { "cS", SYNACK }, { "cS", SYNACK }, { "cA", ESTABLISHED }, { "cFA", FIN_WAIT },
	  { "cS", SYNACK } } },
	{ "secure: direct routing, reset", DR, { { "cS", SYNACK }, { "cR", CLOSE } } },
};

UNIT_TEST(tcp_secure)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(secure_walks); i++) {
		WRITE_ONCE(unit_ln->secure_tcp_on, true);
		check_walk(&secure_walks[i], AF_INET, i);
		check_walk(&secure_walks[i], AF_INET6, i);
		WRITE_ONCE(unit_ln->secure_tcp_on, false);
	}
}

UNIT_TEST(tcp_conversations)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		check_walk(&walks[i], AF_INET, i);
		check_walk(&walks[i], AF_INET6, i);
	}
}

/* Any packets whatever: the state is one that exists, has a name and a timeout, and the counts follow it. */
UNIT_TEST(tcp_random_walk)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	u32 seen = 0;
	int i;

	for (i = 0; i < 3000; i++) {
		struct lvs_conn *cp;
		union lvs_key key;
		int steps = 1 + unit_below(12);

		sim_key(&key, AF_INET, IPPROTO_TCP, i);
		cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
		while (steps--) {
			struct lvs_pkt pkt = { .flags = unit_below(16) * LVS_PKT_TCP_SYN };

			lvs_proto_tcp.track(unit_ln, cp, &pkt, unit_below(2));
			CHECK(cp->state < LVS_TCP_STATES);
			CHECK(cp->state < LVS_TCP_STATES && cp->timeout == unit_ln->timeouts.tcp[cp->state]);
			CHECK_EQ(!(cp->flags & IP_VS_CONN_F_INACTIVE), is_active(cp->state));
			seen |= 1 << cp->state;
		}
		lvs_conn_displace(unit_ln, cp);
		CHECK_EQ(atomic_read(&dest->active) + atomic_read(&dest->inactive), 0);
	}
	/* what can be reached by packets alone: not LISTEN, nor SYNACK, nor NONE */
	CHECK_EQ(seen & (1 << NONE | 1 << LVS_TCP_LISTEN | 1 << LVS_TCP_SYNACK), 0);
	CHECK(seen & 1 << SYN_SENT && seen & 1 << TIME_WAIT && seen & 1 << CLOSE_WAIT && seen & 1 << FIN_WAIT);
	sim_dest_remove(dest);
}

UNIT_TEST(tcp_what_starts_a_conn)
{
	static const struct { const char *packet; bool starts, sloppy; } table[] = {
		{ "cS", true, true }, { "cSA", true, true }, { "cA", false, true }, { "cFA", false, true },
		{ "c-", false, true }, { "cR", false, false }, { "cRA", false, false }, { "cSR", false, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct lvs_pkt pkt;

		packet_of(&pkt, table[i].packet);
		unit_ln->knobs.sloppy_tcp = 0;
		CHECK_EQ(lvs_proto_tcp.may_start(unit_ln, &pkt), table[i].starts);
		unit_ln->knobs.sloppy_tcp = 1;
		CHECK_EQ(lvs_proto_tcp.may_start(unit_ln, &pkt), table[i].sloppy);
		CHECK(lvs_proto_udp.may_start(unit_ln, &pkt));
	}
}

/* A port that is used again: in which states and modes of conn_reuse_mode its old conn makes way. */
UNIT_TEST(tcp_what_is_over)
{
	int mode, dr;
	u8 state;

	for (mode = 0; mode < 4; mode++) {
		for (dr = 0; dr < 2; dr++) {
			for (state = 0; state < LVS_TCP_STATES; state++) {
				struct lvs_conn cp = { .state = state, .flags = dr ? IP_VS_CONN_F_NOOUTPUT : 0 };
				bool over = state == TIME_WAIT || state == CLOSE;

				if (dr && state == FIN_WAIT && mode & 2)
					over = true;
				unit_ln->knobs.conn_reuse_mode = mode;
				CHECK_EQ(lvs_proto_tcp.is_over(unit_ln, &cp), mode && over);
				CHECK(!lvs_proto_udp.is_over(unit_ln, &cp));
			}
		}
	}
}

UNIT_TEST(tcp_names_of_states)
{
	static const char * const names[] = { "NONE", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT",
					      "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "SYNACK" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		CHECK(!strcmp(lvs_proto_state_name(IPPROTO_TCP, i), names[i]));
	CHECK(!strcmp(lvs_proto_state_name(IPPROTO_TCP, i), "ERR!"));
	CHECK(!strcmp(lvs_proto_state_name(IPPROTO_UDP, 0), "UDP"));
	CHECK(!strcmp(lvs_proto_name(IPPROTO_TCP), "TCP") && !strcmp(lvs_proto_name(IPPROTO_UDP), "UDP"));
}

/* A UDP flow lives as long as it is used, and a new timeout holds from its next packet on. */
UNIT_TEST(udp_flow)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	const struct lvs_timeouts_spec shorter = { .udp = 20 };
	struct lvs_pkt pkt = {};
	struct lvs_conn *cp;
	union lvs_key key;
	int i;

	sim_key(&key, AF_INET, IPPROTO_UDP, 1000);
	cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
	for (i = 0; i < 5; i++) {
		lvs_proto_udp.track(unit_ln, cp, &pkt, i % 2);
		CHECK_EQ(cp->timeout, 300 * HZ);
		CHECK_EQ(atomic_read(&dest->inactive), 1);
		unit_skip(250 * HZ);
		CHECK(sim_find(AF_INET, &key) == cp);
	}
	mutex_lock(&unit_ln->config_lock);
	CHECK_EQ(lvs_timeouts_set(unit_ln, &shorter, NULL), 0);
	mutex_unlock(&unit_ln->config_lock);
	lvs_proto_udp.track(unit_ln, cp, &pkt, LVS_DIR_REQUEST);
	CHECK_EQ(cp->timeout, 20 * HZ);
	unit_skip(19 * HZ);
	CHECK(sim_find(AF_INET, &key) == cp);
	unit_skip(21 * HZ);
	CHECK(!sim_find(AF_INET, &key));
	sim_dest_remove(dest);
}

/* An answer is noted on the template, once the conn is established; a half-open conn proves nothing. */
UNIT_TEST(tcp_assures_its_template)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *tmpl, *cp;
	struct lvs_pkt pkt;
	union lvs_key key;

	sim_key(&key, AF_INET, IPPROTO_TCP, 0);
	key.v4.kind = LVS_KEY_TEMPLATE;
	tmpl = sim_conn(dest, &key, 300 * HZ);
	sim_key(&key, AF_INET, IPPROTO_TCP, 1000);
	cp = sim_conn(dest, &key, LVS_CONN_FIRST_TIMEOUT);
	CHECK(lvs_conn_control(cp, tmpl));
	packet_of(&pkt, "S");
	lvs_proto_tcp.track(unit_ln, cp, &pkt, LVS_DIR_REQUEST);
	CHECK(!(tmpl->state & LVS_TEMPLATE_ASSURED));
	packet_of(&pkt, "A");
	lvs_proto_tcp.track(unit_ln, cp, &pkt, LVS_DIR_REQUEST);
	CHECK(tmpl->state & LVS_TEMPLATE_ASSURED);
	sim_dest_remove(dest);
}
