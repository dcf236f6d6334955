// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: requests of the IPVS family
 *
 * Parsing is as liberal as it has always been: nests with and without NLA_F_NESTED, unknown attributes ignored, IPv4
 * addresses of 4 or 16 bytes. What a value means is judged by the configuration API; here is only what a well-formed
 * request must have.
 */
#include <linux/in.h>
#include <linux/ip_vs.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "../service/edit.h"
#include "ipvs_msg.h"

const struct nla_policy lvs_ipvs_policy[IPVS_CMD_ATTR_MAX + 1] = {
	[IPVS_CMD_ATTR_SERVICE] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_DEST] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_DAEMON] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_TIMEOUT_TCP] = { .type = NLA_U32 },
	[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = { .type = NLA_U32 },
	[IPVS_CMD_ATTR_TIMEOUT_UDP] = { .type = NLA_U32 },
};

static const struct nla_policy service_policy[IPVS_SVC_ATTR_MAX + 1] = {
	[IPVS_SVC_ATTR_AF] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_PROTOCOL] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_ADDR] = { .type = NLA_BINARY, .len = sizeof(union nf_inet_addr) },
	[IPVS_SVC_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_FWMARK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_SCHED_NAME] = { .type = NLA_NUL_STRING, .len = IP_VS_SCHEDNAME_MAXLEN - 1 },
	[IPVS_SVC_ATTR_FLAGS] = { .type = NLA_BINARY, .len = sizeof(struct ip_vs_flags) },
	[IPVS_SVC_ATTR_TIMEOUT] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_NETMASK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_STATS] = { .type = NLA_NESTED },
	[IPVS_SVC_ATTR_PE_NAME] = { .type = NLA_NUL_STRING, .len = IP_VS_PENAME_MAXLEN },
};

static const struct nla_policy dest_policy[IPVS_DEST_ATTR_MAX + 1] = {
	[IPVS_DEST_ATTR_ADDR] = { .type = NLA_BINARY, .len = sizeof(union nf_inet_addr) },
	[IPVS_DEST_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_FWD_METHOD] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_WEIGHT] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_U_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_L_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ACTIVE_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_INACT_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_PERSIST_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_STATS] = { .type = NLA_NESTED },
	[IPVS_DEST_ATTR_ADDR_FAMILY] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_TYPE] = { .type = NLA_U8 },
	[IPVS_DEST_ATTR_TUN_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_FLAGS] = { .type = NLA_U16 },
};

static bool family_valid(u16 af)
{
	return af == AF_INET || (af == AF_INET6 && ipv6_mod_enabled());
}

/* Keys are compared as bytes, so what an IPv4 address does not use must be zero. */
static void address_get(union nf_inet_addr *to, const struct nlattr *attr, u16 af)
{
	memset(to, 0, sizeof(*to));
	nla_memcpy(to, attr, af == AF_INET ? sizeof(to->ip) : sizeof(*to));
}

static int service_key_parse(struct nlattr **attrs, struct lvs_svc_key *key, struct netlink_ext_ack *extack)
{
	const struct nlattr *mark = attrs[IPVS_SVC_ATTR_FWMARK];
	u16 af, proto;

	if (!attrs[IPVS_SVC_ATTR_AF] ||
	    (!mark && !(attrs[IPVS_SVC_ATTR_PROTOCOL] && attrs[IPVS_SVC_ATTR_ADDR] && attrs[IPVS_SVC_ATTR_PORT]))) {
		NL_SET_ERR_MSG(extack, "SERVICE must have AF, and FWMARK or all of PROTOCOL, ADDR and PORT");
		return -EINVAL;
	}
	af = nla_get_u16(attrs[IPVS_SVC_ATTR_AF]);
	if (!family_valid(af)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[IPVS_SVC_ATTR_AF],
				    "The service's address family is neither IPv4 nor an enabled IPv6");
		return -EAFNOSUPPORT;
	}
	key->af = af;
	if (mark && nla_get_u32(mark)) {
		key->fwmark = nla_get_u32(mark);
		return 0;
	}
	if (mark) {
		/* the mark decides by its presence; mark 0 names the address service that has no address */
		key->proto = IPPROTO_TCP;
		return 0;
	}
	/* a protocol that no packet can have is one that no service can have */
	proto = nla_get_u16(attrs[IPVS_SVC_ATTR_PROTOCOL]);
	key->proto = min_t(u16, proto, IPPROTO_RAW);
	address_get(&key->addr, attrs[IPVS_SVC_ATTR_ADDR], af);
	key->port = nla_get_be16(attrs[IPVS_SVC_ATTR_PORT]);
	return 0;
}

static int service_rest_parse(struct nlattr **attrs, struct lvs_service_spec *spec, struct netlink_ext_ack *extack)
{
	struct ip_vs_flags flags;

	if (!attrs[IPVS_SVC_ATTR_SCHED_NAME] || !attrs[IPVS_SVC_ATTR_FLAGS] || !attrs[IPVS_SVC_ATTR_TIMEOUT] ||
	    !attrs[IPVS_SVC_ATTR_NETMASK]) {
		NL_SET_ERR_MSG(extack, "SERVICE must have SCHED_NAME, FLAGS, TIMEOUT and NETMASK to add or edit it");
		return -EINVAL;
	}
	nla_strscpy(spec->sched, attrs[IPVS_SVC_ATTR_SCHED_NAME], sizeof(spec->sched));
	if (attrs[IPVS_SVC_ATTR_PE_NAME])
		nla_strscpy(spec->pe, attrs[IPVS_SVC_ATTR_PE_NAME], sizeof(spec->pe));
	memset(&flags, 0, sizeof(flags));
	nla_memcpy(&flags, attrs[IPVS_SVC_ATTR_FLAGS], sizeof(flags));
	spec->flags = flags.flags;
	spec->flags_mask = flags.mask;
	spec->timeout = nla_get_u32(attrs[IPVS_SVC_ATTR_TIMEOUT]);
	spec->netmask = nla_get_u32(attrs[IPVS_SVC_ATTR_NETMASK]);
	return 0;
}

/**
 * lvs_ipvs_service_parse - read the SERVICE nest of a request
 * @nest: the attribute, or NULL if the request has none
 * @spec: filled in; only the key unless @full
 * @full: the request must also have what adding or editing a service needs
 * @extack: gets a sentence on failure
 *
 * Context: process.
 * Return: 0, -EINVAL or -EAFNOSUPPORT.
 */
int lvs_ipvs_service_parse(const struct nlattr *nest, struct lvs_service_spec *spec, bool full,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[IPVS_SVC_ATTR_MAX + 1];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack, "The request has no SERVICE");
		return -EINVAL;
	}
	/* says itself what was wrong; whatever it was, IPVS answers EINVAL */
	if (nla_parse_nested_deprecated(attrs, IPVS_SVC_ATTR_MAX, nest, service_policy, extack))
		return -EINVAL;
	memset(spec, 0, sizeof(*spec));
	err = service_key_parse(attrs, &spec->key, extack);
	if (err || !full)
		return err;
	return service_rest_parse(attrs, spec, extack);
}

static int dest_rest_parse(struct nlattr **attrs, struct lvs_dest_spec *spec, struct netlink_ext_ack *extack)
{
	if (!attrs[IPVS_DEST_ATTR_FWD_METHOD] || !attrs[IPVS_DEST_ATTR_WEIGHT] || !attrs[IPVS_DEST_ATTR_U_THRESH] ||
	    !attrs[IPVS_DEST_ATTR_L_THRESH]) {
		NL_SET_ERR_MSG(extack, "DEST must have FWD_METHOD, WEIGHT, U_THRESH and L_THRESH to add or edit it");
		return -EINVAL;
	}
	spec->fwd = nla_get_u32(attrs[IPVS_DEST_ATTR_FWD_METHOD]) & IP_VS_CONN_F_FWD_MASK;
	spec->weight = nla_get_u32(attrs[IPVS_DEST_ATTR_WEIGHT]);
	spec->u_threshold = nla_get_u32(attrs[IPVS_DEST_ATTR_U_THRESH]);
	spec->l_threshold = nla_get_u32(attrs[IPVS_DEST_ATTR_L_THRESH]);
	if (attrs[IPVS_DEST_ATTR_TUN_TYPE])
		spec->tun_type = nla_get_u8(attrs[IPVS_DEST_ATTR_TUN_TYPE]);
	if (attrs[IPVS_DEST_ATTR_TUN_PORT])
		spec->tun_port = nla_get_be16(attrs[IPVS_DEST_ATTR_TUN_PORT]);
	if (attrs[IPVS_DEST_ATTR_TUN_FLAGS])
		spec->tun_flags = nla_get_u16(attrs[IPVS_DEST_ATTR_TUN_FLAGS]);
	return 0;
}

/**
 * lvs_ipvs_dest_parse - read the DEST nest of a request
 * @nest: the attribute, or NULL if the request has none
 * @svc_af: family of the service, which the server has too unless the request says otherwise
 * @spec: filled in; only family, address and port unless @full
 * @full: the request must also have what adding or editing a server needs
 * @extack: gets a sentence on failure
 *
 * Context: process.
 * Return: 0, -EINVAL or -EAFNOSUPPORT.
 */
int lvs_ipvs_dest_parse(const struct nlattr *nest, u16 svc_af, struct lvs_dest_spec *spec, bool full,
			struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[IPVS_DEST_ATTR_MAX + 1];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack, "The request has no DEST");
		return -EINVAL;
	}
	if (nla_parse_nested_deprecated(attrs, IPVS_DEST_ATTR_MAX, nest, dest_policy, extack))
		return -EINVAL;
	if (!attrs[IPVS_DEST_ATTR_ADDR] || !attrs[IPVS_DEST_ATTR_PORT]) {
		NL_SET_ERR_MSG(extack, "DEST must have ADDR and PORT");
		return -EINVAL;
	}
	memset(spec, 0, sizeof(*spec));
	if (full) {
		err = dest_rest_parse(attrs, spec, extack);
		if (err)
			return err;
	}
	if (attrs[IPVS_DEST_ATTR_ADDR_FAMILY])
		spec->af = nla_get_u16(attrs[IPVS_DEST_ATTR_ADDR_FAMILY]);
	if (!spec->af)
		spec->af = svc_af;
	if (!family_valid(spec->af)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[IPVS_DEST_ATTR_ADDR_FAMILY],
				    "The server's address family is neither IPv4 nor an enabled IPv6");
		return -EAFNOSUPPORT;
	}
	address_get(&spec->addr, attrs[IPVS_DEST_ATTR_ADDR], spec->af);
	spec->port = nla_get_be16(attrs[IPVS_DEST_ATTR_PORT]);
	return 0;
}
