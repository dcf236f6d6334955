#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random walks on the kernel's own ip_vs and on lvs, compared step by step: see diff/walk.py.
#
# usage: diff_walk.sh [--seed N] [--walks N] [--steps N]

exec "$(dirname "$0")/diff.sh" --walks 30 "$@"
