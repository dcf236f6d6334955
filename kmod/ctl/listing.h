/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_LISTING_H
#define _LVS_LISTING_H

#include <linux/types.h>

struct lvs_dest;
struct lvs_net;
struct lvs_pool;
struct lvs_service;

/**
 * struct lvs_service_cursor - where a listing of services has got to
 * @id: the next service has this id or a higher one
 * @fwmark: address services have been listed, firewall-mark services follow
 *
 * All zero at the start. Ids grow, so a listing that is interrupted goes on without repeating or missing a service that
 * was there all the time.
 */
struct lvs_service_cursor {
	unsigned long id;
	bool fwmark;
};

struct lvs_service *lvs_listing_service(struct lvs_net *ln, struct lvs_service_cursor *cursor);
struct lvs_dest *lvs_listing_dest(const struct lvs_pool *pool, u64 seq);

#endif
