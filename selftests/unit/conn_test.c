// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a conn, with a clock that stands still while nobody looks. The
 * address sanitizer is the judge of lifetimes; unit_end() of counts.
 */
#include "conn/limit.h"
#include "conn_test.h"

/* As a packet that uses a conn it found: true if it could. */
static bool use(struct lvs_conn *cp)
{
	if (!lvs_conn_usable(cp))
		return false;
	lvs_conn_touch(cp);
	return true;
}

/* A conn that no packet uses is there until its deadline, and gone soon after; so is its memory. */
UNIT_TEST(conn_ends_on_time)
{
	static const u32 timeouts[] = { 1, HZ, 10 * HZ, 60 * HZ, 523 * HZ, 525 * HZ, 900 * HZ, 86400 * HZ };
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	int i, wrap;

	for (wrap = 0; wrap < 2; wrap++) {
		for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
			u32 timeout = timeouts[i];

			/* so that 32 bits of jiffies wrap before the deadline */
			if (wrap)
				unit_skip((u32)(0 - (u32)jiffies - timeout / 2));
			new_conn(dest, 1, timeout);
			unit_skip(timeout - 1);
			CHECK(is_there(dest, 1));
			unit_skip(1 + LATE);
			CHECK(!is_there(dest, 1));
			unit_skip(LATE);
			check_idle(dest);
			if (!wrap)
				unit_skip(unit_below(1 << 20));
		}
	}
	sim_dest_remove(dest);
}

/* Each packet moves the deadline; what they cost is one store, so that an eighth of a second may be missing. */
UNIT_TEST(conn_lives_as_long_as_it_is_used)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET6, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 10 * HZ);
	int i;

	for (i = 0; i < 50; i++) {
		unit_skip(10 * HZ - HZ / 8 - 2);
		CHECK(find(dest, 1) == cp && use(cp));
	}
	unit_skip(10 * HZ + LATE);
	CHECK(!is_there(dest, 1));
	unit_skip(LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* Time until the conn is EXPIRING. */
static void until_expiring(struct lvs_conn *cp)
{
	int i;

	for (i = 0; cp->life != LVS_CONN_EXPIRING && i < 1000 * HZ; i++)
		unit_tick();
	CHECK_EQ(cp->life, LVS_CONN_EXPIRING);
}

/* A packet that comes between the two visits finds the conn and brings it back. */
UNIT_TEST(conn_expiring_is_revived_by_a_packet)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 5 * HZ);

	unit_readers++;		/* or the grace period would be over at once */
	until_expiring(cp);
	CHECK(find(dest, 1) == cp);
	CHECK_EQ(cp->life, LVS_CONN_LIVE);
	unit_readers--;
	/* it has its whole time once more */
	unit_skip(5 * HZ - 1);
	CHECK(is_there(dest, 1));
	unit_skip(2 * LATE);
	CHECK(!is_there(dest, 1));
	check_idle(dest);
	sim_dest_remove(dest);
}

/* A packet that had seen it LIVE moves the deadline only after the first visit: the second one sees that. */
UNIT_TEST(conn_expiring_is_spared_by_a_late_touch)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 5 * HZ);

	rcu_read_lock();
	CHECK(lvs_conn_usable(cp));
	until_expiring(cp);
	lvs_conn_touch(cp);
	rcu_read_unlock();
	unit_skip(LATE);
	CHECK_EQ(cp->life, LVS_CONN_LIVE);
	unit_skip(5 * HZ - HZ / 8 - LATE - 2);
	CHECK(is_there(dest, 1));
	unit_skip(HZ + 2 * LATE);
	CHECK(!is_there(dest, 1));
	sim_dest_remove(dest);
}

/* No second visit before a grace period has passed, however long a packet takes. */
UNIT_TEST(conn_expiring_waits_for_readers)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, HZ);

	rcu_read_lock();
	CHECK(lvs_conn_usable(cp));
	unit_skip(30 * HZ);
	CHECK_EQ(cp->life, LVS_CONN_EXPIRING);
	CHECK(is_there(dest, 1));
	rcu_read_unlock();
	unit_skip(LATE);
	CHECK(!is_there(dest, 1));
	check_idle(dest);
	sim_dest_remove(dest);
}

/* A shorter timeout holds at once, though the conn waits on a slot far away; a longer one when that slot comes. */
UNIT_TEST(conn_update_moves_the_deadline)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 900 * HZ);

	unit_skip(100 * HZ);
	spin_lock(&cp->lock);
	lvs_conn_update(unit_ln, cp, LVS_TCP_CLOSE, 10 * HZ, false);
	spin_unlock(&cp->lock);
	unit_skip(10 * HZ - 1);
	CHECK(is_there(dest, 1));
	unit_skip(1 + LATE);
	CHECK(!is_there(dest, 1));

	cp = new_conn(dest, 2, 3 * HZ);
	spin_lock(&cp->lock);
	lvs_conn_update(unit_ln, cp, LVS_TCP_ESTABLISHED, 900 * HZ, true);
	spin_unlock(&cp->lock);
	CHECK_EQ(atomic_read(&dest->active), 1);
	CHECK_EQ(atomic_read(&dest->inactive), 0);
	unit_skip(900 * HZ - 1);
	CHECK(is_there(dest, 2));
	unit_skip(1 + LATE);
	CHECK(!is_there(dest, 2));
	unit_skip(LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* A packet that read the old timeout writes its deadline after the state changed: no more than the new one counts. */
UNIT_TEST(conn_stale_deadline_is_cut)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 900 * HZ);

	spin_lock(&cp->lock);
	lvs_conn_update(unit_ln, cp, LVS_TCP_CLOSE, 10 * HZ, false);
	spin_unlock(&cp->lock);
	cp->deadline = (u32)jiffies + 900 * HZ;
	unit_skip(20 * HZ + 2 * LATE);
	CHECK(!is_there(dest, 1));
	sim_dest_remove(dest);
}

/* Both directions of a NAT conn lead to it; other methods know the client's only. */
UNIT_TEST(conn_directions)
{
	u8 af;

	for (af = AF_INET; af; af = af == AF_INET ? AF_INET6 : 0) {
		struct lvs_dest *nat = sim_dest(NAT, af, 1), *dr = sim_dest(DR, af, 2);
		struct lvs_conn *cp = new_conn(nat, 1, HZ);
		union nf_inet_addr client = lvs_conn_caddr(cp);
		union lvs_key key;
		enum lvs_dir dir;

		CHECK(lvs_conn_lookup(unit_ln, af, lvs_conn_key(cp), &dir) == cp);
		CHECK_EQ(dir, LVS_DIR_REQUEST);
		lvs_key_fill(&key, af, IPPROTO_TCP, LVS_KEY_FLOW, lvs_dest_addr(nat), htons(8080), &client, htons(1));
		CHECK(lvs_conn_lookup(unit_ln, af, &key, &dir) == cp);
		CHECK_EQ(dir, LVS_DIR_REPLY);
		CHECK_EQ(lvs_conn_cport(cp), htons(1));
		CHECK_EQ(lvs_conn_vport(cp), htons(80));

		cp = new_conn(dr, 2, HZ);
		CHECK(lvs_conn_lookup(unit_ln, af, lvs_conn_key(cp), &dir) == cp);
		CHECK_EQ(dir, LVS_DIR_REQUEST);
		lvs_key_fill(&key, af, IPPROTO_TCP, LVS_KEY_FLOW, lvs_dest_addr(dr), htons(8080), &client, htons(2));
		CHECK(!lvs_conn_lookup(unit_ln, af, &key, &dir));
		sim_dest_remove(nat);
		sim_dest_remove(dr);
	}
}

/* One flow, one conn: the second CPU that comes with the flow's first packet finds the first one's. */
UNIT_TEST(conn_reserve_is_exclusive)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *first, *second, *found = NULL;
	union lvs_key key;

	sim_key(&key, AF_INET, IPPROTO_TCP, 1);
	first = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	CHECK(!IS_ERR_OR_NULL(first) && !found && spin_is_locked(&first->lock));
	/* what would be another CPU's, and is this one's for lockdep */
	lockdep_off();
	second = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	lockdep_on();
	CHECK(!second && found == first);
	CHECK_EQ(atomic_read(&unit_ln->conn_count), 1);

	/* no server: given up, and the next packet may try again */
	lvs_conn_abandon(unit_ln, first);
	CHECK(!is_there(dest, 1));
	unit_grace_period();
	check_idle(dest);
	first = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	CHECK(!IS_ERR_OR_NULL(first));
	CHECK_EQ(lvs_conn_bind(unit_ln, first, dest, htons(8080), 0), 0);
	lvs_conn_abandon(unit_ln, first);
	unit_grace_period();
	check_idle(dest);
	sim_dest_remove(dest);
}

/* One server behind two VIPs: a client's port can be in use there. The holder makes way if it is as good as over. */
UNIT_TEST(conn_reply_tuple_in_use)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *holder = new_conn(dest, 1, 100 * HZ), *cp, *found = NULL;
	union lvs_key key;
	int err;

	sim_key(&key, AF_INET, IPPROTO_TCP, 1);
	key.v4.dst ^= htonl(0x100);
	cp = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	err = lvs_conn_bind(unit_ln, cp, dest, htons(8080), 0);
	CHECK_EQ(err, -EEXIST);
	CHECK(find(dest, 1) == holder);
	CHECK_EQ(refcount_read(&dest->refs), 2);

	/* being changed by another CPU: not now. One thread is both here, which lockdep is told */
	holder->state = LVS_TCP_TIME_WAIT;
	spin_lock_nested(&holder->lock, SINGLE_DEPTH_NESTING);
	CHECK_EQ(lvs_conn_bind(unit_ln, cp, dest, htons(8080), 0), -EEXIST);
	spin_unlock(&holder->lock);

	rcu_read_lock();
	CHECK_EQ(lvs_conn_bind(unit_ln, cp, dest, htons(8080), 0), 0);
	CHECK_EQ(holder->life, LVS_CONN_DEAD);
	lvs_conn_publish(unit_ln, cp, HZ);
	CHECK(!lvs_conn_usable(holder));
	rcu_read_unlock();
	CHECK(!is_there(dest, 1));
	unit_skip(2 * HZ + 2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* A server that was removed while a packet chose it. */
UNIT_TEST(conn_bind_to_a_server_that_goes)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp, *found = NULL;
	enum lvs_dir dir;
	union lvs_key key, reply;

	sim_key(&key, AF_INET, IPPROTO_TCP, 1);
	cp = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	rcu_read_lock();
	sim_dest_remove(dest);
	CHECK_EQ(lvs_conn_bind(unit_ln, cp, dest, htons(8080), 0), -ENOENT);
	reply.v4 = lvs_conn_keys4(cp)[LVS_DIR_REPLY];
	CHECK(!lvs_conn_lookup(unit_ln, AF_INET, &reply, &dir));
	lvs_conn_abandon(unit_ln, cp);
	rcu_read_unlock();
}

/* A removed server is kept by its conns, and found again with them. */
UNIT_TEST(conn_keeps_its_server)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1), *again;
	struct lvs_dest_key key = dest->key;

	new_conn(dest, 1, 10 * HZ);
	sim_dest_remove(dest);
	mutex_lock(&unit_ln->config_lock);
	again = lvs_dest_find_get(unit_ln, &key);
	CHECK(again == dest);
	CHECK_EQ(atomic_read(&dest->inactive), 1);
	lvs_dest_put(again);
	unit_skip(11 * HZ + 2 * LATE);
	CHECK(!lvs_dest_find_get(unit_ln, &key));
	mutex_unlock(&unit_ln->config_lock);
}

/* A template outlives its conns, and is looked at again when they are gone. */
UNIT_TEST(conn_template_outlives_its_conns)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_conn *tmpl = new_template(dest, 30 * HZ), *cp = new_conn(dest, 1, 500 * HZ), *second;

	CHECK_EQ(atomic_read(&dest->persist), 1);
	CHECK(lvs_conn_control(cp, tmpl));
	second = new_conn(dest, 2, 100 * HZ);
	CHECK(lvs_conn_control(second, tmpl));
	CHECK_EQ(atomic_read(&tmpl->n_control), 2);
	unit_skip(499 * HZ);
	CHECK_EQ(atomic_read(&tmpl->n_control), 1);
	CHECK_EQ(tmpl->life, LVS_CONN_LIVE);
	CHECK_EQ(atomic_read(&dest->persist), 1);
	/* a minute at most until the wheel looks again */
	unit_skip(HZ + 60 * HZ + 3 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* Displaced, a template is found no more, but stays for the conns that point to it. */
UNIT_TEST(conn_template_displaced)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET6, 1);
	struct lvs_conn *tmpl = new_template(dest, 300 * HZ), *cp = new_conn(dest, 1, 20 * HZ), *late;
	union lvs_key key = *lvs_conn_key(tmpl);
	enum lvs_dir dir;

	CHECK(lvs_conn_control(cp, tmpl));
	rcu_read_lock();
	CHECK(lvs_conn_displace(unit_ln, tmpl));
	CHECK(!lvs_conn_lookup(unit_ln, AF_INET6, &key, &dir));
	CHECK_EQ(atomic_read(&dest->persist), 0);
	late = new_conn(dest, 2, HZ);
	CHECK(!lvs_conn_control(late, tmpl));
	rcu_read_unlock();
	/* a new one takes its place at once */
	CHECK(new_template(dest, HZ) != tmpl);
	unit_skip(15 * HZ);
	CHECK_EQ(tmpl->life, LVS_CONN_DEAD);
	CHECK(cp->control == tmpl);
	/* the conn ends; a minute at most until the wheel lets go of the template */
	unit_skip(5 * HZ + 60 * HZ + 4 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* A template that is about to expire is kept by a new conn. */
UNIT_TEST(conn_template_expiring_is_kept_by_a_conn)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_conn *tmpl = new_template(dest, 5 * HZ), *cp;

	rcu_read_lock();
	until_expiring(tmpl);
	cp = new_conn(dest, 1, 10 * HZ);
	CHECK(lvs_conn_control(cp, tmpl));
	rcu_read_unlock();
	unit_skip(8 * HZ);
	CHECK_EQ(tmpl->life, LVS_CONN_LIVE);
	CHECK_EQ(atomic_read(&tmpl->n_control), 1);
	sim_dest_remove(dest);
}

/* Displaced, a conn is gone from the table at once, and its memory when nobody looks at it any more. */
UNIT_TEST(conn_displaced)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, 100 * HZ), *next;

	rcu_read_lock();
	CHECK(lvs_conn_usable(cp));
	CHECK(lvs_conn_displace(unit_ln, cp));
	CHECK(!is_there(dest, 1));
	next = new_conn(dest, 1, HZ);
	CHECK(find(dest, 1) == next && next != cp);
	/* still ours to read, and to no avail */
	unit_skip(HZ / 2);
	lvs_conn_touch(cp);
	CHECK(!lvs_conn_usable(cp));
	CHECK(lvs_conn_displace(unit_ln, cp));
	spin_lock(&cp->lock);
	lvs_conn_update(unit_ln, cp, LVS_TCP_ESTABLISHED, 900 * HZ, true);
	spin_unlock(&cp->lock);
	CHECK_EQ(atomic_read(&dest->active), 0);
	rcu_read_unlock();
	unit_skip(2 * HZ + 2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

/* Displaced while the wheel has it: EXPIRING on the worker's list. */
UNIT_TEST(conn_displaced_while_expiring)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp = new_conn(dest, 1, HZ);

	rcu_read_lock();
	until_expiring(cp);
	CHECK(lvs_conn_displace(unit_ln, cp));
	CHECK(!is_there(dest, 1));
	rcu_read_unlock();
	unit_skip(2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

UNIT_TEST(conn_for_one_packet)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp;
	union lvs_key key;

	sim_key(&key, AF_INET, IPPROTO_UDP, 1);
	cp = lvs_conn_alloc_once(unit_ln, AF_INET, &key);
	CHECK_EQ(atomic_read(&unit_ln->conn_count), 1);
	CHECK_EQ(lvs_conn_bind(unit_ln, cp, dest, htons(8080), IP_VS_CONN_F_ONE_PACKET | IP_VS_CONN_F_INACTIVE), 0);
	CHECK_EQ(atomic_read(&dest->inactive), 1);
	CHECK(!is_there(dest, 1));
	lvs_conn_free_once(unit_ln, cp);
	check_idle(dest);
	sim_dest_remove(dest);
}

UNIT_TEST(conn_limit)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct lvs_conn *found;
	union lvs_key key;
	int i;

	unit_ln->knobs.conn_max = 5;
	for (i = 0; i < 5; i++)
		new_conn(dest, i, HZ);
	sim_key(&key, AF_INET, IPPROTO_TCP, 6);
	CHECK_EQ(PTR_ERR(lvs_conn_reserve(unit_ln, AF_INET, &key, 1, &found)), -EDQUOT);
	CHECK(IS_ERR(lvs_conn_alloc_once(unit_ln, AF_INET, &key)));
	CHECK_EQ(atomic_read(&unit_ln->conn_count), 5);
	unit_skip(HZ + 2 * LATE);
	new_conn(dest, 7, HZ);
	unit_skip(HZ + 2 * LATE);
	check_idle(dest);
	sim_dest_remove(dest);
}

static int how_many(struct lvs_dest *dest, int tries)
{
	struct lvs_conn *cp, *found;
	union lvs_key key;
	int i, n = 0;

	for (i = 0; i < tries; i++) {
		sim_key(&key, AF_INET, IPPROTO_TCP, i);
		cp = lvs_conn_reserve(unit_ln, AF_INET, &key, 1, &found);
		if (IS_ERR(cp)) {
			CHECK_EQ(PTR_ERR(cp), -EDQUOT);
			continue;
		}
		n++;
		lvs_conn_bind(unit_ln, cp, dest, htons(80), 0);
		lvs_conn_publish(unit_ln, cp, HZ);
	}
	unit_skip(HZ + 2 * LATE);
	check_idle(dest);
	return n;
}

/* Memory sets a limit, whatever conn_max says: 256 bytes a conn in a quarter of RAM, an eighth of that for guests. */
UNIT_TEST(conn_limit_of_memory)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	struct user_namespace guest;
	int round;

	unit_ram_pages = 20;
	lvs_conn_limit_init();
	for (round = 0; round < 2; round++) {
		unit_net.user_ns = &init_user_ns;
		CHECK_EQ(how_many(dest, 100), 80);
		unit_net.user_ns = &guest;
		CHECK_EQ(how_many(dest, 100), 10);
	}
	sim_dest_remove(dest);
}

/* Every step of making a conn can fail, and leaves nothing. */
UNIT_TEST(conn_without_memory)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *cp, *found = NULL;
	union lvs_key key;

	sim_key(&key, AF_INET, IPPROTO_TCP, 1);
	unit_fail_at = 0;
	CHECK_EQ(PTR_ERR(lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found)), -ENOMEM);
	unit_fail_at = 0;
	CHECK(IS_ERR(lvs_conn_alloc_once(unit_ln, AF_INET, &key)));
	unit_fail_at = -1;
	unit_insert_error = -ENOMEM;
	CHECK_EQ(PTR_ERR(lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found)), -ENOMEM);
	check_idle(dest);

	cp = lvs_conn_reserve(unit_ln, AF_INET, &key, 2, &found);
	unit_insert_error = -ENOMEM;
	CHECK_EQ(lvs_conn_bind(unit_ln, cp, dest, htons(8080), 0), -ENOMEM);
	lvs_conn_abandon(unit_ln, cp);
	unit_grace_period();
	check_idle(dest);
	sim_dest_remove(dest);
}

/* Thresholds: full at the upper one, free again below the lower one or three quarters. */
UNIT_TEST(dest_overload)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	int lower, i;

	for (lower = 0; lower < 2; lower++) {
		u32 free_below = lower ? 2 : 6;

		dest->u_threshold = 8;
		dest->l_threshold = lower ? 2 : 0;
		for (i = 0; i < 8; i++) {
			CHECK(lvs_dest_eligible(dest));
			new_conn(dest, i, (10 + 10 * i) * HZ);
		}
		CHECK(!lvs_dest_eligible(dest));
		for (i = 7; i >= 0; i--) {
			unit_skip(10 * HZ + (i == 7 ? 2 * LATE : 0));
			CHECK_EQ(lvs_dest_conns(dest), i);
			CHECK_EQ(lvs_dest_eligible(dest), i < free_below);
		}
		unit_skip(2 * LATE);
		check_idle(dest);
	}
	sim_dest_remove(dest);
}
