// SPDX-License-Identifier: GPL-2.0
/*
 * lvsadm restore: many commands from a file.
 *
 * All lines are parsed before the first is carried out: a file with a mistake
 * in it changes nothing. The commands then go to the kernel in batches.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lines.h"
#include "table.h"

/**
 * struct batch - the commands of a file
 * @commands: array of @count commands
 * @count: how many
 * @room: how many fit @commands
 * @code: exit code of the first line that failed
 * @text: the file, into which the commands point
 */
struct batch {
	struct context *commands;
	size_t count;
	size_t room;
	int code;
	char *text;
};

static int set_flush(struct context *ctx, const char *value)
{
	(void)ctx;	/* that it was given is noted already */
	(void)value;
	return CMD_OK;
}

static int set_file(struct context *ctx, const char *value)
{
	ctx->file = value;
	return CMD_OK;
}

static struct context *next_command(struct batch *batch)
{
	size_t room = batch->room ? batch->room * 2 : 64;
	struct context *bigger;

	if (batch->count == batch->room) {
		bigger = reallocarray(batch->commands, room, sizeof(*bigger));
		if (!bigger)
			return NULL;
		batch->commands = bigger;
		batch->room = room;
	}
	return &batch->commands[batch->count];
}

static int parse_line(struct batch *batch, char *line, unsigned int number)
{
	struct context *cmd = next_command(batch);
	int argc, code = CMD_OK;
	char **argv;

	argv = lines_words(line, &argc);
	if (!cmd || !argv) {
		free(argv);
		return -ENOMEM;
	}
	if (argc) {
		memset(cmd, 0, sizeof(*cmd));
		cmd->req.line = number;
		cmd->batch = true;
		code = cmd_parse(cmd, argc, argv + 1);
		if (!code && cmd->req.op == OP_NONE)
			code = cmd_fail(cmd, "only commands that change something can stand in a file");
		batch->count++;
	}
	free(argv);
	if (code && !batch->code)
		batch->code = code;
	return 0;
}

static int parse_text(struct batch *batch)
{
	char *line, *rest = batch->text;
	unsigned int number = 0;
	int err = 0;

	while (!err && (line = strsep(&rest, "\n")))
		err = parse_line(batch, line, ++number);
	return err;
}

static void refused(void *data, const void *tag, int err, const char *text)
{
	struct batch *batch = data;
	int code = refusal_print(tag, err, text);

	if (!batch->code)
		batch->code = code;
}

static int apply(struct context *ctx, struct batch *batch)
{
	static const struct request flush = { .op = OP_FLUSH };
	struct ipvs_info info;
	int code, err = 0;
	size_t i;

	code = cmd_connect(ctx);
	if (code)
		return code;
	/* who lacks the privilege is told once, not for each line */
	err = table_info(ctx->nl, &info);
	if (err)
		return cmd_refused(ctx, err);
	nl_on_error(ctx->nl, refused, batch);
	if (cmd_has(ctx, KW_FLUSH))
		err = request_queue(ctx->nl, &flush);
	for (i = 0; !err && i < batch->count; i++) {
		batch->commands[i].nl = ctx->nl;
		code = cmd_run(&batch->commands[i]);
		if (code && !batch->code)
			batch->code = code;
	}
	if (!err)
		err = nl_flush(ctx->nl);
	return err ? cmd_refused(ctx, err) : batch->code;
}

static char *read_file(struct context *ctx)
{
	FILE *file = ctx->file ? fopen(ctx->file, "re") : stdin;
	const char *why = strerror(errno);
	char *text = file ? lines_read(file, &why) : NULL;

	if (!text)
		cmd_fail(ctx, "%s: %s", ctx->file ? ctx->file : "standard input",
			 why);
	if (file && file != stdin)
		fclose(file);
	return text;
}

static int run_restore(struct context *ctx)
{
	struct batch batch = { .text = read_file(ctx) };
	int code = CMD_USAGE;

	if (!batch.text)
		return code;
	if (parse_text(&batch))
		cmd_fail(ctx, "%s", strerror(ENOMEM));
	else if (batch.code)
		code = batch.code;
	else
		code = apply(ctx, &batch);
	free(batch.commands);
	free(batch.text);
	return code;
}

static const struct keyword keywords[] = {
	{ "flush", KW_FLUSH, ARG_NONE, NULL, NULL, set_flush },
	{ "file", KW_FILE, ARG_VALUE, "NAME", NULL, set_file },
	{ 0 }
};

static const struct verb verbs[] = {
	{ .keywords = keywords, .run = run_restore,
	  .help = "carry out the commands in a file or on standard input" },
	{ 0 }
};

const struct object restore_object = { "restore", verbs };
