/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_SOCKOPT_H
#define _LVS_SOCKOPT_H

struct sock;

int lvs_sockopt_register(void);
void lvs_sockopt_unregister(void);

/* ctl/sockopt_get.c */
int lvs_sockopt_get(struct sock *sk, int cmd, void __user *user, int *len);

#endif
