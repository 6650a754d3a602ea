#!/bin/sh
# Removes calls that are older than the retention, with the record of who was in them.
#
#	purge.sh [-n] [-m] AGE
#
# AGE is 30d, 365d ..., since the call's start. -m also removes the meetings that are over (completed or cancelled),
# were made before that time, and have no calls any more. -n only says what would go. Each is a small change of its own,
# so the server does not wait, and what was done stays done if it is interrupted.
#
#	# /etc/cron.d/unio
#	30 4 * * *  unio  /usr/share/unio/recipes/purge.sh -m 365d
set -eu
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options nm "$@"
shift $((OPTIND - 1))
usage_unless [ $# -eq 1 ]
AGE=$1

purge_calls() {
	unioctl call list --status ended --older-than "$AGE" --tsv >"$SCRATCH/calls"
	cut -f 1 "$SCRATCH/calls" | while read -r call; do
		attempt unioctl -q call delete "$call"
	done
	say "$(wc -l <"$SCRATCH/calls") calls removed${dry:+ (not really)}"
}

# Times compare as texts do.
purge_meetings() {
	for status in completed cancelled; do
		unioctl meeting list --status "$status" --tsv
	done >"$SCRATCH/meetings"
	awk -F"$TAB" -v before="$(ago "$(seconds "$AGE")")" '$6 < before { print $1 }' "$SCRATCH/meetings" >"$SCRATCH/old"
	count=0
	while read -r meeting; do
		# Not within the test: there an unioctl that fails would be one that finds no calls.
		calls=$(unioctl call list --meeting "$meeting" --limit 1 --tsv)
		[ -z "$calls" ] || continue
		attempt unioctl -q meeting delete "$meeting"
		count=$((count + 1))
	done <"$SCRATCH/old"
	say "$count meetings removed${dry:+ (not really)}"
}

scratch
purge_calls
[ -z "$meetings" ] || purge_meetings
