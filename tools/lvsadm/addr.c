// SPDX-License-Identifier: GPL-2.0
/* Addresses and ports: text to binary and back. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "words.h"

/**
 * parse_number() - read a decimal number within limits
 * @text: the whole argument
 * @min: smallest value allowed
 * @max: largest value allowed
 * @out: where the value goes
 *
 * Return: true if all of @text is such a number.
 */
bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	unsigned long long value;
	const char *digits = text + (*text == '+');
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	value = strtoull(digits, &end, 10);
	if (errno || *end || value < min || value > max)
		return false;
	*out = value;
	return true;
}

/*
 * The IPv4 address of a name wins: that is what the older tool looked for.
 * A name in brackets stands for an IPv6 address.
 */
static enum addr_error name_lookup(const char *name, bool v6, struct addr *out)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *res;
	size_t i;

	for (i = v6; i < sizeof(families) / sizeof(*families); i++) {
		hints.ai_family = families[i];
		if (getaddrinfo(name, NULL, &hints, &res))
			continue;
		out->family = res->ai_family;
		if (res->ai_family == AF_INET)
			out->v4 = ((struct sockaddr_in *)res->ai_addr)->sin_addr;
		else
			out->v6 = ((struct sockaddr_in6 *)res->ai_addr)->sin6_addr;
		freeaddrinfo(res);
		return ADDR_OK;
	}
	return ADDR_BAD_HOST;
}

/* Worth asking inet_pton(): with files of many addresses it takes long to say no. */
static bool ipv6_parse(const char *text, struct in6_addr *out)
{
	const char *colon = strchr(text, ':');

	return colon && strchr(colon + 1, ':') && inet_pton(AF_INET6, text, out) == 1;
}

/* inet_aton() knows all forms, and takes four times as long for the usual one. */
static bool ipv4_parse(const char *text, struct in_addr *out)
{
	return inet_pton(AF_INET, text, out) == 1 || inet_aton(text, out);
}

static enum addr_error host_parse(const char *text, bool v6, struct addr *out)
{
	memset(out, 0, sizeof(*out));
	if (!*text || strspn(text, "0123456789") == strlen(text))
		return ADDR_BAD_HOST;
	if (ipv6_parse(text, &out->v6)) {
		out->family = AF_INET6;
		return ADDR_OK;
	}
	memset(out, 0, sizeof(*out));
	if (ipv4_parse(text, &out->v4)) {
		out->family = AF_INET;
		return ADDR_OK;
	}
	return name_lookup(text, v6, out);
}

/**
 * addr_parse() - read an address or a host name
 * @text: IPv4 in any of the forms of inet_aton(), IPv6, or a host name
 * @out: the address
 *
 * A string of digits only is refused: it would be taken for an IPv4 address,
 * but is nearly always a forgotten host part.
 *
 * Return: ADDR_OK or ADDR_BAD_HOST.
 */
enum addr_error addr_parse(const char *text, struct addr *out)
{
	return host_parse(text, false, out);
}

static enum addr_error port_parse(const char *text, uint16_t proto,
				  uint16_t *port)
{
	struct servent *service;
	uint64_t value;

	if (parse_number(text, 0, UINT16_MAX, &value)) {
		*port = value;
		return ADDR_OK;
	}
	if (!*text || isdigit((unsigned char)*text))
		return ADDR_BAD_PORT;
	service = getservbyname(text, proto_service_name(proto));
	if (!service)
		return ADDR_BAD_PORT;
	*port = ntohs(service->s_port);
	return ADDR_OK;
}

/* Split @text in place; @port stays NULL when none is written. */
static enum addr_error hostport_split(char *text, char **host, char **port,
				      bool *bracketed)
{
	struct in6_addr v6;
	char *end;

	*host = text;
	*port = NULL;
	*bracketed = *text == '[';
	if (*bracketed) {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return ADDR_BAD_SYNTAX;
		*host = text + 1;
		if (end[1])
			*port = end + 2;
		*end = '\0';
		return ADDR_OK;
	}
	if (ipv6_parse(text, &v6))
		return ADDR_OK;
	end = strrchr(text, ':');
	if (end) {
		*end = '\0';
		*port = end + 1;
	}
	return ADDR_OK;
}

/**
 * hostport_parse() - read host[:port]
 * @text: an address or host name; IPv6 in brackets when a port follows
 * @proto: whose service names the port may be
 * @out: the result
 *
 * Return: ADDR_OK, or what is wrong.
 */
enum addr_error hostport_parse(const char *text, uint16_t proto,
			       struct hostport *out)
{
	char copy[512], *host, *port;
	enum addr_error err;
	bool bracketed;

	memset(out, 0, sizeof(*out));
	if (strlen(text) >= sizeof(copy))
		return ADDR_BAD_SYNTAX;
	strcpy(copy, text);
	err = hostport_split(copy, &host, &port, &bracketed);
	if (err)
		return err;
	err = host_parse(host, bracketed, &out->addr);
	if (err)
		return err;
	if (bracketed && out->addr.family != AF_INET6)
		return ADDR_BAD_SYNTAX;
	if (!port)
		return ADDR_OK;
	out->has_port = true;
	return port_parse(port, proto, &out->port);
}

/**
 * addr_strerror() - the words for an addr_error
 * @err: the error
 *
 * Return: a string that can follow "'text': ".
 */
const char *addr_strerror(enum addr_error err)
{
	switch (err) {
	case ADDR_BAD_HOST:
		return "not an address, and no host of that name";
	case ADDR_BAD_PORT:
		return "the port must be 0 to 65535 or a service name";
	case ADDR_BAD_SYNTAX:
		return "must be ADDRESS:PORT, with IPv6 as [ADDRESS]:PORT";
	default:
		return "fine";
	}
}

/**
 * addr_cmp() - order two addresses: IPv4 first, then by value
 * @a: one
 * @b: the other
 *
 * Return: less than, equal to or greater than 0.
 */
int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->raw, b->raw, sizeof(a->raw));
}

/**
 * addr_format() - an address as numbers
 * @addr: the address
 * @buf: where the text goes
 * @size: of @buf, at least INET6_ADDRSTRLEN
 *
 * Return: @buf.
 */
const char *addr_format(const struct addr *addr, char *buf, size_t size)
{
	if (!inet_ntop(addr->family, addr->raw, buf, size))
		snprintf(buf, size, "?");
	return buf;
}

/**
 * addr_name() - an address as a host name if it has one
 * @addr: the address
 * @numeric: do not look for a name
 * @buf: where the text goes
 * @size: of @buf
 *
 * Return: @buf.
 */
const char *addr_name(const struct addr *addr, bool numeric, char *buf,
		      size_t size)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	socklen_t len = sizeof(sin);

	sin.sin_addr = addr->v4;
	if (addr->family == AF_INET6) {
		sin6.sin6_addr = addr->v6;
		sa = (struct sockaddr *)&sin6;
		len = sizeof(sin6);
	}
	if (numeric || getnameinfo(sa, len, buf, size, NULL, 0, NI_NAMEREQD))
		return addr_format(addr, buf, size);
	return buf;
}

/**
 * hostport_format() - host:port as it is listed
 * @addr: the address
 * @port: in host order
 * @proto: whose service names are used for the port; none if it is 0
 * @numeric: look for no names
 * @buf: where the text goes
 * @size: of @buf; HOSTPORT_LEN is enough for everything
 *
 * Return: @buf.
 */
const char *hostport_format(const struct addr *addr, uint16_t port,
			    uint16_t proto, bool numeric, char *buf,
			    size_t size)
{
	bool v6 = addr->family == AF_INET6;
	const char *names = proto_service_name(proto);
	struct servent *service = NULL;
	char host[NI_MAXHOST_LEN];

	addr_name(addr, numeric, host, sizeof(host));
	if (!numeric && names)
		service = getservbyport(htons(port), names);
	if (service)
		snprintf(buf, size, "%s%s%s:%s", v6 ? "[" : "", host,
			 v6 ? "]" : "", service->s_name);
	else
		snprintf(buf, size, "%s%s%s:%u", v6 ? "[" : "", host,
			 v6 ? "]" : "", port);
	return buf;
}
