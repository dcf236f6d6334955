// SPDX-License-Identifier: GPL-2.0
/*
 * What can stand next on a command line of the native grammar, for the
 * completion of shells: lvsadm __complete WORD... prints the candidates for
 * the last word, one a line.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "legacy.h"

/**
 * struct line - a command line on its way to the last word
 * @argc: words left, the last one included
 * @argv: those words
 */
struct line {
	int argc;
	char **argv;
};

static bool at_last(const struct line *line)
{
	return line->argc <= 1;
}

static const char *next(struct line *line)
{
	line->argc--;
	return *line->argv++;
}

static void offer(const struct line *line, const char *candidate)
{
	const char *begun = line->argc ? *line->argv : "";

	if (!strncmp(candidate, begun, strlen(begun)))
		printf("%s\n", candidate);
}

static void offer_words(const struct line *line, const char *words)
{
	char word[32];
	size_t len;

	for (; words && *words; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		offer(line, word);
	}
}

static void offer_objects(const struct line *line)
{
	size_t i;

	for (i = 0; objects[i]; i++)
		offer(line, objects[i]->name);
}

static void offer_verbs(const struct line *line, const struct object *object)
{
	const struct verb *verb;

	for (verb = object->verbs; verb->help; verb++)
		offer(line, verb->name);
}

static void offer_keywords(const struct line *line, const struct verb *verb,
			   uint64_t given, bool fwmark)
{
	const struct keyword *kw;

	for (kw = verb->keywords; kw && kw->name; kw++)
		if (!(given & KW_BIT(kw->id)) &&
		    (kw->id != KW_FAMILY || fwmark))
			offer(line, kw->name);
}

/* Return: true if the walk goes on behind the service. */
static bool walk_service(struct line *line, const struct verb *verb,
			 bool *fwmark)
{
	const char *const protos = "tcp udp sctp fwmark";
	char proto[8];

	if (verb->service == SVC_NONE)
		return true;
	if (at_last(line)) {
		offer_words(line, protos);
		return verb->service == SVC_OPTIONAL;
	}
	if (!match_choice(protos, *line->argv, proto, sizeof(proto)))
		return verb->service == SVC_OPTIONAL;
	next(line);
	*fwmark = !strcmp(proto, "fwmark");
	if (at_last(line))	/* an address or a mark */
		return false;
	next(line);
	return true;
}

static void walk_keywords(struct line *line, const struct verb *verb,
			  bool fwmark)
{
	const struct keyword *kw;
	uint64_t given = 0;
	char buf[32];
	bool many;

	while (!at_last(line)) {
		kw = match_keyword(verb, next(line), &many);
		if (!kw)
			return;
		given |= KW_BIT(kw->id);
		if (kw->arg == ARG_NONE)
			continue;
		if (at_last(line)) {
			offer_words(line, kw->choices);
			if (kw->arg == ARG_VALUE)
				return;
			continue;
		}
		if (kw->arg == ARG_VALUE || match_choice(kw->choices,
							 *line->argv, buf,
							 sizeof(buf)))
			next(line);
	}
	offer_keywords(line, verb, given, fwmark);
}

/**
 * complete() - print what the last word could be
 * @argc: how many words
 * @argv: the words after the program's name; the last may be empty
 *
 * Return: the exit code.
 */
int complete(int argc, char **argv)
{
	struct line line = { argc, argv };
	const struct object *object;
	const struct verb *verb;
	bool many, fwmark = false;

	if (argc > 1 && (!strcmp(*line.argv, "-j") || !strcmp(*line.argv, "--json")))
		next(&line);
	if (at_last(&line)) {
		offer_objects(&line);
		return CMD_OK;
	}
	object = match_object(next(&line), &many);
	if (!object)
		return CMD_OK;
	verb = object->verbs;
	if (object_has_verbs(object)) {
		if (at_last(&line)) {
			offer_verbs(&line, object);
			return CMD_OK;
		}
		verb = match_verb(object, next(&line), &many);
	}
	if (verb && walk_service(&line, verb, &fwmark))
		walk_keywords(&line, verb, fwmark);
	return CMD_OK;
}
