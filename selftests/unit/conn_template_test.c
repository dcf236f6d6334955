// SPDX-License-Identifier: GPL-2.0
/* Templates that know what a persistence engine found. */
#include "conn/limit.h"
#include "conn/template.h"
#include "conn_test.h"

static void template_key(struct lvs_template_key *tk, u8 af, const char *data)
{
	*tk = (struct lvs_template_key){ .pe = { .at = (const u8 *)data, .len = strlen(data) } };
	sim_key(&tk->key, af, IPPROTO_UDP, 0);
	if (af == AF_INET)
		tk->key.v4.kind = LVS_KEY_TEMPLATE_PE;
	else
		tk->key.v6.kind = LVS_KEY_TEMPLATE_PE;
}

static struct lvs_conn *template_make(struct lvs_dest *dest, struct lvs_template_key *tk, u32 timeout)
{
	struct lvs_conn *tmpl, *found = NULL;

	tmpl = lvs_template_reserve(unit_ln, lvs_dest_af(dest), tk, &found);
	if (IS_ERR_OR_NULL(tmpl))
		return NULL;
	CHECK_EQ(lvs_conn_bind(unit_ln, tmpl, dest, lvs_dest_port(dest), 0), 0);
	lvs_conn_publish(unit_ln, tmpl, timeout);
	return tmpl;
}

/* Found by all of its data, and by nothing else; the client's port is not one of them. */
UNIT_TEST(template_has_data)
{
	static const char * const data[] = { "a", "b", "aa", "call@example.com", "call@example.comm", "Call@example.com" };
	struct lvs_conn *made[ARRAY_SIZE(data)];
	struct lvs_template_key tk;
	int i;
	u8 af;

	for (af = AF_INET; af; af = af == AF_INET ? AF_INET6 : 0) {
		struct lvs_dest *dest = sim_dest(NAT, af, 1);

		for (i = 0; i < ARRAY_SIZE(data); i++) {
			template_key(&tk, af, data[i]);
			CHECK(!lvs_template_lookup(unit_ln, af, &tk));
			made[i] = template_make(dest, &tk, 10 * HZ);
			CHECK(made[i] && lvs_conn_is_template(made[i]));
			CHECK(made[i]->pe->len == strlen(data[i]) && !memcmp(made[i]->pe->bytes, data[i], made[i]->pe->len));
			CHECK_EQ(lvs_conn_cport(made[i]), 0);
			CHECK_EQ(lvs_conn_vport(made[i]), htons(80));
		}
		for (i = 0; i < ARRAY_SIZE(data); i++) {
			template_key(&tk, af, data[i]);
			CHECK(lvs_template_lookup(unit_ln, af, &tk) == made[i]);
		}
		/* another client, and another service */
		sim_key(&tk.key, af, IPPROTO_UDP, 0);
		CHECK(!sim_find(af, &tk.key));
		template_key(&tk, af, "a");
		tk.key.v4.dst ^= htonl(1);
		CHECK(!lvs_template_lookup(unit_ln, af, &tk));
		CHECK_EQ(atomic_read(&dest->persist), ARRAY_SIZE(data));
		unit_skip(10 * HZ + 2 * LATE);
		check_idle(dest);
		sim_dest_remove(dest);
	}
}

/* A template of other data in the place that these would have: as if their digests were the same. */
static struct lvs_conn *squat(struct lvs_dest *dest, const char *data, u32 place)
{
	struct lvs_pe_data *pe = kmalloc(sizeof(*pe) + 1, GFP_ATOMIC);
	struct lvs_conn *tmpl, *found = NULL;
	struct lvs_template_key tk;

	template_key(&tk, AF_INET, data);
	lvs_template_lookup(unit_ln, AF_INET, &tk);
	/* the last of the places was looked at last */
	tk.key.v4.digest -= 3 - place;
	pe->len = 1;
	pe->bytes[0] = 'x';
	tmpl = lvs_conn_reserve_pe(unit_ln, AF_INET, &tk.key, pe, &found);
	CHECK(!IS_ERR_OR_NULL(tmpl));
	CHECK_EQ(lvs_conn_bind(unit_ln, tmpl, dest, 0, 0), 0);
	lvs_conn_publish(unit_ln, tmpl, 10 * HZ);
	return tmpl;
}

/* Those of one digest are several, and each is found, also when one before it has gone. */
UNIT_TEST(template_digests_collide)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_conn *other[4], *tmpl, *found;
	struct lvs_template_key tk;
	u32 low;
	int i;

	/* so that no place is beyond the lower half of the digest */
	do {
		char data[] = "call";

		data[3] = 'a' + unit_below(26);
		template_key(&tk, AF_INET, data);
		lvs_template_lookup(unit_ln, AF_INET, &tk);
		low = tk.key.v4.digest;
		if (low >= 8)
			other[0] = squat(dest, data, 0);
		else
			continue;
		other[1] = squat(dest, data, 1);
		tmpl = template_make(dest, &tk, 10 * HZ);
		CHECK(tmpl && tmpl != other[0] && tmpl != other[1]);
		CHECK(lvs_template_lookup(unit_ln, AF_INET, &tk) == tmpl);
		CHECK(lvs_conn_displace(unit_ln, other[0]));
		CHECK(lvs_template_lookup(unit_ln, AF_INET, &tk) == tmpl);
		CHECK(lvs_conn_displace(unit_ln, tmpl));
		CHECK(!lvs_template_lookup(unit_ln, AF_INET, &tk));
		for (i = 0; i < 4; i++)
			if (i != 1)
				other[i] = squat(dest, data, i);
		CHECK_EQ(PTR_ERR(lvs_template_reserve(unit_ln, AF_INET, &tk, &found)), -EBUSY);
	} while (low < 8);
	unit_skip(10 * HZ + 2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* The digest is keyed: under another key it is another. */
UNIT_TEST(template_digest_is_keyed)
{
	struct lvs_template_key before, after;
	int i, same = 0;

	for (i = 0; i < 16; i++) {
		template_key(&before, AF_INET, "call");
		lvs_template_lookup(unit_ln, AF_INET, &before);
		lvs_template_seed();
		template_key(&after, AF_INET, "call");
		lvs_template_lookup(unit_ln, AF_INET, &after);
		same += !memcmp(&before.key, &after.key, sizeof(after.key.v4));
	}
	CHECK(same < 2);
}

/* Of two CPUs with a call's first packets one makes the template, and the other finds it. */
UNIT_TEST(template_reserve_is_exclusive)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET6, 1);
	struct lvs_conn *first, *second, *found = NULL;
	struct lvs_template_key tk, other;

	template_key(&tk, AF_INET6, "call@example.com");
	template_key(&other, AF_INET6, "another@example.com");
	first = lvs_template_reserve(unit_ln, AF_INET6, &tk, &found);
	CHECK(!IS_ERR_OR_NULL(first) && !found && spin_is_locked(&first->lock));
	/* what would be another CPU's, and is this one's for lockdep */
	lockdep_off();
	second = lvs_template_reserve(unit_ln, AF_INET6, &tk, &found);
	CHECK(!second && found == first);
	second = template_make(dest, &other, HZ);
	lockdep_on();
	CHECK(second && second != first);
	lvs_conn_abandon(unit_ln, first);
	CHECK(!lvs_template_lookup(unit_ln, AF_INET6, &tk));
	unit_skip(HZ + 2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* What it knows is read by those that found it as long as they are readers. */
UNIT_TEST(template_data_wait_for_readers)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_template_key tk;
	struct lvs_conn *tmpl;

	template_key(&tk, AF_INET, "call@example.com");
	template_make(dest, &tk, HZ);
	rcu_read_lock();
	tmpl = lvs_template_lookup(unit_ln, AF_INET, &tk);
	CHECK(lvs_conn_displace(unit_ln, tmpl));
	unit_skip(2 * LATE);
	CHECK(tmpl->pe->len == 16 && !memcmp(tmpl->pe->bytes, "call@example.com", 16));
	rcu_read_unlock();
	unit_skip(2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* No step of making one leaves anything if it fails. */
UNIT_TEST(template_without_memory)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_template_key tk;
	struct lvs_conn *found;
	int i;

	template_key(&tk, AF_INET, "call@example.com");
	for (i = 0; i < 2; i++) {
		unit_fail_at = i;
		CHECK_EQ(PTR_ERR(lvs_template_reserve(unit_ln, AF_INET, &tk, &found)), -ENOMEM);
	}
	unit_fail_at = -1;
	check_idle(dest);
	sim_dest_remove(dest);
}

/* One with data counts as one conn, and as two where memory is the limit. */
UNIT_TEST(template_limit)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_template_key tk;
	char data[8] = "call";
	int i, n = 0, round;

	unit_ram_pages = 20;
	lvs_conn_limit_init();
	for (round = 0; round < 2; round++) {
		for (i = 0, n = 0; i < 60; i++) {
			data[4] = 'A' + i;
			template_key(&tk, AF_INET, data);
			n += !!template_make(dest, &tk, HZ);
		}
		CHECK_EQ(n, 40);
		CHECK_EQ(atomic_read(&unit_ln->conn_count), 40);
		unit_skip(HZ + 2 * LATE);
		check_idle(dest);
	}
	sim_dest_remove(dest);
}
