/* SPDX-License-Identifier: GPL-2.0 */
/* A copy of the kernel's services and real servers. */
#ifndef LVSADM_TABLE_H
#define LVSADM_TABLE_H

#include "ipvs.h"
#include "nl.h"

/**
 * struct table_entry - a service and its real servers
 * @svc: the service
 * @dests: array of @ndests servers
 * @ndests: how many
 * @room: how many fit @dests
 */
struct table_entry {
	struct ipvs_service svc;
	struct ipvs_dest *dests;
	size_t ndests;
	size_t room;
};

/**
 * struct table - services
 * @entries: array of @count services
 * @count: how many
 * @room: how many fit @entries
 */
struct table {
	struct table_entry *entries;
	size_t count;
	size_t room;
};

int table_load(struct nl *nl, const struct ipvs_service *only,
	       struct table *table);
int table_load_services(struct nl *nl, const struct ipvs_service *only,
			struct table *table);
int table_load_dests(struct nl *nl, struct table_entry *entry);
void table_sort(struct table *table);
void table_free(struct table *table);

int table_info(struct nl *nl, struct ipvs_info *info);
int table_timeouts(struct nl *nl, struct ipvs_timeouts *timeouts);
int table_daemons(struct nl *nl, struct ipvs_daemon daemons[2], int *count);

#endif
