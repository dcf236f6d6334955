// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: data conns of FTP
 *
 *	active		the client tells the server an address of its own in PORT or EPRT, and the server calls it from the port
 *			below that of its control conn. Nothing is changed in the packet.
 *	passive		the client asks by PASV or EPSV, and the server tells it where to call, in a reply 227 or 229. The
 *			client gets to read the virtual address, and a port of it that leads to the server's.
 *
 * A data conn goes to the server that its control conn goes to, and to no other address that the server may name: what it
 * names is often the virtual address itself, or one by which others reach it.
 *
 * What the client has asked for last is noted on the conn and stays there: a reply that is sent again is changed again.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_nat_helper.h>

#include "../companion/expected.h"
#include "../companion/helper.h"
#include "../conn/conn.h"
#include "../ct/track.h"
#include "../net.h"
#include "../packet.h"
#include "ftp.h"
#include "ftp_parse.h"

static void note(struct lvs_conn *cp, enum lvs_ftp_word word)
{
	if (READ_ONCE(cp->helped) != LVS_HELPED + word)
		WRITE_ONCE(cp->helped, LVS_HELPED + word);
}

static enum lvs_ftp_word noted(const struct lvs_conn *cp)
{
	return READ_ONCE(cp->helped) - LVS_HELPED;
}

/* Sets @off and @len to where the packet's payload is. Returns false if it has none. */
static bool payload_find(const struct lvs_pkt *pkt, unsigned int *off, unsigned int *len)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(pkt->skb, pkt->l4off, sizeof(buf), &buf);
	if (!th || th->doff * 4 < sizeof(*th))
		return false;
	*off = pkt->l4off + th->doff * 4;
	if (*off >= pkt->skb->len)
		return false;
	*len = pkt->skb->len - *off;
	return true;
}

/* A packet that is corrupt must not be read, nor made whole. What this host sends has no checksum yet. */
static bool is_intact(const struct lvs_pkt *pkt)
{
	return pkt->hook == NF_INET_LOCAL_OUT ||
	       !nf_checksum(pkt->skb, pkt->hook, pkt->l4off, IPPROTO_TCP, pkt->af);
}

/**
 * lvs_ftp_request - read a client's packet
 * @ln: namespace
 * @pkt: packet of a control conn
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if it must be dropped, for its sender to send it again.
 */
bool lvs_ftp_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	struct lvs_ftp_place place;
	enum lvs_ftp_word word;
	unsigned int off, len;
	int err;

	if (!is_intact(pkt))
		return false;
	if (READ_ONCE(cp->state) != LVS_TCP_ESTABLISHED || !payload_find(pkt, &off, &len))
		return true;
	if (!pskb_may_pull(pkt->skb, pkt->skb->len))
		return false;
	word = lvs_ftp_command(pkt->skb->data + off, len, pkt->af, &place);
	switch (word) {
	case LVS_FTP_PASV:
	case LVS_FTP_EPSV:
		note(cp, word);
		return true;
	case LVS_FTP_PORT:
	case LVS_FTP_EPRT:
		note(cp, LVS_FTP_NONE);
		err = lvs_expect_server(ln, cp, &place.addr, place.port);
		/* a tuple that is another's will be so later, too */
		return !err || err == -EEXIST || err == -EOPNOTSUPP;
	default:
		return true;
	}
}

/* Writes a text over that at @place. Returns false if that cannot be done. */
static bool change(struct lvs_pkt *pkt, const struct lvs_ftp_place *place, const char *text, unsigned int len)
{
	unsigned int old = place->end - place->start;
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(pkt->skb, &ctinfo);

	if (!ct || (len != old && !nfct_seqadj(ct)))
		return false;
	return nf_nat_mangle_tcp_packet(pkt->skb, ct, ctinfo, pkt->l4off, place->start, old, text, len);
}

/**
 * lvs_ftp_reply - read a server's packet, and change it if it tells the client where to call
 * @ln: namespace
 * @pkt: packet of a control conn
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if it must be dropped, for its sender to send it again.
 */
bool lvs_ftp_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	enum lvs_ftp_word asked = noted(cp);
	struct sk_buff *skb = pkt->skb;
	struct lvs_ftp_place place;
	char text[LVS_FTP_TEXT];
	union nf_inet_addr vaddr;
	unsigned int off, len;
	__be16 vport;
	int err;

	if (!is_intact(pkt))
		return false;
	if (!asked || READ_ONCE(cp->state) != LVS_TCP_ESTABLISHED || !payload_find(pkt, &off, &len))
		return true;
	if (!pskb_may_pull(skb, skb->len))
		return false;
	if (!lvs_ftp_answer(skb->data + off, len, asked, pkt->af, &place))
		return true;
	err = lvs_expect_client(ln, cp, place.port, &vport);
	/* a server that is no longer behind NAT will not be so later: the client is told, and finds nobody waiting */
	if (err && err != -EOPNOTSUPP)
		return false;

	vaddr = lvs_conn_vaddr(cp);
	if (!change(pkt, &place, text, lvs_ftp_write(text, asked, &vaddr, vport)))
		return false;
	if (!err)
		lvs_track_expect(pkt, cp, vport);
	return true;
}
