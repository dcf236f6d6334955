// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: GUE and GRE
 *
 * What goes between the outer IP header and the packet (the GUE draft, variant 0; RFC 2784), and how checksums and
 * segmentation are left to the offloads. A GUE header has an option only for a packet whose own checksum is still to be
 * filled in: the receiver is told to do it (remote checksum).
 */
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip_vs.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/gre.h>
#include <net/gue.h>
#include <net/udp.h>

#include "encap.h"
#include "fwd.h"
#include "l3.h"

#define GUE_REMCSUM_LEN (GUE_LEN_PRIV + GUE_PLEN_REMCSUM)

static bool gue_csum(const struct lvs_tunnel *tun)
{
	return tun->flags & (IP_VS_TUNNEL_ENCAP_FLAG_CSUM | IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM);
}

static bool gue_remcsum(const struct lvs_tunnel *tun, const struct sk_buff *skb)
{
	return tun->flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM && skb->ip_summed == CHECKSUM_PARTIAL;
}

static unsigned int gue_len(const struct lvs_tunnel *tun, const struct sk_buff *skb)
{
	return sizeof(struct udphdr) + sizeof(struct guehdr) + (gue_remcsum(tun, skb) ? GUE_REMCSUM_LEN : 0);
}

static int gue_gso_types(const struct lvs_tunnel *tun, const struct sk_buff *skb)
{
	return (gue_csum(tun) ? SKB_GSO_UDP_TUNNEL_CSUM : SKB_GSO_UDP_TUNNEL) |
	       (gue_remcsum(tun, skb) ? SKB_GSO_TUNNEL_REMCSUM : 0);
}

/* The private flags and the option that they announce: where to begin summing, and where the sum goes. */
static bool gue_push_remcsum(struct sk_buff *skb, struct guehdr *gue)
{
	int start = skb_checksum_start_offset(skb) - (int)(sizeof(*gue) + GUE_REMCSUM_LEN);
	__be32 *pflags = (__be32 *)(gue + 1);
	__be16 *option = (__be16 *)(pflags + 1);

	if (start < 0)
		return false;
	gue->hlen = GUE_REMCSUM_LEN / 4;
	gue->flags = GUE_FLAG_PRIV;
	*pflags = GUE_PFLAG_REMCSUM;
	option[0] = htons(start);
	option[1] = htons(start + skb->csum_offset);
	if (!skb_is_gso(skb)) {
		skb->ip_summed = CHECKSUM_NONE;
		skb->encapsulation = 0;
	}
	return true;
}

static bool gue_push(struct net *net, struct sk_buff *skb, const struct lvs_egress *eg, struct lvs_outer *outer)
{
	/* one port for each flow, so that its packets take one way */
	__be16 source = udp_flow_src_port(net, skb, 0, 0, false);
	bool remcsum = gue_remcsum(&eg->tun, skb);
	struct guehdr *gue;
	struct udphdr *uh;

	gue = skb_push(skb, sizeof(*gue) + (remcsum ? GUE_REMCSUM_LEN : 0));
	memset(gue, 0, sizeof(*gue));
	gue->proto_ctype = outer->proto;
	if (remcsum && !gue_push_remcsum(skb, gue))
		return false;

	uh = skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = source;
	uh->dest = eg->tun.port;
	uh->len = htons(skb->len);
	lvs_l3(eg->af)->udp_check(skb, outer, !gue_csum(&eg->tun));
	outer->proto = IPPROTO_UDP;
	return true;
}

static bool gre_csum(const struct lvs_tunnel *tun)
{
	return tun->flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
}

static unsigned int gre_len(const struct lvs_tunnel *tun, const struct sk_buff *skb)
{
	return sizeof(struct gre_base_hdr) + (gre_csum(tun) ? sizeof(__be32) : 0);
}

static int gre_gso_types(const struct lvs_tunnel *tun, const struct sk_buff *skb)
{
	return gre_csum(tun) ? SKB_GSO_GRE_CSUM : SKB_GSO_GRE;
}

/* The checksum covers all behind the outer IP header. @gre is followed by it and by two reserved bytes. */
static void gre_check(struct sk_buff *skb, struct gre_base_hdr *gre)
{
	__sum16 *check = (__sum16 *)(gre + 1);

	memset(check, 0, sizeof(__be32));
	if (skb_is_gso(skb))
		return;		/* each segment gets its own */
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		*check = csum_fold(lco_csum(skb));
		return;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = sizeof(*gre);
}

static bool gre_push(struct net *net, struct sk_buff *skb, const struct lvs_egress *eg, struct lvs_outer *outer)
{
	struct gre_base_hdr *gre = skb_push(skb, gre_len(&eg->tun, skb));

	skb_reset_transport_header(skb);
	gre->flags = gre_csum(&eg->tun) ? GRE_CSUM : 0;
	gre->protocol = outer->proto == IPPROTO_IPIP ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb_set_inner_protocol(skb, gre->protocol);
	if (gre_csum(&eg->tun))
		gre_check(skb, gre);
	outer->proto = IPPROTO_GRE;
	return true;
}

static const struct lvs_encap_ops gue_ops = {
	.proto = IPPROTO_UDP,
	.ipxip = true,
	.len = gue_len,
	.gso_types = gue_gso_types,
	.push = gue_push,
};

static const struct lvs_encap_ops gre_ops = {
	.proto = IPPROTO_GRE,
	.len = gre_len,
	.gso_types = gre_gso_types,
	.push = gre_push,
};

static const struct lvs_encap_ops * const encaps[] = {
	[IP_VS_CONN_F_TUNNEL_TYPE_IPIP] = NULL,
	[IP_VS_CONN_F_TUNNEL_TYPE_GUE] = &gue_ops,
	[IP_VS_CONN_F_TUNNEL_TYPE_GRE] = &gre_ops,
};

/**
 * lvs_encap_known - is there such a kind of tunnel
 * @type: IP_VS_CONN_F_TUNNEL_TYPE_* value, or any other
 *
 * Context: any.
 * Return: true if there is.
 */
bool lvs_encap_known(u8 type)
{
	return type < ARRAY_SIZE(encaps);
}

/**
 * lvs_encap_find - the operations of a kind of tunnel
 * @type: IP_VS_CONN_F_TUNNEL_TYPE_* value
 *
 * Context: any.
 * Return: its operations, NULL for plain IP-in-IP.
 */
const struct lvs_encap_ops *lvs_encap_find(u8 type)
{
	return lvs_encap_known(type) ? encaps[type] : NULL;
}
