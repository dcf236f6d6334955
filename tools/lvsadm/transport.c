// SPDX-License-Identifier: GPL-2.0
/* What the tool needs of the outside world: the netlink socket, modprobe. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transport.h"

/*
 * A finished dump of a small service is two datagrams, data and end, and the
 * kernel makes the second while handing out the first: one recvmmsg() fetches
 * both. Large dumps profit likewise.
 */
#define RING		4
#define RECV_QUEUE	(4 * 1024 * 1024)

static struct {
	struct mnl_socket *sock;
	unsigned int next, filled;
	size_t len[RING];
	int flags[RING];
	char buf[RING][TRANSPORT_BUF] __attribute__((aligned(8)));
} inbox;

static void set_options(int fd)
{
	int size = RECV_QUEUE, one = 1;

	/*
	 * Refusals of a whole batch wait in the queue at once. Without the
	 * capability the limit stays, and batches still fit the default.
	 */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* old kernels have neither; errors then just carry no sentence */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
}

/**
 * transport_open() - open the netlink socket
 * @portid: the socket's address goes here
 *
 * Return: 0 or -errno.
 */
int transport_open(uint32_t *portid)
{
	inbox.sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!inbox.sock)
		return -errno;
	set_options(mnl_socket_get_fd(inbox.sock));
	if (mnl_socket_bind(inbox.sock, 0, MNL_SOCKET_AUTOPID)) {
		int err = errno;

		transport_close();
		return -err;
	}
	*portid = mnl_socket_get_portid(inbox.sock);
	return 0;
}

/** transport_close() - close the netlink socket, if open */
void transport_close(void)
{
	if (inbox.sock)
		mnl_socket_close(inbox.sock);
	inbox.sock = NULL;
	inbox.next = 0;
	inbox.filled = 0;
}

/**
 * transport_send() - send one or more whole messages
 * @buf: the messages
 * @len: bytes in @buf
 *
 * The kernel has carried all of them out when this returns.
 *
 * Return: 0 or -errno.
 */
int transport_send(const void *buf, size_t len)
{
	ssize_t sent;

	do {
		sent = mnl_socket_sendto(inbox.sock, buf, len);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static int refill(void)
{
	struct mmsghdr msgs[RING];
	struct iovec iov[RING];
	int i, n;

	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < RING; i++) {
		iov[i].iov_base = inbox.buf[i];
		iov[i].iov_len = TRANSPORT_BUF;
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(mnl_socket_get_fd(inbox.sock), msgs, RING,
			     MSG_DONTWAIT, NULL);
	} while (n < 0 && errno == EINTR);
	/*
	 * The kernel answered before send() returned, and makes dumps while
	 * they are read: an answer that is not there was lost for want of
	 * room, and waiting would be for ever.
	 */
	if (n < 0)
		return errno == EAGAIN ? -ENOBUFS : -errno;
	for (i = 0; i < n; i++) {
		inbox.len[i] = msgs[i].msg_len;
		inbox.flags[i] = msgs[i].msg_hdr.msg_flags;
	}
	inbox.next = 0;
	inbox.filled = n;
	return 0;
}

/**
 * transport_recv() - take the next datagram from the kernel
 * @buf: points to it until the next call
 *
 * Return: its length or -errno.
 */
ssize_t transport_recv(const void **buf)
{
	unsigned int i;
	int err;

	if (inbox.next == inbox.filled) {
		err = refill();
		if (err)
			return err;
	}
	i = inbox.next++;
	if (inbox.flags[i] & MSG_TRUNC)
		return -ENOBUFS;
	*buf = inbox.buf[i];
	return inbox.len[i];
}

/**
 * transport_load_module() - have modprobe load IPVS
 *
 * Whether it did is for the kernel to say: modprobe's status is lost where
 * SIGCHLD is ignored.
 */
void transport_load_module(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/sbin/modprobe", "/sbin/modprobe", "--", "ip_vs",
		      (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/**
 * transport_conn_file() - the file that lists connections
 *
 * Return: its path.
 */
const char *transport_conn_file(void)
{
	return "/proc/net/ip_vs_conn";
}
