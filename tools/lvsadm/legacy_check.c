// SPDX-License-Identifier: GPL-2.0
/* Which of ipvsadm's options go with which command. */
#include <stdarg.h>
#include <stdio.h>

#include "legacy.h"

/**
 * struct rule - the options of a command or tunnel type
 * @needed: must be given
 * @allowed: may be given
 * @one_of: may be given, but only one of them
 */
struct rule {
	uint64_t needed;
	uint64_t allowed;
	uint64_t one_of;
};

#define SERVICE_OPTIONS \
	(LO_BIT(LO_SCHEDULER) | LO_BIT(LO_PERSISTENT) | LO_BIT(LO_NETMASK) | \
	 LO_BIT(LO_ONEPACKET) | LO_BIT(LO_PE) | LO_BIT(LO_SCHED_FLAGS))

#define TUNNEL_OPTIONS \
	(LO_BIT(LO_TUN_TYPE) | LO_BIT(LO_TUN_PORT) | LO_BIT(LO_TUN_NOCSUM) | \
	 LO_BIT(LO_TUN_CSUM) | LO_BIT(LO_TUN_REMCSUM))

#define SERVER_OPTIONS \
	(LO_BIT(LO_FORWARD) | LO_BIT(LO_WEIGHT) | LO_BIT(LO_UTHRESHOLD) | \
	 LO_BIT(LO_LTHRESHOLD) | TUNNEL_OPTIONS)

#define COUNTER_OPTIONS \
	(LO_BIT(LO_STATS) | LO_BIT(LO_RATE) | LO_BIT(LO_THRESHOLDS))

#define DAEMON_OPTIONS \
	(LO_BIT(LO_MCAST) | LO_BIT(LO_SYNCID) | LO_BIT(LO_MCAST_GROUP) | \
	 LO_BIT(LO_MCAST_PORT) | LO_BIT(LO_MCAST_TTL) | LO_BIT(LO_SYNC_MAXLEN))

static const struct rule command_rules[OP_MAX] = {
	[OP_ADD_SERVICE] = { LO_BIT(LO_SERVICE), SERVICE_OPTIONS, 0 },
	[OP_EDIT_SERVICE] = { LO_BIT(LO_SERVICE), SERVICE_OPTIONS, 0 },
	[OP_DEL_SERVICE] = { LO_BIT(LO_SERVICE), 0, 0 },
	[OP_ADD_DEST] = { LO_BIT(LO_SERVICE) | LO_BIT(LO_SERVER),
			  SERVER_OPTIONS, 0 },
	[OP_EDIT_DEST] = { LO_BIT(LO_SERVICE) | LO_BIT(LO_SERVER),
			   SERVER_OPTIONS, 0 },
	[OP_DEL_DEST] = { LO_BIT(LO_SERVICE) | LO_BIT(LO_SERVER), 0, 0 },
	[OP_LIST] = { 0, LO_BIT(LO_NUMERIC) | COUNTER_OPTIONS |
			 LO_BIT(LO_PERSISTENTCONN) | LO_BIT(LO_NOSORT) |
			 LO_BIT(LO_SYNCID) | LO_BIT(LO_EXACT) |
			 LO_BIT(LO_TUN_INFO),
		      LO_BIT(LO_CONNECTION) | LO_BIT(LO_SERVICE) |
		      LO_BIT(LO_TIMEOUT) | LO_BIT(LO_DAEMON) },
	[OP_START_DAEMON] = { 0, DAEMON_OPTIONS, 0 },
	[OP_STOP_DAEMON] = { 0, LO_BIT(LO_SYNCID), 0 },
	[OP_SAVE] = { 0, LO_BIT(LO_NUMERIC), 0 },
	[OP_ZERO] = { 0, LO_BIT(LO_SERVICE), 0 },
};

static const struct rule tunnel_rules[IP_VS_CONN_F_TUNNEL_TYPE_MAX] = {
	[IP_VS_CONN_F_TUNNEL_TYPE_GUE] = {
		LO_BIT(LO_TUN_PORT), 0,
		LO_BIT(LO_TUN_NOCSUM) | LO_BIT(LO_TUN_CSUM) |
		LO_BIT(LO_TUN_REMCSUM) },
	[IP_VS_CONN_F_TUNNEL_TYPE_GRE] = {
		0, 0, LO_BIT(LO_TUN_NOCSUM) | LO_BIT(LO_TUN_CSUM) },
};

static const char *const tunnel_names[IP_VS_CONN_F_TUNNEL_TYPE_MAX] = {
	[IP_VS_CONN_F_TUNNEL_TYPE_IPIP] = "ipip",
	[IP_VS_CONN_F_TUNNEL_TYPE_GUE] = "gue",
	[IP_VS_CONN_F_TUNNEL_TYPE_GRE] = "gre",
};

/**
 * legacy_fail() - report what is wrong with a command
 * @cmd: the command; one of a file is reported with its line number
 * @code: exit code
 * @fmt: what is wrong
 *
 * Return: @code.
 */
int legacy_fail(const struct legacy_command *cmd, int code, const char *fmt,
		...)
{
	va_list args;

	if (cmd->req.line)
		fprintf(stderr, "line %u: ", cmd->req.line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

static int check_rule(const struct legacy_command *cmd, uint64_t given,
		      const struct rule *rule, const char *name,
		      const char *kind)
{
	uint64_t bit, clash = given & rule->one_of;
	int opt, other = LO_MAX;

	if (!(rule->needed & ~given) && !(clash & (clash - 1)) &&
	    !(given & ~(rule->needed | rule->allowed | rule->one_of)))
		return LEGACY_OK;
	/* the first option that does not fit is named */
	for (opt = 0; opt < LO_MAX; opt++) {
		bit = LO_BIT(opt);
		if (!(given & bit)) {
			if (rule->needed & bit)
				return legacy_fail(cmd, LEGACY_USAGE,
					"You need to supply the '%s' option for the '%s' %s",
					legacy_opt_name(opt), name, kind);
			continue;
		}
		if (!((rule->needed | rule->allowed | rule->one_of) & bit))
			return legacy_fail(cmd, LEGACY_USAGE,
				"Illegal '%s' option with the '%s' %s",
				legacy_opt_name(opt), name, kind);
		if (!(rule->one_of & bit))
			continue;
		if (other != LO_MAX)
			return legacy_fail(cmd, LEGACY_USAGE,
				"The option '%s' conflicts with the '%s' option in the '%s' %s",
				legacy_opt_name(opt), legacy_opt_name(other),
				name, kind);
		other = opt;
	}
	return LEGACY_OK;
}

static bool list_conflict(uint64_t given)
{
	if (given & (LO_BIT(LO_TIMEOUT) | LO_BIT(LO_DAEMON)))
		return given & (COUNTER_OPTIONS | LO_BIT(LO_PERSISTENTCONN));
	return given & LO_BIT(LO_CONNECTION) && given & COUNTER_OPTIONS;
}

/**
 * legacy_check() - do the options fit the command?
 * @cmd: the command
 *
 * Return: 0, or the exit code after reporting what does not fit.
 */
int legacy_check(const struct legacy_command *cmd)
{
	enum op op = cmd->req.op;
	int code;

	code = check_rule(cmd, cmd->given, &command_rules[op],
			  legacy_op_name(op), "command");
	if (!code && op == OP_LIST && list_conflict(cmd->given))
		code = legacy_fail(cmd, LEGACY_USAGE,
				   "options conflicts in the list command");
	return code;
}

/**
 * legacy_check_tunnel() - do the tunnel options fit the server?
 * @cmd: a command about a server
 *
 * Return: 0, or the exit code after reporting what does not fit.
 */
int legacy_check_tunnel(const struct legacy_command *cmd)
{
	const struct ipvs_dest *dest = &cmd->req.dest;
	uint64_t given = cmd->given & TUNNEL_OPTIONS;

	if (dest->fwd != IP_VS_CONN_F_TUNNEL) {
		if (!given)
			return LEGACY_OK;
		return legacy_fail(cmd, LEGACY_USAGE,
			"Tunnel options conflict with forward method");
	}
	return check_rule(cmd, given & ~LO_BIT(LO_TUN_TYPE),
			  &tunnel_rules[dest->tun_type],
			  tunnel_names[dest->tun_type], "tunnel type");
}
