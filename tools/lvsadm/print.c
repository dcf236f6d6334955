// SPDX-License-Identifier: GPL-2.0
/*
 * Services and servers as the native grammar shows them, and as JSON.
 *
 * The text is what would add the thing, so listings can be typed again.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "print.h"
#include "words.h"

static const char *const stat_names[STAT_MAX] = {
	"conns", "in_pkts", "out_pkts", "in_bytes", "out_bytes",
	"cps", "in_pps", "out_pps", "in_bps", "out_bps",
};

/**
 * service_name() - what identifies a service
 * @svc: the service
 * @buf: where the text goes
 * @size: of @buf
 *
 * Return: @buf, such as "tcp 192.0.2.1:80" or "fwmark 7 family inet6".
 */
const char *service_name(const struct ipvs_service *svc, char *buf, size_t size)
{
	const char *proto = proto_service_name(svc->proto);
	char address[HOSTPORT_LEN];

	if (svc->fwmark) {
		snprintf(buf, size, "fwmark %u%s", svc->fwmark,
			 svc->addr.family == AF_INET6 ? " family inet6" : "");
		return buf;
	}
	hostport_format(&svc->addr, svc->port, svc->proto, true, address,
			sizeof(address));
	snprintf(buf, size, "%s %s", proto ? proto : "?", address);
	return buf;
}

/**
 * dest_name() - what identifies a server within its service
 * @dest: the server
 * @buf: where the text goes
 * @size: of @buf
 *
 * Return: @buf.
 */
const char *dest_name(const struct ipvs_dest *dest, char *buf, size_t size)
{
	return hostport_format(&dest->addr, dest->port, 0, true, buf, size);
}

/**
 * print_service_settings() - a service as the arguments that add it
 * @svc: the service
 */
void print_service_settings(const struct ipvs_service *svc)
{
	char buf[HOSTPORT_LEN + 16];

	printf("%s scheduler %s", service_name(svc, buf, sizeof(buf)),
	       svc->sched);
	if (svc->flags & IP_VS_SVC_F_PERSISTENT)
		printf(" persistent %u", svc->timeout);
	if (svc->netmask == ipvs_full_netmask(svc->addr.family))
		;
	else if (svc->addr.family == AF_INET6)
		printf(" netmask %u", svc->netmask);
	else
		printf(" netmask %s", inet_ntop(AF_INET, &svc->netmask, buf,
						sizeof(buf)));
	if (sched_flags_format(svc->flags, svc->sched, buf, sizeof(buf)))
		printf(" flags %s", buf);
	if (svc->flags & IP_VS_SVC_F_ONEPACKET)
		printf(" ops");
	if (*svc->pe)
		printf(" pe %s", svc->pe);
}

static const char *csum_name(uint16_t tun_flags)
{
	if (tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		return "remote";
	return tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM ? "on" : "off";
}

static bool is_tunnel(const struct ipvs_dest *dest)
{
	return (dest->fwd & IP_VS_CONN_F_FWD_MASK) == IP_VS_CONN_F_TUNNEL;
}

/**
 * print_dest_settings() - a server as the arguments that add it
 * @dest: the server
 */
void print_dest_settings(const struct ipvs_dest *dest)
{
	char buf[HOSTPORT_LEN];

	printf("server %s %s", dest_name(dest, buf, sizeof(buf)),
	       fwd_short_name(dest->fwd));
	if (is_tunnel(dest) && dest->tun_type) {
		printf(" type %s", tun_type_name(dest->tun_type));
		if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
			printf(" port %u", dest->tun_port);
		printf(" csum %s", csum_name(dest->tun_flags));
	}
	printf(" weight %d", dest->weight);
	if (dest->upper)
		printf(" upper %u", dest->upper);
	if (dest->lower)
		printf(" lower %u", dest->lower);
}

/** print_stats_title() - the line above the numbers */
void print_stats_title(void)
{
	int i;

	printf("%-46s", "");
	for (i = 0; i < STAT_MAX; i++)
		printf(" %10s", stat_names[i]);
	putchar('\n');
}

/**
 * print_stats() - a line of numbers
 * @indent: what stands before the name
 * @name: whose numbers they are
 * @stats: the numbers
 */
void print_stats(const char *indent, const char *name,
		 const struct ipvs_stats *stats)
{
	int i;

	printf("%s%-*s", indent, 46 - (int)strlen(indent), name);
	for (i = 0; i < STAT_MAX; i++)
		printf(" %10" PRIu64, stats->v[i]);
	putchar('\n');
}

static void json_stats(const struct ipvs_stats *stats)
{
	int i;

	json_open("stats", '{');
	for (i = 0; i < STAT_MAX; i++)
		json_uint(stat_names[i], stats->v[i]);
	json_close('}');
}

static void json_addr(const struct addr *addr, uint16_t port)
{
	char buf[INET6_ADDRSTRLEN];

	json_string("family", addr->family == AF_INET6 ? "inet6" : "inet");
	json_string("address", addr_format(addr, buf, sizeof(buf)));
	json_uint("port", port);
}

static void json_service_key(const struct ipvs_service *svc)
{
	const char *proto = proto_service_name(svc->proto);

	if (svc->fwmark) {
		json_uint("fwmark", svc->fwmark);
		json_string("family", svc->addr.family == AF_INET6 ? "inet6" :
			    "inet");
		return;
	}
	json_string("protocol", proto ? proto : "?");
	json_addr(&svc->addr, svc->port);
}

static void json_service_settings(const struct ipvs_service *svc)
{
	char buf[INET_ADDRSTRLEN];
	int i;

	json_string("scheduler", svc->sched);
	json_open("flags", '[');
	for (i = 0; i < 3; i++)
		if (svc->flags & sched_flag_bits[i])
			json_string(NULL, sched_flag_name(svc->sched,
							  sched_flag_bits[i]));
	json_close(']');
	json_bool("ops", svc->flags & IP_VS_SVC_F_ONEPACKET);
	if (svc->flags & IP_VS_SVC_F_PERSISTENT)
		json_uint("persistent", svc->timeout);
	if (svc->addr.family == AF_INET6)
		json_uint("netmask", svc->netmask);
	else
		json_string("netmask", inet_ntop(AF_INET, &svc->netmask, buf,
						 sizeof(buf)));
	if (*svc->pe)
		json_string("pe", svc->pe);
}

static void json_dest(const struct ipvs_dest *dest, unsigned int show)
{
	json_open(NULL, '{');
	json_addr(&dest->addr, dest->port);
	if (show & SHOW_SETTINGS) {
		json_string("method", fwd_short_name(dest->fwd));
		if (is_tunnel(dest)) {
			json_open("tunnel", '{');
			json_string("type", tun_type_name(dest->tun_type));
			if (dest->tun_port)
				json_uint("port", dest->tun_port);
			json_string("csum", csum_name(dest->tun_flags));
			json_close('}');
		}
		json_int("weight", dest->weight);
		json_uint("upper", dest->upper);
		json_uint("lower", dest->lower);
		json_uint("active", dest->active);
		json_uint("inactive", dest->inactive);
		json_uint("persistent", dest->persistent);
	}
	if (show & SHOW_STATS)
		json_stats(&dest->stats);
	json_close('}');
}

/**
 * json_table() - "services": an array with what is wanted of each
 * @table: the services
 * @show: SHOW_xxx
 */
void json_table(const struct table *table, unsigned int show)
{
	const struct table_entry *entry;
	size_t i, j;

	json_open("services", '[');
	for (i = 0; i < table->count; i++) {
		entry = &table->entries[i];
		json_open(NULL, '{');
		json_service_key(&entry->svc);
		if (show & SHOW_SETTINGS)
			json_service_settings(&entry->svc);
		if (show & SHOW_STATS)
			json_stats(&entry->svc.stats);
		if (show & SHOW_DESTS) {
			json_open("dests", '[');
			for (j = 0; j < entry->ndests; j++)
				json_dest(&entry->dests[j], show);
			json_close(']');
		}
		json_close('}');
	}
	json_close(']');
}
