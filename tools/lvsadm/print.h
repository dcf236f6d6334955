/* SPDX-License-Identifier: GPL-2.0 */
/* Services and servers as the native grammar shows them, and as JSON. */
#ifndef LVSADM_PRINT_H
#define LVSADM_PRINT_H

#include "table.h"

#define SHOW_SETTINGS	1
#define SHOW_DESTS	2
#define SHOW_STATS	4

const char *service_name(const struct ipvs_service *svc, char *buf,
			 size_t size);
const char *dest_name(const struct ipvs_dest *dest, char *buf, size_t size);
void print_service_settings(const struct ipvs_service *svc);
void print_dest_settings(const struct ipvs_dest *dest);
void print_stats_title(void);
void print_stats(const char *indent, const char *name,
		 const struct ipvs_stats *stats);
void json_table(const struct table *table, unsigned int show);

#endif
