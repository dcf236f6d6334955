// SPDX-License-Identifier: GPL-2.0
/*
 * The engine of the fuzzers: takes an input, changes it, has the target carry it
 * out, and keeps it if it reached something new.
 *
 *	nlfuzz|pktfuzz [options]
 *	  -t SECONDS	how long (10)
 *	  -n INPUTS	or how many inputs
 *	  -s SEED	what is random depends on this only
 *	  -c FOLDER	inputs to begin with, a file each
 *	  -o FOLDER	where inputs are kept that reached something new
 *	  -j WORKERS	that many processes, which share what they have reached
 *	  -l FILE	note every input there before it runs; has the last 16 of each
 *			worker when the machine dies
 *	  -r FILE	only run this input, or what -l has left; several are run in this
 *			order; -v tells what they do
 *	  -b FILE	write the blocks of code that were passed there
 *	  -m		minimize: run what -c has, smallest first, and keep what is needed
 *
 * Without KCOV in the kernel nothing tells what is new: inputs are then changes
 * of those in -c, and random ones.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define CORPUS_MAX	8192
#define LAST_SLOTS	16

struct kept {
	size_t size;
	u8 data[INPUT_MAX];
};

/* What workers add up. */
struct totals {
	u64 inputs, ops, distinct;
	bool seeing;
};

static struct {
	unsigned long seconds, inputs, seed, workers;
	const char *corpus, *keep, *last, *blocks;
	const char *replay[64];
	unsigned int n_replay;
	bool minimize;
} opt = { .seconds = 10, .workers = 1 };

bool fuzz_verbose;
static const struct fuzz_target *target;
static struct kept *corpus[CORPUS_MAX];
static unsigned int n_corpus;
static struct coverage *cov;
static struct totals *totals;
static unsigned int new_edges;
static u64 rand_state, ops, noted;
static int last_fd = -1;

/* ---- random ---------------------------------------------------------------- */

static u64 rand64(void)
{
	u64 z = rand_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static u32 below(u32 n)
{
	return (rand64() >> 32) * n >> 32;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* ---- changing inputs ------------------------------------------------------- */

static void bytes_insert(struct kept *in, size_t at, const u8 *bytes, size_t n)
{
	if (n > INPUT_MAX - in->size)
		n = INPUT_MAX - in->size;
	memmove(in->data + at + n, in->data + at, in->size - at);
	memcpy(in->data + at, bytes, n);
	in->size += n;
}

static void bytes_delete(struct kept *in, size_t at, size_t n)
{
	if (n > in->size - at)
		n = in->size - at;
	memmove(in->data + at, in->data + at + n, in->size - at - n);
	in->size -= n;
}

static void change_insert(struct kept *in)
{
	size_t n = 1 + below(12), at = below(in->size + 1);
	u8 bytes[12];

	for (size_t i = 0; i < n; i++)
		bytes[i] = rand64();
	bytes_insert(in, at, bytes, n);
}

/* A piece of another input, or of the same one. */
static void change_splice(struct kept *in)
{
	const struct kept *from = n_corpus && below(4) ? corpus[below(n_corpus)] : in;
	struct kept copy = *from;
	size_t at, n;

	if (!copy.size)
		return;
	at = below(copy.size);
	n = 1 + below(copy.size - at);
	bytes_insert(in, below(in->size + 1), copy.data + at, n);
}

static void change_once(struct kept *in)
{
	static const u8 special[] = { 0, 1, 2, 0x7f, 0x80, 0xc0, 0xe0, 0xf0, 0xff };
	size_t at = in->size ? below(in->size) : 0;

	switch (in->size ? below(8) : 6) {
	case 0:
		in->data[at] ^= 1 << below(8);
		break;
	case 1:
		in->data[at] = PICK(special, below(ARRAY_SIZE(special)));
		break;
	case 2:
		in->data[at] += below(17) - 8;
		break;
	case 3:
	case 4:
		in->data[at] = rand64();
		break;
	case 5:
		bytes_delete(in, at, 1 + below(8));
		break;
	case 6:
		change_insert(in);
		break;
	default:
		change_splice(in);
	}
}

static void input_make(struct kept *in)
{
	unsigned int changes = 1 + below(6);

	if (n_corpus && below(16)) {
		/* what was found last has been changed least */
		unsigned int newest = n_corpus > 32 && below(3) == 0 ? n_corpus - 32 : 0;

		*in = *corpus[newest + below(n_corpus - newest)];
	} else {
		in->size = 8 + below(120);
		for (size_t i = 0; i < in->size; i++)
			in->data[i] = rand64();
	}
	while (changes--)
		change_once(in);
}

/* ---- running them ---------------------------------------------------------- */

/* A target calls this before each operation; the last one's blocks do not join the next one's. */
void fuzz_op(void)
{
	ops++;
	new_edges += coverage_fold(cov);
}

static unsigned int input_run(const struct kept *kept)
{
	struct input in = { .data = kept->data, .size = kept->size };

	if (last_fd >= 0) {
		off_t slot = noted++ % LAST_SLOTS * sizeof(*kept);

		if (pwrite(last_fd, kept, sizeof(*kept), slot) < 0)
			err(2, "%s", opt.last);
	}
	coverage_fold(cov);
	new_edges = 0;
	target->run(&in);
	new_edges += coverage_fold(cov);
	__atomic_fetch_add(&totals->inputs, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&totals->ops, ops, __ATOMIC_RELAXED);
	ops = 0;
	return new_edges;
}

static void corpus_add(const struct kept *in)
{
	if (n_corpus == CORPUS_MAX)
		return;
	corpus[n_corpus] = malloc(sizeof(*in));
	if (!corpus[n_corpus])
		err(2, "malloc");
	*corpus[n_corpus++] = *in;
}

/* Keep an input in the folder, under a name that its content gives. */
static void input_keep(const struct kept *in)
{
	u64 name = 0xcbf29ce484222325ULL;
	char path[512];
	int fd;

	__atomic_fetch_add(&totals->distinct, 1, __ATOMIC_RELAXED);
	if (!opt.keep)
		return;
	for (size_t i = 0; i < in->size; i++)
		name = (name ^ in->data[i]) * 0x100000001b3ULL;
	snprintf(path, sizeof(path), "%s/%016llx", opt.keep, (unsigned long long)name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, in->data, in->size) != (ssize_t)in->size)
		err(2, "%s", path);
	close(fd);
}

static void input_read(const char *path, struct kept *in)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		err(2, "%s", path);
	n = read(fd, in->data, INPUT_MAX);
	if (n < 0)
		err(2, "%s", path);
	in->size = n;
	close(fd);
}

static int by_size(const void *a, const void *b)
{
	const struct kept *const *x = a, *const *y = b;

	if ((*x)->size != (*y)->size)
		return (*x)->size < (*y)->size ? -1 : 1;
	return memcmp((*x)->data, (*y)->data, (*x)->size);
}

static void corpus_read(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[512];
	struct kept in;

	if (!dir)
		err(2, "%s", folder);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		input_read(path, &in);
		corpus_add(&in);
	}
	closedir(dir);
	/* not in the order of the folder, which is another one on each machine */
	qsort(corpus, n_corpus, sizeof(corpus[0]), by_size);
}

static void corpus_run(void)
{
	for (unsigned int i = 0; i < n_corpus; i++)
		if (input_run(corpus[i]))
			input_keep(corpus[i]);
}

static void report(double begin, const char *what)
{
	double seconds = now() - begin;

	printf("# %s: %s: %llu inputs, %llu operations in %.0f s (%.0f/s)", target->name, what,
	       (unsigned long long)totals->inputs, (unsigned long long)totals->ops, seconds,
	       totals->ops / (seconds > 0 ? seconds : 1));
	if (totals->seeing)
		printf(", %u edges, %u blocks, %llu distinct inputs", coverage_edges(cov),
		       coverage_blocks(cov), (unsigned long long)totals->distinct);
	else
		printf(", blind");
	printf(", seed %lu\n", opt.seed);
	fflush(stdout);
	if (opt.blocks)
		coverage_write(cov, opt.blocks);
}

/* One process's part: until time is up, or the number of inputs is reached. */
static void work(unsigned long worker, double begin)
{
	double shown = begin;
	struct kept in;

	rand_state = opt.seed * 64 + worker;
	if (opt.last) {
		char path[512];

		snprintf(path, sizeof(path), "%s.%lu", opt.last, worker);
		last_fd = open(path, O_WRONLY | O_CREAT, 0644);
		if (last_fd < 0)
			err(2, "%s", path);
	}
	target->setup();
	if (coverage_start())
		totals->seeing = true;
	corpus_run();
	while (opt.inputs ? totals->inputs < opt.inputs : now() - begin < opt.seconds) {
		input_make(&in);
		if (input_run(&in)) {
			corpus_add(&in);
			input_keep(&in);
		}
		if (!worker && now() - shown >= 60) {
			shown = now();
			report(begin, "so far");
		}
	}
}

static int workers_run(double begin)
{
	int status, bad = 0;

	for (unsigned long worker = 0; worker < opt.workers; worker++) {
		pid_t pid = fork();

		if (pid < 0)
			err(2, "fork");
		if (!pid) {
			work(worker, begin);
			if (target->report)
				target->report();
			exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	report(begin, "end");
	return bad ? 1 : 0;
}

/* One input, or what -l has left of the last ones. */
static void replay_file(const char *path)
{
	FILE *file = fopen(path, "r");
	struct kept in;
	struct stat st;

	if (!file || fstat(fileno(file), &st))
		err(2, "%s", path);
	if (st.st_size <= INPUT_MAX) {
		input_read(path, &in);
		input_run(&in);
	} else {
		while (fread(&in, sizeof(in), 1, file) == 1)
			if (in.size <= INPUT_MAX)
				input_run(&in);
	}
	fclose(file);
}

static int replay(void)
{
	double begin = now();

	target->setup();
	totals->seeing = coverage_start();
	for (unsigned int i = 0; i < opt.n_replay; i++)
		replay_file(opt.replay[i]);
	if (opt.minimize)
		corpus_run();
	report(begin, opt.minimize ? "minimized" : "replayed");
	return 0;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end)
		errx(2, "not a number: %s", text);
	return value;
}

static void option(int letter, const char *value)
{
	switch (letter) {
	case 't':
		opt.seconds = number(value);
		break;
	case 'n':
		opt.inputs = number(value);
		break;
	case 's':
		opt.seed = number(value);
		break;
	case 'j':
		opt.workers = number(value);
		break;
	case 'c':
		opt.corpus = value;
		break;
	case 'o':
		opt.keep = value;
		break;
	case 'l':
		opt.last = value;
		break;
	case 'r':
		if (opt.n_replay == ARRAY_SIZE(opt.replay))
			errx(2, "too many -r");
		opt.replay[opt.n_replay++] = value;
		break;
	case 'b':
		opt.blocks = value;
		break;
	case 'm':
		opt.minimize = true;
		break;
	case 'v':
		fuzz_verbose = true;
		break;
	case '?':
		errx(2, "usage: see the head of fuzz.c");
	default:
		target->option(letter, value);
	}
}

int fuzz_main(int argc, char **argv, const struct fuzz_target *of)
{
	char options[64];
	int letter;

	target = of;
	opt.seed = (unsigned long)time(NULL) & 0xffffff;
	snprintf(options, sizeof(options), "t:n:s:j:c:o:l:r:b:mv%s", target->options);
	while ((letter = getopt(argc, argv, options)) != -1)
		option(letter, optarg);
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (totals == MAP_FAILED)
		err(2, "mmap");
	cov = coverage_alloc();
	if (opt.keep && mkdir(opt.keep, 0755) && errno != EEXIST)
		err(2, "%s", opt.keep);
	if (opt.corpus)
		corpus_read(opt.corpus);
	if (opt.n_replay || opt.minimize)
		return replay();
	return workers_run(now());
}
