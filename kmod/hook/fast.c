// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: fast path
 *
 * Packets of established conns are forwarded at PRE_ROUTING, straight to the next hop. It only ever takes what is plain: a
 * packet without anything unusual, of a conn that the slow path has made and whose state it does not change, on a way
 * that is known and valid. Any doubt leaves the packet, untouched, to the stack and the slow path.
 *
 * A packet forwarded here is not seen by hooks that come later. So (net.ipv4.vs.fast_path = 1) nothing is taken while
 * anybody else has a hook there. The kernel tells nobody about hooks that come and go; therefore each packet looks at
 * the lists themselves, which are immutable under RCU: a list is clean if it holds our own hook and nothing else, but for
 * that of nf_defrag_ipv6 while we have asked for it, and AppArmor's. A hook that was registered a grace period ago is
 * seen by all packets.
 *
 * What input routing has decided (the VIP is local, the client's address is not, rp_filter) is taken from the packets that
 * went before, as long as they came in on the same device and struct lvs_net::epoch stands.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kallsyms.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../conn/lookup.h"
#include "../dest/dest.h"
#include "../fwd/fast.h"
#include "../net.h"
#include "../packet.h"
#include "../proto/proto.h"
#include "../service/filter.h"
#include "../test/latch.h"
#include "fast.h"
#include "hook.h"

/* ---- other people's hooks -------------------------------------------------------------------------------------- */

static __always_inline const struct nf_hook_entries *hook_list(const struct lvs_net *ln, u8 af, unsigned int hook)
{
	return af == AF_INET ? rcu_dereference(ln->net->nf.hooks_ipv4[hook]) :
			       rcu_dereference(ln->net->nf.hooks_ipv6[hook]);
}

/* Whether the last entry of a list is @fn: a namespace's lists have it for this namespace only. */
static __always_inline bool ends_with(const struct nf_hook_entries *list, nf_hookfn *fn)
{
	return list->hooks[list->num_hook_entries - 1].hook == fn;
}

/* Hooks that a packet would meet after ours. */
static __always_inline bool pre_routing_clean(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = hook_list(ln, af, NF_INET_PRE_ROUTING);

	return list && ends_with(list, af == AF_INET ? lvs_fast_hook4 : lvs_fast_hook6);
}

static __always_inline bool list_clean(const struct lvs_net *ln, u8 af, unsigned int hook)
{
	const struct nf_hook_entries *list = hook_list(ln, af, hook);

	if (!list)
		return true;
	if (likely(list->num_hook_entries == 1))
		return list->hooks[0].hook == lvs_slow_hook;
	/* nf_defrag_ipv6 has one hook at LOCAL_OUT, before ours */
	return hook == NF_INET_LOCAL_OUT && af == AF_INET6 && list->num_hook_entries == 2 && READ_ONCE(ln->defrag6) &&
	       ends_with(list, lvs_slow_hook);
}

/*
 * The one hook that we know to do nothing to packets that neither carry a security mark nor belong to a socket: AppArmor's
 * at POST_ROUTING, which is in each namespace wherever AppArmor is on. It is no symbol that a module could refer to, so it
 * is known by its name, and from then on by its address.
 */
static nf_hookfn *apparmor_hook __read_mostly;

/**
 * lvs_fast_prepare - get to know the hooks of a namespace
 * @ln: namespace
 * @af: family whose hooks are to be registered
 *
 * Context: process, config lock.
 */
void lvs_fast_prepare(struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list;
	char name[KSYM_SYMBOL_LEN];
	int i;

	rcu_read_lock();
	list = hook_list(ln, af, NF_INET_POST_ROUTING);
	for (i = 0; list && i < list->num_hook_entries; i++) {
		sprint_symbol_no_offset(name, (unsigned long)list->hooks[i].hook);
		if (!strcmp(name, "apparmor_ip_postroute"))
			WRITE_ONCE(apparmor_hook, list->hooks[i].hook);
	}
	rcu_read_unlock();
}

static __always_inline bool post_routing_clean(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = hook_list(ln, af, NF_INET_POST_ROUTING);

	return !list || (list->num_hook_entries == 1 && list->hooks[0].hook == READ_ONCE(apparmor_hook));
}

/* For both directions. */
static __always_inline bool ends_clean(const struct lvs_net *ln, u8 af)
{
	return pre_routing_clean(ln, af) && post_routing_clean(ln, af);
}

/* A tunnel of the other family. */
static noinline bool outer_clean(const struct lvs_net *ln, u8 af)
{
	return list_clean(ln, af, NF_INET_LOCAL_OUT) && post_routing_clean(ln, af);
}

static __always_inline bool request_clean(const struct lvs_net *ln, u8 af, const struct lvs_conn *cp)
{
	u8 out = cp->dest->key.af;

	if (!list_clean(ln, af, NF_INET_LOCAL_IN))
		return false;
	return likely(out == af) ? list_clean(ln, af, NF_INET_LOCAL_OUT) : outer_clean(ln, out);
}

/* ---- plain packets --------------------------------------------------------------------------------------------- */

#ifdef CONFIG_NETWORK_SECMARK
static bool secmark(const struct sk_buff *skb)
{
	return skb->secmark;
}
#else
static bool secmark(const struct sk_buff *skb)
{
	return false;
}
#endif

/* A packet that came in from a plain device and has nothing to it that later stages would look at. */
static __always_inline bool skb_plain(struct sk_buff *skb, u8 af)
{
	if (unlikely(skb->pkt_type != PACKET_HOST || skb->ipvs_property || skb->sk || skb->_skb_refdst ||
		     skb_has_extensions(skb) || secmark(skb) || skb->encapsulation || skb_vlan_tag_present(skb)))
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
static __always_inline bool parse_l3(struct lvs_pkt *pkt, const struct sk_buff *skb, u8 af)
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
static __always_inline bool parse_l4(struct lvs_pkt *pkt, struct sk_buff *skb, u8 af)
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

static __always_inline bool concerns(const struct lvs_net *ln, const struct lvs_pkt *pkt, u8 af)
{
	union nf_inet_addr dst = lvs_key_dst(&pkt->key, af), src;

	if (lvs_filter_vip(ln->filter, &dst))
		return true;
	src = lvs_key_src(&pkt->key, af);
	return lvs_filter_server(ln->filter, &src);
}

/* ---- conns ----------------------------------------------------------------------------------------------------- */

/* The conn is in its usual state, and this packet keeps it there. */
static __always_inline bool conn_steady(const struct lvs_net *ln, const struct lvs_conn *cp, u8 proto, enum lvs_dir dir)
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

/* Kernels that clear all variables would clear this one for every packet. */
#if __has_attribute(__uninitialized__)
#define LVS_UNINITIALIZED __attribute__((__uninitialized__))
#else
#define LVS_UNINITIALIZED
#endif

static noinline unsigned int odd_verdict(struct lvs_net *ln, const struct lvs_pkt *pkt, enum lvs_outcome outcome)
{
	if (outcome == LVS_PASSED)
		return NF_ACCEPT;
	this_cpu_inc(ln->outcomes->in);
	return lvs_outcome_verdict(ln, pkt, outcome);
}

static __always_inline unsigned int fast_packet(struct lvs_net *ln, struct sk_buff *skb, u8 af)
{
	int mode = READ_ONCE(ln->knobs.fast_path);
	enum lvs_outcome outcome;
	struct lvs_conn *cp;
	struct lvs_pkt pkt LVS_UNINITIALIZED;
	enum lvs_dir dir;

	if (unlikely(!mode) || !parse_l3(&pkt, skb, af) || !concerns(ln, &pkt, af))
		return NF_ACCEPT;
	if (unlikely(!skb_plain(skb, af)) || (mode == 1 && !ends_clean(ln, af)))
		return NF_ACCEPT;
	if (unlikely(!parse_l4(&pkt, skb, af)))
		return NF_ACCEPT;
	cp = af == AF_INET ? lvs_conn_lookup4(ln, &pkt.key.v4, &dir) : lvs_conn_lookup6(ln, &pkt.key.v6, &dir);
	if (!cp || unlikely(!conn_steady(ln, cp, pkt.proto, dir)))
		return NF_ACCEPT;

	lvs_latch(found);
	pkt.skb = skb;
	pkt.af = af;
	pkt.hook = NF_INET_PRE_ROUTING;
	pkt.flags = 0;
	if (dir == LVS_DIR_REQUEST) {
		if (mode == 1 && !request_clean(ln, af, cp))
			return NF_ACCEPT;
		if (unlikely(READ_ONCE(cp->seen) != lvs_seen(READ_ONCE(ln->epoch), skb->dev)))
			return NF_ACCEPT;
		outcome = af == AF_INET ? lvs_fast_request4(ln, &pkt, cp) : lvs_fast_request6(ln, &pkt, cp);
	} else {
		if (mode == 1 && !list_clean(ln, af, NF_INET_FORWARD))
			return NF_ACCEPT;
		outcome = af == AF_INET ? lvs_fast_reply4(ln, &pkt, cp) : lvs_fast_reply6(ln, &pkt, cp);
	}
	if (unlikely(outcome != LVS_FORWARDED))
		return odd_verdict(ln, &pkt, outcome);
	this_cpu_inc(ln->outcomes->fast);
	return NF_STOLEN;
}

static __always_inline unsigned int fast_hook(struct lvs_net *ln, struct sk_buff *skb, u8 af)
{
	unsigned int ret = fast_packet(ln, skb, af);

	/* the packet is routed now: what is found out about it is known to hold from here on only */
	if (ret == NF_ACCEPT)
		this_cpu_write(ln->outcomes->epoch, READ_ONCE(ln->epoch));
	return ret;
}

/**
 * lvs_fast_hook4 - an IPv4 packet came in
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: softirq, RCU.
 * Return: NF_STOLEN if it was forwarded, NF_ACCEPT if it was left alone, NF_DROP if memory is short.
 */
unsigned int lvs_fast_hook4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return fast_hook(priv, skb, AF_INET);
}

/**
 * lvs_fast_hook6 - an IPv6 packet came in
 * @priv: namespace
 * @skb: packet
 * @state: of the hook
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_hook4().
 */
unsigned int lvs_fast_hook6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return fast_hook(priv, skb, AF_INET6);
}

/* ---- what there is to tell ------------------------------------------------------------------------------------- */

/* The foreign hook that stands in the way, or NULL. */
static const char *foreign_hook(const struct lvs_net *ln, u8 af, bool request)
{
	if (!pre_routing_clean(ln, af))
		return "foreign hook at PRE_ROUTING";
	if (request && !list_clean(ln, af, NF_INET_LOCAL_IN))
		return "foreign hook at LOCAL_IN";
	if (request && !list_clean(ln, af, NF_INET_LOCAL_OUT))
		return "foreign hook at LOCAL_OUT";
	if (!request && !list_clean(ln, af, NF_INET_FORWARD))
		return "foreign hook at FORWARD";
	if (!post_routing_clean(ln, af))
		return "foreign hook at POST_ROUTING";
	return NULL;
}

/* Why the fast path is not used at all, or NULL. */
static const char *reason_of(const struct lvs_net *ln, u8 af, bool request)
{
	int mode = READ_ONCE(ln->knobs.fast_path);
	const char *reason = NULL;

	if (!READ_ONCE(ln->hooked[lvs_af_index(af)]))
		return "no service";
	if (!mode)
		return "net.ipv4.vs.fast_path is 0";
	if (mode == 1)
		reason = foreign_hook(ln, af, request);
	if (!reason && !ln->watch)
		reason = "routes are not watched";
	if (!reason && !request)
		reason = lvs_fast_replies_off(ln, af);
	return reason;
}

static void show_state(const struct lvs_net *ln, struct seq_file *seq, u8 af, bool request)
{
	const char *reason = reason_of(ln, af, request);

	seq_printf(seq, "%s_ipv%-*d %s%s\n", request ? "requests" : "replies", request ? 16 : 17, af == AF_INET ? 4 : 6,
		   reason ? "off: " : "on", reason ?: "");
}

/**
 * lvs_fast_show - tell whether the fast path is in use, and if not, why
 * @ln: namespace
 * @seq: where to
 *
 * Context: process.
 */
void lvs_fast_show(struct lvs_net *ln, struct seq_file *seq)
{
	struct lvs_outcomes sum;

	lvs_outcomes_sum(ln->outcomes, &sum);
	seq_printf(seq, "%-28s %llu\n", "packets", sum.fast);
	rcu_read_lock();
	show_state(ln, seq, AF_INET, true);
	show_state(ln, seq, AF_INET, false);
	show_state(ln, seq, AF_INET6, true);
	show_state(ln, seq, AF_INET6, false);
	rcu_read_unlock();
}
