// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage of the module by this thread, through KCOV. The kernel notes the
 * address of each basic block that the thread enters in instrumented code; two
 * successive ones are an edge. Only addresses within the module count.
 *
 * The tables are shared by all workers, so an entry is made with compare-and-swap.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0

#define TRACE_ENTRIES	(256UL << 10)
#define SLOTS		(64U << 10)

struct table {
	u32 count;
	u64 slots[SLOTS];
};

struct coverage {
	struct table edges, blocks;
};

static u64 *trace;		/* [0]: number of entries that follow */
static u64 text, text_size;	/* where the module is */

static u64 sysfs_number(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[64];
	u64 value = 0;

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file))
		value = strtoull(line, NULL, 0);
	fclose(file);
	return value;
}

struct coverage *coverage_alloc(void)
{
	struct coverage *cov;

	cov = mmap(NULL, sizeof(*cov), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cov == MAP_FAILED)
		err(2, "mmap");
	return cov;
}

/* Returns false on a kernel that has no KCOV: the fuzzer is blind there. */
bool coverage_start(void)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	text = sysfs_number("/sys/module/lvs/sections/.text");
	text_size = sysfs_number("/sys/module/lvs/coresize");
	if (!text || !text_size)
		errx(2, "where the module lvs lies is not known");
	if (ioctl(fd, KCOV_INIT_TRACE, TRACE_ENTRIES))
		err(2, "KCOV_INIT_TRACE");
	trace = mmap(NULL, TRACE_ENTRIES * sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     0);
	if (trace == MAP_FAILED)
		err(2, "mmap of kcov");
	if (ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		err(2, "KCOV_ENABLE");
	return true;
}

/* Returns true if @key, not 0, is new. */
static bool table_add(struct table *table, u64 key)
{
	u32 slot = (key * 0x9e3779b97f4a7c15ULL) >> 48;

	for (u32 tries = 0; tries < SLOTS; tries++, slot++) {
		u64 *at = &table->slots[slot % SLOTS], old = __atomic_load_n(at, __ATOMIC_RELAXED);

		if (old == key)
			return false;
		if (old)
			continue;
		if (__atomic_compare_exchange_n(at, &old, key, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED)) {
			__atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
			return true;
		}
		if (old == key)
			return false;
	}
	return false;
}

/* Take in what this thread has passed since the last call. Returns how many edges are new. */
unsigned int coverage_fold(struct coverage *cov)
{
	unsigned int found = 0;
	u64 count, last = 0;

	if (!trace)
		return 0;
	count = __atomic_load_n(trace, __ATOMIC_RELAXED);
	for (u64 i = 1; i <= count && i < TRACE_ENTRIES; i++) {
		u64 block = trace[i] - text;

		if (block >= text_size)
			continue;
		block++;	/* 0 is an empty slot */
		if (table_add(&cov->edges, last << 32 | block)) {
			table_add(&cov->blocks, block);
			found++;
		}
		last = block;
	}
	__atomic_store_n(trace, 0, __ATOMIC_RELAXED);
	return found;
}

unsigned int coverage_edges(const struct coverage *cov)
{
	return __atomic_load_n(&cov->edges.count, __ATOMIC_RELAXED);
}

unsigned int coverage_blocks(const struct coverage *cov)
{
	return __atomic_load_n(&cov->blocks.count, __ATOMIC_RELAXED);
}

/* Write the blocks that were passed, as offsets in the module's text, to be looked up in lvs.ko. */
void coverage_write(const struct coverage *cov, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		err(2, "%s", path);
	for (u32 slot = 0; slot < SLOTS; slot++)
		if (cov->blocks.slots[slot])
			fprintf(file, "0x%llx\n", (unsigned long long)cov->blocks.slots[slot] - 1);
	fclose(file);
}
