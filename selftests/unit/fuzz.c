// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>

#include "fuzz.h"

static u64 rand_state;

void fuzz_seed(u64 seed)
{
	rand_state = seed;
}

u64 unit_rand(void)
{
	u64 z = rand_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	return z ^ z >> 31;
}

u64 unit_below(u64 n)
{
	return (u64)((unsigned __int128)unit_rand() * n >> 64);
}

void unit_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* What fails a unit test ends the fuzzer, with the input at hand. */
void unit_fail(const char *file, int line, const char *what, u64 a, u64 b)
{
	unit_note("%s:%d: not so: %s (%llu, %llu)", file, line, what, (unsigned long long)a, (unsigned long long)b);
	abort();
}

void fuzz_write_seed(const char *folder, unsigned int number, const u8 *data, size_t size)
{
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s/seed%03u", folder, number);
	file = fopen(name, "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		perror(name);
		exit(1);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = getenv("FUZZ_SEEDS");

	if (!folder)
		return 0;
	fuzz_write_seeds(folder);
	exit(0);
}
