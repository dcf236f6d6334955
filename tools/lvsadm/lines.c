// SPDX-License-Identifier: GPL-2.0
/* Files of commands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define BLANKS	" \t\r\n\v\f"

/**
 * lines_read() - read a whole file
 * @file: the file
 *
 * Return: its text, to be freed, or NULL with errno set.
 */
char *lines_read(FILE *file)
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
	if (text && ferror(file)) {
		free(text);
		errno = EIO;
		return NULL;
	}
	if (text)
		text[used] = '\0';
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
	char *save, *word;
	int n = 0;

	if (!argv)
		return NULL;
	for (word = strtok_r(line, BLANKS, &save); word && *word != '#';
	     word = strtok_r(NULL, BLANKS, &save))
		argv[1 + n++] = word;
	*argc = n;
	return argv;
}
