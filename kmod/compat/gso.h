/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_COMPAT_GSO_H
#define _LVS_COMPAT_GSO_H

#include <linux/skbuff.h>

/* The GSO helpers left linux/skbuff.h in 6.5; Kbuild looks for their new home. */
#ifdef LVS_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

#endif
