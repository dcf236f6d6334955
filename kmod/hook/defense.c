// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: defence against floods
 *
 * Three knobs choose what is done: drop_entry ends conns that look like a flood's, drop_packet drops a share of the packets
 * that would start conns, secure_tcp has TCP believe the server's answer only. Each is off (0), on (3), or automatic:
 * on while there is little free memory; the knob then shows whether it is off (1) or on (2) at this moment. While one of
 * them is not 0 a worker looks at memory each second. All of that is as in IPVS, but for what drop_entry goes by: see
 * few_and_idle().
 *
 * Beside that, and without a knob: where a limit of conns is reached, a conn that is only half open gives way to a new
 * one; and with expire_nodest_conn the conns of a removed server are ended when it is removed.
 *
 * DOC: locking
 *
 * lvs_defense::lock is held while levels are decided and the worker is queued. Nothing is taken under it.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/seq_file.h>

#include "../conn/conn.h"
#include "../conn/template.h"
#include "../dest/dest.h"
#include "../proto/proto.h"
#include "../service/service.h"
#include "defense.h"
#include "hook.h"
#include "walk.h"

/* 1/32 of the table is looked at each second. */
#define ENTRY_SHARE 5

/* A conn is left alone until it has been idle for as long. */
#define ENTRY_IDLE (60 * HZ)

/*
 * Where a half-open conn is looked for: so many runs of so many buckets, or conns, and how many times none is looked for
 * after none was found. One long run will not do: what is found first is what stands behind a gap, and taking it makes
 * that longer.
 */
#define ROOM_RUNS 8
#define ROOM_BUCKETS 8
#define ROOM_CONNS 8
#define ROOM_PAUSE 16

/* ---- levels ----------------------------------------------------------------------------------------------------- */

/* Pages that are missing to what shall be free; 0 or less: enough are. */
static long pages_short(const struct lvs_net *ln)
{
	struct sysinfo info;

	si_meminfo(&info);
	return max(READ_ONCE(ln->knobs.amemthresh), 0) - (long)(info.freeram + info.bufferram);
}

/* What a knob says: automatic ones follow memory. Returns whether it is on. */
static bool mode_update(int *knob, bool low)
{
	int mode = *knob;

	if (mode == 1 || mode == 2)
		WRITE_ONCE(*knob, low ? 2 : 1);
	return *knob >= 2;
}

static int drop_rate(const struct lvs_net *ln, long missing)
{
	if (ln->knobs.drop_packet == 3)
		return READ_ONCE(ln->knobs.am_droprate);
	/* memory may have come back since it was looked at */
	return missing > 0 ? READ_ONCE(ln->knobs.amemthresh) / missing : 0;
}

static void levels_update(struct lvs_net *ln)
{
	struct lvs_defense *d = &ln->defense;
	long missing = pages_short(ln);
	bool low = missing > 0;

	lockdep_assert_held(&d->lock);
	WRITE_ONCE(d->drop_entry, mode_update(&ln->knobs.drop_entry, low));
	WRITE_ONCE(d->drop_rate, mode_update(&ln->knobs.drop_packet, low) ? drop_rate(ln, missing) : 0);
	WRITE_ONCE(ln->secure_tcp_on, mode_update(&ln->knobs.secure_tcp, low));
}

static bool worker_needed(const struct lvs_net *ln)
{
	return ln->knobs.drop_entry || ln->knobs.drop_packet || ln->knobs.secure_tcp;
}

/**
 * lvs_defense_set - a knob is written
 * @ln: namespace
 * @knob: drop_entry, drop_packet or secure_tcp of @ln
 * @mode: what is written
 *
 * Context: process. Return: 0, and it is in force; or -EINVAL.
 */
int lvs_defense_set(struct lvs_net *ln, int *knob, int mode)
{
	struct lvs_defense *d = &ln->defense;
	int err = 0;

	mutex_lock(&d->lock);
	if (mode < 0 || mode > 3) {
		err = -EINVAL;
	} else if (mode != *knob) {
		WRITE_ONCE(*knob, mode);
		levels_update(ln);
		if (worker_needed(ln))
			queue_delayed_work(lvs_wq, &d->work, HZ);
	}
	mutex_unlock(&d->lock);
	return err;
}

/* ---- drop_packet ------------------------------------------------------------------------------------------------ */

/**
 * lvs_defense_turn - is it this packet's turn to be dropped
 * @ln: namespace
 * @rate: one of so many
 *
 * Context: any. Return: true for the first, and for each @rate-th after it.
 */
bool lvs_defense_turn(struct lvs_net *ln, int rate)
{
	u32 turn = atomic_inc_return(&ln->defense.drop_turn) - 1;

	return rate < 1 || turn % rate == 0;
}

/* ---- drop_entry ------------------------------------------------------------------------------------------------- */

static bool half_open(const struct lvs_conn *cp)
{
	u8 state = READ_ONCE(cp->state);

	switch (lvs_conn_proto(cp)) {
	case IPPROTO_TCP:
		return state == LVS_TCP_SYN_RECV || state == LVS_TCP_SYNACK;
	case IPPROTO_SCTP:
		return state == LVS_SCTP_INIT1 || state == LVS_SCTP_INIT;
	default:
		return false;
	}
}

/* Neither being set up nor on its way to its end. */
static bool in_use(const struct lvs_conn *cp)
{
	u8 state = READ_ONCE(cp->state);

	switch (lvs_conn_proto(cp)) {
	case IPPROTO_TCP:
		return state == LVS_TCP_ESTABLISHED;
	case IPPROTO_SCTP:
		return state == LVS_SCTP_ESTABLISHED;
	default:
		return true;
	}
}

/*
 * Has it been idle for long, and was it hardly used before? IPVS goes by a count of packets of up to 8, and drops those of
 * n packets with a probability of 1 / n. Packets are not counted here, but moments: eighths of a second in which the conn was
 * used after its first.
 */
static bool few_and_idle(const struct lvs_conn *cp)
{
	u32 idle = (u32)jiffies + READ_ONCE(cp->timeout) - READ_ONCE(cp->deadline);
	u8 moments = READ_ONCE(cp->moments);

	if ((s32)idle < ENTRY_IDLE || moments >= LVS_CONN_MOMENTS)
		return false;
	return !get_random_u32_below(moments + 1);
}

/* A template of a one-packet service is as good as a conn: it has none. */
static bool template_expendable(const struct lvs_conn *cp)
{
	const struct lvs_service *svc = READ_ONCE(cp->dest->svc);
	const struct lvs_service_conf *conf = svc ? rcu_dereference(svc->conf) : NULL;

	if (conf && conf->flags & IP_VS_SVC_F_ONEPACKET)
		return few_and_idle(cp);
	return !(READ_ONCE(cp->state) & LVS_TEMPLATE_ASSURED);
}

static bool expendable(const struct lvs_conn *cp)
{
	if (atomic_read(&cp->n_control))
		return false;
	if (lvs_conn_is_template(cp))
		return template_expendable(cp);
	if (half_open(cp))
		return true;
	return in_use(cp) && few_and_idle(cp);
}

static bool entry_visit(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (expendable(cp) && lvs_conn_displace(ln, cp))
		atomic_inc(&ln->defense.dropped);
	return false;
}

static void defense_work(struct work_struct *work)
{
	struct lvs_defense *d = container_of(to_delayed_work(work), struct lvs_defense, work);
	struct lvs_net *ln = container_of(d, struct lvs_net, defense);

	mutex_lock(&d->lock);
	levels_update(ln);
	if (worker_needed(ln))
		queue_delayed_work(lvs_wq, &d->work, HZ);
	mutex_unlock(&d->lock);
	if (READ_ONCE(d->drop_entry) && lvs_net_active(ln))
		lvs_walk_share(ln, ENTRY_SHARE, entry_visit);
}

/* ---- limits ----------------------------------------------------------------------------------------------------- */

/* A call that two ends of a control conn have agreed on: anybody with one may agree on many. */
static bool waits_for_call(const struct lvs_conn *cp)
{
	return lvs_conn_proto(cp) == IPPROTO_TCP && READ_ONCE(cp->state) == LVS_TCP_LISTEN;
}

static bool room_visit(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (lvs_conn_is_template(cp) || !(half_open(cp) || waits_for_call(cp)) || !lvs_conn_displace(ln, cp))
		return false;
	atomic_inc(&ln->defense.gave_way);
	return true;
}

/* Where hardly any conn is half open a flood is not to cost more than it has to. */
static bool make_room(struct lvs_net *ln, u8 af)
{
	u32 pause = READ_ONCE(ln->defense.room_pause);
	int i;

	if (pause) {
		WRITE_ONCE(ln->defense.room_pause, pause - 1);
		return false;
	}
	for (i = 0; i < ROOM_RUNS; i++)
		if (lvs_walk_sample(ln, af, ROOM_BUCKETS, ROOM_CONNS, room_visit) ||
		    lvs_walk_sample(ln, af == AF_INET ? AF_INET6 : AF_INET, ROOM_BUCKETS, ROOM_CONNS, room_visit))
			return true;
	WRITE_ONCE(ln->defense.room_pause, ROOM_PAUSE);
	return false;
}

/**
 * lvs_defense_reserve - lvs_conn_reserve(), where a half-open conn gives way if a limit is reached
 * @ln: namespace
 * @af: family
 * @key: the flow's client tuple
 * @nodes: 2 if the conn may come to be bound to a NAT server, else 1
 * @found: set when the flow has a conn already
 *
 * Context: RCU, BH off. Return: as lvs_conn_reserve().
 */
struct lvs_conn *lvs_defense_reserve(struct lvs_net *ln, u8 af, const union lvs_key *key, u8 nodes,
				     struct lvs_conn **found)
{
	struct lvs_conn *cp = lvs_conn_reserve(ln, af, key, nodes, found);

	if (unlikely(cp == ERR_PTR(-EDQUOT)) && make_room(ln, af))
		cp = lvs_conn_reserve(ln, af, key, nodes, found);
	return cp;
}

/**
 * lvs_defense_reserve_template - lvs_template_reserve(), where a half-open conn gives way if a limit is reached
 * @ln: namespace
 * @af: family
 * @tk: what it is
 * @found: set when there is one already
 *
 * Context: RCU, BH off. Return: as lvs_template_reserve().
 */
struct lvs_conn *lvs_defense_reserve_template(struct lvs_net *ln, u8 af, struct lvs_template_key *tk,
					      struct lvs_conn **found)
{
	struct lvs_conn *cp = lvs_template_reserve(ln, af, tk, found);

	if (unlikely(cp == ERR_PTR(-EDQUOT)) && make_room(ln, af))
		cp = lvs_template_reserve(ln, af, tk, found);
	return cp;
}

/**
 * lvs_defense_alloc_once - lvs_conn_alloc_once(), where a half-open conn gives way if a limit is reached
 * @ln: namespace
 * @af: family
 * @key: the packet's client tuple
 *
 * Context: RCU, BH off. Return: as lvs_conn_alloc_once().
 */
struct lvs_conn *lvs_defense_alloc_once(struct lvs_net *ln, u8 af, const union lvs_key *key)
{
	struct lvs_conn *cp = lvs_conn_alloc_once(ln, af, key);

	if (unlikely(cp == ERR_PTR(-EDQUOT)) && make_room(ln, af))
		cp = lvs_conn_alloc_once(ln, af, key);
	return cp;
}

/* ---- removed servers -------------------------------------------------------------------------------------------- */

static bool nodest_visit(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (lvs_dest_gone(cp->dest) && lvs_conn_displace(ln, cp))
		atomic_inc(&ln->defense.nodest);
	return false;
}

static void nodest_work(struct work_struct *work)
{
	lvs_walk_all(container_of(work, struct lvs_net, defense.nodest_work), nodest_visit);
}

/**
 * lvs_nodest_expire - servers were removed: end their conns, if that is wanted
 * @ln: namespace
 *
 * Returns before it is done. Context: process, config lock.
 */
void lvs_nodest_expire(struct lvs_net *ln)
{
	if (READ_ONCE(ln->knobs.expire_nodest_conn) && !ln->dying)
		queue_work(lvs_wq, &ln->defense.nodest_work);
}

/* ---- namespaces ------------------------------------------------------------------------------------------------- */

/**
 * lvs_defense_show - what has been done
 * @ln: namespace
 * @seq: where to
 *
 * Context: process.
 */
void lvs_defense_show(struct lvs_net *ln, struct seq_file *seq)
{
	struct lvs_defense *d = &ln->defense;

	seq_printf(seq, "%-28s %d\n", "drop_entry_on", READ_ONCE(d->drop_entry));
	seq_printf(seq, "%-28s %d\n", "drop_packet_rate", READ_ONCE(d->drop_rate));
	seq_printf(seq, "%-28s %d\n", "secure_tcp_on", READ_ONCE(ln->secure_tcp_on));
	seq_printf(seq, "%-28s %d\n", "conns_dropped", atomic_read(&d->dropped));
	seq_printf(seq, "%-28s %d\n", "conns_gave_way", atomic_read(&d->gave_way));
	seq_printf(seq, "%-28s %d\n", "conns_of_removed_servers", atomic_read(&d->nodest));
}

/**
 * lvs_defense_init - prepare a namespace
 * @ln: namespace
 *
 * Context: process.
 */
void lvs_defense_init(struct lvs_net *ln)
{
	mutex_init(&ln->defense.lock);
	INIT_DELAYED_WORK(&ln->defense.work, defense_work);
	INIT_WORK(&ln->defense.nodest_work, nodest_work);
}

/**
 * lvs_defense_exit - stop what runs
 * @ln: namespace; nobody sets its knobs or removes servers any more
 *
 * Context: process.
 */
void lvs_defense_exit(struct lvs_net *ln)
{
	cancel_delayed_work_sync(&ln->defense.work);
	cancel_work_sync(&ln->defense.nodest_work);
}
