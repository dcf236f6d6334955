// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: persistence engines
 *
 * What a client's packets say, and not only where they come from, may tell which of them belong together. There is one such
 * engine, for SIP.
 */
#include <linux/string.h>

#include "pe.h"

/**
 * lvs_pe_find - find a persistence engine
 * @name: its name
 *
 * Context: any. Return: the engine, or NULL.
 */
const struct lvs_pe_ops *lvs_pe_find(const char *name)
{
	return strcmp(name, lvs_pe_sip.name) ? NULL : &lvs_pe_sip;
}
