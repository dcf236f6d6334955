// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: expiry
 *
 * Packets move a conn's deadline with a plain store. The wheel looks at the conn when the deadline that it knew passes,
 * and puts it on a later slot if traffic has moved it. A state change that shortens the deadline moves it to an earlier
 * slot at once.
 *
 * A conn ends in two visits. The first marks it EXPIRING, still hashed; any packet from then on brings it back to LIVE
 * (lvs_conn_usable()), and a packet that had looked at it just before has finished a grace period later. The second visit,
 * after that grace period, finds it EXPIRING and past its deadline still, unhashes it and frees it after another one.
 *
 * DOC: locking
 *
 * lvs_conn::slot and ::wheel are protected by the conn's lock together with the lock of the slot it is on: both are held to
 * put it on a slot; the slot's alone to take it off, after which (slot NONE) the conn belongs to who took it: to the
 * worker, or to lvs_wheel_leave()'s caller. The worker's own lists need no lock.
 * Order: a conn's lock, then a slot's lock. The worker never holds a slot's lock while it locks a conn.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../net.h"
#include "../test/latch.h"
#include "conn.h"
#include "tick.h"

/* Conns taken off a slot under one hold of its lock, and visited between two chances to reschedule. */
#define LVS_WHEEL_BATCH 64

/* How far a conn is from its last controller: a data conn of FTP has a control conn, and that one a template. */
#define LVS_CONN_RANKS 3

/* How long a template whose conns still live is left alone. */
#define LVS_TEMPLATE_RETRY (60 * HZ)

static u32 tick_now(void)
{
	return lvs_tick((u32)jiffies);
}

static spinlock_t *slot_lock(struct lvs_wheel *w, u32 tick)
{
	return &w->locks[tick % LVS_WHEEL_LOCKS];
}

static void wheel_arm(struct lvs_wheel *w)
{
	if (!READ_ONCE(w->armed) && !xchg(&w->armed, 1) && !READ_ONCE(w->stopped))
		queue_delayed_work(lvs_wq, &w->work, 1 << LVS_WHEEL_SHIFT);
}

/* Puts a conn on the slot of its deadline. Its lock is held, and it is on none. */
static void slot_put(struct lvs_wheel *w, struct lvs_conn *cp)
{
	u32 tick = lvs_tick_visit(READ_ONCE(cp->deadline), (u32)jiffies);

	for (;;) {
		spinlock_t *lock = slot_lock(w, tick);
		s32 ahead;

		spin_lock(lock);
		/*
		 * The worker may have passed this slot since the clock was read: it would be a turn late. Or it may be
		 * so far behind that this is the very slot that it is taking out: it would meet the conn again and again.
		 */
		ahead = lvs_tick_diff(tick, READ_ONCE(w->tick));
		if (ahead > 0 && ahead < LVS_WHEEL_SLOTS) {
			hlist_add_head(&cp->wheel, &w->slots[tick % LVS_WHEEL_SLOTS]);
			WRITE_ONCE(cp->slot, tick);
			spin_unlock(lock);
			return;
		}
		spin_unlock(lock);
		tick = lvs_tick_add(READ_ONCE(w->tick), ahead > 0 ? LVS_WHEEL_SLOTS - 1 : 1);
	}
}

/* Takes a conn off its slot. Its lock is held. Returns false if the worker has it. */
static bool slot_take(struct lvs_wheel *w, struct lvs_conn *cp)
{
	u32 tick = READ_ONCE(cp->slot);
	spinlock_t *lock;
	bool taken = false;

	if (tick == LVS_WHEEL_NONE)
		return false;
	lock = slot_lock(w, tick);
	spin_lock(lock);
	/* only the worker takes conns off without the conn's lock, and then it stays off */
	if (cp->slot != LVS_WHEEL_NONE) {
		hlist_del(&cp->wheel);
		WRITE_ONCE(cp->slot, LVS_WHEEL_NONE);
		taken = true;
	}
	spin_unlock(lock);
	return taken;
}

/**
 * lvs_wheel_enter - start watching a conn
 * @ln: namespace
 * @cp: conn, lock held, in no slot
 *
 * Context: BH off.
 */
void lvs_wheel_enter(struct lvs_net *ln, struct lvs_conn *cp)
{
	lockdep_assert_held(&cp->lock);
	slot_put(&ln->wheel, cp);
	atomic_inc(&ln->wheel.count);
	/* pairs with wheel_rearm(): either it sees the count or we see it disarmed */
	smp_mb__after_atomic();
	wheel_arm(&ln->wheel);
}

/**
 * lvs_wheel_hasten - look at a conn sooner: its deadline has moved closer
 * @ln: namespace
 * @cp: conn, lock held
 *
 * Context: BH off. If the worker has the conn just now, it reads the new deadline under the conn's lock.
 */
void lvs_wheel_hasten(struct lvs_net *ln, struct lvs_conn *cp)
{
	struct lvs_wheel *w = &ln->wheel;
	u32 slot = READ_ONCE(cp->slot);

	lockdep_assert_held(&cp->lock);
	if (slot == LVS_WHEEL_NONE || lvs_tick_diff(slot, lvs_tick_visit(READ_ONCE(cp->deadline), (u32)jiffies)) <= 0)
		return;
	if (slot_take(w, cp))
		slot_put(w, cp);
}

/**
 * lvs_wheel_leave - stop watching a DEAD conn
 * @ln: namespace
 * @cp: conn, lock held
 *
 * Context: BH off.
 * Return: true if the conn is the caller's to free; false if the worker has it and will.
 */
bool lvs_wheel_leave(struct lvs_net *ln, struct lvs_conn *cp)
{
	lockdep_assert_held(&cp->lock);
	if (!slot_take(&ln->wheel, cp))
		return false;
	atomic_dec(&ln->wheel.count);
	return true;
}

static bool conn_due(const struct lvs_conn *cp)
{
	return (s32)(READ_ONCE(cp->deadline) - (u32)jiffies) <= 0;
}

/*
 * A packet that read the timeout just before a state change may write its deadline after it: a closed conn would stay for
 * the time of an established one. No deadline is further away than the timeout. The conn's lock is held.
 */
static void deadline_check(struct lvs_conn *cp)
{
	u32 limit = (u32)jiffies + cp->timeout;

	if ((s32)(READ_ONCE(cp->deadline) - limit) > 0)
		WRITE_ONCE(cp->deadline, limit);
}

static void worker_free(struct lvs_net *ln, struct lvs_conn *cp)
{
	atomic_dec(&ln->wheel.count);
	lvs_conn_release(ln, cp);
}

/*
 * Lets go of a conn that was taken off the wheel, if it is DEAD and controls no other; a template is looked at again later.
 * Its lock is held. Returns true if the caller is to free it, after unlocking.
 */
static bool visit_dead(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (!atomic_read(&cp->n_control))
		return true;
	WRITE_ONCE(cp->deadline, (u32)jiffies + LVS_TEMPLATE_RETRY);
	slot_put(&ln->wheel, cp);
	return false;
}

/* First visit, of a conn just taken off its slot. */
static void visit_first(struct lvs_net *ln, struct lvs_conn *cp)
{
	struct lvs_wheel *w = &ln->wheel;
	bool release = false;

	lvs_latch_sleep(first_visit);
	spin_lock_bh(&cp->lock);
	if (cp->life == LVS_CONN_DEAD) {
		release = visit_dead(ln, cp);
	} else if (!conn_due(cp)) {
		deadline_check(cp);
		slot_put(w, cp);
	} else if (atomic_read(&cp->n_control)) {
		WRITE_ONCE(cp->deadline, (u32)jiffies + LVS_TEMPLATE_RETRY);
		slot_put(w, cp);
	} else {
		WRITE_ONCE(cp->life, LVS_CONN_EXPIRING);
		hlist_add_head(&cp->wheel, &w->dying);
	}
	spin_unlock_bh(&cp->lock);
	if (release)
		worker_free(ln, cp);
}

/* Second visit, at least a grace period after the first. */
static void visit_second(struct lvs_net *ln, struct lvs_conn *cp)
{
	bool release = false;

	lvs_latch_sleep(second_visit);
	spin_lock_bh(&cp->lock);
	if (cp->life == LVS_CONN_EXPIRING && conn_due(cp) && !atomic_read(&cp->n_control))
		lvs_conn_end(ln, cp);
	if (cp->life == LVS_CONN_DEAD) {
		release = visit_dead(ln, cp);
	} else {
		WRITE_ONCE(cp->life, LVS_CONN_LIVE);
		deadline_check(cp);
		slot_put(&ln->wheel, cp);
	}
	spin_unlock_bh(&cp->lock);
	if (release)
		worker_free(ln, cp);
}

/* Moves up to a batch of conns from a slot to a private list. Returns how many. */
static int slot_drain(struct lvs_wheel *w, u32 tick, struct hlist_head *list)
{
	struct hlist_head *slot = &w->slots[tick % LVS_WHEEL_SLOTS];
	spinlock_t *lock = slot_lock(w, tick);
	int n = 0;

	spin_lock_bh(lock);
	while (!hlist_empty(slot) && n < LVS_WHEEL_BATCH) {
		struct lvs_conn *cp = hlist_entry(slot->first, struct lvs_conn, wheel);

		hlist_del(&cp->wheel);
		WRITE_ONCE(cp->slot, LVS_WHEEL_NONE);
		hlist_add_head(&cp->wheel, list);
		n++;
	}
	spin_unlock_bh(lock);
	return n;
}

static void slot_visit(struct lvs_net *ln, u32 tick)
{
	struct lvs_wheel *w = &ln->wheel;
	struct lvs_conn *cp;
	struct hlist_node *next;
	HLIST_HEAD(list);
	int n;

	WRITE_ONCE(w->tick, tick);
	do {
		n = slot_drain(w, tick, &list);
		hlist_for_each_entry_safe(cp, next, &list, wheel)
			visit_first(ln, cp);
		INIT_HLIST_HEAD(&list);
		cond_resched();
	} while (n == LVS_WHEEL_BATCH);
}

static void dying_visit(struct lvs_net *ln)
{
	struct lvs_wheel *w = &ln->wheel;
	struct hlist_node *next;
	struct lvs_conn *cp;
	int n = 0;

	if (!hlist_empty(&w->dying_old)) {
		if (!poll_state_synchronize_rcu(w->cookie))
			return;
		hlist_for_each_entry_safe(cp, next, &w->dying_old, wheel) {
			visit_second(ln, cp);
			if (++n % LVS_WHEEL_BATCH == 0)
				cond_resched();
		}
		INIT_HLIST_HEAD(&w->dying_old);
	}
	if (!hlist_empty(&w->dying)) {
		hlist_move_list(&w->dying, &w->dying_old);
		w->cookie = start_poll_synchronize_rcu();
	}
}

static void wheel_rearm(struct lvs_wheel *w)
{
	if (!atomic_read(&w->count)) {
		WRITE_ONCE(w->armed, 0);
		/* pairs with lvs_wheel_enter() */
		smp_mb();
		if (!atomic_read(&w->count) || xchg(&w->armed, 1))
			return;
	}
	if (!READ_ONCE(w->stopped))
		queue_delayed_work(lvs_wq, &w->work, 1 << LVS_WHEEL_SHIFT);
}

static void wheel_work(struct work_struct *work)
{
	struct lvs_wheel *w = container_of(to_delayed_work(work), struct lvs_wheel, work);
	struct lvs_net *ln = container_of(w, struct lvs_net, wheel);
	u32 now = tick_now();
	u32 behind = lvs_tick_diff(now, w->tick);
	u32 i;

	/* after an idle time of more than a turn every slot is due, once */
	if (behind > LVS_WHEEL_SLOTS)
		behind = LVS_WHEEL_SLOTS;
	for (i = behind; i > 0; i--)
		slot_visit(ln, lvs_tick_add(now, 1 - i));
	dying_visit(ln);
	wheel_rearm(w);
}

/**
 * lvs_wheel_init - make the wheel of a namespace
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_wheel_init(struct lvs_net *ln)
{
	struct lvs_wheel *w = &ln->wheel;
	int i;

	w->slots = kvcalloc(LVS_WHEEL_SLOTS, sizeof(*w->slots), GFP_KERNEL);
	if (!w->slots)
		return -ENOMEM;
	for (i = 0; i < LVS_WHEEL_LOCKS; i++)
		spin_lock_init(&w->locks[i]);
	w->tick = tick_now();
	atomic_set(&w->count, 0);
	INIT_DELAYED_WORK(&w->work, wheel_work);
	return 0;
}

static void conn_end_now(struct lvs_net *ln, struct lvs_conn *cp)
{
	spin_lock_bh(&cp->lock);
	if (cp->life != LVS_CONN_DEAD)
		lvs_conn_end(ln, cp);
	spin_unlock_bh(&cp->lock);
	worker_free(ln, cp);
}

/* Ends the conns of a list. Those that others point to go to @later instead: they must outlive them. */
static void list_end(struct lvs_net *ln, struct hlist_head *list, struct hlist_head *later)
{
	struct hlist_node *next;
	struct lvs_conn *cp;

	hlist_for_each_entry_safe(cp, next, list, wheel) {
		hlist_del(&cp->wheel);
		if (later && atomic_read(&cp->n_control))
			hlist_add_head(&cp->wheel, later);
		else
			conn_end_now(ln, cp);
		cond_resched();
	}
}

/**
 * lvs_wheel_stop - end every conn of a namespace that no other depends on
 * @ln: namespace whose hooks are gone, a grace period ago: no packet makes or uses a conn any more
 *
 * Context: process. The conns are freed after a grace period.
 * Return: true if there are others: lvs_wheel_stop_rank() is needed.
 */
bool lvs_wheel_stop(struct lvs_net *ln)
{
	struct lvs_wheel *w = &ln->wheel;
	HLIST_HEAD(later);
	HLIST_HEAD(list);
	u32 tick;

	WRITE_ONCE(w->stopped, true);
	cancel_delayed_work_sync(&w->work);
	for (tick = 0; tick < LVS_WHEEL_SLOTS; tick++) {
		while (slot_drain(w, tick, &list))
			list_end(ln, &list, &later);
	}
	list_end(ln, &w->dying, &later);
	list_end(ln, &w->dying_old, &later);
	hlist_move_list(&later, &w->dying);
	return !hlist_empty(&w->dying);
}

/**
 * lvs_wheel_stop_rank - end what depended on no conn but those that have ended
 * @ln: namespace; rcu_barrier() was called since lvs_wheel_stop(), and since the last rank
 * @rank: from 1: after data conns have gone, control conns go, and then templates
 *
 * Context: process. The conns are freed after a grace period.
 * Return: true if there are others still.
 */
bool lvs_wheel_stop_rank(struct lvs_net *ln, int rank)
{
	struct lvs_wheel *w = &ln->wheel;
	HLIST_HEAD(list);

	hlist_move_list(&w->dying, &list);
	list_end(ln, &list, rank < LVS_CONN_RANKS ? &w->dying : NULL);
	return !hlist_empty(&w->dying);
}

/**
 * lvs_wheel_exit - free the wheel
 * @ln: namespace; lvs_wheel_stop() has run, and its ranks
 */
void lvs_wheel_exit(struct lvs_net *ln)
{
	WARN_ON_ONCE(atomic_read(&ln->wheel.count));
	kvfree(ln->wheel.slots);
}
