/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FTP_H
#define _LVS_FTP_H

#include <linux/types.h>

struct lvs_conn;
struct lvs_net;
struct lvs_pkt;

bool lvs_ftp_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);
bool lvs_ftp_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp);

#endif
