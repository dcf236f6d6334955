// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net/ip_vs_conn, ip_vs_conn_sync
 *
 * A million conns take 20,000 reads of a page, so each read must go on where the last one stopped. The walk over the
 * table is therefore kept for as long as the file is open. When the table is resized meanwhile, the walk begins again in
 * the new table, whose order is another: conns that were listed before are listed again, and none is left out.
 *
 * The walk holds RCU from start to stop. A conn that it meets is bound to a server for as long as RCU is held.
 */
#include <linux/ip_vs.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/rhashtable.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "../conn/bound.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../proto/proto.h"
#include "proc.h"

/**
 * struct conns_iter - a reader of the file
 * @ln: namespace; the open file holds a reference on it
 * @walk: position in @ln->conns[@family]; entered while @family is in range
 * @family: index of the table, or FAMILIES when there is no more to list
 * @pos: number of the line that @walk stands at
 * @started: between start and stop of @walk
 */
struct conns_iter {
	struct lvs_net *ln;
	struct rhashtable_iter walk;
	unsigned int family;
	loff_t pos;
	bool started;
};

#define FAMILIES 2

/* Sparse cannot follow that RCU is held exactly while @started, so it is not told. */
static void walk_start(struct conns_iter *iter)
{
	rhashtable_walk_start(&iter->walk);
	__release(RCU);
	iter->started = true;
}

static void walk_stop(struct conns_iter *iter)
{
	__acquire(RCU);
	rhashtable_walk_stop(&iter->walk);
	iter->started = false;
}

static void family_enter(struct conns_iter *iter, unsigned int family)
{
	iter->family = family;
	if (family < FAMILIES)
		rhashtable_walk_enter(&iter->ln->conns[family], &iter->walk);
}

static void family_leave(struct conns_iter *iter)
{
	if (iter->family < FAMILIES)
		rhashtable_walk_exit(&iter->walk);
	iter->family = FAMILIES;
}

/* The next conn; with @again, that at the current position if it is still there. */
static const struct lvs_conn *conn_next(struct conns_iter *iter, bool again)
{
	const struct lvs_conn *cp;
	unsigned int family;
	void *node;

	while (iter->started) {
		node = again ? rhashtable_walk_peek(&iter->walk) : rhashtable_walk_next(&iter->walk);
		again = false;
		/* -EAGAIN: there is a new table, and the walk is at its beginning */
		if (IS_ERR(node))
			continue;
		if (node) {
			cp = lvs_conn_of_request(node, iter->family);
			if (cp)
				return cp;
			continue;
		}
		family = iter->family + 1;
		walk_stop(iter);
		family_leave(iter);
		family_enter(iter, family);
		if (family < FAMILIES)
			walk_start(iter);
	}
	return NULL;
}

static void *conns_start(struct seq_file *seq, loff_t *pos)
{
	struct conns_iter *iter = seq->private;
	const struct lvs_conn *cp;

	if (*pos && *pos == iter->pos) {
		if (iter->family < FAMILIES)
			walk_start(iter);
		return (void *)conn_next(iter, true);
	}
	family_leave(iter);
	family_enter(iter, lvs_net_active(iter->ln) ? 0 : FAMILIES);
	if (iter->family < FAMILIES)
		walk_start(iter);
	iter->pos = 0;
	if (!*pos)
		return SEQ_START_TOKEN;
	do {
		cp = conn_next(iter, false);
		iter->pos++;
	} while (cp && iter->pos < *pos);
	return (void *)cp;
}

static void *conns_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct conns_iter *iter = seq->private;

	iter->pos = ++*pos;
	return (void *)conn_next(iter, false);
}

static void conns_stop(struct seq_file *seq, void *v)
{
	struct conns_iter *iter = seq->private;

	if (iter->started)
		walk_stop(iter);
}

static const char *state_name(const struct lvs_conn *cp)
{
	u8 state = READ_ONCE(cp->state);

	if (lvs_conn_is_template(cp))
		return state & LVS_TEMPLATE_ASSURED ? "ASSURED" : "NONE";
	return lvs_proto_state_name(lvs_conn_proto(cp), state);
}

static void address_show(struct seq_file *seq, u16 af, const union nf_inet_addr *addr, __be16 port)
{
	if (af == AF_INET6)
		seq_printf(seq, "%pI6 %04X ", addr, ntohs(port));
	else
		seq_printf(seq, "%08X %04X ", ntohl(addr->ip), ntohs(port));
}

/* What a line of either file begins with, up to the state. */
static void conn_show(struct seq_file *seq, const struct lvs_conn *cp)
{
	union nf_inet_addr caddr = lvs_conn_caddr(cp), vaddr = lvs_conn_vaddr(cp);

	seq_printf(seq, "%-3s ", lvs_proto_name(lvs_conn_proto(cp)));
	address_show(seq, cp->af, &caddr, lvs_conn_cport(cp));
	address_show(seq, cp->af, &vaddr, lvs_conn_vport(cp));
	address_show(seq, cp->dest->key.af, &cp->dest->key.addr, cp->dport);
	seq_printf(seq, "%-11s ", state_name(cp));
}

/* Seconds until a conn expires if nothing comes. */
static u32 conn_left(const struct lvs_conn *cp)
{
	s32 left = READ_ONCE(cp->deadline) - (u32)jiffies;

	return left > 0 ? jiffies_to_msecs(left) / 1000 : 0;
}

static int conns_show(struct seq_file *seq, void *v)
{
	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n");
		return 0;
	}
	conn_show(seq, v);
	seq_printf(seq, "%7u\n", conn_left(v));
	return 0;
}

static int sync_show(struct seq_file *seq, void *v)
{
	const struct lvs_conn *cp = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n");
		return 0;
	}
	conn_show(seq, cp);
	seq_printf(seq, "%-6s %7u\n", READ_ONCE(cp->flags) & IP_VS_CONN_F_SYNC ? "SYNC" : "LOCAL", conn_left(cp));
	return 0;
}

static const struct seq_operations conns_ops = {
	.start = conns_start,
	.next = conns_next,
	.stop = conns_stop,
	.show = conns_show,
};

static const struct seq_operations sync_ops = {
	.start = conns_start,
	.next = conns_next,
	.stop = conns_stop,
	.show = sync_show,
};

static int any_open(struct inode *inode, struct file *file, const struct seq_operations *ops)
{
	struct net *net = maybe_get_net(pde_data(inode));
	struct conns_iter *iter;

	if (!net)
		return -ENXIO;
	iter = __seq_open_private(file, ops, sizeof(*iter));
	if (!iter) {
		put_net(net);
		return -ENOMEM;
	}
	iter->ln = lvs_net(net);
	iter->family = FAMILIES;
	return 0;
}

static int conns_open(struct inode *inode, struct file *file)
{
	return any_open(inode, file, &conns_ops);
}

static int sync_open(struct inode *inode, struct file *file)
{
	return any_open(inode, file, &sync_ops);
}

/* Called at the latest when the file is removed, which comes before the tables are. */
static int conns_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct conns_iter *iter = seq->private;
	struct net *net = iter->ln->net;

	family_leave(iter);
	seq_release_private(inode, file);
	put_net(net);
	return 0;
}

static const struct proc_ops conns_proc_ops = {
	.proc_open = conns_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = conns_release,
};

static const struct proc_ops sync_proc_ops = {
	.proc_open = sync_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = conns_release,
};

/**
 * lvs_proc_conns_create - make ip_vs_conn
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_conns_create(struct lvs_net *ln)
{
	if (!proc_create_data("ip_vs_conn", 0444, ln->net->proc_net, &conns_proc_ops, ln->net))
		return -ENOMEM;
	return 0;
}

/**
 * lvs_proc_conns_sync_create - make ip_vs_conn_sync
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_conns_sync_create(struct lvs_net *ln)
{
	if (!proc_create_data("ip_vs_conn_sync", 0444, ln->net->proc_net, &sync_proc_ops, ln->net))
		return -ENOMEM;
	return 0;
}
