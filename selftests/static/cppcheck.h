/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For cppcheck, which does not see the kernel's headers: what the macros that
 * look like statements do to their variables, roughly.
 */
#define LIST_STEP(pos, head) ((pos) = (void *)next_of(head))
#define list_for_each_entry(pos, head, member) while (LIST_STEP(pos, head))
#define list_for_each_entry_rcu(pos, head, member) while (LIST_STEP(pos, head))
#define list_for_each_entry_safe(pos, n, head, member) while ((n) = 0, LIST_STEP(pos, head))
#define hlist_for_each_entry(pos, head, member) while (LIST_STEP(pos, head))
#define hlist_for_each_entry_safe(pos, n, head, member) while ((n) = 0, LIST_STEP(pos, head))
#define xa_for_each(xa, index, entry) while ((entry) = (void *)next_index(xa, &(index)))
#define xa_for_each_start(xa, index, entry, start) while ((entry) = (void *)next_index(xa, &(index), start))
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < cpus(); (cpu)++)
#define lvs_pool_for_each(it, pool) while (((it).entry = (void *)next_of(pool)))

/* <linux/ip_vs.h> */
#define NVERSION(v) (int)((v) >> 16 & 255), (int)((v) >> 8 & 255), (int)((v) & 255)

/* <err.h>: these do not return; the module has variables of the name err */
#ifdef LVS_USER_SPACE
#define err(status, ...) exit(status)
#define errx(status, ...) exit(status)
#endif
