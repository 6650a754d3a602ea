#!/bin/sh
# Runs a test with unio-signald, unio-api and unio-hookd under valgrind's memcheck:
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

for program in unioctl unio-supervise; do
	ln -s "$build/$program" "$dir/$program"
done
for program in unio-api unio-signald unio-hookd; do
	cat >"$dir/$program" <<-END
	#!/bin/sh
	exec valgrind -q --log-file="$dir/report.$program.%p" --num-callers=25 --leak-check=full \\
		--show-leak-kinds=definite --errors-for-leak-kinds=definite "$build/$program" "\$@"
	END
	chmod 755 "$dir/$program"
done

status=0
# It has the patience that it has with sanitizers; valgrind knows nothing of filters of system calls.
SANITIZE=valgrind UNIO_CONFINE=no UNIO_BUILD=$dir "$@" || status=$?
for program in unio-api unio-signald unio-hookd; do
	reports=0 wrong=0
	for report in "$dir/report.$program".*; do
		[ -e "$report" ] || continue
		reports=$((reports + 1))
		[ -s "$report" ] || continue
		wrong=$((wrong + 1))
		cat "$report"
	done
	echo "valgrind: $program: $reports processes, $wrong with errors"
	[ $reports -gt 0 ] && [ $wrong -eq 0 ] || status=1
done
exit $status
