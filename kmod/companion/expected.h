/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_EXPECTED_H
#define _LVS_EXPECTED_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct lvs_conn;
struct lvs_net;
union lvs_key;

int lvs_expect_client(struct lvs_net *ln, struct lvs_conn *control, __be16 port, __be16 *vport);
int lvs_expect_server(struct lvs_net *ln, struct lvs_conn *control, const union nf_inet_addr *addr, __be16 port);
struct lvs_conn *lvs_expected_meet(struct lvs_net *ln, u8 af, const union lvs_key *key);

#endif
