// SPDX-License-Identifier: GPL-2.0
/* lvsadm daemon: synchronising connections between directors. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "service.h"
#include "table.h"

static int set_kind(struct context *ctx, const char *value)
{
	ctx->req.daemon.state = strcmp(value, "master") ? IP_VS_STATE_BACKUP :
							  IP_VS_STATE_MASTER;
	return CMD_OK;
}

static int set_interface(struct context *ctx, const char *value)
{
	if (!*value || strlen(value) >= sizeof(ctx->req.daemon.ifname))
		return cmd_fail(ctx, "interface '%s': a name has 1 to %zu characters",
				value, sizeof(ctx->req.daemon.ifname) - 1);
	strcpy(ctx->req.daemon.ifname, value);
	return CMD_OK;
}

static int set_syncid(struct context *ctx, const char *value)
{
	return set_number(ctx, "syncid", value, 0, 255,
			  &ctx->req.daemon.syncid);
}

static int set_maxlen(struct context *ctx, const char *value)
{
	uint32_t maxlen = 0;
	int code = set_number(ctx, "maxlen", value, 1, 65507, &maxlen);

	ctx->req.daemon.maxlen = maxlen;
	return code;
}

static int set_port(struct context *ctx, const char *value)
{
	uint32_t port = 0;
	int code = set_number(ctx, "port", value, 1, UINT16_MAX, &port);

	ctx->req.daemon.port = port;
	return code;
}

static int set_ttl(struct context *ctx, const char *value)
{
	uint32_t ttl = 0;
	int code = set_number(ctx, "ttl", value, 1, UINT8_MAX, &ttl);

	ctx->req.daemon.ttl = ttl;
	return code;
}

static int set_group(struct context *ctx, const char *value)
{
	struct addr *group = &ctx->req.daemon.group;
	bool multicast;

	if (addr_parse(value, group))
		return cmd_fail(ctx, "group '%s': not an address", value);
	multicast = group->family == AF_INET6 ?
		    IN6_IS_ADDR_MULTICAST(&group->v6) :
		    IN_MULTICAST(ntohl(group->v4.s_addr));
	if (!multicast)
		return cmd_fail(ctx, "group '%s': not a multicast address",
				value);
	return CMD_OK;
}

/* 0 stands for what the kernel did not say */
static void print_uint(const char *name, unsigned int value)
{
	if (value)
		printf("%s %u", name, value);
}

static void print_daemon(const struct ipvs_daemon *daemon, bool json)
{
	const char *kind = daemon->state == IP_VS_STATE_MASTER ? "master" :
			   "backup";
	char group[INET6_ADDRSTRLEN] = "";

	if (daemon->group.family)
		addr_format(&daemon->group, group, sizeof(group));
	if (!json) {
		printf("%s interface %s syncid %u", kind, daemon->ifname,
		       daemon->syncid);
		print_uint(" maxlen", daemon->maxlen);
		if (*group)
			printf(" group %s", group);
		print_uint(" port", daemon->port);
		print_uint(" ttl", daemon->ttl);
		putchar('\n');
		return;
	}
	json_open(NULL, '{');
	json_string("kind", kind);
	json_string("interface", daemon->ifname);
	json_uint("syncid", daemon->syncid);
	json_uint("maxlen", daemon->maxlen);
	if (*group)
		json_string("group", group);
	json_uint("port", daemon->port);
	json_uint("ttl", daemon->ttl);
	json_close('}');
}

static int run_show(struct context *ctx)
{
	struct ipvs_daemon daemons[2];
	int i, count, code, err;

	code = cmd_connect(ctx);
	if (code)
		return code;
	err = table_daemons(ctx->nl, daemons, &count);
	if (err)
		return cmd_refused(ctx, err);
	if (ctx->json) {
		json_open(NULL, '{');
		json_open("daemons", '[');
	}
	for (i = 0; i < count; i++)
		print_daemon(&daemons[i], ctx->json);
	if (ctx->json) {
		json_close(']');
		json_close('}');
		json_end();
	}
	return CMD_OK;
}

#define KEYWORD_MASTER \
	{ "master", KW_KIND, ARG_NONE, NULL, NULL, set_kind }
#define KEYWORD_BACKUP \
	{ "backup", KW_KIND, ARG_NONE, NULL, NULL, set_kind }

static const struct keyword start_keywords[] = {
	KEYWORD_MASTER,
	KEYWORD_BACKUP,
	{ "interface", KW_INTERFACE, ARG_VALUE, "NAME", NULL, set_interface },
	{ "syncid", KW_SYNCID, ARG_VALUE, "N", NULL, set_syncid },
	{ "maxlen", KW_MAXLEN, ARG_VALUE, "BYTES", NULL, set_maxlen },
	{ "group", KW_GROUP, ARG_VALUE, "ADDRESS", NULL, set_group },
	{ "port", KW_PORT, ARG_VALUE, "PORT", NULL, set_port },
	{ "ttl", KW_TTL, ARG_VALUE, "N", NULL, set_ttl },
	{ 0 }
};

static const struct keyword stop_keywords[] = {
	KEYWORD_MASTER, KEYWORD_BACKUP, { 0 }
};

static const struct verb verbs[] = {
	{ "start", OP_START_DAEMON, SVC_NONE, start_keywords,
	  KW_BIT(KW_KIND) | KW_BIT(KW_INTERFACE), NULL, NULL,
	  "start sending (master) or receiving (backup)" },
	{ "stop", OP_STOP_DAEMON, SVC_NONE, stop_keywords, KW_BIT(KW_KIND),
	  NULL, NULL, "stop it" },
	{ "show", OP_NONE, SVC_NONE, NULL, 0, NULL, run_show,
	  "which daemons run" },
	{ 0 }
};

const struct object daemon_object = { "daemon", verbs };
