#!/bin/sh
# Runs the fuzz targets, two at a time, and says what came of it.
#
#	BUILD=DIR sh tests/fuzz/run.sh SECONDS [TARGET]...
#
# What a target learns stays in BUILD/corpus/TARGET for the next run; what makes it fail is kept in BUILD/findings/,
# and makes this fail, too. JOBS=1 leaves the other core to somebody else.
set -eu
cd "$(dirname "$0")/../.."

: "${BUILD:?}"
each=${1:?usage: run.sh SECONDS [TARGET]...}
shift
jobs=${JOBS:-2}

if [ $# -eq 0 ]; then
	for program in "$BUILD"/tests/fuzz_*; do
		case $program in *.*) ;; *) set -- "$@" "${program##*/fuzz_}" ;; esac
	done
fi
mkdir -p "$BUILD/findings" "$BUILD/log"

# One target; its word is in the log's last lines, see report.
fuzz() {
	dict=tests/fuzz/dict/$1.dict
	[ ! -f "$dict" ] || set -- "$1" "-dict=$dict"
	mkdir -p "$BUILD/corpus/$1"
	nice "$BUILD/tests/fuzz_$1" -max_total_time="$each" -timeout=10 -rss_limit_mb=1500 -max_len=8192 \
		-artifact_prefix="$BUILD/findings/$1-" -print_final_stats=1 ${2:+"$2"} \
		"$BUILD/corpus/$1" "tests/fuzz/corpus/$1" >"$BUILD/log/$1" 2>&1 ||
		echo "ended with $?" >>"$BUILD/log/$1"
}

# The last number after $2 in the log of target $1.
figure() {
	sed -n "s/.*$2 *\([0-9][0-9]*\).*/\1/p" "$BUILD/log/$1" | tail -n 1
}

report() {
	runs=$(figure "$1" 'stat::number_of_executed_units:')
	kept=$(sed -n 's/.*Test unit written to //p' "$BUILD/log/$1")
	printf '%-10s %12s executions  %5s edges  %5s inputs kept  ' "$1" "${runs:-?}" "$(figure "$1" 'cov:')" \
		"$(find "$BUILD/corpus/$1" -type f | wc -l)"
	total=$((total + ${runs:-0}))
	if grep -q '^ended with' "$BUILD/log/$1"; then
		echo "FINDING ${kept:-, see $BUILD/log/$1}"
		findings=$((findings + 1))
		tail -n 40 "$BUILD/log/$1" | sed 's/^/    | /'
	else
		echo ok
	fi
}

total=0 findings=0 started=0
waiting=
for target; do
	fuzz "$target" &
	started=$((started + 1))
	waiting="$waiting $target"
	if [ $((started % jobs)) -eq 0 ] || [ "$started" -eq $# ]; then
		wait
		for done in $waiting; do
			report "$done"
		done
		waiting=
	fi
done
echo "fuzz: $# targets, $each s each, $total executions, $findings findings"
[ "$findings" -eq 0 ]
