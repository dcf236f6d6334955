/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CT_TRACK_H
#define _LVS_CT_TRACK_H

#include <linux/types.h>

struct lvs_conn;
struct lvs_net;
struct lvs_pkt;
struct net;

bool lvs_track_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
bool lvs_track_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
void lvs_track_renew(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp);
void lvs_track_drop(struct net *net, const struct lvs_conn *cp);
int lvs_track_use(struct net *net, u8 af);
void lvs_track_unuse(struct net *net, u8 af);

/* for lvs_ftp.ko */
void lvs_track_expect(const struct lvs_pkt *pkt, const struct lvs_conn *cp, __be16 vport);

#endif
