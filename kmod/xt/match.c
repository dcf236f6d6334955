// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the match "ipvs" of x_tables
 *
 * For rules of iptables (-m ipvs), and of nft through its compat layer, that were written for the kernel's own IPVS. It
 * matches what lvs has sent or rewritten; all but --ipvs ask for the conn, which is found from a packet on its way to the
 * server as the server gets to see it. So these make sense where such packets pass: in chains of OUTPUT and POSTROUTING.
 *
 * Such a rule is a hook of netfilter that packets have to pass, so the fast path stands back: see hook/fast.c.
 */
#define pr_fmt(fmt) "lvs: " fmt

#include <linux/module.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_ipvs.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>

#include "../companion/companion.h"

static bool addr_equal(const union nf_inet_addr *addr, const struct xt_ipvs_mtinfo *info, u8 af)
{
	if (af == NFPROTO_IPV4)
		return !((addr->ip ^ info->vaddr.ip) & info->vmask.ip);
	return !ipv6_masked_addr_cmp(&addr->in6, &info->vmask.in6, &info->vaddr.in6);
}

/* Whether one asked-for property is as asked for; what is not asked for is. */
static bool holds(const struct xt_ipvs_mtinfo *info, u8 bit, bool equal)
{
	return !(info->bitmask & bit) || equal == !(info->invert & bit);
}

/* The direction that conntrack sees. Without conntrack neither direction matches. */
static bool direction_holds(const struct xt_ipvs_mtinfo *info, const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;

	if (!(info->bitmask & XT_IPVS_DIR))
		return true;
	if (!nf_ct_get(skb, &ctinfo))
		return false;
	return (ctinfo >= IP_CT_IS_REPLY) == !!(info->invert & XT_IPVS_DIR);
}

static bool ipvs_match(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_ipvs_mtinfo *info = par->matchinfo;
	u8 af = xt_family(par);
	struct lvs_conn_props props;

	if (info->bitmask == XT_IPVS_IPVS_PROPERTY)
		return holds(info, XT_IPVS_IPVS_PROPERTY, skb->ipvs_property);
	/* all others ask for it, too */
	if (!skb->ipvs_property || !lvs_conn_props_get(xt_net(par), skb, af, &props))
		return false;
	return holds(info, XT_IPVS_PROTO, props.proto == info->l4proto) &&
	       holds(info, XT_IPVS_VPORT, props.vport == info->vport) &&
	       holds(info, XT_IPVS_VPORTCTL, props.controlled && props.control_vport == info->vportctl) &&
	       holds(info, XT_IPVS_METHOD, props.method == info->fwd_method) &&
	       holds(info, XT_IPVS_VADDR, addr_equal(&props.vaddr, info, af)) && direction_holds(info, skb);
}

static int ipvs_check(const struct xt_mtchk_param *par)
{
	if (par->family == NFPROTO_IPV4 || par->family == NFPROTO_IPV6)
		return 0;
	pr_info_ratelimited("match ipvs: protocol family %u is not supported\n", par->family);
	return -EINVAL;
}

static struct xt_match ipvs_match_reg __read_mostly = {
	.name = "ipvs",
	.revision = 0,
	.family = NFPROTO_UNSPEC,
	.match = ipvs_match,
	.checkentry = ipvs_check,
	.matchsize = XT_ALIGN(sizeof(struct xt_ipvs_mtinfo)),
	.me = THIS_MODULE,
};

static int __init xt_lvs_init(void)
{
	return xt_register_match(&ipvs_match_reg);
}

static void __exit xt_lvs_exit(void)
{
	xt_unregister_match(&ipvs_match_reg);
}

module_init(xt_lvs_init);
module_exit(xt_lvs_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("match \"ipvs\" of iptables and nft, for lvs");
MODULE_ALIAS("ipt_ipvs");
MODULE_ALIAS("ip6t_ipvs");
