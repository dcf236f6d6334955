// SPDX-License-Identifier: GPL-2.0
/* The native grammar: from words to a command, and carrying it out. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cmd.h"
#include "words.h"

/**
 * cmd_fail() - say what is wrong with a command
 * @ctx: the command
 * @fmt: what is wrong
 *
 * Return: the exit code for wrong usage.
 */
int cmd_fail(const struct context *ctx, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "lvsadm: ");
	if (ctx->req.line)
		fprintf(stderr, "line %u: ", ctx->req.line);
	if (ctx->object)
		fprintf(stderr, "%s", ctx->object->name);
	if (ctx->verb && ctx->verb->name)
		fprintf(stderr, " %s", ctx->verb->name);
	if (ctx->object)
		fprintf(stderr, ": ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return CMD_USAGE;
}

/**
 * struct words - the words of a command
 * @argc: how many are left
 * @argv: those that are left
 */
struct words {
	int argc;
	char **argv;
};

static char *take(struct words *words)
{
	if (!words->argc)
		return NULL;
	words->argc--;
	return *words->argv++;
}

static int no_such_word(const struct context *ctx, const char *what,
			const char *word, bool many)
{
	if (many)
		return cmd_fail(ctx, "%s '%s' could be several: write more of it",
				what, word);
	if (ctx->object)
		return cmd_fail(ctx, "unknown %s '%s': see lvsadm help %s",
				what, word, ctx->object->name);
	return cmd_fail(ctx, "unknown %s '%s': see lvsadm help", what, word);
}

static int parse_object(struct context *ctx, struct words *words)
{
	const char *word = take(words);
	bool many;

	ctx->object = match_object(word, &many);
	if (!ctx->object)
		return no_such_word(ctx, "object", word, many);
	return CMD_OK;
}

static int parse_verb(struct context *ctx, struct words *words)
{
	const char *word;
	bool many;

	ctx->verb = NULL;
	if (!object_has_verbs(ctx->object)) {
		ctx->verb = ctx->object->verbs;
		return CMD_OK;
	}
	word = take(words);
	if (!word)
		word = "show";
	ctx->verb = match_verb(ctx->object, word, &many);
	if (!ctx->verb)
		return no_such_word(ctx, "command", word, many);
	return CMD_OK;
}

static int parse_fwmark(struct context *ctx, const char *word)
{
	struct ipvs_service *svc = &ctx->req.svc;
	uint64_t mark;

	if (!word)
		return cmd_fail(ctx, "fwmark: the mark is missing");
	if (!parse_number(word, 1, UINT32_MAX, &mark))
		return cmd_fail(ctx, "fwmark '%s': must be a number from 1 to 4294967295",
				word);
	svc->fwmark = mark;
	svc->addr.family = AF_INET;
	ctx->req.has_service = true;
	return CMD_OK;
}

static int parse_address(struct context *ctx, const char *proto,
			 const char *word)
{
	struct ipvs_service *svc = &ctx->req.svc;
	enum addr_error err;
	struct hostport hp;

	if (!word)
		return cmd_fail(ctx, "%s: ADDRESS:PORT is missing", proto);
	err = hostport_parse(word, svc->proto, &hp);
	if (err)
		return cmd_fail(ctx, "%s '%s': %s", proto, word,
				addr_strerror(err));
	if (!hp.has_port)
		return cmd_fail(ctx, "%s '%s': the port is missing (0 stands for any port)",
				proto, word);
	svc->addr = hp.addr;
	svc->port = hp.port;
	ctx->req.has_service = true;
	return CMD_OK;
}

static int parse_service(struct context *ctx, struct words *words)
{
	char proto[8];

	if (ctx->verb->service == SVC_NONE)
		return CMD_OK;
	if (!words->argc) {
		if (ctx->verb->service == SVC_OPTIONAL)
			return CMD_OK;
		return cmd_fail(ctx, "which service? tcp|udp|sctp ADDRESS:PORT or fwmark MARK is missing");
	}
	if (!match_choice("tcp udp sctp fwmark", *words->argv, proto,
			  sizeof(proto))) {
		if (ctx->verb->service == SVC_OPTIONAL)
			return CMD_OK;
		return cmd_fail(ctx, "'%s': a service begins with tcp, udp, sctp or fwmark",
				*words->argv);
	}
	take(words);
	if (!strcmp(proto, "fwmark"))
		return parse_fwmark(ctx, take(words));
	ctx->req.svc.proto = IPPROTO_SCTP;
	if (!strcmp(proto, "tcp"))
		ctx->req.svc.proto = IPPROTO_TCP;
	else if (!strcmp(proto, "udp"))
		ctx->req.svc.proto = IPPROTO_UDP;
	return parse_address(ctx, proto, take(words));
}

/* Return: 0 with *@value set, or an exit code. */
static int parse_value(struct context *ctx, const struct keyword *kw,
		       struct words *words, char *buf, size_t size,
		       const char **value)
{
	*value = kw->arg == ARG_NONE ? kw->name : NULL;
	if (kw->arg == ARG_NONE)
		return CMD_OK;
	if (kw->arg == ARG_CHOICE) {
		if (words->argc && match_choice(kw->choices, *words->argv,
						buf, size)) {
			take(words);
			*value = buf;
		}
		return CMD_OK;
	}
	*value = take(words);
	if (!*value)
		return cmd_fail(ctx, "%s: %s is missing", kw->name, kw->value);
	return CMD_OK;
}

static int parse_keyword(struct context *ctx, struct words *words)
{
	const char *word = take(words), *value;
	const struct keyword *kw;
	char buf[32];
	bool many;
	int code;

	kw = match_keyword(ctx->verb, word, &many);
	if (!kw)
		return no_such_word(ctx, "argument", word, many);
	if (cmd_has(ctx, kw->id))
		return cmd_fail(ctx, "%s: given twice, or contradicts an earlier argument",
				kw->name);
	ctx->given |= KW_BIT(kw->id);
	code = parse_value(ctx, kw, words, buf, sizeof(buf), &value);
	return code ? code : kw->set(ctx, value);
}

static int check_needed(const struct context *ctx)
{
	const struct keyword *kw;

	for (kw = ctx->verb->keywords; kw && kw->name; kw++) {
		if (!(ctx->verb->needed & KW_BIT(kw->id)) ||
		    cmd_has(ctx, kw->id))
			continue;
		if (kw[1].name && kw[1].id == kw->id)
			return cmd_fail(ctx, "%s or %s is missing", kw->name,
					kw[1].name);
		return cmd_fail(ctx, "%s%s%s is missing", kw->name,
				kw->value ? " " : "",
				kw->value ? kw->value : "");
	}
	return CMD_OK;
}

/**
 * cmd_parse() - parse a command
 * @ctx: the command; what is not about its words must be set already
 * @argc: how many words, at least one
 * @argv: the words, which must stay in place until the command has run
 *
 * Return: 0, or the exit code after reporting what is wrong.
 */
int cmd_parse(struct context *ctx, int argc, char **argv)
{
	struct words words = { argc, argv };
	int code = parse_object(ctx, &words);

	if (!code)
		code = parse_verb(ctx, &words);
	if (code)
		return code;
	ctx->req.op = ctx->verb->op;
	code = parse_service(ctx, &words);
	while (!code && words.argc)
		code = parse_keyword(ctx, &words);
	if (!code)
		code = check_needed(ctx);
	if (!code && ctx->verb->check)
		code = ctx->verb->check(ctx);
	return code;
}

/**
 * cmd_connect() - reach the kernel, unless that was done already
 * @ctx: the command
 *
 * Return: 0, or the exit code after reporting why not.
 */
int cmd_connect(struct context *ctx)
{
	int err;

	if (ctx->nl)
		return CMD_OK;
	err = nl_open(&ctx->nl);
	if (!err)
		return CMD_OK;
	if (err == -ENOENT)
		fprintf(stderr, "lvsadm: the kernel has no IPVS: 'modprobe ip_vs' found neither lvs nor ip_vs\n");
	else
		fprintf(stderr, "lvsadm: cannot open a netlink socket: %s\n",
			strerror(-err));
	return CMD_REFUSED;
}

/**
 * cmd_refused() - say that the kernel refused a command
 * @ctx: the command
 * @err: -errno
 *
 * Return: the exit code.
 */
int cmd_refused(const struct context *ctx, int err)
{
	return refusal_print(&ctx->req, -err, nl_error_text(ctx->nl));
}

static void refused(void *data, const void *tag, int err, const char *text)
{
	*(int *)data = refusal_print(tag, err, text);
}

static int send_request(struct context *ctx)
{
	int err = request_queue(ctx->nl, &ctx->req);

	if (!err && !ctx->batch)
		err = nl_flush(ctx->nl);
	return err ? cmd_refused(ctx, err) : CMD_OK;
}

/**
 * cmd_run() - carry out a parsed command
 * @ctx: the command
 *
 * Return: the exit code.
 */
int cmd_run(struct context *ctx)
{
	int code, result = CMD_OK;

	/* whoever made the batch listens to refusals already */
	if (ctx->req.op != OP_NONE && !ctx->batch) {
		code = cmd_connect(ctx);
		if (code)
			return code;
		nl_on_error(ctx->nl, refused, &result);
	}
	code = ctx->verb->run ? ctx->verb->run(ctx) : CMD_OK;
	if (!code && ctx->req.op != OP_NONE)
		code = send_request(ctx);
	return code ? code : result;
}
