/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOOK_PLAIN_H
#define _LVS_HOOK_PLAIN_H

#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../conn/lookup.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../packet.h"
#include "../proto/proto.h"
#include "../service/filter.h"

/* What is plain about a packet and its conn, so that it can be forwarded without any more questions. */

/* Kernels that clear all variables would clear this one for every packet. */
#if __has_attribute(__uninitialized__)
#define LVS_UNINITIALIZED __attribute__((__uninitialized__))
#else
#define LVS_UNINITIALIZED
#endif

#ifdef CONFIG_NETWORK_SECMARK
static inline bool lvs_secmark(const struct sk_buff *skb)
{
	return skb->secmark;
}
#else
static inline bool lvs_secmark(const struct sk_buff *skb)
{
	return false;
}
#endif

/* A packet that came in from a plain device and has nothing to it that later stages would look at, as far as it has come. */
static __always_inline bool lvs_skb_plain(struct sk_buff *skb, u8 af)
{
	if (unlikely(skb->pkt_type != PACKET_HOST || skb->ipvs_property || skb->sk || skb_has_extensions(skb) ||
		     lvs_secmark(skb) || skb->encapsulation || skb_vlan_tag_present(skb)))
		return false;
	if (unlikely(skb->dev->priv_flags & (IFF_L3MDEV_MASTER | IFF_L3MDEV_SLAVE)))
		return false;
	/* a list of packets, each with headers of its own; or one that must not be forwarded */
	if (unlikely(skb_is_gso(skb) &&
		     (skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST || !skb_shinfo(skb)->gso_type)))
		return false;
	return af == AF_INET ? !IPCB(skb)->frag_max_size : !IP6CB(skb)->frag_max_size;
}

/* The network header. The IP layer has found its length and checksum right, and all of it in the linear part. */
static __always_inline bool lvs_plain_l3(struct lvs_pkt *pkt, const struct sk_buff *skb, u8 af)
{
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;

	if (af == AF_INET) {
		iph = ip_hdr(skb);
		if (unlikely(iph->ihl != 5 || iph->frag_off & htons(IP_MF | IP_OFFSET) || iph->ttl <= 1))
			return false;
		pkt->proto = iph->protocol;
		pkt->l4off = sizeof(*iph);
		pkt->key.v4.words[0] = get_unaligned((const u64 *)&iph->saddr);
	} else {
		ip6h = ipv6_hdr(skb);
		/* what has no length is longer than the field can say */
		if (unlikely(ip6h->hop_limit <= 1 || !ip6h->payload_len))
			return false;
		pkt->proto = ip6h->nexthdr;
		pkt->l4off = sizeof(*ip6h);
		pkt->key.v6.src = ip6h->saddr;
		pkt->key.v6.dst = ip6h->daddr;
	}
	return pkt->proto == IPPROTO_TCP || pkt->proto == IPPROTO_UDP;
}

/* The ports, and for TCP whether the segment is one that changes nothing. The network header may move. */
static __always_inline bool lvs_plain_l4(struct lvs_pkt *pkt, struct sk_buff *skb, u8 af)
{
	const struct tcphdr *th;
	unsigned int len = sizeof(struct udphdr);
	u64 ports;

	if (pkt->proto == IPPROTO_TCP)
		len = sizeof(*th);
	if (unlikely(!pskb_may_pull(skb, pkt->l4off + len)))
		return false;
	th = (const struct tcphdr *)(skb->data + pkt->l4off);
	if (pkt->proto == IPPROTO_TCP &&
	    unlikely((tcp_flag_word(th) & (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_ACK)) != TCP_FLAG_ACK ||
		     th->doff < sizeof(*th) / 4))
		return false;
	/* in the same place for both */
	ports = lvs_key_flow_word(get_unaligned((const __be32 *)&th->source), pkt->proto);
	if (af == AF_INET)
		pkt->key.v4.words[1] = ports;
	else
		pkt->key.v6.words[4] = ports;
	return true;
}

/* The conn is in its usual state, and this packet keeps it there. */
static __always_inline bool lvs_conn_steady(const struct lvs_net *ln, const struct lvs_conn *cp, u8 proto, enum lvs_dir dir)
{
	/* pairs with lvs_conn_publish() */
	if (unlikely(smp_load_acquire(&cp->life) != LVS_CONN_LIVE))
		return false;
	if (unlikely(!test_bit(LVS_DEST_AVAILABLE, &cp->dest->state)))
		return false;
	if (proto == IPPROTO_UDP)
		return READ_ONCE(cp->timeout) == READ_ONCE(ln->timeouts.udp);
	if (dir == LVS_DIR_REPLY && unlikely(READ_ONCE(cp->flags) & IP_VS_CONN_F_NOOUTPUT))
		return false;
	return READ_ONCE(cp->state) == LVS_TCP_ESTABLISHED &&
	       READ_ONCE(cp->timeout) == READ_ONCE(ln->timeouts.tcp[LVS_TCP_ESTABLISHED]);
}

#endif
