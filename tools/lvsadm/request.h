/* SPDX-License-Identifier: GPL-2.0 */
/* One modification, as either grammar makes it, on its way to the kernel. */
#ifndef LVSADM_REQUEST_H
#define LVSADM_REQUEST_H

#include "ipvs.h"
#include "nl.h"

/**
 * enum op - what is to be done
 *
 * In the order in which ipvsadm's grammar numbers its commands.
 */
enum op {
	OP_NONE, OP_ADD_SERVICE, OP_EDIT_SERVICE, OP_DEL_SERVICE, OP_FLUSH,
	OP_LIST, OP_ADD_DEST, OP_EDIT_DEST, OP_DEL_DEST, OP_SET_TIMEOUTS,
	OP_START_DAEMON, OP_STOP_DAEMON, OP_RESTORE, OP_SAVE, OP_ZERO,
	OP_HELP, OP_VERSION, OP_MAX
};

/**
 * struct request - one command
 * @op: what to do
 * @line: where in a file it stands, 0 for the command line
 * @has_service: @svc is given
 * @svc: the service it is about
 * @dest: the real server it is about
 * @timeouts: for OP_SET_TIMEOUTS
 * @daemon: for OP_START_DAEMON, OP_STOP_DAEMON
 */
struct request {
	enum op op;
	unsigned int line;
	bool has_service;
	struct ipvs_service svc;
	struct ipvs_dest dest;
	struct ipvs_timeouts timeouts;
	struct ipvs_daemon daemon;
};

int request_queue(struct nl *nl, const struct request *req);

#endif
