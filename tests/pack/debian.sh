#!/bin/sh
# The package in fresh Debian trees: `make test-deb` builds it, and an older version of it, and comes here.
#
#	tests/pack/debian.sh [init|systemd|reproducible]...
#
#	UNIO_BUILD=build, UNIO_VERSION   where the packages are, and the newer one's version
#	TREE_CACHE                       where trees are kept for the next time, see tests/pack/tree.sh
#
# Needs root, namespaces and a cgroup2 of its own, and the first time the network. One after the other: apt's archives
# are shared. Ends with `N passed, N failed`.
set -eu

cd "$(dirname "$0")/../.."

[ "$(id -u)" -eq 0 ] || {
	echo "debian.sh: this needs root" >&2
	exit 1
}
[ $# -gt 0 ] || set -- init systemd reproducible

said=$(mktemp)
trap 'rm -f "$said"' EXIT
passed=0
failed=0

# The tree is made before the tests begin: without the network that is all there is to say.
for kind in lighttpd+curl lighttpd+curl+systemd+systemd-sysv; do
	tree=$(mktemp -d)
	# shellcheck disable=SC2046 # words
	sh tests/pack/tree.sh make "$tree/tree" $(echo $kind | tr + ' ')
	sh tests/pack/tree.sh remove "$tree/tree"
	rmdir "$tree"
done

for name; do
	node --test-reporter=tap "tests/pack/deb/$name.mjs" >"$said" 2>&1 || :
	good=$(grep -c '^ok ' "$said" || :)
	bad=$(grep -c '^not ok ' "$said" || :)
	[ $((good + bad)) -gt 0 ] || bad=1
	echo "$name: $good passed, $bad failed"
	[ "$bad" -eq 0 ] || cat "$said"
	passed=$((passed + good))
	failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
