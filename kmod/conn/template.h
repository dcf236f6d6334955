/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_TEMPLATE_H
#define _LVS_CONN_TEMPLATE_H

#include "../packet.h"
#include "../pe/pe.h"

struct lvs_conn;
struct lvs_net;

/**
 * struct lvs_template_key - what identifies a template
 * @key: its key in the table, of a kind with PE data if there are any
 * @pe: PE data, which @key gets a digest of
 */
struct lvs_template_key {
	union lvs_key key;
	struct lvs_pe_found pe;
};

void lvs_template_seed(void);
struct lvs_conn *lvs_template_lookup(struct lvs_net *ln, u8 af, struct lvs_template_key *tk);
struct lvs_conn *lvs_template_reserve(struct lvs_net *ln, u8 af, struct lvs_template_key *tk, struct lvs_conn **found);

#endif
