#!/bin/sh
# Runs what docs/HOSTING.md tells administrators to type, in a fresh Debian with its systemd, and looks whether the site is
# there: health, page and a meeting by https. As root.
#
#	sh tests/readme/hosting.sh [apache|lighttpd|nginx|caddy]...
#
# Takes the boxes marked "sh" as they are printed, section by section. All packages are fetched before, with the host's
# network; what is typed then runs without one. WAY=hand takes `make install` in the place of the package. WORK is the
# directory to work in; KEEP=yes leaves the tree there, for the next time.
set -eu

cd "$(dirname "$0")/../.."
WORK=${WORK:-$(mktemp -d)}
PAGE=docs/HOSTING.md
NAME=meet.example.org
WAY=${WAY:-deb}
TREE=$WORK/hosting-$WAY
case $WAY in
deb) INSTALLATION='As a Debian package' ;;
*) INSTALLATION='By hand, below /usr/local' ;;
esac

TREE_HERE=$PWD/tests/pack
# shellcheck source=tests/pack/tree.sh
. tests/pack/tree.sh

[ $# -gt 0 ] || set -- apache lighttpd nginx caddy
SERVERS=$*

passed=0
failed=0

# The boxes of a section, whose title is taken as an expression.
boxes() {
	awk -v title="$1" '
		/^#+ / { on = $0 ~ "^#+ (.[.] )?" title "$" }
		/^```/ { box = on && $0 == "```sh"; next }
		box { print }' "$PAGE"
}

# check WHAT COMMAND: in the tree.
check() {
	if tree_in "$TREE" "$2" >"$WORK/said" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $1"
	else
		failed=$((failed + 1))
		echo "not ok - $1"
		sed 's/^/    | /' "$WORK/said"
	fi
}

# type SECTION...: as somebody would who has read the sections before, too, and answers what is asked for.
type() {
	for section; do
		boxes "$section" >"$TREE/root/box"
		[ -s "$TREE/root/box" ] || tree_die "$PAGE has no boxes in \"$section\""
		# shellcheck disable=SC2016 # expanded there
		check "$section" '
			cd /src
			PATH=/usr/local/sbin:/usr/local/bin:$PATH
			[ ! -e /root/known ] || . /root/known
			set -eu
			. /root/box </root/password
			echo "UNIO=${UNIO:-}" >/root/known'
	done
}

sources() {
	if [ -e .git ]; then
		git ls-files -co --exclude-standard
	else
		find . -type f ! -path './build*' ! -path './tests/node_modules/*'
	fi
}

prepare() {
	[ -e "$TREE" ] || tree_make "$TREE" systemd systemd-sysv dbus ca-certificates curl cron iproute2 adduser
	mkdir -p "$TREE/src"
	sources | tar -cf - -T - | tar -C "$TREE/src" -xf -
	printf '%s localhost %s\n' 127.0.0.1 "$NAME" ::1 "$NAME" >"$TREE/etc/hosts"
	echo 'correct horse battery staple' >"$TREE/root/password"
	# What comes over the network, and takes its time; the boxes find it done.
	{
		echo 'set -eu; apt-get install -y -qq git make; cd /src'
		echo 'dpkg --purge unio; rm -rf /var/backups/unio /root/known'	# of the last time
		boxes "$INSTALLATION" | grep -E '^(sh admin/deps\.sh|make deb)'
		# shellcheck disable=SC2016
		[ "$INSTALLATION" != 'As a Debian package' ] ||
			echo 'apt-get satisfy -y -qq "$(dpkg-deb -f build/deb/unio_*.deb Depends)"'
		for server in $SERVERS; do
			boxes "$(title "$server")" | grep '^apt-get install'
		done
		echo 'systemctl disable -q apache2 lighttpd nginx caddy 2>/dev/null || :'
	} >"$TREE/root/prepare"
	tree_run "$TREE" 'sh /root/prepare' >"$WORK/prepare.log" 2>&1 || {
		tail -n 30 "$WORK/prepare.log"
		tree_die "the packages cannot be made"
	}
}

title() {
	case $1 in
	apache) echo Apache ;;
	caddy) echo Caddy ;;
	*) echo "$1" ;;
	esac
}

service() {
	case $1 in
	apache) echo apache2 ;;
	*) echo "$1" ;;
	esac
}

# What a browser would want of the site.
look() {
	for family in 4 6; do
		check "$1: health by IPv$family" "curl -$family -sS --fail https://$NAME/api/health/ready | grep -q '\"status\":\"ready\"'"
	done
	check "$1: the page" "curl -sS --fail https://$NAME/ | grep -q '<title>Unio'"
	check "$1: http leads to https" "curl -sS -o /dev/null -w '%{redirect_url}' http://$NAME/x | grep -qx 'https://$NAME/x'"
	# shellcheck disable=SC2016
	check "$1: a meeting" '
		PATH=/usr/local/sbin:$PATH
		token=$(runuser -u unio -- unioctl token you@example.org)
		runuser -u unio -- unioctl -q meeting add --host you@example.org --title Monday
		curl -sS --http1.1 --max-time 3 -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" \
			-H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" -H "Authorization: Bearer $token" \
			"https://'"$NAME"'/ws/meeting/1/" | grep -aq user_joined'
}

# Last of all, since the sections before speak of one daemon.
several() {
	tree_in "$TREE" 'systemctl start nginx'
	type 'Several signaling daemons'
	# shellcheck disable=SC2016
	check 'several daemons: each is up' '
		PATH=/usr/local/sbin:$PATH
		[ "$(runuser -u unio -- unioctl daemon list --tsv | cut -f 1,2 | tr "\t\n" " ,")" = "1 up,2 up," ]'
	# shellcheck disable=SC2016
	check 'several daemons: doctor' 'PATH=/usr/local/sbin:$PATH; runuser -u unio -- unioctl doctor'
}

trap 'tree_end "$TREE"; [ "${KEEP:-}" = yes ] || tree_remove "$TREE"' EXIT
prepare
tree_boot "$TREE"
type "$INSTALLATION" 'Its name, and your account' 'A certificate'
for server in $SERVERS; do
	type "$(title "$server")" 'Look'
	look "$server"
	tree_in "$TREE" "systemctl stop $(service "$server")"
done
type 'Backup'
# shellcheck disable=SC2016
check 'the backup as cron makes it' 'runuser -u unio -- env -i PATH=/usr/bin:/bin sh -c "$(cut -d " " -f 7- /etc/cron.d/unio)"'
[ "$INSTALLATION" != 'As a Debian package' ] || type 'Upgrade'
type 'Keys' 'Webhooks' 'Restore'
case " $SERVERS " in
*' nginx '*) several ;;
esac
# shellcheck disable=SC2016
check 'after all of it' 'PATH=/usr/local/sbin:$PATH; runuser -u unio -- unioctl check && systemctl is-active unio-api unio-signald unio-hookd'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
