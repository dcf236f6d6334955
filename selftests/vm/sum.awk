# SPDX-License-Identifier: GPL-2.0
#
# Count results in KTAP.  A program's own results (behind "# ") count, not the
# line that sums it up; that one counts when the program printed none, or failed
# although all its results were good, or did not run all that it had planned.

function outcome(line)
{
	if (line ~ /^ok .*# SKIP/) {
		skipped++
		skips[skipped] = program line
	} else if (line ~ /^ok /) {
		passed++
	} else {
		failed++
		failures[failed] = program line
	}
}

/^# selftests: / {
	program = $4 ": "
	inner = inner_failed = planned = 0
	next
}

/^# second try: / {
	again[++tries] = $4
	next
}

/^# 1\.\.[0-9]+/ {
	planned = substr($2, 4) + 0
	next
}

program != "" && /^# (not )?ok / {
	inner++
	inner_failed += /^# not ok /
	outcome(substr($0, 3))
	next
}

/^(not )?ok / && program != "" {
	if (inner == 0)
		outcome($0)
	else if (/^not ok / && !inner_failed)
		outcome($0)
	else if (planned != inner)
		outcome("not ok ran " inner " of " planned " tests")
	program = ""
	next
}

/^(not )?ok / {
	outcome($0)
}

END {
	if (failed || skipped || tries)
		print ""
	for (i = 1; i <= tries; i++)
		print "run a second time, alone: " again[i]
	for (i = 1; i <= skipped; i++)
		print "skipped: " skips[i]
	for (i = 1; i <= failed; i++)
		print "FAILED: " failures[i]
	printf "%d passed, %d failed", passed, failed
	if (skipped)
		printf ", %d skipped", skipped
	print ""
	exit failed > 0 || passed == 0 || (skipped > 0 && strict)
}
