#!/bin/sh
# C in the style of .clang-format, in which two things are the author's: where a line is broken, and how
# much white space stands inside it, so that columns can be aligned by hand.
#
#	tests/lint/format.sh [FILE]...		says what differs
#	tests/lint/format.sh --fix [FILE]...	changes it
set -eu
cd "$(dirname "$0")/../.."

WIDTH=120

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fix=
if [ "${1:-}" = --fix ]; then
	fix=yes
	shift
fi
[ $# -gt 0 ] || set -- shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch] docs/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/load/*.[ch] tests/bench/peers/*/*.c

squeezed() {
	sed 's/\([^[:space:]]\)[[:space:]]\{1,\}/\1 /g; s/[[:space:]]*$//' "$1"
}

for file; do
	[ -f "$file" ] || continue
	squeezed "$file" >"$scratch/is"
	clang-format --style=file "$file" >"$scratch/formatted"
	squeezed "$scratch/formatted" >"$scratch/should"
	: >"$scratch/patch"
	diff -U0 "$scratch/is" "$scratch/should" |
		awk -v FILE="$file" -v PATCH="$scratch/patch" -f tests/lint/format.awk >"$scratch/findings"
	if [ -z "$fix" ]; then
		cat "$scratch/findings"
	elif [ -s "$scratch/patch" ]; then
		patch -s -l --no-backup-if-mismatch "$file" "$scratch/patch"
	fi
	expand "$file" | awk -v file="$file" -v width="$WIDTH" \
		'length > width { print file ":" NR ": wider than " width " columns" }'
	awk -v file="$file" '/[ \t]$/ { print file ":" NR ": space at the end of the line" }' "$file"
done
