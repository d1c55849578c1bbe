# SPDX-License-Identifier: BSD-3-Clause
#
# Prints the kernel's reports of its own or a driver's faults found in a console log: warnings, oopses, lockdep and KASAN
# reports, hung tasks, stalls, DMA faults. Exits with 1 if there are any that are not allowed.
#   awk -v allowed=FILE -v context=LINES -f kernel-messages.awk CONSOLE
# FILE holds one extended regular expression a line; what matches the headline of a report allows the report.

function is_headline(text) {
	# What a process of the guest did to itself is that process's business, not the kernel's.
	if (text ~ /^traps: /)
		return 0
	return text ~ /^(WARNING|BUG|Oops|Kernel panic|Internal error|general protection fault|double fault)/ ||
		text ~ /BUG: |(^|[^a-z])Oops: |general protection fault|unable to handle/ ||
		text ~ /^INFO: (task .* blocked|possible recursive|rcu|trying to register non-static key|lockdep)/ ||
		text ~ /^rcu: INFO: .*stall/ || text ~ /soft lockup|hard LOCKUP/ ||
		text ~ /^UBSAN: |^KASAN: |^kmemleak: .* new suspected memory leaks/ ||
		text ~ /^list_(add|del) corruption|refcount_t: |sleeping function called from invalid context/ ||
		text ~ /^(DMAR|AMD-Vi): .*([Ff]ault|FAULT)/ || text ~ /^vfio.*: .*Unable to change power state/
}

BEGIN {
	if (context == "")
		context = 12
	while (allowed != "" && (getline expression < allowed) > 0)
		if (expression != "")
			allowlist[++allowlist_length] = expression
	# Reports are told apart by this distance: a call trace so close to a headline belongs to it.
	report_lines = 150
	headline_at = -report_lines
}

{
	sub(/\r$/, "")
	text = $0
	# "[   12.345678] text", with the caller "[ T123]" on kernels that print it.
	if (!sub(/^(<[0-9]+>)?\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? /, "", text))
		next
	headline = is_headline(text)
	if (!headline && text ~ /^ *Call Trace:/ && NR - headline_at > report_lines)
		headline = 1
	if (headline) {
		headline_at = NR
		show = 0
		for (i = 1; i <= allowlist_length; i++)
			if (text ~ allowlist[i])
				next
		failed = 1
		show = context
	}
	if (show-- > 0)
		print
	else
		show = 0
}

END {
	exit failed
}
