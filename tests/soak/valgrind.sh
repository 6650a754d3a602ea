#!/bin/sh
# Runs a test with the programs and the unit tests under valgrind's memcheck:
#
#	tests/soak/valgrind.sh BUILD COMMAND...
#
# The command finds in UNIO_BUILD programs of the same names, which start those of BUILD under valgrind. It fails, or this
# does, if one reads or writes where it must not, uses what was never set, or loses memory for good.
set -eu

build=$(cd "$1" && pwd)
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The one that only starts the others again.
ln -s "$build/unio-supervise" "$dir/unio-supervise"
mkdir "$dir/tests"
for path in "$build"/unio-api "$build"/unio-signald "$build"/unio-hookd "$build"/unioctl "$build"/tests/test_*; do
	if [ ! -f "$path" ] || [ ! -x "$path" ]; then
		continue
	fi
	program=${path#"$build"/}
	cat >"$dir/$program" <<-END
	#!/bin/sh
	exec valgrind -q --log-file="$dir/report.${program#tests/}.%p" --num-callers=25 --leak-check=full \\
		--show-leak-kinds=definite --errors-for-leak-kinds=definite "$path" "\$@"
	END
	chmod 755 "$dir/$program"
done

status=0
# The harness then has the patience that it has with sanitizers, and starts programs unconfined: valgrind makes memory that
# is written and executed.
SANITIZE=valgrind UNIO_BUILD=$dir "$@" || status=$?
seen=0
for program in unio-api unio-signald unio-hookd unioctl test; do
	reports=0 wrong=0
	for report in "$dir/report.$program"[._]*; do
		[ -e "$report" ] || continue
		reports=$((reports + 1))
		[ -s "$report" ] || continue
		wrong=$((wrong + 1))
		cat "$report"
	done
	seen=$((seen + reports))
	echo "valgrind: $program: $reports processes, $wrong with errors"
	[ $wrong -eq 0 ] || status=1
done
[ $seen -gt 0 ] || status=1
exit $status
