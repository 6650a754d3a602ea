#!/bin/sh
# A backup of the database, every night: tried out before it counts, and the oldest ones removed.
#
#	backup.sh DIRECTORY [KEEP]
#
# Writes DIRECTORY/unio-TIME.db while the server runs, restores it into a scratch directory, has `unioctl check`
# look at what came out, and leaves the newest KEEP (14) of such copies. If anything fails, no older copy goes.
#
#	# /etc/cron.d/unio
#	15 3 * * *  unio  /usr/share/unio/recipes/backup.sh /var/backups/unio
#
# A copy holds everything but /etc/unio and the secrets. Without the token secret everybody has to sign in again,
# and that is all.
set -eu
umask 077
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options '' "$@"
shift $((OPTIND - 1))
usage_unless [ $# -ge 1 ] && usage_unless [ $# -le 2 ]
DIRECTORY=$1
KEEP=${2:-14}

# The trial: the server's configuration, but with a database of its own.
restore_test() {
	UNIO_DATABASE=$SCRATCH/unio.db unioctl -q restore "$1" || die "$1 cannot be restored"
	UNIO_DATABASE=$SCRATCH/unio.db unioctl -q check || die "$1 is damaged"
}

# Names sort by their time, so the first are the oldest.
rotate() {
	set -- "$DIRECTORY"/unio-*.db
	while [ $# -gt "$KEEP" ]; do
		rm "$1"
		say "$1 removed"
		shift
	done
}

case $KEEP in
'' | 0* | *[!0-9]*) die "KEEP is a number from 1: $KEEP" ;;
esac
[ -d "$DIRECTORY" ] || die "$DIRECTORY is no directory"

scratch
copy=$DIRECTORY/unio-$(date -u +%Y%m%dT%H%M%SZ).db
trap 'rm -rf "$SCRATCH" "$copy.new"' EXIT
unioctl -q backup "$copy.new"
restore_test "$copy.new"
mv "$copy.new" "$copy"
say "$copy written, restored on trial and checked"
rotate
