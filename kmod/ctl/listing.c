// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: listings
 *
 * Netlink dumps and /proc list the configuration in pages, between which it may change. They remember how far they got
 * by what never changes: a service's id, and a server's sequence number in its service. Address services come first,
 * then firewall-mark services, each in the order of their creation; servers come newest first, as IPVS lists them.
 */
#include <linux/minmax.h>
#include <linux/xarray.h>

#include "../net.h"
#include "../service/service.h"
#include "listing.h"

/**
 * lvs_listing_service - the next service of a listing
 * @ln: namespace
 * @cursor: where the listing has got to; moved to the service returned, so the caller steps over it by incrementing
 *	&lvs_service_cursor.id
 *
 * Context: RCU or config lock.
 * Return: the service, valid until either is given up, or NULL at the end.
 */
struct lvs_service *lvs_listing_service(struct lvs_net *ln, struct lvs_service_cursor *cursor)
{
	struct lvs_service *svc;
	unsigned long id;

	for (;;) {
		xa_for_each_start(&ln->service_ids, id, svc, cursor->id) {
			if (!READ_ONCE(svc->live) || !!svc->key.fwmark != cursor->fwmark)
				continue;
			cursor->id = id;
			return svc;
		}
		if (cursor->fwmark)
			break;
		cursor->fwmark = true;
		cursor->id = 0;
	}
	cursor->id = ULONG_MAX;
	return NULL;
}

/* Index of the first chunk that may have a dest with a sequence number of at most @seq. */
static u32 pool_chunk_from(const struct lvs_pool *pool, u64 seq)
{
	u32 low = 0, high = pool->n_chunks;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (pool->chunks[mid]->oldest_seq <= seq)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/**
 * lvs_listing_dest - the next server of a listing
 * @pool: servers of the service
 * @seq: the highest sequence number that has not been listed yet
 *
 * Context: RCU or config lock.
 * Return: the newest server whose sequence number is at most @seq, or NULL.
 */
struct lvs_dest *lvs_listing_dest(const struct lvs_pool *pool, u64 seq)
{
	u32 i, j;

	/*
	 * The bound of a chunk is not exact once its oldest server was removed, so the first one may have none. Within a chunk
	 * nothing is skipped: in an old pool, a server that was put back has its new number, and is out of order.
	 */
	for (i = pool_chunk_from(pool, seq); i < pool->n_chunks; i++) {
		const struct lvs_pool_chunk *chunk = pool->chunks[i];

		for (j = 0; j < chunk->n; j++)
			if (READ_ONCE(chunk->entries[j].dest->seq) <= seq)
				return chunk->entries[j].dest;
	}
	return NULL;
}
