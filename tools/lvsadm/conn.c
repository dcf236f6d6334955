// SPDX-License-Identifier: GPL-2.0
/* lvsadm conn: connections. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "conn_file.h"
#include "json.h"
#include "service.h"
#include "transport.h"

#define STATES \
	"NONE ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT TIME_WAIT CLOSE " \
	"CLOSE_WAIT LAST_ACK LISTEN SYNACK UDP ASSURED"
#define PROTOCOLS "tcp udp sctp ip"

static int set_address(struct context *ctx, const char *what, const char *value,
		       struct hostport *hp)
{
	enum addr_error err = hostport_parse(value, 0, hp);

	if (err)
		return cmd_fail(ctx, "%s '%s': %s", what, value,
				addr_strerror(err));
	return CMD_OK;
}

static int set_client(struct context *ctx, const char *value)
{
	return set_address(ctx, "client", value, &ctx->filter.client);
}

static int set_virtual(struct context *ctx, const char *value)
{
	return set_address(ctx, "virtual", value, &ctx->filter.service);
}

static int set_server(struct context *ctx, const char *value)
{
	return set_address(ctx, "server", value, &ctx->filter.server);
}

static int set_state(struct context *ctx, const char *value)
{
	ctx->filter.state = value;
	return CMD_OK;
}

static int set_limit(struct context *ctx, const char *value)
{
	return set_number(ctx, "limit", value, 1, UINT32_MAX,
			  &ctx->filter.limit);
}

static int set_protocol(struct context *ctx, const char *value)
{
	char *to = ctx->filter.protocol;

	if (!match_choice(PROTOCOLS, value, to, sizeof(ctx->filter.protocol)))
		return cmd_fail(ctx, "protocol '%s': must be tcp, udp, sctp or ip",
				value);
	for (; *to; to++)
		*to = toupper((unsigned char)*to);
	return CMD_OK;
}

static bool same_address(const struct hostport *wanted,
			 const struct hostport *hp)
{
	if (wanted->addr.family == AF_UNSPEC)
		return true;
	if (wanted->has_port && wanted->port != hp->port)
		return false;
	return !addr_cmp(&wanted->addr, &hp->addr);
}

static bool wanted(const struct conn_filter *filter, const struct conn *conn)
{
	if (*filter->protocol && strcmp(filter->protocol, conn->proto))
		return false;
	if (filter->state && strcasecmp(filter->state, conn->state))
		return false;
	return same_address(&filter->client, &conn->client) &&
	       same_address(&filter->service, &conn->service) &&
	       same_address(&filter->server, &conn->server);
}

static void json_hostport(const char *name, const struct hostport *hp)
{
	char buf[INET6_ADDRSTRLEN];

	json_open(name, '{');
	json_string("address", addr_format(&hp->addr, buf, sizeof(buf)));
	json_uint("port", hp->port);
	json_close('}');
}

static void json_conn(const struct conn *conn)
{
	json_open(NULL, '{');
	json_string("protocol", conn->proto);
	json_hostport("client", &conn->client);
	json_hostport("virtual", &conn->service);
	json_hostport("server", &conn->server);
	json_string("state", conn->state);
	json_uint("expires", conn->expires);
	if (*conn->pe) {
		json_string("pe", conn->pe);
		json_string("pe_data", conn->pe_data);
	}
	json_close('}');
}

static void print_conn(const struct conn *conn)
{
	const struct hostport *const hp[] = {
		&conn->client, &conn->service, &conn->server,
	};
	static const char *const names[] = { "client", "virtual", "server" };
	char buf[HOSTPORT_LEN];
	int i;

	printf("%-4s", conn->proto);
	for (i = 0; i < 3; i++)
		printf(" %s %s", names[i],
		       hostport_format(&hp[i]->addr, hp[i]->port, 0, true, buf,
				       sizeof(buf)));
	printf(" state %s expires %u", conn->state, conn->expires);
	if (*conn->pe)
		printf(" pe %s data %s", conn->pe, conn->pe_data);
	putchar('\n');
}

/**
 * struct listing - a listing in progress
 * @ctx: the command
 * @shown: connections printed
 */
struct listing {
	const struct context *ctx;
	uint32_t shown;
};

static bool show_conn(const struct conn *conn, void *data)
{
	struct listing *listing = data;
	const struct conn_filter *filter = &listing->ctx->filter;

	if (!wanted(filter, conn))
		return true;
	if (listing->ctx->json)
		json_conn(conn);
	else
		print_conn(conn);
	return ++listing->shown != filter->limit;
}

static int run_show(struct context *ctx)
{
	struct listing listing = { .ctx = ctx };
	int err;

	if (ctx->json) {
		json_open(NULL, '{');
		json_open("conns", '[');
	}
	err = conn_file_read(show_conn, &listing);
	if (ctx->json) {
		json_close(']');
		json_close('}');
		json_end();
	}
	if (!err)
		return CMD_OK;
	cmd_fail(ctx, "%s: %s", transport_conn_file(),
		 err == -EBADMSG ? "has a line that is no connection" :
		 strerror(-err));
	return CMD_REFUSED;
}

static const struct keyword keywords[] = {
	{ "protocol", KW_PROTOCOL, ARG_VALUE, "tcp|udp|sctp|ip",
	  PROTOCOLS, set_protocol },
	{ "client", KW_CLIENT, ARG_VALUE, "ADDRESS[:PORT]", NULL, set_client },
	{ "virtual", KW_VIRTUAL, ARG_VALUE, "ADDRESS[:PORT]", NULL,
	  set_virtual },
	{ "server", KW_SERVER, ARG_VALUE, "ADDRESS[:PORT]", NULL, set_server },
	{ "state", KW_STATE, ARG_VALUE, "STATE", STATES, set_state },
	{ "limit", KW_LIMIT, ARG_VALUE, "N", NULL, set_limit },
	{ 0 }
};

static const struct verb verbs[] = {
	{ "show", OP_NONE, SVC_NONE, keywords, 0, NULL, run_show,
	  "list connections that match everything given" },
	{ 0 }
};

const struct object conn_object = { "conn", verbs };
