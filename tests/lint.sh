#!/bin/sh
# Everything about the source that a script can see: who includes whom, names, globals, sizes, format.
#
#	tests/lint.sh BUILD [CHECK]...
#
# BUILD holds the objects of a plain build (not sanitized). A CHECK is a script of tests/lint/ without its
# suffix; all of them by default. Each finding is a line "file:line: text"; the status is 1 if there is one.
set -eu
cd "$(dirname "$0")/.."

BUILD=${1:?usage: tests/lint.sh BUILD [CHECK]...}
shift
[ $# -gt 0 ] || set -- include library name global banned size struct format shell schema manual description
export BUILD

findings=$(mktemp)
trap 'rm -f "$findings"' EXIT

for check; do
	sh "tests/lint/$check.sh" >>"$findings" || echo "tests/lint/$check.sh:1: failed" >>"$findings"
done
if [ -s "$findings" ]; then
	cat "$findings"
	echo "lint: $(wc -l <"$findings") findings"
	exit 1
fi
echo "lint: $* without findings"
