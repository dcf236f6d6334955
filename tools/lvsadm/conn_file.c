// SPDX-License-Identifier: GPL-2.0
/* The kernel's list of connections, /proc/net/ip_vs_conn. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn_file.h"
#include "transport.h"

/* IPv4 stands as eight hex digits, IPv6 in full. */
static bool read_addr(const char *text, struct addr *addr)
{
	char *end;

	memset(addr, 0, sizeof(*addr));
	if (strchr(text, ':')) {
		addr->family = AF_INET6;
		return inet_pton(AF_INET6, text, &addr->v6) == 1;
	}
	addr->family = AF_INET;
	addr->v4.s_addr = htonl(strtoul(text, &end, 16));
	return end != text && !*end;
}

static bool read_line(const char *line, struct conn *conn)
{
	char client[48], service[48], server[48];
	unsigned int cport, vport, dport;
	int words;

	conn->pe[0] = '\0';
	conn->pe_data[0] = '\0';
	words = sscanf(line,
		       "%15s %47s %4x %47s %4x %47s %4x %31s %u %31s %511s",
		       conn->proto, client, &cport, service, &vport, server,
		       &dport, conn->state, &conn->expires, conn->pe,
		       conn->pe_data);
	if (words < 9)
		return false;
	conn->client.port = cport;
	conn->service.port = vport;
	conn->server.port = dport;
	return read_addr(client, &conn->client.addr) &&
	       read_addr(service, &conn->service.addr) &&
	       read_addr(server, &conn->server.addr);
}

/**
 * conn_proto() - the protocol number of a connection
 * @conn: the connection
 *
 * Return: IPPROTO_xxx; 0 for a template of a firewall-mark service.
 */
uint16_t conn_proto(const struct conn *conn)
{
	if (!strcmp(conn->proto, "TCP"))
		return IPPROTO_TCP;
	if (!strcmp(conn->proto, "UDP"))
		return IPPROTO_UDP;
	if (!strcmp(conn->proto, "SCTP"))
		return IPPROTO_SCTP;
	return 0;
}

/**
 * conn_file_read() - go through all connections
 * @fn: called for each of them
 * @data: for @fn
 *
 * Return: 0; -errno if the file cannot be opened; -EBADMSG if it has a line
 * that is no connection.
 */
int conn_file_read(conn_fn fn, void *data)
{
	FILE *file = fopen(transport_conn_file(), "re");
	struct conn conn;
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	if (!file)
		return -errno;
	/* the first line is the title */
	if (getline(&line, &room, file) < 0)
		err = -EBADMSG;
	while (!err && getline(&line, &room, file) >= 0) {
		if (!read_line(line, &conn))
			err = -EBADMSG;
		else if (!fn(&conn, data))
			break;
	}
	free(line);
	fclose(file);
	return err;
}
