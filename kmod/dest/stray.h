/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_DEST_STRAY_H
#define _LVS_DEST_STRAY_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct lvs_net;

int lvs_dest_nobody_make(struct lvs_net *ln, u8 af);
void lvs_dest_nobody_drop(struct lvs_net *ln, u8 af);
bool lvs_dest_serves(struct lvs_net *ln, u8 af, u8 proto, const union nf_inet_addr *addr, __be16 port);

#endif
