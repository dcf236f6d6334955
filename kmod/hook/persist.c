// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: persistence
 *
 * A template ties a client (or its network) to a server. It is an entry of the conn table whose key holds the masked
 * client, the VIP and the port, if it is the service's own; or the client and the mark, for a firewall-mark service. It
 * outlives its conns by the service's timeout, and is refreshed by each new one.
 */
#include <net/ipv6.h>

#include "../net.h"
#include "../proto/proto.h"
#include "defense.h"
#include "hook.h"
#include "persist.h"

static void template_key(const struct lvs_start *start, union lvs_key *key)
{
	const struct lvs_svc_key *svc = &start->svc->key;
	const struct lvs_pkt *pkt = start->pkt;
	union nf_inet_addr client = lvs_key_src(&pkt->key, pkt->af), net = {}, vip = lvs_key_dst(&pkt->key, pkt->af);
	__be16 dport = lvs_key_dport(&pkt->key, pkt->af), vport = 0;
	u8 proto = lvs_key_proto(&pkt->key, pkt->af);
	u8 kind = LVS_KEY_TEMPLATE;

	if (pkt->af == AF_INET6)
		ipv6_addr_prefix(&net.in6, &client.in6, start->conf->netmask);
	else
		net.ip = client.ip & (__force __be32)start->conf->netmask;

	if (svc->fwmark) {
		kind = LVS_KEY_TEMPLATE_MARK;
		proto = IPPROTO_IP;
		vip = (union nf_inet_addr){ .ip = htonl(svc->fwmark) };
	} else if (dport == svc->port && dport != htons(LVS_FTP_PORT)) {
		/* a control and a data conn of FTP, and all ports of an any-port service, share a template */
		vport = dport;
	}
	lvs_key_fill(key, pkt->af, proto, kind, &net, 0, &vip, vport);
}

/* Whether a template may still send clients to its server. */
static bool template_valid(const struct lvs_net *ln, const struct lvs_conn *tmpl)
{
	const struct lvs_dest *dest = tmpl->dest;

	if (!test_bit(LVS_DEST_AVAILABLE, &dest->state))
		return false;
	return READ_ONCE(dest->weight) || !READ_ONCE(ln->knobs.expire_quiescent_template);
}

/* Ties @cp, and the server that @tmpl has, to the template. */
static int bind_by_template(const struct lvs_start *start, struct lvs_conn *cp, struct lvs_conn *tmpl)
{
	__be16 vport = lvs_key_dport(&start->pkt->key, start->pkt->af);
	int err;

	err = lvs_conn_bind(start->ln, cp, tmpl->dest, lvs_start_dport(start, tmpl->dest, vport), 0);
	if (err)
		return err;
	/* lost to its end in this very moment: the conn lives on without */
	lvs_conn_control(cp, tmpl);
	return 0;
}

static struct lvs_conn *template_find(const struct lvs_start *start, const union lvs_key *key)
{
	struct lvs_conn *tmpl;
	enum lvs_dir dir;

	tmpl = lvs_conn_lookup(start->ln, start->pkt->af, key, &dir);
	return tmpl && lvs_conn_usable(tmpl) ? tmpl : NULL;
}

/**
 * lvs_persist_bind - give a conn of a persistent service its server
 * @start: the packet
 * @cp: reserved conn whose lock is held, or a one-packet conn
 * @pick_and_bind: how a server is chosen for a client that has none
 *
 * Context: RCU, BH off.
 * Return: as @pick_and_bind.
 */
int lvs_persist_bind(const struct lvs_start *start, struct lvs_conn *cp,
		     int (*pick_and_bind)(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport))
{
	struct lvs_conn *tmpl, *found;
	union lvs_key key;
	int err;

	template_key(start, &key);
	tmpl = template_find(start, &key);
	if (tmpl && template_valid(start->ln, tmpl))
		return bind_by_template(start, cp, tmpl);
	/* it makes room for a new one; conns under it keep what they have */
	if (tmpl && !lvs_conn_displace(start->ln, tmpl))
		return -EBUSY;

	tmpl = lvs_defense_reserve(start->ln, start->pkt->af, &key, 1, &found);
	if (IS_ERR(tmpl))
		return PTR_ERR(tmpl);
	if (!tmpl)
		return lvs_conn_usable(found) ? bind_by_template(start, cp, found) : -EBUSY;

	tmpl->fwmark = start->pkt->skb->mark;
	err = pick_and_bind(start, tmpl, lvs_key_dport(&key, start->pkt->af));
	if (err) {
		lvs_conn_abandon(start->ln, tmpl);
		return err;
	}
	lvs_conn_publish(start->ln, tmpl, start->conf->timeout * HZ);
	return bind_by_template(start, cp, tmpl);
}
