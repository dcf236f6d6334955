/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_KNOBS_H
#define _LVS_KNOBS_H

/**
 * struct lvs_knobs - net.ipv4.vs.*; names and meanings are stock's
 * @cache_bypass: packets of firewall-mark services without servers go to their own destination
 * @nat_icmp_send: a NAT server's packet that has no conn is answered: port unreachable
 * @schedule_icmp: an ICMP error may start a conn
 * @ignore_tunneled: what a tunnel that ends here brings is not balanced
 * @conn_reuse_mode: when a SYN ends an old conn: 0 never; else in TIME_WAIT, CLOSE; bit 1: in a one-sided FIN_WAIT, too
 * @expire_nodest_conn: any packet ends the conn of a removed server
 * @expire_quiescent_template: a template does not hold for a server of weight 0
 * @lblc_expiration: jiffies after which the scheduler lblc forgets an address that nobody uses
 * @lblcr_expiration: likewise lblcr; and after which a set of servers that has not changed loses one
 * @pmtu_disc: what does not fit a tunnel is answered, not fragmented
 * @sloppy_sctp: any SCTP packet but one that begins with ABORT may start a conn
 * @sloppy_tcp: any TCP packet but a RST may start a conn
 * @snat_reroute: NAT replies are routed again where their new source may matter
 * @conn_max: most conns and templates
 * @conntrack: not 0: connection tracking follows new conns; written under ct_lock
 * @fast_path: 0: off; 1: where no hook of anybody else would be passed over; 2: everywhere
 * @conn_max_limit: how far conn_max may be raised by who is not privileged in the initial user namespace; config lock
 * @am_droprate: with drop_packet = 3: one of so many packets that would start a conn is dropped
 * @drop_entry: defence strategy: 0 off; 1 automatic, off now; 2 automatic, on now; 3 on; written under the defense lock
 * @drop_packet: likewise
 * @secure_tcp: likewise
 * @amemthresh: pages of free memory below which there is little
 * @run_estimation: rates are shown; packets and bytes always are
 * @backup_only: kept for the sync daemon, as are all sync_*
 * @sync_persist_mode: likewise
 * @sync_ports: likewise
 * @sync_refresh_period: likewise
 * @sync_retries: likewise
 * @sync_sock_size: likewise
 * @sync_threshold: likewise; config lock
 * @sync_version: likewise
 * @sync_qlen_max: likewise
 * @conn_lfactor: kept without effect: the table of conns finds its size itself
 * @svc_lfactor: likewise, of services
 * @est_nice: kept without effect: there are no threads that estimate
 *
 * Written by sysctl handlers, read locklessly with READ_ONCE(). Those that packets read come first.
 */
struct lvs_knobs {
	int conn_reuse_mode;
	int expire_nodest_conn;
	int expire_quiescent_template;
	int pmtu_disc;
	int sloppy_sctp;
	int sloppy_tcp;
	int snat_reroute;
	int cache_bypass;
	int nat_icmp_send;
	int schedule_icmp;
	int ignore_tunneled;
	int conn_max;
	int conntrack;
	int fast_path;
	int conn_max_limit;
	int am_droprate;
	int drop_entry;
	int drop_packet;
	int secure_tcp;
	int amemthresh;
	int run_estimation;
	int backup_only;
	int sync_persist_mode;
	int sync_ports;
	int sync_refresh_period;
	int sync_retries;
	int sync_sock_size;
	int sync_threshold[2];
	int sync_version;
	unsigned long sync_qlen_max;
	int conn_lfactor;
	int svc_lfactor;
	int est_nice;
	int lblc_expiration;
	int lblcr_expiration;
};

#endif
