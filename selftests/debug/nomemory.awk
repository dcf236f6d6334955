# SPDX-License-Identifier: GPL-2.0
#
# A kernel's log without what it says of an allocation that failed: a line of these and the
# stack that follows it.

/vmalloc error|percpu: allocation failed|page allocation failure|failed with error -12/ {
	skipping = 1
}

!skipping

/<\/TASK>/ {
	skipping = 0
}
