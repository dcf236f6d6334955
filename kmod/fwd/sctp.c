// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: NAT of SCTP
 *
 * SCTP's checksum is a CRC32c over the packet from the SCTP header on, without addresses: only a new port changes it. It
 * cannot be corrected by a difference, as TCP's; it is computed anew, but only if it was right before.
 */
#include <linux/sctp.h>
#include <linux/skbuff.h>

#include "../compat/crc32c.h"
#include "../packet.h"
#include "methods.h"

/* The checksum that the packet should have. Its SCTP header is linear. */
static __le32 sctp_checksum(struct sk_buff *skb, unsigned int l4off)
{
	unsigned int off = l4off + sizeof(struct sctphdr), read = 0, n;
	struct sctphdr header = *(const struct sctphdr *)(skb->data + l4off);
	struct skb_seq_state st;
	const u8 *data;
	u32 crc;

	header.checksum = 0;
	crc = lvs_crc32c(~0, (const u8 *)&header, sizeof(header));
	skb_prepare_seq_read(skb, off, skb->len, &st);
	while ((n = skb_seq_read(read, &data, &st)) != 0) {
		crc = lvs_crc32c(crc, data, n);
		read += n;
	}
	return cpu_to_le32(~crc);
}

/**
 * lvs_sctp_set_port - translate one port of an SCTP packet
 * @skb: packet, writable up to the end of its SCTP header
 * @l4off: offset of the SCTP header
 * @side: which port
 * @port: new port, network byte order
 *
 * A checksum that was wrong stays wrong. One that the device or the stack is still to fill in is left to them.
 */
void lvs_sctp_set_port(struct sk_buff *skb, unsigned int l4off, enum lvs_side side, __be16 port)
{
	struct sctphdr *sh = (struct sctphdr *)(skb->data + l4off);
	__be16 *field = side == LVS_SRC ? &sh->source : &sh->dest;
	bool right;

	/* the Internet checksum of the whole packet, which nobody needs for SCTP */
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	if (*field == port)
		return;
	if (skb->ip_summed == CHECKSUM_PARTIAL || skb_is_gso(skb)) {
		*field = port;
		return;
	}
	right = skb_csum_unnecessary(skb) || sh->checksum == sctp_checksum(skb, l4off);
	*field = port;
	if (!right)
		return;
	sh->checksum = sctp_checksum(skb, l4off);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
}

/**
 * lvs_sctp_fill - fill in the checksum that was left to a device
 * @skb: packet; its head may be reallocated
 * @l4off: offset of the SCTP header
 *
 * Before a header with an Internet checksum of its own goes in front: that one would be derived from an inner one of
 * the same kind. Segments of a large packet get theirs when it is cut up.
 * Return: 0 or -ENOMEM.
 */
int lvs_sctp_fill(struct sk_buff *skb, unsigned int l4off)
{
	int err;

	if (skb->ip_summed != CHECKSUM_PARTIAL || skb_is_gso(skb))
		return 0;
	err = skb_ensure_writable(skb, l4off + sizeof(struct sctphdr));
	if (err)
		return err;
	((struct sctphdr *)(skb->data + l4off))->checksum = sctp_checksum(skb, l4off);
	lvs_csum_done(skb);
	return 0;
}
