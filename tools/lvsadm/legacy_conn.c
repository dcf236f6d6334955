// SPDX-License-Identifier: GPL-2.0
/* ipvsadm's listing of connections. */
#include <errno.h>
#include <stdio.h>

#include "conn_file.h"
#include "legacy.h"
#include "transport.h"

/**
 * struct layout - how connections are printed
 * @numeric: look for no names
 * @pe: with what persistence engines know
 */
struct layout {
	bool numeric;
	bool pe;
};

static const char *name_of(const struct hostport *hp, uint16_t proto,
			   const struct layout *layout, char *buf)
{
	return hostport_format(&hp->addr, hp->port, proto, layout->numeric,
			       buf, HOSTPORT_LEN);
}

static bool print_conn(const struct conn *conn, void *data)
{
	char client[HOSTPORT_LEN], service[HOSTPORT_LEN], server[HOSTPORT_LEN];
	const struct layout *layout = data;
	uint16_t proto = conn_proto(conn);
	char expires[24];

	snprintf(expires, sizeof(expires), "%02u:%02u", conn->expires / 60,
		 conn->expires % 60);
	name_of(&conn->client, proto, layout, client);
	name_of(&conn->service, proto, layout, service);
	name_of(&conn->server, proto, layout, server);
	if (layout->pe && *conn->pe)
		printf("%-3s %-6s %-11s %-18s %-18s %-18s %-16s %s\n",
		       conn->proto, expires, conn->state, client, service,
		       server, conn->pe, conn->pe_data);
	else
		printf("%-3s %-6s %-11s %-18s %-18s %s\n", conn->proto,
		       expires, conn->state, client, service, server);
	return true;
}

/**
 * legacy_list_conns() - print all connections
 * @cmd: the command
 *
 * Return: the exit code.
 */
int legacy_list_conns(const struct legacy_command *cmd)
{
	struct layout layout = {
		.numeric = cmd->given & LO_BIT(LO_NUMERIC),
		.pe = cmd->given & LO_BIT(LO_PERSISTENTCONN),
	};
	FILE *file = fopen(transport_conn_file(), "re");
	int err;

	if (!file)
		return legacy_fail(cmd, LEGACY_LIST, "cannot open file %s",
				   transport_conn_file());
	fclose(file);
	printf("IPVS connection entries\n");
	if (layout.pe)
		printf("pro expire %-11s %-18s %-18s %-18s %-16s %s\n",
		       "state", "source", "virtual", "destination", "pe name",
		       "pe_data");
	else
		printf("pro expire %-11s %-18s %-18s %s\n", "state", "source",
		       "virtual", "destination");
	err = conn_file_read(print_conn, &layout);
	if (err)
		return legacy_fail(cmd, LEGACY_LIST,
				   "unexpected input from %s",
				   transport_conn_file());
	return LEGACY_OK;
}
