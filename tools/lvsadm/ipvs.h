/* SPDX-License-Identifier: GPL-2.0 */
/* The objects of the "IPVS" generic netlink family and their encoding. */
#ifndef LVSADM_IPVS_H
#define LVSADM_IPVS_H

#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdbool.h>

#include "addr.h"

/**
 * enum ipvs_stat - the counters and rates of a service or server
 *
 * In the order of the IPVS_STATS_ATTR_xxx attributes less one.
 */
enum ipvs_stat {
	STAT_CONNS, STAT_INPKTS, STAT_OUTPKTS, STAT_INBYTES, STAT_OUTBYTES,
	STAT_CPS, STAT_INPPS, STAT_OUTPPS, STAT_INBPS, STAT_OUTBPS, STAT_MAX
};

/**
 * struct ipvs_stats - counters since the last zeroing, and present rates
 * @v: indexed by enum ipvs_stat
 */
struct ipvs_stats {
	uint64_t v[STAT_MAX];
};

/**
 * struct ipvs_service - a virtual service
 * @fwmark: the firewall mark; if not 0, only @addr.family counts besides it
 * @proto: IPPROTO_xxx
 * @addr: virtual address
 * @port: in host order
 * @sched: name of the scheduler
 * @pe: name of the persistence engine, empty for none
 * @flags: IP_VS_SVC_F_xxx
 * @timeout: of persistence, in seconds
 * @netmask: of persistence: in_addr for IPv4, prefix length for IPv6
 * @stats: filled in by the kernel
 */
struct ipvs_service {
	uint32_t fwmark;
	uint16_t proto;
	struct addr addr;
	uint16_t port;
	char sched[IP_VS_SCHEDNAME_MAXLEN];
	char pe[IP_VS_PENAME_MAXLEN];
	uint32_t flags;
	uint32_t timeout;
	uint32_t netmask;
	struct ipvs_stats stats;
};

/**
 * struct ipvs_dest - a real server of a service
 * @addr: its address; the family may differ from the service's
 * @port: in host order
 * @fwd: IP_VS_CONN_F_xxx, the forwarding method
 * @weight: its share
 * @upper: connections at which it counts as overloaded, 0 for never
 * @lower: connections at which it no longer does
 * @tun_type: IP_VS_CONN_F_TUNNEL_TYPE_xxx
 * @tun_port: UDP port of GUE, in host order
 * @tun_flags: IP_VS_TUNNEL_ENCAP_FLAG_xxx
 * @active: established connections
 * @inactive: other connections
 * @persistent: persistence entries
 * @stats: filled in by the kernel
 */
struct ipvs_dest {
	struct addr addr;
	uint16_t port;
	uint32_t fwd;
	int32_t weight;
	uint32_t upper;
	uint32_t lower;
	uint8_t tun_type;
	uint16_t tun_port;
	uint16_t tun_flags;
	uint32_t active;
	uint32_t inactive;
	uint32_t persistent;
	struct ipvs_stats stats;
};

/**
 * struct ipvs_timeouts - timeouts in seconds; 0 in a request keeps the old
 * @tcp: of established TCP connections
 * @tcp_fin: after a FIN
 * @udp: of UDP
 */
struct ipvs_timeouts {
	uint32_t tcp;
	uint32_t tcp_fin;
	uint32_t udp;
};

/**
 * struct ipvs_daemon - a connection synchronisation daemon
 * @state: IP_VS_STATE_MASTER or IP_VS_STATE_BACKUP
 * @ifname: multicast interface
 * @syncid: 0 to 255
 * @maxlen: largest message, 0 for the kernel's choice
 * @group: multicast group, AF_UNSPEC for the kernel's choice
 * @port: in host order, 0 for the kernel's choice
 * @ttl: of the multicasts, 0 for the kernel's choice
 */
struct ipvs_daemon {
	uint32_t state;
	char ifname[IP_VS_IFNAME_MAXLEN];
	uint32_t syncid;
	uint16_t maxlen;
	struct addr group;
	uint16_t port;
	uint8_t ttl;
};

/**
 * struct ipvs_info - the running implementation
 * @version: of the interface, as in IP_VS_VERSION_CODE
 * @conn_tab_size: size of the connection table
 */
struct ipvs_info {
	uint32_t version;
	uint32_t conn_tab_size;
};

void ipvs_put_service(struct nlmsghdr *nlh, const struct ipvs_service *svc,
		      bool whole);
void ipvs_put_dest(struct nlmsghdr *nlh, const struct ipvs_dest *dest,
		   bool whole);
void ipvs_put_timeouts(struct nlmsghdr *nlh, const struct ipvs_timeouts *t);
void ipvs_put_daemon(struct nlmsghdr *nlh, const struct ipvs_daemon *daemon);

int ipvs_parse_service(const struct nlmsghdr *nlh, struct ipvs_service *svc);
int ipvs_parse_dest(const struct nlmsghdr *nlh, uint16_t family,
		    struct ipvs_dest *dest);
int ipvs_parse_timeouts(const struct nlmsghdr *nlh, struct ipvs_timeouts *t);
int ipvs_parse_daemon(const struct nlmsghdr *nlh, struct ipvs_daemon *daemon);
int ipvs_parse_info(const struct nlmsghdr *nlh, struct ipvs_info *info);

uint32_t ipvs_full_netmask(uint16_t family);
bool ipvs_same_service(const struct ipvs_service *a,
		       const struct ipvs_service *b);
bool ipvs_same_dest(const struct ipvs_dest *a, const struct ipvs_dest *b);
int ipvs_service_cmp(const struct ipvs_service *a, const struct ipvs_service *b);
int ipvs_dest_cmp(const struct ipvs_dest *a, const struct ipvs_dest *b);

#endif
