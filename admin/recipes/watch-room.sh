#!/bin/sh
# Says who enters and leaves a room, and its call, as it happens.
#
#	watch-room.sh MEETING [SECONDS]
#
# Looks every SECONDS (2); Ctrl-C ends it. A daemon that is away for a moment is waited for.
set -eu
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options '' "$@"
shift $((OPTIND - 1))
usage_unless [ $# -ge 1 ] && usage_unless [ $# -le 2 ]
MEETING=$1
PAUSE=${2:-2}

# One line for each session, in order: session, email, name, in the call, connected.
look() {
	unioctl room show "$MEETING" --tsv >"$SCRATCH/room" || return
	cut -f 1,3-6 "$SCRATCH/room" | LC_ALL=C sort >"$SCRATCH/now"
}

# What differs from the last time. The first file is then, the second one now.
tell() {
	awk -F"$TAB" -v at="$(date +%H:%M:%S)" '
		function say(what) { print at "  " $3 " <" $2 "> " what }
		FILENAME == ARGV[1] { line[$1] = $0; in_call[$1] = $4; connected[$1] = $5; next }
		!($1 in line) { say("is here" ($4 == "yes" ? ", in the call" : "")); next }
		{
			if (in_call[$1] != $4) say($4 == "yes" ? "joined the call" : "left the call")
			if (connected[$1] != $5) say($5 == "yes" ? "is back" : "lost the connection")
			delete line[$1]
		}
		END { for (session in line) { $0 = line[session]; say("is gone") } }' "$SCRATCH/then" "$SCRATCH/now"
}

scratch
: >"$SCRATCH/then"
while :; do
	status=0
	look || status=$?
	case $status in
	0) tell && mv "$SCRATCH/now" "$SCRATCH/then" ;;
	"$BUSY") ;;
	*) exit "$status" ;;
	esac
	sleep "$PAUSE"
done
