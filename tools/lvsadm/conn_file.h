/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's list of connections, /proc/net/ip_vs_conn. */
#ifndef LVSADM_CONN_FILE_H
#define LVSADM_CONN_FILE_H

#include "addr.h"

/**
 * struct conn - one connection
 * @proto: its protocol as the file names it
 * @client: address and port of the client
 * @service: virtual address and port
 * @server: address and port of the real server
 * @state: name of its state
 * @expires: seconds until it expires unless packets come
 * @pe: persistence engine, or empty
 * @pe_data: what that engine goes by, or empty
 */
struct conn {
	char proto[16];
	struct hostport client;
	struct hostport service;
	struct hostport server;
	char state[32];
	uint32_t expires;
	char pe[32];
	char pe_data[512];
};

/**
 * typedef conn_fn - told of each connection
 * @conn: the connection, valid during the call
 * @data: as given to conn_file_read()
 *
 * Return: true to go on.
 */
typedef bool (*conn_fn)(const struct conn *conn, void *data);

int conn_file_read(conn_fn fn, void *data);
uint16_t conn_proto(const struct conn *conn);

#endif
