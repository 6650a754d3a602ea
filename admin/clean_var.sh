#!/bin/sh
# Removes what admin/run.sh has made in VAR (./var): `make clean-var`. What else lies there stays.
#
# Refuses a directory that run.sh has not made, and one that an instance runs in.
set -eu

cd "$(dirname "$0")/.."
VAR=${VAR:-./var}
MARK='# Made by admin/run.sh '	# how run.sh begins its unio.conf

die() {
	echo "clean_var.sh: $*" >&2
	exit 1
}

[ -e "$VAR" ] || exit 0
[ -d "$VAR" ] || die "VAR=$VAR is no directory"
line=
[ ! -f "$VAR/unio.conf" ] || read -r line <"$VAR/unio.conf" || :
case $line in
"$MARK"*) ;;
*) die "VAR=$VAR was not made by make run (its unio.conf does not say so): nothing is removed" ;;
esac
exec 9>>"$VAR/lock"
flock -n 9 || die "VAR=$VAR is in use: end that instance first"

for name in run log spool unio.db unio.db-wal unio.db-shm unio.db-daemons unio.db.hookd secret.key lighttpd.conf \
	nginx.conf nginx-unio.conf apache.conf caddy.conf lighttpd-daemons.conf nginx-daemons.conf apache-daemons.conf \
	caddy-daemons.conf unio.conf lock; do	# the mark and the lock last: what is interrupted can be done again
	rm -rf "${VAR:?}/$name"
done
rmdir "$VAR" 2>/dev/null || {
	echo "$VAR keeps what make run has not made:"
	ls -A "$VAR"
}
