// SPDX-License-Identifier: GPL-2.0
/* Help for the native grammar, made from its table. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "version.h"

#define WIDTH	79
#define INDENT	11

/* Lines are broken between arguments. */
static int column;

static void put_item(const char *item)
{
	int len = strlen(item);

	if (column + 1 + len > WIDTH) {
		printf("\n%*s", INDENT, "");
		column = INDENT;
	}
	printf(" %s", item);
	column += 1 + len;
}

static bool same_group(const struct keyword *kw)
{
	return kw[1].name && kw[1].id == kw->id;
}

static void put_keyword(const struct keyword *kw, const char *open,
			const char *shut)
{
	bool choice = kw->arg == ARG_CHOICE;
	char buf[128];

	snprintf(buf, sizeof(buf), "%s%s%s%s%s%s", open, kw->name,
		 kw->value ? choice ? " [ " : " " : "",
		 kw->value ? kw->value : "", choice ? " ]" : "", shut);
	put_item(buf);
}

/* Keywords that exclude each other stand together. Return: the next one. */
static const struct keyword *put_keywords(const struct verb *verb,
					  const struct keyword *kw)
{
	bool needed = verb->needed & KW_BIT(kw->id);
	const char *open = "", *shut = "";

	if (!needed) {
		open = "[ ";
		shut = " ]";
	} else if (same_group(kw)) {
		open = "{ ";
		shut = " }";
	}
	for (; same_group(kw); kw++) {
		put_keyword(kw, open, " |");
		open = "";
	}
	put_keyword(kw, open, shut);
	return kw + 1;
}

static void put_verb(const struct object *object, const struct verb *verb)
{
	const struct keyword *kw = verb->keywords;

	printf("    lvsadm %s", object->name);
	column = INDENT + strlen(object->name);
	if (verb->name)
		put_item(verb->name);
	if (verb->service == SVC_NEEDED)
		put_item("SERVICE");
	if (verb->service == SVC_OPTIONAL)
		put_item("[ SERVICE ]");
	while (kw && kw->name) {
		/* belongs to SERVICE */
		if (kw->id == KW_FAMILY)
			kw++;
		else
			kw = put_keywords(verb, kw);
	}
	putchar('\n');
}

static void put_object(const struct object *object)
{
	const struct verb *verb;

	for (verb = object->verbs; verb->help; verb++)
		put_verb(object, verb);
}

static void put_service(void)
{
	printf("SERVICE := { tcp | udp | sctp } ADDRESS:PORT |\n"
	       "           fwmark MARK [ family inet|inet6 ]\n");
}

/**
 * help_print() - print the synopsis of one object and what its verbs do
 * @object: the object
 */
void help_print(const struct object *object)
{
	const struct verb *verb;
	bool service = false;

	printf("Usage:\n");
	put_object(object);
	for (verb = object->verbs; verb->help; verb++)
		service |= verb->service != SVC_NONE;
	if (service)
		put_service();
	putchar('\n');
	for (verb = object->verbs; verb->help; verb++)
		printf("    %-8s %s\n", verb->name ? verb->name : object->name,
		       verb->help);
}

/** help_all() - print the synopsis of everything */
void help_all(void)
{
	size_t i;

	printf("Usage: lvsadm [ -j ] OBJECT [ COMMAND ] [ ARGUMENTS ]\n"
	       "       lvsadm -OPTION...    as ipvsadm, see lvsadm --help\n");
	for (i = 0; objects[i]; i++)
		put_object(objects[i]);
	put_service();
	printf("-j prints JSON. Words can be shortened while they are unambiguous.\n");
}

static int set_object(struct context *ctx, const char *value)
{
	bool many;

	ctx->object = match_object(value, &many);
	return CMD_OK;
}

static int run_help(struct context *ctx)
{
	if (ctx->object == &help_object)
		help_all();
	else
		help_print(ctx->object);
	return CMD_OK;
}

static int run_version(struct context *ctx)
{
	if (!ctx->json) {
		printf("lvsadm %s\n", LVSADM_VERSION);
		return CMD_OK;
	}
	json_open(NULL, '{');
	json_string("lvsadm", LVSADM_VERSION);
	json_close('}');
	json_end();
	return CMD_OK;
}

#define TOPIC(name) { name, KW_KIND, ARG_NONE, NULL, NULL, set_object }

static const struct keyword help_keywords[] = {
	TOPIC("service"), TOPIC("dest"), TOPIC("conn"), TOPIC("stats"),
	TOPIC("config"), TOPIC("daemon"), TOPIC("show"), TOPIC("save"),
	TOPIC("restore"), { 0 }
};

static const struct verb help_verbs[] = {
	{ .keywords = help_keywords, .run = run_help,
	  .help = "print this, or the help on one object" },
	{ 0 }
};

static const struct verb version_verbs[] = {
	{ .run = run_version, .help = "print the version" },
	{ 0 }
};

const struct object help_object = { "help", help_verbs };
const struct object version_object = { "version", version_verbs };
