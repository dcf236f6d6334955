/* SPDX-License-Identifier: GPL-2.0 */
/* JSON on standard output. */
#ifndef LVSADM_JSON_H
#define LVSADM_JSON_H

#include <stdbool.h>
#include <stdint.h>

/* @name is NULL for elements of arrays and for the outermost object */
void json_open(const char *name, char bracket);
void json_close(char bracket);
void json_string(const char *name, const char *value);
void json_uint(const char *name, uint64_t value);
void json_int(const char *name, int64_t value);
void json_bool(const char *name, bool value);
void json_end(void);

#endif
