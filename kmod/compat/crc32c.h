/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_CRC32C_H
#define _LVS_COMPAT_CRC32C_H

#include <linux/crc32.h>

/* Before 6.14 crc32c() is in a module of its own, and this in the kernel image; Kbuild looks which one there is. */
#ifdef LVS_HAVE_CRC32C_LE
#define lvs_crc32c(crc, data, len) __crc32c_le(crc, data, len)
#else
#define lvs_crc32c(crc, data, len) crc32c(crc, data, len)
#endif

#endif
