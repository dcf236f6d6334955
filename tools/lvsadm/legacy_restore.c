// SPDX-License-Identifier: GPL-2.0
/*
 * Restoring a saved table: many ipvsadm commands from standard input.
 *
 * All lines are parsed before the first is carried out, so that a file with a
 * mistake in it changes (and, for ipvsadm-restore, clears) nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "legacy.h"
#include "lines.h"

/**
 * struct restore - the commands of a file
 * @commands: array of @count commands
 * @count: how many
 * @room: how many fit @commands
 * @code: exit code of the first line that failed
 * @text: the file; option arguments point into it
 */
struct restore {
	struct legacy_command *commands;
	size_t count;
	size_t room;
	int code;
	char *text;
};

static struct legacy_command *next_command(struct restore *restore)
{
	size_t room = restore->room ? restore->room * 2 : 64;
	struct legacy_command *bigger;

	if (restore->count == restore->room) {
		bigger = reallocarray(restore->commands, room,
				      sizeof(*bigger));
		if (!bigger)
			return NULL;
		restore->commands = bigger;
		restore->room = room;
	}
	return &restore->commands[restore->count];
}

static int parse_line(struct restore *restore, char *line, unsigned int number)
{
	struct legacy_command *cmd = next_command(restore);
	char **room, **argv;
	int argc, code = 0;

	room = lines_words(line, &argc);
	if (!cmd || !room) {
		free(room);
		return -ENOMEM;
	}
	argv = room;
	if (argc && !strcmp(argv[1], "ipvsadm")) {
		argv++;
		argc--;
	}
	argv[0] = (char *)legacy_program;
	if (argc) {
		code = legacy_parse(argc + 1, argv, number, cmd);
		if (!code && cmd->req.op == OP_RESTORE)
			code = legacy_try_help(cmd);
		restore->count++;
	}
	free(room);
	if (code && !restore->code)
		restore->code = code;
	return 0;
}

static int parse_text(struct restore *restore)
{
	unsigned int number = 0;
	char *line, *rest = restore->text;
	int err;

	while ((line = strsep(&rest, "\n"))) {
		err = parse_line(restore, line, ++number);
		if (err)
			return err;
	}
	return 0;
}

static void refused(void *data, const void *tag, int err, const char *text)
{
	struct restore *restore = data;

	legacy_refused(tag, err, text);
	if (!restore->code)
		restore->code = LEGACY_REFUSED;
}

static int apply(struct restore *restore, bool clear)
{
	static const struct legacy_command flush = { .req.op = OP_FLUSH };
	struct nl *nl;
	size_t i;
	int code, err;

	code = legacy_connect(&nl);
	if (code)
		return code;
	nl_on_error(nl, refused, restore);
	if (clear)
		legacy_execute(nl, &flush);
	for (i = 0; i < restore->count; i++) {
		code = legacy_execute(nl, &restore->commands[i]);
		if (code && !restore->code)
			restore->code = code;
	}
	err = nl_flush(nl);
	if (err) {
		fprintf(stderr, "%s\n", strerror(-err));
		restore->code = LEGACY_REFUSED;
	}
	nl_close(nl);
	return restore->code;
}

/**
 * legacy_restore() - carry out the commands on standard input
 * @clear: empty the table first
 *
 * Return: 0 if all lines succeeded, else the code of the first that did not.
 */
int legacy_restore(bool clear)
{
	const char *why;
	struct restore restore = { .text = lines_read(stdin, &why) };
	int code = LEGACY_REFUSED;

	if (!restore.text)
		fprintf(stderr, "%s\n", why);
	else if (parse_text(&restore))
		fprintf(stderr, "%s\n", legacy_strerror(OP_NONE, ENOMEM));
	else if (restore.code)
		code = restore.code;
	else
		code = apply(&restore, clear);
	free(restore.commands);
	free(restore.text);
	return code;
}
