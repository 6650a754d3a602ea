#!/bin/sh
# No variable outlives a function, but the log's own and one sig_atomic_t for each file that handles signals.
set -eu
: "${BUILD:?}"

for file in shared/*.c fcgi-api/*.c ws-daemon/*.c hook-daemon/*.c admin/*.c; do
	object="$BUILD/${file%.c}.o"
	[ "$file" != shared/log.c ] || continue
	[ -f "$object" ] || continue
	# Sections of data that is written to; .data.rel.ro holds constants that point somewhere.
	objdump -t "$object" |
		awk '$3 == "O" || $2 == "O" {
			section = $(NF - 2)
			if (section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && section !~ /^\.data\.rel\.ro/ && $NF !~ /^__/)
				print $NF
		}' |
		while read -r symbol; do
			name=${symbol%%.*}
			line=$(grep -nE "(^|[[:space:]*])$name\b.*[;=]" "$file" | head -n 1 | cut -d: -f1)
			if ! grep -qE "volatile sig_atomic_t[[:space:]]+$name\b" "$file"; then
				echo "$file:${line:-1}: $name is a mutable global"
			fi
		done
	signals=$(grep -cE '^static volatile sig_atomic_t' "$file") || :
	[ "$signals" -le 1 ] || echo "$file:1: $signals variables of signal handlers; one says it all"
done
