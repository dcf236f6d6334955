// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: templates with PE data
 *
 * What a persistence engine found in a client's packet may have 255 bytes, and does not fit into a key of the conn table. The
 * key has a keyed digest of 32 bits of it, where flows have their client port; the data themselves lie with the template,
 * and are compared when it has been found. Of the same client and service there may be several of one digest: they stand at
 * the numbers that follow it. So look-up and insert are those of any conn, and nobody who chooses data chooses who meets.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../net.h"
#include "conn.h"
#include "template.h"

/* Numbers from the digest on where a template may stand. */
#define LVS_TEMPLATE_PLACES 4

static siphash_key_t template_secret __read_mostly;

/**
 * lvs_template_seed - draw the key of the digest; once, before there is any template
 */
void lvs_template_seed(void)
{
	get_random_bytes(&template_secret, sizeof(template_secret));
}

static u32 template_digest(const struct lvs_template_key *tk)
{
	return siphash(tk->pe.at, tk->pe.len, &template_secret);
}

static void key_set_digest(union lvs_key *key, u8 af, u32 digest)
{
	__be16 high = (__force __be16)(u16)(digest >> 16);

	if (af == AF_INET) {
		key->v4.sport = high;
		key->v4.digest = digest;
	} else {
		key->v6.sport = high;
		key->v6.digest = digest;
	}
}

static bool has_data(const struct lvs_conn *tmpl, const struct lvs_pe_found *pe)
{
	return tmpl->pe->len == pe->len && !memcmp(tmpl->pe->bytes, pe->at, pe->len);
}

/**
 * lvs_template_lookup - find a template
 * @ln: namespace
 * @af: family
 * @tk: what it is; its digest is written
 *
 * Context: as lvs_conn_lookup(). Return: likewise.
 */
struct lvs_conn *lvs_template_lookup(struct lvs_net *ln, u8 af, struct lvs_template_key *tk)
{
	struct lvs_conn *tmpl;
	enum lvs_dir dir;
	u32 digest, i;

	if (likely(!tk->pe.len))
		return lvs_conn_lookup(ln, af, &tk->key, &dir);
	digest = template_digest(tk);
	for (i = 0; i < LVS_TEMPLATE_PLACES; i++) {
		key_set_digest(&tk->key, af, digest + i);
		tmpl = lvs_conn_lookup(ln, af, &tk->key, &dir);
		/* one before it may have gone */
		if (tmpl && has_data(tmpl, &tk->pe))
			return tmpl;
	}
	return NULL;
}

static struct lvs_pe_data *data_alloc(const struct lvs_pe_found *found)
{
	struct lvs_pe_data *pe = kmalloc(struct_size(pe, bytes, found->len), GFP_ATOMIC | __GFP_NOWARN);

	if (!pe)
		return NULL;
	pe->len = found->len;
	memcpy(pe->bytes, found->at, found->len);
	return pe;
}

/**
 * lvs_template_reserve - make a template, or find it
 * @ln: namespace
 * @af: family
 * @tk: what it is; its digest is written
 * @found: set when there is one already
 *
 * Context: RCU, BH off.
 * Return: as lvs_conn_reserve(), and ERR_PTR(-EBUSY) if others of its digest have all its places.
 */
struct lvs_conn *lvs_template_reserve(struct lvs_net *ln, u8 af, struct lvs_template_key *tk, struct lvs_conn **found)
{
	struct lvs_conn *tmpl = NULL;
	struct lvs_pe_data *pe;
	u32 digest, i;

	if (likely(!tk->pe.len))
		return lvs_conn_reserve(ln, af, &tk->key, 1, found);
	pe = data_alloc(&tk->pe);
	if (!pe)
		return ERR_PTR(-ENOMEM);
	digest = template_digest(tk);
	for (i = 0; i < LVS_TEMPLATE_PLACES; i++) {
		key_set_digest(&tk->key, af, digest + i);
		tmpl = lvs_conn_reserve_pe(ln, af, &tk->key, pe, found);
		if (tmpl || has_data(*found, &tk->pe))
			break;
	}
	if (IS_ERR_OR_NULL(tmpl))
		kfree(pe);
	return i < LVS_TEMPLATE_PLACES ? tmpl : ERR_PTR(-EBUSY);
}
