// SPDX-License-Identifier: GPL-2.0
/* lvsadm dest: the real servers of a service. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "service.h"
#include "show.h"
#include "words.h"

static int set_server(struct context *ctx, const char *value)
{
	ctx->server = value;
	return CMD_OK;
}

static int set_method(struct context *ctx, const char *value)
{
	if (!strcmp(value, "nat"))
		ctx->req.dest.fwd = IP_VS_CONN_F_MASQ;
	else if (!strcmp(value, "dr"))
		ctx->req.dest.fwd = IP_VS_CONN_F_DROUTE;
	else
		ctx->req.dest.fwd = IP_VS_CONN_F_TUNNEL;
	return CMD_OK;
}

static int set_type(struct context *ctx, const char *value)
{
	if (!tun_type_parse(value, &ctx->req.dest.tun_type))
		return cmd_fail(ctx, "type '%s': must be ipip, gue or gre",
				value);
	return CMD_OK;
}

static int set_tun_port(struct context *ctx, const char *value)
{
	uint32_t port = 0;
	int code = set_number(ctx, "port", value, 1, UINT16_MAX, &port);

	ctx->req.dest.tun_port = port;
	return code;
}

static int set_csum(struct context *ctx, const char *value)
{
	uint16_t *flags = &ctx->req.dest.tun_flags;

	if (!strcmp(value, "on"))
		*flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
	else if (!strcmp(value, "remote"))
		*flags = IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM;
	else if (strcmp(value, "off"))
		return cmd_fail(ctx, "csum '%s': must be on, off or remote",
				value);
	return CMD_OK;
}

static int set_weight(struct context *ctx, const char *value)
{
	uint32_t weight = 0;
	int code = set_number(ctx, "weight", value, 0, INT32_MAX, &weight);

	ctx->req.dest.weight = weight;
	return code;
}

static int set_upper(struct context *ctx, const char *value)
{
	return set_number(ctx, "upper", value, 0, UINT32_MAX,
			  &ctx->req.dest.upper);
}

static int set_lower(struct context *ctx, const char *value)
{
	return set_number(ctx, "lower", value, 0, UINT32_MAX,
			  &ctx->req.dest.lower);
}

/* Only now: the service's protocol and port were not known before. */
static int resolve_server(struct context *ctx)
{
	const struct ipvs_service *svc = &ctx->req.svc;
	struct ipvs_dest *dest = &ctx->req.dest;
	enum addr_error err;
	struct hostport hp;

	err = hostport_parse(ctx->server, svc->proto, &hp);
	if (err)
		return cmd_fail(ctx, "server '%s': %s", ctx->server,
				addr_strerror(err));
	dest->addr = hp.addr;
	dest->port = hp.has_port ? hp.port : svc->port;
	return CMD_OK;
}

static int check_tunnel(struct context *ctx)
{
	const struct ipvs_dest *dest = &ctx->req.dest;
	const char *type = tun_type_name(dest->tun_type);

	if (dest->fwd != IP_VS_CONN_F_TUNNEL) {
		if (cmd_has(ctx, KW_TYPE) || cmd_has(ctx, KW_TUN_PORT) ||
		    cmd_has(ctx, KW_CSUM))
			return cmd_fail(ctx, "type, port and csum only go with tun");
		return CMD_OK;
	}
	if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE && !dest->tun_port)
		return cmd_fail(ctx, "type gue: the tunnel's port is missing");
	if (dest->tun_type != IP_VS_CONN_F_TUNNEL_TYPE_GUE && dest->tun_port)
		return cmd_fail(ctx, "type %s: has no port", type);
	if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_IPIP && dest->tun_flags)
		return cmd_fail(ctx, "type ipip: has no csum");
	if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE &&
	    dest->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		return cmd_fail(ctx, "type gre: csum must be on or off");
	return CMD_OK;
}

/*
 * Of use to those who write commands. The kernel takes such servers from other
 * tools, so what was saved, or is about something else, is not asked.
 */
static int check_port(struct context *ctx)
{
	const struct ipvs_service *svc = &ctx->req.svc;
	const struct ipvs_dest *dest = &ctx->req.dest;

	if (svc->fwmark || dest->fwd == IP_VS_CONN_F_MASQ ||
	    dest->port == svc->port)
		return CMD_OK;
	return cmd_fail(ctx, "server '%s': only nat changes the port; with %s it must be %u",
			ctx->server, fwd_short_name(dest->fwd), svc->port);
}

/* The rules about a whole server, all of whose settings are known now. */
static int check_dest(struct context *ctx)
{
	const struct ipvs_service *svc = &ctx->req.svc;
	const struct ipvs_dest *dest = &ctx->req.dest;

	if (svc->addr.family != dest->addr.family &&
	    dest->fwd != IP_VS_CONN_F_TUNNEL)
		return cmd_fail(ctx, "server '%s': an address family other than the service's only goes with tun",
				ctx->server);
	if (dest->upper && dest->lower > dest->upper)
		return cmd_fail(ctx, "lower %u is above upper %u", dest->lower,
				dest->upper);
	if (!dest->upper && dest->lower)
		return cmd_fail(ctx, "lower %u: only goes with upper",
				dest->lower);
	return check_tunnel(ctx);
}

static int check_add(struct context *ctx)
{
	struct ipvs_dest *dest = &ctx->req.dest;
	int code;

	if (!cmd_has(ctx, KW_METHOD))
		dest->fwd = IP_VS_CONN_F_DROUTE;
	if (!cmd_has(ctx, KW_WEIGHT))
		dest->weight = 1;
	code = resolve_server(ctx);
	/* save names the method always */
	if (!code && !(ctx->batch && cmd_has(ctx, KW_METHOD)))
		code = check_port(ctx);
	return code ? code : check_dest(ctx);
}

/* What was not named stays as it is. */
static void keep_settings(const struct context *ctx,
			  const struct ipvs_dest *old, struct ipvs_dest *dest)
{
	if (!cmd_has(ctx, KW_METHOD))
		dest->fwd = old->fwd & IP_VS_CONN_F_FWD_MASK;
	if (!cmd_has(ctx, KW_WEIGHT))
		dest->weight = old->weight;
	if (!cmd_has(ctx, KW_UPPER))
		dest->upper = old->upper;
	/* without an upper limit there is no lower one */
	if (!cmd_has(ctx, KW_LOWER) &&
	    (dest->upper || !cmd_has(ctx, KW_UPPER)))
		dest->lower = old->lower;
	if (dest->fwd != IP_VS_CONN_F_TUNNEL)
		return;
	if (!cmd_has(ctx, KW_TYPE))
		dest->tun_type = old->tun_type;
	/* another type starts from its own defaults */
	if (dest->tun_type != old->tun_type)
		return;
	if (!cmd_has(ctx, KW_TUN_PORT))
		dest->tun_port = old->tun_port;
	if (!cmd_has(ctx, KW_CSUM))
		dest->tun_flags = old->tun_flags;
}

static const struct ipvs_dest *find(const struct table_entry *entry,
				    const struct ipvs_dest *dest)
{
	size_t i;

	for (i = 0; i < entry->ndests; i++)
		if (ipvs_same_dest(&entry->dests[i], dest))
			return &entry->dests[i];
	return NULL;
}

static int run_set(struct context *ctx)
{
	const struct ipvs_dest *old;
	struct table table = { 0 };
	int code, err;

	err = nl_flush(ctx->nl);
	if (!err)
		err = table_load(ctx->nl, &ctx->req.svc, &table);
	if (err) {
		code = cmd_refused(ctx, err);
		goto free_table;
	}
	old = find(&table.entries[0], &ctx->req.dest);
	if (!old) {
		code = refusal_print(&ctx->req, ENOENT, NULL);
		goto free_table;
	}
	keep_settings(ctx, old, &ctx->req.dest);
	code = cmd_has(ctx, KW_METHOD) ? check_port(ctx) : CMD_OK;
	if (!code)
		code = check_dest(ctx);
	/* commands before it were carried out */
	if (code && ctx->batch)
		code = CMD_REFUSED;
free_table:
	table_free(&table);
	return code;
}

static void print_dests(const struct table *table)
{
	char name[HOSTPORT_LEN + 16];
	const struct table_entry *entry;
	size_t i, j;

	for (i = 0; i < table->count; i++) {
		entry = &table->entries[i];
		service_name(&entry->svc, name, sizeof(name));
		for (j = 0; j < entry->ndests; j++) {
			printf("%s ", name);
			print_dest_settings(&entry->dests[j]);
			putchar('\n');
		}
	}
}

static int run_show(struct context *ctx)
{
	struct table table;
	int code;

	if (ctx->json)
		return show_services(ctx, SHOW_SETTINGS | SHOW_DESTS |
					  SHOW_STATS);
	code = show_load(ctx, true, &table);
	if (!code)
		print_dests(&table);
	table_free(&table);
	return code;
}

#define KEYWORD_SERVER \
	{ "server", KW_SERVER, ARG_VALUE, "ADDRESS[:PORT]", NULL, set_server }

static const struct keyword all_keywords[] = {
	KEYWORD_FAMILY,
	KEYWORD_SERVER,
	{ "nat", KW_METHOD, ARG_NONE, NULL, NULL, set_method },
	{ "dr", KW_METHOD, ARG_NONE, NULL, NULL, set_method },
	{ "tun", KW_METHOD, ARG_NONE, NULL, NULL, set_method },
	{ "type", KW_TYPE, ARG_VALUE, "ipip|gue|gre", "ipip gue gre",
	  set_type },
	{ "port", KW_TUN_PORT, ARG_VALUE, "PORT", NULL, set_tun_port },
	{ "csum", KW_CSUM, ARG_VALUE, "on|off|remote", "on off remote",
	  set_csum },
	{ "weight", KW_WEIGHT, ARG_VALUE, "N", NULL, set_weight },
	{ "upper", KW_UPPER, ARG_VALUE, "N", NULL, set_upper },
	{ "lower", KW_LOWER, ARG_VALUE, "N", NULL, set_lower },
	{ 0 }
};

static const struct keyword del_keywords[] = {
	KEYWORD_FAMILY, KEYWORD_SERVER, { 0 }
};

static const struct keyword show_keywords[] = { KEYWORD_FAMILY, { 0 } };

static const struct verb verbs[] = {
	{ "add", OP_ADD_DEST, SVC_NEEDED, all_keywords, KW_BIT(KW_SERVER),
	  check_add, NULL,
	  "add a server; dr and weight 1 unless named" },
	{ "set", OP_EDIT_DEST, SVC_NEEDED, all_keywords, KW_BIT(KW_SERVER),
	  resolve_server, run_set, "change what is named and nothing else" },
	{ "del", OP_DEL_DEST, SVC_NEEDED, del_keywords, KW_BIT(KW_SERVER),
	  resolve_server, NULL, "delete a server" },
	{ "show", OP_NONE, SVC_OPTIONAL, show_keywords, 0, NULL, run_show,
	  "list servers" },
	{ 0 }
};

const struct object dest_object = { "dest", verbs };
