/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_SYSCTL_H
#define _LVS_SYSCTL_H

struct lvs_net;

int lvs_sysctl_init(struct lvs_net *ln);
void lvs_sysctl_exit(struct lvs_net *ln);

#endif
