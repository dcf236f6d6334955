// SPDX-License-Identifier: GPL-2.0
/*
 * Conns, templates and servers that come and go, with packets, time and grace
 * periods in any order. The sanitizers watch lifetimes; at the end the namespace
 * goes, and nothing may be left.
 */
#include "fuzz.h"
#include "sim.h"

#define SERVERS 4
#define PORTS 8

static struct lvs_dest *servers[SERVERS];
static struct lvs_conn *held;	/* what a packet on its way has found */
static u8 af;

static void key_set_kind(union lvs_key *key, u8 kind)
{
	if (af == AF_INET)
		key->v4.kind = kind;
	else
		key->v6.kind = kind;
}

static void key_of(struct script *s, union lvs_key *key)
{
	u8 choice = script_u8(s);

	sim_key(key, af, choice & 0x40 ? IPPROTO_UDP : IPPROTO_TCP, choice % PORTS);
	if (choice & 0x20)
		*(af == AF_INET ? &key->v4.dst : &key->v6.dst.s6_addr32[3]) ^= htonl(1 << 8);
	if (choice & 0x80)
		key_set_kind(key, LVS_KEY_TEMPLATE);
}

static struct lvs_dest *server_of(struct script *s)
{
	static const u32 methods[] = { IP_VS_CONN_F_MASQ, IP_VS_CONN_F_DROUTE | IP_VS_CONN_F_NOOUTPUT,
				       IP_VS_CONN_F_TUNNEL | IP_VS_CONN_F_NOOUTPUT, IP_VS_CONN_F_MASQ };
	unsigned int n = script_u8(s) % SERVERS;

	if (!servers[n])
		servers[n] = sim_dest(methods[n], af, n + 1 + script_u8(s) % 2 * 4);
	return servers[n];
}

static void start(struct script *s)
{
	struct lvs_conn *cp, *found = NULL, *tmpl;
	struct lvs_dest *dest;
	union lvs_key key, tmpl_key;
	bool is_template;

	key_of(s, &key);
	is_template = lvs_key_kind(&key, af) != LVS_KEY_FLOW;
	dest = server_of(s);
	unit_fail_at = script_u8(s) % 32 ? -1 : 0;
	unit_insert_error = script_u8(s) % 32 ? 0 : -ENOMEM;
	cp = lvs_conn_reserve(unit_ln, af, &key, is_template ? 1 : 2, &found);
	unit_fail_at = -1;
	if (IS_ERR_OR_NULL(cp)) {
		CHECK(cp || found);
		unit_insert_error = 0;
		return;
	}
	if (lvs_conn_bind(unit_ln, cp, dest, lvs_dest_port(dest), is_template ? 0 : IP_VS_CONN_F_INACTIVE)) {
		lvs_conn_abandon(unit_ln, cp);
		unit_insert_error = 0;
		return;
	}
	unit_insert_error = 0;
	tmpl_key = key;
	key_set_kind(&tmpl_key, LVS_KEY_TEMPLATE);
	tmpl = is_template ? NULL : sim_find(af, &tmpl_key);
	if (tmpl && script_u8(s) & 1)
		lvs_conn_control(cp, tmpl);
	lvs_conn_publish(unit_ln, cp, 1 + script_number(s) % (1000 * HZ));
}

static void packet(struct script *s)
{
	struct lvs_pkt pkt = { .af = af };
	struct lvs_conn *cp;
	union lvs_key key;
	enum lvs_dir dir;

	key_of(s, &key);
	pkt.key = key;
	if (script_u8(s) & 1)
		lvs_key_reverse(&pkt.key, &key, af);
	pkt.flags = (script_u8(s) & 15) * LVS_PKT_TCP_SYN;
	cp = lvs_conn_lookup(unit_ln, af, &pkt.key, &dir);
	if (!cp || lvs_conn_is_template(cp) || !lvs_conn_usable(cp))
		return;
	unit_cpu = script_u8(s) % UNIT_CPUS;
	if (dir == LVS_DIR_REQUEST)
		lvs_stats_in(&cp->dest->stats, 100);
	else
		lvs_stats_out(&cp->dest->stats, 100);
	lvs_proto(lvs_conn_proto(cp))->track(unit_ln, cp, &pkt, dir);
}

/* A packet is on its way for as long as the script says; it may touch what it found until then. */
static void reader(struct script *s)
{
	enum lvs_dir dir;
	union lvs_key key;

	if (unit_readers) {
		if (held && lvs_conn_usable(held))
			lvs_conn_touch(held);
		held = NULL;
		rcu_read_unlock();
	} else {
		key_of(s, &key);
		rcu_read_lock();
		held = lvs_conn_lookup(unit_ln, af, &key, &dir);
	}
}

static void displace(struct script *s)
{
	struct lvs_conn *cp;
	union lvs_key key;

	key_of(s, &key);
	cp = sim_find(af, &key);
	if (cp)
		CHECK(lvs_conn_displace(unit_ln, cp));
	CHECK(!sim_find(af, &key));
}

static void remove_server(unsigned int n)
{
	if (servers[n])
		sim_dest_remove(servers[n]);
	servers[n] = NULL;
}

static void threshold(struct script *s)
{
	struct lvs_dest *dest = server_of(s);

	dest->u_threshold = script_u8(s) % 8;
	dest->l_threshold = script_u8(s) % (dest->u_threshold + 1);
	lvs_dest_check_overload(dest);
}

static struct script *script;

static void step(struct script *s, unsigned int choices);

/* Another CPU comes while the wheel is about to look at a conn; time does not go on meanwhile. */
static void meet(enum lvs_latch latch)
{
	if (latch != LVS_LATCH_first_visit && latch != LVS_LATCH_second_visit)
		return;
	unit_latch = NULL;
	if (script_u8(script) & 1)
		step(script, 8);
	unit_latch = meet;
}

static void step(struct script *s, unsigned int choices)
{
	switch (script_u8(s) % choices) {
	case 0:
	case 1:
		start(s);
		break;
	case 2:
	case 3:
		packet(s);
		break;
	case 4:
		reader(s);
		break;
	case 5:
		displace(s);
		break;
	case 6:
		remove_server(script_u8(s) % SERVERS);
		break;
	case 7:
		threshold(s);
		break;
	case 8:
		unit_skip(script_number(s) % (3000 * HZ));
		break;
	default:
		unit_skip(script_u8(s));
	}
}

static void check_counts(void)
{
	struct lvs_rates rates;
	int i, conns = 0;

	for (i = 0; i < SERVERS; i++) {
		if (!servers[i])
			continue;
		CHECK(atomic_read(&servers[i]->active) >= 0 && atomic_read(&servers[i]->inactive) >= 0);
		CHECK(atomic_read(&servers[i]->persist) >= 0);
		lvs_stats_rates(&servers[i]->stats, &rates);
		conns += lvs_dest_conns(servers[i]) + atomic_read(&servers[i]->persist);
	}
	CHECK(conns <= atomic_read(&unit_ln->conn_count));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct script s = { .at = data, .end = data + size };
	int i;

	af = script_u8(&s) & 1 ? AF_INET6 : AF_INET;
	fuzz_seed(script_u8(&s));
	unit_fail_at = -1;
	unit_begin();
	held = NULL;
	script = &s;
	unit_latch = meet;
	while (!script_done(&s)) {
		step(&s, 10);
		check_counts();
	}
	unit_latch = NULL;
	if (unit_readers)
		rcu_read_unlock();
	for (i = 0; i < SERVERS; i++)
		remove_server(i);
	unit_end();
	CHECK_EQ(unit_live_blocks, 0);
	return 0;
}

void fuzz_write_seeds(const char *folder)
{
	/* a template and its conn; a handshake; 10 s; a reader while time goes on; a server goes; the port again */
	static const u8 input[] = { 0, 1, 0, 0x81, 0, 0, 1, 1, 1, 50, 0, 1, 0, 1, 1, 1, 100, 2, 1, 0, 1, 2, 1, 1, 9, 2, 1, 0,
				    8, 8, 0x94, 4, 1, 8, 0xa7, 4, 6, 0, 5, 1, 0, 0x21, 3, 1, 1, 90, 8, 0xb3, 7, 3, 2, 1 };
	unsigned int i;

	for (i = 0; i < 8; i++) {
		u8 seed[sizeof(input)];

		memcpy(seed, input, sizeof(seed));
		seed[0] = i;
		seed[5] = i;
		fuzz_write_seed(folder, i, seed, sizeof(seed) - 4 * i);
	}
}
