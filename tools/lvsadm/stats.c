// SPDX-License-Identifier: GPL-2.0
/* lvsadm stats: counters and rates. */
#include <stdio.h>

#include "print.h"
#include "service.h"
#include "show.h"

static void print_entry(const struct table_entry *entry)
{
	char name[HOSTPORT_LEN + 16];
	size_t i;

	print_stats("", service_name(&entry->svc, name, sizeof(name)),
		    &entry->svc.stats);
	for (i = 0; i < entry->ndests; i++)
		print_stats("    ", dest_name(&entry->dests[i], name,
					      sizeof(name)),
			    &entry->dests[i].stats);
}

static int run_show(struct context *ctx)
{
	struct table table;
	size_t i;
	int code;

	if (ctx->json)
		return show_services(ctx, SHOW_DESTS | SHOW_STATS);
	code = show_load(ctx, true, &table);
	if (!code)
		print_stats_title();
	for (i = 0; !code && i < table.count; i++)
		print_entry(&table.entries[i]);
	table_free(&table);
	return code;
}

static const struct keyword keywords[] = { KEYWORD_FAMILY, { 0 } };

static const struct verb verbs[] = {
	{ "show", OP_NONE, SVC_OPTIONAL, keywords, 0, NULL, run_show,
	  "counters since zeroed, and rates per second" },
	{ 0 }
};

const struct object stats_object = { "stats", verbs };
