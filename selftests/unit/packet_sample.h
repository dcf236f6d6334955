/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_PACKET_SAMPLE_H
#define UNIT_PACKET_SAMPLE_H

#include "packet.h"

/**
 * struct packet_sample - a packet and what the parser is to make of it
 * @name: what is special about it
 * @af: family of the hook
 * @hex: its bytes; spaces do not count
 * @need: how many bytes of it the answer needs. Cut shorter it is never OK, and BAD if it was OK
 * @parse: result
 * @flags: LVS_PKT_*
 * @proto: protocol of the outer packet
 * @l4off: offset of the outer transport header
 * @inner_off: offset of the inner network header
 * @inner_l4off: offset of the inner transport header
 * @inner: the tuple is the inner packet's, from INNER4_SRC or INNER6_SRC
 * @key_proto: protocol in the tuple
 * @sport: source port in the tuple
 * @dport: destination port in the tuple
 * @inside: offset of the packet in a tunnel packet that an ICMP error quotes, 0 for none
 *
 * If @parse is not OK, only @flags, @need and @inside are looked at.
 */
struct packet_sample {
	const char *name;
	u8 af;
	const char *hex;
	unsigned int need;
	enum lvs_parse parse;
	u32 flags;
	u8 proto;
	unsigned int l4off;
	unsigned int inner_off;
	unsigned int inner_l4off;
	bool inner;
	u8 key_proto;
	u16 sport;
	u16 dport;
	unsigned int inside;
};

#define PACKET_MAX 512

extern const struct packet_sample packet_samples[];
extern const unsigned int packet_sample_count;

/* the addresses of all samples; an inner packet goes the other way */
#define PACKET_SRC4 "198.51.100.7"
#define PACKET_DST4 "192.0.2.1"
#define PACKET_SRC6 "2001:db8::7"
#define PACKET_DST6 "2001:db8:1::1"

unsigned int packet_bytes(const struct packet_sample *sample, u8 bytes[PACKET_MAX]);

/* parse, with the first @headlen bytes in one piece */
enum lvs_parse packet_parse(struct lvs_pkt *pkt, u8 af, const u8 *bytes, unsigned int len,
			    unsigned int headlen);

/* what lvs_pkt_unwrap() made of the packet that was parsed last: an offset, 0 for nothing */
extern unsigned int packet_inside;
void packet_unwrap(const struct lvs_pkt *pkt, enum lvs_parse parse);

/* packet_model.c: what the parser should say, found in another way. Returns false if it said something else. */
bool packet_model_agrees(const struct lvs_pkt *pkt, enum lvs_parse parse, u8 af, const u8 *bytes,
			 unsigned int len);

#endif
