// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: socket options that ask
 *
 * Structures of fixed size, without IPv6, tunnels and 64-bit counters. A reply is written over a copy of the request, so
 * that what it does not say (padding, bytes behind a name) is what the caller had there, as it has always been.
 */
#include <linux/capability.h>
#include <linux/ip_vs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/sock.h>

#include "../conn/conn.h"
#include "../net.h"
#include "../service/edit.h"
#include "../service/service.h"
#include "listing.h"
#include "sockopt.h"

#define VERSION_LEN 64
#define VERSION_CODE 0x010201

union get_arg {
	struct ip_vs_getinfo info;
	struct ip_vs_get_services services;
	struct ip_vs_service_entry service;
	struct ip_vs_get_dests dests;
	struct ip_vs_timeout_user timeout;
	struct ip_vs_daemon_user daemons[2];
};

#define NUMBER(cmd) (IP_VS_SO_##cmd - IP_VS_BASE_CTL)

/* The least length that each must have; some have a table behind it. */
static const u8 get_len[NUMBER(GET_MAX) + 1] = {
	[NUMBER(GET_VERSION)] = VERSION_LEN,
	[NUMBER(GET_INFO)] = sizeof(struct ip_vs_getinfo),
	[NUMBER(GET_SERVICES)] = sizeof(struct ip_vs_get_services),
	[NUMBER(GET_SERVICE)] = sizeof(struct ip_vs_service_entry),
	[NUMBER(GET_DESTS)] = sizeof(struct ip_vs_get_dests),
	[NUMBER(GET_TIMEOUT)] = sizeof(struct ip_vs_timeout_user),
	[NUMBER(GET_DAEMON)] = 2 * sizeof(struct ip_vs_daemon_user),
};

/**
 * struct answer - what is copied to the caller once the config lock is released
 * @at: where in the caller's buffer
 * @len: how much
 * @table: what, if it is not @one; allocated
 * @one: room for all that are no table
 *
 * The caller's memory may take for ever to be written, and others are waiting for the lock.
 */
struct answer {
	size_t at;
	size_t len;
	void *table;
	union {
		char version[VERSION_LEN];
		struct ip_vs_getinfo info;
		struct ip_vs_service_entry service;
		struct ip_vs_timeout_user timeout;
		struct ip_vs_daemon_user daemons[2];
	} one;
};

static void stats_fill(struct ip_vs_stats_user *to, const struct lvs_counts *counts, const struct lvs_rates *rates)
{
	to->conns = counts->conns;
	to->inpkts = counts->inpkts;
	to->outpkts = counts->outpkts;
	to->inbytes = counts->inbytes;
	to->outbytes = counts->outbytes;
	to->cps = rates->cps;
	to->inpps = rates->inpps;
	to->outpps = rates->outpps;
	to->inbps = rates->inbps;
	to->outbps = rates->outbps;
}

static void service_fill(struct ip_vs_service_entry *to, const struct lvs_service *svc)
{
	const struct lvs_service_conf *conf = lvs_service_conf(svc);
	struct lvs_counts counts;
	struct lvs_rates rates;

	to->protocol = lvs_service_user_proto(svc);
	to->addr = svc->key.addr.ip;
	to->port = svc->key.port;
	to->fwmark = svc->key.fwmark;
	strscpy(to->sched_name, conf->pool->sched->name, sizeof(to->sched_name));
	to->flags = conf->flags;
	to->timeout = conf->timeout;
	to->netmask = (__force __be32)conf->netmask;
	to->num_dests = svc->n_dests;
	lvs_service_counts(svc, &counts);
	lvs_service_rates(svc, &rates);
	stats_fill(&to->stats, &counts, &rates);
}

static void dest_fill(struct ip_vs_dest_entry *to, const struct lvs_dest *dest)
{
	struct lvs_counts counts;
	struct lvs_rates rates;

	to->addr = dest->key.addr.ip;
	to->port = dest->key.port;
	to->conn_flags = READ_ONCE(dest->conn_flags);
	to->weight = READ_ONCE(dest->weight);
	to->u_threshold = READ_ONCE(dest->u_threshold);
	to->l_threshold = READ_ONCE(dest->l_threshold);
	to->activeconns = atomic_read(&dest->active);
	to->inactconns = atomic_read(&dest->inactive);
	to->persistconns = atomic_read(&dest->persist);
	lvs_stats_read(&dest->stats, &counts);
	lvs_net_rates(dest->ln, &dest->stats, &rates);
	stats_fill(&to->stats, &counts, &rates);
}

static struct lvs_service *service_find(struct lvs_net *ln, u32 fwmark, u16 proto, __be32 addr, __be16 port)
{
	struct lvs_svc_key key = { .af = AF_INET, .fwmark = fwmark };

	if (!fwmark) {
		/* a protocol that no packet can have is one that no service can have */
		key.proto = min_t(u16, proto, IPPROTO_RAW);
		key.addr.ip = addr;
		key.port = port;
	}
	return lvs_service_find(ln, &key);
}

static int version_get(struct lvs_net *ln, struct answer *answer, int *len)
{
	*len = scnprintf(answer->one.version, VERSION_LEN, "IP Virtual Server version 1.2.1 (size=%d)",
			 lvs_conn_table_size(ln)) + 1;
	answer->len = *len;
	return 0;
}

static int info_get(struct lvs_net *ln, struct answer *answer)
{
	answer->one.info = (struct ip_vs_getinfo){
		.version = VERSION_CODE,
		.size = lvs_conn_table_size(ln),
		.num_services = ln->n_services[0],
	};
	answer->len = sizeof(answer->one.info);
	return 0;
}

/* Room for at most @most entries behind a header of @at bytes. */
static int table_alloc(struct answer *answer, size_t at, u32 most, size_t entry)
{
	answer->table = kvcalloc(most, entry, GFP_KERNEL_ACCOUNT);
	answer->at = at;
	return answer->table ? 0 : -ENOMEM;
}

static int services_get(struct lvs_net *ln, const struct ip_vs_get_services *get, struct answer *answer, int len)
{
	u32 most = min_t(u32, get->num_services, ln->n_services[0]), n = 0;
	struct lvs_service_cursor cursor = {};
	struct ip_vs_service_entry *entries;
	struct lvs_service *svc;

	if (len != struct_size(get, entrytable, get->num_services))
		return -EINVAL;
	if (table_alloc(answer, sizeof(*get), most, sizeof(*entries)))
		return -ENOMEM;
	entries = answer->table;
	while (n < most && (svc = lvs_listing_service(ln, &cursor))) {
		cursor.id++;
		if (svc->key.af == AF_INET)
			service_fill(&entries[n++], svc);
		cond_resched();
	}
	answer->len = n * sizeof(*entries);
	return 0;
}

static int service_get(struct lvs_net *ln, const struct ip_vs_service_entry *entry, struct answer *answer)
{
	struct lvs_service *svc = service_find(ln, entry->fwmark, entry->protocol, entry->addr, entry->port);

	if (!svc)
		return -ESRCH;
	answer->one.service = *entry;
	service_fill(&answer->one.service, svc);
	answer->len = sizeof(answer->one.service);
	return 0;
}

static int dests_get(struct lvs_net *ln, const struct ip_vs_get_dests *get, struct answer *answer, int len)
{
	struct ip_vs_dest_entry *entries;
	const struct lvs_dest *dest;
	struct lvs_service *svc;
	u32 most, n = 0;

	if (len != struct_size(get, entrytable, get->num_dests))
		return -EINVAL;
	svc = service_find(ln, get->fwmark, get->protocol, get->addr, get->port);
	if (!svc)
		return -ESRCH;
	most = min_t(u32, get->num_dests, svc->n_dests);
	if (table_alloc(answer, sizeof(*get), most, sizeof(*entries)))
		return -ENOMEM;
	entries = answer->table;
	list_for_each_entry(dest, &svc->dests, list) {
		if (n >= most)
			break;
		/* there is no room for the address of another family */
		if (dest->key.af == AF_INET)
			dest_fill(&entries[n++], dest);
		cond_resched();
	}
	answer->len = n * sizeof(*entries);
	return 0;
}

static int timeout_get(struct lvs_net *ln, struct answer *answer)
{
	struct lvs_timeouts_spec spec;

	lvs_timeouts_get(ln, &spec);
	answer->one.timeout = (struct ip_vs_timeout_user){
		.tcp_timeout = spec.tcp,
		.tcp_fin_timeout = spec.tcp_fin,
		.udp_timeout = spec.udp,
	};
	answer->len = sizeof(answer->one.timeout);
	return 0;
}

/* There is no sync daemon yet. */
static int daemons_get(struct answer *answer)
{
	answer->len = sizeof(answer->one.daemons);
	return 0;
}

static int config_get(struct lvs_net *ln, int cmd, const union get_arg *arg, struct answer *answer, int *len)
{
	switch (cmd) {
	case IP_VS_SO_GET_VERSION:
		return version_get(ln, answer, len);
	case IP_VS_SO_GET_INFO:
		return info_get(ln, answer);
	case IP_VS_SO_GET_SERVICES:
		return services_get(ln, &arg->services, answer, *len);
	case IP_VS_SO_GET_SERVICE:
		return service_get(ln, &arg->service, answer);
	case IP_VS_SO_GET_DESTS:
		return dests_get(ln, &arg->dests, answer, *len);
	case IP_VS_SO_GET_TIMEOUT:
		return timeout_get(ln, answer);
	case IP_VS_SO_GET_DAEMON:
		return daemons_get(answer);
	default:
		return -EINVAL;
	}
}

/**
 * lvs_sockopt_get - getsockopt() with one of IPVS's options
 * @sk: socket
 * @cmd: IP_VS_SO_GET_*
 * @user: request, to be overwritten by the reply
 * @len: its length; set to that of the reply where that differs
 *
 * Context: process.
 * Return: 0, -EPERM, -EINVAL, -EFAULT, -ENOMEM or -ESRCH.
 */
int lvs_sockopt_get(struct sock *sk, int cmd, void __user *user, int *len)
{
	struct lvs_net *ln = lvs_net(sock_net(sk));
	struct answer answer = {};
	union get_arg arg;
	int least, err;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (cmd < IP_VS_BASE_CTL || cmd > IP_VS_SO_GET_MAX)
		return -EINVAL;
	least = get_len[cmd - IP_VS_BASE_CTL];
	if (*len < least)
		return -EINVAL;
	if (copy_from_user(&arg, user, least))
		return -EFAULT;

	mutex_lock(&ln->config_lock);
	err = config_get(ln, cmd, &arg, &answer, len);
	mutex_unlock(&ln->config_lock);
	if (!err && copy_to_user((char __user *)user + answer.at, answer.table ?: &answer.one, answer.len))
		err = -EFAULT;
	kvfree(answer.table);
	return err;
}
