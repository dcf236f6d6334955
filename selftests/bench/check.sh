#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Has lvs become slower?  Measures packets of lvs and plain forwarding in one boot, and
# compares lvs / forwarding, net of source and sink, with what is committed in `ratios'.
# More than 3 % above that fails.  Such ratios repeat within 1 % on any machine.
# usage: check.sh [REBASE]
#   REBASE  write what was measured to `ratios'; the commit has to say why

set -euo pipefail
here=$(dirname "$0")
. "$here/../vm/common.sh"

out=$(mktemp -d "$LVS_CACHE/check.XXXXXX")
trap 'rm -rf "$out"' EXIT
"$here/bench.sh" -c 10000 -o "$out" check
python3 "$here/check.py" "$out/check.csv" "$here/ratios" ${1:+--rebase}
