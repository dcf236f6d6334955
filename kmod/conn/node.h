/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_NODE_H
#define _LVS_CONN_NODE_H

#include <linux/rhashtable-types.h>

#include "../packet.h"

/**
 * struct lvs_node4 - entry of the IPv4 conn table
 * @head: table linkage
 * @key: tuple of packets that belong to this direction
 * @dir: enum lvs_dir: which node of the conn this is
 */
struct lvs_node4 {
	struct rhash_head head;
	struct lvs_key4 key;
	u8 dir;
};

/**
 * struct lvs_node6 - entry of the IPv6 conn table
 * @head: as in struct lvs_node4
 * @key: likewise
 * @dir: likewise
 */
struct lvs_node6 {
	struct rhash_head head;
	struct lvs_key6 key;
	u8 dir;
};

#endif
