// SPDX-License-Identifier: GPL-2.0
/* The names of protocols, forwarding methods, tunnels and service flags. */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/* bits a scheduler may use, in the order in which they are printed */
const uint32_t sched_flag_bits[3] = {
	IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2, IP_VS_SVC_F_SCHED3,
};

static const struct {
	const char *sched;	/* NULL: any scheduler */
	const char *name;
	uint32_t flag;
} sched_flag_names[] = {
	{ "sh", "sh-fallback", IP_VS_SVC_F_SCHED_SH_FALLBACK },
	{ "sh", "sh-port", IP_VS_SVC_F_SCHED_SH_PORT },
	/* mh has the same two meanings in the same two bits */
	{ "mh", "mh-fallback", IP_VS_SVC_F_SCHED1 },
	{ "mh", "mh-port", IP_VS_SVC_F_SCHED2 },
	{ NULL, "flag-1", IP_VS_SVC_F_SCHED1 },
	{ NULL, "flag-2", IP_VS_SVC_F_SCHED2 },
	{ NULL, "flag-3", IP_VS_SVC_F_SCHED3 },
};

#define NR_FLAG_NAMES (sizeof(sched_flag_names) / sizeof(*sched_flag_names))

/**
 * proto_name() - a protocol as listings name it
 * @proto: IPPROTO_xxx
 *
 * Return: "TCP", "UDP", "SCTP" or "?".
 */
const char *proto_name(uint16_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	default:
		return "?";
	}
}

/**
 * proto_service_name() - a protocol as /etc/services names it
 * @proto: IPPROTO_xxx
 *
 * Return: "tcp", "udp" or "sctp"; NULL (any protocol) for others.
 */
const char *proto_service_name(uint16_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return NULL;
	}
}

/**
 * fwd_short_name() - a forwarding method in the native grammar
 * @fwd_method: IP_VS_CONN_F_xxx
 *
 * Return: "nat", "dr", "tun", "local" or "bypass".
 */
const char *fwd_short_name(uint32_t fwd_method)
{
	switch (fwd_method & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_MASQ:
		return "nat";
	case IP_VS_CONN_F_DROUTE:
		return "dr";
	case IP_VS_CONN_F_TUNNEL:
		return "tun";
	case IP_VS_CONN_F_LOCALNODE:
		return "local";
	default:
		return "bypass";
	}
}

/**
 * fwd_list_name() - a forwarding method as the ipvsadm listings name it
 * @fwd_method: IP_VS_CONN_F_xxx
 *
 * Return: "Masq", "Route", "Tunnel" or "Local".
 */
const char *fwd_list_name(uint32_t fwd_method)
{
	switch (fwd_method & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_DROUTE:
		return "Route";
	case IP_VS_CONN_F_TUNNEL:
		return "Tunnel";
	case IP_VS_CONN_F_LOCALNODE:
		return "Local";
	default:
		return "Masq";
	}
}

static const char *const tun_type_names[] = {
	[IP_VS_CONN_F_TUNNEL_TYPE_IPIP] = "ipip",
	[IP_VS_CONN_F_TUNNEL_TYPE_GUE] = "gue",
	[IP_VS_CONN_F_TUNNEL_TYPE_GRE] = "gre",
};

/**
 * tun_type_name() - the name of a tunnel type
 * @type: IP_VS_CONN_F_TUNNEL_TYPE_xxx
 *
 * Return: "ipip", "gue", "gre", or "?" for one of a newer kernel.
 */
const char *tun_type_name(uint8_t type)
{
	if (type >= IP_VS_CONN_F_TUNNEL_TYPE_MAX)
		return "?";
	return tun_type_names[type];
}

/**
 * tun_type_parse() - the tunnel type of a name
 * @name: the argument
 * @type: where the type goes
 *
 * Return: true if there is one of that name.
 */
bool tun_type_parse(const char *name, uint8_t *type)
{
	uint8_t i;

	for (i = 0; i < IP_VS_CONN_F_TUNNEL_TYPE_MAX; i++) {
		if (!strcmp(name, tun_type_names[i])) {
			*type = i;
			return true;
		}
	}
	return false;
}

static enum flag_result flag_parse(const char *name, const char *sched,
				   uint32_t *flags)
{
	size_t i;

	for (i = 0; i < NR_FLAG_NAMES; i++) {
		if (strcmp(name, sched_flag_names[i].name))
			continue;
		if (sched_flag_names[i].sched &&
		    strcmp(sched, sched_flag_names[i].sched))
			return FLAGS_WRONG_SCHEDULER;
		*flags |= sched_flag_names[i].flag;
		return FLAGS_OK;
	}
	return FLAGS_UNKNOWN;
}

/**
 * sched_flags_parse() - read a list of scheduler flags
 * @list: names with commas between
 * @sched: the scheduler they are for
 * @flags: the bits are added here
 * @bad: the name that was refused goes here
 * @size: of @bad
 *
 * Return: FLAGS_OK, or why @bad was refused.
 */
enum flag_result sched_flags_parse(const char *list, const char *sched,
				   uint32_t *flags, char *bad, size_t size)
{
	enum flag_result result = FLAGS_UNKNOWN;
	size_t len;

	snprintf(bad, size, "%s", list);	/* if there is no name in it */
	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (!len)
			continue;
		snprintf(bad, size, "%.*s", (int)len, list);
		result = flag_parse(bad, sched, flags);
		if (result)
			return result;
	}
	return result;
}

/**
 * sched_flag_name() - what a scheduler flag is called
 * @sched: the service's scheduler
 * @flag: one bit of @sched_flag_bits
 *
 * Return: the name particular to @sched, else the general one.
 */
const char *sched_flag_name(const char *sched, uint32_t flag)
{
	size_t i;

	for (i = 0; i < NR_FLAG_NAMES; i++) {
		if (sched_flag_names[i].flag != flag)
			continue;
		if (!sched_flag_names[i].sched ||
		    !strcmp(sched, sched_flag_names[i].sched))
			return sched_flag_names[i].name;
	}
	return "?";
}

/**
 * sched_flags_format() - the scheduler flags of a service as a list
 * @flags: of the service
 * @sched: its scheduler
 * @buf: where the names go, with commas between
 * @size: of @buf
 *
 * Return: the length of the list; 0 if no such flag is set.
 */
size_t sched_flags_format(uint32_t flags, const char *sched, char *buf,
			  size_t size)
{
	size_t i, len = 0;

	*buf = '\0';
	for (i = 0; i < 3; i++) {
		if (!(flags & sched_flag_bits[i]) || len >= size)
			continue;
		len += snprintf(buf + len, size - len, "%s%s", len ? "," : "",
				sched_flag_name(sched, sched_flag_bits[i]));
	}
	return len;
}
