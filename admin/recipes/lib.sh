#!/bin/sh
# What the recipes of this folder share. A recipe of yours begins like them: a comment that is its manual (-h
# prints it), `set -eu`, and
#
#	. "$(dirname "$0")/lib.sh"
#
#	UNIOCTL     unioctl, if it is not on the PATH
#	UNIO_CONF   the configuration, if it is not /etc/unio/unio.conf
#
# Recipes run as the user of Unio's programs (unio), who may read its files:
#
#	runuser -u unio -- /usr/share/unio/recipes/backup.sh /var/backups/unio
set -eu

# On the PATH, or where it was installed: cron's PATH does not have that.
UNIOCTL=${UNIOCTL:-$(command -v unioctl || echo /usr/sbin/unioctl)}
RECIPE=${0##*/}
TAB=$(printf '\t')	# between the columns of unioctl's --tsv
export TAB

# Exit codes of unioctl(8) that a recipe may meet in good order.
# shellcheck disable=SC2034 # the recipes use them
CONFLICT=4 BUSY=5

# As it stands: echo would make of a title's \033 what a terminal obeys.
say() {
	printf '%s\n' "${RECIPE%.sh}: $*"
}

die() {
	printf '%s\n' "$RECIPE: $*" >&2
	exit 1
}

# The comment at the head of the recipe; the status says whether it was asked for.
usage() {
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
	exit "${1:-0}"
}

# usage_unless TEST...: as in `usage_unless [ $# -eq 1 ]`.
usage_unless() {
	"$@" || usage 2 >&2
}

# options LETTERS "$@": -h for everybody, and those of -n (a dry run: $dry) and -m ($meetings) that the recipe takes. Then:
# shift $((OPTIND - 1))
# shellcheck disable=SC2034 # the recipes use them
options() {
	letters=h$1
	shift
	dry='' meetings=''
	while getopts "$letters" option; do
		case $option in
		h) usage ;;
		n) dry=yes ;;
		m) meetings=yes ;;
		*) usage 2 >&2 ;;
		esac
	done
}

# attempt COMMAND...: not in a dry run.
attempt() {
	[ -n "$dry" ] || "$@"
}

unioctl() {
	command "$UNIOCTL" "$@"
}

# A directory for temporary files, for nobody else to read; it is gone when the recipe ends, however it ends.
scratch() {
	SCRATCH=$(umask 077 && mktemp -d)
	trap 'rm -rf "$SCRATCH"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# The seconds of a duration as in unio.conf(5): 90, 90s, 15m, 12h, 30d.
seconds() {
	case $1 in
	*s) unit=1 ;;
	*m) unit=60 ;;
	*h) unit=3600 ;;
	*d) unit=86400 ;;
	*) unit=1 ;;
	esac
	number=${1%[smhd]}
	case $number in
	'' | *[!0-9]* | ????????*) die "$1 is no duration; one is 90s, 15m, 12h or 30d" ;;
	esac
	echo $((number * unit))
}

# The time that was so many seconds ago, as unioctl prints times: they compare as texts do.
ago() {
	date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ
}
