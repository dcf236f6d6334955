/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_GUEST_H
#define _LVS_GUEST_H

#include <linux/cred.h>
#include <linux/user_namespace.h>

#include "net.h"

/**
 * lvs_net_is_guest - is this a namespace that anybody may have made
 * @ln: namespace
 *
 * Guests get a share of what all namespaces have in common. Context: any.
 * Return: true if the initial user namespace does not own it.
 */
static inline bool lvs_net_is_guest(const struct lvs_net *ln)
{
	return ln->net->user_ns != &init_user_ns;
}

#endif
