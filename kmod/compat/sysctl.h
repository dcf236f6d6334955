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
#define register_net_sysctl_sz(net, path, table, size) ((void)(size), register_net_sysctl(net, path, table))
#endif

/*
 * Handlers get a constant table since 6.11, and pointers to functions of one kind do not convert to the other. Whichever
 * the kernel's own handlers get, ours get too.
 */
#define lvs_ctl_handler_t int (struct ctl_table *, int, void *, size_t *, loff_t *)
#define lvs_ctl_table typeof(*__builtin_choose_expr(__same_type(proc_dointvec, lvs_ctl_handler_t), \
						    (struct ctl_table *)NULL, (const struct ctl_table *)NULL))

#endif
