/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the traffic programs of the tests share: addresses, sockets, time.
 */
#ifndef LVS_SELFTESTS_NET_H
#define LVS_SELFTESTS_NET_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Milliseconds of a clock that only goes forward. */
static inline int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* A number from the command line. */
static inline unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end)
		errx(2, "not a number: %s", text);
	return value;
}

/* An address of either family, and a port in host order. */
static inline union addr addr_parse(const char *text, unsigned int port)
{
	union addr addr;

	memset(&addr, 0, sizeof(addr));
	if (inet_pton(AF_INET, text, &addr.in.sin_addr) == 1) {
		addr.sa.sa_family = AF_INET;
		addr.in.sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &addr.in6.sin6_addr) == 1) {
		addr.sa.sa_family = AF_INET6;
		addr.in6.sin6_port = htons(port);
	} else {
		errx(2, "not an address: %s", text);
	}
	return addr;
}

static inline socklen_t addr_size(const union addr *addr)
{
	return addr->sa.sa_family == AF_INET ? sizeof(addr->in) :
					       sizeof(addr->in6);
}

/* Add @n to the low 32 bits of an address. */
static inline void addr_add(union addr *addr, uint32_t n)
{
	uint8_t *low = addr->sa.sa_family == AF_INET ?
			(uint8_t *)&addr->in.sin_addr :
			addr->in6.sin6_addr.s6_addr + 12;
	uint32_t word;

	memcpy(&word, low, 4);
	word = htonl(ntohl(word) + n);
	memcpy(low, &word, 4);
}

static inline void sock_on(int fd, int level, int name)
{
	int on = 1;

	if (setsockopt(fd, level, name, &on, sizeof(on)))
		err(2, "setsockopt %d", name);
}

/* A socket of @type on @port for both families. */
static inline int sock_server(int type, unsigned int port)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	int off = 0, fd = socket(AF_INET6, type, 0);

	if (fd < 0)
		err(2, "socket");
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	sock_on(fd, SOL_SOCKET, SO_REUSEADDR);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(2, "bind to port %u", port);
	if ((type & 0xf) == SOCK_STREAM && listen(fd, 16384))
		err(2, "listen");
	return fd;
}

#endif /* LVS_SELFTESTS_NET_H */
