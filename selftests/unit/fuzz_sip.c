// SPDX-License-Identifier: GPL-2.0
/* The Call-ID of anything that comes in a UDP datagram, against the model. */
#include "fuzz.h"
#include "pe/pe.h"
#include "sip_model.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct lvs_pe_found found = {};
	bool is = lvs_pe_sip.find(data, size, &found);
	char id[256];

	CHECK_EQ(is, sip_model(data, size, id));
	if (is) {
		CHECK(found.at > data && found.at + found.len < data + size);
		CHECK(strlen(id) == found.len && !memcmp(id, found.at, found.len));
	}
	return 0;
}

void fuzz_write_seeds(const char *folder)
{
	static const char * const seeds[] = {
		"INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nCall-ID: a@b\r\n\r\n",
		"SIP/2.0 200 OK\ni :\n 7\nCSeq: 1\n", "x\rCall-ID: a@b\r", "\r\n\r\n", "x\r\nCall-ID: @\r\ni: a@\r\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++)
		fuzz_write_seed(folder, i, (const u8 *)seeds[i], strlen(seeds[i]));
}
