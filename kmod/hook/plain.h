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
#include "../fwd/fast_out.h"
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
static __always_inline u8 lvs_plain_l3(union lvs_key *key, const struct sk_buff *skb, u8 af)
{
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;

	if (af == AF_INET) {
		iph = fast_iph(skb);
		if (unlikely(iph->ihl != 5 || iph->frag_off & htons(IP_MF | IP_OFFSET) || iph->ttl <= 1))
			return 0;
		key->v4.words[0] = get_unaligned((const u64 *)&iph->saddr);
		return iph->protocol;
	}
	ip6h = fast_ip6h(skb);
	/* what has no length is longer than the field can say */
	if (unlikely(ip6h->hop_limit <= 1 || !ip6h->payload_len))
		return 0;
	/* one by one: what is only ever used as words need not be in memory */
	key->v6.words[0] = get_unaligned((const u64 *)&ip6h->saddr);
	key->v6.words[1] = get_unaligned((const u64 *)&ip6h->saddr + 1);
	key->v6.words[2] = get_unaligned((const u64 *)&ip6h->daddr);
	key->v6.words[3] = get_unaligned((const u64 *)&ip6h->daddr + 1);
	return ip6h->nexthdr;
}

/* The ports, and for TCP whether exactly these flags are set, of four. The network header may move. */
static __always_inline bool lvs_plain_ports(union lvs_key *key, struct sk_buff *skb, u8 proto, u8 af, __be32 flags)
{
	unsigned int off = af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	const struct tcphdr *th;
	u64 ports;

	if (unlikely(!pskb_may_pull(skb, off + (proto == IPPROTO_TCP ? sizeof(*th) : sizeof(struct udphdr)))))
		return false;
	th = (const struct tcphdr *)(skb->data + off);
	if (proto == IPPROTO_TCP &&
	    unlikely((tcp_flag_word(th) & (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST | TCP_FLAG_ACK)) != flags ||
		     th->doff < sizeof(*th) / 4))
		return false;
	/* in the same place for both */
	ports = lvs_key_flow_word(get_unaligned((const __be32 *)&th->source), proto);
	if (af == AF_INET)
		key->v4.words[1] = ports;
	else
		key->v6.words[4] = ports;
	return true;
}

/* The same of a packet that changes nothing. */
static __always_inline bool lvs_plain_l4(union lvs_key *key, struct sk_buff *skb, u8 proto, u8 af)
{
	return lvs_plain_ports(key, skb, proto, af, TCP_FLAG_ACK);
}

/* Is an address of the packet a virtual one, may its source be a server's? */
static __always_inline bool lvs_plain_vip(const struct lvs_net *ln, const struct sk_buff *skb, enum lvs_side side, u8 af)
{
	union nf_inet_addr addr = {};

	if (af == AF_INET)
		addr.ip = side == LVS_DST ? fast_iph(skb)->daddr : fast_iph(skb)->saddr;
	else
		addr.in6 = side == LVS_DST ? fast_ip6h(skb)->daddr : fast_ip6h(skb)->saddr;
	return lvs_filter_vip(ln->filter, &addr);
}

static __always_inline bool lvs_plain_server(const struct lvs_net *ln, const struct sk_buff *skb, u8 af)
{
	union nf_inet_addr addr = {};

	if (af == AF_INET)
		addr.ip = fast_iph(skb)->saddr;
	else
		addr.in6 = fast_ip6h(skb)->saddr;
	return lvs_filter_server(ln->filter, &addr);
}

/* Whether a packet with ports that passes this host is of no concern to lvs, as it is not from a VIP. @server: from a server. */
static __always_inline bool lvs_plain_foreign(const struct lvs_net *ln, const struct sk_buff *skb, bool server, u8 af)
{
	u8 proto = af == AF_INET ? fast_iph(skb)->protocol : fast_ip6h(skb)->nexthdr;

	return (proto == IPPROTO_TCP || proto == IPPROTO_UDP) && !server && !lvs_plain_vip(ln, skb, LVS_SRC, af);
}

/* Fields of a conn that stand side by side and are read at once. */
union lvs_conn_word {
	struct {
		u16 flags;
		u8 life;
		u8 state;
	};
	u32 word;
};

static_assert(offsetof(struct lvs_conn, flags) % sizeof(u32) == 0);
static_assert(offsetof(struct lvs_conn, life) - offsetof(struct lvs_conn, flags) == offsetof(union lvs_conn_word, life));
static_assert(offsetof(struct lvs_conn, state) - offsetof(struct lvs_conn, flags) == offsetof(union lvs_conn_word, state));

static __always_inline union lvs_conn_word lvs_conn_word(const struct lvs_conn *cp)
{
	/* pairs with lvs_conn_publish() */
	return (union lvs_conn_word){ .word = smp_load_acquire((const u32 *)&cp->flags) };
}

#define LVS_CONN_WORD(life_, state_) (((const union lvs_conn_word){ { .life = life_, .state = state_ } }).word)

/* The conn is in its usual state, and this packet keeps it there. */
static __always_inline bool lvs_conn_steady(const struct lvs_net *ln, const struct lvs_conn *cp, union lvs_conn_word w,
					    u8 proto, enum lvs_dir dir)
{
	if (proto == IPPROTO_TCP) {
		if (unlikely((w.word & LVS_CONN_WORD(0xff, 0xff)) != LVS_CONN_WORD(LVS_CONN_LIVE, LVS_TCP_ESTABLISHED) ||
			     READ_ONCE(cp->timeout) != READ_ONCE(ln->timeouts.tcp[LVS_TCP_ESTABLISHED])))
			return false;
		if (dir == LVS_DIR_REPLY && unlikely(w.flags & IP_VS_CONN_F_NOOUTPUT))
			return false;
	} else if (unlikely(w.life != LVS_CONN_LIVE || READ_ONCE(cp->timeout) != READ_ONCE(ln->timeouts.udp))) {
		return false;
	}
	return likely(test_bit(LVS_DEST_AVAILABLE, &cp->dest->state));
}

#endif
