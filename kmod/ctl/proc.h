/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PROC_H
#define _LVS_PROC_H

struct lvs_net;
struct proc_dir_entry;

int lvs_proc_init(struct lvs_net *ln);
void lvs_proc_exit(struct lvs_net *ln);

/* one per file; each returns 0 or -ENOMEM */
int lvs_proc_services_create(struct lvs_net *ln);
int lvs_proc_conns_create(struct lvs_net *ln);
int lvs_proc_conns_sync_create(struct lvs_net *ln);
int lvs_proc_app_create(struct lvs_net *ln);
int lvs_proc_status_create(struct lvs_net *ln);
int lvs_proc_stats_create(struct lvs_net *ln);
int lvs_proc_stats_percpu_create(struct lvs_net *ln);
int lvs_proc_drops_create(struct lvs_net *ln);
int lvs_proc_defense_create(struct lvs_net *ln);
int lvs_proc_fast_create(struct lvs_net *ln);

#endif
