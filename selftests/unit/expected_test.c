// SPDX-License-Identifier: GPL-2.0
/* Conns that two ends have agreed on, and the control conns that they agree in. */
#include "companion/expected.h"
#include "conn_test.h"

/* as the configuration makes them: what has no state yet is not active */
#define SERVER (NAT | IP_VS_CONN_F_INACTIVE)
#define CONTROL 4000	/* port of the control conn's client */

static const u8 families[] = { AF_INET, AF_INET6 };

/* The tuple of a client's packet to another port of the virtual address. */
static void key_to(union lvs_key *key, u8 af, u16 sport, u16 dport)
{
	union nf_inet_addr client, vip;
	union lvs_key base;

	sim_key(&base, af, IPPROTO_TCP, sport);
	client = lvs_key_src(&base, af);
	vip = lvs_key_dst(&base, af);
	lvs_key_fill(key, af, IPPROTO_TCP, LVS_KEY_FLOW, &client, htons(sport), &vip, htons(dport));
}

/* As a packet of a client without a conn. */
static struct lvs_conn *call(u8 af, u16 sport, u16 dport)
{
	struct lvs_conn *cp;
	union lvs_key key;

	rcu_read_lock();
	key_to(&key, af, sport, dport);
	cp = lvs_expected_meet(unit_ln, af, &key);
	rcu_read_unlock();
	return cp;
}

static struct lvs_conn *found(u8 af, u16 sport, u16 dport)
{
	union lvs_key key;

	key_to(&key, af, sport, dport);
	return sim_find(af, &key);
}

static int no_cport(u8 af)
{
	return atomic_read(&unit_ln->n_no_cport[lvs_af_index(af)]);
}

/* One caller takes the conn over, under the control conn, and the server's packets belong to it. */
UNIT_TEST(expected_client_is_met_once)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		u8 af = families[i];
		struct lvs_dest *dest = sim_dest(SERVER, af, 1);
		struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ), *cp;
		enum lvs_dir dir;
		__be16 vport = 0;
		union lvs_key key, request;

		CHECK(!call(af, 1234, 5000));
		CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
		CHECK_EQ(vport, htons(5000));
		CHECK_EQ(no_cport(af), 1);
		CHECK_EQ(atomic_read(&dest->inactive), 2);
		cp = found(af, 0, 5000);
		CHECK(cp && cp->state == LVS_TCP_LISTEN && cp->timeout == 120 * HZ && cp->control == control);
		CHECK(!call(af, 1234, 5001));

		cp = call(af, 1234, 5000);
		CHECK(!IS_ERR_OR_NULL(cp));
		CHECK_EQ(cp->control == control && cp->tracked && cp->state == LVS_TCP_LISTEN, 1);
		CHECK_EQ(no_cport(af), 0);
		CHECK(!found(af, 0, 5000) && found(af, 1234, 5000) == cp);
		CHECK_EQ(atomic_read(&dest->inactive), 2);
		CHECK(!call(af, 1235, 5000));
		/* what the server sends: from its own address and port */
		key_to(&request, af, 1234, 5000);
		lvs_key_reverse(&key, &request, af);
		if (af == AF_INET)
			key.v4.src = dest->key.addr.ip;
		else
			key.v6.src = dest->key.addr.in6;
		CHECK(lvs_conn_lookup(unit_ln, af, &key, &dir) == cp && dir == LVS_DIR_REPLY);

		unit_skip(1000 * HZ);
		check_idle(dest);
		sim_dest_remove(dest);
	}
}

/* Told again, a conn that still waits waits for its whole time again. */
UNIT_TEST(expected_client_is_told_twice)
{
	struct lvs_dest *dest = sim_dest(SERVER, AF_INET, 1);
	struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ), *cp;
	__be16 vport;

	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
	cp = found(AF_INET, 0, 5000);
	unit_skip(100 * HZ);
	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
	CHECK_EQ(vport, htons(5000));
	CHECK_EQ(no_cport(AF_INET), 1);
	unit_skip(100 * HZ);
	CHECK(found(AF_INET, 0, 5000) == cp);
	unit_skip(200 * HZ);
	CHECK(!found(AF_INET, 0, 5000));
	CHECK_EQ(no_cport(AF_INET), 0);
	sim_dest_remove(dest);
}

/* What two servers have told one client leads to each of them. */
UNIT_TEST(expected_ports_of_two_servers)
{
	struct lvs_dest *dest[2] = { sim_dest(SERVER, AF_INET, 1), sim_dest(SERVER, AF_INET, 2) };
	struct lvs_conn *control[2] = { new_conn(dest[0], CONTROL, 900 * HZ), new_conn(dest[1], CONTROL + 1, 900 * HZ) };
	__be16 vport[2];
	int i;

	for (i = 0; i < 2; i++)
		CHECK_EQ(lvs_expect_client(unit_ln, control[i], htons(65535), &vport[i]), 0);
	CHECK_EQ(ntohs(vport[0]), 65535);
	CHECK_EQ(ntohs(vport[1]), 1024);
	for (i = 0; i < 2; i++) {
		struct lvs_conn *cp = call(AF_INET, 1234, ntohs(vport[i]));

		CHECK(!IS_ERR_OR_NULL(cp) && cp->dest == dest[i] && cp->dport == htons(65535));
	}
	for (i = 0; i < 2; i++)
		sim_dest_remove(dest[i]);
}

/* A server that tells the port by way of another service has given the first call up. */
UNIT_TEST(expected_port_is_told_by_another_service)
{
	struct lvs_dest *dest[2] = { sim_dest(SERVER, AF_INET, 1), sim_dest_of(81, SERVER, AF_INET, 1) };
	struct lvs_conn *control[2] = { new_conn(dest[0], CONTROL, 900 * HZ), new_conn(dest[1], CONTROL + 1, 900 * HZ) };
	struct lvs_conn *cp;
	__be16 vport;
	int i;

	for (i = 0; i < 2; i++) {
		CHECK_EQ(lvs_expect_client(unit_ln, control[i], htons(5000), &vport), 0);
		CHECK_EQ(ntohs(vport), 5000);
		CHECK_EQ(no_cport(AF_INET), 1);
		cp = found(AF_INET, 0, 5000);
		CHECK(cp && cp->dest == dest[i] && cp->control == control[i]);
	}
	for (i = 0; i < 2; i++)
		sim_dest_remove(dest[i]);
}

/* There is an end to trying. */
UNIT_TEST(expected_ports_run_out)
{
	struct lvs_dest *dest[2] = { sim_dest(SERVER, AF_INET, 1), sim_dest(SERVER, AF_INET, 2) };
	struct lvs_conn *control[2] = { new_conn(dest[0], CONTROL, 900 * HZ), new_conn(dest[1], CONTROL + 1, 900 * HZ) };
	__be16 vport;
	int i;

	for (i = 0; i < 16; i++)
		CHECK_EQ(lvs_expect_client(unit_ln, control[0], htons(5000 + i), &vport), 0);
	CHECK_EQ(lvs_expect_client(unit_ln, control[1], htons(5000), &vport), -EEXIST);
	CHECK_EQ(no_cport(AF_INET), 16);
	CHECK_EQ(atomic_read(&dest[1]->inactive), 1);
	for (i = 0; i < 2; i++)
		sim_dest_remove(dest[i]);
}

/* A server that is no longer one behind NAT is not called, and nothing is left behind. */
UNIT_TEST(expected_needs_nat)
{
	struct lvs_dest *dest = sim_dest(SERVER, AF_INET6, 1);
	struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ);
	union nf_inet_addr client = lvs_conn_caddr(control);
	__be16 vport;

	dest->conn_flags = DR;
	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), -EOPNOTSUPP);
	CHECK_EQ(lvs_expect_server(unit_ln, control, &client, htons(6000)), -EOPNOTSUPP);
	CHECK_EQ(no_cport(AF_INET6), 0);
	CHECK_EQ(atomic_read(&dest->inactive), 1);
	CHECK_EQ(atomic_read(&control->n_control), 0);
	sim_dest_remove(dest);
}

/* The server's call; told once more it is the same conn, of another server it is a new one, and what is no such conn stays. */
UNIT_TEST(expected_server)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		u8 af = families[i];
		struct lvs_dest *dest = sim_dest(SERVER, af, 1), *other = sim_dest(SERVER, af, 2);
		struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ);
		struct lvs_conn *next = new_conn(other, CONTROL + 1, 900 * HZ), *cp, *foreign;
		union nf_inet_addr client = lvs_conn_caddr(control), vip = lvs_conn_vaddr(control);
		union lvs_key key;

		CHECK_EQ(lvs_expect_server(unit_ln, control, &client, htons(6000)), 0);
		cp = found(af, 6000, 79);
		CHECK(cp && cp->dport == htons(8079) && cp->state == LVS_TCP_LISTEN && cp->control == control);
		CHECK_EQ(no_cport(af), 0);
		cp->state = LVS_TCP_TIME_WAIT;
		CHECK_EQ(lvs_expect_server(unit_ln, control, &client, htons(6000)), 0);
		CHECK(found(af, 6000, 79) == cp && cp->state == LVS_TCP_LISTEN);
		CHECK_EQ(lvs_expect_server(unit_ln, next, &client, htons(6000)), 0);
		CHECK(found(af, 6000, 79)->dest == other);

		/* what another client has begun stays whatever this one says */
		client.all[0] ^= htonl(1);
		found(af, 6000, 79)->state = LVS_TCP_ESTABLISHED;
		lvs_key_fill(&key, af, IPPROTO_TCP, LVS_KEY_FLOW, &client, htons(CONTROL), &vip, htons(80));
		foreign = sim_conn(dest, &key, 900 * HZ);
		client = lvs_conn_caddr(control);
		CHECK_EQ(lvs_expect_server(unit_ln, foreign, &client, htons(6000)), -EEXIST);
		CHECK(found(af, 6000, 79)->dest == other && found(af, 6000, 79)->state == LVS_TCP_ESTABLISHED);

		key_to(&key, af, 7000, 79);
		cp = sim_conn(other, &key, 900 * HZ);
		CHECK_EQ(lvs_expect_server(unit_ln, control, &client, htons(7000)), -EEXIST);
		CHECK(found(af, 7000, 79) == cp && cp->state == LVS_TCP_NONE);
		sim_dest_remove(dest);
		sim_dest_remove(other);
	}
}

/* A control conn is there as long as one that was agreed on in it. */
UNIT_TEST(expected_keeps_its_control_conn)
{
	struct lvs_dest *dest = sim_dest(SERVER, AF_INET, 1);
	struct lvs_conn *control = new_conn(dest, CONTROL, 10 * HZ);
	__be16 vport;

	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
	unit_skip(60 * HZ);
	CHECK(is_there(dest, CONTROL));
	unit_skip(200 * HZ);
	CHECK(!is_there(dest, CONTROL));
	check_idle(dest);
	sim_dest_remove(dest);
}

/* It has states of its own, which a data conn's answer does not move: only a template notes that. */
UNIT_TEST(expected_does_not_assure_its_control_conn)
{
	struct lvs_dest *dest = sim_dest(SERVER, AF_INET, 1);
	struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ);
	__be16 vport;

	control->state = LVS_TCP_FIN_WAIT;
	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
	lvs_conn_assure(found(AF_INET, 0, 5000));
	CHECK_EQ(control->state, LVS_TCP_FIN_WAIT);
	sim_dest_remove(dest);
}

/* A limit that is reached is told, and nothing is left behind. */
UNIT_TEST(expected_is_refused_at_the_limit)
{
	struct lvs_dest *dest = sim_dest(SERVER, AF_INET, 1);
	struct lvs_conn *control = new_conn(dest, CONTROL, 900 * HZ);
	union nf_inet_addr client = lvs_conn_caddr(control);
	__be16 vport;

	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000), &vport), 0);
	unit_ln->knobs.conn_max = 2;
	CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5001), &vport), -EDQUOT);
	CHECK_EQ(lvs_expect_server(unit_ln, control, &client, htons(6000)), -EDQUOT);
	CHECK_EQ(PTR_ERR(call(AF_INET, 1234, 5000)), -EDQUOT);
	CHECK_EQ(no_cport(AF_INET), 1);
	CHECK_EQ(atomic_read(&dest->inactive), 2);
	sim_dest_remove(dest);
}

/* The namespace ends with a data conn under a control conn under a template: each goes before what it points to. */
UNIT_TEST(expected_ends_with_its_namespace)
{
	int i;

	for (i = 0; i < 20; i++) {
		struct lvs_dest *dest = sim_dest(SERVER, AF_INET, 1 + i);
		struct lvs_conn *tmpl = i ? NULL : new_template(dest, 300 * HZ), *control, *found;
		union lvs_key key;
		__be16 vport;

		sim_key(&key, AF_INET, IPPROTO_TCP, CONTROL + i);
		control = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
		CHECK_EQ(lvs_conn_bind(unit_ln, control, dest, lvs_dest_port(dest), IP_VS_CONN_F_INACTIVE), 0);
		if (tmpl)
			CHECK(lvs_conn_control(control, tmpl));
		lvs_conn_publish(unit_ln, control, (1 + unit_below(1000)) * HZ);
		CHECK_EQ(lvs_expect_client(unit_ln, control, htons(5000 + i), &vport), 0);
		if (i & 1)
			CHECK(!IS_ERR_OR_NULL(call(AF_INET, 1234, 5000 + i)));
		sim_dest_remove(dest);
	}
}
