// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net/ip_vs_conn, ip_vs_conn_sync
 *
 * A million conns take 20,000 reads of a page, so each read must go on where the last one stopped. The table has an order
 * that resizing does not change: a place in it is all that an open file keeps. A conn that is there all the time is listed
 * exactly once.
 *
 * RCU is held from one conn to the next. A conn that is met is bound to a server for as long as it is held.
 */
#include <linux/ip_vs.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "../conn/bound.h"
#include "../conn/table.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../pe/pe.h"
#include "../proto/proto.h"
#include "proc.h"

/**
 * struct conns_iter - a reader of the file
 * @ln: namespace; the open file holds a reference on it
 * @family: index of the table, or FAMILIES when there is no more to list
 * @at: the conn that was met last
 * @after: place behind @at
 * @pos: number of the line of @at
 */
struct conns_iter {
	struct lvs_net *ln;
	unsigned int family;
	struct lvs_table_pos at;
	struct lvs_table_pos after;
	loff_t pos;
};

#define FAMILIES 2

/* How many lines in one RCU section: a reader may skip as many as there are with one call. */
#define LINES_AT_ONCE 64

static void let_others_run(void)
{
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

/* The next conn that is to be listed. RCU is let go of for a moment now and then. */
static const struct lvs_conn *conn_next(struct conns_iter *iter)
{
	const struct lvs_conn *cp;
	unsigned long entry;

	if (iter->pos % LINES_AT_ONCE == LINES_AT_ONCE - 1)
		let_others_run();
	while (iter->family < FAMILIES) {
		iter->at = iter->after;
		entry = lvs_table_next(&iter->ln->conns[iter->family], &iter->after);
		cp = entry ? lvs_conn_of_request(entry, iter->family) : NULL;
		if (cp)
			return cp;
		if (!entry && iter->after.end) {
			iter->family++;
			iter->after = (struct lvs_table_pos){};
		} else if (!entry) {
			let_others_run();
		}
	}
	return NULL;
}

static void *conns_start(struct seq_file *seq, loff_t *pos)
__acquires(RCU)
{
	struct conns_iter *iter = seq->private;
	const struct lvs_conn *cp;

	rcu_read_lock();
	if (*pos && *pos == iter->pos) {
		/* it did not fit: once more, or the one that follows if it is gone */
		iter->after = iter->at;
		return (void *)conn_next(iter);
	}
	iter->family = lvs_net_active(iter->ln) ? 0 : FAMILIES;
	iter->after = (struct lvs_table_pos){};
	iter->pos = 0;
	if (!*pos)
		return SEQ_START_TOKEN;
	do {
		cp = conn_next(iter);
		iter->pos++;
	} while (cp && iter->pos < *pos);
	return (void *)cp;
}

static void *conns_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct conns_iter *iter = seq->private;

	iter->pos = ++*pos;
	return (void *)conn_next(iter);
}

static void conns_stop(struct seq_file *seq, void *v)
__releases(RCU)
{
	rcu_read_unlock();
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
	const struct lvs_conn *cp = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n");
		return 0;
	}
	conn_show(seq, cp);
	seq_printf(seq, "%7u", conn_left(cp));
	if (lvs_conn_is_template(cp) && cp->pe) {
		seq_printf(seq, " %s ", lvs_pe_sip.name);
		seq_write(seq, cp->pe->bytes, cp->pe->len);
	}
	seq_putc(seq, '\n');
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
