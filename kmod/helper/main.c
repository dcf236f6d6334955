// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: lvs_ftp.ko
 *
 * The helper for FTP: loaded, it is there in every namespace; IPVS's ip_vs_ftp is loaded under its name. Registered after
 * lvs_ct.ko, it leaves a namespace before that does. After pre_exit the network core waits a grace period, so no packet is in
 * here when the module goes.
 */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "../companion/helper.h"
#include "ftp.h"

static unsigned short ports[LVS_HELPER_PORTS] = { 21 };
static unsigned int n_ports = 1;
module_param_array(ports, ushort, &n_ports, 0444);
MODULE_PARM_DESC(ports, "virtual ports of control conns, up to 8 (21)");

static struct lvs_helper_ops ftp_ops = {
	.name = "ftp",
	.request = lvs_ftp_request,
	.reply = lvs_ftp_reply,
};

static int __net_init ftp_net_init(struct net *net)
{
	lvs_helper_attach(net, &ftp_ops);
	return 0;
}

static void __net_exit ftp_net_pre_exit(struct net *net)
{
	lvs_helper_detach(net);
}

static struct pernet_operations ftp_net_ops = {
	.init = ftp_net_init,
	.pre_exit = ftp_net_pre_exit,
};

/* 0 stands for none; one that is there already for a mistake. */
static int __init port_add(u16 port)
{
	unsigned int i;

	if (!port)
		return 0;
	for (i = 0; i < ftp_ops.n_ports; i++)
		if (ftp_ops.ports[i] == port)
			return -EEXIST;
	ftp_ops.ports[ftp_ops.n_ports++] = port;
	return 0;
}

static int __init lvs_ftp_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < n_ports; i++) {
		err = port_add(ports[i]);
		if (err)
			return err;
	}
	return register_pernet_subsys(&ftp_net_ops);
}

static void __exit lvs_ftp_exit(void)
{
	unregister_pernet_subsys(&ftp_net_ops);
}

module_init(lvs_ftp_init);
module_exit(lvs_ftp_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("FTP helper of lvs");
