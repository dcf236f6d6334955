// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: persistence
 *
 * A template ties a client (or its network) to a server. It is an entry of the conn table whose key holds the masked
 * client, the VIP and the port, if it is the service's own; or the client and the mark, for a firewall-mark service. It
 * outlives its conns by the service's timeout, and is refreshed by each new one.
 *
 * If the service has a persistence engine, what that finds in a packet is part of the template's key. A packet in which it
 * finds nothing starts no conn.
 */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "../conn/template.h"
#include "../net.h"
#include "../proto/proto.h"
#include "defense.h"
#include "hook.h"
#include "persist.h"

/**
 * lvs_persist_read - have a service's persistence engine look at a packet
 * @start: the packet; its service has an engine; the packet is not changed as long as what was found is used
 *
 * Context: RCU, BH off.
 * Return: 0, and @start owns a copy perhaps; -ENOMSG: there is nothing to be found; -ENOMEM.
 */
int lvs_persist_read(struct lvs_start *start)
{
	const struct lvs_pkt *pkt = start->pkt;
	unsigned int off = pkt->l4off + sizeof(struct udphdr);
	const struct sk_buff *skb = pkt->skb;
	unsigned int len = skb->len - off;
	const u8 *data;

	if (pkt->proto != IPPROTO_UDP || off >= skb->len)
		return -ENOMSG;
	if (skb_is_nonlinear(skb)) {
		start->pe_copy = kmalloc(len, GFP_ATOMIC | __GFP_NOWARN);
		if (!start->pe_copy)
			return -ENOMEM;
	}
	data = skb_header_pointer(skb, off, len, start->pe_copy);
	if (data && start->conf->pe->find(data, len, &start->pe))
		return 0;
	kfree(start->pe_copy);
	return -ENOMSG;
}

static u8 template_kind(bool mark, bool pe)
{
	if (pe)
		return mark ? LVS_KEY_TEMPLATE_MARK_PE : LVS_KEY_TEMPLATE_PE;
	return mark ? LVS_KEY_TEMPLATE_MARK : LVS_KEY_TEMPLATE;
}

static void template_key(const struct lvs_start *start, struct lvs_template_key *tk)
{
	const struct lvs_svc_key *svc = &start->svc->key;
	const struct lvs_pkt *pkt = start->pkt;
	union nf_inet_addr client = lvs_key_src(&pkt->key, pkt->af), net = {}, vip = lvs_key_dst(&pkt->key, pkt->af);
	__be16 dport = lvs_key_dport(&pkt->key, pkt->af), vport = 0;
	u8 proto = lvs_key_proto(&pkt->key, pkt->af);

	if (pkt->af == AF_INET6)
		ipv6_addr_prefix(&net.in6, &client.in6, start->conf->netmask);
	else
		net.ip = client.ip & (__force __be32)start->conf->netmask;

	if (svc->fwmark) {
		proto = IPPROTO_IP;
		vip = (union nf_inet_addr){ .ip = htonl(svc->fwmark) };
	} else if (dport == svc->port && dport != htons(LVS_FTP_PORT)) {
		/* a control and a data conn of FTP, and all ports of an any-port service, share a template */
		vport = dport;
	}
	lvs_key_fill(&tk->key, pkt->af, proto, template_kind(svc->fwmark, start->pe.len), &net, 0, &vip, vport);
	tk->pe = start->pe;
}

/* Whether a template may still send clients to its server; and that one is the one who speaks, if a server does. */
static bool template_valid(const struct lvs_start *start, const struct lvs_conn *tmpl)
{
	const struct lvs_dest *dest = tmpl->dest;

	if (!test_bit(LVS_DEST_AVAILABLE, &dest->state) || (start->server && start->server != dest))
		return false;
	return READ_ONCE(dest->weight) || !READ_ONCE(start->ln->knobs.expire_quiescent_template);
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

static struct lvs_conn *template_find(const struct lvs_start *start, struct lvs_template_key *tk)
{
	struct lvs_conn *tmpl = lvs_template_lookup(start->ln, start->pkt->af, tk);

	return tmpl && lvs_conn_usable(tmpl) ? tmpl : NULL;
}

/**
 * lvs_persist_bind - give a conn of a persistent service its server
 * @start: the packet
 * @cp: reserved conn whose lock is held, or a one-packet conn
 * @pick_and_bind: how a server is chosen for a client that has none, or the one that speaks is taken
 *
 * Context: RCU, BH off.
 * Return: as @pick_and_bind.
 */
int lvs_persist_bind(const struct lvs_start *start, struct lvs_conn *cp,
		     int (*pick_and_bind)(const struct lvs_start *start, struct lvs_conn *cp, __be16 dport))
{
	struct lvs_conn *tmpl, *found;
	struct lvs_template_key tk;
	int err;

	template_key(start, &tk);
	tmpl = template_find(start, &tk);
	if (tmpl && template_valid(start, tmpl))
		return bind_by_template(start, cp, tmpl);
	/* it makes room for a new one; conns under it keep what they have */
	if (tmpl && !lvs_conn_displace(start->ln, tmpl))
		return -EBUSY;

	tmpl = lvs_defense_reserve_template(start->ln, start->pkt->af, &tk, &found);
	if (IS_ERR(tmpl))
		return PTR_ERR(tmpl);
	if (!tmpl)
		/* another CPU's; if it came to nothing all begins again */
		return lvs_conn_usable(found) && template_valid(start, found) ? bind_by_template(start, cp, found) : -EAGAIN;

	tmpl->fwmark = lvs_start_mark(start);
	err = pick_and_bind(start, tmpl, lvs_key_dport(&tk.key, start->pkt->af));
	if (err) {
		lvs_conn_abandon(start->ln, tmpl);
		return err;
	}
	lvs_conn_publish(start->ln, tmpl, start->conf->timeout * HZ);
	return bind_by_template(start, cp, tmpl);
}
