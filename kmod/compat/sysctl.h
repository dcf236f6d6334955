/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_SYSCTL_H
#define _LVS_COMPAT_SYSCTL_H

#include <linux/sysctl.h>
#include <net/net_namespace.h>

/*
 * Until 6.5 the end of a table was marked by an empty entry and its size was not told. From 6.6 on register_net_sysctl()
 * is a macro over the function that is told. Callers leave room for an empty entry, which does no harm to the latter.
 */
#ifndef register_net_sysctl
#define register_net_sysctl_sz(net, path, table, size) register_net_sysctl(net, path, table)
#endif

/* Handlers have got a constant table since 6.11. LVS_HAVE_CONST_CTL_TABLE comes from Kbuild. */
#ifdef LVS_HAVE_CONST_CTL_TABLE
#define lvs_ctl_table const struct ctl_table
#else
#define lvs_ctl_table struct ctl_table
#endif

#endif
