/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests of the "IPVS" family, out of an input's choices.
 */
#ifndef LVS_SELFTESTS_NL_REQUEST_H
#define LVS_SELFTESTS_NL_REQUEST_H

#include "fuzz.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#define MESSAGE_MAX	(24U << 10)	/* bytes of several messages in a row */

struct message {
	size_t size;
	u8 data[MESSAGE_MAX];
};

/* What the request under construction is to be spoilt with: one attribute of it. */
struct spoil {
	bool on;
	u8 at, how, with;
};

void request_begin(struct message *msg, u16 family, u8 cmd, u16 flags);
void request_end(struct message *msg, size_t begin);
void request_put(struct message *msg, struct input *in, u8 cmd);
void request_put_service(struct message *msg, u8 service, u8 sched, u32 flags);
void request_put_dest(struct message *msg, u8 service, unsigned int dest, u8 how);

#endif
