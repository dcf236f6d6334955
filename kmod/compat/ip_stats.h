/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_IP_STATS_H
#define _LVS_COMPAT_IP_STATS_H

#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>

/*
 * What the IP layers count of a packet that they send. Newer ones count apart what this host wants to send and what it
 * sends (IPSTATS_MIB_OUTREQUESTS, for which Kbuild looks), and what they forward before FORWARD.
 */

/* Off to the next hop. Older kernels count IPv6 packets where they are made only. */
static __always_inline void lvs_ip_count_out(struct net *net, const struct sk_buff *skb, struct dst_entry *dst, u8 af)
{
	if (af == AF_INET)
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
#ifdef LVS_HAVE_OUTREQUESTS
	else
		IP6_UPD_PO_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUT, skb->len);
#endif
}

/* An IPv4 packet that this host has made. IPv6 counts its own where they are made. */
static __always_inline void lvs_ip_count_made4(struct net *net)
{
#ifdef LVS_HAVE_OUTREQUESTS
	IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
#endif
}

/* Forwarded. @routed: it has come as far as FORWARD. */
static __always_inline void lvs_ip_count_forwarded(struct net *net, const struct sk_buff *skb, struct dst_entry *dst, u8 af,
						   bool routed)
{
	struct inet6_dev *idev;

#ifdef LVS_HAVE_OUTREQUESTS
	if (routed)
		return;
#endif
	if (af == AF_INET) {
		__IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
#ifndef LVS_HAVE_OUTREQUESTS
		__IP_ADD_STATS(net, IPSTATS_MIB_OUTOCTETS, skb->len);
#endif
	} else {
		idev = ip6_dst_idev(dst);
		__IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTFORWDATAGRAMS);
#ifndef LVS_HAVE_OUTREQUESTS
		__IP6_ADD_STATS(net, idev, IPSTATS_MIB_OUTOCTETS, skb->len);
#endif
	}
}

#endif
