// SPDX-License-Identifier: GPL-2.0
#include <linux/ip_vs.h>

#include "methods.h"

/**
 * lvs_fwd_find - the forwarder of a method
 * @method: IP_VS_CONN_F_FWD_MASK value
 * @svc_af: family of the service, and so of the packets
 * @dest_af: family of the server's address; may differ for tunnels only
 *
 * Context: any.
 * Return: its operations, or NULL if there is no such forwarder.
 */
const struct lvs_fwd_ops *lvs_fwd_find(u32 method, u8 svc_af, u8 dest_af)
{
	if (method == IP_VS_CONN_F_TUNNEL)
		return &lvs_fwd_tun;
	if (svc_af != dest_af)
		return NULL;
	switch (method) {
	case IP_VS_CONN_F_MASQ:
		return &lvs_fwd_nat;
	case IP_VS_CONN_F_DROUTE:
		return &lvs_fwd_dr;
	case IP_VS_CONN_F_LOCALNODE:
		return &lvs_fwd_local;
	case IP_VS_CONN_F_BYPASS:
		return &lvs_fwd_bypass;
	default:
		return NULL;
	}
}
