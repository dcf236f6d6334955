// SPDX-License-Identifier: GPL-2.0
/*
 * Edits of a pool, picks from it and failures of memory in any order, against an
 * array of what should be in it.
 */
#include "fuzz.h"
#include "pools.h"

#define DESTS 300	/* several chunks */

static const char * const scheds[] = { "rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "dh", "sh", "mh", "twos",
					"lblc", "lblcr", "none" };

/* these find a dest if there is any that may be used */
#define N_SURE 7

static struct lvs_sched_state state;
static struct lvs_pool_entry model[DESTS];
static unsigned int n_model;
static struct lvs_pool *pool;
static unsigned int sched;

static void check_model(void)
{
	struct lvs_pool_iter it;
	unsigned int i = 0;

	CHECK_EQ(pool->n_dests, n_model);
	lvs_pool_for_each(it, pool) {
		CHECK(!memcmp(it.entry, &model[i], sizeof(model[i])));
		i++;
	}
	CHECK_EQ(i, n_model);
}

/* Puts @new in force, with the table of scheduler @n; if that fails nothing has changed. */
static bool commit_sched(struct lvs_pool *new, unsigned int n)
{
	int err = PTR_ERR(new);

	if (!IS_ERR(new)) {
		err = lvs_sched_attach(new, lvs_sched_find(scheds[n]), AF_INET, GFP_KERNEL);
		if (err)
			lvs_pool_discard(new);
	}
	unit_fail_at = -1;
	if (IS_ERR(new) || err) {
		CHECK_EQ(err, -ENOMEM);
		check_model();
		return false;
	}
	lvs_pool_retire(pool, new);
	pool = new;
	sched = n;
	return true;
}

static bool commit(struct lvs_pool *new)
{
	return commit_sched(new, sched);
}

static void model_add(struct lvs_dest *dest, u32 weight)
{
	dest->weight = weight;
	memmove(model + 1, model, n_model * sizeof(*model));
	model[0] = (struct lvs_pool_entry){ dest, weight, weight };
	n_model++;
}

/* Adds the first @n dests that are not in the pool; one snapshot for all of them is put in force. */
static void add(unsigned int n, u32 weight)
{
	struct lvs_dest *added[DESTS];
	struct lvs_pool *new = pool;
	unsigned int i, count = 0;

	weight &= INT_MAX;
	for (i = 0; i < DESTS && count < n; i++) {
		struct lvs_pool *next;

		if (lvs_pool_lookup(new, &unit_dest[i]))
			continue;
		next = lvs_pool_add(new, &unit_dest[i], weight, GFP_KERNEL);
		if (new != pool)
			lvs_pool_discard(new);
		new = next;
		if (IS_ERR(new))
			break;
		added[count++] = &unit_dest[i];
	}
	if (new != pool && commit(new))
		for (i = 0; i < count; i++)
			model_add(added[i], weight);
}

static void remove_at(unsigned int at)
{
	struct lvs_dest *dest;

	if (!n_model)
		return;
	at %= n_model;
	dest = model[at].dest;
	if (!commit(lvs_pool_remove(pool, dest, GFP_KERNEL)))
		return;
	n_model--;
	memmove(model + at, model + at + 1, (n_model - at) * sizeof(*model));
	CHECK(!lvs_pool_lookup(pool, dest));
}

static void reweight_at(unsigned int at, u32 weight)
{
	weight &= INT_MAX;
	if (!n_model)
		return;
	at %= n_model;
	if (!commit(lvs_pool_reweight(pool, model[at].dest, weight, GFP_KERNEL)))
		return;
	model[at].weight = weight;
	model[at].dest->weight = weight;
	if (weight)
		model[at].last_weight = weight;
}

static void pick(struct script *s)
{
	union nf_inet_addr client = { .ip = script_u16(s) }, vip = { .ip = 1 };
	struct lvs_dest *avoid[2] = { &unit_dest[script_u8(s)], &unit_dest[script_u8(s)] };
	struct lvs_sched_key key = {
		.af = AF_INET, .svc_flags = (u32)(script_u8(s) & 0x1f) << 3, .saddr = &client, .daddr = &vip,
		.sport = script_u8(s), .dport = 80, .avoid = avoid, .n_avoid = script_u8(s) % 3,
	};
	const struct lvs_dest *dest = lvs_sched_pick(pool, &state, &key);
	unsigned int i;

	if (dest)
		CHECK(lvs_sched_can_use(lvs_pool_lookup(pool, dest), &key));
	if (!dest && sched < N_SURE)
		for (i = 0; i < n_model; i++)
			CHECK(!lvs_sched_can_use(&model[i], &key));
}

static void load(struct lvs_dest *dest, u8 active, u8 inactive, bool full)
{
	atomic_set(&dest->active, active * active);
	atomic_set(&dest->inactive, inactive * inactive);
	unit_overload(dest, full);
}

static void step(struct script *s)
{
	unsigned int n;
	u32 weight;

	switch (script_u8(s) % 9) {
	case 0:
		add(1, script_number(s));
		break;
	case 1:
		weight = script_number(s);
		add(script_u8(s), weight);
		break;
	case 2:
		remove_at(script_u16(s));
		break;
	case 3:
		n = script_u16(s);
		reweight_at(n, script_number(s));
		break;
	case 4:
		unit_fail_at = script_u8(s) % 16;
		break;
	case 5:
		n = script_u8(s) % ARRAY_SIZE(scheds);
		commit_sched(lvs_pool_clone(pool, GFP_KERNEL), n);
		break;
	case 6:
		for (n = script_u8(s) % 8; n; n--)
			pick(s);
		break;
	case 7:
		n = script_u16(s);
		load(&unit_dest[n % DESTS], script_u8(s), script_u8(s), n & 0x8000);
		break;
	default:
		unit_grace_period();
		lvs_pool_throttle();
	}
}

/* unit_begin() for as many dests as there are. */
static void dests_begin(void)
{
	unsigned int i;

	memset(unit_dest, 0, DESTS * sizeof(*unit_dest));
	for (i = 0; i < DESTS; i++) {
		unit_dest[i].key.addr.ip = htonl(0x0a000000 + i * 7 + 1);
		unit_dest[i].key.af = AF_INET;
		unit_dest[i].state = BIT(LVS_DEST_AVAILABLE);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct script s = { .at = data, .end = data + size };

	fuzz_seed(1);
	unit_fail_at = -1;
	dests_begin();
	memset(&state, 0, sizeof(state));
	n_model = 0;
	sched = ARRAY_SIZE(scheds) - 1;
	pool = lvs_pool_alloc(GFP_KERNEL);
	while (!script_done(&s))
		step(&s);
	unit_fail_at = -1;
	check_model();
	lvs_pool_retire(pool, NULL);
	rcu_barrier();
	unit_end();
	CHECK_EQ(unit_live_blocks, 0);
	return 0;
}

void fuzz_write_seeds(const char *folder)
{
	unsigned int i;

	/* a scheduler; dests of three weights; 5 picks; weights change, one goes, one fails; 5 picks */
	for (i = 0; i < ARRAY_SIZE(scheds); i++) {
		const u8 input[] = { 5, i, 1, 1, 3, 0, 200, 1, 7, 130, 6, 5, 1, 2, 3, 4, 5, 6, 0, 2, 3, 4, 5, 6, 7, 1,
				     3, 0, 1, 9, 2, 0, 2, 4, 1, 0, 5, 8, 7, 0, 1, 9, 9, 6, 5, 1, 2, 3, 4, 5, 6, 2 };

		fuzz_write_seed(folder, i, input, sizeof(input));
	}
}
