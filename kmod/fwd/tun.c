// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: tunnels
 *
 * The packet is put whole into an outer IP packet to the server: both families in both, directly (RFC 2003, RFC 2473,
 * RFC 4213) or behind another header (fwd/encap.c). Replies do not come back here.
 */
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/inet_sock.h>
#include <net/ip_tunnels.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "encap.h"
#include "methods.h"
#include "xmit.h"

/* A sender on this host learns the MTU at once, and not by an ICMP error for its first long packet. */
static void tell_local_sender(struct lvs_pkt *pkt, unsigned int mtu)
{
	struct dst_entry *dst = skb_dst(pkt->skb);
	struct sock *sk = skb_to_full_sk(pkt->skb);

	/* by the socket and not by the packet, which has no device yet */
	if (pkt->hook == NF_INET_LOCAL_OUT && sk && dst_mtu(dst) > mtu && dst->ops->update_pmtu)
		dst->ops->update_pmtu(dst, sk, NULL, mtu, false);
}

/* Bytes that fit into the tunnel; 0 if the path is too narrow for it. */
static unsigned int tunnel_mtu(const struct lvs_pkt *pkt, const struct lvs_egress *eg, const struct lvs_l3_ops *outer)
{
	unsigned int mtu = dst_mtu(eg->dst), len = outer->hlen + lvs_encap_len(eg, pkt->skb);

	if (mtu < len + outer->min_mtu)
		return 0;
	/* no path of IPv6 is narrower than this; what does not fit is fragmented outside */
	return max_t(unsigned int, mtu - len, lvs_l3(pkt->af)->min_mtu);
}

static enum lvs_outcome tun_admit(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_egress *eg,
				  const struct lvs_l3_ops *outer)
{
	unsigned int mtu = tunnel_mtu(pkt, eg, outer);

	if (!mtu)
		return LVS_DROP_MTU_TOO_SMALL;
	tell_local_sender(pkt, mtu);
	if (pkt->af == AF_INET && !READ_ONCE(ln->knobs.pmtu_disc))
		mtu = UINT_MAX;
	return lvs_xmit_admit(ln, pkt, mtu);
}

/* The packet's headers become the inner ones, for checksum and segmentation offloads. */
static int tun_inner_headers(const struct lvs_pkt *pkt, u8 inner_proto, const struct lvs_egress *eg)
{
	int err, gso_types = eg->af == AF_INET ? SKB_GSO_IPXIP4 : SKB_GSO_IPXIP6;
	struct sk_buff *skb = pkt->skb;

	if (unlikely(eg->encap && pkt->proto == IPPROTO_SCTP)) {
		err = lvs_sctp_fill(skb, pkt->l4off);
		if (err)
			return err;
	}
	if (unlikely(eg->encap))
		gso_types = (eg->encap->ipxip ? gso_types : 0) | eg->encap->gso_types(&eg->tun, skb);
	skb_set_transport_header(skb, pkt->l4off);
	err = iptunnel_handle_offloads(skb, gso_types);
	if (err)
		return err;
	skb_set_inner_ipproto(skb, inner_proto);
	/* there is no link layer header inside */
	skb_set_inner_mac_header(skb, skb_inner_network_offset(skb));
	skb->transport_header = skb->network_header;
	return 0;
}

/**
 * lvs_tun_push - put a packet into an outer one
 * @ln: namespace
 * @pkt: packet that has taken its hop; its head is writable and has room
 * @dest: the server
 * @eg: the way to it, for IP_VS_CONN_F_TUNNEL
 *
 * Length and checksum of the outer header are still to be filled in.
 * Context: softirq or BH off, RCU.
 * Return: false if there is no memory for it; the packet is to be dropped then.
 */
bool lvs_tun_push(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_dest *dest,
		  const struct lvs_egress *eg)
{
	struct lvs_outer outer = {
		.saddr = &eg->saddr,
		.daddr = &dest->key.addr,
	};

	lvs_l3(pkt->af)->inner(pkt->skb, &outer);
	if (!READ_ONCE(ln->knobs.pmtu_disc))
		outer.df = 0;
	if (unlikely(tun_inner_headers(pkt, outer.proto, eg)))
		return false;
	if (unlikely(eg->encap) && !eg->encap->push(ln->net, pkt->skb, eg, &outer))
		return false;
	lvs_l3(dest->key.af)->push_outer(ln->net, pkt->skb, &outer);
	return true;
}

static enum lvs_outcome tun_encap(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_dest *dest,
				  const struct lvs_egress *eg)
{
	const struct lvs_l3_ops *l3 = lvs_l3(dest->key.af);
	struct sk_buff *skb = pkt->skb;
	unsigned int room = LL_RESERVED_SPACE(dst_dev(eg->dst)) + eg->dst->header_len + l3->hlen;
	enum lvs_outcome outcome;

	if (unlikely(skb_cow_head(skb, room + lvs_encap_len(eg, skb))))
		return LVS_DROP_NO_MEMORY;
	outcome = lvs_xmit_hop(pkt);
	if (outcome != LVS_FORWARDED)
		return outcome;

	/* what was let through though it has to leave in pieces needs a number that the pieces have in common */
	if (unlikely(skb->len + l3->hlen + lvs_encap_len(eg, skb) > dst_mtu(eg->dst) && !skb_is_gso(skb)))
		skb->ignore_df = 1;
	if (unlikely(!lvs_tun_push(ln, pkt, dest, eg)))
		return LVS_DROP_NO_MEMORY;

	lvs_xmit_prepare(pkt, eg);
	nf_reset_ct(skb);
	l3->local_out(ln->net, skb);
	return LVS_FORWARDED;
}

static enum lvs_outcome tun_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_dest *dest = cp->dest;
	const struct lvs_egress *eg;
	enum lvs_outcome outcome;

	outcome = lvs_xmit_route(ln, pkt, cp->dest, IP_VS_CONN_F_TUNNEL, &eg);
	if (outcome == LVS_DELIVERED)
		return lvs_xmit_deliver(pkt);
	if (outcome == LVS_FORWARDED)
		outcome = tun_admit(ln, pkt, eg, lvs_l3(dest->key.af));
	return outcome == LVS_FORWARDED ? tun_encap(ln, pkt, dest, eg) : outcome;
}

const struct lvs_fwd_ops lvs_fwd_tun = {
	.name = "Tunnel",
	.request = tun_request,
	.icmp_request = tun_request,
};
