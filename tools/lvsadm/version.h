/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVSADM_VERSION_H
#define LVSADM_VERSION_H

#define LVSADM_VERSION	"0.1"

#endif
