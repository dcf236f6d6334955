// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that finds the packet that takes most instructions among those that lvsbench.c receives alone, and
 * writes the addresses that it executed, with how often, to the file given as out=, where the guest finds it. Once that
 * file has been removed, the next run begins with any packet again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugin.h"

#define BLOCKS (1u << 20)

/* What QEMU translates at once, and executes from begin to end. */
struct block {
	size_t n;
	uint64_t addr[];
};

/* of the packet under way; what does not fit is not counted */
static const struct block *executed[BLOCKS];
static size_t n_executed;
static uint64_t instructions, longest;
static const char *out;
static bool inside;

static void write_addresses(void)
{
	FILE *f = fopen(out, "w");
	size_t i, j;

	if (!f)
		return;
	for (i = 0; i < n_executed; i++)
		for (j = 0; j < executed[i]->n; j++)
			fprintf(f, "%" PRIx64 " 1\n", executed[i]->addr[j]);
	fclose(f);
}

static void on_run(unsigned int cpu, void *data)
{
	if (access(out, F_OK))
		longest = 0;
}

static void on_packet(unsigned int cpu, void *data)
{
	inside = !inside;
	if (inside) {
		n_executed = 0;
		instructions = 0;
	} else if (instructions > longest) {
		longest = instructions;
		write_addresses();
	}
}

static void on_block(unsigned int cpu, void *data)
{
	const struct block *block = data;

	if (!inside || n_executed == BLOCKS)
		return;
	executed[n_executed++] = block;
	instructions += block->n;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct block *block = malloc(sizeof(*block) + n * sizeof(block->addr[0]));

	if (!block)
		abort();
	block->n = n;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		block->addr[i] = qemu_plugin_insn_vaddr(insn);
		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_run, CB_NO_REGS, NULL);
		if (is_packet_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_packet, CB_NO_REGS, NULL);
	}
	if (block->addr[0] >> 63)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, CB_NO_REGS, block);
	else
		free(block);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	return install(id, argc, argv, &out, on_translation);
}
