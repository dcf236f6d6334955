// SPDX-License-Identifier: GPL-2.0
/* The filter by which packets that concern nobody are let go. */
#include "sim.h"

static struct lvs_addr_filter filter;

static union nf_inet_addr address4(u32 host)
{
	union nf_inet_addr a = { .ip = htonl(host) };

	return a;
}

static union nf_inet_addr address6(u32 net, u32 host)
{
	union nf_inet_addr a = { .ip6 = { htonl(0x20010db8), htonl(net), 0, htonl(host) } };

	return a;
}

/* Never no for what is there, whatever else came and went. */
UNIT_TEST(filter_never_misses)
{
	enum { ADDRESSES = 600 };
	static u8 vips[ADDRESSES], servers[ADDRESSES];
	int i, round;

	memset(&filter, 0, sizeof(filter));
	memset(vips, 0, sizeof(vips));
	memset(servers, 0, sizeof(servers));
	for (round = 0; round < 20000; round++) {
		u32 n = unit_below(ADDRESSES);
		union nf_inet_addr a = n % 2 ? address4(0x0a000000 + n) : address6(n % 7, n);

		if (unit_below(2) && vips[n] < 200) {
			vips[n]++;
			lvs_filter_add_vip(&filter, &a, 0, 1);
		} else if (vips[n]) {
			vips[n]--;
			lvs_filter_add_vip(&filter, &a, 0, -1);
		}
		if (unit_below(2) && servers[n] < 200) {
			servers[n]++;
			lvs_filter_add_server(&filter, &a, 1);
		} else if (servers[n]) {
			servers[n]--;
			lvs_filter_add_server(&filter, &a, -1);
		}
		CHECK(!vips[n] || lvs_filter_vip(&filter, &a));
		CHECK(!servers[n] || lvs_filter_server(&filter, &a));
	}
	for (i = 0; i < ADDRESSES; i++) {
		union nf_inet_addr a = i % 2 ? address4(0x0a000000 + i) : address6(i % 7, i);

		lvs_filter_add_vip(&filter, &a, 0, -vips[i]);
		lvs_filter_add_server(&filter, &a, -servers[i]);
	}
	for (i = 0; i < ARRAY_SIZE(filter.vip); i++)
		CHECK(!atomic_read(&filter.vip[i]) && !atomic_read(&filter.server[i]));
}

/* A firewall-mark service may balance any address; its servers are still told apart. */
UNIT_TEST(filter_fwmark_concerns_every_vip)
{
	union nf_inet_addr none = {}, other = address4(0x0a010203);

	memset(&filter, 0, sizeof(filter));
	CHECK(!lvs_filter_vip(&filter, &other));
	lvs_filter_add_vip(&filter, &none, 7, 1);
	CHECK(lvs_filter_vip(&filter, &other));
	CHECK(!lvs_filter_server(&filter, &other));
	lvs_filter_add_vip(&filter, &none, 7, -1);
	CHECK(!lvs_filter_vip(&filter, &other));
}

/* Of the addresses that are not there few get a yes: about as many as slots are in use. */
static void check_rest(u32 n, union nf_inet_addr (*address)(u32 i), const char *what)
{
	u32 i, yes = 0;

	memset(&filter, 0, sizeof(filter));
	for (i = 0; i < n; i++) {
		union nf_inet_addr a = address(i);

		lvs_filter_add_vip(&filter, &a, 0, 1);
	}
	for (i = 0; i < 20000; i++) {
		union nf_inet_addr a = address(0x100000 + unit_below(0x800000));

		yes += lvs_filter_vip(&filter, &a);
	}
	/* 100 of 4096 slots are 2.4 % */
	if (yes > 20000 * 4 / 100)
		unit_note("%s: %u of 20000 concern us", what, yes);
	CHECK(yes <= 20000 * 4 / 100);
}

static union nf_inet_addr sequential4(u32 i)
{
	return address4(0x0a000000 + i);
}

static union nf_inet_addr spread4(u32 i)
{
	return address4(0x0a000000 + i * 256);
}

static union nf_inet_addr hosts6(u32 i)
{
	return address6(1, i);
}

static union nf_inet_addr nets6(u32 i)
{
	return address6(i, 1);
}

UNIT_TEST(filter_lets_the_rest_go)
{
	check_rest(100, sequential4, "sequential IPv4");
	check_rest(100, spread4, "IPv4 by /24");
	check_rest(100, hosts6, "IPv6 hosts");
	check_rest(100, nets6, "IPv6 nets");
}

/* A server counts from lvs_dest_alloc() until it is freed: with its last conn, not with its removal. */
UNIT_TEST(filter_keeps_a_removed_server_until_its_last_conn)
{
	struct lvs_dest *dest = sim_dest(IP_VS_CONN_F_MASQ, AF_INET, 9);
	union nf_inet_addr server = *lvs_dest_addr(dest), vip = dest->key.svc.addr;
	union lvs_key key;

	sim_key(&key, AF_INET, IPPROTO_TCP, 1000);
	sim_conn(dest, &key, 10 * HZ);
	CHECK(lvs_filter_server(unit_ln->filter, &server));
	sim_dest_remove(dest);
	unit_skip(9 * HZ);
	CHECK(lvs_filter_server(unit_ln->filter, &server));
	CHECK(lvs_filter_vip(unit_ln->filter, &vip));
	unit_skip(3 * HZ);
	CHECK(!lvs_filter_server(unit_ln->filter, &server));
	CHECK(!lvs_filter_vip(unit_ln->filter, &vip));
}

/* An address of this host is known from the first time on. */
UNIT_TEST(filter_local)
{
	int i, other = 0;

	memset(&filter, 0, sizeof(filter));
	for (i = 0; i < 100; i++) {
		union nf_inet_addr a = address4(0xc0000200 + 7 * i), b = address4(0x0a000000 + 13 * i);

		lvs_filter_add_local(&filter, &a);
		CHECK(lvs_filter_local(&filter, &a));
		other += lvs_filter_local(&filter, &b);
	}
	CHECK(other < 20);
}
