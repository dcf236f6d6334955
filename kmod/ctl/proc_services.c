// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net/ip_vs
 *
 * Read under RCU only: anybody may read it, and must not be able to hold up the administrator. Every line, service or
 * server, is one record of the seq_file, so that a service of 10,000 servers needs no buffer of their size. Between two
 * reads the position is kept by id and sequence number; see ctl/listing.c.
 */
#include <linux/ip_vs.h>
#include <linux/jiffies.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "../conn/conn.h"
#include "../net.h"
#include "../proto/proto.h"
#include "../service/service.h"
#include "listing.h"
#include "proc.h"

/**
 * struct services_iter - a reader of the file
 * @p: namespace
 * @pos: number of the line that the members below stand for
 * @cursor: its service
 * @in_dests: it is a server's line, not the service's
 * @seq: highest sequence number that the server may have; once it is found, its number
 * @svc: its service; under RCU only
 * @conf: what @svc is at this moment; under RCU only
 * @dest: its server; under RCU only
 */
struct services_iter {
	struct seq_net_private p;
	loff_t pos;
	struct lvs_service_cursor cursor;
	bool in_dests;
	u64 seq;
	struct lvs_service *svc;
	const struct lvs_service_conf *conf;
	struct lvs_dest *dest;
};

/* Find the line at the cursor, or else the next one there is. Return: false at the end. */
static bool line_find(struct lvs_net *ln, struct services_iter *iter)
{
	unsigned long id = iter->cursor.id;

	while ((iter->svc = lvs_listing_service(ln, &iter->cursor))) {
		if (iter->cursor.id != id)
			iter->in_dests = false;	/* the service is gone, and its servers with it */
		iter->conf = rcu_dereference(iter->svc->conf);
		if (iter->conf && !iter->in_dests)
			return true;
		iter->dest = iter->conf ? lvs_listing_dest(iter->conf->pool, iter->seq) : NULL;
		if (iter->dest) {
			/* one that is taken off and put back meanwhile gets a higher one */
			iter->seq = min(iter->seq, READ_ONCE(iter->dest->seq));
			return true;
		}
		iter->in_dests = false;
		id = ++iter->cursor.id;
	}
	return false;
}

/* Move the cursor behind the line that was found. */
static void line_step(struct services_iter *iter)
{
	if (!iter->in_dests) {
		iter->in_dests = true;
		iter->seq = U64_MAX;
	} else if (iter->seq) {
		iter->seq--;
	} else {
		iter->in_dests = false;
		iter->cursor.id++;
	}
}

static void *line_next(struct seq_file *seq, struct services_iter *iter)
{
	if (iter->pos++)
		line_step(iter);
	return line_find(lvs_net(seq_file_net(seq)), iter) ? iter : NULL;
}

static void *services_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	struct services_iter *iter = seq->private;

	rcu_read_lock();
	if (*pos && *pos == iter->pos)
		return line_find(lvs_net(seq_file_net(seq)), iter) ? iter : NULL;

	memset(&iter->cursor, 0, sizeof(iter->cursor));
	iter->in_dests = false;
	iter->pos = 0;
	if (!*pos)
		return SEQ_START_TOKEN;
	while (line_next(seq, iter))
		if (iter->pos == *pos)
			return iter;
	return NULL;
}

static void *services_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return line_next(seq, seq->private);
}

static void services_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static const char *method_name(u32 method)
{
	switch (method) {
	case IP_VS_CONN_F_LOCALNODE:
		return "Local";
	case IP_VS_CONN_F_TUNNEL:
		return "Tunnel";
	case IP_VS_CONN_F_DROUTE:
		return "Route";
	default:
		return "Masq";
	}
}

static void service_show(struct seq_file *seq, const struct lvs_service *svc, const struct lvs_service_conf *conf)
{
	const char *ops = conf->flags & IP_VS_SVC_F_ONEPACKET ? "ops " : "";
	const char *proto = lvs_proto_name(svc->key.proto);
	const char *sched = conf->pool->sched->name;

	if (svc->key.fwmark)
		seq_printf(seq, "FWM  %08X %s %s", svc->key.fwmark, sched, ops);
	else if (svc->key.af == AF_INET6)
		/* IPVS has no mark of one-packet services here */
		seq_printf(seq, "%s  [%pI6]:%04X %s ", proto, &svc->key.addr, ntohs(svc->key.port), sched);
	else
		seq_printf(seq, "%s  %08X:%04X %s %s ", proto, ntohl(svc->key.addr.ip), ntohs(svc->key.port), sched,
			   ops);
	if (conf->flags & IP_VS_SVC_F_PERSISTENT)
		seq_printf(seq, "persistent %d %08X\n", conf->timeout * HZ, ntohl((__force __be32)conf->netmask));
	else
		seq_putc(seq, '\n');
}

static void dest_show(struct seq_file *seq, const struct lvs_dest *dest)
{
	if (dest->key.af == AF_INET6)
		seq_printf(seq, "  -> [%pI6]:%04X", &dest->key.addr, ntohs(dest->key.port));
	else
		seq_printf(seq, "  -> %08X:%04X", ntohl(dest->key.addr.ip), ntohs(dest->key.port));
	seq_printf(seq, "      %-7s %-6d %-10d %-10d\n", method_name(lvs_dest_fwd_method(dest)),
		   READ_ONCE(dest->weight), atomic_read(&dest->active), atomic_read(&dest->inactive));
}

static int services_show(struct seq_file *seq, void *v)
{
	const struct services_iter *iter = v;

	if (v == SEQ_START_TOKEN) {
		seq_printf(seq, "IP Virtual Server version 1.2.1 (size=%d)\n",
			   lvs_conn_table_size(lvs_net(seq_file_net(seq))));
		seq_puts(seq, "Prot LocalAddress:Port Scheduler Flags\n");
		seq_puts(seq, "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n");
	} else if (iter->in_dests) {
		dest_show(seq, iter->dest);
	} else {
		service_show(seq, iter->svc, iter->conf);
	}
	return 0;
}

static const struct seq_operations services_ops = {
	.start = services_start,
	.next = services_next,
	.stop = services_stop,
	.show = services_show,
};

/**
 * lvs_proc_services_create - make ip_vs
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_services_create(struct lvs_net *ln)
{
	if (!proc_create_net("ip_vs", 0444, ln->net->proc_net, &services_ops, sizeof(struct services_iter)))
		return -ENOMEM;
	return 0;
}
