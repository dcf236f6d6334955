/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and ports: text to binary and back. */
#ifndef LVSADM_ADDR_H
#define LVSADM_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* longest "[host name]:service name" that is printed */
#define HOSTPORT_LEN	(NI_MAXHOST_LEN + 40)
#define NI_MAXHOST_LEN	1025

/**
 * struct addr - an IPv4 or IPv6 address
 * @family: AF_INET or AF_INET6; AF_UNSPEC if there is none
 * @v4: the address in network order when @family is AF_INET
 * @v6: the address in network order when @family is AF_INET6
 * @raw: both, as the bytes that netlink carries (unused ones are zero)
 */
struct addr {
	uint16_t family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t raw[16];
	};
};

/**
 * enum addr_error - what is wrong with an address argument
 * @ADDR_OK: nothing
 * @ADDR_BAD_HOST: neither an address nor a host name that resolves
 * @ADDR_BAD_PORT: neither 0..65535 nor a service name of the protocol
 * @ADDR_BAD_SYNTAX: brackets or colons out of place, or nothing there
 */
enum addr_error { ADDR_OK = 0, ADDR_BAD_HOST, ADDR_BAD_PORT, ADDR_BAD_SYNTAX };

/**
 * struct hostport - a parsed host[:port]
 * @addr: the address
 * @port: the port in host order, 0 if none was given
 * @has_port: a port was written
 */
struct hostport {
	struct addr addr;
	uint16_t port;
	bool has_port;
};

enum addr_error addr_parse(const char *text, struct addr *out);
enum addr_error hostport_parse(const char *text, uint16_t proto,
			       struct hostport *out);
const char *addr_strerror(enum addr_error err);
int addr_cmp(const struct addr *a, const struct addr *b);
const char *addr_format(const struct addr *addr, char *buf, size_t size);
const char *addr_name(const struct addr *addr, bool numeric, char *buf,
		      size_t size);
const char *hostport_format(const struct addr *addr, uint16_t port,
			    uint16_t proto, bool numeric, char *buf,
			    size_t size);
bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

#endif
