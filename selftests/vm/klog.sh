# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel's log says of the module: one judgement for the virtual machine as a whole
# (stage2), for each program (ktest-guest.sh), and for programs that look themselves. To be
# sourced, in the VM.
#
# Programs are told apart by lines that are written into the log: klog_begin's, and klog_judged's
# for one whose part has complaints that were expected.

# klog_begin NAME: what follows in the log is NAME's.
klog_begin()
{
	echo "lvs-test: begin $1" > /dev/kmsg
}

# klog_judged: what has come since the last klog_begin has been looked at; nobody else is to.
klog_judged()
{
	echo "lvs-test: judged" > /dev/kmsg
}

# klog [last]: the log, or its part since the last klog_begin, without what was judged and what
# the kernel says of itself: races of data that KCSAN finds elsewhere, and lists that nf_tables of
# 6.1 walks under a lock of which lockdep has not been told.
klog()
{
	dmesg | awk -v last="${1:-}" '
		{ line[NR] = $0 }
		/lvs-test: begin / { begin = NR }
		/lvs-test: judged/ {
			for (i = begin; i <= NR; i++)
				delete line[i]
		}
		/BUG: KCSAN: / && !/\[(lvs|lvs_ct|lvs_ftp|xt_lvs)\]/ { end = "=========="; from = NR }
		/net\/netfilter\/(nf_tables|nft_)[a-z_]*\.c:[0-9]+ RCU-list traversed/ {
			end = "</TASK>"
			from = NR - 4
		}
		end != "" && index($0, end) && NR > from {
			while (from <= NR)
				delete line[from++]
			end = ""
		}
		END {
			for (i = last != "" ? begin : 1; i <= NR; i++)
				if (i in line)
					print line[i]
		}'
}

# klog_complaints: those lines of standard input that a kernel prints only when something is
# wrong, but does not panic for. Returns as grep does: only 1 says that there is none.
klog_complaints()
{
	grep -E -e 'BUG: |WARNING: |KASAN|KCSAN|UBSAN|kmemleak: [1-9]' \
		-e 'unregister_netdevice: waiting|INFO: task .* blocked|Call Trace|refcount_t: ' \
		-e 'possible recursive locking|suspicious RCU|leaked reference'
}
