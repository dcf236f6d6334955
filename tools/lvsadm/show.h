/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVSADM_SHOW_H
#define LVSADM_SHOW_H

#include "cmd.h"
#include "table.h"

int show_load(struct context *ctx, bool with_dests, struct table *table);
int show_services(struct context *ctx, unsigned int show);

#endif
