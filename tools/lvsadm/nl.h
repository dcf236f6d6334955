/* SPDX-License-Identifier: GPL-2.0 */
/* One netlink socket: batches of requests, queries, dumps. */
#ifndef LVSADM_NL_H
#define LVSADM_NL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/**
 * typedef nl_error_fn - told of each request that the kernel refused
 * @data: as given to nl_on_error()
 * @tag: as given to nl_queue()
 * @err: the error, as a positive errno
 * @text: the kernel's own sentence, or NULL
 */
typedef void (*nl_error_fn)(void *data, const void *tag, int err,
			    const char *text);

/**
 * typedef nl_message_fn - told of each message of an answer
 * @nlh: the message
 * @data: as given to nl_query()
 *
 * Return: 0, or -errno to give up.
 */
typedef int (*nl_message_fn)(const struct nlmsghdr *nlh, void *data);

struct nl;

int nl_open(struct nl **nl);
void nl_close(struct nl *nl);
void nl_on_error(struct nl *nl, nl_error_fn fn, void *data);
struct nlmsghdr *nl_request(struct nl *nl, uint8_t cmd);
int nl_queue(struct nl *nl, const void *tag);
int nl_flush(struct nl *nl);
int nl_query(struct nl *nl, uint16_t flags, nl_message_fn fn, void *data);
const char *nl_error_text(const struct nl *nl);

#endif
