// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel in user space that speaks enough of the IPVS family to test
 * lvsadm on any host, under sanitizers. It stands in for transport.c.
 *
 *	FAKE_STATE=FILE		the table is kept there between runs
 *	FAKE_ABSENT=1		there is no such family, and modprobe fails
 *	FAKE_ABSENT=2		there is none until modprobe was run
 *	FAKE_DENIED=1		every command is answered EPERM
 *	FAKE_STATS=A,B,...	ten counters that everything shows
 *	FAKE_SENTENCE=TEXT	errors carry this sentence
 *	FAKE_CONNS=FILE		the list of connections
 *	FAKE_GARBLE=SEED	answers have some wrong bytes
 *	FAKE_KEEP=1		do not write FAKE_STATE
 *	FAKE_COUNT=FILE		the number of sends, receives, requests goes there
 *
 * It also stands in for name servers: it knows "localhost" in IPv4 only, "six" in
 * IPv6 only, and "both".
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs.h"
#include "transport.h"

#define FAMILY		29
#define PORTID		4711
#define MAX_SERVICES	12000
#define MAX_DESTS	16
#define QUEUE_MAX	212992	/* bytes, as a kernel counts them */
#define PER_DATAGRAM	3	/* objects of a dump */

struct fake_service {
	struct ipvs_service svc;
	unsigned int ndests;
	struct ipvs_dest dests[MAX_DESTS];
};

struct datagram {
	struct datagram *next;
	size_t len;
	enum { NO_DUMP, IN_DUMP, END_OF_DUMP } dump;
	char data[];
};

static struct {
	unsigned int count;
	struct ipvs_timeouts timeouts;
	struct ipvs_daemon daemons[2];
	struct fake_service services[MAX_SERVICES];
} state = { .timeouts = { 900, 120, 300 } };

static struct datagram *queue, **queue_tail = &queue, *current;
static size_t queued;
static int loaded, overrun, dumping, sends, receives, requests;
static char message[65536] __attribute__((aligned(8)));

static const char *const schedulers[] = {
	"rr", "wrr", "lc", "wlc", "sh", "dh", "mh", "sed", "nq", "fo", "ovf",
};

static void load_state(void)
{
	const char *path = getenv("FAKE_STATE");
	FILE *file = path ? fopen(path, "rb") : NULL;

	if (!file)
		return;
	if (fread(&state, offsetof(typeof(state), services), 1, file) != 1 ||
	    fread(state.services, sizeof(*state.services), state.count,
		  file) != state.count)
		abort();
	fclose(file);
}

static void save_state(void)
{
	const char *path = getenv("FAKE_STATE");
	const char *counts = getenv("FAKE_COUNT");
	FILE *file = NULL;

	if (path && !getenv("FAKE_KEEP"))
		file = fopen(path, "wb");

	if (file) {
		fwrite(&state, offsetof(typeof(state), services), 1, file);
		fwrite(state.services, sizeof(*state.services), state.count,
		       file);
		fclose(file);
	}
	file = counts ? fopen(counts, "w") : NULL;
	if (file) {
		fprintf(file, "%d %d %d\n", sends, receives, requests);
		fclose(file);
	}
}

/* Headers stay: without them no answer would be recognised, ever. */
static void garble(void *data, int len)
{
	const char *seed = getenv("FAKE_GARBLE");
	static unsigned int number;
	struct nlmsghdr *nlh;
	size_t i;

	if (!seed)
		return;
	if (!number)
		number = strtoul(seed, NULL, 10) * 2654435761u | 1;
	for (nlh = data; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		for (i = NLMSG_HDRLEN; i < nlh->nlmsg_len; i++) {
			number = number * 1664525u + 1013904223u;
			if (number >> 26 == 0)
				((char *)nlh)[i] = number >> 8;
		}
}

/*
 * The kernel charges each datagram for its overhead too. A dump never fills
 * the queue: it is made while it is being read.
 */
static void enqueue(const void *data, size_t len, int dump)
{
	struct datagram *d = malloc(sizeof(*d) + len);

	if (!d)
		abort();
	if (!dump && queued + len + 768 > QUEUE_MAX) {
		overrun = 1;
		free(d);
		return;
	}
	d->next = NULL;
	d->len = len;
	d->dump = dump;
	memcpy(d->data, data, len);
	garble(d->data, len);
	*queue_tail = d;
	queue_tail = &d->next;
	queued += dump ? 0 : len + 768;
}

static struct nlmsghdr *start(char *at, const struct nlmsghdr *req,
			      uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = req->nlmsg_seq;
	nlh->nlmsg_pid = PORTID;
	return nlh;
}

static struct nlmsghdr *start_genl(char *at, const struct nlmsghdr *req,
				   uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = start(at, req, FAMILY, flags);
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	return nlh;
}

static void send_error(const struct nlmsghdr *req, int err)
{
	const char *sentence = getenv("FAKE_SENTENCE");
	struct nlmsghdr *nlh;
	struct nlmsgerr *e;

	nlh = start(message, req, NLMSG_ERROR, NLM_F_CAPPED);
	e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));
	e->error = -err;
	e->msg = *req;
	if (err && sentence) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, sentence);
	}
	enqueue(nlh, nlh->nlmsg_len, NO_DUMP);
}

static void put_stats(struct nlmsghdr *nlh, uint16_t type32, uint16_t type64)
{
	const char *text = getenv("FAKE_STATS");
	uint64_t v[STAT_MAX] = { 0 };
	struct nlattr *nest;
	int i;

	for (i = 0; text && *text && i < STAT_MAX; i++) {
		v[i] = strtoull(text, (char **)&text, 10);
		text += *text == ',';
	}
	nest = mnl_attr_nest_start(nlh, type32);
	for (i = 0; i < STAT_MAX; i++) {
		if (i == STAT_INBYTES || i == STAT_OUTBYTES)
			mnl_attr_put_u64(nlh, i + 1, v[i]);
		else
			mnl_attr_put_u32(nlh, i + 1, v[i]);
	}
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, type64);
	for (i = 0; i < STAT_MAX; i++)
		mnl_attr_put_u64(nlh, i + 1, v[i]);
	mnl_attr_nest_end(nlh, nest);
	/* without the flag: that is how the kernel sends them */
	nest->nla_type &= ~NLA_F_NESTED;
}

static struct nlmsghdr *put_service(char *at, const struct nlmsghdr *req,
				    const struct ipvs_service *svc,
				    uint16_t flags)
{
	struct nlmsghdr *nlh = start_genl(at, req, IPVS_CMD_NEW_SERVICE, flags);
	struct ip_vs_flags f = { svc->flags | IP_VS_SVC_F_HASHED, ~0U };
	struct nlattr *nest;

	nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	nest->nla_type &= ~NLA_F_NESTED;
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, svc->addr.family);
	if (svc->fwmark) {
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, svc->fwmark);
	} else {
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, svc->proto);
		mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, 16, svc->addr.raw);
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, htons(svc->port));
	}
	mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, svc->sched);
	if (*svc->pe)
		mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_PE_NAME, svc->pe);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(f), &f);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, svc->timeout);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, svc->netmask);
	put_stats(nlh, IPVS_SVC_ATTR_STATS, IPVS_SVC_ATTR_STATS64);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *put_dest(char *at, const struct nlmsghdr *req,
				 const struct ipvs_dest *dest)
{
	struct nlmsghdr *nlh = start_genl(at, req, IPVS_CMD_NEW_DEST,
					  NLM_F_MULTI);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);

	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, 16, dest->addr.raw);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_PORT, htons(dest->port));
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD, dest->fwd);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, dest->weight);
	mnl_attr_put_u8(nlh, IPVS_DEST_ATTR_TUN_TYPE, dest->tun_type);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_PORT, htons(dest->tun_port));
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_FLAGS, dest->tun_flags);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, dest->upper);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, dest->lower);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_ACTIVE_CONNS, dest->active);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_INACT_CONNS, dest->inactive);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_PERSIST_CONNS, dest->persistent);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY, dest->addr.family);
	put_stats(nlh, IPVS_DEST_ATTR_STATS, IPVS_DEST_ATTR_STATS64);
	/* of a kernel newer than the tool */
	mnl_attr_put_u32(nlh, 60, 1);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static void send_done(const struct nlmsghdr *req)
{
	struct nlmsghdr *nlh = start(message, req, NLMSG_DONE, NLM_F_MULTI);

	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = 0;
	enqueue(nlh, nlh->nlmsg_len, END_OF_DUMP);
	dumping = 1;
}

static void send_part(char **at, unsigned int i, unsigned int count)
{
	if ((i + 1) % PER_DATAGRAM && i + 1 < count)
		return;
	enqueue(message, *at - message, IN_DUMP);
	*at = message;
}

static void dump_services(const struct nlmsghdr *req)
{
	char *at = message;
	unsigned int i;

	for (i = 0; i < state.count; i++) {
		at += put_service(at, req, &state.services[i].svc,
				  NLM_F_MULTI)->nlmsg_len;
		send_part(&at, i, state.count);
	}
	send_done(req);
}

static struct fake_service *find_service(const struct ipvs_service *svc)
{
	unsigned int i;

	for (i = 0; i < state.count; i++)
		if (ipvs_same_service(&state.services[i].svc, svc))
			return &state.services[i];
	return NULL;
}

static struct ipvs_dest *find_dest(struct fake_service *fs,
				   const struct ipvs_dest *dest)
{
	unsigned int i;

	for (i = 0; i < fs->ndests; i++)
		if (ipvs_same_dest(&fs->dests[i], dest))
			return &fs->dests[i];
	return NULL;
}

static void dump_dests(const struct nlmsghdr *req, struct fake_service *fs)
{
	char *at = message;
	unsigned int i;

	for (i = 0; fs && i < fs->ndests; i++) {
		at += put_dest(at, req, &fs->dests[i])->nlmsg_len;
		send_part(&at, i, fs->ndests);
	}
	send_done(req);
}

static void dump_daemons(const struct nlmsghdr *req)
{
	struct nlmsghdr *nlh;
	int i;

	for (i = 0; i < 2; i++) {
		if (!state.daemons[i].state)
			continue;
		nlh = start_genl(message, req, IPVS_CMD_NEW_DAEMON,
				 NLM_F_MULTI);
		ipvs_put_daemon(nlh, &state.daemons[i]);
		enqueue(nlh, nlh->nlmsg_len, IN_DUMP);
	}
	send_done(req);
}

static int known_scheduler(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(schedulers) / sizeof(*schedulers); i++)
		if (!strcmp(schedulers[i], name))
			return 1;
	return 0;
}

static int change_service(uint8_t cmd, const struct ipvs_service *svc)
{
	struct fake_service *fs = find_service(svc);

	if (cmd == IPVS_CMD_NEW_SERVICE && fs)
		return EEXIST;
	if (cmd != IPVS_CMD_NEW_SERVICE && !fs)
		return ESRCH;
	if (cmd == IPVS_CMD_ZERO)
		return 0;
	if (cmd == IPVS_CMD_DEL_SERVICE) {
		*fs = state.services[--state.count];
		return 0;
	}
	if (!known_scheduler(svc->sched) || (*svc->pe && strcmp(svc->pe, "sip")))
		return ENOENT;
	if (!svc->netmask)
		return EINVAL;
	if (!fs) {
		if (state.count == MAX_SERVICES)
			return ENOMEM;
		fs = &state.services[state.count++];
		memset(fs, 0, sizeof(*fs));
	}
	fs->svc = *svc;
	return 0;
}

static int change_dest(uint8_t cmd, const struct ipvs_service *svc,
		       const struct ipvs_dest *new)
{
	struct fake_service *fs = find_service(svc);
	struct ipvs_dest *dest;

	if (!fs)
		return ESRCH;
	dest = find_dest(fs, new);
	if (cmd == IPVS_CMD_NEW_DEST && dest)
		return EEXIST;
	if (cmd != IPVS_CMD_NEW_DEST && !dest)
		return ENOENT;
	if (cmd == IPVS_CMD_DEL_DEST) {
		memmove(dest, dest + 1,
			(char *)&fs->dests[fs->ndests] - (char *)(dest + 1));
		fs->ndests--;
		return 0;
	}
	if (new->addr.family == AF_INET && (new->addr.raw[0] & 0xf0) == 0xe0)
		return EINVAL;
	if (new->weight < 0 || new->lower > new->upper)
		return ERANGE;
	if (!dest) {
		if (fs->ndests == MAX_DESTS)
			return ENOMEM;
		dest = &fs->dests[fs->ndests++];
	}
	*dest = *new;
	return 0;
}

static int change_daemon(uint8_t cmd, const struct ipvs_daemon *daemon)
{
	struct ipvs_daemon *slot;

	if (daemon->state != IP_VS_STATE_MASTER &&
	    daemon->state != IP_VS_STATE_BACKUP)
		return EINVAL;
	slot = &state.daemons[daemon->state == IP_VS_STATE_BACKUP];
	if (cmd == IPVS_CMD_NEW_DAEMON) {
		if (slot->state)
			return EEXIST;
		*slot = *daemon;
		return 0;
	}
	if (!slot->state)
		return ESRCH;
	memset(slot, 0, sizeof(*slot));
	return 0;
}

static int change_timeouts(const struct ipvs_timeouts *t)
{
	if (t->tcp)
		state.timeouts.tcp = t->tcp;
	if (t->tcp_fin)
		state.timeouts.tcp_fin = t->tcp_fin;
	if (t->udp)
		state.timeouts.udp = t->udp;
	return 0;
}

static int change(uint8_t cmd, const struct nlmsghdr *req)
{
	struct ipvs_timeouts timeouts = { 0 };
	struct ipvs_daemon daemon;
	struct ipvs_service svc;
	struct ipvs_dest dest;
	int no_svc = ipvs_parse_service(req, &svc);

	switch (cmd) {
	case IPVS_CMD_FLUSH:
		state.count = 0;
		return 0;
	case IPVS_CMD_SET_CONFIG:
		if (ipvs_parse_timeouts(req, &timeouts))
			return EINVAL;
		return change_timeouts(&timeouts);
	case IPVS_CMD_NEW_DAEMON:
	case IPVS_CMD_DEL_DAEMON:
		if (ipvs_parse_daemon(req, &daemon))
			return EINVAL;
		return change_daemon(cmd, &daemon);
	case IPVS_CMD_ZERO:
		if (req->nlmsg_len == NLMSG_HDRLEN + GENL_HDRLEN)
			return 0;
		/* fall through */
	case IPVS_CMD_NEW_SERVICE:
	case IPVS_CMD_SET_SERVICE:
	case IPVS_CMD_DEL_SERVICE:
		return no_svc ? EINVAL : change_service(cmd, &svc);
	case IPVS_CMD_NEW_DEST:
	case IPVS_CMD_SET_DEST:
	case IPVS_CMD_DEL_DEST:
		if (no_svc ||
		    ipvs_parse_dest(req, svc.addr.family, &dest))
			return EINVAL;
		return change_dest(cmd, &svc, &dest);
	default:
		return EOPNOTSUPP;
	}
}

/* Return: what a GET command is answered besides data. */
static int get(uint8_t cmd, const struct nlmsghdr *req)
{
	struct fake_service *fs;
	struct ipvs_service svc;
	struct nlmsghdr *nlh;

	switch (cmd) {
	case IPVS_CMD_GET_SERVICE:
		if (ipvs_parse_service(req, &svc))
			return EINVAL;
		fs = find_service(&svc);
		if (!fs)
			return ESRCH;
		nlh = put_service(message, req, &fs->svc, 0);
		break;
	case IPVS_CMD_GET_INFO:
		nlh = start_genl(message, req, IPVS_CMD_SET_INFO, 0);
		mnl_attr_put_u32(nlh, IPVS_INFO_ATTR_VERSION,
				 IP_VS_VERSION_CODE);
		mnl_attr_put_u32(nlh, IPVS_INFO_ATTR_CONN_TAB_SIZE, 4096);
		break;
	case IPVS_CMD_GET_CONFIG:
		nlh = start_genl(message, req, IPVS_CMD_SET_CONFIG, 0);
		ipvs_put_timeouts(nlh, &state.timeouts);
		break;
	default:
		return change(cmd, req);
	}
	enqueue(nlh, nlh->nlmsg_len, NO_DUMP);
	return 0;
}

static void dump(uint8_t cmd, const struct nlmsghdr *req)
{
	struct ipvs_service svc;

	if (dumping)
		return send_error(req, EBUSY);
	switch (cmd) {
	case IPVS_CMD_GET_SERVICE:
		return dump_services(req);
	case IPVS_CMD_GET_DEST:
		if (ipvs_parse_service(req, &svc))
			return send_done(req);
		return dump_dests(req, find_service(&svc));
	case IPVS_CMD_GET_DAEMON:
		return dump_daemons(req);
	default:
		return send_error(req, EOPNOTSUPP);
	}
}

static int get_family(const struct nlmsghdr *req)
{
	const char *absent = getenv("FAKE_ABSENT");
	struct nlmsghdr *nlh;

	if (absent && !loaded)
		return ENOENT;
	nlh = start(message, req, GENL_ID_CTRL, 0);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	enqueue(nlh, nlh->nlmsg_len, NO_DUMP);
	return 0;
}

static void handle(const struct nlmsghdr *req)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(req);
	int err;

	requests++;
	if (req->nlmsg_type == GENL_ID_CTRL)
		err = get_family(req);
	else if (req->nlmsg_type != FAMILY)
		err = ENOENT;
	else if (getenv("FAKE_DENIED"))
		err = EPERM;
	else if ((req->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return dump(genl->cmd, req);
	else
		err = get(genl->cmd, req);
	if (err || req->nlmsg_flags & NLM_F_ACK)
		send_error(req, err);
}

int transport_open(uint32_t *portid)
{
	load_state();
	*portid = PORTID;
	return 0;
}

void transport_close(void)
{
	struct datagram *d;

	while ((d = queue)) {
		queue = d->next;
		free(d);
	}
	queue_tail = &queue;
	free(current);
	current = NULL;
	save_state();
}

int transport_send(const void *buf, size_t len)
{
	const struct nlmsghdr *nlh;
	int left = len;

	sends++;
	for (nlh = buf; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left))
		handle(nlh);
	if (left)	/* not whole messages */
		abort();
	return 0;
}

ssize_t transport_recv(const void **buf)
{
	receives++;
	if (overrun) {
		overrun = 0;
		return -ENOBUFS;
	}
	if (!queue)	/* a real socket would block for ever */
		abort();
	free(current);
	current = queue;
	queue = current->next;
	if (!queue)
		queue_tail = &queue;
	queued -= current->dump ? 0 : current->len + 768;
	if (current->dump == END_OF_DUMP)
		dumping = 0;
	*buf = current->data;
	return current->len;
}

void transport_load_module(void)
{
	const char *absent = getenv("FAKE_ABSENT");

	loaded = absent && *absent == '2';
}

const char *transport_conn_file(void)
{
	const char *path = getenv("FAKE_CONNS");

	return path ? path : "/nonexistent/ip_vs_conn";
}

static const struct in6_addr six = { { { 0x20, 1, 0xd, 0xb8, [15] = 6 } } };

int getaddrinfo(const char *node, const char *service,
		const struct addrinfo *hints, struct addrinfo **res)
{
	struct sockaddr_storage *sa;

	(void)service;
	if (strcmp(node, "both") &&
	    strcmp(node, hints->ai_family == AF_INET ? "localhost" : "six"))
		return EAI_NONAME;
	*res = calloc(1, sizeof(**res) + sizeof(*sa));
	if (!*res)
		return EAI_MEMORY;
	sa = (struct sockaddr_storage *)(*res + 1);
	sa->ss_family = hints->ai_family;
	if (hints->ai_family == AF_INET)
		((struct sockaddr_in *)sa)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)sa)->sin6_addr = six;
	(*res)->ai_family = hints->ai_family;
	(*res)->ai_addr = (struct sockaddr *)sa;
	return 0;
}

void freeaddrinfo(struct addrinfo *res)
{
	free(res);
}

int getnameinfo(const struct sockaddr *sa, socklen_t salen, char *host,
		socklen_t hostlen, char *serv, socklen_t servlen, int flags)
{
	const struct sockaddr_in6 *sin6 = (const void *)sa;
	const struct sockaddr_in *sin = (const void *)sa;

	(void)salen;
	(void)serv;
	(void)servlen;
	(void)flags;
	if (sa->sa_family == AF_INET &&
	    sin->sin_addr.s_addr == htonl(INADDR_LOOPBACK))
		snprintf(host, hostlen, "localhost");
	else if (sa->sa_family == AF_INET6 &&
		 !memcmp(&sin6->sin6_addr, &six, sizeof(six)))
		snprintf(host, hostlen, "six");
	else
		return EAI_NONAME;
	return 0;
}
