/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzers share. An input is a string of bytes that a target reads as a
 * list of choices: which request, which attribute, valid or not. Every string
 * means something, so changing bytes changes structure and not only content.
 */
#ifndef LVS_SELFTESTS_FUZZ_H
#define LVS_SELFTESTS_FUZZ_H

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define PICK(array, n)		((array)[(n) % ARRAY_SIZE(array)])

#define INPUT_MAX		384	/* bytes of an input */

/* ---- an input that is being read ------------------------------------------ */

struct input {
	const u8 *data;
	size_t size;
	size_t at;
};

/* Behind its end an input is all zeros, which choose what is valid. */
static inline u8 take(struct input *in)
{
	return in->at < in->size ? in->data[in->at++] : 0;
}

static inline u16 take16(struct input *in)
{
	u16 high = take(in);

	return high << 8 | take(in);
}

static inline u32 take32(struct input *in)
{
	u32 high = take16(in);

	return high << 16 | take16(in);
}

static inline bool input_ended(const struct input *in)
{
	return in->at >= in->size;
}

/* ---- a target -------------------------------------------------------------- */

/**
 * struct fuzz_target - what is fuzzed
 * @name: in reports
 * @options: letters of its own options, for getopt()
 * @option: takes one of them
 * @setup: called once in each worker, before the first input
 * @run: carries out one input, with fuzz_op() before each operation
 * @report: one line more at the end, or NULL
 */
struct fuzz_target {
	const char *name;
	const char *options;
	void (*option)(int letter, const char *value);
	void (*setup)(void);
	void (*run)(struct input *in);
	void (*report)(void);
};

int fuzz_main(int argc, char **argv, const struct fuzz_target *target);
void fuzz_op(void);
extern bool fuzz_verbose;

/* ---- coverage -------------------------------------------------------------- */

struct coverage;

struct coverage *coverage_alloc(void);
bool coverage_start(void);
unsigned int coverage_fold(struct coverage *cov);
unsigned int coverage_edges(const struct coverage *cov);
unsigned int coverage_blocks(const struct coverage *cov);
void coverage_write(const struct coverage *cov, const char *path);

/* Write a whole string to a file that may refuse it. */
static inline void file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

#endif
