/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVSADM_SERVICE_H
#define LVSADM_SERVICE_H

#include "cmd.h"

int set_family(struct context *ctx, const char *value);
int set_seconds(struct context *ctx, const char *what, const char *value,
		uint32_t *out);
int set_number(struct context *ctx, const char *what, const char *value,
	       uint64_t min, uint64_t max, uint32_t *out);

/* the keyword that makes "fwmark MARK" complete */
#define KEYWORD_FAMILY \
	{ "family", KW_FAMILY, ARG_VALUE, "inet|inet6", "inet inet6", \
	  set_family }

#endif
