/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_DEFENSE_H
#define _LVS_DEFENSE_H

#include "../net.h"
#include "../packet.h"

struct lvs_conn;
struct lvs_template_key;
struct seq_file;

void lvs_defense_init(struct lvs_net *ln);
void lvs_defense_exit(struct lvs_net *ln);
int lvs_defense_set(struct lvs_net *ln, int *knob, int mode);
bool lvs_defense_turn(struct lvs_net *ln, int rate);
struct lvs_conn *lvs_defense_reserve(struct lvs_net *ln, u8 af, const union lvs_key *key, u8 nodes,
				     struct lvs_conn **found);
struct lvs_conn *lvs_defense_reserve_template(struct lvs_net *ln, u8 af, struct lvs_template_key *tk,
					      struct lvs_conn **found);
struct lvs_conn *lvs_defense_alloc_once(struct lvs_net *ln, u8 af, const union lvs_key *key);
void lvs_defense_show(struct lvs_net *ln, struct seq_file *seq);

/* Whether drop_packet wants this packet, which would start a conn. Any context. */
static inline bool lvs_defense_drop(struct lvs_net *ln)
{
	int rate = READ_ONCE(ln->defense.drop_rate);

	return unlikely(rate) && lvs_defense_turn(ln, rate);
}

#endif
