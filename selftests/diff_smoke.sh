#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A few cases of diff.sh, for each run of the tests.

exec "$(dirname "$0")/diff.sh" --smoke
