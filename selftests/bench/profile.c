// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that counts how often each instruction is executed between the marks that lvsbench.c sets around a run,
 * and writes addresses and counts to the file given as out=, where the guest finds it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

#define SLOTS (1u << 21)

/* Never removed: an address that is translated again counts on. */
static struct slot {
	uint64_t addr, count;
} *slots;
static const char *out;
static bool inside;

static struct slot *slot_of(uint64_t addr)
{
	uint32_t i = addr * 0x9e3779b97f4a7c15ull >> 43;

	while (slots[i].addr && slots[i].addr != addr)
		i = (i + 1) % SLOTS;
	slots[i].addr = addr;
	return &slots[i];
}

static void write_counts(void)
{
	FILE *f = fopen(out, "w");
	size_t i;

	if (!f)
		return;
	for (i = 0; i < SLOTS; i++)
		if (slots[i].count)
			fprintf(f, "%" PRIx64 " %" PRIu64 "\n", slots[i].addr, slots[i].count);
	fclose(f);
}

static void on_mark(unsigned int cpu, void *data)
{
	size_t i;

	inside = !inside;
	if (!inside)
		return write_counts();
	for (i = 0; i < SLOTS; i++)
		slots[i].count = 0;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t addr = qemu_plugin_insn_vaddr(insn);

		/* programs are of no interest */
		if (addr >> 63)
			qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &slot_of(addr)->count, 1);
		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	slots = calloc(SLOTS, sizeof(*slots));
	return slots ? install(id, argc, argv, &out, on_translation) : -1;
}
