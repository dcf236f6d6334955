/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_BENCH_PLUGIN_H
#define _LVS_BENCH_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What is used of QEMU's qemu-plugin.h (API version 1), which Debian does not package. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum { CB_NO_REGS = 0, INLINE_ADD_U64 = 0 };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned int cpu, void *data),
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *at, uint64_t value);

int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv);

/* The instruction that lvsbench.c has around a run. */
static const uint8_t mark[] = { 0x0f, 0x1f, 0x80, 'l', 'v', 's', 0 };

static inline bool is_mark(const struct qemu_plugin_insn *insn)
{
	return qemu_plugin_insn_size(insn) == sizeof(mark) && !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark));
}

/* The value of the only argument, out=; NULL if that is not what was given. */
static inline const char *out_argument(int argc, char **argv)
{
	return argc == 1 && !strncmp(argv[0], "out=", 4) ? strdup(argv[0] + 4) : NULL;
}

#endif
