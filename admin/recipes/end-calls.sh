#!/bin/sh
# Ends the calls that have lasted too long.
#
#	end-calls.sh [-n] AGE
#
# AGE is 90m, 12h, 2d ...; -n only says which calls it would end. (unio.conf's call_max_duration is the limit that the
# server itself keeps; this is for the evening before a maintenance, say.)
set -eu
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options n "$@"
shift $((OPTIND - 1))
usage_unless [ $# -eq 1 ]

scratch
unioctl call list --status active --older-than "$1" --tsv >"$SCRATCH/calls"
cut -f 1,3,6 "$SCRATCH/calls" | while IFS=$TAB read -r call title started; do
	attempt unioctl -q call end "$call"
	say "call $call in \"$title\", since $started: ended${dry:+ (not really)}"
done
