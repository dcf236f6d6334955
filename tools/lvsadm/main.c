// SPDX-License-Identifier: GPL-2.0
/* lvsadm: which grammar is spoken, and the native one's objects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "legacy.h"

const struct object *const objects[] = {
	&service_object, &dest_object, &conn_object, &stats_object,
	&config_object, &daemon_object, &show_object, &save_object,
	&restore_object, &help_object, &version_object, NULL
};

/* "service help" is what one types first */
static int help_asked(int argc, char **argv)
{
	const struct object *object;
	bool many;

	if (argc != 2 || strcmp(argv[1], "help"))
		return 0;
	object = match_object(argv[0], &many);
	if (object)
		help_print(object);
	return object ? 1 : 0;
}

static int native_main(int argc, char **argv)
{
	struct context ctx = { 0 };
	int code;

	if (argc && (!strcmp(*argv, "-j") || !strcmp(*argv, "--json"))) {
		ctx.json = true;
		argc--;
		argv++;
	}
	if (!argc) {
		help_all();
		return CMD_USAGE;
	}
	if (!strcmp(*argv, "__complete"))
		return complete(argc - 1, argv + 1);
	if (help_asked(argc, argv))
		return CMD_OK;
	code = cmd_parse(&ctx, argc, argv);
	if (!code)
		code = cmd_run(&ctx);
	nl_close(ctx.nl);
	return code;
}

static bool speaks_legacy(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	name = name ? name + 1 : argv[0];
	if (!strncmp(name, "ipvsadm", strlen("ipvsadm")))
		return true;
	return argc > 1 && *argv[1] == '-' && strcmp(argv[1], "-j") &&
	       strcmp(argv[1], "--json");
}

int main(int argc, char **argv)
{
	int code;

	if (argc < 1)
		return CMD_USAGE;
	code = speaks_legacy(argc, argv) ? legacy_main(argc, argv) :
					   native_main(argc - 1, argv + 1);
	/* a full disk must not look like a complete save */
	if (fflush(stdout) || ferror(stdout)) {
		perror("lvsadm: standard output");
		return code ? code : CMD_REFUSED;
	}
	return code;
}
