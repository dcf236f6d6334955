/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_SYSCTL_SPECIAL_H
#define _LVS_SYSCTL_SPECIAL_H

#include "../compat/sysctl.h"

/* 2^30, or 2^24 on 32-bit machines */
#define LVS_CONN_MAX (BITS_PER_LONG == 64 ? 1073741824 : 16777216)

int lvs_sysctl_conn_max(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_conntrack(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_fast_path(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_defense(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_est_cpulist(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_est_nice(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_lfactor(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_sync_ports(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);
int lvs_sysctl_sync_threshold(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos);

#endif
