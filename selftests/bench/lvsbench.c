// SPDX-License-Identifier: GPL-2.0
/*
 * A packet source and sink for measuring the packet path: two network devices, bench0 and bench1, whose transmit counts
 * and keeps the skb, and /proc/lvsbench, to which a line is written that says what to receive on one of them:
 *
 *	DEVICE FAMILY PROTO FLAGS COUNT FLOWS LIST PAYLOAD VARY ADDRESS PORT PEER PEERPORT ALONE
 *
 *	DEVICE		0 or 1
 *	FAMILY		4 or 6
 *	PROTO, FLAGS	6 and the TCP flags, or 17 and 0
 *	COUNT, FLOWS	packets in all; flows, which take turns
 *	LIST		packets handed over at once (1: netif_receive_skb(), else as a list; 0: straight to the sink,
 *			which measures source and sink themselves)
 *	PAYLOAD		bytes after the transport header; more than 1400 make a TCP packet as GRO does it, of segments of 1400
 *	VARY		s: flows differ in the source, d: in the destination
 *	ADDRESS, PORT	of the first flow on the varied side; 50,000 ports an address
 *	PEER, PEERPORT	the other side
 *	ALONE		1: each packet is timed, with interrupts off (LIST 1)
 *
 * Reading it gives "COUNT NANOSECONDS SENT0 SENT1 LONGEST": the last run's time, how many packets each device has sent
 * in it, and the time of the packet that took longest (ALONE).
 * With QEMU's -icount shift=0 a nanosecond is an instruction. User Mode Linux counts what it had of the host's CPU.
 */
#include <linux/etherdevice.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#define HEADROOM	128
#define BUFFER		2048
#define KEEP		512
#define PORTS		50000
#define SEGMENT		1400

struct run {
	int device, family, proto, flags, list, payload, port, peer_port, alone;
	unsigned int count, flows;
	bool vary_source;
	struct in6_addr address, peer;	/* IPv4: in the first word */
};

static struct net_device *devices[2];
static u64 sent[2];
static struct sk_buff *kept[KEEP];
static unsigned int n_kept;
static struct { u64 count, ns, sent[2], longest; } result;
static DEFINE_MUTEX(run_lock);
static struct page *payload_page;

#ifdef CONFIG_UML
#define HOST_CLOCK_GETTIME	228
#define HOST_THREAD_CPUTIME	3

/* Others on the host are not to count: ask it for the CPU time of the thread that the kernel is. */
static u64 now(void)
{
	struct { s64 sec, nsec; } ts;
	long ret;

	asm volatile("syscall" : "=a" (ret)
		     : "0" (HOST_CLOCK_GETTIME), "D" (HOST_THREAD_CPUTIME), "S" (&ts) : "rcx", "r11", "memory");
	return ts.sec * NSEC_PER_SEC + ts.nsec;
}
#else
static u64 now(void)
{
	return ktime_get_ns();
}
#endif

/* ---- the devices ----------------------------------------------------------------------------------------------- */

/* Whether an skb is one of ours, or as good as one: the kernel itself also sends on these devices. */
static bool can_keep(const struct sk_buff *skb)
{
	return n_kept < KEEP && !skb_shared(skb) && !skb_cloned(skb) && !skb_is_nonlinear(skb) &&
	       skb->fclone == SKB_FCLONE_UNAVAILABLE && !skb->head_frag && skb_end_offset(skb) >= BUFFER;
}

static netdev_tx_t bench_xmit(struct sk_buff *skb, struct net_device *dev)
{
	sent[dev == devices[1]]++;
	if (can_keep(skb)) {
		skb_orphan(skb);
		skb_dst_drop(skb);
		nf_reset_ct(skb);
		skb_ext_reset(skb);
		kept[n_kept++] = skb;
	} else {
		consume_skb(skb);
	}
	return NETDEV_TX_OK;
}

static const struct net_device_ops bench_ops = {
	.ndo_start_xmit = bench_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void bench_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &bench_ops;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->features |= NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_IPXIP4 | NETIF_F_GSO_IPXIP6;
	dev->hw_enc_features |= dev->features;
	dev->needs_free_netdev = true;
	eth_hw_addr_random(dev);
}

/* ---- one packet ------------------------------------------------------------------------------------------------ */

/* A used skb made as good as new; only its head is kept. */
static void renew(struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	memset(skb, 0, offsetof(struct sk_buff, tail));
	skb->data = skb->head + HEADROOM;
	skb_reset_tail_pointer(skb);
	skb->mac_header = (typeof(skb->mac_header))~0U;
	skb->transport_header = (typeof(skb->transport_header))~0U;
	memset(shinfo, 0, offsetof(struct skb_shared_info, dataref));
}

static struct sk_buff *skb_make(void)
{
	struct sk_buff *skb;

	if (n_kept) {
		skb = kept[--n_kept];
		renew(skb);
		return skb;
	}
	skb = alloc_skb(BUFFER, GFP_ATOMIC);
	if (skb)
		skb_reserve(skb, HEADROOM);
	return skb;
}

static void fill4(const struct run *run, u8 *at, unsigned int flow, unsigned int l4len)
{
	struct iphdr *iph = (struct iphdr *)at;
	__be32 varied = htonl(ntohl(run->address.s6_addr32[0]) + flow / PORTS), peer = run->peer.s6_addr32[0];

	*iph = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = run->proto, .frag_off = htons(IP_DF) };
	iph->tot_len = htons(sizeof(*iph) + l4len);
	iph->saddr = run->vary_source ? varied : peer;
	iph->daddr = run->vary_source ? peer : varied;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

static void fill6(const struct run *run, u8 *at, unsigned int flow, unsigned int l4len)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)at;
	struct in6_addr varied = run->address;

	varied.s6_addr32[3] = htonl(ntohl(varied.s6_addr32[3]) + flow / PORTS);
	*ip6h = (struct ipv6hdr){ .version = 6, .hop_limit = 64, .nexthdr = run->proto };
	ip6h->payload_len = htons(l4len);
	ip6h->saddr = run->vary_source ? varied : run->peer;
	ip6h->daddr = run->vary_source ? run->peer : varied;
}

static void fill_l4(const struct run *run, u8 *at, unsigned int flow)
{
	__be16 varied = htons(run->port + flow % PORTS), peer = htons(run->peer_port);
	struct tcphdr *th = (struct tcphdr *)at;
	struct udphdr *uh = (struct udphdr *)at;

	th->source = run->vary_source ? varied : peer;
	th->dest = run->vary_source ? peer : varied;
	if (run->proto == IPPROTO_UDP) {
		uh->len = htons(sizeof(*uh) + run->payload);
		uh->check = htons(1);
		return;
	}
	th->seq = 0;
	th->ack_seq = 0;
	((u8 *)th)[12] = sizeof(*th) / 4 << 4;
	((u8 *)th)[13] = run->flags;
	th->window = htons(1000);
	th->check = htons(1);
	th->urg_ptr = 0;
}

/* The payload of a packet that GRO has made of many: in pages, which are always the same. */
static void fill_payload(const struct run *run, struct sk_buff *skb, unsigned int l3len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int left = run->payload, size;

	for (; left; left -= size) {
		size = min_t(unsigned int, left, PAGE_SIZE);
		get_page(payload_page);
		skb_add_rx_frag(skb, shinfo->nr_frags, payload_page, 0, size, size);
	}
	shinfo->gso_size = SEGMENT;
	shinfo->gso_segs = DIV_ROUND_UP(run->payload, SEGMENT);
	shinfo->gso_type = run->family == 4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + ETH_HLEN + l3len;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

static struct sk_buff *packet(const struct run *run, unsigned int flow)
{
	unsigned int l4len = run->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr);
	unsigned int l3len = run->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	unsigned int in_pages = run->payload > SEGMENT ? run->payload : 0;
	struct net_device *dev = devices[run->device];
	struct sk_buff *skb = skb_make();
	u8 *at;

	if (!skb)
		return NULL;
	at = skb_put(skb, ETH_HLEN + l3len + l4len + run->payload - in_pages);
	memcpy(at, dev->dev_addr, ETH_ALEN);
	memcpy(at + ETH_ALEN, dev->dev_addr, ETH_ALEN);
	*(__be16 *)(at + 2 * ETH_ALEN) = htons(run->family == 4 ? ETH_P_IP : ETH_P_IPV6);
	if (run->family == 4)
		fill4(run, at + ETH_HLEN, flow, l4len + run->payload);
	else
		fill6(run, at + ETH_HLEN, flow, l4len + run->payload);
	fill_l4(run, at + ETH_HLEN + l3len, flow);
	/* a device has looked at the checksum */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (in_pages)
		fill_payload(run, skb, l3len);
	skb->protocol = eth_type_trans(skb, dev);
	return skb;
}

/* ---- a run ----------------------------------------------------------------------------------------------------- */

/* Where a plugin of QEMU counts from, and to (plugin.h); @text has three characters. */
#ifdef CONFIG_X86_64
#define mark(text) asm volatile(".byte 0x0f, 0x1f, 0x80; .asciz \"" text "\"" : : : "memory")
#else
#define mark(text)
#endif

static void receive_alone(struct sk_buff *skb)
{
	unsigned long flags;
	u64 start;

	local_irq_save(flags);
	mark("one");
	start = now();
	netif_receive_skb(skb);
	result.longest = max(result.longest, now() - start);
	mark("one");
	local_irq_restore(flags);
}

static int receive_some(const struct run *run, unsigned int *done, unsigned int *flow)
{
	struct sk_buff *skb;
	LIST_HEAD(list);
	int i;

	for (i = 0; i < max(run->list, 1) && *done < run->count; i++, (*done)++) {
		skb = packet(run, *flow);
		if (!skb)
			return -ENOMEM;
		if (++*flow == run->flows)
			*flow = 0;
		if (!run->list)
			bench_xmit(skb, devices[run->device]);
		else if (run->alone)
			receive_alone(skb);
		else if (run->list == 1)
			netif_receive_skb(skb);
		else
			list_add_tail(&skb->list, &list);
	}
	if (run->list > 1)
		netif_receive_skb_list(&list);
	return 0;
}

static int run_all(const struct run *run)
{
	unsigned int done = 0, flow = 0;
	u64 before[2] = { sent[0], sent[1] };
	int err = 0, i;
	u64 start;

	result.longest = 0;
	mark("lvs");
	start = now();
	while (!err && done < run->count) {
		local_bh_disable();
		for (i = 0; i < 64 && !err && done < run->count; i++)
			err = receive_some(run, &done, &flow);
		local_bh_enable();
		cond_resched();
	}
	result.ns = now() - start;
	mark("lvs");
	result.count = done;
	result.sent[0] = sent[0] - before[0];
	result.sent[1] = sent[1] - before[1];
	return err;
}

static bool address_parse(const char *text, int family, struct in6_addr *to)
{
	return family == 4 ? in4_pton(text, -1, to->s6_addr, -1, NULL) : in6_pton(text, -1, to->s6_addr, -1, NULL);
}

static int run_parse(char *text, struct run *run)
{
	char address[48], peer[48], vary;

	memset(run, 0, sizeof(*run));
	if (sscanf(text, "%d %d %d %d %u %u %d %d %c %47s %d %47s %d %d", &run->device, &run->family, &run->proto,
		   &run->flags, &run->count, &run->flows, &run->list, &run->payload, &vary, address, &run->port, peer,
		   &run->peer_port, &run->alone) != 14)
		return -EINVAL;
	run->vary_source = vary == 's';
	if (run->device < 0 || run->device > 1 || (run->family != 4 && run->family != 6) || !run->flows ||
	    (run->proto != IPPROTO_TCP && run->proto != IPPROTO_UDP) || run->list < 0 || run->list > 64 ||
	    run->payload < 0 || run->payload > SEGMENT * 45 || (run->payload > SEGMENT && run->proto != IPPROTO_TCP) ||
	    (run->alone && run->list != 1))
		return -EINVAL;
	if (!address_parse(address, run->family, &run->address) || !address_parse(peer, run->family, &run->peer))
		return -EINVAL;
	return 0;
}

static ssize_t bench_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct run run;
	char *text;
	int err;

	text = memdup_user_nul(buf, min_t(size_t, len, 256));
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&run_lock);
	err = run_parse(text, &run) ?: run_all(&run);
	mutex_unlock(&run_lock);
	kfree(text);
	return err ?: len;
}

static int bench_show(struct seq_file *seq, void *v)
{
	seq_printf(seq, "%llu %llu %llu %llu %llu\n", result.count, result.ns, result.sent[0], result.sent[1],
		   result.longest);
	return 0;
}

static int bench_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_show, NULL);
}

static const struct proc_ops bench_proc_ops = {
	.proc_open = bench_open,
	.proc_read = seq_read,
	.proc_write = bench_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static void devices_remove(int n)
{
	while (n--)
		unregister_netdev(devices[n]);
}

static int __init bench_init(void)
{
	int i, err;

	payload_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!payload_page)
		return -ENOMEM;
	for (i = 0; i < 2; i++) {
		devices[i] = alloc_netdev(0, "bench%d", NET_NAME_ENUM, bench_setup);
		err = -ENOMEM;
		if (!devices[i])
			goto remove;
		err = register_netdev(devices[i]);
		if (err) {
			free_netdev(devices[i]);
			goto remove;
		}
	}
	err = -ENOMEM;
	if (!proc_create("lvsbench", 0600, NULL, &bench_proc_ops))
		goto remove;
	return 0;

remove:
	devices_remove(i);
	put_page(payload_page);
	return err;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("lvsbench", NULL);
	devices_remove(2);
	while (n_kept)
		kfree_skb(kept[--n_kept]);
	put_page(payload_page);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("packet source and sink to measure lvs with");
