/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_H
#define _LVS_CONN_H

#include <linux/ip_vs.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>

#include "../packet.h"

struct lvs_net;
struct lvs_dest;
struct lvs_pe_data;

/* A conn that was used in so many moments is not counted any further. */
#define LVS_CONN_MOMENTS 9

/* Direction of a packet with regard to its conn: index of the key that it has. */
enum lvs_dir {
	LVS_DIR_REQUEST,	/* client to server */
	LVS_DIR_REPLY,		/* server to client */
};

/* struct lvs_conn::life. Only ever moves down this list, but for EXPIRING -> LIVE (a packet revives). */
enum lvs_life {
	LVS_CONN_RESERVED,	/* hashed by its client tuple; the CPU that made it holds @lock and is binding it */
	LVS_CONN_LIVE,
	LVS_CONN_EXPIRING,	/* past its deadline, still hashed, for at least a grace period */
	LVS_CONN_DEAD,		/* unhashed or about to be; never used by a new packet */
};

/**
 * struct lvs_conn - one tracked connection, or a persistence template
 *
 * Found by packets under RCU only, without a reference. Made RESERVED by lvs_conn_reserve(), which returns with @lock
 * held; published by lvs_conn_publish(). After that only the wheel ends it (see conn/wheel.c), so whoever found it under
 * RCU may use it until rcu_read_unlock(). Freed by call_rcu(); the callback drops the references on @dest and @control.
 */
struct lvs_conn {
	/** @control: its template or control conn, or NULL; constant after publication; counted in @n_control */
	struct lvs_conn *control;
	union {
		/** @wheel: slot or private list of the wheel worker */
		struct hlist_node wheel;
		/** @rcu: after DEAD */
		struct rcu_head rcu;
	};
	/** @lock: protects state, flags, life, wheel slot; order: conn, then its template, then a wheel slot */
	spinlock_t lock;
	/** @slot: tick of the wheel slot it is in, or LVS_WHEEL_NONE; under @lock and the slot's lock */
	u32 slot;
	/** @fwmark: of the service that made it */
	u32 fwmark;
	/** @n_control: conns that point here */
	atomic_t n_control;
	/** @way: NAT: the way of its replies: fwd/way.c; 0: none known */
	u32 way;
	/** @nodes: keys in memory: 1, or 2 where NAT is possible; constant */
	u8 nodes;
	/** @hashed: its first key is in the table; under @lock */
	bool hashed;
	/** @reply_hashed: the second one is; under @lock */
	bool reply_hashed;
	/** @helped: LVS_HELPED and above: a helper reads it, and notes there what it has read; written by any packet */
	u8 helped;
	/* what each packet needs is in one cache line, together with the keys of IPv4: LVS_CONN_HOT */
	u8 unused[16];

	/** @dest: set before publication, then constant; the conn owns a reference */
	struct lvs_dest *dest;

	union {
		/** @seen: where requests come in, as input routing has agreed: lvs_seen(); 0: nowhere known; any packet */
		u64 seen;
		/** @pe: templates: what a persistence engine found, or NULL; constant; owned by the conn */
		struct lvs_pe_data *pe;
	};

	/* written locklessly by any packet */
	/** @deadline: (u32)jiffies at which it may expire */
	u32 deadline;
	/** @timeout: jiffies added to now by each packet */
	u32 timeout;

	/* written under @lock, read locklessly */
	/** @flags: IP_VS_CONN_F_*, low 16 bits */
	u16 flags;
	/** @life: enum lvs_life */
	u8 life;
	/** @state: enum lvs_tcp_state or lvs_udp_state; templates: bit 0 = assured */
	u8 state;

	/** @dport: server port, network byte order; constant after publication */
	__be16 dport;
	/** @af: AF_INET or AF_INET6; constant */
	u8 af : 7;
	/** @tracked: connection tracking follows it; set before publication */
	u8 tracked : 1;
	/** @moments: eighths of a second in which it was used, after the first; up to LVS_CONN_MOMENTS; written by any packet */
	u8 moments;
	/* struct lvs_key4 or struct lvs_key6 [nodes] follow: of packets from the client, and of the server's */
};

#define lvs_conn_keys4(cp) ((struct lvs_key4 *)((cp) + 1))
#define lvs_conn_keys6(cp) ((struct lvs_key6 *)((cp) + 1))

static inline u32 lvs_conn_fwd(const struct lvs_conn *cp)
{
	return READ_ONCE(cp->flags) & IP_VS_CONN_F_FWD_MASK;
}

static inline bool lvs_conn_is_template(const struct lvs_conn *cp)
{
	return READ_ONCE(cp->flags) & IP_VS_CONN_F_TEMPLATE;
}

/* Client and virtual address and port, and protocol, of any conn: the key of its first node. */
static inline const union lvs_key *lvs_conn_key(const struct lvs_conn *cp)
{
	return cp->af == AF_INET ? (const union lvs_key *)lvs_conn_keys4(cp) :
				   (const union lvs_key *)lvs_conn_keys6(cp);
}

static inline union nf_inet_addr lvs_conn_caddr(const struct lvs_conn *cp)
{
	return lvs_key_src(lvs_conn_key(cp), cp->af);
}

static inline union nf_inet_addr lvs_conn_vaddr(const struct lvs_conn *cp)
{
	return lvs_key_dst(lvs_conn_key(cp), cp->af);
}

/* 0 for templates, where the key of those with PE data has something else in its place. */
static inline __be16 lvs_conn_cport(const struct lvs_conn *cp)
{
	const union lvs_key *key = lvs_conn_key(cp);

	return lvs_key_kind(key, cp->af) >= LVS_KEY_TEMPLATE_PE ? 0 : lvs_key_sport(key, cp->af);
}

static inline __be16 lvs_conn_vport(const struct lvs_conn *cp)
{
	return lvs_key_dport(lvs_conn_key(cp), cp->af);
}

static inline u8 lvs_conn_proto(const struct lvs_conn *cp)
{
	return lvs_key_proto(lvs_conn_key(cp), cp->af);
}

/**
 * lvs_conn_touch - a packet used this conn: move its deadline
 * @cp: the conn
 *
 * Writes only when the deadline moves by more than an eighth of a second, so that a busy conn's line is not dirtied by
 * every packet. Context: softirq or process, RCU.
 */
static inline void lvs_conn_touch(struct lvs_conn *cp)
{
	u32 deadline = (u32)jiffies + READ_ONCE(cp->timeout);
	u8 moments;

	if (deadline - READ_ONCE(cp->deadline) <= HZ / 8)
		return;
	WRITE_ONCE(cp->deadline, deadline);
	moments = READ_ONCE(cp->moments);
	if (moments < LVS_CONN_MOMENTS)
		WRITE_ONCE(cp->moments, moments + 1);
}

struct lvs_conn *lvs_conn_lookup(struct lvs_net *ln, u8 af, const union lvs_key *key, enum lvs_dir *dir);

/* creation, in this order: reserve, bind, (control), publish or abandon */
struct lvs_conn *lvs_conn_reserve(struct lvs_net *ln, u8 af, const union lvs_key *key, u8 nodes,
				  struct lvs_conn **found);
struct lvs_conn *lvs_conn_reserve_pe(struct lvs_net *ln, u8 af, const union lvs_key *key, struct lvs_pe_data *pe,
				     struct lvs_conn **found);
struct lvs_conn *lvs_conn_alloc_once(struct lvs_net *ln, u8 af, const union lvs_key *key);
int lvs_conn_bind(struct lvs_net *ln, struct lvs_conn *cp, struct lvs_dest *dest, __be16 dport, u16 flags);
bool lvs_conn_control(struct lvs_conn *cp, struct lvs_conn *tmpl);
void lvs_conn_publish(struct lvs_net *ln, struct lvs_conn *cp, u32 timeout);
void lvs_conn_abandon(struct lvs_net *ln, struct lvs_conn *cp);
void lvs_conn_free_once(struct lvs_net *ln, struct lvs_conn *cp);

bool lvs_conn_usable(struct lvs_conn *cp);
void lvs_conn_update(struct lvs_net *ln, struct lvs_conn *cp, u8 state, u32 timeout, bool active);
bool lvs_conn_displace(struct lvs_net *ln, struct lvs_conn *cp);
bool lvs_conn_succeed(struct lvs_net *ln, struct lvs_conn *cp);
void lvs_conn_end(struct lvs_net *ln, struct lvs_conn *cp);
void lvs_conn_release(struct lvs_net *ln, struct lvs_conn *cp);

/* conn/table.c */
int lvs_conn_hash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir, struct lvs_conn **found);
void lvs_conn_unhash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir);

int lvs_conn_cache_init(void);
void lvs_conn_cache_exit(void);

#endif
