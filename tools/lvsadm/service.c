// SPDX-License-Identifier: GPL-2.0
/* lvsadm service: virtual services. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "service.h"
#include "show.h"
#include "words.h"

#define SCHEDULERS	"rr wrr lc wlc dh sh mh sed nq fo ovf lblc lblcr twos none"
#define FLAGS		"sh-port sh-fallback mh-port mh-fallback flag-1 " \
			"flag-2 flag-3 none"

/**
 * set_number() - take a number
 * @ctx: the command
 * @what: the keyword, for errors
 * @value: the word
 * @min: smallest number allowed
 * @max: largest number allowed
 * @out: where it goes
 *
 * Return: 0, or the exit code after reporting what is wrong.
 */
int set_number(struct context *ctx, const char *what, const char *value,
	       uint64_t min, uint64_t max, uint32_t *out)
{
	uint64_t number;

	if (!parse_number(value, min, max, &number))
		return cmd_fail(ctx, "%s '%s': must be a number from %llu to %llu",
				what, value, (unsigned long long)min,
				(unsigned long long)max);
	*out = number;
	return CMD_OK;
}

/**
 * set_seconds() - take a timeout
 * @ctx: the command
 * @what: the keyword, for errors
 * @value: the word
 * @out: where it goes
 *
 * A month at most, unless it stands in a file: what other tools have set is
 * saved, too, and the kernel says what it does not take.
 *
 * Return: 0, or the exit code after reporting what is wrong.
 */
int set_seconds(struct context *ctx, const char *what, const char *value,
		uint32_t *out)
{
	return set_number(ctx, what, value, 1,
			  ctx->batch ? UINT32_MAX : MAX_TIMEOUT, out);
}

/**
 * set_family() - take the address family of a firewall mark
 * @ctx: the command
 * @value: the word
 *
 * Return: 0, or the exit code after reporting what is wrong.
 */
int set_family(struct context *ctx, const char *value)
{
	struct ipvs_service *svc = &ctx->req.svc;

	if (!svc->fwmark)
		return cmd_fail(ctx, "family only goes with fwmark: an address has its own");
	if (!strcmp(value, "inet6"))
		svc->addr.family = AF_INET6;
	else if (strcmp(value, "inet"))
		return cmd_fail(ctx, "family '%s': must be inet or inet6",
				value);
	return CMD_OK;
}

static int set_name(struct context *ctx, const char *what, const char *value,
		    char *dst, size_t size)
{
	if (!*value || strlen(value) >= size)
		return cmd_fail(ctx, "%s '%s': a name has 1 to %zu characters",
				what, value, size - 1);
	strcpy(dst, value);
	return CMD_OK;
}

static int set_scheduler(struct context *ctx, const char *value)
{
	return set_name(ctx, "scheduler", value, ctx->req.svc.sched,
			sizeof(ctx->req.svc.sched));
}

static int set_pe(struct context *ctx, const char *value)
{
	if (!strcmp(value, "none"))
		return CMD_OK;
	return set_name(ctx, "pe", value, ctx->req.svc.pe,
			sizeof(ctx->req.svc.pe));
}

static int set_persistent(struct context *ctx, const char *value)
{
	struct ipvs_service *svc = &ctx->req.svc;

	if (!strcmp(value, "off"))
		return CMD_OK;
	svc->flags |= IP_VS_SVC_F_PERSISTENT;
	/* which save prints if another tool gave no timeout */
	if (ctx->batch && !strcmp(value, "0"))
		return CMD_OK;
	return set_seconds(ctx, "persistent", value, &svc->timeout);
}

static int set_netmask(struct context *ctx, const char *value)
{
	ctx->netmask = value;
	return CMD_OK;
}

static int set_flags(struct context *ctx, const char *value)
{
	ctx->flags = value;
	return CMD_OK;
}

static int set_ops(struct context *ctx, const char *value)
{
	if (!value || !strcmp(value, "on"))
		ctx->req.svc.flags |= IP_VS_SVC_F_ONEPACKET;
	return CMD_OK;
}

/* A prefix length, or for IPv4 also a mask in dots. */
static int resolve_netmask(struct context *ctx)
{
	struct ipvs_service *svc = &ctx->req.svc;
	const char *text = ctx->netmask;
	bool v6 = svc->addr.family == AF_INET6;
	uint64_t bits;

	if (!text) {
		svc->netmask = ipvs_full_netmask(svc->addr.family);
		return CMD_OK;
	}
	text += *text == '/';
	if (parse_number(text, 1, v6 ? 128 : 32, &bits))
		svc->netmask = v6 ? bits : htonl(~0U << (32 - bits));
	else if (v6 || inet_pton(AF_INET, text, &svc->netmask) != 1)
		return cmd_fail(ctx, "netmask '%s': must be a prefix length of 1 to %d%s",
				ctx->netmask, v6 ? 128 : 32,
				v6 ? "" : " or a mask like 255.255.255.0");
	return CMD_OK;
}

static int resolve_flags(struct context *ctx)
{
	struct ipvs_service *svc = &ctx->req.svc;
	char bad[64];

	if (!ctx->flags || !strcmp(ctx->flags, "none"))
		return CMD_OK;
	switch (sched_flags_parse(ctx->flags, svc->sched, &svc->flags, bad,
				  sizeof(bad))) {
	case FLAGS_UNKNOWN:
		return cmd_fail(ctx, "flags: unknown flag '%s'", bad);
	case FLAGS_WRONG_SCHEDULER:
		return cmd_fail(ctx, "flags: scheduler '%s' has no flag '%s'",
				svc->sched, bad);
	default:
		return CMD_OK;
	}
}

/* The rules about a whole service, all of whose settings are known now. */
static int check_service(struct context *ctx)
{
	const struct ipvs_service *svc = &ctx->req.svc;

	if (!svc->fwmark && !svc->port &&
	    !(svc->flags & IP_VS_SVC_F_PERSISTENT))
		return cmd_fail(ctx, "port 0 (any port) only goes with persistent");
	if (svc->flags & IP_VS_SVC_F_ONEPACKET && !svc->fwmark &&
	    svc->proto != IPPROTO_UDP)
		return cmd_fail(ctx, "ops only goes with udp and fwmark services");
	return CMD_OK;
}

static int check_add(struct context *ctx)
{
	int code;

	if (!cmd_has(ctx, KW_SCHEDULER))
		strcpy(ctx->req.svc.sched, DEFAULT_SCHEDULER);
	code = resolve_netmask(ctx);
	if (!code)
		code = resolve_flags(ctx);
	return code ? code : check_service(ctx);
}

/* What was not named stays as it is. */
static void keep_settings(const struct context *ctx,
			  const struct ipvs_service *old,
			  struct ipvs_service *svc)
{
	uint32_t keep = 0;

	if (!cmd_has(ctx, KW_SCHEDULER))
		memcpy(svc->sched, old->sched, sizeof(svc->sched));
	if (!cmd_has(ctx, KW_PE))
		memcpy(svc->pe, old->pe, sizeof(svc->pe));
	if (!cmd_has(ctx, KW_PERSISTENT)) {
		keep |= IP_VS_SVC_F_PERSISTENT;
		svc->timeout = old->timeout;
	}
	if (!cmd_has(ctx, KW_OPS))
		keep |= IP_VS_SVC_F_ONEPACKET;
	if (!cmd_has(ctx, KW_FLAGS))
		keep |= IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 |
			IP_VS_SVC_F_SCHED3;
	svc->flags |= old->flags & keep;
}

static int run_set(struct context *ctx)
{
	struct ipvs_service *svc = &ctx->req.svc;
	struct table table;
	int code, err;

	err = nl_flush(ctx->nl);
	if (err)
		return cmd_refused(ctx, err);
	err = table_load_services(ctx->nl, svc, &table);
	if (err) {
		code = cmd_refused(ctx, err);
		goto free_table;
	}
	keep_settings(ctx, &table.entries[0].svc, svc);
	code = resolve_netmask(ctx);
	if (!code && !ctx->netmask)
		svc->netmask = table.entries[0].svc.netmask;
	if (!code)
		code = resolve_flags(ctx);
	if (!code)
		code = check_service(ctx);
	/* commands before it were carried out */
	if (code && ctx->batch)
		code = CMD_REFUSED;
free_table:
	table_free(&table);
	return code;
}

static int run_show(struct context *ctx)
{
	return show_services(ctx, SHOW_SETTINGS | SHOW_STATS);
}

#define KEYWORD_SCHEDULER \
	{ "scheduler", KW_SCHEDULER, ARG_VALUE, "NAME", SCHEDULERS, \
	  set_scheduler }
#define KEYWORD_NETMASK \
	{ "netmask", KW_NETMASK, ARG_VALUE, "MASK|BITS", NULL, set_netmask }
#define KEYWORD_FLAGS \
	{ "flags", KW_FLAGS, ARG_VALUE, "FLAG[,FLAG]...", FLAGS, set_flags }

static const struct keyword add_keywords[] = {
	KEYWORD_FAMILY,
	KEYWORD_SCHEDULER,
	{ "persistent", KW_PERSISTENT, ARG_VALUE, "SECONDS", "360",
	  set_persistent },
	KEYWORD_NETMASK,
	KEYWORD_FLAGS,
	{ "ops", KW_OPS, ARG_CHOICE, "on|off", "on off", set_ops },
	{ "pe", KW_PE, ARG_VALUE, "NAME", "sip", set_pe },
	{ 0 }
};

static const struct keyword set_keywords[] = {
	KEYWORD_FAMILY,
	KEYWORD_SCHEDULER,
	{ "persistent", KW_PERSISTENT, ARG_VALUE, "SECONDS|off", "360 off",
	  set_persistent },
	KEYWORD_NETMASK,
	KEYWORD_FLAGS,
	{ "ops", KW_OPS, ARG_CHOICE, "on|off", "on off", set_ops },
	{ "pe", KW_PE, ARG_VALUE, "NAME|none", "sip none", set_pe },
	{ 0 }
};

static const struct keyword key_keywords[] = { KEYWORD_FAMILY, { 0 } };

static const struct verb verbs[] = {
	{ "add", OP_ADD_SERVICE, SVC_NEEDED, add_keywords, 0, check_add, NULL,
	  "add a service; its scheduler is wlc unless named" },
	{ "set", OP_EDIT_SERVICE, SVC_NEEDED, set_keywords, 0, NULL, run_set,
	  "change what is named and nothing else" },
	{ "del", OP_DEL_SERVICE, SVC_NEEDED, key_keywords, 0, NULL, NULL,
	  "delete a service with its servers" },
	{ "show", OP_NONE, SVC_OPTIONAL, key_keywords, 0, NULL, run_show,
	  "list services without their servers" },
	{ "flush", OP_FLUSH, SVC_NONE, NULL, 0, NULL, NULL,
	  "delete all services" },
	{ "zero", OP_ZERO, SVC_OPTIONAL, key_keywords, 0, NULL, NULL,
	  "zero the counters of a service and its servers, or of all" },
	{ 0 }
};

const struct object service_object = { "service", verbs };
