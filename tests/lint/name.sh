#!/bin/sh
# The file's name is the prefix of every symbol that is not static: all of room.c's is room_….
set -eu
: "${BUILD:?}"

for file in shared/*.c fcgi-api/*.c ws-daemon/*.c admin/*.c; do
	object="$BUILD/${file%.c}.o"
	if ! [ -f "$object" ]; then
		echo "$file:1: is not built in $BUILD"
		continue
	fi
	stem=$(basename "$file" .c)
	nm --defined-only --extern-only --format=posix "$object" | while read -r symbol _; do
		case $symbol in
		"$stem" | "$stem"_* | main | __*) continue ;;
		esac
		line=$(grep -n "^$symbol(" "$file" | head -n 1 | cut -d: -f1)
		echo "$file:${line:-1}: $symbol does not begin with ${stem}_"
	done
done
