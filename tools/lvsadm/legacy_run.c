// SPDX-License-Identifier: GPL-2.0
/* Carrying out ipvsadm's commands, and its words for errors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "legacy.h"
#include "table.h"

const char *legacy_program = "ipvsadm";

/* what a refusal means for a command; op OP_NONE stands for any */
static const struct {
	enum op op;
	int err;
	const char *text;
} error_texts[] = {
	{ OP_ADD_SERVICE, EEXIST, "Service already exists" },
	{ OP_ADD_SERVICE, ENOENT, "Scheduler or persistence engine not found" },
	{ OP_EDIT_SERVICE, ESRCH, "No such service" },
	{ OP_EDIT_SERVICE, ENOENT, "Scheduler or persistence engine not found" },
	{ OP_DEL_SERVICE, ESRCH, "No such service" },
	{ OP_ZERO, ESRCH, "No such service" },
	{ OP_LIST, ESRCH, "No such service" },
	{ OP_ADD_DEST, ESRCH, "Service not defined" },
	{ OP_ADD_DEST, EEXIST, "Destination already exists" },
	{ OP_EDIT_DEST, ESRCH, "Service not defined" },
	{ OP_EDIT_DEST, ENOENT, "No such destination" },
	{ OP_DEL_DEST, ESRCH, "Service not defined" },
	{ OP_DEL_DEST, ENOENT, "No such destination" },
	{ OP_START_DAEMON, EEXIST, "Daemon has already run" },
	{ OP_STOP_DAEMON, ESRCH, "No daemon is running" },
	{ OP_NONE, EPERM, "Permission denied (you must be root)" },
	{ OP_NONE, EINVAL, "Invalid operation.  Possibly wrong module version, address not unicast, ..." },
	{ OP_NONE, ENOPROTOOPT, "Protocol not available" },
	{ OP_NONE, ENOMEM, "Memory allocation problem" },
	{ OP_NONE, EOPNOTSUPP, "Operation not supported with IPv6" },
	{ OP_NONE, EAFNOSUPPORT, "Operation not supported with specified address family" },
	{ OP_NONE, EMSGSIZE, "Module is wrong version" },
};

/**
 * legacy_strerror() - ipvsadm's words for a refusal
 * @op: what was refused
 * @err: a positive errno
 *
 * Return: the words.
 */
const char *legacy_strerror(enum op op, int err)
{
	size_t i;

	for (i = 0; i < sizeof(error_texts) / sizeof(*error_texts); i++)
		if (error_texts[i].err == err &&
		    (error_texts[i].op == OP_NONE || error_texts[i].op == op))
			return error_texts[i].text;
	return strerror(err);
}

/**
 * legacy_try_help() - point to the help
 * @cmd: the command that was not understood
 *
 * Return: the exit code.
 */
int legacy_try_help(const struct legacy_command *cmd)
{
	return legacy_fail(cmd, LEGACY_REFUSED,
			   "Try `%s -h' or '%s --help' for more information.",
			   legacy_program, legacy_program);
}

/**
 * legacy_connect() - reach the kernel
 * @nl: the connection
 *
 * Asks what is running as well: that tells early who lacks the privilege.
 *
 * Return: 0, or the exit code after reporting why not.
 */
int legacy_connect(struct nl **nl)
{
	struct ipvs_info info;
	int err = nl_open(nl);

	if (!err) {
		err = table_info(*nl, &info);
		if (!err)
			return 0;
		nl_close(*nl);
		*nl = NULL;
	}
	if (err == -ENOENT)
		err = -ENOPROTOOPT;
	fprintf(stderr,
		"Can't initialize ipvs: %s\n"
		"Are you sure that IP Virtual Server is built in the kernel or as module?\n",
		legacy_strerror(OP_NONE, -err));
	return LEGACY_USAGE;
}

/**
 * legacy_execute() - carry out a parsed command
 * @nl: the connection
 * @cmd: the command; must stay in place until the batch is flushed
 *
 * Modifications only join the batch; listings see all that came before.
 *
 * Return: 0 or an exit code; refusals go to the error handler.
 */
int legacy_execute(struct nl *nl, const struct legacy_command *cmd)
{
	int err = 0;

	if (cmd->req.op == OP_LIST || cmd->req.op == OP_SAVE)
		err = nl_flush(nl);
	if (err)
		goto broken;
	switch (cmd->req.op) {
	case OP_LIST:
		return legacy_list(nl, cmd);
	case OP_SAVE:
		return legacy_save(nl, cmd->given & LO_BIT(LO_NUMERIC));
	case OP_HELP:
		legacy_help();
		return LEGACY_OK;
	case OP_VERSION:
		legacy_version();
		return LEGACY_OK;
	case OP_RESTORE:
		return legacy_try_help(cmd);
	default:
		err = request_queue(nl, &cmd->req);
	}
	if (!err)
		return LEGACY_OK;
broken:
	return legacy_fail(cmd, LEGACY_REFUSED, "%s", strerror(-err));
}

/**
 * legacy_refused() - say that the kernel refused a request
 * @req: the request
 * @err: a positive errno
 * @text: the kernel's own sentence, or NULL
 *
 * The words are ipvsadm's, unless they would tell something else than happened:
 * what is not supported need not be IPv6.
 */
void legacy_refused(const struct request *req, int err, const char *text)
{
	bool own = text && req->op == OP_START_DAEMON && err == EOPNOTSUPP;

	if (req->line)
		fprintf(stderr, "line %u: ", req->line);
	fprintf(stderr, "%s\n", own ? text : legacy_strerror(req->op, err));
}

static void refused(void *data, const void *tag, int err, const char *text)
{
	legacy_refused(tag, err, text);
	*(int *)data = LEGACY_REFUSED;
}

static int run_one(const struct legacy_command *cmd)
{
	int code, err, result = LEGACY_OK;
	struct nl *nl;

	code = legacy_connect(&nl);
	if (code)
		return code;
	nl_on_error(nl, refused, &result);
	code = legacy_execute(nl, cmd);
	err = nl_flush(nl);
	if (!code && err)
		code = legacy_fail(cmd, LEGACY_REFUSED, "%s", strerror(-err));
	nl_close(nl);
	return code ? code : result;
}

/* ipvsadm-save takes -n and looks at no other word */
static int main_save(int argc, char **argv)
{
	struct legacy_command cmd = { .req.op = OP_SAVE };
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-n")) {
			cmd.given |= LO_BIT(LO_NUMERIC);
		} else if (argv[i][0] == '-') {
			fprintf(stderr, "%s: writes the table of virtual services to stdout\n"
				"   -n: addresses and ports as numbers\n",
				legacy_program);
			return 1;
		}
	}
	return run_one(&cmd);
}

/**
 * legacy_main() - be ipvsadm
 * @argc: how many words
 * @argv: the words; ipvsadm-save and ipvsadm-restore are known by the first
 *
 * Return: the exit code.
 */
int legacy_main(int argc, char **argv)
{
	struct legacy_command cmd = { .req.op = OP_LIST };
	const char *name = strrchr(argv[0], '/');
	int code;

	name = name ? name + 1 : argv[0];
	legacy_program = argv[0];
	if (!strcmp(name, "ipvsadm-save")) {
		legacy_program = name;
		return main_save(argc, argv);
	}
	if (!strcmp(name, "ipvsadm-restore")) {
		legacy_program = "ipvsadm";
		return legacy_restore(true);
	}
	if (argc == 1)
		return run_one(&cmd);
	code = legacy_parse(argc, argv, 0, &cmd);
	if (code)
		return code;
	switch (cmd.req.op) {
	case OP_HELP:
	case OP_VERSION:
		return legacy_execute(NULL, &cmd);
	case OP_RESTORE:
		return legacy_restore(false);
	default:
		return run_one(&cmd);
	}
}
