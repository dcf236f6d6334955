// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/string.h>

#include "sched.h"

static struct lvs_dest *none_pick(const struct lvs_pool *pool,
				  struct lvs_sched_state *state,
				  const struct lvs_sched_key *key)
{
	return NULL;
}

/* No scheduler: the service keeps its conns and takes no new ones. */
const struct lvs_sched_ops lvs_sched_none = {
	.name = "none",
	.pick = none_pick,
};

static const struct lvs_sched_ops *const scheds[] = {
	&lvs_sched_none, &lvs_sched_rr, &lvs_sched_wrr, &lvs_sched_lc,
	&lvs_sched_wlc,	 &lvs_sched_sed, &lvs_sched_nq, &lvs_sched_fo,
	&lvs_sched_ovf,	 &lvs_sched_dh, &lvs_sched_sh, &lvs_sched_mh,
	&lvs_sched_lblc, &lvs_sched_lblcr, &lvs_sched_twos,
};

/**
 * lvs_sched_find() - find a scheduler by its name
 * @name: the name, "none" included
 *
 * Context: any.
 * Return: the scheduler, or NULL if there is none of that name.
 */
const struct lvs_sched_ops *lvs_sched_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scheds); i++)
		if (!strcmp(scheds[i]->name, name))
			return scheds[i];
	return NULL;
}

/**
 * lvs_sched_attach() - give a pool its scheduler
 * @pool: a pool that nobody else sees yet and that has no scheduler
 * @sched: the scheduler
 * @af: address family of the service
 * @gfp: how to allocate
 *
 * Last step of preparing a pool. If it fails, discard the pool.
 *
 * Context: may sleep if @gfp allows it.
 * Return: 0, -ENOMEM, or -EINVAL if the pool has more dests than the scheduler
 *	can serve.
 */
int lvs_sched_attach(struct lvs_pool *pool, const struct lvs_sched_ops *sched,
		     u16 af, gfp_t gfp)
{
	int err = 0;

	pool->af = af;
	if (sched->build)
		err = sched->build(pool, gfp);
	if (!err)
		pool->sched = sched;
	return err;
}
