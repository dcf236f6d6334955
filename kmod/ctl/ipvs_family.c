// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the IPVS family
 *
 * The generic netlink family that ipvsadm, keepalived and the Go and Python libraries speak. Its names, numbers,
 * replies and errors are those of the kernel's own IPVS; ctl/ipvs_parse.c and ctl/ipvs_fill.c have the messages. The
 * family only translates: what a change means is decided by service/edit.h, under the namespace's config lock.
 */
#include <linux/ip_vs.h>
#include <linux/module.h>

#include "../conn/conn.h"
#include "../net.h"
#include "../service/edit.h"
#include "../service/service.h"
#include "ipvs_family.h"
#include "ipvs_msg.h"

/* 1.2.1, which clients check and print */
#define IPVS_VERSION 0x010201

static struct lvs_net *info_net(struct genl_info *info)
{
	return lvs_net(genl_info_net(info));
}

static struct lvs_service *service_find(struct lvs_net *ln, const struct lvs_svc_key *key,
					struct netlink_ext_ack *extack)
{
	struct lvs_service *svc = lvs_service_find(ln, key);

	if (!svc)
		NL_SET_ERR_MSG(extack, "No such service");
	return svc;
}

static int service_edit(struct lvs_net *ln, u8 cmd, const struct lvs_service_spec *spec,
			struct netlink_ext_ack *extack)
{
	struct lvs_edit edit = {};
	int err;

	if (cmd == IPVS_CMD_NEW_SERVICE)
		err = lvs_edit_service_add(ln, spec, &edit, extack);
	else if (cmd == IPVS_CMD_SET_SERVICE)
		err = lvs_edit_service_set(ln, spec, &edit, extack);
	else
		err = lvs_edit_service_del(ln, &spec->key, &edit, extack);
	if (!err)
		lvs_edit_commit(&edit);
	return err;
}

static int set_service(struct sk_buff *skb, struct genl_info *info)
{
	struct lvs_net *ln = info_net(info);
	u8 cmd = info->genlhdr->cmd;
	struct lvs_service_spec spec;
	int err;

	err = lvs_ipvs_service_parse(info->attrs[IPVS_CMD_ATTR_SERVICE], &spec, cmd != IPVS_CMD_DEL_SERVICE,
				     info->extack);
	if (err)
		return err;
	mutex_lock(&ln->config_lock);
	err = service_edit(ln, cmd, &spec, info->extack);
	mutex_unlock(&ln->config_lock);
	return err;
}

static int dest_edit(struct lvs_net *ln, u8 cmd, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		     struct netlink_ext_ack *extack)
{
	struct lvs_edit edit = {};
	int err;

	if (cmd == IPVS_CMD_NEW_DEST)
		err = lvs_edit_dest_add(ln, key, spec, &edit, extack);
	else if (cmd == IPVS_CMD_SET_DEST)
		err = lvs_edit_dest_set(ln, key, spec, &edit, extack);
	else
		err = lvs_edit_dest_del(ln, key, spec, &edit, extack);
	if (!err)
		lvs_edit_commit(&edit);
	return err;
}

static int set_dest(struct sk_buff *skb, struct genl_info *info)
{
	struct lvs_net *ln = info_net(info);
	u8 cmd = info->genlhdr->cmd;
	struct lvs_service_spec service;
	struct lvs_dest_spec dest;
	int err;

	err = lvs_ipvs_service_parse(info->attrs[IPVS_CMD_ATTR_SERVICE], &service, false, info->extack);
	if (err)
		return err;
	mutex_lock(&ln->config_lock);
	/* a missing service is the answer even if the rest of the request is wrong too */
	err = -ESRCH;
	if (!service_find(ln, &service.key, info->extack))
		goto unlock;
	err = lvs_ipvs_dest_parse(info->attrs[IPVS_CMD_ATTR_DEST], service.key.af, &dest, cmd != IPVS_CMD_DEL_DEST,
				  info->extack);
	if (!err)
		err = dest_edit(ln, cmd, &service.key, &dest, info->extack);
unlock:
	mutex_unlock(&ln->config_lock);
	return err;
}

static int set_config(struct sk_buff *skb, struct genl_info *info)
{
	struct lvs_timeouts_spec spec = {};	/* 0 keeps the old value */
	struct lvs_net *ln = info_net(info);
	int err;

	if (info->attrs[IPVS_CMD_ATTR_TIMEOUT_TCP])
		spec.tcp = nla_get_u32(info->attrs[IPVS_CMD_ATTR_TIMEOUT_TCP]);
	if (info->attrs[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN])
		spec.tcp_fin = nla_get_u32(info->attrs[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
	if (info->attrs[IPVS_CMD_ATTR_TIMEOUT_UDP])
		spec.udp = nla_get_u32(info->attrs[IPVS_CMD_ATTR_TIMEOUT_UDP]);

	mutex_lock(&ln->config_lock);
	err = lvs_timeouts_set(ln, &spec, info->extack);
	mutex_unlock(&ln->config_lock);
	return err;
}

static int zero_service(struct lvs_net *ln, const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	struct lvs_service_spec spec;
	struct lvs_service *svc;
	int err;

	err = lvs_ipvs_service_parse(nest, &spec, false, extack);
	if (err)
		return err;
	svc = service_find(ln, &spec.key, extack);
	if (!svc)
		return -ESRCH;
	lvs_service_zero(svc);
	return 0;
}

static int zero(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[IPVS_CMD_ATTR_SERVICE];
	struct lvs_net *ln = info_net(info);
	int err = 0;

	mutex_lock(&ln->config_lock);
	if (nest)
		err = zero_service(ln, nest, info->extack);
	else
		lvs_zero_all(ln);
	mutex_unlock(&ln->config_lock);
	return err;
}

static int flush(struct sk_buff *skb, struct genl_info *info)
{
	struct lvs_net *ln = info_net(info);

	mutex_lock(&ln->config_lock);
	lvs_flush(ln);
	mutex_unlock(&ln->config_lock);
	return 0;
}

static int service_reply(struct sk_buff *reply, struct genl_info *info)
{
	struct lvs_net *ln = info_net(info);
	struct lvs_service_spec spec;
	struct lvs_service *svc;
	int err;

	err = lvs_ipvs_service_parse(info->attrs[IPVS_CMD_ATTR_SERVICE], &spec, false, info->extack);
	if (err)
		return err;
	mutex_lock(&ln->config_lock);
	svc = service_find(ln, &spec.key, info->extack);
	err = svc ? lvs_ipvs_service_fill(reply, svc) : -ESRCH;
	mutex_unlock(&ln->config_lock);
	return err;
}

static int config_reply(struct sk_buff *reply, struct genl_info *info)
{
	struct lvs_net *ln = info_net(info);
	struct lvs_timeouts_spec spec;

	mutex_lock(&ln->config_lock);
	lvs_timeouts_get(ln, &spec);
	mutex_unlock(&ln->config_lock);
	if (nla_put_u32(reply, IPVS_CMD_ATTR_TIMEOUT_TCP, spec.tcp) ||
	    nla_put_u32(reply, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, spec.tcp_fin) ||
	    nla_put_u32(reply, IPVS_CMD_ATTR_TIMEOUT_UDP, spec.udp))
		return -EMSGSIZE;
	return 0;
}

static int info_reply(struct sk_buff *reply, struct genl_info *info)
{
	if (nla_put_u32(reply, IPVS_INFO_ATTR_VERSION, IPVS_VERSION) ||
	    nla_put_u32(reply, IPVS_INFO_ATTR_CONN_TAB_SIZE, lvs_conn_table_size(info_net(info))))
		return -EMSGSIZE;
	return 0;
}

/* Answer a request with one message of command @cmd that @fill completes. */
static int reply(struct genl_info *info, u8 cmd, int (*fill)(struct sk_buff *reply, struct genl_info *info))
{
	struct sk_buff *skb;
	int err = -EMSGSIZE;
	void *message;

	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	message = genlmsg_put_reply(skb, info, &lvs_ipvs_family, 0, cmd);
	if (message)
		err = fill(skb, info);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, message);
	return genlmsg_reply(skb, info);
}

static int get_service(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, IPVS_CMD_NEW_SERVICE, service_reply);
}

static int get_config(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, IPVS_CMD_SET_CONFIG, config_reply);
}

static int get_info(struct sk_buff *skb, struct genl_info *info)
{
	return reply(info, IPVS_CMD_SET_INFO, info_reply);
}

#define IPVS_OP(command, handlers...) {						\
	.cmd = IPVS_CMD_##command,						\
	.validate = GENL_DONT_VALIDATE_STRICT | GENL_DONT_VALIDATE_DUMP,	\
	.flags = GENL_ADMIN_PERM,						\
	handlers								\
}

static const struct genl_small_ops ops[] = {
	IPVS_OP(NEW_SERVICE, .doit = set_service),
	IPVS_OP(SET_SERVICE, .doit = set_service),
	IPVS_OP(DEL_SERVICE, .doit = set_service),
	IPVS_OP(GET_SERVICE, .doit = get_service, .dumpit = lvs_ipvs_service_dump),
	IPVS_OP(NEW_DEST, .doit = set_dest),
	IPVS_OP(SET_DEST, .doit = set_dest),
	IPVS_OP(DEL_DEST, .doit = set_dest),
	IPVS_OP(GET_DEST, .dumpit = lvs_ipvs_dest_dump),
	IPVS_OP(NEW_DAEMON, .doit = lvs_ipvs_daemon_new),
	IPVS_OP(DEL_DAEMON, .doit = lvs_ipvs_daemon_del),
	IPVS_OP(GET_DAEMON, .dumpit = lvs_ipvs_daemon_dump),
	IPVS_OP(SET_CONFIG, .doit = set_config),
	IPVS_OP(GET_CONFIG, .doit = get_config),
	IPVS_OP(GET_INFO, .doit = get_info),
	IPVS_OP(ZERO, .doit = zero),
	IPVS_OP(FLUSH, .doit = flush),
};

struct genl_family lvs_ipvs_family __ro_after_init = {
	.name = IPVS_GENL_NAME,
	.version = IPVS_GENL_VERSION,
	.maxattr = IPVS_CMD_ATTR_MAX,
	.policy = lvs_ipvs_policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.resv_start_op = IPVS_CMD_FLUSH + 1,
};

/**
 * lvs_ipvs_family_register - begin to serve clients
 *
 * Context: process; all namespaces are set up. Return: 0 or -errno.
 */
int lvs_ipvs_family_register(void)
{
	return genl_register_family(&lvs_ipvs_family);
}

/**
 * lvs_ipvs_family_unregister - serve no more clients
 *
 * Returns when no request is under way any more. Context: process.
 */
void lvs_ipvs_family_unregister(void)
{
	genl_unregister_family(&lvs_ipvs_family);
}
