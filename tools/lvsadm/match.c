// SPDX-License-Identifier: GPL-2.0
/* Words of the native grammar: in full, or as much as is unambiguous. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/**
 * struct matcher - looks for the name that a word stands for
 * @word: the word
 * @best: the candidate
 * @exact: @best is the word itself
 * @many: there is more than one candidate
 */
struct matcher {
	const char *word;
	const void *best;
	bool exact;
	bool many;
};

static void try_name(struct matcher *m, const char *name, const void *item)
{
	if (strncmp(name, m->word, strlen(m->word)) || m->exact)
		return;
	m->exact = !strcmp(name, m->word);
	m->many = m->best && !m->exact;
	m->best = item;
}

static const void *matched(const struct matcher *m, bool *many)
{
	*many = m->many;
	return m->many || !*m->word ? NULL : m->best;
}

/**
 * match_object() - the object that a word stands for
 * @word: the word
 * @many: set if it could be several
 *
 * Return: the object or NULL.
 */
const struct object *match_object(const char *word, bool *many)
{
	struct matcher m = { .word = word };
	size_t i;

	for (i = 0; objects[i]; i++)
		try_name(&m, objects[i]->name, objects[i]);
	return matched(&m, many);
}

/**
 * match_verb() - the verb that a word stands for
 * @object: whose verbs
 * @word: the word
 * @many: set if it could be several
 *
 * Return: the verb or NULL.
 */
const struct verb *match_verb(const struct object *object, const char *word,
			      bool *many)
{
	struct matcher m = { .word = word };
	const struct verb *verb;

	for (verb = object->verbs; verb->help; verb++)
		try_name(&m, verb->name, verb);
	return matched(&m, many);
}

/**
 * match_keyword() - the keyword that a word stands for
 * @verb: whose keywords
 * @word: the word
 * @many: set if it could be several
 *
 * Return: the keyword or NULL.
 */
const struct keyword *match_keyword(const struct verb *verb, const char *word,
				    bool *many)
{
	struct matcher m = { .word = word };
	const struct keyword *kw;

	for (kw = verb->keywords; kw && kw->name; kw++)
		try_name(&m, kw->name, kw);
	return matched(&m, many);
}

/**
 * match_choice() - the value that a word stands for
 * @choices: the values, with blanks between
 * @word: the word
 * @buf: where the value goes
 * @size: of @buf
 *
 * Return: true if there is exactly one.
 */
bool match_choice(const char *choices, const char *word, char *buf,
		  size_t size)
{
	struct matcher m = { .word = word };
	char name[32];
	bool many;
	size_t len;

	for (; *choices; choices += len + (choices[len] == ' ')) {
		len = strcspn(choices, " ");
		snprintf(name, sizeof(name), "%.*s", (int)len, choices);
		try_name(&m, name, choices);
	}
	choices = matched(&m, &many);
	if (!choices)
		return false;
	snprintf(buf, size, "%.*s", (int)strcspn(choices, " "), choices);
	return true;
}
