// SPDX-License-Identifier: GPL-2.0
#include "conn/limit.h"
#include "fwd/fwd.h"
#include "sim.h"

struct workqueue_struct *lvs_wq;
unsigned int lvs_net_id;
struct lvs_net *unit_ln;

struct net unit_net;

/* No route is ever looked up here. */
void lvs_egress_drop(struct lvs_dest *dest)
{
	CHECK(!dest->egress);
}

void lvs_egress_drop_dev(struct lvs_dest *dest, const struct net_device *dev)
{
}

static void must(int err)
{
	if (err)
		abort();
}

void unit_begin(void)
{
	struct lvs_net *ln = calloc(1, sizeof(*ln));

	unit_jiffies = unit_rand();
	unit_readers = 0;
	unit_insert_error = 0;
	unit_latch = NULL;
	unit_cpu = 0;
	unit_net.user_ns = &init_user_ns;
	ln->net = &unit_net;
	ln->filter = calloc(1, sizeof(*ln->filter));
	ln->knobs.conn_max = INT_MAX;
	ln->knobs.conn_reuse_mode = 1;
	mutex_init(&ln->config_lock);
	spin_lock_init(&ln->dest_list_lock);
	INIT_LIST_HEAD(&ln->dest_list);
	lvs_timeouts_init(&ln->timeouts);
	unit_ram_pages = 1 << 18;
	lvs_conn_limit_init();
	must(lvs_conn_cache_init());
	must(lvs_dest_cache_init());
	must(lvs_conn_table_init(ln));
	must(lvs_dest_table_init(ln));
	must(lvs_wheel_init(ln));
	ln->active = true;
	unit_ln = ln;
}

/* No conn of these tests is tracked. */
void lvs_ct_end(struct lvs_net *ln, struct lvs_conn *cp)
{
}

/* Whatever a test leaves behind, the namespace's exit must free. */
void unit_end(void)
{
	struct lvs_net *ln = unit_ln;
	int rank;
	bool more;
	u32 i;

	unit_latch = NULL;
	more = lvs_wheel_stop(ln);
	rcu_barrier();
	for (rank = 1; more; rank++) {
		more = lvs_wheel_stop_rank(ln, rank);
		rcu_barrier();
	}
	CHECK_EQ(atomic_read(&ln->conn_count), 0);
	for (i = 0; i < ARRAY_SIZE(ln->filter->vip); i++) {
		CHECK_EQ(atomic_read(&ln->filter->vip[i]), 0);
		CHECK_EQ(atomic_read(&ln->filter->server[i]), 0);
	}
	CHECK_EQ(atomic_read(&ln->filter->any), 0);
	CHECK(list_empty(&ln->dest_list));
	lvs_wheel_exit(ln);
	lvs_conn_table_exit(ln);
	lvs_dest_table_exit(ln);
	rcu_barrier();
	lvs_dest_cache_exit();
	lvs_conn_cache_exit();
	free(ln->filter);
	free(ln);
}

static union nf_inet_addr address(u8 af, u8 net, u8 host)
{
	union nf_inet_addr a = {};

	if (af == AF_INET) {
		a.ip = htonl(0x0a000000 | net << 8 | host);
	} else {
		a.in6.s6_addr[0] = 0xfd;
		a.in6.s6_addr[7] = net;
		a.in6.s6_addr[15] = host;
	}
	return a;
}

/* A server of the service at net 1, host 1, port @vport, new or back again, of weight 1; the test owns a reference. */
struct lvs_dest *sim_dest_of(u16 vport, u32 method, u8 af, u8 last_byte)
{
	struct lvs_dest_key key = {
		.svc = { .addr = address(af, 1, 1), .port = htons(vport), .af = af, .proto = IPPROTO_TCP },
		.addr = address(af, 2, last_byte),
		.port = htons(8080),
		.af = af,
	};
	struct lvs_dest *dest;

	mutex_lock(&unit_ln->config_lock);
	dest = lvs_dest_find_get(unit_ln, &key);
	if (!dest)
		dest = lvs_dest_alloc(unit_ln, &key);
	mutex_unlock(&unit_ln->config_lock);
	if (IS_ERR(dest))
		abort();
	dest->conn_flags = method;
	dest->weight = 1;
	set_bit(LVS_DEST_AVAILABLE, &dest->state);
	return dest;
}

/* The same, of the service at port 80. */
struct lvs_dest *sim_dest(u32 method, u8 af, u8 last_byte)
{
	return sim_dest_of(80, method, af, last_byte);
}

void sim_dest_remove(struct lvs_dest *dest)
{
	clear_bit(LVS_DEST_AVAILABLE, &dest->state);
	lvs_dest_put(dest);
}

/* The tuple of a client of that service. */
void sim_key(union lvs_key *key, u8 af, u8 proto, u16 client_port)
{
	union nf_inet_addr client = address(af, 3, 7), vip = address(af, 1, 1);

	lvs_key_fill(key, af, proto, LVS_KEY_FLOW, &client, htons(client_port), &vip, htons(80));
}

/* A published conn of that tuple, or template if the key says so. */
struct lvs_conn *sim_conn(struct lvs_dest *dest, const union lvs_key *key, u32 timeout)
{
	struct lvs_conn *cp, *found = NULL;
	u8 af = lvs_dest_af(dest);
	u16 flags = IP_VS_CONN_F_INACTIVE;

	if (lvs_key_kind(key, af) != LVS_KEY_FLOW)
		flags = 0;
	cp = lvs_conn_reserve(unit_ln, af, key, lvs_dest_fwd_method(dest) == IP_VS_CONN_F_MASQ ? 2 : 1, &found);
	if (IS_ERR_OR_NULL(cp))
		abort();
	must(lvs_conn_bind(unit_ln, cp, dest, lvs_dest_port(dest), flags));
	lvs_conn_publish(unit_ln, cp, timeout);
	return cp;
}

/* The conn that a packet with this tuple may use. */
struct lvs_conn *sim_find(u8 af, const union lvs_key *key)
{
	enum lvs_dir dir;
	struct lvs_conn *cp = lvs_conn_lookup(unit_ln, af, key, &dir);

	return cp && lvs_conn_usable(cp) ? cp : NULL;
}
