// SPDX-License-Identifier: GPL-2.0
/* From the words of an ipvsadm command to a request. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "legacy.h"
#include "words.h"

static int usage(const struct legacy_command *cmd, const char *text)
{
	return legacy_fail(cmd, LEGACY_USAGE, "%s", text);
}

static void copy_name(char *dst, const char *src, size_t size)
{
	/* longer names are cut, as ipvsadm does */
	snprintf(dst, size, "%s", src);
}

static int parse_service(struct legacy_command *cmd, uint16_t proto,
			 const char *arg)
{
	struct ipvs_service *svc = &cmd->req.svc;
	struct hostport hp;

	if (hostport_parse(arg, proto, &hp))
		return usage(cmd, "illegal virtual server address[:port] specified");
	svc->proto = proto;
	svc->addr = hp.addr;
	svc->port = hp.port;
	return 0;
}

static int parse_fwmark(struct legacy_command *cmd, const char *arg)
{
	uint64_t mark;

	if (!parse_number(arg, 1, UINT32_MAX, &mark))
		return legacy_fail(cmd, LEGACY_USAGE,
				   "invalid fwmark value `%s' specified", arg);
	cmd->req.svc.fwmark = mark;
	cmd->req.svc.addr.family = AF_INET;
	return 0;
}

static int parse_timeout(struct legacy_command *cmd, uint64_t min,
			 const char *arg, uint32_t *out)
{
	uint64_t value;

	if (!parse_number(arg, min, MAX_TIMEOUT, &value))
		return legacy_fail(cmd, LEGACY_USAGE,
				   "invalid timeout value `%s' specified", arg);
	*out = value;
	return 0;
}

static int parse_persistent(struct legacy_command *cmd, const char *arg)
{
	struct ipvs_service *svc = &cmd->req.svc;

	svc->flags |= IP_VS_SVC_F_PERSISTENT;
	svc->timeout = DEFAULT_PERSISTENCE;
	return arg ? parse_timeout(cmd, 1, arg, &svc->timeout) : 0;
}

/* The service's family decides what a mask looks like. */
static int parse_netmask(struct legacy_command *cmd, const char *arg)
{
	struct ipvs_service *svc = &cmd->req.svc;
	struct in_addr mask;
	struct addr named;
	uint64_t value;

	if (svc->addr.family == AF_INET6) {
		if (!parse_number(arg, 1, 128, &value))
			return usage(cmd, "illegal ipv6 netmask specified");
		svc->netmask = value;
		return 0;
	}
	if (!inet_aton(arg, &mask)) {
		/* ipvsadm takes a host name, too */
		if (addr_parse(arg, &named) || named.family != AF_INET)
			return usage(cmd, "illegal virtual server persistent mask specified");
		mask = named.v4;
	}
	svc->netmask = mask.s_addr;
	return 0;
}

static int parse_server(struct legacy_command *cmd, const char *arg)
{
	const struct ipvs_service *svc = &cmd->req.svc;
	struct ipvs_dest *dest = &cmd->req.dest;
	struct hostport hp;

	if (hostport_parse(arg, svc->proto, &hp))
		return usage(cmd, "illegal real server address[:port] specified");
	dest->addr = hp.addr;
	/* a server named without a port has the service's; 0 counts as none */
	dest->port = hp.port ? hp.port : svc->port;
	return 0;
}

static int parse_int(struct legacy_command *cmd, const char *arg, uint64_t min,
		     uint64_t max, const char *text, uint32_t *out)
{
	uint64_t value;

	if (!parse_number(arg, min, max, &value))
		return usage(cmd, text);
	*out = value;
	return 0;
}

static int parse_mcast_group(struct legacy_command *cmd, const char *arg)
{
	struct addr *group = &cmd->req.daemon.group;

	if (inet_pton(AF_INET6, arg, &group->v6) == 1) {
		group->family = AF_INET6;
		if (IN6_IS_ADDR_MULTICAST(&group->v6))
			return 0;
		return legacy_fail(cmd, LEGACY_USAGE,
				   "invalid IPv6 mcast-group `%s'", arg);
	}
	memset(group, 0, sizeof(*group));
	group->family = AF_INET;
	if (inet_aton(arg, &group->v4) &&
	    IN_MULTICAST(ntohl(group->v4.s_addr)))
		return 0;
	return legacy_fail(cmd, LEGACY_USAGE, "invalid IPv4 mcast-group `%s'",
			   arg);
}

static int parse_daemon_kind(struct legacy_command *cmd, const char *arg)
{
	struct ipvs_daemon *daemon = &cmd->req.daemon;

	if (!strcmp(arg, "master"))
		daemon->state = IP_VS_STATE_MASTER;
	else if (!strcmp(arg, "backup"))
		daemon->state = IP_VS_STATE_BACKUP;
	else if (cmd->req.op == OP_START_DAEMON)
		return usage(cmd, "illegal start-daemon parameter specified");
	else
		return usage(cmd, "illegal start_daemon specified");
	if (cmd->req.op == OP_START_DAEMON)
		strcpy(daemon->ifname, "eth0");
	return 0;
}

static int parse_daemon_option(struct legacy_command *cmd, int key,
			       const char *arg)
{
	struct ipvs_daemon *daemon = &cmd->req.daemon;
	uint32_t value = 0;
	int code;

	switch (key) {
	case KEY_MCAST:
		copy_name(daemon->ifname, arg, sizeof(daemon->ifname));
		return 0;
	case KEY_GROUP:
		return parse_mcast_group(cmd, arg);
	case KEY_PORT:
		code = parse_int(cmd, arg, 1, UINT16_MAX,
				 "illegal mcast-port specified", &value);
		daemon->port = value;
		return code;
	case KEY_TTL:
		code = parse_int(cmd, arg, 1, UINT8_MAX,
				 "illegal mcast-ttl specified", &value);
		daemon->ttl = value;
		return code;
	case KEY_MAXLEN:
		code = parse_int(cmd, arg, 1, 65535 - 20 - 8,
				 "illegal sync-maxlen specified", &value);
		daemon->maxlen = value;
		return code;
	default:
		return parse_int(cmd, arg, 0, 255, "illegal syncid specified",
				 &daemon->syncid);
	}
}

static int parse_server_option(struct legacy_command *cmd, int key,
			       const char *arg)
{
	struct ipvs_dest *dest = &cmd->req.dest;
	uint32_t value = 0;
	int code;

	switch (key) {
	case KEY_WEIGHT:
		code = parse_int(cmd, arg, 0, INT32_MAX,
				 "illegal weight specified", &value);
		dest->weight = value;
		return code;
	case KEY_UPPER:
		return parse_int(cmd, arg, 0, INT32_MAX,
				 "illegal u_threshold specified", &dest->upper);
	case KEY_LOWER:
		return parse_int(cmd, arg, 0, INT32_MAX,
				 "illegal l_threshold specified", &dest->lower);
	case KEY_TUN_TYPE:
		if (!tun_type_parse(arg, &dest->tun_type))
			return usage(cmd, "illegal tunnel type specified");
		return 0;
	case KEY_TUN_PORT:
		code = parse_int(cmd, arg, 1, UINT16_MAX,
				 "illegal tunnel port specified", &value);
		dest->tun_port = value;
		return code;
	default:
		return 0;
	}
}

static int parse_service_option(struct legacy_command *cmd, int key,
				const char *arg)
{
	switch (key) {
	case KEY_TCP:
		return parse_service(cmd, IPPROTO_TCP, arg);
	case KEY_UDP:
		return parse_service(cmd, IPPROTO_UDP, arg);
	case KEY_SCTP:
		return parse_service(cmd, IPPROTO_SCTP, arg);
	case KEY_FWMARK:
		return parse_fwmark(cmd, arg);
	case KEY_IPV6:
		cmd->ipv6 = true;
		return 0;
	case KEY_SCHED:
		copy_name(cmd->req.svc.sched, arg, IP_VS_SCHEDNAME_MAXLEN);
		return 0;
	case KEY_PE:
		copy_name(cmd->req.svc.pe, arg, IP_VS_PENAME_MAXLEN);
		return 0;
	case KEY_PERSISTENT:
		return parse_persistent(cmd, arg);
	case KEY_NETMASK:
		cmd->netmask = arg;
		return 0;
	case KEY_SERVER:
		/* at once if possible: errors come in the order of words */
		if (cmd->given & LO_BIT(LO_SERVICE))
			return parse_server(cmd, arg);
		cmd->server = arg;
		return 0;
	default:
		cmd->flags = arg;
		return 0;
	}
}

static void parse_plain(struct legacy_command *cmd, int key, int bit)
{
	struct ipvs_dest *dest = &cmd->req.dest;

	if (key == KEY_MASQ)
		dest->fwd = IP_VS_CONN_F_MASQ;
	else if (key == KEY_ROUTE)
		dest->fwd = IP_VS_CONN_F_DROUTE;
	else if (key == KEY_TUNNEL)
		dest->fwd = IP_VS_CONN_F_TUNNEL;
	else if (bit == LO_ONEPACKET)
		cmd->req.svc.flags |= IP_VS_SVC_F_ONEPACKET;
	else if (bit == LO_TUN_CSUM)
		dest->tun_flags |= IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
	else if (bit == LO_TUN_REMCSUM)
		dest->tun_flags |= IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM;
}

static int parse_option(struct legacy_command *cmd,
			const struct legacy_option *opt, const char *arg)
{
	uint64_t bit = opt->bit == LO_MAX ? 0 : LO_BIT(opt->bit);
	int code;

	if (cmd->given & bit)
		return legacy_fail(cmd, LEGACY_USAGE,
				   "multiple '%s' options specified",
				   legacy_opt_name(opt->bit));
	switch (opt->key) {
	case KEY_TCP ... KEY_SERVER:
	case KEY_PE:
	case KEY_FLAGS:
		code = parse_service_option(cmd, opt->key, arg);
		break;
	case KEY_SYNCID ... KEY_MAXLEN:
		code = parse_daemon_option(cmd, opt->key, arg);
		break;
	case KEY_WEIGHT:
	case KEY_UPPER:
	case KEY_LOWER:
	case KEY_TUN_TYPE:
	case KEY_TUN_PORT:
		code = parse_server_option(cmd, opt->key, arg);
		break;
	default:
		parse_plain(cmd, opt->key, opt->bit);
		code = 0;
	}
	cmd->given |= bit;
	return code;
}

static int parse_command_word(struct legacy_command *cmd,
			      struct legacy_words *words)
{
	const struct legacy_option *opt;
	const char *arg;

	if (legacy_next(words, &opt, &arg) != 1 || opt->key >= OP_MAX)
		return legacy_try_help(cmd);
	cmd->req.op = opt->key;
	if (arg)
		return parse_daemon_kind(cmd, arg);
	return 0;
}

static int parse_words(struct legacy_command *cmd, struct legacy_words *words)
{
	const struct legacy_option *opt;
	const char *arg;
	int ret, code;

	while ((ret = legacy_next(words, &opt, &arg)) == 1) {
		if (opt->key < OP_MAX)
			return legacy_fail(cmd, LEGACY_USAGE,
					   "invalid option `%s'",
					   legacy_last_word(words));
		code = parse_option(cmd, opt, arg);
		if (code)
			return code;
	}
	if (ret < 0)
		return legacy_fail(cmd, LEGACY_REFUSED, "%s: %s",
				   legacy_last_word(words), words->complaint);
	return 0;
}

static int parse_extra(struct legacy_command *cmd, struct legacy_words *words)
{
	struct ipvs_timeouts *t = &cmd->req.timeouts;
	uint32_t *const out[] = { &t->tcp, &t->tcp_fin, &t->udp };
	int i, code, used = 0;

	if (cmd->req.op == OP_SET_TIMEOUTS) {
		if (words->nextra < 3)
			return usage(cmd, "--set option requires 3 timeout values");
		for (i = 0; i < 3; i++) {
			code = parse_timeout(cmd, 0, words->extra[i], out[i]);
			if (code)
				return code;
		}
		used = 3;
	}
	if (words->nextra > used)
		return legacy_fail(cmd, LEGACY_USAGE, "unexpected argument %s",
				   words->extra[used]);
	return 0;
}

static int finish_flags(struct legacy_command *cmd)
{
	struct ipvs_service *svc = &cmd->req.svc;
	char bad[64];

	if (!cmd->flags)
		return 0;
	switch (sched_flags_parse(cmd->flags, svc->sched, &svc->flags, bad,
				  sizeof(bad))) {
	case FLAGS_UNKNOWN:
		return legacy_fail(cmd, LEGACY_USAGE,
				   "invalid scheduler flag `%s'", bad);
	case FLAGS_WRONG_SCHEDULER:
		return legacy_fail(cmd, LEGACY_USAGE,
				   "incompatible scheduler flag `%s'", bad);
	default:
		return 0;
	}
}

/* What depends on more than one option, now that all are known. */
static int finish_service(struct legacy_command *cmd)
{
	struct ipvs_service *svc = &cmd->req.svc;
	int code;

	if (cmd->ipv6) {
		if (!svc->fwmark)
			return usage(cmd, "-6 used before -f\n");
		svc->addr.family = AF_INET6;
	}
	cmd->req.has_service = cmd->given & LO_BIT(LO_SERVICE);
	svc->netmask = ipvs_full_netmask(svc->addr.family);
	if (cmd->netmask) {
		code = parse_netmask(cmd, cmd->netmask);
		if (code)
			return code;
	}
	if (!(cmd->given & LO_BIT(LO_SCHEDULER)))
		strcpy(svc->sched, DEFAULT_SCHEDULER);
	return cmd->server ? parse_server(cmd, cmd->server) : 0;
}

static int check_service(const struct legacy_command *cmd)
{
	const struct ipvs_service *svc = &cmd->req.svc;

	if (!svc->fwmark && !svc->port &&
	    !(svc->flags & IP_VS_SVC_F_PERSISTENT))
		return usage(cmd, "Zero port specified for non-persistent service");
	if (svc->flags & IP_VS_SVC_F_ONEPACKET && !svc->fwmark &&
	    svc->proto != IPPROTO_UDP)
		return usage(cmd, "One-Packet Scheduling is only for UDP virtual services");
	return 0;
}

static int check_server(struct legacy_command *cmd)
{
	const struct ipvs_service *svc = &cmd->req.svc;
	struct ipvs_dest *dest = &cmd->req.dest;

	/* only NAT can change the port */
	if (!svc->fwmark && dest->fwd != IP_VS_CONN_F_MASQ)
		dest->port = svc->port;
	if (svc->addr.family != dest->addr.family &&
	    dest->fwd != IP_VS_CONN_F_TUNNEL)
		return usage(cmd, "Different address family is allowed only for tunneling servers");
	return legacy_check_tunnel(cmd);
}

static int check_command(struct legacy_command *cmd)
{
	int code = finish_flags(cmd);

	if (!code)
		code = legacy_check(cmd);
	if (code)
		return code;
	switch (cmd->req.op) {
	case OP_ADD_SERVICE:
	case OP_EDIT_SERVICE:
		return check_service(cmd);
	case OP_ADD_DEST:
	case OP_EDIT_DEST:
		return check_server(cmd);
	default:
		return 0;
	}
}

/**
 * legacy_parse() - parse an ipvsadm command
 * @argc: how many words
 * @argv: the words; the first is the program's name
 * @line: where the command stands in a file, 0 for the command line
 * @cmd: the result
 *
 * Return: 0, or the exit code after reporting what is wrong.
 */
int legacy_parse(int argc, char **argv, unsigned int line,
		 struct legacy_command *cmd)
{
	struct legacy_words words = { .argc = argc, .argv = argv, .next = 1,
					.extra = argv + 1 };
	int code;

	memset(cmd, 0, sizeof(*cmd));
	cmd->req.line = line;
	cmd->req.dest.fwd = IP_VS_CONN_F_DROUTE;
	cmd->req.dest.weight = 1;
	code = parse_command_word(cmd, &words);
	if (code || cmd->req.op == OP_HELP || cmd->req.op == OP_VERSION)
		return code;
	code = parse_words(cmd, &words);
	if (!code)
		code = finish_service(cmd);
	if (!code)
		code = parse_extra(cmd, &words);
	if (!code)
		code = check_command(cmd);
	return code;
}
