/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_WATCH_H
#define _LVS_WATCH_H

struct lvs_net;

void lvs_watch_init(struct lvs_net *ln);
void lvs_watch_exit(struct lvs_net *ln);
void lvs_watch_step(struct lvs_net *ln);

#endif
