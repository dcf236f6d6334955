/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another reader of a SIP message's Call-ID, as slow and plain as can be: the message is taken apart into lines first. Of
 * those that go on the first only is put together, as a header's beginning may be spread over two.
 */
#ifndef UNIT_SIP_MODEL_H
#define UNIT_SIP_MODEL_H

static inline bool model_eol(u8 c)
{
	return c == '\r' || c == '\n';
}

static inline bool model_word(u8 c)
{
	return c && (isalnum(c) || strchr("-.!%*_+`'~()<>:\\\"/[]?{}", c));
}

/* Where the line that @at is in ends: at its CR or LF, or at the end. */
static inline size_t model_end(const u8 *text, size_t len, size_t at)
{
	while (at < len && !model_eol(text[at]))
		at++;
	return at;
}

/* The beginning of the next line. */
static inline size_t model_next(const u8 *text, size_t len, size_t end)
{
	if (end + 1 < len && text[end] == '\r' && text[end + 1] == '\n')
		return end + 2;
	return end + 1;
}

/* Past blanks; over one end of a line, if a blank follows. Returns @len if there is no more or that is not so. */
static inline size_t model_blanks(const u8 *text, size_t len, size_t at)
{
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (at >= len || !model_eol(text[at]))
		return at;
	at = model_next(text, len, at);
	if (at >= len || (text[at] != ' ' && text[at] != '\t'))
		return len;
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

/* 1: a Call-ID in @id; 0: not in this line; -1: one that spoils the message. */
static inline int model_header(const u8 *text, size_t len, size_t at, char *id)
{
	size_t name = 0, end, ats = 0;

	if (len - at >= 7 && !strncasecmp((const char *)text + at, "Call-ID", 7))
		name = 7;
	else if (text[at] == 'i' || text[at] == 'I')
		name = 1;
	if (!name)
		return 0;
	at = model_blanks(text, len, at + name);
	if (at >= len || text[at] != ':')
		return 0;
	at = model_blanks(text, len, at + 1);
	if (at >= len || !model_word(text[at]))
		return 0;
	for (end = at; end < len && (model_word(text[end]) || (text[end] == '@' && !ats)); end++)
		ats += text[end] == '@';
	if (text[end - 1] == '@')
		return 0;
	if (end - at > 255 || end == len || !model_eol(text[end]))
		return -1;
	memcpy(id, text + at, end - at);
	id[end - at] = '\0';
	return 1;
}

static inline bool sip_model(const u8 *text, size_t len, char *id)
{
	size_t at = model_next(text, len, model_end(text, len, 0));
	int is = 0;

	while (at < len && !is) {
		is = model_header(text, len, at, id);
		at = model_next(text, len, model_end(text, len, at));
	}
	return is > 0;
}

#endif
