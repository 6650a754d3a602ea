#!/bin/sh
# Line coverage of the programs' own code, per file and in all, from the counters that a
# build with COVERAGE=1 in the directory BUILD has left.
#
#	sh tests/coverage.sh BUILD
#
# COVERAGE_MIN (85) is the percentage below which it fails.  A process writes its counters when
# it exits; one that is killed by SIGKILL counts for nothing.  Lines that are never reached are
# listed in BUILD/coverage.txt.
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
	echo 'usage: coverage.sh BUILD' >&2
	exit 2
fi
build=$1
minimum=${COVERAGE_MIN:-85}
lines=$build/coverage.lines

# One line per source line that has code: "FILE COUNT NUMBER SOURCE".  A file that no test has
# linked has no counters; gcov then takes all of its lines as not run, and so do we.
: >"$lines"
for folder in shared fcgi-api ws-daemon hook-daemon; do
	for source in "$folder"/*.c; do
		object=$build/${source%.c}
		[ -f "$object.gcno" ] || continue
		gcov --stdout --object-directory "$object.gcda" "$source" 2>/dev/null |
		    awk -v file="$source" '
			/^ *-: *0:Source:/ { sub(/^.*Source:/, ""); ours = $0 == file; next }
			ours && $1 !~ /^-:/ && match($0, /^ *[^:]*: *[0-9]+:/) {
				split($0, part, ":")
				sub(/^ */, "", part[1]); sub(/^ */, "", part[2])
				print file, (part[1] ~ /^[0-9]/ ? 1 : 0), part[2], substr($0, RLENGTH + 1)
			}' >>"$lines"
	done
done

awk '$2 == 0 { print $1 ":" $3 ":" substr($0, length($1 $2 $3) + 4) }' "$lines" >"$build/coverage.txt"
awk -v minimum="$minimum" '
	function show(name, hit, all) {
		printf "%-40s %6.1f %% of %5d lines\n", name, all ? 100 * hit / all : 100, all
	}
	!($1 in count) { order[++files] = $1 }
	{ count[$1]++; hits[$1] += $2 }
	END {
		for (i = 1; i <= files; i++) {
			file = order[i]
			folder = file; sub(/\/.*/, "", folder)
			show(file, hits[file], count[file])
			if (!(folder in folder_count)) folders[++n] = folder
			folder_count[folder] += count[file]; folder_hits[folder] += hits[file]
			all += count[file]; hit += hits[file]
		}
		print ""
		for (i = 1; i <= n; i++)
			show(folders[i], folder_hits[folders[i]], folder_count[folders[i]])
		show("in all", hit, all)
		if (all == 0 || 100 * hit < minimum * all) {
			printf "less than %s %% is covered\n", minimum
			exit 1
		}
	}' "$lines"
