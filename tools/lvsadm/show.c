// SPDX-License-Identifier: GPL-2.0
/* lvsadm show: the whole table; and what the other listings share. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "print.h"
#include "show.h"

/**
 * show_load() - read the services that a command is about, in order
 * @ctx: the command
 * @with_dests: their servers too
 * @table: where they go; free with table_free() in any case
 *
 * Return: 0, or the exit code after reporting why not.
 */
int show_load(struct context *ctx, bool with_dests, struct table *table)
{
	const struct ipvs_service *only = NULL;
	int code, err;

	memset(table, 0, sizeof(*table));
	code = cmd_connect(ctx);
	if (code)
		return code;
	if (ctx->req.has_service)
		only = &ctx->req.svc;
	err = with_dests ? table_load(ctx->nl, only, table) :
			   table_load_services(ctx->nl, only, table);
	if (err) {
		ctx->req.op = OP_LIST;
		return cmd_refused(ctx, err);
	}
	table_sort(table);
	return CMD_OK;
}

static void print_entry(const struct table_entry *entry)
{
	const struct ipvs_dest *dest;
	size_t i;

	print_service_settings(&entry->svc);
	putchar('\n');
	for (i = 0; i < entry->ndests; i++) {
		dest = &entry->dests[i];
		printf("    ");
		print_dest_settings(dest);
		printf(" active %u inactive %u", dest->active, dest->inactive);
		if (dest->persistent)
			printf(" persistent %u", dest->persistent);
		putchar('\n');
	}
}

/**
 * show_services() - print services, with or without their servers
 * @ctx: the command
 * @show: SHOW_xxx
 *
 * Return: the exit code.
 */
int show_services(struct context *ctx, unsigned int show)
{
	struct table table;
	size_t i;
	int code;

	code = show_load(ctx, show & SHOW_DESTS, &table);
	if (code)
		goto free_table;
	if (ctx->json) {
		json_open(NULL, '{');
		json_table(&table, show);
		json_close('}');
		json_end();
		goto free_table;
	}
	for (i = 0; i < table.count; i++)
		print_entry(&table.entries[i]);
free_table:
	table_free(&table);
	return code;
}

static int run_show(struct context *ctx)
{
	return show_services(ctx, SHOW_SETTINGS | SHOW_DESTS | SHOW_STATS);
}

static const struct verb verbs[] = {
	{ .service = SVC_OPTIONAL, .run = run_show,
	  .help = "services with their servers" },
	{ 0 }
};

const struct object show_object = { "show", verbs };
