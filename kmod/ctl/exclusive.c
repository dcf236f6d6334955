// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: one owner of the IPVS names
 *
 * lvs and the kernel's own ip_vs register the same generic netlink family, /proc files and sysctls, so only one of them
 * may be loaded. Clients run "modprobe ip_vs" at will, and the initialization of ip_vs on top of lvs does not fail
 * cleanly: it raises a warning. The module loader keeps them apart instead: it refuses a module that exports a name
 * which a loaded module exports already, before any of its code has run.
 *
 * The name must be one that ip_vs exports on all kernels but that no other module imports. A function that the
 * schedulers of ip_vs import would make depmod believe that they can be loaded on top of lvs.
 */
#include <linux/export.h>
#include <linux/types.h>

struct ip_vs_proto_data;
struct netns_ipvs;

struct ip_vs_proto_data *ip_vs_proto_data_get(struct netns_ipvs *ipvs, unsigned short proto);

/**
 * ip_vs_proto_data_get - exists for its name only
 * @ipvs: ignored
 * @proto: ignored
 *
 * Nobody is known to call it. Whoever does is told that the protocol is not there.
 *
 * Context: any. Return: NULL.
 */
struct ip_vs_proto_data *ip_vs_proto_data_get(struct netns_ipvs *ipvs, unsigned short proto)
{
	return NULL;
}
EXPORT_SYMBOL(ip_vs_proto_data_get);
