#!/bin/sh
# Who was in which meeting, and for how long, over the last week.
#
#	attendance.sh [DAYS]
#
# A report on the calls that began in the last DAYS (7), meeting by meeting, for people to read:
#
#	# /etc/cron.d/unio
#	0 6 * * 1  unio  /usr/share/unio/recipes/attendance.sh | mail -s 'Meetings of the week' boss@example.org
#
# Somebody who was in a call with two devices at once is counted for both.
set -eu
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options '' "$@"
shift $((OPTIND - 1))
usage_unless [ $# -le 1 ]
SINCE=$(ago "$(seconds "${1:-7}d")")

scratch
unioctl call list --tsv >"$SCRATCH/all"
awk -F"$TAB" -v since="$SINCE" '$6 >= since' "$SCRATCH/all" >"$SCRATCH/calls"
cut -f 1 "$SCRATCH/calls" | while read -r call; do
	unioctl call show "$call" --tsv
done >"$SCRATCH/intervals"

# The first file is calls: call, meeting, title ...; the second one intervals: call, meeting, user, email, name ... seconds.
echo "Calls from $SINCE to $(ago 0)"
awk -F"$TAB" '
	function clock(s) { return sprintf("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60) }
	FILENAME == ARGV[1] { if (!calls[$2]++) meetings[++count] = $2; title[$2] = $3; next }
	{
		key = $2 "\t" $4
		if (!(key in name)) { name[key] = $5; people[$2] = people[$2] key "\n" }
		seconds[key] += $8
		if (!seen[key, $1]++) attended[key]++
	}
	END {
		for (m = 1; m <= count; m++) {
			meeting = meetings[m]
			printf "\n%s (meeting %d): %d %s\n", title[meeting], meeting, calls[meeting], calls[meeting] == 1 ? "call" : "calls"
			n = split(people[meeting], keys, "\n") - 1
			for (i = 1; i <= n; i++) {
				split(keys[i], part, "\t")
				printf "    %9s  in %d  %s <%s>\n", clock(seconds[keys[i]]), attended[keys[i]], name[keys[i]], part[2]
			}
			if (n < 1) print "    nobody was in it"
		}
	}' "$SCRATCH/calls" "$SCRATCH/intervals"
