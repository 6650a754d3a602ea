#!/bin/sh
# Three readers of the source: gcc's analyzer, cppcheck and clang-tidy. Takes minutes, so that it is no part of lint.
#
#	tests/analyze.sh [gcc|cppcheck|tidy]...
#
# What they take for mistakes and is none stands, with the reason, in tests/analyze/ and .clang-tidy, or at its line
# (NOLINT). Each finding is a line; the status is 1 if there is one.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- gcc cppcheck tidy
jobs=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# __FILE__: some text
FLAGS='-std=c11 -D_GNU_SOURCE -DUNIO_VERSION=__FILE__ -DUNIO_CONF_DEFAULT=__FILE__ -iquote shared'

sources() {
	find shared fcgi-api ws-daemon hook-daemon admin -name '*.c' | sort
}

# Its warnings, as "file:line: kind in function", without those that tests/analyze/gcc explains.
run_gcc() {
	# shellcheck disable=SC2016,SC2086 # a script of its own; a list of words
	sources | LC_ALL=C xargs -P "$jobs" -I % sh -c 'gcc "$@" -O2 -fanalyzer -c -o /dev/null % 2>"$0/$(echo % | tr / _)"' \
		"$work" $FLAGS || :
	cat "$work"/*.c | awk '
		NR == FNR { if ($1 !~ /^#/) known[$1 " " $2 " " $3] = 1; next }
		/In function/ { split($0, part, "\047"); where = part[2] }
		/ error: / { print }
		/warning:.*-Wanalyzer-/ {
			file = $1; sub(/:.*/, "", file)
			kind = $0; sub(/.*-Wanalyzer-/, "", kind); sub(/\].*/, "", kind)
			if (!((file " " where " " kind) in known))
				print $1 " " kind " in " where "()"
		}' tests/analyze/gcc -
}

run_cppcheck() {
	cppcheck --quiet --std=c11 --language=c --enable=warning,portability,performance --inconclusive -j "$jobs" \
		--suppressions-list=tests/analyze/cppcheck --suppress=missingIncludeSystem -Ishared -D_GNU_SOURCE \
		--include=tests/analyze/cppcheck.h \
		--template='{file}:{line}: {id}: {message}' shared fcgi-api ws-daemon hook-daemon admin 2>&1
}

run_tidy() {
	# shellcheck disable=SC2086 # a list of words
	sources | xargs -P "$jobs" -I % clang-tidy --quiet % -- $FLAGS 2>/dev/null | grep -E ' (warning|error): ' || :
}

for reader; do
	"run_$reader" >>"$work/findings"
done
if [ -s "$work/findings" ]; then
	cat "$work/findings"
	echo "analyze: $(wc -l <"$work/findings") findings"
	exit 1
fi
echo "analyze: $* without findings"
