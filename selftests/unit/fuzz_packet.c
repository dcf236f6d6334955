// SPDX-License-Identifier: GPL-2.0
/*
 * The packet parser against its model. The first byte says which hook, and where
 * the first piece of the skb ends; the rest is the packet.
 */
#include "fuzz.h"
#include "packet_sample.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int len = size - 1, headlen;
	enum lvs_parse parse;
	struct lvs_pkt pkt;
	u8 af;

	if (!size || len > PACKET_MAX)
		return -1;
	af = *data & 1 ? AF_INET6 : AF_INET;
	headlen = min((*data >> 1) * 2u, len);
	parse = packet_parse(&pkt, af, data + 1, len, headlen);
	CHECK(packet_model_agrees(&pkt, parse, af, data + 1, len));
	return 0;
}

void fuzz_write_seeds(const char *folder)
{
	unsigned int i;

	for (i = 0; i < packet_sample_count; i++) {
		u8 input[1 + PACKET_MAX];

		input[0] = (packet_samples[i].af == AF_INET6) | i << 1;
		fuzz_write_seed(folder, i, input, 1 + packet_bytes(&packet_samples[i], input + 1));
	}
}
