/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_EDIT_H
#define _LVS_EDIT_H

#include <linux/ip_vs.h>

#include "../dest/dest.h"

struct lvs_net;
struct lvs_service;
struct lvs_service_conf;
struct netlink_ext_ack;

/**
 * struct lvs_service_spec - a virtual service as a front end asks for it
 * @key: which service
 * @sched: scheduler name, NUL-terminated; "none" for no scheduler
 * @pe: persistence engine name; empty for none
 * @user_proto: what listings by socket options show as the protocol of a firewall-mark service; 0: TCP
 * @flags: IP_VS_SVC_F_* values for the bits in @flags_mask
 * @flags_mask: which bits of @flags count
 * @timeout: persistence timeout, seconds
 * @netmask: IPv4 mask in network byte order, or IPv6 prefix length in host byte order
 */
struct lvs_service_spec {
	struct lvs_svc_key key;
	char sched[IP_VS_SCHEDNAME_MAXLEN];
	char pe[IP_VS_PENAME_MAXLEN + 1];
	u8 user_proto;
	u32 flags;
	u32 flags_mask;
	u32 timeout;
	u32 netmask;
};

/**
 * struct lvs_dest_spec - a real server as a front end asks for it
 * @addr: its address
 * @port: its port, network byte order
 * @af: its family; AF_UNSPEC: that of the service
 * @fwd: IP_VS_CONN_F_MASQ, _LOCALNODE, _TUNNEL, _DROUTE or _BYPASS
 * @one_packet: its UDP conns are forgotten with the packet that made them
 * @weight: relative weight; negative is an error
 * @u_threshold: upper limit of conns, 0 for none
 * @l_threshold: lower limit, 0 for three quarters of the upper one
 * @tun_type: IP_VS_CONN_F_TUNNEL_TYPE_*
 * @tun_port: GUE port, network byte order
 * @tun_flags: IP_VS_TUNNEL_ENCAP_FLAG_*
 */
struct lvs_dest_spec {
	union nf_inet_addr addr;
	__be16 port;
	u16 af;
	u32 fwd;
	bool one_packet;
	int weight;
	u32 u_threshold;
	u32 l_threshold;
	u8 tun_type;
	__be16 tun_port;
	u16 tun_flags;
};

/**
 * struct lvs_edit - one prepared change of the configuration
 * @ops: how it ends
 * @ln: namespace
 * @svc: the service that it is about
 * @dest: the server that it is about, or NULL
 * @conf: the snapshot to publish
 * @dest_spec: the server as asked for
 * @locality: what a scheduler that remembers addresses begins with, or NULL
 * @new_sched: @locality takes the place of what the service has
 * @revived: @dest was a tombstone
 *
 * A prepare function validates and allocates all that the change needs and changes nothing that a packet or a listing
 * sees; it may fail. Exactly one of lvs_edit_commit(), which cannot fail, and lvs_edit_abort() must follow, all under one
 * hold of the config lock. Contents are private to service/edit.c and service/dest_edit.c.
 */
struct lvs_edit {
	const struct lvs_edit_ops *ops;
	struct lvs_net *ln;
	struct lvs_service *svc;
	struct lvs_dest *dest;
	struct lvs_service_conf *conf;
	struct lvs_dest_spec dest_spec;
	struct lvs_locality *locality;
	bool new_sched;
	bool revived;
};

/**
 * struct lvs_edit_ops - how a kind of edit ends
 * @commit: put it into force; cannot fail
 * @abort: give back what was prepared
 */
struct lvs_edit_ops {
	void (*commit)(struct lvs_edit *edit);
	void (*abort)(struct lvs_edit *edit);
};

/* prepare: config lock held; return 0 or -errno as the IPVS family answers it, with a sentence in @extack */
int lvs_edit_service_add(struct lvs_net *ln, const struct lvs_service_spec *spec, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack);
int lvs_edit_service_set(struct lvs_net *ln, const struct lvs_service_spec *spec, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack);
int lvs_edit_service_del(struct lvs_net *ln, const struct lvs_svc_key *key, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack);
int lvs_edit_dest_add(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack);
int lvs_edit_dest_set(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack);
int lvs_edit_dest_del(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack);

void lvs_edit_commit(struct lvs_edit *edit);
void lvs_edit_abort(struct lvs_edit *edit);

void lvs_flush(struct lvs_net *ln);
void lvs_zero_all(struct lvs_net *ln);

/**
 * struct lvs_timeouts_spec - what SET_CONFIG asks for, in seconds; 0 keeps the old value
 * @tcp: of established TCP conns
 * @tcp_fin: of TCP conns in FIN_WAIT
 * @udp: of UDP conns
 */
struct lvs_timeouts_spec {
	s32 tcp;
	s32 tcp_fin;
	s32 udp;
};

int lvs_timeouts_set(struct lvs_net *ln, const struct lvs_timeouts_spec *spec, struct netlink_ext_ack *extack);
void lvs_timeouts_get(struct lvs_net *ln, struct lvs_timeouts_spec *spec);

#endif
