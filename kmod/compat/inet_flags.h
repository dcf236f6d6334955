/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_INET_FLAGS_H
#define _LVS_COMPAT_INET_FLAGS_H

#include <net/inet_sock.h>

/* inet_sock bits became atomic flags, read by inet_test_bit(), in 6.6. */
#ifdef inet_test_bit
#define lvs_inet_nodefrag(sk) inet_test_bit(NODEFRAG, sk)
#else
#define lvs_inet_nodefrag(sk) (inet_sk(sk)->nodefrag)
#endif

#endif
