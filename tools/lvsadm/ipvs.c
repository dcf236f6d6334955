// SPDX-License-Identifier: GPL-2.0
/* The objects of the "IPVS" generic netlink family and their encoding. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs.h"

/* larger than any attribute number the family has */
#define ATTR_TABLE	32

/**
 * struct attrs - the attributes of one nest
 * @max: highest type that is of interest
 * @a: indexed by type; NULL where absent
 */
struct attrs {
	unsigned int max;
	const struct nlattr *a[ATTR_TABLE];
};

static int attr_cb(const struct nlattr *attr, void *data)
{
	struct attrs *attrs = data;
	unsigned int type = mnl_attr_get_type(attr);

	/* a newer kernel may send more than this tool knows */
	if (type <= attrs->max)
		attrs->a[type] = attr;
	return MNL_CB_OK;
}

static int parse_top(const struct nlmsghdr *nlh, struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	attrs->max = IPVS_CMD_ATTR_MAX;
	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -1;
	return mnl_attr_parse(nlh, GENL_HDRLEN, attr_cb, attrs) < 0 ? -1 : 0;
}

static int parse_nest(const struct nlattr *nest, unsigned int max,
		      struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	attrs->max = max;
	if (!nest)
		return -1;
	return mnl_attr_parse_nested(nest, attr_cb, attrs) < 0 ? -1 : 0;
}

/* Each reader takes what is there: a short attribute reads as zero. */
static uint64_t get_uint(const struct nlattr *attr)
{
	switch (attr ? mnl_attr_get_payload_len(attr) : 0) {
	case 1:
		return mnl_attr_get_u8(attr);
	case 2:
		return mnl_attr_get_u16(attr);
	case 4:
		return mnl_attr_get_u32(attr);
	case 8:
		return mnl_attr_get_u64(attr);
	default:
		return 0;
	}
}

static uint16_t get_port(const struct nlattr *attr)
{
	return ntohs((uint16_t)get_uint(attr));
}

static void get_bytes(const struct nlattr *attr, void *dst, size_t size)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	memset(dst, 0, size);
	if (len)
		memcpy(dst, mnl_attr_get_payload(attr), len < size ? len : size);
}

static void get_string(const struct nlattr *attr, char *dst, size_t size)
{
	get_bytes(attr, dst, size);
	dst[size - 1] = '\0';
}

static void get_addr(const struct nlattr *attr, uint16_t family,
		     struct addr *addr)
{
	size_t size = family == AF_INET6 ? 16 : 4;

	memset(addr, 0, sizeof(*addr));
	addr->family = family;
	get_bytes(attr, addr->raw, size);
}

/* The 64-bit nest wins: the other one's counters wrap at 2^32. */
static int get_stats(const struct nlattr *stats64, const struct nlattr *stats,
		     struct ipvs_stats *out)
{
	struct attrs attrs;
	unsigned int i;

	memset(out, 0, sizeof(*out));
	if (!stats64 && !stats)
		return 0;
	if (parse_nest(stats64 ? stats64 : stats, IPVS_STATS_ATTR_OUTBPS,
		       &attrs))
		return -1;
	for (i = 0; i < STAT_MAX; i++)
		out->v[i] = get_uint(attrs.a[i + 1]);
	return 0;
}

static void put_service_key(struct nlmsghdr *nlh,
			    const struct ipvs_service *svc)
{
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, svc->addr.family);
	if (svc->fwmark) {
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, svc->fwmark);
		return;
	}
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, svc->proto);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, sizeof(svc->addr.raw),
		     svc->addr.raw);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, htons(svc->port));
}

/**
 * ipvs_put_service() - append a service to a request
 * @nlh: the request
 * @svc: the service
 * @whole: all of it (to add or change it), not just what identifies it
 */
void ipvs_put_service(struct nlmsghdr *nlh, const struct ipvs_service *svc,
		      bool whole)
{
	struct ip_vs_flags flags = { .flags = svc->flags, .mask = ~0U };
	struct nlattr *nest;

	nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	put_service_key(nlh, svc);
	if (whole) {
		mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, svc->sched);
		if (*svc->pe)
			mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_PE_NAME, svc->pe);
		mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, svc->timeout);
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, svc->netmask);
	}
	mnl_attr_nest_end(nlh, nest);
}

/**
 * ipvs_put_dest() - append a real server to a request
 * @nlh: the request
 * @dest: the server
 * @whole: all of it (to add or change it), not just what identifies it
 */
void ipvs_put_dest(struct nlmsghdr *nlh, const struct ipvs_dest *dest,
		   bool whole)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);

	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY, dest->addr.family);
	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, sizeof(dest->addr.raw),
		     dest->addr.raw);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_PORT, htons(dest->port));
	if (whole) {
		mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD,
				 dest->fwd & IP_VS_CONN_F_FWD_MASK);
		mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, dest->weight);
		mnl_attr_put_u8(nlh, IPVS_DEST_ATTR_TUN_TYPE, dest->tun_type);
		mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_PORT,
				 htons(dest->tun_port));
		mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_FLAGS,
				 dest->tun_flags);
		mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, dest->upper);
		mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, dest->lower);
	}
	mnl_attr_nest_end(nlh, nest);
}

/**
 * ipvs_put_timeouts() - append timeouts to a request
 * @nlh: the request
 * @t: the timeouts
 */
void ipvs_put_timeouts(struct nlmsghdr *nlh, const struct ipvs_timeouts *t)
{
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, t->tcp);
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, t->tcp_fin);
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_UDP, t->udp);
}

/**
 * ipvs_put_daemon() - append a synchronisation daemon to a request
 * @nlh: the request
 * @daemon: the daemon; what is zero in it is left to the kernel
 */
void ipvs_put_daemon(struct nlmsghdr *nlh, const struct ipvs_daemon *daemon)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DAEMON);

	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_STATE, daemon->state);
	mnl_attr_put_strz(nlh, IPVS_DAEMON_ATTR_MCAST_IFN, daemon->ifname);
	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_SYNC_ID, daemon->syncid);
	if (daemon->maxlen)
		mnl_attr_put_u16(nlh, IPVS_DAEMON_ATTR_SYNC_MAXLEN,
				 daemon->maxlen);
	if (daemon->port)	/* the one port of the family in host order */
		mnl_attr_put_u16(nlh, IPVS_DAEMON_ATTR_MCAST_PORT,
				 daemon->port);
	if (daemon->ttl)
		mnl_attr_put_u8(nlh, IPVS_DAEMON_ATTR_MCAST_TTL, daemon->ttl);
	if (daemon->group.family == AF_INET)
		mnl_attr_put(nlh, IPVS_DAEMON_ATTR_MCAST_GROUP, 4,
			     daemon->group.raw);
	else if (daemon->group.family == AF_INET6)
		mnl_attr_put(nlh, IPVS_DAEMON_ATTR_MCAST_GROUP6, 16,
			     daemon->group.raw);
	mnl_attr_nest_end(nlh, nest);
}

/**
 * ipvs_parse_service() - read a service out of an answer
 * @nlh: the answer
 * @svc: the service
 *
 * Return: 0, or -1 if the answer lacks what identifies a service.
 */
int ipvs_parse_service(const struct nlmsghdr *nlh, struct ipvs_service *svc)
{
	struct ip_vs_flags flags;
	struct attrs top, attrs;
	uint16_t family;

	memset(svc, 0, sizeof(*svc));
	if (parse_top(nlh, &top) || parse_nest(top.a[IPVS_CMD_ATTR_SERVICE],
					       IPVS_SVC_ATTR_MAX, &attrs))
		return -1;
	family = get_uint(attrs.a[IPVS_SVC_ATTR_AF]);
	if (family != AF_INET && family != AF_INET6)
		return -1;
	svc->fwmark = get_uint(attrs.a[IPVS_SVC_ATTR_FWMARK]);
	if (!svc->fwmark && (!attrs.a[IPVS_SVC_ATTR_PROTOCOL] ||
			     !attrs.a[IPVS_SVC_ATTR_ADDR]))
		return -1;
	get_addr(attrs.a[IPVS_SVC_ATTR_ADDR], family, &svc->addr);
	svc->proto = get_uint(attrs.a[IPVS_SVC_ATTR_PROTOCOL]);
	svc->port = get_port(attrs.a[IPVS_SVC_ATTR_PORT]);
	get_string(attrs.a[IPVS_SVC_ATTR_SCHED_NAME], svc->sched,
		   sizeof(svc->sched));
	get_string(attrs.a[IPVS_SVC_ATTR_PE_NAME], svc->pe, sizeof(svc->pe));
	get_bytes(attrs.a[IPVS_SVC_ATTR_FLAGS], &flags, sizeof(flags));
	svc->flags = flags.flags & flags.mask;
	svc->timeout = get_uint(attrs.a[IPVS_SVC_ATTR_TIMEOUT]);
	svc->netmask = get_uint(attrs.a[IPVS_SVC_ATTR_NETMASK]);
	return get_stats(attrs.a[IPVS_SVC_ATTR_STATS64],
			 attrs.a[IPVS_SVC_ATTR_STATS], &svc->stats);
}

static void parse_dest_tunnel(const struct attrs *attrs, struct ipvs_dest *dest)
{
	dest->tun_type = get_uint(attrs->a[IPVS_DEST_ATTR_TUN_TYPE]);
	dest->tun_port = get_port(attrs->a[IPVS_DEST_ATTR_TUN_PORT]);
	dest->tun_flags = get_uint(attrs->a[IPVS_DEST_ATTR_TUN_FLAGS]);
}

/**
 * ipvs_parse_dest() - read a real server out of an answer
 * @nlh: the answer
 * @family: of its service, for kernels that do not name the server's
 * @dest: the server
 *
 * Return: 0, or -1 if the answer lacks its address.
 */
int ipvs_parse_dest(const struct nlmsghdr *nlh, uint16_t family,
		    struct ipvs_dest *dest)
{
	struct attrs top, attrs;

	memset(dest, 0, sizeof(*dest));
	if (parse_top(nlh, &top) || parse_nest(top.a[IPVS_CMD_ATTR_DEST],
					       IPVS_DEST_ATTR_MAX, &attrs))
		return -1;
	if (!attrs.a[IPVS_DEST_ATTR_ADDR] || !attrs.a[IPVS_DEST_ATTR_PORT])
		return -1;
	if (attrs.a[IPVS_DEST_ATTR_ADDR_FAMILY])
		family = get_uint(attrs.a[IPVS_DEST_ATTR_ADDR_FAMILY]);
	get_addr(attrs.a[IPVS_DEST_ATTR_ADDR], family, &dest->addr);
	dest->port = get_port(attrs.a[IPVS_DEST_ATTR_PORT]);
	dest->fwd = get_uint(attrs.a[IPVS_DEST_ATTR_FWD_METHOD]);
	dest->weight = get_uint(attrs.a[IPVS_DEST_ATTR_WEIGHT]);
	dest->upper = get_uint(attrs.a[IPVS_DEST_ATTR_U_THRESH]);
	dest->lower = get_uint(attrs.a[IPVS_DEST_ATTR_L_THRESH]);
	dest->active = get_uint(attrs.a[IPVS_DEST_ATTR_ACTIVE_CONNS]);
	dest->inactive = get_uint(attrs.a[IPVS_DEST_ATTR_INACT_CONNS]);
	dest->persistent = get_uint(attrs.a[IPVS_DEST_ATTR_PERSIST_CONNS]);
	parse_dest_tunnel(&attrs, dest);
	return get_stats(attrs.a[IPVS_DEST_ATTR_STATS64],
			 attrs.a[IPVS_DEST_ATTR_STATS], &dest->stats);
}

/**
 * ipvs_parse_timeouts() - read the timeouts out of an answer
 * @nlh: the answer
 * @t: the timeouts
 *
 * Return: 0, or -1 if the answer is malformed.
 */
int ipvs_parse_timeouts(const struct nlmsghdr *nlh, struct ipvs_timeouts *t)
{
	struct attrs top;

	if (parse_top(nlh, &top))
		return -1;
	t->tcp = get_uint(top.a[IPVS_CMD_ATTR_TIMEOUT_TCP]);
	t->tcp_fin = get_uint(top.a[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]);
	t->udp = get_uint(top.a[IPVS_CMD_ATTR_TIMEOUT_UDP]);
	return 0;
}

/**
 * ipvs_parse_daemon() - read a synchronisation daemon out of an answer
 * @nlh: the answer
 * @daemon: the daemon
 *
 * Return: 0, or -1 if the answer has none.
 */
int ipvs_parse_daemon(const struct nlmsghdr *nlh, struct ipvs_daemon *daemon)
{
	struct attrs top, attrs;

	memset(daemon, 0, sizeof(*daemon));
	if (parse_top(nlh, &top) || parse_nest(top.a[IPVS_CMD_ATTR_DAEMON],
					       IPVS_DAEMON_ATTR_MAX, &attrs))
		return -1;
	daemon->state = get_uint(attrs.a[IPVS_DAEMON_ATTR_STATE]);
	get_string(attrs.a[IPVS_DAEMON_ATTR_MCAST_IFN], daemon->ifname,
		   sizeof(daemon->ifname));
	daemon->syncid = get_uint(attrs.a[IPVS_DAEMON_ATTR_SYNC_ID]);
	daemon->maxlen = get_uint(attrs.a[IPVS_DAEMON_ATTR_SYNC_MAXLEN]);
	daemon->port = get_uint(attrs.a[IPVS_DAEMON_ATTR_MCAST_PORT]);
	daemon->ttl = get_uint(attrs.a[IPVS_DAEMON_ATTR_MCAST_TTL]);
	if (attrs.a[IPVS_DAEMON_ATTR_MCAST_GROUP6])
		get_addr(attrs.a[IPVS_DAEMON_ATTR_MCAST_GROUP6], AF_INET6,
			 &daemon->group);
	else if (attrs.a[IPVS_DAEMON_ATTR_MCAST_GROUP])
		get_addr(attrs.a[IPVS_DAEMON_ATTR_MCAST_GROUP], AF_INET,
			 &daemon->group);
	return 0;
}

/**
 * ipvs_parse_info() - read what is running out of an answer
 * @nlh: the answer
 * @info: what is running
 *
 * Return: 0, or -1 if the answer is malformed.
 */
int ipvs_parse_info(const struct nlmsghdr *nlh, struct ipvs_info *info)
{
	struct attrs top;

	if (parse_top(nlh, &top) || !top.a[IPVS_INFO_ATTR_VERSION])
		return -1;
	info->version = get_uint(top.a[IPVS_INFO_ATTR_VERSION]);
	info->conn_tab_size = get_uint(top.a[IPVS_INFO_ATTR_CONN_TAB_SIZE]);
	return 0;
}

/**
 * ipvs_full_netmask() - the mask that keeps every client apart
 * @family: of the service
 *
 * Return: 255.255.255.255, or the prefix length 128.
 */
uint32_t ipvs_full_netmask(uint16_t family)
{
	return family == AF_INET6 ? 128 : ~0U;
}

/**
 * ipvs_same_service() - do two keys name the same service?
 * @a: one
 * @b: the other
 *
 * Return: true if so.
 */
bool ipvs_same_service(const struct ipvs_service *a,
		       const struct ipvs_service *b)
{
	return ipvs_service_cmp(a, b) == 0;
}

/**
 * ipvs_same_dest() - are two servers of a service the same?
 * @a: one
 * @b: the other
 *
 * Return: true if so.
 */
bool ipvs_same_dest(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	return ipvs_dest_cmp(a, b) == 0;
}

static int uint_cmp(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/**
 * ipvs_service_cmp() - the order of services in a listing
 * @a: one
 * @b: the other
 *
 * By mark, family, protocol, address, port.
 *
 * Return: less than, equal to or greater than 0.
 */
int ipvs_service_cmp(const struct ipvs_service *a, const struct ipvs_service *b)
{
	int diff = uint_cmp(a->fwmark, b->fwmark);

	if (!diff)
		diff = uint_cmp(a->addr.family, b->addr.family);
	if (diff || a->fwmark)
		return diff;
	diff = uint_cmp(a->proto, b->proto);
	if (!diff)
		diff = addr_cmp(&a->addr, &b->addr);
	return diff ? diff : uint_cmp(a->port, b->port);
}

/**
 * ipvs_dest_cmp() - the order of a service's servers in a listing
 * @a: one
 * @b: the other
 *
 * Return: less than, equal to or greater than 0.
 */
int ipvs_dest_cmp(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	int diff = addr_cmp(&a->addr, &b->addr);

	return diff ? diff : uint_cmp(a->port, b->port);
}
