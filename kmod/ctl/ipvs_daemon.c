// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: sync daemons
 *
 * There is none yet: starting one is refused, stopping one finds none, and the list is empty. A request is still
 * checked first as IPVS checks it, so that a wrong one gets its proper error.
 */
#define pr_fmt(fmt) "lvs: " fmt

#include <linux/in.h>
#include <linux/ip_vs.h>
#include <linux/printk.h>
#include <net/ipv6.h>

#include "ipvs_msg.h"

static const struct nla_policy daemon_policy[IPVS_DAEMON_ATTR_MAX + 1] = {
	[IPVS_DAEMON_ATTR_STATE] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_MCAST_IFN] = { .type = NLA_NUL_STRING, .len = IP_VS_IFNAME_MAXLEN - 1 },
	[IPVS_DAEMON_ATTR_SYNC_ID] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_SYNC_MAXLEN] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP6] = { .len = sizeof(struct in6_addr) },
	[IPVS_DAEMON_ATTR_MCAST_PORT] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_TTL] = { .type = NLA_U8 },
};

static int daemon_parse(struct genl_info *info, struct nlattr **attrs)
{
	struct nlattr *nest = info->attrs[IPVS_CMD_ATTR_DAEMON];

	if (!nest) {
		NL_SET_ERR_MSG(info->extack, "The request has no DAEMON");
		return -EINVAL;
	}
	if (nla_parse_nested_deprecated(attrs, IPVS_DAEMON_ATTR_MAX, nest, daemon_policy, info->extack))
		return -EINVAL;
	if (!attrs[IPVS_DAEMON_ATTR_STATE]) {
		NL_SET_ERR_MSG(info->extack, "DAEMON must have STATE");
		return -EINVAL;
	}
	return 0;
}

static int daemon_state_check(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	u32 state = nla_get_u32(attr);

	if (state == IP_VS_STATE_MASTER || state == IP_VS_STATE_BACKUP)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "STATE of a daemon must be 1 (master) or 2 (backup)");
	return -EINVAL;
}

static int daemon_group_check(struct nlattr **attrs, struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = attrs[IPVS_DAEMON_ATTR_MCAST_GROUP];
	struct in6_addr group;
	bool multicast;

	if (attr) {
		multicast = ipv4_is_multicast(nla_get_in_addr(attr));
	} else {
		attr = attrs[IPVS_DAEMON_ATTR_MCAST_GROUP6];
		if (!attr)
			return 0;
		group = nla_get_in6_addr(attr);
		multicast = ipv6_addr_is_multicast(&group);
	}
	if (multicast)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "The group of a daemon must be a multicast address");
	return -EINVAL;
}

/**
 * lvs_ipvs_daemon_new - NEW_DAEMON
 * @skb: request
 * @info: request
 *
 * Context: process. Return: -EINVAL, or -EOPNOTSUPP for a well-formed request.
 */
int lvs_ipvs_daemon_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attrs[IPVS_DAEMON_ATTR_MAX + 1];
	int err;

	err = daemon_parse(info, attrs);
	if (err)
		return err;
	if (!attrs[IPVS_DAEMON_ATTR_MCAST_IFN] || !attrs[IPVS_DAEMON_ATTR_SYNC_ID]) {
		NL_SET_ERR_MSG(info->extack, "DAEMON must have MCAST_IFN and SYNC_ID");
		return -EINVAL;
	}
	err = daemon_group_check(attrs, info->extack);
	if (err)
		return err;
	err = daemon_state_check(attrs[IPVS_DAEMON_ATTR_STATE], info->extack);
	if (err)
		return err;
	NL_SET_ERR_MSG(info->extack, "The sync daemon is not supported yet");
	pr_info_ratelimited("the sync daemon is not supported yet, so it was not started\n");
	return -EOPNOTSUPP;
}

/**
 * lvs_ipvs_daemon_del - DEL_DAEMON
 * @skb: request
 * @info: request
 *
 * Context: process. Return: -EINVAL, or -ESRCH for a well-formed request.
 */
int lvs_ipvs_daemon_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attrs[IPVS_DAEMON_ATTR_MAX + 1];
	int err;

	err = daemon_parse(info, attrs);
	if (err)
		return err;
	err = daemon_state_check(attrs[IPVS_DAEMON_ATTR_STATE], info->extack);
	if (err)
		return err;
	NL_SET_ERR_MSG(info->extack, "No sync daemon of this state is running");
	return -ESRCH;
}

/**
 * lvs_ipvs_daemon_dump - GET_DAEMON with NLM_F_DUMP
 * @skb: page to fill
 * @cb: the dump
 *
 * Context: process. Return: 0, the end of the dump.
 */
int lvs_ipvs_daemon_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;
}
