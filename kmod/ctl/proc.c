// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net files
 *
 * The files ip_vs* are those of the kernel's own IPVS, byte for byte: monitoring reads them, all but one unprivileged.
 * lvs_drops, lvs_defense and lvs_fast_path are our own.
 */
#include <linux/kernel.h>
#include <linux/proc_fs.h>

#include "../net.h"
#include "proc.h"

static const struct {
	const char *name;
	int (*create)(struct lvs_net *ln);
} files[] = {
	{ "ip_vs", lvs_proc_services_create },
	{ "ip_vs_app", lvs_proc_app_create },
	{ "ip_vs_conn", lvs_proc_conns_create },
	{ "ip_vs_conn_sync", lvs_proc_conns_sync_create },
	{ "ip_vs_stats", lvs_proc_stats_create },
	{ "ip_vs_stats_percpu", lvs_proc_stats_percpu_create },
	{ "lvs_drops", lvs_proc_drops_create },
	{ "ip_vs_status", lvs_proc_status_create },
	{ "lvs_defense", lvs_proc_defense_create },
	{ "lvs_fast_path", lvs_proc_fast_create },
};

/**
 * lvs_proc_init - make a namespace's files
 * @ln: namespace, set up but for its files
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_init(struct lvs_net *ln)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		err = files[i].create(ln);
		if (err)
			goto remove;
	}
	return 0;

remove:
	while (i--)
		remove_proc_entry(files[i].name, ln->net->proc_net);
	return err;
}

/**
 * lvs_proc_exit - remove a namespace's files
 * @ln: namespace
 *
 * Waits for readers, and ends the listings of files that are still open. Context: process.
 */
void lvs_proc_exit(struct lvs_net *ln)
{
	int i = ARRAY_SIZE(files);

	while (i--)
		remove_proc_entry(files[i].name, ln->net->proc_net);
}
