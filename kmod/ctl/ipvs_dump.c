// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: dumps of the IPVS family
 *
 * Each page is written under one hold of the config lock, so it never shows half of a change. Between pages the cursor
 * is kept in the netlink callback; see ctl/listing.c for what it survives.
 */
#include <linux/ip_vs.h>
#include <net/sock.h>

#include "../net.h"
#include "../service/edit.h"
#include "../service/service.h"
#include "ipvs_msg.h"
#include "listing.h"

/**
 * struct dest_cursor - where a dump of a service's servers has got to
 * @seq: highest sequence number that has not been dumped yet
 * @service: id of the service; one made anew with the same key is another
 * @begun: the members above are set
 */
struct dest_cursor {
	u64 seq;
	unsigned long service;
	bool begun;
};

static void *dump_message_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &lvs_ipvs_family, NLM_F_MULTI, cmd);
}

static int dump_service(struct sk_buff *skb, struct netlink_callback *cb, const struct lvs_service *svc)
{
	void *message = dump_message_begin(skb, cb, IPVS_CMD_NEW_SERVICE);

	if (!message)
		return -EMSGSIZE;
	if (lvs_ipvs_service_fill(skb, svc)) {
		genlmsg_cancel(skb, message);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, message);
	return 0;
}

/**
 * lvs_ipvs_service_dump - GET_SERVICE with NLM_F_DUMP
 * @skb: page to fill
 * @cb: the dump
 *
 * Context: process.
 * Return: length of the page if more follow, else 0: the end then comes with the page.
 */
int lvs_ipvs_service_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lvs_service_cursor *cursor = (void *)cb->ctx;
	struct lvs_net *ln = lvs_net(sock_net(skb->sk));
	struct lvs_service *svc;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));

	mutex_lock(&ln->config_lock);
	while ((svc = lvs_listing_service(ln, cursor))) {
		if (dump_service(skb, cb, svc))
			break;
		cursor->id++;
	}
	mutex_unlock(&ln->config_lock);
	return svc ? skb->len : 0;
}

static int dump_dest(struct sk_buff *skb, struct netlink_callback *cb, const struct lvs_dest *dest)
{
	void *message = dump_message_begin(skb, cb, IPVS_CMD_NEW_DEST);

	if (!message)
		return -EMSGSIZE;
	if (lvs_ipvs_dest_fill(skb, dest)) {
		genlmsg_cancel(skb, message);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, message);
	return 0;
}

/* The service that a dump asks for; NULL if it names none, wrongly, or one that does not exist. */
static struct lvs_service *dump_service_find(struct lvs_net *ln, struct netlink_callback *cb)
{
	struct nlattr *attrs[IPVS_CMD_ATTR_MAX + 1];
	struct lvs_service_spec spec;

	if (nlmsg_parse_deprecated(cb->nlh, GENL_HDRLEN, attrs, IPVS_CMD_ATTR_MAX, lvs_ipvs_policy, cb->extack))
		return NULL;
	if (lvs_ipvs_service_parse(attrs[IPVS_CMD_ATTR_SERVICE], &spec, false, cb->extack))
		return NULL;
	return lvs_service_find(ln, &spec.key);
}

/* Return: true if the page is full before the end of the list. */
static bool dump_dests(struct sk_buff *skb, struct netlink_callback *cb, const struct lvs_service *svc)
{
	struct dest_cursor *cursor = (void *)cb->ctx;
	const struct lvs_pool *pool = lvs_service_conf(svc)->pool;
	const struct lvs_dest *dest;

	while ((dest = lvs_listing_dest(pool, cursor->seq))) {
		if (dump_dest(skb, cb, dest))
			return true;
		if (!dest->seq)
			break;
		cursor->seq = dest->seq - 1;
	}
	return false;
}

/**
 * lvs_ipvs_dest_dump - GET_DEST with NLM_F_DUMP
 * @skb: page to fill
 * @cb: the dump
 *
 * A request that names no service, or one that does not exist, gets an empty dump and not an error: clients list the
 * servers of each service that they listed before, and it may be gone by then.
 *
 * Context: process.
 * Return: length of the page if more follow, else 0: the end then comes with the page.
 */
int lvs_ipvs_dest_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lvs_net *ln = lvs_net(sock_net(skb->sk));
	struct dest_cursor *cursor = (void *)cb->ctx;
	struct lvs_service *svc;
	bool more = false;

	BUILD_BUG_ON(sizeof(*cursor) > sizeof(cb->ctx));

	mutex_lock(&ln->config_lock);
	svc = dump_service_find(ln, cb);
	if (svc && !cursor->begun) {
		cursor->begun = true;
		cursor->service = svc->id;
		cursor->seq = U64_MAX;
	}
	if (svc && cursor->service == svc->id)
		more = dump_dests(skb, cb, svc);
	mutex_unlock(&ln->config_lock);
	return more ? skb->len : 0;
}
