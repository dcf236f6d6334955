// SPDX-License-Identifier: GPL-2.0
/* The native grammar's words for what the kernel refuses. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "print.h"

static const char *const op_words[OP_MAX] = {
	[OP_ADD_SERVICE] = "service add",
	[OP_EDIT_SERVICE] = "service set",
	[OP_DEL_SERVICE] = "service del",
	[OP_FLUSH] = "service flush",
	[OP_ZERO] = "service zero",
	[OP_ADD_DEST] = "dest add",
	[OP_EDIT_DEST] = "dest set",
	[OP_DEL_DEST] = "dest del",
	[OP_SET_TIMEOUTS] = "config set",
	[OP_START_DAEMON] = "daemon start",
	[OP_STOP_DAEMON] = "daemon stop",
	[OP_LIST] = "show",
};

static bool about_dest(enum op op)
{
	return op == OP_ADD_DEST || op == OP_EDIT_DEST || op == OP_DEL_DEST;
}

static bool about_daemon(enum op op)
{
	return op == OP_START_DAEMON || op == OP_STOP_DAEMON;
}

static void print_object(const struct request *req, bool dest)
{
	char name[HOSTPORT_LEN + 16];

	if (dest)
		fprintf(stderr, "server %s of ",
			dest_name(&req->dest, name, sizeof(name)));
	fprintf(stderr, "service %s",
		service_name(&req->svc, name, sizeof(name)));
}

static void print_unknown_name(const struct request *req)
{
	fprintf(stderr, "unknown scheduler '%s'", req->svc.sched);
	if (*req->svc.pe)
		fprintf(stderr, ", or unknown persistence engine '%s'",
			req->svc.pe);
}

static void print_invalid(const struct request *req)
{
	if (about_daemon(req->op)) {
		fprintf(stderr, "interface '%s' does not exist or has no multicast",
			req->daemon.ifname);
		return;
	}
	print_object(req, about_dest(req->op));
	if (about_dest(req->op))
		fprintf(stderr, ": the address must be a unicast address of this kind of service");
	else
		fprintf(stderr, ": this kernel does not allow such a service");
}

/* Return: true if there was something to say about this error. */
static bool print_particular(const struct request *req, int err)
{
	bool dest = about_dest(req->op);

	switch (err) {
	case EEXIST:
		if (about_daemon(req->op)) {
			fprintf(stderr, "such a daemon is running already");
			return true;
		}
		print_object(req, dest);
		fprintf(stderr, " exists already");
		return true;
	case ESRCH:
		if (about_daemon(req->op)) {
			fprintf(stderr, "no such daemon is running");
			return true;
		}
		print_object(req, false);
		fprintf(stderr, " does not exist");
		return true;
	case ENOENT:
		if (!dest) {
			print_unknown_name(req);
			return true;
		}
		print_object(req, true);
		fprintf(stderr, " does not exist");
		return true;
	case ERANGE:
		fprintf(stderr, "weight, upper or lower is out of range (lower must not be above upper)");
		return true;
	case EINVAL:
		print_invalid(req);
		return true;
	default:
		return false;
	}
}

/* The argument that the kernel's own sentence is about. */
static void print_subject(const struct request *req, int err)
{
	bool dest = about_dest(req->op);

	if (!req->has_service)
		return;
	if (err != ENOENT || dest)
		print_object(req, dest);
	else if (*req->svc.pe)
		fprintf(stderr, "scheduler '%s', pe '%s'", req->svc.sched,
			req->svc.pe);
	else
		fprintf(stderr, "scheduler '%s'", req->svc.sched);
	fprintf(stderr, ": ");
}

/**
 * refusal_print() - say that and why the kernel refused something
 * @req: what it refused
 * @err: a positive errno
 * @text: the kernel's own sentence, which then says why; or NULL
 *
 * Return: the exit code.
 */
int refusal_print(const struct request *req, int err, const char *text)
{
	fprintf(stderr, "lvsadm: ");
	if (req->line)
		fprintf(stderr, "line %u: ", req->line);
	if (op_words[req->op])
		fprintf(stderr, "%s: ", op_words[req->op]);
	if (text) {
		print_subject(req, err);
		fprintf(stderr, "%s", text);
	} else if (err == EPERM) {
		fprintf(stderr, "permission denied: this needs CAP_NET_ADMIN");
	} else if (!(req->has_service || about_daemon(req->op)) ||
		   !print_particular(req, err)) {
		fprintf(stderr, "%s", strerror(err));
	}
	fputc('\n', stderr);
	return CMD_REFUSED;
}
