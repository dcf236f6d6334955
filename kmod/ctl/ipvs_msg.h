/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_IPVS_MSG_H
#define _LVS_IPVS_MSG_H

#include <linux/types.h>
#include <net/genetlink.h>

struct lvs_dest;
struct lvs_dest_spec;
struct lvs_net;
struct lvs_service;
struct lvs_service_spec;

extern struct genl_family lvs_ipvs_family;
extern const struct nla_policy lvs_ipvs_policy[];

/* ctl/ipvs_parse.c */
int lvs_ipvs_service_parse(const struct nlattr *nest, struct lvs_service_spec *spec, bool full,
			   struct netlink_ext_ack *extack);
int lvs_ipvs_dest_parse(const struct nlattr *nest, u16 svc_af, struct lvs_dest_spec *spec, bool full,
			struct netlink_ext_ack *extack);

/* ctl/ipvs_fill.c */
int lvs_ipvs_service_fill(struct sk_buff *skb, const struct lvs_service *svc);
int lvs_ipvs_dest_fill(struct sk_buff *skb, const struct lvs_dest *dest);

/* ctl/ipvs_dump.c */
int lvs_ipvs_service_dump(struct sk_buff *skb, struct netlink_callback *cb);
int lvs_ipvs_dest_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* ctl/ipvs_daemon.c */
int lvs_ipvs_daemon_new(struct sk_buff *skb, struct genl_info *info);
int lvs_ipvs_daemon_del(struct sk_buff *skb, struct genl_info *info);
int lvs_ipvs_daemon_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif
