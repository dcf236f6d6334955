/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_LATCH_H
#define _LVS_LATCH_H

/*
 * Points at which a test build of the module can be frozen, so that a race is met on purpose. In any other build they
 * are nothing. X(name): where it stands.
 */
#define LVS_LATCHES(X)									\
	X(reserve)	/* a conn is reserved and locked, its server not yet chosen */	\
	X(pick)		/* a server was picked, the conn not yet bound to it */		\
	X(lookup)	/* a packet's bucket is known, and not looked into: see lvs_table_find() */ \
	X(found)	/* a packet has found its conn before it was routed, and not used it yet */ \
	X(found_steady)	/* likewise at LOCAL_IN or FORWARD, a plain packet */		\
	X(found_slow)	/* likewise, any packet */					\
	X(split)	/* what belongs to a new bucket is copied, and nobody knows of that one */ \
	X(split_known)	/* the new bucket is in use, and the old one has all it had */	\
	X(merge)	/* the last bucket is copied to another, and in use */		\
	X(merge_known)	/* the last bucket is not in use any more, and has all it had */ \
	X(first_visit)	/* the wheel has taken a conn off its slot */			\
	X(second_visit)	/* the wheel is about to end what is EXPIRING, after the grace period */ \
	X(end)		/* a conn is DEAD, and still hashed */				\
	X(publish)	/* a new snapshot is in force, the old one not yet retired */	\
	X(unhook)	/* the last service is gone, the hooks are still there */

#ifdef LVS_LATCH
#include <linux/types.h>

enum lvs_latch {
#define LVS_LATCH_ENUM(name) LVS_LATCH_##name,
	LVS_LATCHES(LVS_LATCH_ENUM)
#undef LVS_LATCH_ENUM
	LVS_LATCH_MAX
};

void lvs_latch_wait(enum lvs_latch latch, bool may_sleep);
#define lvs_latch(name) lvs_latch_wait(LVS_LATCH_##name, false)
/* where the caller may sleep */
#define lvs_latch_sleep(name) lvs_latch_wait(LVS_LATCH_##name, true)
#else
#define lvs_latch(name) do { } while (0)
#define lvs_latch_sleep(name) do { } while (0)
#endif

#endif
