/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_EDIT_PRIV_H
#define _LVS_EDIT_PRIV_H

#include "edit.h"
#include "service.h"

/* what service/edit.c and service/dest_edit.c share */
struct lvs_service *lvs_edit_find(struct lvs_net *ln, const struct lvs_svc_key *key, struct netlink_ext_ack *extack);
struct lvs_service_conf *lvs_conf_alloc(const struct lvs_service_conf *like, struct lvs_pool *pool);
void lvs_conf_discard(struct lvs_service_conf *conf);
void lvs_conf_publish(struct lvs_service *svc, struct lvs_service_conf *conf);
void lvs_dest_unlist(struct lvs_dest *dest);
void lvs_dests_unlisted(struct lvs_net *ln);

#endif
