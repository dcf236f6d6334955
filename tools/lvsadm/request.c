// SPDX-License-Identifier: GPL-2.0
/* One modification, as either grammar makes it, on its way to the kernel. */
#include <errno.h>

#include "request.h"

static const uint8_t commands[OP_MAX] = {
	[OP_ADD_SERVICE] = IPVS_CMD_NEW_SERVICE,
	[OP_EDIT_SERVICE] = IPVS_CMD_SET_SERVICE,
	[OP_DEL_SERVICE] = IPVS_CMD_DEL_SERVICE,
	[OP_FLUSH] = IPVS_CMD_FLUSH,
	[OP_ADD_DEST] = IPVS_CMD_NEW_DEST,
	[OP_EDIT_DEST] = IPVS_CMD_SET_DEST,
	[OP_DEL_DEST] = IPVS_CMD_DEL_DEST,
	[OP_SET_TIMEOUTS] = IPVS_CMD_SET_CONFIG,
	[OP_START_DAEMON] = IPVS_CMD_NEW_DAEMON,
	[OP_STOP_DAEMON] = IPVS_CMD_DEL_DAEMON,
	[OP_ZERO] = IPVS_CMD_ZERO,
};

/**
 * request_queue() - add a modification to the batch
 * @nl: the connection
 * @req: what to do; must stay in place until the batch is flushed, because
 *	the error handler gets it as its tag
 *
 * Return: 0 or -errno; refusals go to the error handler.
 */
int request_queue(struct nl *nl, const struct request *req)
{
	bool whole_svc = req->op == OP_ADD_SERVICE || req->op == OP_EDIT_SERVICE;
	bool whole_dest = req->op == OP_ADD_DEST || req->op == OP_EDIT_DEST;
	struct nlmsghdr *nlh;

	if (!commands[req->op])
		return -EOPNOTSUPP;
	nlh = nl_request(nl, commands[req->op]);
	if (req->has_service)
		ipvs_put_service(nlh, &req->svc, whole_svc);
	if (whole_dest || req->op == OP_DEL_DEST)
		ipvs_put_dest(nlh, &req->dest, whole_dest);
	if (req->op == OP_SET_TIMEOUTS)
		ipvs_put_timeouts(nlh, &req->timeouts);
	if (req->op == OP_START_DAEMON || req->op == OP_STOP_DAEMON)
		ipvs_put_daemon(nlh, &req->daemon);
	return nl_queue(nl, req);
}
