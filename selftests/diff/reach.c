// SPDX-License-Identifier: GPL-2.0
/*
 * Which code of the kernel's own ip_vs has run: linked into a build of it with -fsanitize-coverage=trace-pc, see reach.sh.
 * /proc/reach lists the places as "function+0xoffset/0xsize [module]".
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/instruction_pointer.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define BITS 16

static unsigned long seen[1 << BITS];

void __sanitizer_cov_trace_pc(void);

void notrace __sanitizer_cov_trace_pc(void)
{
	unsigned long pc = _RET_IP_, old;
	u32 at = hash_long(pc, BITS), tries;

	for (tries = 0; tries < 64; tries++, at = (at + 1) & ((1 << BITS) - 1)) {
		old = READ_ONCE(seen[at]);
		if (old == pc)
			return;
		if (!old && !cmpxchg(&seen[at], 0, pc))
			return;
	}
}
EXPORT_SYMBOL(__sanitizer_cov_trace_pc);

static int reach_show(struct seq_file *seq, void *unused)
{
	u32 at;

	for (at = 0; at < 1 << BITS; at++) {
		if (seen[at])
			seq_printf(seq, "%pS\n", (void *)seen[at]);
	}
	return 0;
}

/* From the first call of ip_vs_control_init(), which is told so by reach.sh. */
int reach_init(void);

int reach_init(void)
{
	return proc_create_single("reach", 0400, NULL, reach_show) ? 0 : -ENOMEM;
}

void reach_exit(void);

void reach_exit(void)
{
	remove_proc_entry("reach", NULL);
}
