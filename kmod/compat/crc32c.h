/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_CRC32C_H
#define _LVS_COMPAT_CRC32C_H

#include <linux/crc32.h>
#include <linux/skbuff.h>

/* Before 6.14 crc32c() is in a module of its own, and this in the kernel image; Kbuild looks which one there is. */
#ifdef LVS_HAVE_CRC32C_LE
#define lvs_crc32c(crc, data, len) __crc32c_le(crc, data, len)
#else
#define lvs_crc32c(crc, data, len) crc32c(crc, data, len)
#endif

/* The packet has a checksum, and none that a device is to fill in as a CRC. */
static inline void lvs_csum_done(struct sk_buff *skb)
{
#ifdef LVS_HAVE_RESET_CSUM_NOT_INET
	skb_reset_csum_not_inet(skb);
#else
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_not_inet = 0;
#endif
}

#endif
