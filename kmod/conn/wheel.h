/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_WHEEL_H
#define _LVS_WHEEL_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct lvs_conn;
struct lvs_net;

#define LVS_WHEEL_LOCKS	64
#define LVS_WHEEL_NONE	(~0U)

/**
 * struct lvs_wheel - when each conn is to be looked at next
 * @slots: conns by tick of their visit, modulo LVS_WHEEL_SLOTS; slot s is protected by lock s % LVS_WHEEL_LOCKS
 * @locks: see @slots
 * @tick: the last tick whose slot has been taken out; written by the worker only, before it takes the slot's lock
 * @armed: 1 while the work is queued or running
 * @stopped: namespace exit: the work is not armed again
 * @count: conns in slots or with the worker
 * @dying: EXPIRING conns of the latest visits; worker only. Once it is @stopped, those that others depend on, of
 *	lvs_wheel_stop() and its ranks
 * @dying_old: EXPIRING conns that wait for the grace period @cookie; worker only
 * @cookie: see @dying_old
 * @work: the worker
 */
struct lvs_wheel {
	struct hlist_head *slots;
	spinlock_t locks[LVS_WHEEL_LOCKS];
	u32 tick;
	int armed;
	bool stopped;
	atomic_t count;
	struct hlist_head dying;
	struct hlist_head dying_old;
	unsigned long cookie;
	struct delayed_work work;
};

int lvs_wheel_init(struct lvs_net *ln);
bool lvs_wheel_stop(struct lvs_net *ln);
bool lvs_wheel_stop_rank(struct lvs_net *ln, int rank);
void lvs_wheel_exit(struct lvs_net *ln);
void lvs_wheel_enter(struct lvs_net *ln, struct lvs_conn *cp);
void lvs_wheel_hasten(struct lvs_net *ln, struct lvs_conn *cp);
bool lvs_wheel_leave(struct lvs_net *ln, struct lvs_conn *cp);

#endif
