#!/bin/sh
# C in the style of .clang-format, but for the width of white space inside a line: columns may be aligned by hand.
#
#	tests/lint/format.sh			says what differs
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
[ $# -gt 0 ] || set -- shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] admin/*.[ch] tests/unit/*.[ch]

squeezed() {
	sed 's/\([^[:space:]]\)[[:space:]]\{1,\}/\1 /g; s/[[:space:]]*$//' "$1"
}

# A line for each run of lines that is not what it should be.
differences() {
	diff -U0 "$scratch/is" "$scratch/should" |
		sed -n "s|^@@ -\([0-9]*\)[, ].*|$1:\1: not as clang-format has it|p"
}

for file; do
	[ -f "$file" ] || continue
	squeezed "$file" >"$scratch/is"
	clang-format --style=file "$file" >"$scratch/formatted"
	squeezed "$scratch/formatted" >"$scratch/should"
	if ! cmp -s "$scratch/is" "$scratch/should"; then
		if [ "$fix" ]; then
			diff -u "$scratch/is" "$scratch/should" >"$scratch/patch" || :
			patch -s -l --no-backup-if-mismatch "$file" "$scratch/patch"
		else
			differences "$file"
		fi
	fi
	expand "$file" | awk -v file="$file" -v width="$WIDTH" \
		'length > width { print file ":" NR ": wider than " width " columns" }'
	awk -v file="$file" '/[ \t]$/ { print file ":" NR ": space at the end of the line" }' "$file"
done
