/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet in two pieces, each in memory of exactly its size: what is read past
 * the end of either is seen by the address sanitizer.
 */
#ifndef UNIT_SHIM_SKB_H
#define UNIT_SHIM_SKB_H

struct sk_buff {
	const unsigned char *data;	/* the first @headlen bytes */
	const unsigned char *rest;	/* those after */
	unsigned int len;
	unsigned int headlen;
};

/* As the kernel's: a pointer into the first piece where that will do, else a copy. */
static inline void *skb_header_pointer(const struct sk_buff *skb, int offset, int len,
				       void *buffer)
{
	unsigned char *to = buffer;
	int i;

	if ((int)skb->headlen - offset >= len)
		return (void *)(skb->data + offset);
	if (offset > (int)skb->len - len)
		return NULL;
	for (i = offset; i < offset + len; i++)
		*to++ = i < (int)skb->headlen ? skb->data[i] : skb->rest[i - skb->headlen];
	return buffer;
}

/* what <net/ip.h>, <net/ipv6.h> and <linux/ipv6.h> say beyond the user API */
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff
#define IP6_OFFSET 0xfff8

#define NEXTHDR_HOP 0
#define NEXTHDR_ROUTING 43
#define NEXTHDR_FRAGMENT 44
#define NEXTHDR_DEST 60

struct frag_hdr {
	__u8 nexthdr;
	__u8 reserved;
	__be16 frag_off;
	__be32 identification;
};

/* and <net/gre.h>, <net/gue.h> */
#include <linux/if_tunnel.h>

struct gre_base_hdr {
	__be16 flags;
	__be16 protocol;
};

struct guehdr {
	__u8 hlen:5, control:1, version:2;
	__u8 proto_ctype;
	__be16 flags;
};

#define ipv6_optlen(p) (((p)->hdrlen + 1) << 3)
#define ipv6_addr_equal(a, b) (!memcmp(a, b, sizeof(struct in6_addr)))

#endif
