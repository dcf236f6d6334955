// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: conn life
 *
 *	reserve ----> bind ----> publish ----> (packets) ----> EXPIRING ----> DEAD ----> call_rcu
 *	   |            |                          ^               |            ^
 *	   +--abandon---+                          +----revive-----+            +-- displace, namespace exit
 *
 * A conn is reserved by hashing its client tuple: of several CPUs with the first packets of one flow, one reserves and
 * the others find. The one that reserved holds the conn's lock until it has published or abandoned it; the others wait
 * for that lock. A one-packet conn is never hashed, and freed by the CPU that made it.
 *
 * DOC: locking
 *
 * lvs_conn::lock is taken with BH off, in the order: a conn, its template, a wheel slot. Where two conns that are not in
 * that relation meet (a reply tuple in use), the second lock is only tried. Table buckets are locked inside.
 * Who turns a conn DEAD owns its end: unhashes it and drops its counts, under the lock. Who takes it off the wheel, or
 * is the wheel's worker when it was not on a slot, hands it to call_rcu().
 */
#include <linux/slab.h>

#include "../dest/dest.h"
#include "../net.h"
#include "../test/latch.h"
#include "bucket.h"
#include "conn.h"
#include "limit.h"

/* by family, then by number of nodes - 1 */
static struct kmem_cache *lvs_conn_caches[2][2] __read_mostly;

static struct kmem_cache *conn_cache(const struct lvs_conn *cp)
{
	return lvs_conn_caches[lvs_af_index(cp->af)][cp->nodes - 1];
}

static void conn_key_set(struct lvs_conn *cp, enum lvs_dir dir, const union lvs_key *key)
{
	if (cp->af == AF_INET)
		lvs_conn_keys4(cp)[dir] = key->v4;
	else
		lvs_conn_keys6(cp)[dir] = key->v6;
}

/* Units of memory that it takes; PE data take another one at most. */
static int conn_units(const struct lvs_conn *cp)
{
	return lvs_key_kind(lvs_conn_key(cp), cp->af) >= LVS_KEY_TEMPLATE_PE ? 2 : 1;
}

static struct lvs_conn *conn_alloc(u8 af, const union lvs_key *key, u8 nodes)
{
	/* the packet's drop reason tells */
	struct lvs_conn *cp = kmem_cache_zalloc(lvs_conn_caches[lvs_af_index(af)][nodes - 1],
						GFP_ATOMIC | __GFP_NOWARN);

	if (!cp)
		return NULL;
	spin_lock_init(&cp->lock);
	cp->af = af;
	cp->nodes = nodes;
	cp->slot = LVS_WHEEL_NONE;
	conn_key_set(cp, LVS_DIR_REQUEST, key);
	return cp;
}

/* The conn owns @pe, if there is any, if it is made. */
static struct lvs_conn *conn_reserve(struct lvs_net *ln, u8 af, const union lvs_key *key, u8 nodes,
				     struct lvs_pe_data *pe, struct lvs_conn **found)
{
	bool tmpl = lvs_key_kind(key, af) != LVS_KEY_FLOW;
	int units = pe ? 2 : 1, err;
	struct lvs_conn *cp;

	if (!lvs_conn_limit_get(ln, units))
		return ERR_PTR(-EDQUOT);
	cp = conn_alloc(af, key, nodes);
	if (!cp) {
		lvs_conn_limit_put(ln, units);
		return ERR_PTR(-ENOMEM);
	}
	cp->life = LVS_CONN_RESERVED;
	if (tmpl) {
		cp->flags = IP_VS_CONN_F_TEMPLATE;
		cp->pe = pe;
	}
	cp->hashed = true;
	/* a template is reserved while its first conn is locked */
	spin_lock_nested(&cp->lock, tmpl ? SINGLE_DEPTH_NESTING : 0);

	err = lvs_conn_hash(ln, cp, LVS_DIR_REQUEST, found);
	if (!err) {
		__release(&cp->lock);	/* for sparse: handed to the caller */
		return cp;
	}

	/* never seen by anybody */
	spin_unlock(&cp->lock);
	kmem_cache_free(conn_cache(cp), cp);
	lvs_conn_limit_put(ln, units);
	return err == -EEXIST ? NULL : ERR_PTR(err);
}

/**
 * lvs_conn_reserve - make the conn of a flow, or find it
 * @ln: namespace
 * @af: family
 * @key: the flow's client tuple, or a template's key without PE data
 * @nodes: 2 if the conn may come to be bound to a NAT server, else 1
 * @found: set when the flow has a conn already
 *
 * Context: RCU, BH off.
 * Return: a RESERVED conn whose lock the caller now holds; NULL with @found set; or
 * ERR_PTR(-EDQUOT, -ENOMEM).
 */
struct lvs_conn *lvs_conn_reserve(struct lvs_net *ln, u8 af, const union lvs_key *key, u8 nodes,
				  struct lvs_conn **found)
{
	return conn_reserve(ln, af, key, nodes, NULL, found);
}

/**
 * lvs_conn_reserve_pe - lvs_conn_reserve() for a template with PE data
 * @ln: namespace
 * @af: family
 * @key: its key, with a digest
 * @pe: PE data, owned by the conn if it is made
 * @found: set when there is a conn of that key
 *
 * Context: RCU, BH off. Return: as lvs_conn_reserve().
 */
struct lvs_conn *lvs_conn_reserve_pe(struct lvs_net *ln, u8 af, const union lvs_key *key, struct lvs_pe_data *pe,
				     struct lvs_conn **found)
{
	return conn_reserve(ln, af, key, 1, pe, found);
}

/**
 * lvs_conn_alloc_once - make a conn for one packet only
 * @ln: namespace
 * @af: family
 * @key: the packet's tuple
 *
 * It is in no table. Context: RCU, BH off.
 * Return: the conn, to be ended by lvs_conn_free_once(); or ERR_PTR(-EDQUOT, -ENOMEM).
 */
struct lvs_conn *lvs_conn_alloc_once(struct lvs_net *ln, u8 af, const union lvs_key *key)
{
	struct lvs_conn *cp;

	if (!lvs_conn_limit_get(ln, 1))
		return ERR_PTR(-EDQUOT);
	cp = conn_alloc(af, key, 1);
	if (!cp) {
		lvs_conn_limit_put(ln, 1);
		return ERR_PTR(-ENOMEM);
	}
	cp->life = LVS_CONN_LIVE;
	return cp;
}

static void conn_count_add(struct lvs_conn *cp)
{
	struct lvs_dest *dest = cp->dest;

	if (cp->flags & IP_VS_CONN_F_TEMPLATE)
		atomic_inc(&dest->persist);
	else if (cp->flags & IP_VS_CONN_F_INACTIVE)
		atomic_inc(&dest->inactive);
	else
		atomic_inc(&dest->active);
	lvs_dest_check_overload(dest);
}

static void conn_count_sub(struct lvs_conn *cp)
{
	struct lvs_dest *dest = cp->dest;

	if (cp->flags & IP_VS_CONN_F_TEMPLATE)
		atomic_dec(&dest->persist);
	else if (cp->flags & IP_VS_CONN_F_INACTIVE)
		atomic_dec(&dest->inactive);
	else
		atomic_dec(&dest->active);
	lvs_dest_check_overload(dest);
}

/* A conn that is as good as over. */
static bool conn_is_over(const struct lvs_conn *cp)
{
	u8 state = READ_ONCE(cp->state);

	switch (lvs_conn_proto(cp)) {
	case IPPROTO_TCP:
		return state == LVS_TCP_TIME_WAIT || state == LVS_TCP_CLOSE;
	case IPPROTO_SCTP:
		return state == LVS_SCTP_CLOSED;
	default:
		return false;
	}
}

/* Hashes the tuple of the server's packets. The holder of that tuple gives way if it is as good as over. */
static int conn_hash_reply(struct lvs_net *ln, struct lvs_conn *cp, struct lvs_dest *dest)
{
	const union lvs_key *req = lvs_conn_key(cp);
	union nf_inet_addr client = lvs_conn_caddr(cp);
	struct lvs_conn *holder;
	union lvs_key key;
	int err;

	lvs_key_fill(&key, cp->af, lvs_key_proto(req, cp->af), LVS_KEY_FLOW, lvs_dest_addr(dest), cp->dport, &client,
		     lvs_conn_cport(cp));
	conn_key_set(cp, LVS_DIR_REPLY, &key);

	err = lvs_conn_hash(ln, cp, LVS_DIR_REPLY, &holder);
	if (err == -EEXIST && holder != cp && conn_is_over(holder) && lvs_conn_displace(ln, holder))
		err = lvs_conn_hash(ln, cp, LVS_DIR_REPLY, &holder);
	if (!err)
		cp->reply_hashed = true;
	return err;
}

/**
 * lvs_conn_bind - give a conn its server
 * @ln: namespace
 * @cp: a reserved conn whose lock is held, or a one-packet conn
 * @dest: the server, kept alive by RCU
 * @dport: server port for this conn, network byte order
 * @flags: IP_VS_CONN_F_* to add to those that the server gives
 *
 * Context: RCU, BH off.
 * Return: 0, and the conn owns a reference on @dest; -EEXIST: the tuple of the server's packets
 * belongs to another live conn; -ENOENT: the server is being freed; other errors of lvs_conn_hash().
 */
int lvs_conn_bind(struct lvs_net *ln, struct lvs_conn *cp, struct lvs_dest *dest, __be16 dport, u16 flags)
{
	/* read once: an edit may change the method meanwhile */
	u16 dest_flags = READ_ONCE(dest->conn_flags);
	bool nat = (dest_flags & IP_VS_CONN_F_FWD_MASK) == IP_VS_CONN_F_MASQ;
	int err;

	cp->dport = dport;
	if (nat && cp->hashed && !(cp->flags & IP_VS_CONN_F_TEMPLATE)) {
		/* the method was edited since the nodes were counted: as if the server were full */
		if (cp->nodes < 2)
			return -EEXIST;
		err = conn_hash_reply(ln, cp, dest);
		if (err)
			return err;
	}
	if (!lvs_dest_get(dest)) {
		if (cp->reply_hashed) {
			lvs_conn_unhash(ln, cp, LVS_DIR_REPLY);
			cp->reply_hashed = false;
		}
		return -ENOENT;
	}
	/* that one is the starter's to see to */
	cp->flags |= flags | (dest_flags & ~IP_VS_CONN_F_ONE_PACKET);
	cp->dest = dest;
	conn_count_add(cp);
	return 0;
}

/**
 * lvs_conn_control - put a conn under its template, or a data conn under its control conn
 * @cp: a bound conn, not yet published
 * @tmpl: published; it does not end before @cp
 *
 * Context: RCU, BH off; @cp's lock held if it is hashed.
 * Return: false if @tmpl has just ended.
 */
bool lvs_conn_control(struct lvs_conn *cp, struct lvs_conn *tmpl)
{
	bool alive;

	spin_lock_nested(&tmpl->lock, SINGLE_DEPTH_NESTING);
	alive = tmpl->life != LVS_CONN_DEAD;
	if (alive) {
		WRITE_ONCE(tmpl->life, LVS_CONN_LIVE);
		atomic_inc(&tmpl->n_control);
		cp->control = tmpl;
		if (lvs_conn_is_template(tmpl))
			lvs_conn_touch(tmpl);
	}
	spin_unlock(&tmpl->lock);
	return alive;
}

/**
 * lvs_conn_publish - let packets use a bound conn
 * @ln: namespace
 * @cp: conn whose lock the caller holds; unlocked on return
 * @timeout: first timeout, jiffies
 *
 * Context: RCU, BH off. From here on the wheel owns the conn's end.
 */
void lvs_conn_publish(struct lvs_net *ln, struct lvs_conn *cp, u32 timeout)
{
	lockdep_assert_held(&cp->lock);
	__acquire(&cp->lock);	/* for sparse: taken by lvs_conn_reserve() */
	cp->timeout = timeout;
	cp->deadline = (u32)jiffies + timeout;
	/* a packet that sees LIVE without the lock must see all that was set before */
	smp_store_release(&cp->life, LVS_CONN_LIVE);
	lvs_wheel_enter(ln, cp);
	spin_unlock(&cp->lock);
}

static void conn_rcu_free(struct rcu_head *rcu)
{
	struct lvs_conn *cp = container_of(rcu, struct lvs_conn, rcu);

	/* all that a packet in flight could still look at goes only now */
	if (cp->control)
		atomic_dec(&cp->control->n_control);
	if (cp->dest)
		lvs_dest_put(cp->dest);
	if (cp->flags & IP_VS_CONN_F_TEMPLATE)
		kfree(cp->pe);
	kmem_cache_free(conn_cache(cp), cp);
}

/**
 * lvs_conn_release - free a DEAD conn after a grace period
 * @ln: namespace
 * @cp: conn that is on no list
 *
 * Context: any.
 */
void lvs_conn_release(struct lvs_net *ln, struct lvs_conn *cp)
{
	lvs_conn_limit_put(ln, conn_units(cp));
	call_rcu(&cp->rcu, conn_rcu_free);
}

/**
 * lvs_conn_end - make a conn DEAD: no packet will find it any more
 * @ln: namespace
 * @cp: conn, lock held, not DEAD yet
 *
 * The caller sees to lvs_conn_release(). Context: BH off.
 */
void lvs_conn_end(struct lvs_net *ln, struct lvs_conn *cp)
{
	lockdep_assert_held(&cp->lock);
	WRITE_ONCE(cp->life, LVS_CONN_DEAD);
	lvs_latch(end);
	if (unlikely(cp->tracked))
		lvs_ct_end(ln, cp);
	if (cp->hashed)
		lvs_conn_unhash(ln, cp, LVS_DIR_REQUEST);
	if (cp->reply_hashed)
		lvs_conn_unhash(ln, cp, LVS_DIR_REPLY);
	cp->hashed = false;
	cp->reply_hashed = false;
	if (unlikely(cp->flags & IP_VS_CONN_F_NO_CPORT))
		atomic_dec(&ln->n_no_cport[lvs_af_index(cp->af)]);
	if (cp->dest)
		conn_count_sub(cp);
}

/**
 * lvs_conn_abandon - give up a reserved conn
 * @ln: namespace
 * @cp: conn whose lock the caller holds; gone on return
 *
 * Context: RCU, BH off.
 */
void lvs_conn_abandon(struct lvs_net *ln, struct lvs_conn *cp)
{
	__acquire(&cp->lock);	/* for sparse: taken by lvs_conn_reserve() */
	lvs_conn_end(ln, cp);
	spin_unlock(&cp->lock);
	lvs_conn_release(ln, cp);
}

/**
 * lvs_conn_free_once - end a one-packet conn
 * @ln: namespace
 * @cp: conn of lvs_conn_alloc_once(), bound or not; gone on return
 *
 * Nobody else has ever seen it, so nothing waits. Context: RCU, BH off.
 */
void lvs_conn_free_once(struct lvs_net *ln, struct lvs_conn *cp)
{
	if (cp->dest)
		conn_count_sub(cp);
	lvs_conn_limit_put(ln, 1);
	conn_rcu_free(&cp->rcu);
}

/**
 * lvs_conn_usable - may a packet that found this conn use it
 * @cp: conn found under RCU
 *
 * Waits for the CPU that is binding it, and brings an expiring one back to life. Context: RCU, BH off, no conn locked.
 * Return: false if it is DEAD: as if it had not been found.
 */
bool lvs_conn_usable(struct lvs_conn *cp)
{
	bool usable;

	/* pairs with lvs_conn_publish() */
	if (likely(smp_load_acquire(&cp->life) == LVS_CONN_LIVE))
		return true;

	spin_lock_nested(&cp->lock, lvs_conn_is_template(cp) ? SINGLE_DEPTH_NESTING : 0);
	if (cp->life == LVS_CONN_EXPIRING) {
		lvs_conn_touch(cp);
		WRITE_ONCE(cp->life, LVS_CONN_LIVE);
	}
	usable = cp->life == LVS_CONN_LIVE;
	spin_unlock(&cp->lock);
	return usable;
}

/* Moves a conn between its server's active and inactive counts. */
static void conn_set_active(struct lvs_conn *cp, bool active)
{
	if (active == !(cp->flags & IP_VS_CONN_F_INACTIVE))
		return;
	if (active) {
		WRITE_ONCE(cp->flags, cp->flags & ~IP_VS_CONN_F_INACTIVE);
		atomic_inc(&cp->dest->active);
		atomic_dec(&cp->dest->inactive);
	} else {
		WRITE_ONCE(cp->flags, cp->flags | IP_VS_CONN_F_INACTIVE);
		atomic_inc(&cp->dest->inactive);
		atomic_dec(&cp->dest->active);
	}
}

/**
 * lvs_conn_update - enter a state
 * @ln: namespace
 * @cp: conn, lock held
 * @state: the new state
 * @timeout: its timeout, jiffies
 * @active: whether a conn in this state counts as active
 *
 * Context: BH off. Does nothing to a DEAD conn, whose counts are gone already.
 */
void lvs_conn_update(struct lvs_net *ln, struct lvs_conn *cp, u8 state, u32 timeout, bool active)
{
	u32 deadline = (u32)jiffies + timeout;
	bool sooner = (s32)(deadline - READ_ONCE(cp->deadline)) < 0;

	lockdep_assert_held(&cp->lock);
	if (cp->life == LVS_CONN_DEAD)
		return;
	WRITE_ONCE(cp->state, state);
	WRITE_ONCE(cp->timeout, timeout);
	WRITE_ONCE(cp->deadline, deadline);
	conn_set_active(cp, active);
	if (sooner)
		lvs_wheel_hasten(ln, cp);
}

/* Returns false if the conn is locked by another; @ended is set to whether it was this call that ended it. */
static bool conn_displace(struct lvs_net *ln, struct lvs_conn *cp, bool *ended)
{
	bool ours = false;

	if (lvs_conn_is_template(cp))
		spin_lock_nested(&cp->lock, SINGLE_DEPTH_NESTING);
	else if (!spin_trylock(&cp->lock))
		return false;
	*ended = cp->life != LVS_CONN_DEAD;
	if (*ended) {
		lvs_conn_end(ln, cp);
		if (!atomic_read(&cp->n_control)) {
			ours = lvs_wheel_leave(ln, cp);
		} else {
			/* or it would stay for the rest of its timeout, long after the last of its conns */
			WRITE_ONCE(cp->deadline, (u32)jiffies);
			lvs_wheel_hasten(ln, cp);
		}
	}
	spin_unlock(&cp->lock);
	if (ours)
		lvs_conn_release(ln, cp);
	return true;
}

/*
 * What a packet of an IPv4 conn reads, but for NAT's replies, is in one line of 64 bytes, and nothing else is. With IPv6 keys it
 * takes two; conns with one such key are packed, as there the bytes count for more.
 */
#define LVS_CONN_HOT offsetof(struct lvs_conn, dest)

/**
 * lvs_conn_displace - end a conn at once, because its tuple is wanted
 * @ln: namespace
 * @cp: published conn or template found under RCU
 *
 * One whose conns still live is unhashed like any other, but stays with the wheel until they are gone.
 * Context: RCU, BH off; another conn may be locked, therefore this one is only tried, unless it is a template, which comes
 * after conns in the order of locks. No template is locked.
 * Return: true if the conn is DEAD and its tuples are free now.
 */
bool lvs_conn_displace(struct lvs_net *ln, struct lvs_conn *cp)
{
	bool ended;

	return conn_displace(ln, cp, &ended);
}

/**
 * lvs_conn_succeed - end a conn at once, because another one takes its place
 * @ln: namespace
 * @cp: as for lvs_conn_displace()
 *
 * Context: as for lvs_conn_displace().
 * Return: true if it was ended here: for one caller only.
 */
bool lvs_conn_succeed(struct lvs_net *ln, struct lvs_conn *cp)
{
	bool ended;

	return conn_displace(ln, cp, &ended) && ended;
}

/**
 * lvs_conn_cache_init - make the slab caches
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int lvs_conn_cache_init(void)
{
	static const char * const names[2][2] = { { "lvs_conn4", "lvs_conn4_nat" }, { "lvs_conn6", "lvs_conn6_nat" } };
	static const size_t key[2] = { sizeof(struct lvs_key4), sizeof(struct lvs_key6) };
	int f, n;

	if (IS_ENABLED(CONFIG_64BIT) && sizeof(spinlock_t) == sizeof(u32))
		BUILD_BUG_ON(LVS_CONN_HOT != 64 || sizeof(struct lvs_conn) + 2 * sizeof(struct lvs_key4) != 128);
	if (lvs_bucket_cache_init())
		return -ENOMEM;
	for (f = 0; f < 2; f++) {
		for (n = 0; n < 2; n++) {
			lvs_conn_caches[f][n] = kmem_cache_create(names[f][n], sizeof(struct lvs_conn) + key[f] * (n + 1),
								  f && !n ? __alignof__(struct lvs_conn) : 64, 0, NULL);
			if (!lvs_conn_caches[f][n]) {
				lvs_conn_cache_exit();
				return -ENOMEM;
			}
		}
	}
	return 0;
}

/**
 * lvs_conn_cache_exit - free the slab caches; every conn and table has been freed
 */
void lvs_conn_cache_exit(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		kmem_cache_destroy(lvs_conn_caches[i / 2][i % 2]);
		lvs_conn_caches[i / 2][i % 2] = NULL;
	}
	lvs_bucket_cache_exit();
}
