// SPDX-License-Identifier: GPL-2.0
/* lvsadm save: commands that rebuild the table and the timeouts. */
#include <stdio.h>

#include "print.h"
#include "show.h"

static void save_entry(const struct table_entry *entry)
{
	char name[HOSTPORT_LEN + 16];
	size_t i;

	printf("service add ");
	print_service_settings(&entry->svc);
	putchar('\n');
	service_name(&entry->svc, name, sizeof(name));
	for (i = 0; i < entry->ndests; i++) {
		printf("dest add %s ", name);
		print_dest_settings(&entry->dests[i]);
		putchar('\n');
	}
}

static int run_save(struct context *ctx)
{
	struct ipvs_timeouts t;
	struct table table;
	size_t i;
	int code, err;

	if (ctx->json)
		return cmd_fail(ctx, "prints commands; for JSON see show");
	code = show_load(ctx, true, &table);
	if (code)
		goto free_table;
	err = table_timeouts(ctx->nl, &t);
	if (err) {
		code = cmd_refused(ctx, err);
		goto free_table;
	}
	printf("config set tcp %u tcp-fin %u udp %u\n", t.tcp, t.tcp_fin,
	       t.udp);
	for (i = 0; i < table.count; i++)
		save_entry(&table.entries[i]);
free_table:
	table_free(&table);
	return code;
}

static const struct verb verbs[] = {
	{ .run = run_save,
	  .help = "print the commands that rebuild services, servers and timeouts" },
	{ 0 }
};

const struct object save_object = { "save", verbs };
