// SPDX-License-Identifier: GPL-2.0
/* ipvsadm's way to save the table: commands that rebuild it. */
#include <arpa/inet.h>
#include <stdio.h>

#include "legacy.h"
#include "table.h"
#include "words.h"

static void format_service(const struct ipvs_service *svc, bool numeric,
			   char *buf, size_t size)
{
	char address[HOSTPORT_LEN];
	const char *option;

	if (svc->fwmark) {
		snprintf(buf, size, "-f %u%s", svc->fwmark,
			 svc->addr.family == AF_INET6 ? " -6" : "");
		return;
	}
	switch (svc->proto) {
	case IPPROTO_TCP:
		option = "-t";
		break;
	case IPPROTO_UDP:
		option = "-u";
		break;
	default:
		option = "--sctp-service";
	}
	hostport_format(&svc->addr, svc->port, svc->proto, numeric, address,
			sizeof(address));
	snprintf(buf, size, "%s %s", option, address);
}

static void save_service(const struct ipvs_service *svc, const char *name)
{
	struct in_addr mask = { .s_addr = svc->netmask };
	char buf[64];

	printf("-A %s -s %s", name, svc->sched);
	if (svc->flags & IP_VS_SVC_F_PERSISTENT) {
		printf(" -p %u", svc->timeout);
		if (svc->netmask == ipvs_full_netmask(svc->addr.family))
			;
		else if (svc->addr.family == AF_INET6)
			printf(" -M %u", svc->netmask);
		else
			printf(" -M %s", inet_ntop(AF_INET, &mask, buf,
						   sizeof(buf)));
	}
	if (*svc->pe)
		printf(" --pe %s", svc->pe);
	if (svc->flags & IP_VS_SVC_F_ONEPACKET)
		printf(" -o");
	if (sched_flags_format(svc->flags, svc->sched, buf, sizeof(buf)))
		printf(" -b %s", buf);
	putchar('\n');
}

static const char *fwd_option(uint32_t fwd)
{
	switch (fwd & IP_VS_CONN_F_FWD_MASK) {
	case IP_VS_CONN_F_TUNNEL:
		return "-i";
	case IP_VS_CONN_F_DROUTE:
		return "-g";
	default:
		return "-m";
	}
}

static void save_tunnel(const struct ipvs_dest *dest)
{
	const char *csum = "--tun-nocsum";

	if (dest->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_CSUM)
		csum = "--tun-csum";
	else if (dest->tun_flags & IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM)
		csum = "--tun-remcsum";
	printf(" --tun-type %s", tun_type_name(dest->tun_type));
	if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE)
		printf(" --tun-port %u %s", dest->tun_port, csum);
	else if (dest->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GRE)
		printf(" %s", csum);
}

/* What ipvsadm itself leaves out stands last, and only where it is set. */
static void save_dest(const struct ipvs_dest *dest,
		      const struct ipvs_service *svc, const char *name,
		      bool numeric)
{
	char address[HOSTPORT_LEN];

	hostport_format(&dest->addr, dest->port, svc->proto, numeric, address,
			sizeof(address));
	printf("-a %s -r %s %s -w %d", name, address, fwd_option(dest->fwd),
	       dest->weight);
	if ((dest->fwd & IP_VS_CONN_F_FWD_MASK) == IP_VS_CONN_F_TUNNEL)
		save_tunnel(dest);
	if (dest->upper)
		printf(" -x %u", dest->upper);
	if (dest->lower)
		printf(" -y %u", dest->lower);
	putchar('\n');
}

/**
 * legacy_save() - print the commands that rebuild the table
 * @nl: the connection
 * @numeric: look for no names
 *
 * Return: the exit code.
 */
int legacy_save(struct nl *nl, bool numeric)
{
	char name[HOSTPORT_LEN + 20];
	struct table table;
	size_t i, j;
	int err;

	err = table_load(nl, NULL, &table);
	if (!err)
		table_sort(&table);
	for (i = 0; !err && i < table.count; i++) {
		const struct table_entry *entry = &table.entries[i];

		format_service(&entry->svc, numeric, name, sizeof(name));
		save_service(&entry->svc, name);
		for (j = 0; j < entry->ndests; j++)
			save_dest(&entry->dests[j], &entry->svc, name,
				  numeric);
	}
	table_free(&table);
	if (!err)
		return LEGACY_OK;
	fprintf(stderr, "%s\n", legacy_strerror(OP_SAVE, -err));
	return LEGACY_LIST;
}
