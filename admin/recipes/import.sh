#!/bin/sh
# Accounts and meetings from CSV files, all of them or none.
#
#	import.sh USERS.csv [MEETINGS.csv]
#
#	email,name,admin,password              the heading of USERS.csv
#	kim@example.org,"Doe, Kim",no,          admin is yes or no; without a password one is made
#
#	title,host,participants                the heading of MEETINGS.csv
#	Monday,kim@example.org,a@example.org b@example.org
#
# Everything is first done to a copy of the database: if a line is not right, all such lines are named and the
# database is left alone. Accounts that exist are left as they are, and so are meetings with the same host and title:
# an import that broke off can be run again. Passwords that were made are written to USERS.csv.passwords.
set -eu
umask 077
# shellcheck source=admin/recipes/lib.sh
. "$(dirname "$0")/lib.sh"

options '' "$@"
shift $((OPTIND - 1))
usage_unless [ $# -ge 1 ] && usage_unless [ $# -le 2 ]
set -f	# a participant * is nobody, not the names of files
USERS=$1
MEETINGS=${2:-}

# csv FILE HEADING: the records as lines of "number TAB field TAB field ...". A field in quotes may hold commas and
# doubled quotes, but no line end. An empty field becomes "-", since `read` skips empty ones.
csv() {
	[ -r "$1" ] || die "$1 cannot be read"
	LC_ALL=C awk -v file="$1" -v heading="$2" '
		function bad(why) { printf "%s:%d: %s\n", file, NR, why >"/dev/stderr"; status = 1 }
		function field(    text) {
			if (substr(rest, 1, 1) != "\"") {
				match(rest, /^[^,]*/)
				text = substr(rest, 1, RLENGTH)
				rest = substr(rest, RLENGTH + 1)
			} else if (match(rest, /^"([^"]|"")*"/)) {
				text = substr(rest, 2, RLENGTH - 2)
				rest = substr(rest, RLENGTH + 1)
				gsub(/""/, "\"", text)
			} else
				rest = "\""
			return text == "" ? "-" : text
		}
		BEGIN { columns = split(heading, unused, ",") }
		{ sub(/\r$/, "") }
		NR == 1 { sub(/^\357\273\277/, ""); if ($0 != heading) { bad("the heading is not " heading); exit }; next }
		$0 == "" { next }
		/[\001-\037]/ { bad("a control character"); next }
		{
			rest = $0; line = NR
			for (n = 0; n == 0 || sub(/^,/, "", rest); n++)
				line = line "\t" field()
			if (rest != "")
				bad("quotes that do not match")
			else if (n != columns)
				bad(n " columns in the place of " columns)
			else
				print line
		}
		END { exit status }' "$1"
}

# outcome CODE WHAT: counts, and says in the real run how far we are.
outcome() {
	done=$((done + 1))
	case $1 in
	0) result=added ;;
	"$CONFLICT") result='exists, left as it is' ;;
	*) failed=$((failed + 1)) && result=refused ;;
	esac
	[ -n "$trial" ] || say "[$done/$total] $2: $result"
}

# try FILE LINE COMMAND...: runs unioctl, whose complaint gets the name of the line. Its status is in $code.
try() {
	where=$1:$2
	shift 2
	code=0
	unioctl -q "$@" 2>"$SCRATCH/said" || code=$?
	case $code in
	0 | "$CONFLICT") ;;
	*) said=$(sed 1q "$SCRATCH/said") && printf '%s%s\n' "$where" "${said#unioctl}" >&2 ;;
	esac
}

import_users() {
	while IFS=$TAB read -r line email name admin password; do
		case $admin in
		yes) set -- --admin ;;
		no | -) set -- ;;
		*) failed=$((failed + 1)) && echo "$USERS:$line: admin is yes or no, not $admin" >&2 && continue ;;
		esac
		made=
		[ "$password" != - ] || made=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
		# By a pipe: arguments are for everybody on this machine to see.
		printf '%s\n' "${made:-$password}" >"$SCRATCH/password"
		try "$USERS" "$line" user add --name "$name" "$@" -- "$email" <"$SCRATCH/password"
		[ -n "$trial" ] || [ -z "$made" ] || [ "$code" -ne 0 ] || printf '%s\t%s\n' "$email" "$made" >>"$USERS.passwords"
		outcome "$code" "$email"
	done <"$SCRATCH/users"
}

import_meetings() {
	unioctl meeting list --tsv >"$SCRATCH/list"	# not into a pipe, which would hide that it failed
	awk -F"$TAB" '{ print tolower($3) "\t" $2 }' "$SCRATCH/list" >"$SCRATCH/existing"
	while IFS=$TAB read -r line title host participants; do
		set --
		for email in $participants; do
			[ "$email" = - ] || set -- "$@" --participant "$email"
		done
		code=$CONFLICT
		printf '%s\t%s\n' "$host" "$title" | awk -F"$TAB" '{ print tolower($1) "\t" $2 }' >"$SCRATCH/wanted"
		grep -qxFf "$SCRATCH/wanted" "$SCRATCH/existing" ||
			try "$MEETINGS" "$line" meeting add --host "$host" --title "$title" "$@" </dev/null
		outcome "$code" "$title"
	done <"$SCRATCH/meetings"
}

# import TRIAL: both files; ends the recipe if a line was refused.
import() {
	trial=$1 done=0 failed=0
	import_users
	[ -z "$MEETINGS" ] || import_meetings
	[ "$failed" -eq 0 ] || die "$failed lines were refused${trial:+; nothing was changed}"
}

scratch
csv "$USERS" email,name,admin,password >"$SCRATCH/users" || die "nothing was changed"
: >"$SCRATCH/meetings"
[ -z "$MEETINGS" ] || csv "$MEETINGS" title,host,participants >"$SCRATCH/meetings" || die "nothing was changed"
total=$(cat "$SCRATCH/users" "$SCRATCH/meetings" | wc -l)

# The trial hashes passwords as cheaply as can be, and has no daemon to wake.
say "trying $total lines on a copy of the database"
unioctl -q backup "$SCRATCH/trial.db"
(
	export UNIO_DATABASE="$SCRATCH/trial.db" UNIO_WAKE_ENDPOINT="ipc://$SCRATCH/wake"
	export UNIO_PASSWORD_PASSES=1 UNIO_PASSWORD_MEMORY=8192
	import trial
)
import ''
