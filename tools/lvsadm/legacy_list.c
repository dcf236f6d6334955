// SPDX-License-Identifier: GPL-2.0
/* ipvsadm's listings of services, servers, timeouts and daemons. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "legacy.h"
#include "table.h"
#include "words.h"

/**
 * struct layout - one kind of listing
 * @opt: the option that selects it, LO_MAX for the plain one
 * @title: the first line of the title
 * @dest_title: the second
 * @counters: services show counters instead of their settings
 */
struct layout {
	enum legacy_opt opt;
	const char *title;
	const char *dest_title;
	bool counters;
};

#define PLAIN_TITLE	"Prot LocalAddress:Port Scheduler Flags"
#define COUNTER_TITLE	"Prot LocalAddress:Port           "
#define REMOTE		"  -> RemoteAddress:Port"

/* the first whose option was given is used */
static const struct layout layouts[] = {
	{ LO_STATS, COUNTER_TITLE "    Conns   InPkts  OutPkts  InBytes OutBytes",
	  REMOTE, true },
	{ LO_RATE, COUNTER_TITLE "      CPS    InPPS   OutPPS    InBPS   OutBPS",
	  REMOTE, true },
	{ LO_THRESHOLDS,
	  COUNTER_TITLE " Uthreshold Lthreshold ActiveConn InActConn ",
	  REMOTE, false },
	{ LO_PERSISTENTCONN,
	  COUNTER_TITLE " Weight    PersistConn ActiveConn InActConn ",
	  REMOTE, false },
	{ LO_TUN_INFO, PLAIN_TITLE,
	  REMOTE "           Forward TunnelInfo    Weight ActiveConn InActConn",
	  false },
	{ LO_MAX, PLAIN_TITLE,
	  REMOTE "           Forward Weight ActiveConn InActConn", false },
};

static const struct layout *choose_layout(uint64_t given)
{
	const struct layout *layout = layouts;

	while (layout->opt != LO_MAX && !(given & LO_BIT(layout->opt)))
		layout++;
	return layout;
}

/* Nine columns, in units that fit; @exact widens them instead. */
static void print_number(uint64_t n, bool exact)
{
	static const struct {
		uint64_t below, unit;
		char letter;
	} scales[] = {
		{ 1000000000ULL, 1000ULL, 'K' },
		{ 100000000000ULL, 1000000ULL, 'M' },
		{ 100000000000000ULL, 1000000000ULL, 'G' },
		{ UINT64_MAX, 1000000000000ULL, 'T' },
	};
	const unsigned long long value = n;
	int i = 0;

	if (exact) {
		int len = snprintf(NULL, 0, "%llu", value);

		printf("%*llu", len <= 8 ? 9 : len + 1, value);
		return;
	}
	if (n < 100000000) {
		printf("%9llu", value);
		return;
	}
	while (i < 3 && n >= scales[i].below)
		i++;
	printf("%8llu%c", value / (unsigned long long)scales[i].unit,
	       scales[i].letter);
}

static void format_service(const struct ipvs_service *svc, bool numeric,
			   char *buf, size_t size)
{
	char address[HOSTPORT_LEN];

	if (svc->fwmark) {
		snprintf(buf, size, "FWM  %u%s", svc->fwmark,
			 svc->addr.family == AF_INET6 ? " IPv6" : "");
		return;
	}
	hostport_format(&svc->addr, svc->port, svc->proto, numeric, address,
			sizeof(address));
	snprintf(buf, size, "%-4s %s", proto_name(svc->proto), address);
}

static void print_settings(const struct ipvs_service *svc)
{
	char buf[INET_ADDRSTRLEN > 64 ? INET_ADDRSTRLEN : 64];
	struct in_addr mask = { .s_addr = svc->netmask };

	printf(" %s", svc->sched);
	if (sched_flags_format(svc->flags, svc->sched, buf, sizeof(buf)))
		printf(" (%s)", buf);
	if (svc->flags & IP_VS_SVC_F_PERSISTENT) {
		printf(" persistent %u", svc->timeout);
		if (svc->netmask == ipvs_full_netmask(svc->addr.family))
			;
		else if (svc->addr.family == AF_INET6)
			printf(" mask %u", svc->netmask);
		else
			printf(" mask %s", inet_ntop(AF_INET, &mask, buf,
						     sizeof(buf)));
		if (*svc->pe)
			printf(" pe %s", svc->pe);
	}
	if (svc->flags & IP_VS_SVC_F_ONEPACKET)
		printf(" ops");
}

static void print_service(const struct ipvs_service *svc,
			  const struct layout *layout, uint64_t given)
{
	bool exact = given & LO_BIT(LO_EXACT);
	char buf[HOSTPORT_LEN + 8];
	int i, first = layout->opt == LO_RATE ? STAT_CPS : STAT_CONNS;

	format_service(svc, given & LO_BIT(LO_NUMERIC), buf, sizeof(buf));
	if (layout->counters) {
		printf("%-33s", buf);
		for (i = 0; i < 5; i++)
			print_number(svc->stats.v[first + i], exact);
	} else {
		fputs(buf, stdout);
		print_settings(svc);
	}
	putchar('\n');
}

/* Such as "gue:6080:+c", "gre:-c", "ipip", or "n/a" for other servers. */
static void format_tunnel(const struct ipvs_dest *dest, char *buf, size_t size)
{
	const char *csum = "-c";

	if (dest->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM)
		csum = "+c";
	else if (dest->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		csum = "r+c";
	if ((dest->fwd & IP_VS_CONN_F_FWD_MASK) != IP_VS_CONN_F_TUNNEL)
		snprintf(buf, size, "n/a");
	else if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
		snprintf(buf, size, "gue:%u:%s", dest->tun_port, csum);
	else if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE)
		snprintf(buf, size, "gre:%s", csum);
	else
		snprintf(buf, size, "%s", tun_type_name(dest->tun_type));
}

static void print_dest_counters(const struct ipvs_dest *dest, const char *name,
				bool rates, bool exact)
{
	const uint64_t *v = dest->stats.v;
	int i;

	printf("  -> %-28s", name);
	if (rates) {
		for (i = STAT_CPS; i <= STAT_OUTPPS; i++)
			printf(" %8llu", (unsigned long long)v[i]);
		for (; i <= STAT_OUTBPS; i++)
			print_number(v[i], exact);
	} else {
		for (i = STAT_CONNS; i <= STAT_OUTBYTES; i++)
			print_number(v[i], exact);
	}
	putchar('\n');
}

static void print_dest(const struct ipvs_dest *dest,
		       const struct ipvs_service *svc,
		       const struct layout *layout, uint64_t given)
{
	char name[HOSTPORT_LEN], tunnel[32];

	hostport_format(&dest->addr, dest->port, svc->proto,
			given & LO_BIT(LO_NUMERIC), name, sizeof(name));
	switch (layout->opt) {
	case LO_STATS:
	case LO_RATE:
		print_dest_counters(dest, name, layout->opt == LO_RATE,
				    given & LO_BIT(LO_EXACT));
		break;
	case LO_THRESHOLDS:
		printf("  -> %-28s %-10u %-10u %-10u %-10u\n", name,
		       dest->upper, dest->lower, dest->active, dest->inactive);
		break;
	case LO_PERSISTENTCONN:
		printf("  -> %-28s %-9u %-11u %-10u %-10u\n", name,
		       dest->weight, dest->persistent, dest->active,
		       dest->inactive);
		break;
	case LO_TUN_INFO:
		format_tunnel(dest, tunnel, sizeof(tunnel));
		printf("  -> %-28s %-7s %-13s %-6d %-10u %-10u\n", name,
		       fwd_list_name(dest->fwd), tunnel, dest->weight,
		       dest->active, dest->inactive);
		break;
	default:
		printf("  -> %-28s %-7s %-6d %-10u %-10u\n", name,
		       fwd_list_name(dest->fwd), dest->weight, dest->active,
		       dest->inactive);
	}
}

static int list_error(const struct legacy_command *cmd, int err)
{
	return legacy_fail(cmd, LEGACY_LIST, "%s",
			   legacy_strerror(OP_LIST, -err));
}

static int list_services(struct nl *nl, const struct legacy_command *cmd)
{
	const struct layout *layout = choose_layout(cmd->given);
	const struct ipvs_service *only = NULL;
	struct ipvs_info info;
	struct table table;
	size_t i, j;
	int err;

	if (cmd->req.has_service)
		only = &cmd->req.svc;
	err = table_info(nl, &info);
	if (err)
		return list_error(cmd, err);
	err = table_load(nl, only, &table);
	if (err)
		goto free_table;
	if (!(cmd->given & LO_BIT(LO_NOSORT)))
		table_sort(&table);
	if (!only)
		printf("IP Virtual Server version %d.%d.%d (size=%u)\n",
		       NVERSION(info.version), info.conn_tab_size);
	printf("%s\n%s\n", layout->title, layout->dest_title);
	for (i = 0; i < table.count; i++) {
		const struct table_entry *entry = &table.entries[i];

		print_service(&entry->svc, layout, cmd->given);
		for (j = 0; j < entry->ndests; j++)
			print_dest(&entry->dests[j], &entry->svc, layout,
				   cmd->given);
	}
free_table:
	table_free(&table);
	return err ? list_error(cmd, err) : LEGACY_OK;
}

static int list_timeouts(struct nl *nl, const struct legacy_command *cmd)
{
	struct ipvs_timeouts t;
	int err = table_timeouts(nl, &t);

	if (err)
		return list_error(cmd, err);
	printf("Timeout (tcp tcpfin udp): %u %u %u\n", t.tcp, t.tcp_fin,
	       t.udp);
	return LEGACY_OK;
}

static void print_daemon(const struct ipvs_daemon *daemon)
{
	char buf[INET6_ADDRSTRLEN];

	printf("%s sync daemon (mcast=%s, syncid=%u",
	       daemon->state == IP_VS_STATE_MASTER ? "master" : "backup",
	       daemon->ifname, daemon->syncid);
	if (daemon->maxlen)
		printf(", maxlen=%u", daemon->maxlen);
	if (daemon->group.family)
		printf(", group=%s", addr_format(&daemon->group, buf,
						 sizeof(buf)));
	if (daemon->port)
		printf(", port=%u", daemon->port);
	if (daemon->ttl)
		printf(", ttl=%u", daemon->ttl);
	printf(")\n");
}

static int list_daemons(struct nl *nl, const struct legacy_command *cmd)
{
	struct ipvs_daemon daemons[2];
	int i, count, err;

	err = table_daemons(nl, daemons, &count);
	if (err)
		return list_error(cmd, err);
	for (i = 0; i < count; i++)
		print_daemon(&daemons[i]);
	return LEGACY_OK;
}

/**
 * legacy_list() - print what -L asks for
 * @nl: the connection
 * @cmd: the command
 *
 * Return: the exit code.
 */
int legacy_list(struct nl *nl, const struct legacy_command *cmd)
{
	if (cmd->given & LO_BIT(LO_CONNECTION))
		return legacy_list_conns(cmd);
	if (cmd->given & LO_BIT(LO_TIMEOUT))
		return list_timeouts(nl, cmd);
	if (cmd->given & LO_BIT(LO_DAEMON))
		return list_daemons(nl, cmd);
	return list_services(nl, cmd);
}
