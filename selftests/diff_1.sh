#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Half of the cases of diff.sh, which take as long as all other tests together.

exec "$(dirname "$0")/diff.sh" --part 1/2
