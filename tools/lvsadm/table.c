// SPDX-License-Identifier: GPL-2.0
/* A copy of the kernel's services and real servers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

/* a dump that changed while it was read is read again this often */
#define DUMP_TRIES	5

/* Return: the new last element of a growing array, or NULL. */
static void *array_grow(void **array, size_t *room, size_t count, size_t size)
{
	size_t wanted = *room ? *room * 2 : 16;
	void *bigger;

	if (count < *room)
		return (char *)*array + count * size;
	bigger = reallocarray(*array, wanted, size);
	if (!bigger)
		return NULL;
	*array = bigger;
	*room = wanted;
	return (char *)bigger + count * size;
}

static int service_message(const struct nlmsghdr *nlh, void *data)
{
	struct table *table = data;
	struct table_entry *entry;

	entry = array_grow((void **)&table->entries, &table->room,
			   table->count, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	memset(entry, 0, sizeof(*entry));
	if (ipvs_parse_service(nlh, &entry->svc))
		return -EBADMSG;
	table->count++;
	return 0;
}

static int dest_message(const struct nlmsghdr *nlh, void *data)
{
	struct table_entry *entry = data;
	struct ipvs_dest *dest;

	dest = array_grow((void **)&entry->dests, &entry->room, entry->ndests,
			  sizeof(*dest));
	if (!dest)
		return -ENOMEM;
	if (ipvs_parse_dest(nlh, entry->svc.addr.family, dest))
		return -EBADMSG;
	entry->ndests++;
	return 0;
}

/**
 * table_load_dests() - read the real servers of a service
 * @nl: the connection
 * @entry: the service; servers it already has are forgotten
 *
 * Return: 0 or -errno. A service that is gone has no servers.
 */
int table_load_dests(struct nl *nl, struct table_entry *entry)
{
	struct nlmsghdr *nlh;
	int err, tries = DUMP_TRIES;

	do {
		entry->ndests = 0;
		nlh = nl_request(nl, IPVS_CMD_GET_DEST);
		ipvs_put_service(nlh, &entry->svc, false);
		err = nl_query(nl, NLM_F_DUMP, dest_message, entry);
	} while (err == -EINTR && --tries);
	return err;
}

/**
 * table_load_services() - read services without their real servers
 * @nl: the connection; no batch may be waiting
 * @only: the service that is wanted, or NULL for all
 * @table: where they go; free with table_free(), also after an error
 *
 * Return: 0 or -errno; -ESRCH if @only does not exist.
 */
int table_load_services(struct nl *nl, const struct ipvs_service *only,
			struct table *table)
{
	struct nlmsghdr *nlh;
	int err, tries = DUMP_TRIES;

	memset(table, 0, sizeof(*table));
	do {
		table->count = 0;
		nlh = nl_request(nl, IPVS_CMD_GET_SERVICE);
		if (only)
			ipvs_put_service(nlh, only, false);
		err = nl_query(nl, only ? 0 : NLM_F_DUMP, service_message,
			       table);
	} while (err == -EINTR && --tries);
	if (!err && only && table->count != 1)
		err = -EBADMSG;
	return err;
}

/**
 * table_load() - read services with their real servers
 * @nl: the connection; no batch may be waiting
 * @only: the service that is wanted, or NULL for all
 * @table: where they go; free with table_free(), also after an error
 *
 * The kernel makes one dump at a time per socket and works only while it is
 * being read, so the dumps of the servers follow each other: a second socket
 * would save nothing.
 *
 * Return: 0 or -errno.
 */
int table_load(struct nl *nl, const struct ipvs_service *only,
	       struct table *table)
{
	size_t i;
	int err;

	err = table_load_services(nl, only, table);
	for (i = 0; !err && i < table->count; i++)
		err = table_load_dests(nl, &table->entries[i]);
	return err;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct table_entry *one = a, *other = b;

	return ipvs_service_cmp(&one->svc, &other->svc);
}

static int dest_cmp(const void *a, const void *b)
{
	return ipvs_dest_cmp(a, b);
}

/**
 * table_sort() - put services and servers into the order of listings
 * @table: the services
 */
void table_sort(struct table *table)
{
	struct table_entry *entry;
	size_t i;

	if (!table->count)
		return;
	qsort(table->entries, table->count, sizeof(*table->entries),
	      entry_cmp);
	for (i = 0; i < table->count; i++) {
		entry = &table->entries[i];
		if (entry->ndests)
			qsort(entry->dests, entry->ndests,
			      sizeof(*entry->dests), dest_cmp);
	}
}

/**
 * table_free() - forget what was read
 * @table: the services
 */
void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		free(table->entries[i].dests);
	free(table->entries);
	memset(table, 0, sizeof(*table));
}

static int info_message(const struct nlmsghdr *nlh, void *data)
{
	return ipvs_parse_info(nlh, data) ? -EBADMSG : 0;
}

/**
 * table_info() - ask what is running
 * @nl: the connection
 * @info: the answer
 *
 * Return: 0 or -errno.
 */
int table_info(struct nl *nl, struct ipvs_info *info)
{
	memset(info, 0, sizeof(*info));
	nl_request(nl, IPVS_CMD_GET_INFO);
	return nl_query(nl, 0, info_message, info);
}

static int timeouts_message(const struct nlmsghdr *nlh, void *data)
{
	return ipvs_parse_timeouts(nlh, data) ? -EBADMSG : 0;
}

/**
 * table_timeouts() - read the timeouts
 * @nl: the connection
 * @timeouts: the answer
 *
 * Return: 0 or -errno.
 */
int table_timeouts(struct nl *nl, struct ipvs_timeouts *timeouts)
{
	memset(timeouts, 0, sizeof(*timeouts));
	nl_request(nl, IPVS_CMD_GET_CONFIG);
	return nl_query(nl, 0, timeouts_message, timeouts);
}

/**
 * struct daemons - the synchronisation daemons of a dump
 * @daemon: one of each kind at most
 * @count: how many
 */
struct daemons {
	struct ipvs_daemon *daemon;
	int count;
};

static int daemon_message(const struct nlmsghdr *nlh, void *data)
{
	struct daemons *daemons = data;

	if (daemons->count == 2 ||
	    ipvs_parse_daemon(nlh, &daemons->daemon[daemons->count]))
		return -EBADMSG;
	daemons->count++;
	return 0;
}

/**
 * table_daemons() - read which synchronisation daemons run
 * @nl: the connection
 * @daemons: the answer
 * @count: how many there are in it
 *
 * Return: 0 or -errno.
 */
int table_daemons(struct nl *nl, struct ipvs_daemon daemons[2], int *count)
{
	struct daemons answer = { .daemon = daemons };
	int err;

	nl_request(nl, IPVS_CMD_GET_DAEMON);
	err = nl_query(nl, NLM_F_DUMP, daemon_message, &answer);
	*count = answer.count;
	return err;
}
