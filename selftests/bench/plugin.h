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
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, void (*cb)(unsigned int cpu, void *data), int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *at, uint64_t value);

int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv);

/* A no-op whose displacement is the given text: what lvsbench.c marks places by. */
static inline bool is_nop(const struct qemu_plugin_insn *insn, const char text[4])
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);

	return qemu_plugin_insn_size(insn) == 7 && !memcmp(bytes, "\x0f\x1f\x80", 3) && !memcmp(bytes + 3, text, 4);
}

/* around a run */
static inline bool is_mark(const struct qemu_plugin_insn *insn)
{
	return is_nop(insn, "lvs");
}

/* around a packet that is received alone */
static inline bool is_packet_mark(const struct qemu_plugin_insn *insn)
{
	return is_nop(insn, "one");
}

/* Takes the only argument, out=, and has @on_translation called from now on; fails if that is not what was given. */
static inline int install(uint64_t id, int argc, char **argv, const char **out,
			  void (*on_translation)(uint64_t id, struct qemu_plugin_tb *tb))
{
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	*out = strdup(argv[0] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}

#endif
