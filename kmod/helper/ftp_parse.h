/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FTP_PARSE_H
#define _LVS_FTP_PARSE_H

#include <linux/netfilter.h>
#include <linux/types.h>

/* What clients and servers say about data conns. */
enum lvs_ftp_word {
	LVS_FTP_NONE,
	LVS_FTP_PASV,	/* client: tell me where to call; server, 227: an IPv4 address and a port */
	LVS_FTP_EPSV,	/* the same for any family; server, 229: a port */
	LVS_FTP_PORT,	/* client: call me at this IPv4 address and port */
	LVS_FTP_EPRT,	/* the same for any family */
};

/**
 * struct lvs_ftp_place - an address and a port, and where they are written
 * @addr: address; only of LVS_FTP_PORT and LVS_FTP_EPRT
 * @port: port, network byte order, not 0
 * @start: offset of the first byte that says so
 * @end: offset behind the last
 */
struct lvs_ftp_place {
	union nf_inet_addr addr;
	__be16 port;
	unsigned int start;
	unsigned int end;
};

/* Longest text of lvs_ftp_write(), with its end. */
#define LVS_FTP_TEXT sizeof("255,255,255,255,255,255")

enum lvs_ftp_word lvs_ftp_command(const char *data, unsigned int len, u8 af, struct lvs_ftp_place *place);
bool lvs_ftp_answer(const char *data, unsigned int len, enum lvs_ftp_word asked, u8 af, struct lvs_ftp_place *place);
unsigned int lvs_ftp_write(char *text, enum lvs_ftp_word asked, const union nf_inet_addr *addr, __be16 port);

#endif
