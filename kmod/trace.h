/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM lvs

#if !defined(_LVS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LVS_TRACE_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "drop.h"
#include "packet.h"

#ifndef LVS_TRACE_HELPERS
#define LVS_TRACE_HELPERS

/* An address and port as %pISpc prints them. */
static inline void lvs_trace_sockaddr(void *to, u8 af, union nf_inet_addr addr, __be16 port)
{
	struct sockaddr_in6 *sin6 = to;
	struct sockaddr_in *sin = to;

	memset(to, 0, sizeof(*sin6));
	if (af == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_addr = addr.in;
		sin->sin_port = port;
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = addr.in6;
		sin6->sin6_port = port;
	}
}
#endif

/* User-space readers of the trace do not know our enums. */
#define LVS_TRACE_ENUM(sym, name)	TRACE_DEFINE_ENUM(LVS_DROP_##sym);
LVS_DROP_REASONS(LVS_TRACE_ENUM)
TRACE_DEFINE_ENUM(LVS_PASSED);
TRACE_DEFINE_ENUM(NF_INET_PRE_ROUTING);
TRACE_DEFINE_ENUM(NF_INET_LOCAL_IN);
TRACE_DEFINE_ENUM(NF_INET_FORWARD);
TRACE_DEFINE_ENUM(NF_INET_LOCAL_OUT);
TRACE_DEFINE_ENUM(NF_INET_POST_ROUTING);

#define LVS_TRACE_NAME(sym, name)	, { LVS_DROP_##sym, #name }
#define lvs_trace_reason(reason) \
	__print_symbolic(reason, { LVS_PASSED, "passed" } LVS_DROP_REASONS(LVS_TRACE_NAME))
#define lvs_trace_hook(hook)				\
	__print_symbolic(hook,				\
		{ NF_INET_PRE_ROUTING, "PRE_ROUTING" },	\
		{ NF_INET_LOCAL_IN, "LOCAL_IN" },	\
		{ NF_INET_FORWARD, "FORWARD" },		\
		{ NF_INET_LOCAL_OUT, "LOCAL_OUT" },	\
		{ NF_INET_POST_ROUTING, "POST_ROUTING" })
#define lvs_trace_family(af) \
	__print_symbolic(af, { 2, "ipv4" }, { 10, "ipv6" })

/*
 * A packet was dropped. Addresses and ports are those of the tuple that lvs looked up: of an ICMP error, those of the
 * packet that it is about; all zero if the packet could not be parsed.
 */
TRACE_EVENT(lvs_drop,
	TP_PROTO(const struct net *net, const struct lvs_pkt *pkt, enum lvs_outcome reason),

	TP_ARGS(net, pkt, reason),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(u32, netns)
		__field(u8, reason)
		__field(u8, family)
		__field(u8, protocol)
		__field(u8, hook)
		__array(u8, saddr, sizeof(struct sockaddr_in6))
		__array(u8, daddr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skbaddr = pkt->skb;
		__entry->netns = net->ns.inum;
		__entry->reason = reason;
		__entry->family = pkt->af;
		__entry->protocol = pkt->proto;
		__entry->hook = pkt->hook;
		lvs_trace_sockaddr(__entry->saddr, pkt->af, lvs_key_src(&pkt->key, pkt->af),
				   lvs_key_sport(&pkt->key, pkt->af));
		lvs_trace_sockaddr(__entry->daddr, pkt->af, lvs_key_dst(&pkt->key, pkt->af),
				   lvs_key_dport(&pkt->key, pkt->af));
	),

	TP_printk("reason=%s family=%s protocol=%u src=%pISpc dst=%pISpc hook=%s netns=%u skbaddr=%p",
		  lvs_trace_reason(__entry->reason), lvs_trace_family(__entry->family),
		  __entry->protocol, __entry->saddr, __entry->daddr,
		  lvs_trace_hook(__entry->hook), __entry->netns, __entry->skbaddr)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
