/* SPDX-License-Identifier: GPL-2.0 */
/* What the tool needs of the outside world; tests put their own in place. */
#ifndef LVSADM_TRANSPORT_H
#define LVSADM_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* longest datagram the kernel makes for a dump */
#define TRANSPORT_BUF	32768

int transport_open(uint32_t *portid);
void transport_close(void);
int transport_send(const void *buf, size_t len);
ssize_t transport_recv(const void **buf);
void transport_load_module(void);
const char *transport_conn_file(void);

#endif
