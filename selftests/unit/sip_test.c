// SPDX-License-Identifier: GPL-2.0
/* The Call-ID in messages of SIP. */
#include "pe/pe.h"
#include "sim.h"
#include "sip_model.h"

#define START "INVITE sip:bob@example.com SIP/2.0\r\n"
#define VIA "Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK776asdhds\r\n"
#define FROM "From: <sip:a@example.com>;tag=1928301774\r\n"
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A250 A50 A50 A50 A50 A50

/* The text is found in a copy of just its size, so that the address sanitizer sees each byte too many. */
static bool find(const char *text, size_t len, char *id)
{
	struct lvs_pe_found found = {};
	u8 *data = calloc(1, len);
	bool is;

	memcpy(data, text, len);
	is = lvs_pe_sip.find(data, len, &found);
	if (is) {
		CHECK(found.at > data && found.at + found.len < data + len && found.len);
		memcpy(id, found.at, found.len);
		id[found.len] = '\0';
	}
	free(data);
	return is;
}

static bool finds(const char *text, const char *wanted)
{
	char id[256];

	if (!find(text, strlen(text), id))
		return !wanted;
	return wanted && !strcmp(id, wanted);
}

UNIT_TEST(sip_call_id)
{
	/* as it should be, and as others write it */
	CHECK(finds(START VIA FROM "Call-ID: a84b4c76e66710@pc33.example.com\r\nCSeq: 1\r\n\r\n",
		    "a84b4c76e66710@pc33.example.com"));
	CHECK(finds(START "Call-ID: a@b\r\n" VIA "\r\n", "a@b"));
	CHECK(finds(START "call-id:a@b\r\n", "a@b"));
	CHECK(finds(START "CALL-ID \t:\t  a@b\r\n", "a@b"));
	CHECK(finds(START "i:a@b\r\n", "a@b"));
	CHECK(finds(START "I : a@b\r\n", "a@b"));
	CHECK(finds(START "Call-ID: 7\r\n", "7"));
	/* ends of lines */
	CHECK(finds("INVITE x\nCall-ID: a@b\n", "a@b"));
	CHECK(finds("INVITE x\rCall-ID: a@b\r", "a@b"));
	CHECK(finds(START "Call-ID: a@b\r", "a@b"));
	CHECK(finds(START "Call-ID: a@b\n", "a@b"));
	CHECK(finds("\r\nCall-ID: a@b\r\n", "a@b"));
	CHECK(finds("\r\n\r\nCall-ID: a@b\r\n", "a@b"));
	/* lines that go on */
	CHECK(finds(START "Call-ID:\r\n a@b\r\n", "a@b"));
	CHECK(finds(START "Call-ID\r\n\t : a@b\r\n", "a@b"));
	CHECK(finds(START "Call-ID:\n  a@b\r\n", "a@b"));
	CHECK(finds(START "Subject: x\r\n Call-ID: a@b\r\ni: c@d\r\n", "c@d"));
	/* all that may be in it, and no more */
	CHECK(finds(START "i: -.!%*_+`'~()<>:\\\"/[]?{}@-.!%*_+`'~()<>:\\\"/[]?{}\r\n",
		    "-.!%*_+`'~()<>:\\\"/[]?{}@-.!%*_+`'~()<>:\\\"/[]?{}"));
	/* others that begin like it */
	CHECK(finds(START "Info: x\r\nCall-IDs: x\r\nCall-Info: x\r\ni=x\r\nCall-ID: a@b\r\n", "a@b"));
	/* one that is none goes before one that is */
	CHECK(finds(START "Call-ID: \r\n \r\nCall-ID: @b\r\nCall-ID: a@\r\nCall-ID: a@b\r\n", "a@b"));
	CHECK(finds(START "Call-ID: a@b\r\nCall-ID: c@d\r\n", "a@b"));
}

UNIT_TEST(sip_no_call_id)
{
	static const char * const messages[] = {
		"", "\r\n", "\r\n\r\n", "x", START, START "\r\n", START VIA FROM "\r\n",
		/* the first line is no header */
		"Call-ID: a@b\r\n", "i: a@b\r\n\r\n",
		/* cut short */
		START "C", START "Call-ID", START "Call-ID:", START "Call-ID: ", START "Call-ID: a@b", START "i",
		START "i:", START "Call-ID:\r\n", START "Call-ID:\r\n ", START "Call-ID\r\n", START "Call-ID: a@b@\r",
		/* not that name, or no value */
		START "Call-ID a@b\r\n", START "Call-ID = a@b\r\n", START "XCall-ID: a@b\r\n", START " Call-ID: a@b\r\n",
		START "Call-ID:\r\na@b\r\n", START "Call-ID: \r\n \r\n a@b\r\n",
		/* nothing of a callid may stand behind it */
		START "Call-ID: a@b \r\n", START "Call-ID: a@b;x\r\n", START "Call-ID: a,b\r\n", START "Call-ID: a@b@c\r\n",
		START "Call-ID: a=b\r\n",
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(messages); i++)
		if (!finds(messages[i], NULL)) {
			unit_note("message %d", i);
			CHECK(0);
		}
}

UNIT_TEST(sip_call_id_of_any_length)
{
	CHECK(finds(START "Call-ID: " A250 "bcdef\r\n", A250 "bcdef"));
	CHECK(finds(START "Call-ID: " A250 "@bcd\r\n", A250 "@bcd"));
	CHECK(finds(START "Call-ID: " A250 "bcdefg\r\n", NULL));
	CHECK(finds(START "Call-ID: " A250 "@bcdef\r\n", NULL));
	/* which is the call's, and no other */
	CHECK(finds(START "Call-ID: " A250 A250 "\r\nCall-ID: a@b\r\n", NULL));
}

/* No byte is a letter that is none, and a NUL does not end it. */
UNIT_TEST(sip_every_byte)
{
	char text[] = START "i: a?b\r\n", id[256];
	int i, at = strchr(text, '\n') - text + 5;

	for (i = 0; i < 256; i++) {
		bool word = i && (isalnum(i) || strchr("-.!%*_+`'~()<>:\\\"/[]?{}", i));

		CHECK_EQ(text[at - 1], 'a');
		text[at] = i;
		/* "a@b" is one, "a" ends where the line does */
		CHECK_EQ(find(text, sizeof(text) - 1, id), word || i == '@' || i == '\r' || i == '\n');
		CHECK(word || i == '@' || i == '\r' || i == '\n' ? id[0] == 'a' : 1);
	}
}

/* Scraps of messages in any order, against another way to read them. */
UNIT_TEST(sip_as_the_model)
{
	static const char * const scraps[] = {
		"Call-ID", "call-id", "i", "I", ":", " : ", " ", "\t", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\n ", "a", "@",
		"abc@example.com", "Call-ID: x@y\r\n", "i: ", "\r\nCall-ID:", ",", "=", A250, "bcde", "f", "\x80", "\xc3\xa9",
	};
	long found = 0;
	int round;

	for (round = 0; round < UNIT_MANY(200000); round++) {
		char text[2048] = "", id[256], model[256];
		int n = unit_below(12);
		bool is;

		while (n-- && strlen(text) < sizeof(text) - 300)
			strcat(text, scraps[unit_below(ARRAY_SIZE(scraps))]);
		is = find(text, strlen(text), id);
		CHECK_EQ(is, sip_model((const u8 *)text, strlen(text), model));
		CHECK(!is || !strcmp(id, model));
		found += is;
	}
	unit_note("%ld of %d with a Call-ID", found, round);
	CHECK(found > 100);
}

UNIT_TEST(sip_is_the_only_engine)
{
	CHECK(lvs_pe_find("sip") == &lvs_pe_sip);
	CHECK(!lvs_pe_find("SIP") && !lvs_pe_find("") && !lvs_pe_find("sips"));
}
