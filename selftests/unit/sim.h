/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace with conns and servers whose time a test moves. See shim/core.h
 * for what the kernel is here.
 */
#ifndef UNIT_SIM_H
#define UNIT_SIM_H

#include "unit.h"
#include "conn/conn.h"
#include "dest/dest.h"
#include "net.h"
#include "packet.h"
#include "proto/proto.h"
#include "service/filter.h"
#include "test/latch.h"

/* one jiffy at a time: a grace period, then the work that is due */
void unit_tick(void);
void unit_sleep(unsigned long time);
/* the same, but past the jiffies in which no work is due */
void unit_skip(unsigned long time);

/* what another CPU does while the module is at one of its latches; NULL: nothing */
extern void (*unit_latch)(enum lvs_latch latch);

/* the namespace; made and taken down around every test */
extern struct lvs_net *unit_ln;

extern struct net unit_net;
/* what lvs_conn_limit_init() sees */
extern unsigned long unit_ram_pages;

struct lvs_dest *sim_dest_of(u16 vport, u32 method, u8 af, u8 last_byte);
struct lvs_dest *sim_dest(u32 method, u8 af, u8 last_byte);
void sim_dest_remove(struct lvs_dest *dest);
void sim_key(union lvs_key *key, u8 af, u8 proto, u16 client_port);
struct lvs_conn *sim_conn(struct lvs_dest *dest, const union lvs_key *key, u32 timeout);
struct lvs_conn *sim_find(u8 af, const union lvs_key *key);

#endif
