// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: FTP as far as data conns go
 *
 * RFC 959 (PORT, PASV) and RFC 2428 (EPRT, EPSV). One packet's payload is read: whole lines, or the beginning of one. What is
 * spread over packets is not understood, as clients and servers send such lines in one piece. Every byte here comes from
 * somebody else: nothing is read beyond @len, and every number is bounded while it is read.
 */
#include <linux/ctype.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "ftp_parse.h"

/**
 * struct text - what is left to read
 * @at: next byte
 * @end: behind the last
 */
struct text {
	const char *at;
	const char *end;
};

static bool peek(const struct text *t, char c)
{
	return t->at < t->end && *t->at == c;
}

static bool take(struct text *t, char c)
{
	if (!peek(t, c))
		return false;
	t->at++;
	return true;
}

/* A word in capital letters, which may be written in small ones. */
static bool take_word(struct text *t, const char *word)
{
	size_t len = strlen(word);

	if (t->end - t->at < len || strncasecmp(t->at, word, len))
		return false;
	t->at += len;
	return true;
}

/* Digits up to @max, of which there is one at least. What follows must be there, too: or the number may go on. */
static bool take_number(struct text *t, unsigned int max, unsigned int *value)
{
	const char *start = t->at;

	for (*value = 0; t->at < t->end && isdigit(*t->at); t->at++) {
		*value = *value * 10 + (*t->at - '0');
		if (*value > max)
			return false;
	}
	return t->at > start && t->at < t->end;
}

/* h1,h2,h3,h4,p1,p2 */
static bool take_six(struct text *t, struct lvs_ftp_place *place)
{
	unsigned int n[6], i;

	for (i = 0; i < 6; i++) {
		if (i && !take(t, ','))
			return false;
		if (!take_number(t, 255, &n[i]))
			return false;
	}
	memset(&place->addr, 0, sizeof(place->addr));
	place->addr.ip = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
	place->port = htons(n[4] << 8 | n[5]);
	return place->port;
}

/* The number of a family, and an address of it. */
static bool take_address(struct text *t, char delim, u8 af, union nf_inet_addr *addr)
{
	const char *end;

	memset(addr, 0, sizeof(*addr));
	if (!take(t, af == AF_INET ? '1' : '2') || !take(t, delim))
		return false;
	if (af == AF_INET ? in4_pton(t->at, t->end - t->at, (u8 *)addr, delim, &end) <= 0 :
			    in6_pton(t->at, t->end - t->at, (u8 *)addr, delim, &end) <= 0)
		return false;
	t->at = end;
	return peek(t, delim);
}

/* |1|a.b.c.d|port|, |2|x:y::z|port| or, if the address may be left out, |||port|; another character may be in place of | */
static bool take_extended(struct text *t, u8 af, bool may_be_bare, struct lvs_ftp_place *place)
{
	unsigned int port;
	char delim;

	if (t->at == t->end)
		return false;
	delim = *t->at++;
	if (delim < 33 || delim > 126 || isdigit(delim))
		return false;
	if (may_be_bare && peek(t, delim))
		t->at++;
	else if (!take_address(t, delim, af, &place->addr))
		return false;
	if (!take(t, delim) || !take_number(t, U16_MAX, &port) || !take(t, delim))
		return false;
	place->port = htons(port);
	return port;
}

static bool skip_line(struct text *t)
{
	const char *newline = memchr(t->at, '\n', t->end - t->at);

	t->at = newline ? newline + 1 : t->end;
	return t->at < t->end;
}

/* One blank at least. */
static bool skip_blanks(struct text *t)
{
	if (!take(t, ' '))
		return false;
	while (take(t, ' '))
		;
	return true;
}

/* EPSV asks for the family of this conn, or for that which is named. EPSV ALL is something else. */
static bool asks_extended(struct text *t, u8 af)
{
	if (take(t, ' ') && !take(t, af == AF_INET ? '1' : '2'))
		return false;
	return peek(t, '\r');
}

static enum lvs_ftp_word line_command(struct text t, const char *data, u8 af, struct lvs_ftp_place *place)
{
	struct text word = t;

	if (take_word(&t, "PASV\r\n"))
		return af == AF_INET ? LVS_FTP_PASV : LVS_FTP_NONE;
	if (take_word(&t, "EPSV"))
		return asks_extended(&t, af) ? LVS_FTP_EPSV : LVS_FTP_NONE;

	if (!take_word(&t, "PORT") && !take_word(&t, "EPRT"))
		return LVS_FTP_NONE;
	if (!skip_blanks(&t))
		return LVS_FTP_NONE;
	place->start = t.at - data;
	if (tolower(*word.at) == 'p') {
		if (af != AF_INET || !take_six(&t, place))
			return LVS_FTP_NONE;
	} else if (!take_extended(&t, af, false, place)) {
		return LVS_FTP_NONE;
	}
	place->end = t.at - data;
	return tolower(*word.at) == 'p' ? LVS_FTP_PORT : LVS_FTP_EPRT;
}

/**
 * lvs_ftp_command - find what a client says about a data conn
 * @data: payload of its packet
 * @len: bytes of it
 * @af: family of the control conn
 * @place: filled in for LVS_FTP_PORT and LVS_FTP_EPRT
 *
 * Context: any. Return: the first such command of the packet, or LVS_FTP_NONE.
 */
enum lvs_ftp_word lvs_ftp_command(const char *data, unsigned int len, u8 af, struct lvs_ftp_place *place)
{
	struct text t = { data, data + len };
	enum lvs_ftp_word word;

	do {
		word = line_command(t, data, af, place);
		if (word)
			return word;
	} while (skip_line(&t));
	return LVS_FTP_NONE;
}

/* Up to where an address may begin, which brackets need not be around; in this line. */
static bool find_address(struct text *t, bool bare)
{
	for (; t->at < t->end && *t->at != '\n'; t->at++) {
		if (*t->at == '(')
			break;
		if (bare && isdigit(*t->at))
			return true;
	}
	if (!take(t, '('))
		return false;
	while (take(t, '('))
		;
	return true;
}

static bool line_answer(struct text t, const char *data, bool extended, u8 af, struct lvs_ftp_place *place)
{
	if (!take_word(&t, extended ? "229 " : "227 ") || !find_address(&t, !extended))
		return false;
	place->start = t.at - data;
	if (extended ? !take_extended(&t, af, true, place) : !take_six(&t, place))
		return false;
	place->end = t.at - data;
	return true;
}

/**
 * lvs_ftp_answer - find where a server tells its client to call
 * @data: payload of its packet
 * @len: bytes of it
 * @asked: LVS_FTP_PASV or LVS_FTP_EPSV: what the client wanted to know
 * @af: family of the control conn
 * @place: filled in, but for the address
 *
 * Context: any. Return: false if it does not tell in this packet.
 */
bool lvs_ftp_answer(const char *data, unsigned int len, enum lvs_ftp_word asked, u8 af, struct lvs_ftp_place *place)
{
	struct text t = { data, data + len };

	do {
		if (line_answer(t, data, asked == LVS_FTP_EPSV, af, place))
			return true;
	} while (skip_line(&t));
	return false;
}

/**
 * lvs_ftp_write - write what is to take the place of a server's address and port
 * @text: LVS_FTP_TEXT bytes
 * @asked: LVS_FTP_PASV or LVS_FTP_EPSV
 * @addr: address, of IPv4; not used by LVS_FTP_EPSV: the client calls the one that it is talking to
 * @port: port, network byte order
 *
 * Context: any. Return: length of the text.
 */
unsigned int lvs_ftp_write(char *text, enum lvs_ftp_word asked, const union nf_inet_addr *addr, __be16 port)
{
	u32 ip = ntohl(addr->ip);
	u16 p = ntohs(port);

	if (asked == LVS_FTP_EPSV)
		return scnprintf(text, LVS_FTP_TEXT, "|||%u|", p);
	return scnprintf(text, LVS_FTP_TEXT, "%u,%u,%u,%u,%u,%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255,
			 p >> 8, p & 255);
}
