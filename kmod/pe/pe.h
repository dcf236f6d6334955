/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_PE_H
#define _LVS_PE_H

#include <linux/types.h>

/**
 * struct lvs_pe_found - what a persistence engine found in a packet
 * @at: its first byte, in the packet's data
 * @len: how many bytes; 0: none, there is no engine
 */
struct lvs_pe_found {
	const u8 *at;
	u8 len;
};

/**
 * struct lvs_pe_data - what a template knows a client's packets by, besides addresses
 * @len: how many bytes
 * @bytes: of printable text
 *
 * There is one engine, so none is told here.
 */
struct lvs_pe_data {
	u8 len;
	u8 bytes[];
};

/**
 * struct lvs_pe_ops - a persistence engine
 * @name: as user space names it
 * @find: find in the payload of a UDP datagram what tells those that belong together; false if it is not there
 *
 * @find: pure; reads @len bytes from @data on, and what it finds is at least 1 byte. Context: any.
 */
struct lvs_pe_ops {
	const char *name;
	bool (*find)(const u8 *data, u32 len, struct lvs_pe_found *found);
};

extern const struct lvs_pe_ops lvs_pe_sip;

const struct lvs_pe_ops *lvs_pe_find(const char *name);

#endif
