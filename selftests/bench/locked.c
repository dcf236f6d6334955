// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that counts locked instructions between the marks that lvsbench.c sets around a run, and
 * writes their number to the file given as out=, where the guest finds it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "plugin.h"

static const char *out;
static uint64_t count, begin;
static bool inside;

/* LOCK, or an exchange with memory, which is locked without saying so. */
static bool is_locked(const uint8_t *insn, size_t size)
{
	size_t i = 0;

	while (i < size && insn[i] && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf2\xf3", insn[i]))
		i++;
	if (i < size && insn[i] == 0xf0)
		return true;
	if (i < size && (insn[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (insn[i] == 0x86 || insn[i] == 0x87) && insn[i + 1] < 0xc0;
}

static void on_mark(unsigned int cpu, void *data)
{
	FILE *f;

	inside = !inside;
	if (inside) {
		begin = count;
		return;
	}
	f = fopen(out, "w");
	if (f) {
		fprintf(f, "%" PRIu64 "\n", count - begin);
		fclose(f);
	}
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *bytes = qemu_plugin_insn_data(insn);
		size_t size = qemu_plugin_insn_size(insn);

		if (is_locked(bytes, size))
			qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &count, 1);
		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, CB_NO_REGS, NULL);
	}
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	return install(id, argc, argv, &out, on_translation);
}
