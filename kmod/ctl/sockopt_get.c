// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: socket options that ask
 *
 * Structures of fixed size, without IPv6, tunnels and 64-bit counters. A reply is written over a copy of the request, so
 * that what it does not say (padding, bytes behind a name) is what the caller had there, as it has always been.
 */
#include <linux/capability.h>
#include <linux/ip_vs.h>
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

static int reply(void __user *to, const void *from, size_t len)
{
	return copy_to_user(to, from, len) ? -EFAULT : 0;
}

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

static int version_get(struct lvs_net *ln, void __user *user, int *len)
{
	char text[VERSION_LEN];
	int n;

	n = scnprintf(text, sizeof(text), "IP Virtual Server version 1.2.1 (size=%d)", lvs_conn_table_size(ln)) + 1;
	if (copy_to_user(user, text, n))
		return -EFAULT;
	*len = n;
	return 0;
}

static int info_get(struct lvs_net *ln, void __user *user)
{
	struct ip_vs_getinfo info = {
		.version = VERSION_CODE,
		.size = lvs_conn_table_size(ln),
		.num_services = ln->n_services[0],
	};

	return reply(user, &info, sizeof(info));
}

static int services_get(struct lvs_net *ln, const struct ip_vs_get_services *get, void __user *user, int len)
{
	struct ip_vs_get_services __user *to = user;
	struct lvs_service_cursor cursor = {};
	struct ip_vs_service_entry entry;
	struct lvs_service *svc;
	u32 n = 0;

	if (len != struct_size(get, entrytable, get->num_services))
		return -EINVAL;
	while (n < get->num_services && (svc = lvs_listing_service(ln, &cursor))) {
		cursor.id++;
		if (svc->key.af != AF_INET)
			continue;
		memset(&entry, 0, sizeof(entry));
		service_fill(&entry, svc);
		if (copy_to_user(&to->entrytable[n++], &entry, sizeof(entry)))
			return -EFAULT;
	}
	return 0;
}

static int service_get(struct lvs_net *ln, struct ip_vs_service_entry *entry, void __user *user)
{
	struct lvs_service *svc = service_find(ln, entry->fwmark, entry->protocol, entry->addr, entry->port);

	if (!svc)
		return -ESRCH;
	service_fill(entry, svc);
	return reply(user, entry, sizeof(*entry));
}

static int dests_get(struct lvs_net *ln, const struct ip_vs_get_dests *get, void __user *user, int len)
{
	struct ip_vs_get_dests __user *to = user;
	struct ip_vs_dest_entry entry = {};
	const struct lvs_dest *dest;
	struct lvs_service *svc;
	u32 n = 0;

	if (len != struct_size(get, entrytable, get->num_dests))
		return -EINVAL;
	svc = service_find(ln, get->fwmark, get->protocol, get->addr, get->port);
	if (!svc)
		return -ESRCH;
	list_for_each_entry(dest, &svc->dests, list) {
		if (n >= get->num_dests)
			break;
		/* there is no room for the address of another family */
		if (dest->key.af != AF_INET)
			continue;
		dest_fill(&entry, dest);
		if (copy_to_user(&to->entrytable[n++], &entry, sizeof(entry)))
			return -EFAULT;
	}
	return 0;
}

static int timeout_get(struct lvs_net *ln, void __user *user)
{
	struct ip_vs_timeout_user timeout;
	struct lvs_timeouts_spec spec;

	lvs_timeouts_get(ln, &spec);
	timeout = (struct ip_vs_timeout_user){
		.tcp_timeout = spec.tcp,
		.tcp_fin_timeout = spec.tcp_fin,
		.udp_timeout = spec.udp,
	};
	return reply(user, &timeout, sizeof(timeout));
}

/* There is no sync daemon yet. */
static int daemons_get(void __user *user)
{
	struct ip_vs_daemon_user daemons[2] = {};

	return reply(user, daemons, sizeof(daemons));
}

static int config_get(struct lvs_net *ln, int cmd, union get_arg *arg, void __user *user, int *len)
{
	switch (cmd) {
	case IP_VS_SO_GET_VERSION:
		return version_get(ln, user, len);
	case IP_VS_SO_GET_INFO:
		return info_get(ln, user);
	case IP_VS_SO_GET_SERVICES:
		return services_get(ln, &arg->services, user, *len);
	case IP_VS_SO_GET_SERVICE:
		return service_get(ln, &arg->service, user);
	case IP_VS_SO_GET_DESTS:
		return dests_get(ln, &arg->dests, user, *len);
	case IP_VS_SO_GET_TIMEOUT:
		return timeout_get(ln, user);
	case IP_VS_SO_GET_DAEMON:
		return daemons_get(user);
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
 * Return: 0, -EPERM, -EINVAL, -EFAULT or -ESRCH.
 */
int lvs_sockopt_get(struct sock *sk, int cmd, void __user *user, int *len)
{
	struct lvs_net *ln = lvs_net(sock_net(sk));
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
	err = config_get(ln, cmd, &arg, user, len);
	mutex_unlock(&ln->config_lock);
	return err;
}
