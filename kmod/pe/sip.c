// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: SIP
 *
 * All messages of one call have the same Call-ID (RFC 3261, 8.1.1.4):
 *
 *	callid = word [ "@" word ]
 *	Call-ID = ( "Call-ID" / "i" ) HCOLON callid
 *
 * It is looked for at the beginning of every line but the first, which says what kind of message it is. Lines end with
 * CR, LF or both, and go on in the next one if that begins with a blank. A callid of more than 255 bytes, and one with
 * anything else than the end of the line behind it, is none.
 */
#include <linux/ctype.h>
#include <linux/string.h>

#include "pe.h"

#define CALLID_MAX 255

/**
 * struct cursor - where in a message the parser is
 * @at: next byte
 * @end: behind the last one
 */
struct cursor {
	const u8 *at;
	const u8 *end;
};

static bool is_eol(u8 c)
{
	return c == '\r' || c == '\n';
}

static bool is_blank(u8 c)
{
	return c == ' ' || c == '\t';
}

/* Moves to the beginning of the next line. Returns false if there is none. */
static bool next_line(struct cursor *c)
{
	while (c->at < c->end && !is_eol(*c->at))
		c->at++;
	if (c->at == c->end)
		return false;
	if (c->end - c->at >= 2 && c->at[0] == '\r' && c->at[1] == '\n')
		c->at++;
	c->at++;
	return c->at < c->end;
}

/* Moves past blanks, and to where a line goes on in the next one, once. Returns false if nothing comes behind. */
static bool skip_blanks(struct cursor *c)
{
	bool folded = false;

	for (;;) {
		while (c->at < c->end && is_blank(*c->at))
			c->at++;
		if (c->at >= c->end)
			return false;
		if (folded || !is_eol(*c->at))
			return true;
		if (!next_line(c) || !is_blank(*c->at))
			return false;
		folded = true;
	}
}

static bool has_name(const struct cursor *c, const char *name, u32 len)
{
	return c->end - c->at >= len && !strncasecmp((const char *)c->at, name, len);
}

/* Moves behind the name of the header and its colon. Returns false if the line is another header. */
static bool skip_name(struct cursor *c)
{
	if (has_name(c, "call-id", 7))
		c->at += 7;
	else if (has_name(c, "i", 1))
		c->at++;
	else
		return false;
	if (!skip_blanks(c) || *c->at != ':')
		return false;
	c->at++;
	return skip_blanks(c);
}

/* The characters of a word, by RFC 3261; and letters beyond ASCII. */
static bool is_word(u8 c)
{
	return isalnum(c) || (c && strchr("-.!%*_+`'~()<>:\\\"/[]?{}", c));
}

static u32 word_len(const u8 *at, const u8 *end)
{
	const u8 *p = at;

	while (p < end && is_word(*p))
		p++;
	return p - at;
}

/* Length of a callid; 0 if there is none. */
static u32 callid_len(const struct cursor *c)
{
	u32 len = word_len(c->at, c->end), host;

	if (!len || c->at + len == c->end || c->at[len] != '@')
		return len;
	host = word_len(c->at + len + 1, c->end);
	return host ? len + 1 + host : 0;
}

static bool sip_find(const u8 *data, u32 len, struct lvs_pe_found *found)
{
	struct cursor c = { .at = data, .end = data + len };

	while (next_line(&c)) {
		struct cursor value = c;
		u32 id;

		if (!skip_name(&value))
			continue;
		id = callid_len(&value);
		if (!id)
			continue;
		if (id > CALLID_MAX || value.at + id == value.end || !is_eol(value.at[id]))
			return false;
		found->at = value.at;
		found->len = id;
		return true;
	}
	return false;
}

const struct lvs_pe_ops lvs_pe_sip = {
	.name = "sip",
	.find = sip_find,
};
