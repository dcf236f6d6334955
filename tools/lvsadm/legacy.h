/* SPDX-License-Identifier: GPL-2.0 */
/* The grammar, listings and exit codes of ipvsadm. */
#ifndef LVSADM_LEGACY_H
#define LVSADM_LEGACY_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

/* exit codes, as ipvsadm has them */
#define LEGACY_OK	0
#define LEGACY_LIST	1	/* a listing failed */
#define LEGACY_USAGE	2	/* an argument is wrong, or no IPVS */
#define LEGACY_REFUSED	255	/* refused by the kernel; unknown option */

/**
 * enum legacy_opt - the options, in the order in which they are checked
 */
enum legacy_opt {
	LO_NUMERIC, LO_CONNECTION, LO_SERVICE, LO_SCHEDULER, LO_PERSISTENT,
	LO_NETMASK, LO_SERVER, LO_FORWARD, LO_WEIGHT, LO_UTHRESHOLD,
	LO_LTHRESHOLD, LO_MCAST, LO_TIMEOUT, LO_DAEMON, LO_STATS, LO_RATE,
	LO_THRESHOLDS, LO_PERSISTENTCONN, LO_NOSORT, LO_SYNCID, LO_EXACT,
	LO_ONEPACKET, LO_PE, LO_SCHED_FLAGS, LO_MCAST_GROUP, LO_MCAST_PORT,
	LO_MCAST_TTL, LO_SYNC_MAXLEN, LO_TUN_INFO, LO_TUN_TYPE, LO_TUN_PORT,
	LO_TUN_NOCSUM, LO_TUN_CSUM, LO_TUN_REMCSUM, LO_MAX
};

#define LO_BIT(opt)	(UINT64_C(1) << (opt))

/**
 * enum legacy_key - what an option word means to the parser
 *
 * Values below OP_MAX are commands.
 */
enum legacy_key {
	KEY_TCP = OP_MAX, KEY_UDP, KEY_SCTP, KEY_FWMARK, KEY_IPV6, KEY_SCHED,
	KEY_PERSISTENT, KEY_NETMASK, KEY_SERVER, KEY_MASQ, KEY_ROUTE,
	KEY_TUNNEL, KEY_WEIGHT, KEY_UPPER, KEY_LOWER, KEY_PE, KEY_FLAGS,
	KEY_SYNCID, KEY_MCAST, KEY_GROUP, KEY_PORT, KEY_TTL, KEY_MAXLEN,
	KEY_TUN_TYPE, KEY_TUN_PORT, KEY_PLAIN, KEY_SORT
};

/**
 * struct legacy_option - one option word
 * @key: its meaning, an enum legacy_key or enum op
 * @bit: the option that is marked as given, LO_MAX for none
 * @letter: its one-letter form, 0 for none
 * @arg: 0 takes no argument, 1 takes one, 2 may take one
 * @name: its long form, NULL for none
 */
struct legacy_option {
	uint8_t key;
	uint8_t bit;
	char letter;
	uint8_t arg;
	const char *name;
};

/**
 * struct legacy_words - a cursor over the words of a command
 * @argc: how many words
 * @argv: the words; the first is the program's name
 * @next: the word that is looked at next
 * @letters: rest of a bundle of one-letter options, or NULL
 * @extra: the words that are no options, in place of those already read
 * @nextra: how many
 * @complaint: after an error, what is wrong with the last word
 */
struct legacy_words {
	int argc;
	char **argv;
	int next;
	const char *letters;
	char **extra;
	int nextra;
	const char *complaint;
};

/**
 * struct legacy_command - a parsed command
 * @req: what it does
 * @given: LO_BIT() of the options that were given
 * @ipv6: -6 was given
 * @server: -r's argument, until the service is known
 * @netmask: -M's argument, until the service is known
 * @flags: -b's argument, until the scheduler is known
 */
struct legacy_command {
	struct request req;
	uint64_t given;
	bool ipv6;
	const char *server;
	const char *netmask;
	const char *flags;
};

/* legacy_opts.c */
int legacy_next(struct legacy_words *words, const struct legacy_option **opt,
		const char **arg);
const char *legacy_last_word(const struct legacy_words *words);
const char *legacy_op_name(enum op op);
const char *legacy_opt_name(enum legacy_opt opt);

/* legacy_parse.c, legacy_check.c */
int legacy_parse(int argc, char **argv, unsigned int line,
		 struct legacy_command *cmd);
int legacy_check(const struct legacy_command *cmd);
int legacy_check_tunnel(const struct legacy_command *cmd);
int legacy_fail(const struct legacy_command *cmd, int code, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));

/* legacy_run.c */
int legacy_main(int argc, char **argv);
int legacy_execute(struct nl *nl, const struct legacy_command *cmd);
int legacy_connect(struct nl **nl);
int legacy_try_help(const struct legacy_command *cmd);
const char *legacy_strerror(enum op op, int err);
void legacy_refused(const struct request *req, int err, const char *text);
extern const char *legacy_program;

/* legacy_list.c, legacy_format.c, legacy_conn.c */
int legacy_list(struct nl *nl, const struct legacy_command *cmd);
int legacy_list_conns(const struct legacy_command *cmd);
int legacy_save(struct nl *nl, bool numeric);
int legacy_restore(bool clear);
void legacy_help(void);
void legacy_version(void);

#endif
