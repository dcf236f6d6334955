/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FWD_FAST_H
#define _LVS_FWD_FAST_H

#include "../drop.h"
#include "../packet.h"

struct lvs_conn;
struct lvs_net;

const char *lvs_fast_replies_off(const struct lvs_net *ln, u8 af);
enum lvs_outcome lvs_fast_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_reply4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_reply6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_forward4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_fast_forward6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_reply4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
enum lvs_outcome lvs_steady_reply6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);

#endif
