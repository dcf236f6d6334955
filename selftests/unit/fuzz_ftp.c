// SPDX-License-Identifier: GPL-2.0
/* Control conns of FTP. The first byte says which family and whose text; the rest is the text. */
#include "fuzz.h"
#include "helper/ftp_parse.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *text = (const char *)data + 1;
	struct lvs_ftp_place place;
	enum lvs_ftp_word word;
	u8 af;

	if (!size)
		return -1;
	af = *data & 1 ? AF_INET6 : AF_INET;
	if (*data & 2) {
		word = lvs_ftp_command(text, size - 1, af, &place);
		if (word != LVS_FTP_PORT && word != LVS_FTP_EPRT)
			return 0;
	} else if (!lvs_ftp_answer(text, size - 1, *data & 4 ? LVS_FTP_PASV : LVS_FTP_EPSV, af, &place)) {
		return 0;
	}
	CHECK(place.port && place.start < place.end && place.end <= size - 1);
	return 0;
}

void fuzz_write_seeds(const char *folder)
{
	static const char * const seeds[] = {
		"\2PORT 192,0,2,7,4,1\r\n", "\2EPRT |1|192.0.2.7|1025|\r\n", "\3EPRT |2|2001:db8::7|65535|\r\n",
		"\2PASV\r\n", "\3EPSV 2\r\n", "\4" "227 Entering Passive Mode (192,0,2,11,195,80).\r\n",
		"\4" "227 Passive 192,0,2,11,0,21\r\n", "\1" "229 ok (|2|2001:db8::11|50000|)\r\n",
		"\1" "229 Entering Extended Passive Mode (|||50000|)\r\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++)
		fuzz_write_seed(folder, i, (const u8 *)seeds[i], strlen(seeds[i]));
}
