/* SPDX-License-Identifier: GPL-2.0 */
/* What user space does not have of the kernel's linux/sctp.h: RFC 9260. */
#ifndef UNIT_SHIM_LINUX_SCTP_H
#define UNIT_SHIM_LINUX_SCTP_H

struct sctphdr {
	__be16 source;
	__be16 dest;
	__be32 vtag;
	__le32 checksum;
};

struct sctp_chunkhdr {
	__u8 type;
	__u8 flags;
	__be16 length;
};

enum {
	SCTP_CID_DATA,
	SCTP_CID_INIT,
	SCTP_CID_INIT_ACK,
	SCTP_CID_SACK,
	SCTP_CID_HEARTBEAT,
	SCTP_CID_HEARTBEAT_ACK,
	SCTP_CID_ABORT,
	SCTP_CID_SHUTDOWN,
	SCTP_CID_SHUTDOWN_ACK,
	SCTP_CID_ERROR,
	SCTP_CID_COOKIE_ECHO,
	SCTP_CID_COOKIE_ACK,
	SCTP_CID_ECN_ECNE,
	SCTP_CID_ECN_CWR,
	SCTP_CID_SHUTDOWN_COMPLETE,
};

#endif
