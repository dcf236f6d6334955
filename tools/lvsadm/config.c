// SPDX-License-Identifier: GPL-2.0
/* lvsadm config: timeouts, and what is running. */
#include <stdio.h>

#include "json.h"
#include "service.h"
#include "table.h"
#include "words.h"

static int set_tcp(struct context *ctx, const char *value)
{
	return set_seconds(ctx, "tcp", value, &ctx->req.timeouts.tcp);
}

static int set_tcp_fin(struct context *ctx, const char *value)
{
	return set_seconds(ctx, "tcp-fin", value, &ctx->req.timeouts.tcp_fin);
}

static int set_udp(struct context *ctx, const char *value)
{
	return set_seconds(ctx, "udp", value, &ctx->req.timeouts.udp);
}

static int check_set(struct context *ctx)
{
	if (!ctx->given)
		return cmd_fail(ctx, "nothing to set: name tcp, tcp-fin or udp");
	return CMD_OK;
}

static void print_config(const struct ipvs_info *info,
			 const struct ipvs_timeouts *t, bool json)
{
	char version[24];

	snprintf(version, sizeof(version), "%d.%d.%d", NVERSION(info->version));
	if (!json) {
		printf("tcp %u tcp-fin %u udp %u\n", t->tcp, t->tcp_fin,
		       t->udp);
		printf("version %s conn-table %u\n", version,
		       info->conn_tab_size);
		return;
	}
	json_open(NULL, '{');
	json_open("config", '{');
	json_uint("tcp", t->tcp);
	json_uint("tcp_fin", t->tcp_fin);
	json_uint("udp", t->udp);
	json_string("version", version);
	json_uint("conn_table", info->conn_tab_size);
	json_close('}');
	json_close('}');
	json_end();
}

static int run_show(struct context *ctx)
{
	struct ipvs_timeouts timeouts;
	struct ipvs_info info;
	int code, err;

	code = cmd_connect(ctx);
	if (code)
		return code;
	err = table_info(ctx->nl, &info);
	if (!err)
		err = table_timeouts(ctx->nl, &timeouts);
	if (err)
		return cmd_refused(ctx, err);
	print_config(&info, &timeouts, ctx->json);
	return CMD_OK;
}

static const struct keyword keywords[] = {
	{ "tcp", KW_TCP, ARG_VALUE, "SECONDS", "900", set_tcp },
	{ "tcp-fin", KW_TCP_FIN, ARG_VALUE, "SECONDS", "120", set_tcp_fin },
	{ "udp", KW_UDP, ARG_VALUE, "SECONDS", "300", set_udp },
	{ 0 }
};

static const struct verb verbs[] = {
	{ "show", OP_NONE, SVC_NONE, NULL, 0, NULL, run_show,
	  "timeouts, and which version runs" },
	{ "set", OP_SET_TIMEOUTS, SVC_NONE, keywords, 0, check_set, NULL,
	  "change the timeouts that are named" },
	{ 0 }
};

const struct object config_object = { "config", verbs };
