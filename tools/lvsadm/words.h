/* SPDX-License-Identifier: GPL-2.0 */
/* The names of protocols, forwarding methods, tunnels and service flags. */
#ifndef LVSADM_WORDS_H
#define LVSADM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEFAULT_SCHEDULER	"wlc"
#define DEFAULT_PERSISTENCE	360
#define MAX_TIMEOUT		(31 * 24 * 60 * 60)

/**
 * enum flag_result - the outcome of reading a list of scheduler flags
 * @FLAGS_OK: all known and fitting
 * @FLAGS_UNKNOWN: no scheduler has such a flag
 * @FLAGS_WRONG_SCHEDULER: another scheduler has it
 */
enum flag_result { FLAGS_OK = 0, FLAGS_UNKNOWN, FLAGS_WRONG_SCHEDULER };

const char *proto_name(uint16_t proto);
const char *proto_service_name(uint16_t proto);
const char *fwd_short_name(uint32_t fwd_method);
const char *fwd_list_name(uint32_t fwd_method);
const char *tun_type_name(uint8_t type);
bool tun_type_parse(const char *name, uint8_t *type);
enum flag_result sched_flags_parse(const char *list, const char *sched,
				   uint32_t *flags, char *bad, size_t size);
const char *sched_flag_name(const char *sched, uint32_t flag);
size_t sched_flags_format(uint32_t flags, const char *sched, char *buf,
			  size_t size);

extern const uint32_t sched_flag_bits[3];

#endif
