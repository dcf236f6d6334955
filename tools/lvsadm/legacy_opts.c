// SPDX-License-Identifier: GPL-2.0
/* ipvsadm's option words: --long, --long=value, bundles of letters. */
#include <stdio.h>
#include <limits.h>
#include <string.h>

#include "legacy.h"

enum { NONE, NEEDED, OPTIONAL };

#define NO_ARGUMENT	"option does not take an argument"

static const struct legacy_option options[] = {
	{ OP_ADD_SERVICE, LO_MAX, 'A', NONE, "add-service" },
	{ OP_EDIT_SERVICE, LO_MAX, 'E', NONE, "edit-service" },
	{ OP_DEL_SERVICE, LO_MAX, 'D', NONE, "delete-service" },
	{ OP_FLUSH, LO_MAX, 'C', NONE, "clear" },
	{ OP_LIST, LO_MAX, 'L', NONE, "list" },
	{ OP_LIST, LO_MAX, 'l', NONE, NULL },
	{ OP_ZERO, LO_MAX, 'Z', NONE, "zero" },
	{ OP_ADD_DEST, LO_MAX, 'a', NONE, "add-server" },
	{ OP_EDIT_DEST, LO_MAX, 'e', NONE, "edit-server" },
	{ OP_DEL_DEST, LO_MAX, 'd', NONE, "delete-server" },
	{ OP_SET_TIMEOUTS, LO_MAX, 0, NONE, "set" },
	{ OP_START_DAEMON, LO_MAX, 0, NEEDED, "start-daemon" },
	{ OP_STOP_DAEMON, LO_MAX, 0, NEEDED, "stop-daemon" },
	{ OP_RESTORE, LO_MAX, 'R', NONE, "restore" },
	{ OP_SAVE, LO_MAX, 'S', NONE, "save" },
	{ OP_HELP, LO_MAX, 'h', NONE, "help" },
	{ OP_VERSION, LO_MAX, 'v', NONE, "version" },
	{ KEY_TCP, LO_SERVICE, 't', NEEDED, "tcp-service" },
	{ KEY_UDP, LO_SERVICE, 'u', NEEDED, "udp-service" },
	{ KEY_SCTP, LO_SERVICE, 0, NEEDED, "sctp-service" },
	{ KEY_FWMARK, LO_SERVICE, 'f', NEEDED, "fwmark-service" },
	{ KEY_IPV6, LO_MAX, '6', NONE, "ipv6" },
	{ KEY_SCHED, LO_SCHEDULER, 's', NEEDED, "scheduler" },
	{ KEY_PERSISTENT, LO_PERSISTENT, 'p', OPTIONAL, "persistent" },
	{ KEY_NETMASK, LO_NETMASK, 'M', NEEDED, "netmask" },
	{ KEY_SERVER, LO_SERVER, 'r', NEEDED, "real-server" },
	{ KEY_MASQ, LO_FORWARD, 'm', NONE, "masquerading" },
	{ KEY_ROUTE, LO_FORWARD, 'g', NONE, "gatewaying" },
	{ KEY_TUNNEL, LO_FORWARD, 'i', NONE, "ipip" },
	{ KEY_WEIGHT, LO_WEIGHT, 'w', NEEDED, "weight" },
	{ KEY_UPPER, LO_UTHRESHOLD, 'x', NEEDED, "u-threshold" },
	{ KEY_LOWER, LO_LTHRESHOLD, 'y', NEEDED, "l-threshold" },
	{ KEY_MCAST, LO_MCAST, 0, NEEDED, "mcast-interface" },
	{ KEY_PLAIN, LO_NUMERIC, 'n', NONE, "numeric" },
	{ KEY_PLAIN, LO_CONNECTION, 'c', NONE, "connection" },
	{ KEY_PLAIN, LO_TIMEOUT, 0, NONE, "timeout" },
	{ KEY_PLAIN, LO_DAEMON, 0, NONE, "daemon" },
	{ KEY_PLAIN, LO_STATS, 0, NONE, "stats" },
	{ KEY_PLAIN, LO_RATE, 0, NONE, "rate" },
	{ KEY_PLAIN, LO_THRESHOLDS, 0, NONE, "thresholds" },
	{ KEY_PLAIN, LO_PERSISTENTCONN, 0, NONE, "persistent-conn" },
	{ KEY_PLAIN, LO_NOSORT, 0, NONE, "nosort" },
	{ KEY_SORT, LO_MAX, 0, NONE, "sort" },
	{ KEY_PLAIN, LO_EXACT, 'X', NONE, "exact" },
	{ KEY_SYNCID, LO_SYNCID, 0, NEEDED, "syncid" },
	{ KEY_PLAIN, LO_ONEPACKET, 'o', NONE, "ops" },
	{ KEY_PE, LO_PE, 0, NEEDED, "pe" },
	{ KEY_FLAGS, LO_SCHED_FLAGS, 'b', NEEDED, "sched-flags" },
	{ KEY_GROUP, LO_MCAST_GROUP, 0, NEEDED, "mcast-group" },
	{ KEY_PORT, LO_MCAST_PORT, 0, NEEDED, "mcast-port" },
	{ KEY_TTL, LO_MCAST_TTL, 0, NEEDED, "mcast-ttl" },
	{ KEY_MAXLEN, LO_SYNC_MAXLEN, 0, NEEDED, "sync-maxlen" },
	{ KEY_PLAIN, LO_TUN_INFO, 0, NONE, "tun-info" },
	{ KEY_TUN_TYPE, LO_TUN_TYPE, 0, NEEDED, "tun-type" },
	{ KEY_TUN_PORT, LO_TUN_PORT, 0, NEEDED, "tun-port" },
	{ KEY_PLAIN, LO_TUN_NOCSUM, 0, NONE, "tun-nocsum" },
	{ KEY_PLAIN, LO_TUN_CSUM, 0, NONE, "tun-csum" },
	{ KEY_PLAIN, LO_TUN_REMCSUM, 0, NONE, "tun-remcsum" },
};

#define NR_OPTIONS (sizeof(options) / sizeof(*options))

static const char *const op_names[OP_MAX] = {
	[OP_ADD_SERVICE] = "add-service",
	[OP_EDIT_SERVICE] = "edit-service",
	[OP_DEL_SERVICE] = "delete-service",
	[OP_FLUSH] = "flush",
	[OP_LIST] = "list",
	[OP_ADD_DEST] = "add-server",
	[OP_EDIT_DEST] = "edit-server",
	[OP_DEL_DEST] = "delete-server",
	[OP_SET_TIMEOUTS] = "set",
	[OP_START_DAEMON] = "start-daemon",
	[OP_STOP_DAEMON] = "stop-daemon",
	[OP_RESTORE] = "restore",
	[OP_SAVE] = "save",
	[OP_ZERO] = "zero",
};

/**
 * legacy_op_name() - what error messages call a command
 * @op: the command
 *
 * Return: its name.
 */
const char *legacy_op_name(enum op op)
{
	return op < OP_MAX && op_names[op] ? op_names[op] : "?";
}

/**
 * legacy_opt_name() - what error messages call an option
 * @opt: the option
 *
 * Return: its name.
 */
const char *legacy_opt_name(enum legacy_opt opt)
{
	size_t i;

	if (opt == LO_SERVICE)
		return "service-address";
	if (opt == LO_FORWARD)
		return "forwarding-method";
	for (i = 0; i < NR_OPTIONS; i++)
		if (options[i].bit == opt)
			return options[i].name;
	return "?";
}

static const struct legacy_option *find_letter(char letter)
{
	static const struct legacy_option *known[UCHAR_MAX + 1];
	unsigned char at = letter;
	size_t i;

	/* files have the same few letters a hundred thousand times */
	for (i = 0; at && !known[at] && i < NR_OPTIONS; i++)
		if (options[i].letter == letter)
			known[at] = &options[i];
	return known[at];
}

static const struct legacy_option *find_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_OPTIONS; i++)
		if (options[i].name && strlen(options[i].name) == len &&
		    !memcmp(options[i].name, name, len))
			return &options[i];
	return NULL;
}

static int complain(struct legacy_words *words, const char *complaint)
{
	words->complaint = complaint;
	return -1;
}

/* @value: what stands behind the option in the same word, or NULL */
static int take_arg(struct legacy_words *words,
		    const struct legacy_option *opt, const char *value,
		    const char **arg)
{
	*arg = value;
	if (value || opt->arg == NONE)
		return 1;
	if (words->next >= words->argc)
		return opt->arg == OPTIONAL ? 1 :
		       complain(words, "missing argument");
	if (opt->arg == OPTIONAL && *words->argv[words->next] == '-')
		return 1;
	*arg = words->argv[words->next++];
	return 1;
}

static int next_letter(struct legacy_words *words,
		       const struct legacy_option **opt, const char **arg)
{
	const char *rest = words->letters + 1;

	*opt = find_letter(*words->letters);
	words->letters = NULL;
	if (!*opt)
		return complain(words, "unknown option");
	if ((*opt)->arg == NONE) {
		*arg = NULL;
		if (*rest == '=')
			return complain(words, NO_ARGUMENT);
		if (*rest)
			words->letters = rest;
		return 1;
	}
	if (!*rest)
		return take_arg(words, *opt, NULL, arg);
	return take_arg(words, *opt, rest + (*rest == '='), arg);
}

static int next_long(struct legacy_words *words, const char *word,
		     const struct legacy_option **opt, const char **arg)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;

	*opt = find_name(word, len);
	if (!*opt)
		return complain(words, "unknown option");
	if (value && (*opt)->arg == NONE)
		return complain(words, NO_ARGUMENT);
	return take_arg(words, *opt, value, arg);
}

/**
 * legacy_next() - read the next option
 * @words: the cursor
 * @opt: the option
 * @arg: its argument, or NULL
 *
 * Words that are not options are collected on the way.
 *
 * Return: 1 for an option, 0 at the end, -1 with a complaint in @words.
 */
int legacy_next(struct legacy_words *words, const struct legacy_option **opt,
		const char **arg)
{
	char *word;

	if (words->letters)
		return next_letter(words, opt, arg);
	while (words->next < words->argc) {
		word = words->argv[words->next++];
		if (word[0] != '-' || !word[1]) {
			words->extra[words->nextra++] = word;
			continue;
		}
		if (word[1] != '-') {
			words->letters = word + 1;
			return next_letter(words, opt, arg);
		}
		if (word[2])
			return next_long(words, word + 2, opt, arg);
		while (words->next < words->argc)	/* after "--" */
			words->extra[words->nextra++] =
				words->argv[words->next++];
	}
	return 0;
}

/**
 * legacy_last_word() - the word that was read last, for error messages
 * @words: the cursor
 *
 * Return: the word.
 */
const char *legacy_last_word(const struct legacy_words *words)
{
	return words->argv[words->next - 1];
}
