/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the fuzz targets: a script of bytes, read from its beginning. What the unit
 * tests call random is drawn from the script's own seed, so that an input always
 * does the same.
 */
#ifndef UNIT_FUZZ_H
#define UNIT_FUZZ_H

#include "unit.h"

struct script {
	const u8 *at;
	const u8 *end;
};

static inline bool script_done(const struct script *s)
{
	return s->at == s->end;
}

static inline u8 script_u8(struct script *s)
{
	return script_done(s) ? 0 : *s->at++;
}

static inline u32 script_u16(struct script *s)
{
	u32 high = script_u8(s);

	return high << 8 | script_u8(s);
}

/* small numbers mostly, and the largest as well */
static inline u32 script_number(struct script *s)
{
	u8 first = script_u8(s);

	if (first < 128)
		return first;
	return (u32)(first & 7) << (first >> 3 & 15) * 2;
}

void fuzz_seed(u64 seed);
/* each target has them; the second writes the inputs to start from as FOLDER/NUMBER */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
void fuzz_write_seeds(const char *folder);
void fuzz_write_seed(const char *folder, unsigned int number, const u8 *data, size_t size);

#endif
