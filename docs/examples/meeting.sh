#!/bin/sh
# The whole life of a meeting, with curl: two people get accounts, one makes a meeting and invites the other, a call is
# started and ended, and its history is looked at.
#
#	docs/examples/meeting.sh http://127.0.0.1:8000
#
# The server must let people register (registration = open in unio.conf). No secret stands on a command line.
set -eu
umask 077

URL=${1:?usage: meeting.sh URL}
URL=${URL%/}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# api NAME METHOD PATH [JSON]: a request in somebody's name; the reply is printed, and kept for the functions below.
api() {
	who=$1
	set -- "$2" "$3" "${4:-}"
	printf '\n# %s: %s %s %s\n' "$who" "$1" "$2" "$(printf %s "$3" | sed 's/"password":"[^"]*"/"password":"…"/')"
	printf %s "$3" | curl -sS --fail-with-body -X "$1" -H "@$dir/$who" --data-binary @- -o "$dir/reply" "$URL/api$2" ||
		{ cat "$dir/reply" >&2; exit 1; }
	sed 's/"\(access\|refresh\|ticket\)":"[^"]*"/"\1":"…"/g' "$dir/reply"
}

# The first value of a field in the last reply: a number, or a string without quotes.
field() {
	tr ',{' '[\n*]' <"$dir/reply" | sed -n "s/^\"$1\":\"\{0,1\}\([^\"}]*\).*/\1/p" | head -n 1
}

# From now on that person's requests carry the token of the last reply.
signed_in() {
	printf 'Content-Type: application/json\nAuthorization: Bearer %s\n' "$(field access)" >"$dir/$1"
}

now=$(date +%s)
for name in Ann Bob; do
	password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	echo 'Content-Type: application/json' >"$dir/$name"
	api $name POST /auth/register "{\"email\":\"$name-$now@example.org\",\"password\":\"$password\",\"full_name\":\"$name\"}"
	api $name POST /auth/login "{\"email\":\"$name-$now@example.org\",\"password\":\"$password\"}"
	signed_in $name
done

api Ann POST /meetings '{"title":"Monday","description":"What is next"}'
meeting=$(field id)
api Ann POST "/meetings/$meeting/participants" "{\"email\":\"Bob-$now@example.org\"}"
api Bob GET "/meetings?status=scheduled"

# The way into the room: a page would open ws_url with this ticket within 30 seconds.
api Bob GET "/meetings/$meeting/access"
api Bob POST "/meetings/$meeting/ticket"

api Ann POST /calls "{\"meeting_id\":$meeting}"
call=$(field id)
api Bob GET "/meetings/$meeting/presence"
api Ann POST "/calls/$call/end"

api Bob GET "/calls?meeting_id=$meeting"
api Bob GET "/calls/$call"
api Bob GET "/calls/$call/attendance.csv"

api Ann DELETE "/meetings/$meeting"
for name in Ann Bob; do
	api $name POST /auth/logout
done
