#!/bin/sh
# Runs a development instance in the foreground: database with demo data, web server, API, signaling daemon.
# `make run` builds and then comes here. Ctrl-C ends all of it.
#
#	PORT=8000 BIND=127.0.0.1   the one public address
#	VAR=./var                  everything that it writes: database, sockets, logs, pid files, secrets
#	WEB=lighttpd               the front server: lighttpd, apache, nginx or caddy
#	API=fastcgi                how it runs the API: fastcgi, or cgi (lighttpd and apache), a process for each request
#	CONF=FILE                  keys that override the development configuration
#	BUILD=build                where the programs are
set -eu
umask 027	# what is in VAR is for us and our group

cd "$(dirname "$0")/.."
ROOT=$(pwd)
PATH=$PATH:/usr/sbin

PORT=${PORT:-8000}
BIND=${BIND:-127.0.0.1}
VAR=${VAR:-./var}
WEB=${WEB:-lighttpd}
API=${API:-fastcgi}
CONF=${CONF:-}
BUILD=${BUILD:-build}
VAR_MARK='# Made by admin/run.sh at each start.'	# by which admin/clean_var.sh knows a VAR

SUN_PATH_MAX=107	# a unix socket's address is no longer, unix(7)
LONGEST=/run/wake.sock	# the longest of the socket paths below VAR

die() {
	echo "run.sh: $*" >&2
	exit 1
}

check_arguments() {
	case $PORT in
	'' | *[!0-9]* | ??????*) die "PORT=$PORT is no port number" ;;
	esac
	if [ "$PORT" -lt 1 ] || [ "$PORT" -gt 65535 ]; then
		die "PORT=$PORT is not between 1 and 65535"
	fi
	case $WEB in
	lighttpd | nginx | caddy) server=$WEB ;;
	apache) server=apache2 ;;
	*) die "WEB=$WEB: unknown; there are lighttpd, apache, nginx and caddy" ;;
	esac
	command -v "$server" >/dev/null || die "$server is not installed: WEB=$WEB admin/deps.sh run"
	case $WEB/$API in
	*/fastcgi | lighttpd/cgi | apache/cgi) ;;
	*/cgi) die "API=cgi: $WEB runs no CGI programs" ;;
	*) die "API=$API: unknown; there are fastcgi and cgi" ;;
	esac
	for program in unioctl unio-api unio-signald unio-hookd unio-supervise; do
		[ -x "$BUILD/$program" ] || die "$BUILD/$program is missing: run make first"
	done
	PROGRAMS=$(cd "$BUILD" && pwd)	# a server that starts one has another working directory
}

# Alone, before anything is made: a mistake is said with the line of the person's own file.
check_conf() {
	[ -n "$CONF" ] || return 0
	[ ! -d "$CONF" ] || die "CONF=$CONF is a directory; it names a file of configuration keys"
	[ -r "$CONF" ] || die "CONF=$CONF cannot be read"
	"$BUILD/unioctl" -c "$CONF" -n || die "the configuration has mistakes (CONF=$CONF)"
}

# Before VAR is made: an instance that cannot be reached leaves nothing behind.
check_port() {
	said=$("$BUILD/unio-supervise" -t "tcp:$BIND:$PORT" 2>&1) && return
	said=${said#unio-supervise: tcp:}
	case $said in
	*'Permission denied') die "$said (ports below 1024 are for root); another port: make run PORT=8001" ;;
	*'is in use') die "$said; another port: make run PORT=8001" ;;
	*) die "$said (BIND=$BIND PORT=$PORT)" ;;
	esac
}

# Makes VAR an absolute path that can be used.
check_var() {
	case $VAR in
	/*) ;;
	*) VAR=$ROOT/${VAR#./} ;;
	esac
	case $VAR in
	*[\"\'\\\;\#\$[:cntrl:]]*) die "VAR=$VAR: a path with a quote, a backslash, ; # \$ or a control character cannot be used" ;;
	esac
	length=$(printf %s "$VAR$LONGEST" | wc -c)
	[ "$length" -le "$SUN_PATH_MAX" ] ||
		die "VAR=$VAR is too long: $VAR$LONGEST has $length bytes, and the address of a unix socket at most $SUN_PATH_MAX"
	[ ! -e "$VAR/lock" ] || lock_var
}

# Held by the supervisor for as long as it lives, and by nobody else.
lock_var() {
	[ ! -e "$VAR/lock" ] || [ -w "$VAR/lock" ] || die "VAR=$VAR belongs to somebody else: $VAR/lock cannot be written"
	exec 9>>"$VAR/lock"
	flock -n 9 || die "VAR=$VAR is in use by another instance; for a second one: make run PORT=8001 VAR=DIRECTORY"
}

take_var() {
	said=$(mkdir -p "$VAR/run" "$VAR/log" "$VAR/spool" 2>&1) || die "VAR=$VAR cannot be made: ${said##*: }"
	for directory in "$VAR" "$VAR/run" "$VAR/log" "$VAR/spool"; do
		[ -w "$directory" ] || die "VAR=$VAR: $directory cannot be written"
	done
	lock_var
}

# The address as a person or a program on this machine would write it.
origin() {
	case $BIND in
	0.0.0.0 | ::) echo "http://localhost:$PORT" ;;
	*:*) echo "http://[$BIND]:$PORT" ;;
	*) echo "http://$BIND:$PORT" ;;
	esac
}

development_conf() {
	cat <<-EOF
	database = $VAR/unio.db
	secret_file = $VAR/secret.key
	api_socket = $VAR/run/api.sock
	ws_socket = $VAR/run/ws.sock
	control_socket = $VAR/run/ctl.sock
	wake_endpoint = ipc://$VAR/run/wake.sock
	log_target = stderr
	drain_timeout = 2s
	EOF
}

# The development configuration without the keys of CONF, and then CONF: no key stands twice.
write_conf() {
	{
		echo "$VAR_MARK Keys of your own go into a file: make run CONF=FILE"
		development_conf | awk -v conf="$CONF" '
			function key(line) { sub(/[=:].*/, "", line); gsub(/[ \t]/, "", line); return line }
			BEGIN { if (conf != "") while ((getline line < conf) > 0) given[key(line)] = 1 }
			!(key($0) in given)'
		[ -z "$CONF" ] || cat "$CONF"
	} >"$VAR/unio.conf"
	# Checked here once, so that a mistake is said once; the effective values are what we go by.
	"$BUILD/unioctl" -c "$VAR/unio.conf" -nn >"$VAR/run/effective.conf" || die "the configuration has mistakes (CONF=$CONF)"
}

# The effective value of a key.
conf() {
	sed -n "s/^$1 *= *//p" "$VAR/run/effective.conf"
}

make_database() {
	"$BUILD/unioctl" -c "$VAR/unio.conf" migrate >>"$VAR/log/unioctl.log" || die "unioctl migrate failed"
	"$BUILD/unioctl" -c "$VAR/unio.conf" demo >>"$VAR/log/unioctl.log" || die "unioctl demo failed"
}

# A line of the programs file: its words, separated by tabs.
program() {
	(IFS=$(printf '\t') && printf '%s\n' "$*")
}

# As many as the key daemons says; each has its socket, its pid file and its log.
daemon_programs() {
	"$BUILD/unioctl" -c "$VAR/unio.conf" daemon list --tsv | while IFS=$(printf '\t') read -r k _ _ _ socket _; do
		case $k in
		1) set -- unio-signald ;;
		*) set -- "unio-signald-$k" -k "$k" ;;
		esac
		name=$1
		shift
		program "$name" "listen=unix:$socket" "pidfile=$VAR/run/$name.pid" "log=$VAR/log/$name.log" : \
			"$BUILD/unio-signald" -c "$VAR/unio.conf" "$@"
	done
}

# What runs, in the order of its start; unio-supervise reads it. The front server comes first because it is to go
# last: unio-signald's good-bye to the rooms passes through it.
write_programs() {
	{
		"front_${WEB}_program"
		daemon_programs
		[ "$API" = cgi ] || program unio-api "listen=unix:$(conf api_socket)" "pidfile=$VAR/run/unio-api.pid" \
			"log=$VAR/log/unio-api.log" : "$BUILD/unio-api" -c "$VAR/unio.conf"
		program unio-hookd "pidfile=$VAR/run/unio-hookd.pid" "log=$VAR/log/unio-hookd.log" : \
			"$BUILD/unio-hookd" -c "$VAR/unio.conf"
		program announce once : sh admin/announce.sh "$(origin)$(conf base_path)" "$VAR"
	} >"$VAR/run/programs"
}

# shellcheck source=admin/front.sh
. admin/front.sh

check_arguments
check_conf
check_var
check_port
take_var
write_conf
make_database
"front_${WEB}_conf"
write_programs
exec "$BUILD/unio-supervise" "$VAR/run/programs" "Unio has ended; the data stay in $VAR"
