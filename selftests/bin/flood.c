// SPDX-License-Identifier: GPL-2.0
/*
 * A fast source of packets of many flows, as whole frames to one device.
 *
 *	flood -i DEVICE -m MAC [options] ADDRESS PORT
 *	  -t		TCP SYNs instead of UDP datagrams (-A: bare ACKs)
 *	  -n COUNT	packets in all (default 1000), or -d MS: for so long
 *	  -f FLOWS	number of flows, packets take turns (default COUNT)
 *	  -b ADDRESS	source of the first flow, -k PORTS flows per address (60000)
 *	  -p PORT	source port of the first flow of an address (1024)
 *	  -j THREADS	senders, each on a CPU of its own (1); -u: on any CPU
 *	  -r RATE	packets per second of all together (as fast as possible)
 *	  -C BITS	only flows that share BITS bits of the hash if its key is known
 *			(collide.h; -f says how many)
 *	  -w		wait: COUNT packets for each line of standard input, which go on
 *			where the last ones ended; prints their number when they are sent
 *	  -T		all threads send each flow at the same moment (COUNT flows)
 *
 * A thread's packets are received on its own CPU when DEVICE is one end of a
 * veth pair.  Prints "PACKETS MS".
 */

#include "collide.h"
#include "net.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>

#define BATCH	32
#define FRAME	96
#define DATA	18		/* bytes after the UDP header */

static struct {
	const char *device;
	struct ether_addr mac, own;
	union addr to, from;
	unsigned long count, flows, ports, rate, ms;
	unsigned int first_port, threads, bits;
	bool tcp, ack, together, unbound, wait;
} opt = {
	.count = 1000, .ports = 60000, .first_port = 1024, .threads = 1,
};

static int device_index;
static uint32_t *chosen;	/* with -C: the numbers of the flows */
static atomic_ulong sent;
static atomic_uint arrived;	/* threads at the current flow's start */
static atomic_bool stopped;
static int64_t start_ms;

/* ---- one frame ----------------------------------------------------------- */

static uint32_t sum_words(uint32_t sum, const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static size_t l4_build(uint8_t *l4, uint16_t sport, uint16_t dport)
{
	uint16_t size = htons(8 + DATA);

	memcpy(l4, &sport, 2);
	memcpy(l4 + 2, &dport, 2);
	if (opt.tcp) {
		l4[12] = 5 << 4;
		l4[13] = opt.ack ? 0x10 : 0x02;
		l4[14] = 0x20;
		return 20;
	}
	memcpy(l4 + 4, &size, 2);
	memset(l4 + 8, 'x', DATA);
	return 8 + DATA;
}

static void l4_checksum(uint8_t *l4, size_t size, uint8_t proto,
			const void *addrs, size_t addrs_size)
{
	uint8_t *at = l4 + (opt.tcp ? 16 : 6);
	uint32_t sum = proto + size;
	uint16_t value;

	sum = sum_words(sum, addrs, addrs_size);
	sum = sum_words(sum, l4, size);
	value = sum_fold(sum);
	if (!value && !opt.tcp)
		value = 0xffff;
	memcpy(at, &value, 2);
}

static size_t build_v4(uint8_t *ip, const union addr *from, uint16_t sport)
{
	uint8_t proto = opt.tcp ? IPPROTO_TCP : IPPROTO_UDP;
	size_t size = l4_build(ip + 20, sport, opt.to.in.sin_port);
	uint16_t total = htons(20 + size), sum;

	ip[0] = 0x45;
	memcpy(ip + 2, &total, 2);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, &from->in.sin_addr, 4);
	memcpy(ip + 16, &opt.to.in.sin_addr, 4);
	sum = sum_fold(sum_words(0, ip, 20));
	memcpy(ip + 10, &sum, 2);
	l4_checksum(ip + 20, size, proto, ip + 12, 8);
	return 20 + size;
}

static size_t build_v6(uint8_t *ip, const union addr *from, uint16_t sport)
{
	uint8_t proto = opt.tcp ? IPPROTO_TCP : IPPROTO_UDP;
	size_t size = l4_build(ip + 40, sport, opt.to.in6.sin6_port);
	uint16_t payload = htons(size);

	ip[0] = 0x60;
	memcpy(ip + 4, &payload, 2);
	ip[6] = proto;
	ip[7] = 64;
	memcpy(ip + 8, &from->in6.sin6_addr, 16);
	memcpy(ip + 24, &opt.to.in6.sin6_addr, 16);
	l4_checksum(ip + 40, size, proto, ip + 8, 32);
	return 40 + size;
}

/* The source address of a flow; returns its port, in host order. */
static uint16_t flow_source(unsigned long flow, union addr *from)
{
	*from = opt.from;
	addr_add(from, flow / opt.ports);
	return opt.first_port + flow % opt.ports;
}

static size_t frame_build(uint8_t *frame, unsigned long flow)
{
	bool v4 = opt.to.sa.sa_family == AF_INET;
	uint16_t type = htons(v4 ? ETH_P_IP : ETH_P_IPV6), sport;
	union addr from;

	sport = htons(flow_source(chosen ? chosen[flow] : flow, &from));
	memset(frame, 0, FRAME);
	memcpy(frame, &opt.mac, 6);
	memcpy(frame + 6, &opt.own, 6);
	memcpy(frame + 12, &type, 2);
	return 14 + (v4 ? build_v4(frame + 14, &from, sport) :
			  build_v6(frame + 14, &from, sport));
}

/* ---- sending ------------------------------------------------------------- */

static int packet_socket(void)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = device_index,
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(2, "packet socket on %s", opt.device);
	sock_on(fd, SOL_PACKET, PACKET_QDISC_BYPASS);
	return fd;
}

static void pin(unsigned int thread)
{
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (opt.unbound)
		return;
	CPU_ZERO(&set);
	CPU_SET(thread % cpus, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Keep to the rate: wait until @total packets may have been sent. */
static void pace(unsigned long total)
{
	while (opt.rate && (now_ms() - start_ms) * (int64_t)opt.rate / 1000 <
	       (int64_t)total && !stopped)
		usleep(500);
}

static void send_batch(int fd, struct mmsghdr *msgs, unsigned int count)
{
	unsigned int done = 0;

	while (done < count) {
		int n = sendmmsg(fd, msgs + done, count - done, 0);

		if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
			err(2, "sendmmsg");
		if (n > 0)
			done += n;
	}
	atomic_fetch_add(&sent, count);
}

static void *run_thread(void *arg)
{
	unsigned long thread = (unsigned long)arg, next = thread;
	uint8_t frames[BATCH][FRAME];
	struct iovec iov[BATCH];
	struct mmsghdr msgs[BATCH] = {};
	int fd = packet_socket();

	pin(thread);
	for (int i = 0; i < BATCH; i++) {
		iov[i].iov_base = frames[i];
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (!stopped && (opt.ms || next < opt.count)) {
		unsigned int filled = 0;

		while (filled < BATCH && (opt.ms || next < opt.count)) {
			iov[filled].iov_len = frame_build(frames[filled],
							  next % opt.flows);
			filled++;
			next += opt.threads;
		}
		send_batch(fd, msgs, filled);
		if (opt.ms && now_ms() - start_ms >= (int64_t)opt.ms)
			break;
		pace(atomic_load(&sent));
	}
	close(fd);
	return NULL;
}

/* All threads meet before each flow's first packet, and send it at once. */
static void *run_together(void *arg)
{
	uint8_t frame[FRAME];
	int fd = packet_socket();

	pin((unsigned long)arg);
	for (unsigned long flow = 0; flow < opt.count; flow++) {
		size_t size = frame_build(frame, flow);

		atomic_fetch_add(&arrived, 1);
		while (atomic_load(&arrived) < (flow + 1) * opt.threads)
			sched_yield();
		if (send(fd, frame, size, 0) < 0)
			err(2, "send");
		atomic_fetch_add(&sent, 1);
	}
	close(fd);
	return NULL;
}

/* The socket is there before: to make one, or to close it, takes a grace period. */
static void run_on_demand(void)
{
	int fd = packet_socket();
	unsigned long next = 0;
	uint8_t frame[FRAME];
	char line[80];

	while (fgets(line, sizeof(line), stdin)) {
		for (unsigned long end = next + opt.count; next < end; next++) {
			size_t size = frame_build(frame, next % opt.flows);

			if (send(fd, frame, size, 0) < 0)
				err(2, "send");
		}
		printf("%lu\n", opt.count);
		fflush(stdout);
	}
	close(fd);
}

/* Flows whose hash ends as that of the first one does. */
static void flows_choose(void)
{
	uint32_t mask = (1u << opt.bits) - 1, first = 0;
	uint16_t dport = ntohs(opt.to.in.sin_port);
	unsigned long found = 0;

	chosen = calloc(opt.flows, sizeof(*chosen));
	if (!chosen)
		err(2, "flows");
	for (uint32_t flow = 0; found < opt.flows; flow++) {
		union addr from;
		uint16_t sport = flow_source(flow, &from);
		uint32_t hash = flow_hash(&from, sport, &opt.to, dport,
					  opt.tcp ? IPPROTO_TCP : IPPROTO_UDP) & mask;

		if (!flow)
			first = hash;
		if (hash == first)
			chosen[found++] = flow;
	}
}

static void device_find(void)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, IFNAMSIZ, "%s", opt.device);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		err(2, "%s", opt.device);
	memcpy(&opt.own, request.ifr_hwaddr.sa_data, 6);
	device_index = if_nametoindex(opt.device);
	close(fd);
}

static void option(int letter)
{
	switch (letter) {
	case 'i': opt.device = optarg; break;
	case 'm':
		if (!ether_aton_r(optarg, &opt.mac))
			errx(2, "not a MAC address: %s", optarg);
		break;
	case 'b': opt.from = addr_parse(optarg, 0); break;
	case 't': opt.tcp = true; break;
	case 'A': opt.tcp = opt.ack = true; break;
	case 'n': opt.count = number(optarg); break;
	case 'd': opt.ms = number(optarg); break;
	case 'f': opt.flows = number(optarg); break;
	case 'k': opt.ports = number(optarg); break;
	case 'p': opt.first_port = number(optarg); break;
	case 'j': opt.threads = number(optarg); break;
	case 'r': opt.rate = number(optarg); break;
	case 'C': opt.bits = number(optarg); break;
	case 'T': opt.together = true; break;
	case 'w': opt.wait = true; break;
	case 'u': opt.unbound = true; break;
	default:
		errx(2, "see the head of flood.c");
	}
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	int letter;

	while ((letter = getopt(argc, argv, "i:m:b:tAn:d:f:k:p:j:r:C:Tuw")) != -1)
		option(letter);
	if (argc - optind != 2 || !opt.device || opt.threads > 64 ||
	    !opt.from.sa.sa_family || !opt.ports || !opt.threads)
		errx(2, "see the head of flood.c");
	opt.to = addr_parse(argv[optind], number(argv[optind + 1]));
	if (opt.to.sa.sa_family != opt.from.sa.sa_family)
		errx(2, "source and destination of one family are needed");
	if (!opt.flows)
		opt.flows = opt.count;
	if (opt.bits)
		flows_choose();
	device_find();
	if (opt.wait) {
		run_on_demand();
		return 0;
	}
	start_ms = now_ms();
	for (unsigned long i = 0; i < opt.threads; i++)
		if (pthread_create(&threads[i], NULL, opt.together ?
				   run_together : run_thread, (void *)i))
			errx(2, "thread");
	for (unsigned int i = 0; i < opt.threads; i++)
		pthread_join(threads[i], NULL);
	printf("%lu %lld\n", atomic_load(&sent), (long long)(now_ms() - start_ms));
	return 0;
}
