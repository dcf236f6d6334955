// SPDX-License-Identifier: GPL-2.0
/* What is read in an FTP control conn. Each text lies at the end of a block of its own, so that a byte too far is noticed. */
#include "helper/ftp_parse.h"
#include "unit.h"

static char *block(const char *text, unsigned int len)
{
	char *data = malloc(len ?: 1);

	memcpy(data, text, len);
	return data;
}

#define SAYS(text_, af_, word_) { .text = text_, .af = af_, .word = word_ }

static const struct {
	const char *text;
	u8 af;
	enum lvs_ftp_word word;
	const char *addr;
	u16 port;
	const char *place;
} commands[] = {
	SAYS("PASV\r\n", AF_INET, LVS_FTP_PASV),
	SAYS("pasv\r\n", AF_INET, LVS_FTP_PASV),
	SAYS("PASV\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("PASV\n", AF_INET, LVS_FTP_NONE),
	SAYS("PASV \r\n", AF_INET, LVS_FTP_NONE),
	SAYS("TYPE I\r\nPASV\r\n", AF_INET, LVS_FTP_PASV),
	SAYS("xPASV\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPSV\r\n", AF_INET, LVS_FTP_EPSV),
	SAYS("EPSV\r\n", AF_INET6, LVS_FTP_EPSV),
	SAYS("epsv 1\r\n", AF_INET, LVS_FTP_EPSV),
	SAYS("EPSV 2\r\n", AF_INET6, LVS_FTP_EPSV),
	SAYS("EPSV 2\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPSV 1\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("EPSV ALL\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPSV", AF_INET, LVS_FTP_NONE),
	SAYS("EPSV ", AF_INET, LVS_FTP_NONE),
	SAYS("EPSV 1", AF_INET, LVS_FTP_NONE),
	{ "PORT 192,0,2,7,4,1\r\n", AF_INET, LVS_FTP_PORT, "192.0.2.7", 1025, "192,0,2,7,4,1" },
	{ "port   255,255,255,255,255,255\r\n", AF_INET, LVS_FTP_PORT, "255.255.255.255", 65535,
	  "255,255,255,255,255,255" },
	{ "PORT 1,2,3,4,0,1 x", AF_INET, LVS_FTP_PORT, "1.2.3.4", 1, "1,2,3,4,0,1" },
	SAYS("PORT 1,2,3,4,0,0\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,0,1", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,0,256\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,4294967296,1\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,5\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,5,\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,,3,4,5,6\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1.2.3.4,5,6\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT1,2,3,4,5,6\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("PORT 1,2,3,4,5,6\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("PORT ", AF_INET, LVS_FTP_NONE),
	SAYS("PORT", AF_INET, LVS_FTP_NONE),
	{ "EPRT |1|192.0.2.7|1025|\r\n", AF_INET, LVS_FTP_EPRT, "192.0.2.7", 1025, "|1|192.0.2.7|1025|" },
	{ "EPRT |2|2001:db8::7|65535|\r\n", AF_INET6, LVS_FTP_EPRT, "2001:db8::7", 65535, "|2|2001:db8::7|65535|" },
	{ "EPRT !2!::1!5!", AF_INET6, LVS_FTP_EPRT, "::1", 5, "!2!::1!5!" },
	SAYS("EPRT |2|2001:db8::7|65536|\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("EPRT |2|2001:db8::7|4294967297|\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("EPRT |2|2001:db8::7|0|\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("EPRT |1|192.0.2.7|1025|\r\n", AF_INET6, LVS_FTP_NONE),
	SAYS("EPRT |2|2001:db8::7|1|\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |||1025|\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1||1025|\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1|192.0.2.7|1025\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1|192.0.2.7|1025", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1|192.0.2.7|", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1|192.0.2.7", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1|", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |1", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT |", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT 111192.0.2.7110251\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("EPRT \1771\177192.0.2.7\1771025\177\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("RETR PORT 1,2,3,4,5,6\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("\r\n", AF_INET, LVS_FTP_NONE),
	SAYS("\n", AF_INET, LVS_FTP_NONE),
	SAYS("", AF_INET, LVS_FTP_NONE),
};

static bool addr_is(const union nf_inet_addr *addr, u8 af, const char *text)
{
	union nf_inet_addr wanted = {};

	inet_pton(af, text, &wanted);
	return !memcmp(addr, &wanted, sizeof(wanted));
}

static bool place_is(const struct lvs_ftp_place *place, const char *data, const char *text)
{
	return place->end - place->start == strlen(text) && !memcmp(data + place->start, text, strlen(text));
}

UNIT_TEST(ftp_commands)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		unsigned int len = strlen(commands[i].text);
		char *data = block(commands[i].text, len);
		struct lvs_ftp_place place;
		enum lvs_ftp_word word = lvs_ftp_command(data, len, commands[i].af, &place);

		if (word != commands[i].word)
			unit_note("%d: %s", i, commands[i].text);
		CHECK_EQ(word, commands[i].word);
		if (commands[i].addr && word == commands[i].word) {
			CHECK(addr_is(&place.addr, commands[i].af, commands[i].addr));
			CHECK_EQ(ntohs(place.port), commands[i].port);
			CHECK(place_is(&place, data, commands[i].place));
		}
		free(data);
	}
}

#define NOTHING(text_, asked_, af_) { .text = text_, .asked = asked_, .af = af_ }

static const struct {
	const char *text;
	enum lvs_ftp_word asked;
	u8 af;
	u16 port;
	const char *place;
} answers[] = {
	{ "227 Entering Passive Mode (192,0,2,11,195,80).\r\n", LVS_FTP_PASV, AF_INET, 50000, "192,0,2,11,195,80" },
	{ "227 Passive 192,0,2,11,0,21\r\n", LVS_FTP_PASV, AF_INET, 21, "192,0,2,11,0,21" },
	{ "227 =127,0,0,1,4,0\r\n", LVS_FTP_PASV, AF_INET, 1024, "127,0,0,1,4,0" },
	{ "200 all right\r\n227 ok ((1,2,3,4,5,6))\r\n", LVS_FTP_PASV, AF_INET, 1286, "1,2,3,4,5,6" },
	NOTHING("227 Entering Passive Mode (192,0,2,11,195,256).\r\n", LVS_FTP_PASV, AF_INET),
	NOTHING("227 Entering Passive Mode (192,0,2,11,0,0).\r\n", LVS_FTP_PASV, AF_INET),
	NOTHING("227 Entering Passive Mode (192,0,2,11,195,8", LVS_FTP_PASV, AF_INET),
	NOTHING("227 Entering Passive Mode (192,0,2,11,195,", LVS_FTP_PASV, AF_INET),
	NOTHING("227 Entering Passive Mode (", LVS_FTP_PASV, AF_INET),
	NOTHING("227 Entering Passive Mode\r\n1,2,3,4,5,6\r\n", LVS_FTP_PASV, AF_INET),
	NOTHING("227-Entering (1,2,3,4,5,6)\r\n", LVS_FTP_PASV, AF_INET),
	NOTHING("227 (1,2,3,4,5,6)\r\n", LVS_FTP_EPSV, AF_INET),
	{ "229 Entering Extended Passive Mode (|||50000|)\r\n", LVS_FTP_EPSV, AF_INET, 50000, "|||50000|" },
	{ "229 Extended Passive OK (!!!7!)\r\n", LVS_FTP_EPSV, AF_INET6, 7, "!!!7!" },
	{ "229 ok (|2|2001:db8::11|50000|)\r\n", LVS_FTP_EPSV, AF_INET6, 50000, "|2|2001:db8::11|50000|" },
	{ "229 ok (|1|192.0.2.11|50000|)\r\n", LVS_FTP_EPSV, AF_INET, 50000, "|1|192.0.2.11|50000|" },
	NOTHING("229 ok (|1|192.0.2.11|50000|)\r\n", LVS_FTP_EPSV, AF_INET6),
	NOTHING("229 ok (||1|50000|)\r\n", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|||65536|)\r\n", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|||0|)\r\n", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|||50000", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|||", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (||", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok |||50000|\r\n", LVS_FTP_EPSV, AF_INET),
	NOTHING("229 ok (|||50000|)\r\n", LVS_FTP_PASV, AF_INET),
	NOTHING("", LVS_FTP_PASV, AF_INET),
};

UNIT_TEST(ftp_answers)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		unsigned int len = strlen(answers[i].text);
		char *data = block(answers[i].text, len);
		struct lvs_ftp_place place;
		bool found = lvs_ftp_answer(data, len, answers[i].asked, answers[i].af, &place);

		if (found != !!answers[i].port)
			unit_note("%d: %s", i, answers[i].text);
		CHECK_EQ(found, !!answers[i].port);
		if (found && answers[i].port) {
			CHECK_EQ(ntohs(place.port), answers[i].port);
			CHECK(place_is(&place, data, answers[i].place));
		}
		free(data);
	}
}

/* What is written in the place of an answer is one. */
UNIT_TEST(ftp_what_is_written_is_read)
{
	enum lvs_ftp_word asked;
	int i;

	for (i = 0; i < 10000; i++) {
		union nf_inet_addr addr = { .ip = i ? (u32)unit_rand() : ~0u };
		__be16 port = htons(i ? 1 + unit_below(65535) : 65535);
		struct lvs_ftp_place place;
		char text[LVS_FTP_TEXT], line[64];
		unsigned int len;

		asked = i & 1 ? LVS_FTP_PASV : LVS_FTP_EPSV;
		len = lvs_ftp_write(text, asked, &addr, port);
		CHECK_EQ(len, strlen(text));
		len = sprintf(line, "%s ok (%s)\r\n", asked == LVS_FTP_PASV ? "227" : "229", text);
		CHECK(lvs_ftp_answer(line, len, asked, AF_INET, &place));
		CHECK_EQ(place.port, port);
		CHECK(place_is(&place, line, text));
		if (asked == LVS_FTP_PASV)
			CHECK_EQ(place.addr.ip, addr.ip);
	}
}

/* Whatever is said, nothing outside of it is read, and a place is within it. */
UNIT_TEST(ftp_random_text)
{
	static const char * const pieces[] = { "PORT ", "EPRT ", "EPSV", "PASV", "227 ", "229 ", "|", "||", "|1|", "|2|", "(",
		",", "1", "255", "256", "65535", "99999999999", "192.0.2.1", "2001:db8::1", "::", "\r\n", "\n", " ", "x" };
	int i;

	for (i = 0; i < 200000; i++) {
		char text[200] = "";
		int n = unit_below(12), k;
		struct lvs_ftp_place place;
		enum lvs_ftp_word word;
		unsigned int len;
		char *data;
		u8 af = i & 1 ? AF_INET : AF_INET6;

		for (k = 0; k < n; k++)
			strcat(text, pieces[unit_below(ARRAY_SIZE(pieces))]);
		len = strlen(text);
		if (len)
			len -= unit_below(len > 3 ? 3 : len);
		data = block(text, len);
		word = lvs_ftp_command(data, len, af, &place);
		if (word == LVS_FTP_PORT || word == LVS_FTP_EPRT)
			CHECK(place.port && place.start < place.end && place.end <= len);
		if (lvs_ftp_answer(data, len, i & 2 ? LVS_FTP_PASV : LVS_FTP_EPSV, af, &place))
			CHECK(place.port && place.start < place.end && place.end <= len);
		free(data);
	}
}
