// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the path of packets: frames written into two taps of a director, one to
 * its clients and one to its servers. To be run by root in the director's network
 * namespace, with the options of fuzz.c and
 *
 *	-C TAP		the clients' side (c0)
 *	-S TAP		the servers' side (s0)
 *
 * What the director sends is read and counted. A frame takes its way in the
 * context of the writer, so that KCOV sees what it meets.
 */
#include "pkt_build.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define OPS_MAX		24	/* of an input */
#define ETH		14

enum side { CLIENTS, SERVERS, SIDES };

static const char *names[SIDES] = { "c0", "s0" };
static int taps[SIDES];
static u64 written, rejected, received[SIDES];
static struct packet pkt, piece;
static u8 frame[PACKET_MAX + ETH];

/* ---- taps ------------------------------------------------------------------ */

/* A device that has just got its other end still drops what it is to send. */
static void tap_wait(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	for (int tries = 0; tries < 500; tries++) {
		if (ioctl(fd, SIOCGIFFLAGS, &ifr))
			err(2, "%s", name);
		if (ifr.ifr_flags & IFF_RUNNING)
			break;
		usleep(20000);
	}
	close(fd);
}

static int tap_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		err(2, "/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr))
		err(2, "%s", name);
	tap_wait(name);
	return fd;
}

/* Settings that change what becomes of packets, and their defaults. */
static const struct {
	const char *name;
	u8 usual;
} knobs[] = {
	{ "pmtu_disc", 1 }, { "snat_reroute", 1 }, { "sloppy_tcp", 0 }, { "conn_reuse_mode", 1 },
	{ "expire_nodest_conn", 0 }, { "expire_quiescent_template", 0 },
};

static bool tuned;

static void knob_set(unsigned int knob, bool value)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/vs/%s", knobs[knob].name);
	file_write(path, value ? "1" : "0");
}

static void knobs_reset(void)
{
	for (unsigned int i = 0; tuned && i < ARRAY_SIZE(knobs); i++)
		knob_set(i, knobs[i].usual);
	tuned = false;
}

/* A setting, or whether a device takes segments that are longer than its MTU. */
static void op_setting(struct input *in)
{
	u8 how = take(in);
	unsigned long bits = how & 1 ? TUN_F_CSUM : 0;

	fuzz_op();
	if (how & 0x80) {
		tuned = true;
		knob_set((how >> 1) % ARRAY_SIZE(knobs), how & 1);
		return;
	}
	if (how & 2)
		bits = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	ioctl(taps[how >> 2 & 1], TUNSETOFFLOAD, bits);
}

static void taps_drain(void)
{
	static u8 buffer[PACKET_MAX + 256];

	for (enum side side = 0; side < SIDES; side++)
		while (read(taps[side], buffer, sizeof(buffer)) > 0)
			received[side]++;
}

/* ---- frames ---------------------------------------------------------------- */

/* The header before a frame, for @pkt; returns whether checksums are to be partial. */
static bool offload_take(struct input *in, struct virtio_net_hdr *hdr)
{
	static const u16 sizes[] = { 1448, 1400, 536, 100, 1000, 0, 1500, 1420, 9000, 65535 };
	bool tcp = pkt.proto == IPPROTO_TCP;
	u8 how = take(in);

	memset(hdr, 0, sizeof(*hdr));
	if (how < 0xa0)
		return false;
	if (how >= 0xf8) {
		for (size_t i = 0; i < sizeof(*hdr); i++)
			((u8 *)hdr)[i] = take(in);
		return how & 1;
	}
	hdr->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr->csum_start = ETH + pkt.l4off;
	hdr->csum_offset = tcp ? 16 : pkt.proto == IPPROTO_UDP ? 6 : 2;
	if (how < 0xc0)
		return true;
	hdr->gso_size = PICK(sizes, take(in));
	hdr->hdr_len = ETH + pkt.l4off + (tcp ? 20 : 8);
	if (tcp)
		hdr->gso_type = pkt.six ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	else
		hdr->gso_type = how & 1 ? 5 /* UDP_L4 */ : VIRTIO_NET_HDR_GSO_UDP;
	if (how >= 0xf0)
		hdr->gso_type = take(in);
	return true;
}

static void frame_write(struct input *in, enum side side, const u8 *packet, size_t size, bool six,
			struct virtio_net_hdr *hdr)
{
	static const u8 macs[][6] = {
		[CLIENTS] = { 2, 0, 0, 0, 0x0d, 1 }, [SERVERS] = { 2, 0, 0, 0, 0x0d, 2 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 1, 0, 0x5e, 0, 0, 1 }, { 2, 9, 9, 9, 9, 9 },
	};
	struct iovec iov[] = {
		{ .iov_base = hdr, .iov_len = sizeof(*hdr) }, { .iov_base = frame },
	};
	u8 how = take(in), *type = frame + 12;

	memcpy(frame, macs[how < 0xf0 ? side : how % ARRAY_SIZE(macs)], 6);
	memcpy(frame + 6, "\x02\x00\x00\x00\x00\xc1", 6);
	type[0] = six ? 0x86 : 0x08;
	type[1] = six ? 0xdd : 0x00;
	if (how >= 0xfd)
		type[0] ^= 0x8e;
	memcpy(frame + ETH, packet, size);
	iov[1].iov_len = ETH + size;
	fuzz_op();
	if (writev(taps[side], iov, 2) < 0)
		rejected++;
	else
		written++;
}

/* Bytes anywhere in the packet; the checksums may be made right after it. */
static void scribble(struct input *in, u8 how)
{
	for (int n = 1 + how % 4; n > 0; n--) {
		size_t at = take(in);

		/* headers are at the beginning */
		if (at >= 0xe0)
			at = take16(in);
		if (pkt.size)
			pkt.data[at % pkt.size] = take(in);
	}
}

static void fragments_write(struct input *in, enum side side, u8 how)
{
	static const u16 rooms[] = { 8, 16, 24, 504, 1208, 1400, 1480, 64 };
	struct virtio_net_hdr hdr = {};
	size_t room = PICK(rooms, take(in)), size, from = 0;
	unsigned int n = 0, order = take(in);

	/* no storm of tiny ones */
	if ((pkt.size - pkt.l4off) / room > 8)
		room = (pkt.size - pkt.l4off) / 64 * 8 + 8;
	while ((size = packet_fragment(&pkt, from, room, piece.data)) && n < 12) {
		from += room;
		/* one is missing, one comes twice, one overlaps the next */
		if (order < 0xc0 || n != (order & 3))
			frame_write(in, side, piece.data, size, pkt.six, &hdr);
		if (order >= 0xe0 && n == (order >> 2 & 3))
			frame_write(in, side, piece.data, size, pkt.six, &hdr);
		if (order >= 0xf0 && n == 0)
			from -= 8;
		n++;
	}
	if (how & 1)
		frame_write(in, side, piece.data, size, pkt.six, &hdr);
}

static void packet_write(struct input *in, enum side side)
{
	u8 spoil = take(in), split = take(in);
	struct virtio_net_hdr hdr;
	bool partial;

	if (spoil >= 0xc0 && spoil < 0xe0)
		scribble(in, spoil);
	partial = offload_take(in, &hdr);
	packet_checksums(&pkt, partial);
	if (spoil >= 0xe0 && spoil < 0xf0)
		scribble(in, spoil);
	if (spoil >= 0xf0)
		pkt.size = spoil & 1 ? take(in) % (pkt.size + 1) : take16(in) % (pkt.size + 1);
	if (split >= 0xd0 && !partial && pkt.size > pkt.l4off && (!pkt.six || pkt.l4off == 40))
		fragments_write(in, side, split);
	else
		frame_write(in, side, pkt.data, pkt.size, pkt.six, &hdr);
}

/* ---- operations ------------------------------------------------------------ */

static void packet_op(struct input *in, enum side side, enum place place, enum content content)
{
	struct flow flow = flow_take(in);

	packet_build(&pkt, in, &flow, place, content, 0);
	if (fuzz_verbose)
		printf("# %s: place %d content %d, IPv%d, flow %d %u:%u service %u, %zu bytes\n",
		       names[side], place, content, flow.six ? 6 : 4, flow.proto, flow.client,
		       flow.cport, flow.service, pkt.size);
	packet_write(in, side);
}

static void op_request(struct input *in)
{
	packet_op(in, CLIENTS, TO_VIP, TRANSPORT);
}

static void op_reply(struct input *in)
{
	packet_op(in, SERVERS, FROM_SERVER, TRANSPORT);
}

static void op_client_error(struct input *in)
{
	packet_op(in, CLIENTS, TO_VIP, ICMP_ERROR);
}

static void op_server_error(struct input *in)
{
	packet_op(in, SERVERS, FROM_SERVER, ICMP_ERROR);
}

static void op_other(struct input *in)
{
	u8 how = take(in);

	packet_op(in, how & 1, how >> 1 & 3, (how >> 3) % CONTENTS);
}

/* A first packet, its answer, and what follows, of one flow. */
static void op_conversation(struct input *in)
{
	/* SYN, SYN and ACK, ACK, data, FIN or RST: as put_tcp() numbers them */
	static const u8 flags[] = { 0, 2, 1, 3, 4, 6 };
	u8 how = take(in), zeros[64] = {};
	struct input own = *in;

	for (int n = 0; n < 2 + how % 5; n++) {
		struct input plain = { .data = zeros, .size = sizeof(zeros) };
		struct flow flow;

		own.at = in->at;
		flow = flow_take(&own);
		zeros[1] = PICK(flags, n == 5 ? how : n);
		packet_build(&pkt, &plain, &flow, n == 1 ? FROM_SERVER : TO_VIP, TRANSPORT, 0);
		packet_write(&plain, n == 1 ? SERVERS : CLIENTS);
	}
	in->at = in->at + 2 < in->size ? in->at + 2 : in->size;
}

/* No packet at all. */
static void op_noise(struct input *in)
{
	struct virtio_net_hdr hdr = {};
	u8 how = take(in);

	pkt.size = take16(in) % 1601;
	for (size_t i = 0; i < pkt.size; i++)
		pkt.data[i] = i < 64 ? take(in) : how;
	if (pkt.size)
		pkt.data[0] = how & 2 ? 0x60 : 0x45;
	frame_write(in, how & 1, pkt.data, pkt.size, how & 2, &hdr);
}

static void run(struct input *in)
{
	static void (*const ops[16])(struct input *in) = {
		op_request, op_request, op_request, op_request, op_request, op_reply, op_reply,
		op_reply, op_client_error, op_client_error, op_server_error, op_server_error,
		op_other, op_conversation, op_noise, op_setting,
	};

	for (int n = 0; n < OPS_MAX && !input_ended(in); n++)
		PICK(ops, take(in))(in);
	knobs_reset();
	taps_drain();
}

static void setup(void)
{
	for (enum side side = 0; side < SIDES; side++)
		taps[side] = tap_open(names[side]);
}

static void option(int letter, const char *value)
{
	names[letter == 'S' ? SERVERS : CLIENTS] = value;
}

static void report(void)
{
	printf("# pktfuzz: %llu frames taken, %llu rejected; director sent %llu to clients, %llu to servers\n",
	       (unsigned long long)written, (unsigned long long)rejected,
	       (unsigned long long)received[CLIENTS], (unsigned long long)received[SERVERS]);
}

static const struct fuzz_target pktfuzz = {
	.name = "pktfuzz",
	.options = "C:S:",
	.option = option,
	.setup = setup,
	.run = run,
	.report = report,
};

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, &pktfuzz);
}
