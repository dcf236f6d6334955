/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets out of an input's choices, for the director that is drawn in fuzz.sh.
 */
#ifndef LVS_SELFTESTS_PKT_BUILD_H
#define LVS_SELFTESTS_PKT_BUILD_H

#include "fuzz.h"

#include <netinet/in.h>

#define PACKET_MAX	66000U

/* A flow through one of the services. */
struct flow {
	bool six;
	u8 proto;
	u8 client, cport, service;
};

/* Where a packet of a flow is, and which way it goes. */
enum place {
	TO_VIP,		/* a client's, before the director */
	TO_SERVER,	/* the same, behind it */
	FROM_SERVER,	/* a server's, before the director */
	FROM_VIP,	/* the same, behind it */
};

/* What is in the IP packet. */
enum content { TRANSPORT, SCTP, ECHO, ICMP_ERROR, IPIP, GRE, GUE, CONTENTS };

struct packet {
	bool six;
	u8 proto;		/* of the transport header */
	size_t l4off;		/* from @data */
	size_t size;
	u8 data[PACKET_MAX];
};

struct flow flow_take(struct input *in);
void packet_build(struct packet *pkt, struct input *in, const struct flow *flow, enum place place,
		  enum content content, unsigned int depth);
void packet_checksums(struct packet *pkt, bool partial);
size_t packet_fragment(const struct packet *pkt, size_t from, size_t room, u8 *to);

#endif
