// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: expected conns
 *
 * What the two ends of a control conn agree on starts a conn before its first packet comes: with the same server, in LISTEN,
 * under the control conn, which does not end before it. No scheduler is asked, and no conn is counted in statistics.
 *
 * Where the server is to call, both tuples are known. Where the client is, its port is not: the conn is hashed with port 0,
 * IP_VS_CONN_F_NO_CPORT set. A packet that no conn is found for looks for one of those, if there are any in its family. What it
 * finds makes room for a conn with the packet's port and all else alike: tuples of hashed conns never change.
 */
#include <linux/err.h>
#include <linux/export.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "expected.h"

/* Virtual ports that are tried for a client's call: the client may have been told the first by another server. */
#define LVS_EXPECT_TRIES 16

/* Ports that no privilege is needed for. */
#define LVS_PORT_MIN 1024

static bool is_expected(const struct lvs_conn *cp)
{
	return cp->control && !lvs_conn_is_template(cp->control);
}

static bool same_client(const struct lvs_conn *a, const struct lvs_conn *b)
{
	union nf_inet_addr of_a = lvs_conn_caddr(a), of_b = lvs_conn_caddr(b);

	return nf_inet_addr_cmp(&of_a, &of_b);
}

/* An expected conn is told of once more: as if it were new. Returns false if it is just ending. */
static bool listen_again(struct lvs_net *ln, struct lvs_conn *cp)
{
	bool alive;

	spin_lock(&cp->lock);
	alive = cp->life == LVS_CONN_LIVE;
	if (alive)
		lvs_conn_update(ln, cp, LVS_TCP_LISTEN, READ_ONCE(ln->timeouts.tcp[LVS_TCP_LISTEN]),
				!(cp->flags & IP_VS_CONN_F_INACTIVE));
	spin_unlock(&cp->lock);
	return alive;
}

/* Binds a reserved conn, which is locked, to a server by NAT. Returns 0 or -errno. */
static int bind_expected(struct lvs_net *ln, struct lvs_conn *cp, struct lvs_dest *dest, __be16 dport,
			 struct lvs_conn *control)
{
	int err = lvs_conn_bind(ln, cp, dest, dport, 0);

	if (err)
		return err;
	/* the server may have been edited meanwhile */
	if (lvs_conn_fwd(cp) != IP_VS_CONN_F_MASQ)
		return -EOPNOTSUPP;
	/* a control conn that has just ended has no say any more */
	if (control)
		lvs_conn_control(cp, control);
	return 0;
}

/* Lets packets use it. */
static void publish_expected(struct lvs_net *ln, struct lvs_conn *cp)
{
	cp->tracked = true;
	WRITE_ONCE(cp->state, LVS_TCP_LISTEN);
	lvs_conn_publish(ln, cp, READ_ONCE(ln->timeouts.tcp[LVS_TCP_LISTEN]));
}

/*
 * Starts a conn under @control. Returns 0; -EEXIST with @found set if the client's tuple has one already, without it if the
 * server's has; or why there is none.
 */
static int expect(struct lvs_net *ln, struct lvs_conn *control, const union lvs_key *key, __be16 dport, u16 flags,
		  struct lvs_conn **found)
{
	struct lvs_conn *cp;
	int err;

	*found = NULL;
	cp = lvs_conn_reserve(ln, control->af, key, 2, found);
	if (IS_ERR_OR_NULL(cp))
		return cp ? PTR_ERR(cp) : -EEXIST;
	cp->fwmark = control->fwmark;
	cp->flags |= flags;
	if (flags & IP_VS_CONN_F_NO_CPORT)
		atomic_inc(&ln->n_no_cport[lvs_af_index(cp->af)]);
	err = bind_expected(ln, cp, control->dest, dport, control);
	if (err)
		lvs_conn_abandon(ln, cp);
	else
		publish_expected(ln, cp);
	return err;
}

/* The conn that waits for the client's call to that port of the server. */
static struct lvs_conn *waiting(struct lvs_net *ln, const struct lvs_conn *control, __be16 port)
{
	union nf_inet_addr client = lvs_conn_caddr(control);
	struct lvs_conn *cp;
	union lvs_key key;
	enum lvs_dir dir;

	lvs_key_fill(&key, control->af, IPPROTO_TCP, LVS_KEY_FLOW, lvs_dest_addr(control->dest), port, &client, 0);
	cp = lvs_conn_lookup(ln, control->af, &key, &dir);
	if (!cp || dir != LVS_DIR_REPLY || !lvs_conn_usable(cp) || !(READ_ONCE(cp->flags) & IP_VS_CONN_F_NO_CPORT))
		return NULL;
	return cp;
}

/* Both by the same virtual address and service. */
static bool same_way(const struct lvs_conn *cp, const struct lvs_conn *control)
{
	union nf_inet_addr a = lvs_conn_vaddr(cp), b = lvs_conn_vaddr(control);

	return cp->dest == control->dest && nf_inet_addr_cmp(&a, &b);
}

static __be16 next_port(__be16 port)
{
	return ntohs(port) == U16_MAX ? htons(LVS_PORT_MIN) : htons(ntohs(port) + 1);
}

/**
 * lvs_expect_client - a client is to call its server at a port that the server has told it
 * @ln: namespace
 * @control: conn in which the server told it, bound by NAT, TCP
 * @port: the server's port, network byte order
 * @vport: set to the port of the virtual address that leads there
 *
 * @vport is @port, unless another server has told this client the same, or is told it anew. It is set also if the server
 * is no longer behind NAT (-EOPNOTSUPP). A call by way of another virtual address or service that the server has not got
 * is not waited for any more: the port has been given away. Context: RCU, BH off, no conn locked.
 * Return: 0; or -EEXIST, -EBUSY, -EDQUOT, -ENOENT, -ENOMEM, -EOPNOTSUPP.
 */
int lvs_expect_client(struct lvs_net *ln, struct lvs_conn *control, __be16 port, __be16 *vport)
{
	union nf_inet_addr client = lvs_conn_caddr(control), vaddr = lvs_conn_vaddr(control);
	struct lvs_conn *cp = waiting(ln, control, port), *found;
	int tries, err = -EEXIST;
	union lvs_key key;

	*vport = port;
	if (cp && same_way(cp, control)) {
		if (listen_again(ln, cp)) {
			*vport = lvs_conn_vport(cp);
			return 0;
		}
	} else if (cp && !lvs_conn_displace(ln, cp)) {
		return -EBUSY;
	}
	for (tries = 0; tries < LVS_EXPECT_TRIES; tries++) {
		lvs_key_fill(&key, control->af, IPPROTO_TCP, LVS_KEY_FLOW, &client, 0, &vaddr, *vport);
		err = expect(ln, control, &key, port, IP_VS_CONN_F_NO_CPORT, &found);
		if (err != -EEXIST || !found)
			break;
		*vport = next_port(*vport);
	}
	return err;
}
EXPORT_SYMBOL_GPL(lvs_expect_client);

/**
 * lvs_expect_server - a server is to call its client at an address that the client has told it
 * @ln: namespace
 * @control: conn in which the client told it, bound by NAT, TCP
 * @addr: the client's address
 * @port: its port, network byte order
 *
 * The server calls from the port below that of the control conn. Context: RCU, BH off, no conn locked.
 * Return: 0; -EEXIST: the flow belongs to a conn of another kind or client; or -EBUSY, -EDQUOT, -ENOENT, -ENOMEM,
 * -EOPNOTSUPP.
 */
int lvs_expect_server(struct lvs_net *ln, struct lvs_conn *control, const union nf_inet_addr *addr, __be16 port)
{
	__be16 dport = htons(ntohs(control->dport) - 1), vport = htons(ntohs(lvs_conn_vport(control)) - 1);
	union nf_inet_addr vaddr = lvs_conn_vaddr(control);
	struct lvs_conn *found;
	union lvs_key key;
	int err;

	lvs_key_fill(&key, control->af, IPPROTO_TCP, LVS_KEY_FLOW, addr, port, &vaddr, vport);
	err = expect(ln, control, &key, dport, 0, &found);
	if (err != -EEXIST || !found || !lvs_conn_usable(found) || !is_expected(found))
		return err;
	if (found->dest == control->dest && found->dport == dport && listen_again(ln, found))
		return 0;
	/* the client has another server now; what another client has begun is not for this one to end */
	if (!same_client(found->control, control))
		return -EEXIST;
	return lvs_conn_displace(ln, found) ? expect(ln, control, &key, dport, 0, &found) : -EBUSY;
}
EXPORT_SYMBOL_GPL(lvs_expect_server);

/* Puts a conn of the tuple @key in the place of @old, which waits for any port. */
static struct lvs_conn *take_over(struct lvs_net *ln, struct lvs_conn *old, const union lvs_key *key)
{
	struct lvs_conn *cp, *found;
	int err;

	cp = lvs_conn_reserve(ln, old->af, key, 2, &found);
	if (IS_ERR(cp))
		return cp;
	if (!cp)
		return ERR_PTR(-EAGAIN);
	cp->fwmark = old->fwmark;
	err = bind_expected(ln, cp, old->dest, old->dport, old->control);
	/* of several calls one gets it */
	if (!err && !lvs_conn_succeed(ln, old))
		err = -EAGAIN;
	if (err) {
		lvs_conn_abandon(ln, cp);
		return ERR_PTR(err);
	}
	publish_expected(ln, cp);
	return cp;
}

/**
 * lvs_expected_meet - a client's call comes that no conn was found for
 * @ln: namespace
 * @af: family
 * @key: its tuple, TCP
 *
 * Context: RCU, BH off, no conn locked.
 * Return: the conn that it was expected for; NULL: it was not; or ERR_PTR(-EAGAIN): another packet was faster,
 * ERR_PTR(-EDQUOT, -ENOMEM, -EEXIST ...).
 */
struct lvs_conn *lvs_expected_meet(struct lvs_net *ln, u8 af, const union lvs_key *key)
{
	union lvs_key any = *key;
	struct lvs_conn *old;
	enum lvs_dir dir;

	if (af == AF_INET)
		any.v4.sport = 0;
	else
		any.v6.sport = 0;
	old = lvs_conn_lookup(ln, af, &any, &dir);
	if (!old || dir != LVS_DIR_REQUEST || !lvs_conn_usable(old) || !(READ_ONCE(old->flags) & IP_VS_CONN_F_NO_CPORT))
		return NULL;
	return take_over(ln, old, key);
}
