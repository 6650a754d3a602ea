#!/bin/sh
# Puts a new version in the place of the running one; calls go on.
#
#	upgrade.sh BACKUPS COMMAND [ARGUMENT]...
#
#	upgrade.sh /var/backups/unio make install
#	upgrade.sh /var/backups/unio apt-get install ./unio_0.2.0_amd64.deb
#
# As root. Makes a backup, runs the COMMAND that installs the new programs, has them look at the configuration, brings the
# database up to date, restarts the API and the sender of webhooks, has the daemon replaced, and looks whether all is well. It stops at the first
# step that fails; what that leaves is said.
#
# RESTART_API, RESTART_HOOKS and RESTART_DAEMON are the commands for a host without systemd: '/usr/share/unio/rc restart api',
# '/usr/share/unio/rc restart hookd' and '/usr/share/unio/rc restart signald'. Without RESTART_HOOKS such a host's unio-hookd is left
# as it is.
set -eu
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options '' "$@"
shift $((OPTIND - 1))
usage_unless [ $# -ge 2 ]
BACKUPS=$1
shift
RUN_AS=${RUN_AS:-unio}
RESTART_API=${RESTART_API:-systemctl restart unio-api}
[ ! -d /run/systemd/system ] || RESTART_HOOKS=${RESTART_HOOKS:-systemctl try-restart unio-hookd}
RESTART_DAEMON=${RESTART_DAEMON:-as_unio $UNIOCTL drain --wait}

as_unio() {
	if [ "$(id -un)" = "$RUN_AS" ]; then
		"$@"
	else
		runuser -u "$RUN_AS" -- "$@"
	fi
}

# step WHAT IF_IT_FAILS COMMAND...
step() {
	what=$1 advice=$2
	shift 2
	say "$what"
	"$@" || die "$what failed: $advice"
}

# Until both programs answer, half a minute at most.
up() {
	for _ in $(seq 30); do
		case $(as_unio "$UNIOCTL" stats --tsv 2>/dev/null || echo "state${TAB}down") in
		*"state${TAB}down"*) sleep 1 ;;
		*) return 0 ;;
		esac
	done
	return 1
}

version() {
	"$UNIOCTL" -V
}

[ -n "${RESTART_HOOKS:-}" ] ||
	say "unio-hookd is not restarted, since RESTART_HOOKS does not say how: if it runs, restart it afterwards"
before=$(version)
step "a backup" "nothing was changed" as_unio "$(dirname "$0")/backup.sh" "$BACKUPS"
step "$*" "the old programs are running; see what it said" "$@"
step "the configuration" "the old programs are running; mend it, and run this again" as_unio "$UNIOCTL" -n
step "the database" "the old programs are running" as_unio "$UNIOCTL" migrate
# shellcheck disable=SC2086 # commands with their arguments
step "the API" "the old daemon is running; see the log of unio-api" $RESTART_API
# shellcheck disable=SC2086
[ -z "${RESTART_HOOKS:-}" ] || step "the webhooks" "the old daemon is running; see the log of unio-hookd" $RESTART_HOOKS
# shellcheck disable=SC2086
step "the daemon" "see the log of unio-signald" $RESTART_DAEMON
step "both programs are up" "see their logs" up
step "a look at the database" "see what it said" as_unio "$UNIOCTL" check
say "done: $before, now $(version)"
