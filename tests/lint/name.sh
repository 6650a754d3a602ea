#!/bin/sh
# The file's name is the prefix of every symbol that is not static: all of room.c's is room_….
set -eu
: "${BUILD:?}"

for file in shared/*.c fcgi-api/*.c ws-daemon/*.c hook-daemon/*.c admin/*.c; do
	object="$BUILD/${file%.c}.o"
	if ! [ -f "$object" ]; then
		echo "$file:1: is not built in $BUILD"
		continue
	fi
	stem=$(basename "$file" .c)
	nm --defined-only --extern-only --format=posix "$object" | while read -r symbol _; do
		case $symbol in
		_lws_log) continue ;;	# in a library's place (wslog.h)
		"$stem" | "$stem"_* | main | __*) continue ;;
		esac
		line=$(grep -n "^$symbol(" "$file" | head -n 1 | cut -d: -f1)
		echo "$file:${line:-1}: $symbol does not begin with ${stem}_"
	done
done

for file in shared/*.c fcgi-api/*.c ws-daemon/*.c hook-daemon/*.c admin/*.c tests/unit/*.[ch]; do
	awk -v file="$file" '
		/^[A-Za-z]/ { head = $0; line = NR }
		/^{/ && head !~ /^[a-z_][A-Za-z0-9_]*\(/ && head ~ /\(/ {
			print file ":" line ": the name of the function does not begin the line"
		}' "$file"
done
