// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lvs_ct.ko
 *
 * What lvs does with nf_conntrack and nf_nat: net.ipv4.vs.conntrack, and what helpers take of them. Registered after
 * nf_conntrack, it leaves a namespace before that does. After pre_exit the network core waits a grace period, so no packet is
 * in here when the module goes.
 */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "../companion/ct.h"
#include "track.h"

static const struct lvs_ct_ops ct_ops = {
	.owner = THIS_MODULE,
	.request = lvs_track_request,
	.reply = lvs_track_reply,
	.renew = lvs_track_renew,
	.drop = lvs_track_drop,
	.use = lvs_track_use,
	.unuse = lvs_track_unuse,
};

static int __net_init ct_net_init(struct net *net)
{
	lvs_ct_attach(net, &ct_ops);
	return 0;
}

static void __net_exit ct_net_pre_exit(struct net *net)
{
	lvs_ct_detach(net);
}

static struct pernet_operations ct_net_ops = {
	.init = ct_net_init,
	.pre_exit = ct_net_pre_exit,
};

static int __init lvs_ct_mod_init(void)
{
	return register_pernet_subsys(&ct_net_ops);
}

static void __exit lvs_ct_mod_exit(void)
{
	unregister_pernet_subsys(&ct_net_ops);
}

module_init(lvs_ct_mod_init);
module_exit(lvs_ct_mod_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("connection tracking for lvs");
