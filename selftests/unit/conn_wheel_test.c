// SPDX-License-Identifier: GPL-2.0
/* The wheel, and whoever comes to a conn that it has in its hands. */
#include "conn_test.h"

/* The worker could not run for longer than a turn of the wheel: everything is still visited, once. */
UNIT_TEST(conn_wheel_catches_up)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	int i;

	for (i = 0; i < 200; i++)
		new_conn(dest, i, (1 + i * 5) * HZ);
	unit_jiffies += 5000ul * HZ;
	unit_skip(2 * LATE);
	check_idle(dest);
	for (i = 0; i < 200; i++)
		CHECK(!is_there(dest, i));
	sim_dest_remove(dest);
}

/*
 * The other CPU: what it does to the conn while the worker has it in its hands,
 * before the first or the second visit.
 */
enum race { RACE_NOTHING, RACE_PACKET, RACE_TOUCH, RACE_LONGER, RACE_SHORTER, RACE_DISPLACED, RACE_CONTROLLED, RACES };

static struct {
	enum lvs_latch at;
	enum race race;
	struct lvs_dest *dest;
	struct lvs_conn *cp;
	int met;
} race;

static void race_update(struct lvs_conn *cp, u32 timeout)
{
	if (!lvs_conn_usable(cp))
		return;
	spin_lock(&cp->lock);
	lvs_conn_update(unit_ln, cp, LVS_TCP_ESTABLISHED, timeout, true);
	spin_unlock(&cp->lock);
}

static void race_meet(enum lvs_latch latch)
{
	struct lvs_conn *cp = race.cp;

	if (latch != race.at || race.met++)
		return;
	rcu_read_lock();
	switch (race.race) {
	case RACE_PACKET:
		CHECK(lvs_conn_usable(cp));
		lvs_conn_touch(cp);
		break;
	case RACE_TOUCH:
		lvs_conn_touch(cp);
		break;
	case RACE_LONGER:
		race_update(cp, 40 * HZ);
		break;
	case RACE_SHORTER:
		race_update(cp, 1);
		break;
	case RACE_DISPLACED:
		CHECK(lvs_conn_displace(unit_ln, cp));
		CHECK(!is_there(race.dest, 1));
		break;
	case RACE_CONTROLLED:
		CHECK(lvs_conn_control(new_conn(race.dest, 2, 40 * HZ), cp));
		break;
	default:
		break;
	}
	rcu_read_unlock();
}

/* How long it then lives on. */
static unsigned long race_time(void)
{
	switch (race.race) {
	case RACE_PACKET:
	case RACE_TOUCH:
		return 20 * HZ - HZ / 8;
	case RACE_LONGER:
	case RACE_CONTROLLED:
		return 40 * HZ;
	default:
		return 0;
	}
}

static void check_race(enum lvs_latch latch, enum race what)
{
	int i;

	race.at = latch;
	race.race = what;
	race.met = 0;
	race.dest = sim_dest(what == RACE_CONTROLLED ? DR : NAT, AF_INET, 1);
	race.cp = what == RACE_CONTROLLED ? new_template(race.dest, 20 * HZ) : new_conn(race.dest, 1, 20 * HZ);
	unit_latch = race_meet;
	for (i = 0; i < 30 * HZ && !race.met; i++)
		unit_tick();
	CHECK_EQ(race.met, 1);
	if (race_time()) {
		unit_skip(race_time() - 2 * LATE);
		CHECK_EQ(race.cp->life, LVS_CONN_LIVE);
		CHECK(atomic_read(&unit_ln->conn_count) >= 1);
	}
	unit_skip(4 * LATE + (what == RACE_CONTROLLED ? 60 * HZ : 0));
	check_idle(race.dest);
	unit_latch = NULL;
	sim_dest_remove(race.dest);
	unit_skip(LATE);
}

UNIT_TEST(conn_races_with_the_wheel)
{
	enum race what;

	for (what = 0; what < RACES; what++) {
		check_race(LVS_LATCH_first_visit, what);
		check_race(LVS_LATCH_second_visit, what);
	}
}

/* Without conns nothing wakes up; the first conn arms the wheel again. */
UNIT_TEST(conn_wheel_rests)
{
	struct lvs_dest *dest = sim_dest(DR, AF_INET, 1);
	int round;

	CHECK(!delayed_work_pending(&unit_ln->wheel.work));
	for (round = 0; round < 3; round++) {
		new_conn(dest, 1, HZ);
		CHECK(delayed_work_pending(&unit_ln->wheel.work));
		unit_skip(HZ + 3 * LATE);
		CHECK(!delayed_work_pending(&unit_ln->wheel.work));
		check_idle(dest);
		unit_skip(unit_below(1 << 22));
	}
	sim_dest_remove(dest);
}

/* A namespace goes with conns and templates in every stage of their lives. */
UNIT_TEST(conn_namespace_exit)
{
	struct lvs_dest *dest = sim_dest(NAT, AF_INET, 1);
	struct lvs_conn *tmpl = new_template(dest, 3 * HZ), *cp;
	int i;

	for (i = 0; i < 300; i++) {
		cp = new_conn(dest, i, unit_below(8 * HZ) + 1);
		if (unit_below(2))
			CHECK(lvs_conn_control(cp, tmpl));
		unit_skip(unit_below(HZ / 10));
	}
	lvs_conn_displace(unit_ln, tmpl);
	new_template(dest, HZ);
	rcu_read_lock();
	unit_skip(HZ);
	rcu_read_unlock();
	sim_dest_remove(dest);
}

/*
 * Anything at any time. The model is a table of when each conn was last given
 * how long: it is there until then but for an eighth of a second, and gone soon
 * after.
 */
enum { PORTS = 200 };

struct model {
	bool alive;
	unsigned long given;
	u32 timeout;
	u32 spared;	/* what a touch may not have written */
};

static void random_step(struct lvs_dest *dest, struct model *m, u16 port)
{
	struct lvs_conn *cp = find(dest, port);
	u32 timeout = 1 + unit_below(unit_below(4) ? 3 * HZ : 700 * HZ);

	if (cp && (!m->alive || time_after(jiffies, m->given + m->timeout + LATE)))
		CHECK(!"a conn that has ended");
	if (!cp && m->alive && time_after(m->given + m->timeout, jiffies + m->spared))
		CHECK(!"a conn that should live");
	if (!cp) {
		new_conn(dest, port, timeout);
		*m = (struct model){ .alive = true, .given = jiffies, .timeout = timeout };
	} else if (!unit_below(5)) {
		CHECK(lvs_conn_displace(unit_ln, cp));
		m->alive = false;
	} else if (unit_below(2)) {
		spin_lock(&cp->lock);
		lvs_conn_update(unit_ln, cp, LVS_TCP_ESTABLISHED, timeout, unit_below(2));
		spin_unlock(&cp->lock);
		m->given = jiffies;
		m->timeout = timeout;
		m->spared = 0;
	} else {
		lvs_conn_touch(cp);
		m->given = jiffies;
		m->spared = HZ / 8;
	}
}

UNIT_TEST(conn_random_lives)
{
	static struct model model[PORTS];
	struct lvs_dest *dest = sim_dest(NAT, AF_INET6, 1);
	int i;

	memset(model, 0, sizeof(model));
	for (i = 0; i < 30000; i++) {
		u16 port = unit_below(PORTS);

		random_step(dest, &model[port], port);
		if (!unit_below(3))
			unit_skip(unit_below(unit_below(50) ? HZ : 100 * HZ));
	}
	unit_skip(800 * HZ);
	for (i = 0; i < PORTS; i++)
		CHECK(!is_there(dest, i));
	check_idle(dest);
	sim_dest_remove(dest);
}
