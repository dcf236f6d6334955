/* SPDX-License-Identifier: GPL-2.0 */
/* The native grammar: OBJECT VERB [SERVICE] [KEYWORD [VALUE]]... */
#ifndef LVSADM_CMD_H
#define LVSADM_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

/* exit codes of the native grammar */
#define CMD_OK		0
#define CMD_USAGE	1	/* an argument is wrong */
#define CMD_REFUSED	2	/* the kernel refused, or is not there */

/**
 * enum keyword_id - the keywords, as bits of struct context.given
 */
enum keyword_id {
	KW_FAMILY, KW_SCHEDULER, KW_PERSISTENT, KW_NETMASK, KW_FLAGS, KW_OPS,
	KW_PE, KW_SERVER, KW_METHOD, KW_TYPE, KW_TUN_PORT, KW_CSUM, KW_WEIGHT,
	KW_UPPER, KW_LOWER, KW_TCP, KW_TCP_FIN, KW_UDP, KW_PROTOCOL,
	KW_CLIENT, KW_VIRTUAL, KW_STATE, KW_LIMIT, KW_INTERFACE, KW_SYNCID,
	KW_MAXLEN, KW_GROUP, KW_PORT, KW_TTL, KW_KIND, KW_FLUSH, KW_FILE
};

#define KW_BIT(id)	(UINT64_C(1) << (id))

/**
 * enum keyword_arg - does a keyword take a value?
 * @ARG_NONE: no
 * @ARG_VALUE: the next word
 * @ARG_CHOICE: the next word if it is one of the choices
 */
enum keyword_arg { ARG_NONE, ARG_VALUE, ARG_CHOICE };

/**
 * enum service_arg - does a verb name a service?
 * @SVC_NONE: no
 * @SVC_OPTIONAL: it may
 * @SVC_NEEDED: it must
 */
enum service_arg { SVC_NONE, SVC_OPTIONAL, SVC_NEEDED };

struct context;

/**
 * struct keyword - one keyword of a verb
 * @name: the word
 * @id: its bit; keywords with the same bit exclude each other
 * @arg: does it take a value?
 * @value: what help calls the value
 * @choices: values that completion offers, with blanks between, or NULL
 * @set: takes the value into the context: the name if @arg is ARG_NONE, NULL
 *	if a choice was left out; returns 0 or an exit code after reporting
 *	what is wrong
 */
struct keyword {
	const char *name;
	enum keyword_id id;
	enum keyword_arg arg;
	const char *value;
	const char *choices;
	int (*set)(struct context *ctx, const char *value);
};

/**
 * struct verb - what can be done with an object
 * @name: the word, or NULL for the one thing that the object does
 * @op: the modification it is, OP_NONE if it is none
 * @service: does it name a service?
 * @keywords: ends with one that has no name; NULL for none
 * @needed: keywords that must be given
 * @check: sees to what depends on several keywords, or NULL
 * @run: does it; NULL sends the request of the context
 * @help: one line
 */
struct verb {
	const char *name;
	enum op op;
	enum service_arg service;
	const struct keyword *keywords;
	uint64_t needed;
	int (*check)(struct context *ctx);
	int (*run)(struct context *ctx);
	const char *help;
};

/**
 * struct object - something to administer
 * @name: the word
 * @verbs: ends with one that has no help
 */
struct object {
	const char *name;
	const struct verb *verbs;
};

/**
 * struct conn_filter - which connections are wanted
 * @protocol: its name in upper case, or NULL for any
 * @state: name of the state, or NULL for any
 * @client: address and port; an unset family or port matches any
 * @service: likewise
 * @server: likewise
 * @limit: how many at most, 0 for no limit
 */
struct conn_filter {
	char protocol[8];
	const char *state;
	struct hostport client;
	struct hostport service;
	struct hostport server;
	uint32_t limit;
};

/**
 * struct context - one command in the making
 * @object: what it is about
 * @verb: what is done with it
 * @req: the request, as far as it is one
 * @given: KW_BIT() of the keywords that were given
 * @flags: value of "flags", until the scheduler is known
 * @netmask: value of "netmask", until the family is known
 * @server: value of "server", until the service is known
 * @filter: for connections
 * @file: name of a file to read
 * @nl: the connection to the kernel, NULL until it is needed
 * @batch: one of many commands: the kernel's answer is not waited for
 * @json: print JSON
 */
struct context {
	const struct object *object;
	const struct verb *verb;
	struct request req;
	uint64_t given;
	const char *flags;
	const char *netmask;
	const char *server;
	struct conn_filter filter;
	const char *file;
	struct nl *nl;
	bool batch;
	bool json;
};

extern const struct object *const objects[];
extern const struct object service_object, dest_object, conn_object,
	stats_object, config_object, daemon_object, show_object, save_object,
	restore_object, help_object, version_object;

/* cmd.c */
int cmd_parse(struct context *ctx, int argc, char **argv);
int cmd_run(struct context *ctx);
int cmd_connect(struct context *ctx);
int cmd_refused(const struct context *ctx, int err);
int cmd_fail(const struct context *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool cmd_has(const struct context *ctx, enum keyword_id id)
{
	return ctx->given & KW_BIT(id);
}

/* match.c */
const struct object *match_object(const char *word, bool *many);
const struct verb *match_verb(const struct object *object, const char *word,
			      bool *many);
const struct keyword *match_keyword(const struct verb *verb, const char *word,
				    bool *many);
bool match_choice(const char *choices, const char *word, char *buf,
		  size_t size);

/* refusal.c */
int refusal_print(const struct request *req, int err, const char *text);

/* help.c, complete.c */
void help_print(const struct object *object);
void help_all(void);
int complete(int argc, char **argv);

/* a lone verb has no name and stands in the first place */
static inline bool object_has_verbs(const struct object *object)
{
	return object->verbs[0].name;
}

#endif
