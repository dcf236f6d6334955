// SPDX-License-Identifier: GPL-2.0
/* JSON on standard output. */
#include <inttypes.h>
#include <stdio.h>

#include "json.h"

/* the next element of the array or object is not its first */
static bool comma;

static void quote(const char *text)
{
	const unsigned char *c;

	putchar('"');
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void begin(const char *name)
{
	if (comma)
		putchar(',');
	comma = true;
	if (!name)
		return;
	quote(name);
	putchar(':');
}

/**
 * json_open() - start an object or array
 * @name: its name, or NULL
 * @bracket: '{' or '['
 */
void json_open(const char *name, char bracket)
{
	begin(name);
	putchar(bracket);
	comma = false;
}

/**
 * json_close() - end an object or array
 * @bracket: '}' or ']'
 */
void json_close(char bracket)
{
	putchar(bracket);
	comma = true;
}

/**
 * json_string() - write a string
 * @name: its name, or NULL
 * @value: its value
 */
void json_string(const char *name, const char *value)
{
	begin(name);
	quote(value);
}

/**
 * json_uint() - write a number
 * @name: its name, or NULL
 * @value: its value
 */
void json_uint(const char *name, uint64_t value)
{
	begin(name);
	printf("%" PRIu64, value);
}

/**
 * json_int() - write a number that may be negative
 * @name: its name, or NULL
 * @value: its value
 */
void json_int(const char *name, int64_t value)
{
	begin(name);
	printf("%" PRId64, value);
}

/**
 * json_bool() - write a truth value
 * @name: its name, or NULL
 * @value: its value
 */
void json_bool(const char *name, bool value)
{
	begin(name);
	fputs(value ? "true" : "false", stdout);
}

/** json_end() - end the line after the outermost object */
void json_end(void)
{
	putchar('\n');
	comma = false;
}
