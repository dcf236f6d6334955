// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: socket options that change something
 *
 * The interface from before netlink: IPv4 services and servers only, structures of fixed size. keepalived and ipvsadm built
 * without libnl use it. Who administers the namespace may, so it also works where the IPVS family does not: in a user
 * namespace. It only translates; service/edit.h decides. See ctl/sockopt_get.c for those that ask.
 */
#define pr_fmt(fmt) "lvs: " fmt

#include <linux/capability.h>
#include <linux/in.h>
#include <linux/ip_vs.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "../net.h"
#include "../service/edit.h"
#include "../service/service.h"
#include "sockopt.h"

/* A request that names a service, and most also a server. */
struct svc_dest_user {
	struct ip_vs_service_user svc;
	struct ip_vs_dest_user dest;
};

union set_arg {
	struct svc_dest_user svc_dest;
	struct ip_vs_timeout_user timeout;
	struct ip_vs_daemon_user daemon;
};

#define NUMBER(cmd) (IP_VS_SO_##cmd - IP_VS_BASE_CTL)

/* The length that each must have. FLUSH has none, like numbers that mean nothing. */
static const u8 set_len[NUMBER(SET_MAX) + 1] = {
	[NUMBER(SET_ADD)] = sizeof(struct ip_vs_service_user),
	[NUMBER(SET_EDIT)] = sizeof(struct ip_vs_service_user),
	[NUMBER(SET_DEL)] = sizeof(struct ip_vs_service_user),
	[NUMBER(SET_ZERO)] = sizeof(struct ip_vs_service_user),
	[NUMBER(SET_ADDDEST)] = sizeof(struct svc_dest_user),
	[NUMBER(SET_EDITDEST)] = sizeof(struct svc_dest_user),
	[NUMBER(SET_DELDEST)] = sizeof(struct svc_dest_user),
	[NUMBER(SET_TIMEOUT)] = sizeof(struct ip_vs_timeout_user),
	[NUMBER(SET_STARTDAEMON)] = sizeof(struct ip_vs_daemon_user),
	[NUMBER(SET_STOPDAEMON)] = sizeof(struct ip_vs_daemon_user),
};

static void service_spec_fill(struct lvs_service_spec *spec, const struct ip_vs_service_user *user)
{
	*spec = (struct lvs_service_spec){
		.key.af = AF_INET,
		.key.fwmark = user->fwmark,
		.user_proto = user->protocol,
		.flags = user->flags,
		.flags_mask = ~0,
		.timeout = user->timeout,
		.netmask = (__force u32)user->netmask,
	};
	if (!user->fwmark) {
		spec->key.proto = user->protocol;
		spec->key.addr.ip = user->addr;
		spec->key.port = user->port;
	}
	memcpy(spec->sched, user->sched_name, sizeof(spec->sched) - 1);
}

static void dest_spec_fill(struct lvs_dest_spec *spec, const struct ip_vs_dest_user *user)
{
	*spec = (struct lvs_dest_spec){
		.addr.ip = user->addr,
		.port = user->port,
		.af = AF_INET,
		.fwd = user->conn_flags & IP_VS_CONN_F_FWD_MASK,
		.one_packet = user->conn_flags & IP_VS_CONN_F_ONE_PACKET,
		.weight = user->weight,
		.u_threshold = user->u_threshold,
		.l_threshold = user->l_threshold,
		.tun_type = IP_VS_CONN_F_TUNNEL_TYPE_IPIP,
	};
}

static int timeout_set(struct lvs_net *ln, const struct ip_vs_timeout_user *user)
{
	struct lvs_timeouts_spec spec = {
		.tcp = user->tcp_timeout,
		.tcp_fin = user->tcp_fin_timeout,
		.udp = user->udp_timeout,
	};

	return lvs_timeouts_set(ln, &spec, NULL);
}

/* There is no sync daemon yet. */
static int daemon_set(int cmd, const struct ip_vs_daemon_user *user)
{
	size_t len = strnlen(user->mcast_ifn, sizeof(user->mcast_ifn));

	if (cmd == IP_VS_SO_SET_STARTDAEMON && (!len || len == sizeof(user->mcast_ifn)))
		return -EINVAL;
	if (user->state != IP_VS_STATE_MASTER && user->state != IP_VS_STATE_BACKUP)
		return -EINVAL;
	if (cmd == IP_VS_SO_SET_STOPDAEMON)
		return -ESRCH;
	pr_info_ratelimited("the sync daemon is not supported yet, so it was not started\n");
	return -EOPNOTSUPP;
}

static int edit_prepare(struct lvs_net *ln, int cmd, const struct svc_dest_user *user, struct lvs_edit *edit)
{
	struct lvs_service_spec svc;
	struct lvs_dest_spec dest;

	service_spec_fill(&svc, &user->svc);
	if (cmd == IP_VS_SO_SET_ADD)
		return lvs_edit_service_add(ln, &svc, edit, NULL);
	if (cmd == IP_VS_SO_SET_EDIT)
		return lvs_edit_service_set(ln, &svc, edit, NULL);
	if (cmd == IP_VS_SO_SET_DEL)
		return lvs_edit_service_del(ln, &svc.key, edit, NULL);

	dest_spec_fill(&dest, &user->dest);
	if (cmd == IP_VS_SO_SET_ADDDEST)
		return lvs_edit_dest_add(ln, &svc.key, &dest, edit, NULL);
	if (cmd == IP_VS_SO_SET_EDITDEST)
		return lvs_edit_dest_set(ln, &svc.key, &dest, edit, NULL);
	return lvs_edit_dest_del(ln, &svc.key, &dest, edit, NULL);
}

static struct lvs_service *user_service(struct lvs_net *ln, const struct ip_vs_service_user *user)
{
	struct lvs_service_spec spec;
	struct lvs_service *svc;

	service_spec_fill(&spec, user);
	svc = lvs_service_find(ln, &spec.key);
	/* a firewall-mark service is named by its protocol, too */
	return svc && lvs_service_user_proto(svc) == user->protocol ? svc : NULL;
}

/* What is about one service. Config lock held. */
static int service_set(struct lvs_net *ln, int cmd, const struct svc_dest_user *user)
{
	const struct ip_vs_service_user *svc_user = &user->svc;
	struct lvs_service *svc;
	struct lvs_edit edit;
	int err;

	if (cmd == IP_VS_SO_SET_ZERO && !svc_user->fwmark && !svc_user->addr && !svc_user->port) {
		lvs_zero_all(ln);
		return 0;
	}
	if ((cmd == IP_VS_SO_SET_ADD || cmd == IP_VS_SO_SET_EDIT) &&
	    strnlen(svc_user->sched_name, sizeof(svc_user->sched_name)) == sizeof(svc_user->sched_name))
		return -EINVAL;
	/* for firewall marks, too */
	if (svc_user->protocol != IPPROTO_TCP && svc_user->protocol != IPPROTO_UDP &&
	    svc_user->protocol != IPPROTO_SCTP)
		return -EFAULT;

	svc = user_service(ln, svc_user);
	if (cmd != IP_VS_SO_SET_ADD && !svc)
		return -ESRCH;
	if (cmd == IP_VS_SO_SET_ZERO) {
		lvs_service_zero(svc);
		return 0;
	}
	err = edit_prepare(ln, cmd, user, &edit);
	if (!err)
		lvs_edit_commit(&edit);
	return err;
}

static int config_set(struct lvs_net *ln, int cmd, const union set_arg *arg)
{
	if (cmd == IP_VS_SO_SET_FLUSH) {
		lvs_flush(ln);
		return 0;
	}
	if (cmd == IP_VS_SO_SET_TIMEOUT)
		return timeout_set(ln, &arg->timeout);
	/* a number without meaning */
	if (!set_len[cmd - IP_VS_BASE_CTL])
		return -EINVAL;
	return service_set(ln, cmd, &arg->svc_dest);
}

static int sockopt_set(struct sock *sk, int cmd, sockptr_t user, unsigned int len)
{
	struct lvs_net *ln = lvs_net(sock_net(sk));
	union set_arg arg = {};
	int err;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (cmd < IP_VS_BASE_CTL || cmd > IP_VS_SO_SET_MAX || len != set_len[cmd - IP_VS_BASE_CTL])
		return -EINVAL;
	if (copy_from_sockptr(&arg, user, len))
		return -EFAULT;
	if (cmd == IP_VS_SO_SET_STARTDAEMON || cmd == IP_VS_SO_SET_STOPDAEMON)
		return daemon_set(cmd, &arg.daemon);

	mutex_lock(&ln->config_lock);
	err = config_set(ln, cmd, &arg);
	mutex_unlock(&ln->config_lock);
	return err;
}

static struct nf_sockopt_ops sockopts = {
	.pf = PF_INET,
	.set_optmin = IP_VS_BASE_CTL,
	.set_optmax = IP_VS_SO_SET_MAX + 1,
	.set = sockopt_set,
	.get_optmin = IP_VS_BASE_CTL,
	.get_optmax = IP_VS_SO_GET_MAX + 1,
	.get = lvs_sockopt_get,
	.owner = THIS_MODULE,
};

/**
 * lvs_sockopt_register - begin to serve clients
 *
 * Context: process; all namespaces are set up. Return: 0 or -EBUSY.
 */
int lvs_sockopt_register(void)
{
	return nf_register_sockopt(&sockopts);
}

/**
 * lvs_sockopt_unregister - serve no more clients
 *
 * One that is being served holds the module, so there is none. Context: process.
 */
void lvs_sockopt_unregister(void)
{
	nf_unregister_sockopt(&sockopts);
}
