# SPDX-License-Identifier: GPL-2.0
#
# A kernel's log without what it says of an allocation that failed: a line of these and the
# stack that follows it, if one does within three lines. Another report is never left out.

/BUG: |WARNING: |INFO: / {
	expecting = skipping = 0
}

skipping {
	if (/<\/TASK>/)
		skipping = 0
	next
}

/vmalloc error|percpu: allocation failed|page allocation failure|failed with error -12/ {
	expecting = 3
	next
}

expecting && /CPU: [0-9]+ PID: / {
	expecting = 0
	skipping = 1
	next
}

expecting {
	expecting--
}

{
	print
}
