// SPDX-License-Identifier: GPL-2.0
/*
 * One netlink socket: batches of requests, queries, dumps.
 *
 * The kernel carries out all messages of one sendmsg() before that returns,
 * and reports each one it refuses, whether or not it asked for an
 * acknowledgment. So only the last message of a batch asks for one.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nl.h"
#include "transport.h"

/* no request of the family is longer */
#define REQUEST_MAX	512
/* refusals of all of them must fit a default receive queue (208 KB) */
#define BATCH_MAX	128
#define BATCH_BYTES	(BATCH_MAX * REQUEST_MAX)

/**
 * struct nl - the connection to the kernel
 * @portid: address of the socket
 * @family: number of the IPVS family
 * @seq: number of the last request
 * @first: number of the first request in the batch
 * @count: requests in the batch
 * @used: bytes in the batch
 * @tags: of the requests in the batch
 * @on_error: told of refusals
 * @data: for @on_error
 * @text: the kernel's sentence about the last refusal, or empty
 * @batch: the requests
 */
struct nl {
	uint32_t portid;
	uint16_t family;
	uint32_t seq;
	uint32_t first;
	unsigned int count;
	size_t used;
	const void *tags[BATCH_MAX];
	nl_error_fn on_error;
	void *data;
	char text[256];
	char batch[BATCH_BYTES] __attribute__((aligned(8)));
};

static struct nlmsghdr *start_message(struct nl *nl, uint16_t type,
				      uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->batch + nl->used);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	if (!nl->count)
		nl->first = nl->seq;
	return nlh;
}

static int text_cb(const struct nlattr *attr, void *data)
{
	const struct nlattr **text = data;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		*text = attr;
	return MNL_CB_OK;
}

/* Keep the kernel's sentence, if the error message carries one. */
static void keep_text(struct nl *nl, const struct nlmsghdr *nlh,
		      const struct nlmsgerr *err)
{
	const struct nlattr *text = NULL;
	size_t offset = sizeof(*err);

	nl->text[0] = '\0';
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (err->msg.nlmsg_len < sizeof(err->msg) ||
		    err->msg.nlmsg_len > nlh->nlmsg_len)
			return;
		offset += err->msg.nlmsg_len - sizeof(err->msg);
	}
	if (nlh->nlmsg_len < NLMSG_HDRLEN + offset)
		return;
	mnl_attr_parse(nlh, offset, text_cb, &text);
	if (text)
		snprintf(nl->text, sizeof(nl->text), "%s",
			 mnl_attr_get_str(text));
}

/* Return: 0 or -errno as the kernel reported, -EBADMSG if malformed. */
static int error_of(struct nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*err))
		return -EBADMSG;
	keep_text(nl, nlh, err);
	return err->error > 0 ? -EBADMSG : err->error;
}

/*
 * One message of the answer to a query.
 * Return: 1 at its end, 0 if more follows, -errno.
 */
static int query_message(struct nl *nl, const struct nlmsghdr *nlh,
			 nl_message_fn fn, void *data)
{
	int err;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		err = error_of(nl, nlh);
		return err ? err : 1;
	case NLMSG_DONE:
		err = 0;
		if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
			err = *(int *)mnl_nlmsg_get_payload(nlh);
		return err < 0 ? err : 1;
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return 0;
	default:
		return fn ? fn(nlh, data) : 0;
	}
}

/*
 * After an error inside an answer the rest of it is still read, so that the
 * next query does not find it.
 */
static int query_answer(struct nl *nl, nl_message_fn fn, void *data)
{
	const struct nlmsghdr *nlh;
	const void *buf;
	int ret, len, failed = 0;

	for (;;) {
		len = transport_recv(&buf);
		if (len < 0)
			return len;
		for (nlh = buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != nl->seq ||
			    nlh->nlmsg_pid != nl->portid)
				continue;
			ret = query_message(nl, nlh, failed ? NULL : fn, data);
			if (ret < 0 && !failed)
				failed = ret;
			if (ret == 1 || nlh->nlmsg_type == NLMSG_ERROR ||
			    nlh->nlmsg_type == NLMSG_DONE)
				return failed;
		}
	}
}

static int family_cb(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
	    !mnl_attr_validate(attr, MNL_TYPE_U16))
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int family_message(const struct nlmsghdr *nlh, void *data)
{
	mnl_attr_parse(nlh, GENL_HDRLEN, family_cb, data);
	return 0;
}

static int family_lookup(struct nl *nl)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = start_message(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	nlh->nlmsg_flags |= NLM_F_ACK;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	err = transport_send(nlh, nlh->nlmsg_len);
	if (!err)
		err = query_answer(nl, family_message, &nl->family);
	return err || nl->family ? err : -ENOENT;
}

/**
 * nl_open() - open the socket and look up the family, loading the module once
 * @out: the connection; free with nl_close()
 *
 * Return: 0 or -errno; -ENOENT means that the kernel has no IPVS.
 */
int nl_open(struct nl **out)
{
	struct nl *nl = calloc(1, sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	err = transport_open(&nl->portid);
	if (err)
		goto free_nl;
	err = family_lookup(nl);
	if (err == -ENOENT) {
		transport_load_module();
		err = family_lookup(nl);
	}
	if (err)
		goto close_transport;
	*out = nl;
	return 0;

close_transport:
	transport_close();
free_nl:
	free(nl);
	return err;
}

/**
 * nl_close() - close the socket
 * @nl: the connection, or NULL
 */
void nl_close(struct nl *nl)
{
	if (!nl)
		return;
	transport_close();
	free(nl);
}

/**
 * nl_on_error() - say who is told of refused requests
 * @nl: the connection
 * @fn: called for each of them, while the batch is flushed
 * @data: for @fn
 */
void nl_on_error(struct nl *nl, nl_error_fn fn, void *data)
{
	nl->on_error = fn;
	nl->data = data;
}

/**
 * nl_request() - start the next request
 * @nl: the connection
 * @cmd: IPVS_CMD_xxx
 *
 * Append at most 400 bytes of attributes, then call nl_queue() or nl_query().
 *
 * Return: the message, inside the batch.
 */
struct nlmsghdr *nl_request(struct nl *nl, uint8_t cmd)
{
	return start_message(nl, nl->family, cmd, IPVS_GENL_VERSION);
}

static struct nlmsghdr *current_message(struct nl *nl)
{
	return (struct nlmsghdr *)(nl->batch + nl->used);
}

/**
 * nl_queue() - leave a modification to the batch
 * @nl: the connection; its last nl_request() is meant
 * @tag: handed to the error handler if the kernel refuses it
 *
 * A full batch is sent.
 *
 * Return: 0 or -errno; refusals are not errors here.
 */
int nl_queue(struct nl *nl, const void *tag)
{
	struct nlmsghdr *nlh = current_message(nl);

	nl->tags[nl->count++] = tag;
	nl->used += MNL_ALIGN(nlh->nlmsg_len);
	return nl->count == BATCH_MAX ? nl_flush(nl) : 0;
}

/* Return: true once the last request of the batch is answered. */
static bool batch_message(struct nl *nl, const struct nlmsghdr *nlh)
{
	uint32_t index = nlh->nlmsg_seq - nl->first;
	int err;

	if (nlh->nlmsg_pid != nl->portid || index >= nl->count ||
	    nlh->nlmsg_type != NLMSG_ERROR)
		return false;
	err = error_of(nl, nlh);
	if (err && nl->on_error)
		nl->on_error(nl->data, nl->tags[index], -err,
			     nl_error_text(nl));
	return index == nl->count - 1;
}

static int batch_answers(struct nl *nl)
{
	const struct nlmsghdr *nlh;
	bool done = false;
	const void *buf;
	int len;

	while (!done) {
		len = transport_recv(&buf);
		if (len < 0)
			return len;
		for (nlh = buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			done |= batch_message(nl, nlh);
	}
	return 0;
}

/**
 * nl_flush() - send the batch and see what became of it
 * @nl: the connection
 *
 * Return: 0 or -errno; refusals go to the error handler instead.
 */
int nl_flush(struct nl *nl)
{
	struct nlmsghdr *last = (struct nlmsghdr *)nl->batch;
	unsigned int i;
	int err;

	if (!nl->count)
		return 0;
	for (i = 1; i < nl->count; i++)
		last = (void *)((char *)last + MNL_ALIGN(last->nlmsg_len));
	last->nlmsg_flags |= NLM_F_ACK;
	err = transport_send(nl->batch, nl->used);
	if (!err)
		err = batch_answers(nl);
	nl->count = 0;
	nl->used = 0;
	return err;
}

/**
 * nl_query() - ask something and read the whole answer
 * @nl: the connection, its last nl_request() is meant; no batch may be waiting
 * @flags: NLM_F_DUMP for a list, 0 for one object
 * @fn: called for each message of the answer
 * @data: for @fn
 *
 * Return: 0 or -errno.
 */
int nl_query(struct nl *nl, uint16_t flags, nl_message_fn fn, void *data)
{
	struct nlmsghdr *nlh = current_message(nl);
	int err;

	nlh->nlmsg_flags |= flags ? flags : NLM_F_ACK;
	err = transport_send(nlh, nlh->nlmsg_len);
	return err ? err : query_answer(nl, fn, data);
}

/**
 * nl_error_text() - the kernel's own sentence about the last refusal
 * @nl: the connection
 *
 * Return: the sentence, or NULL if it gave none.
 */
const char *nl_error_text(const struct nl *nl)
{
	return nl->text[0] ? nl->text : NULL;
}
