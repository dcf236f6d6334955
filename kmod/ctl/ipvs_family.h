/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_IPVS_FAMILY_H
#define _LVS_IPVS_FAMILY_H

int lvs_ipvs_family_register(void);
void lvs_ipvs_family_unregister(void);

#endif
