// SPDX-License-Identifier: GPL-2.0
/* Files of commands. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

/**
 * lines_read() - read a whole file
 * @file: the file
 * @why: why it cannot be, if it cannot
 *
 * Return: its text, to be freed, or NULL with @why set.
 */
char *lines_read(FILE *file, const char **why)
{
	size_t room = 65536, used = 0, got;
	char *text = malloc(room), *bigger;

	while (text) {
		got = fread(text + used, 1, room - used - 1, file);
		used += got;
		if (!got)
			break;
		if (used < room - 1)
			continue;
		room *= 2;
		bigger = realloc(text, room);
		if (!bigger)
			free(text);
		text = bigger;
	}
	*why = NULL;
	if (!text || ferror(file))
		*why = strerror(errno);
	else if (memchr(text, '\0', used))	/* what is behind would be lost */
		*why = "not a text: there is a zero byte in it";
	if (*why) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	return text;
}

/* Past all characters that are blanks, or are none. */
static char *skip(char *text, bool blanks)
{
	while (*text && !isspace((unsigned char)*text) == !blanks)
		text++;
	return text;
}

/**
 * lines_words() - take a line apart
 * @line: the line, which is changed; the words stay in it
 * @argc: how many words there are, without a comment (# to the end)
 *
 * Return: the words, to be freed, with room for one before them and a NULL
 * behind them; NULL if there is no memory.
 */
char **lines_words(char *line, int *argc)
{
	/* no more words than every other character */
	char **argv = calloc(strlen(line) / 2 + 4, sizeof(*argv));
	int n = 0;

	if (!argv)
		return NULL;
	while (*(line = skip(line, true)) && *line != '#') {
		argv[1 + n++] = line;
		line = skip(line, false);
		if (*line)
			*line++ = '\0';
	}
	*argc = n;
	return argv;
}
