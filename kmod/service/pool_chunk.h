/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SERVICE_POOL_CHUNK_H
#define LVS_SERVICE_POOL_CHUNK_H

#include "pool.h"

struct lvs_pool_chunk *lvs_pool_chunk_prepend(const struct lvs_pool_chunk *old,
					      const struct lvs_pool_entry *entry,
					      u64 seq, gfp_t gfp);
struct lvs_pool_chunk *lvs_pool_chunk_remove(const struct lvs_pool_chunk *old,
					     u32 at, gfp_t gfp);
struct lvs_pool_chunk *lvs_pool_chunk_reweight(const struct lvs_pool_chunk *old,
					       u32 at, u32 weight, gfp_t gfp);
struct lvs_pool_chunk *lvs_pool_chunk_merge(const struct lvs_pool_chunk *newer,
					    const struct lvs_pool_chunk *older,
					    gfp_t gfp);
void lvs_pool_chunk_put(struct lvs_pool_chunk *chunk);
size_t lvs_pool_chunk_bytes(u32 n);

#endif
