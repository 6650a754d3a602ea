#!/bin/sh
# Installs what Unio needs from Debian, as far as it is missing.
#
#	admin/deps.sh build|run|test|bench|profile|deb|trees|valgrind|fuzz|analyze...
#
# Says nothing when all of it is there. Uses sudo unless it is root. WEB (lighttpd, apache, nginx, caddy) is the front
# server of `run`; `test` has all of them. None is started as a service of the machine.
set -eu

cd "$(dirname "$0")/.."

BUILD='gcc make pkg-config libc6-dev libcjson-dev libcurl4-openssl-dev libev-dev libfcgi-dev libinih-dev libjwt-dev libsodium-dev
	libsqlite3-dev libssl-dev libwebsockets-dev libwebsockets-evlib-ev libyaml-dev libzmq3-dev uthash-dev'
RUN=curl
TEST='apache2-bin ca-certificates caddy chromium clang-format coturn iproute2 libcmocka-dev libfaketime lighttpd
	lighttpd-mod-openssl mandoc nginx-light openssl prometheus python3 shellcheck sqlite3 zsh'
DEB='build-essential debhelper dpkg-dev fakeroot'
TREES='debootstrap iproute2 lintian'
FUZZ='clang libclang-rt-dev'
ANALYZE='clang-tidy cppcheck'

BENCH='daphne g++ golang-github-gorilla-websocket-dev golang-github-mattn-go-sqlite3-dev golang-go gunicorn python3-django
	python3-django-channels python3-djangorestframework python3-jwt'
PROFILE='linux-perf valgrind'

NODE_MIN=18

die() {
	echo "deps.sh: $*" >&2
	exit 1
}

# Those of the packages $* that are not installed.
missing() {
	for package; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=none
		[ "$status" = installed ] || echo "$package"
	done
}

web_package() {
	case ${WEB:-lighttpd} in
	apache) echo apache2-bin ;;	# the server without the service
	nginx) echo nginx-light ;;
	caddy) echo caddy ;;
	*) echo lighttpd ;;
	esac
}

# Node is taken from Debian only where none that is new enough is on the PATH.
node_packages() {
	version=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || version=0
	[ "$version" -ge "$NODE_MIN" ] || echo nodejs
	command -v npm >/dev/null || echo npm
}

# One of the bench's modules is compiled, against the headers of this Node.
node_headers() {
	[ -e /usr/include/node/node.h ] || echo libnode-dev
}

install_packages() {
	echo "deps.sh: installing $*"
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || die "not root and no sudo; install by hand: apt-get install $*"
		sudo=sudo
	fi
	$sudo apt-get update -qq || die "apt-get update failed"
	hold_services
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
		die "apt-get install failed: $*"
	release_services "$@"
}

# A server that is installed for us must not take this machine's port 80, now or at its next start: packages ask
# policy-rc.d before they start a service.
POLICY=/usr/sbin/policy-rc.d
held=no

hold_services() {
	[ ! -e "$POLICY" ] || return 0
	trap release_policy EXIT
	trap 'exit 130' INT
	trap 'exit 143' HUP TERM
	held=yes
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$POLICY" >/dev/null
	$sudo chmod 755 "$POLICY"
}

release_policy() {
	[ $held = no ] || $sudo rm -f "$POLICY"
	held=no
}

release_services() {
	release_policy
	[ -d /run/systemd/system ] || return 0
	for service; do
		case $service in
		coturn) $sudo systemctl --quiet disable coturn ;;
		caddy | lighttpd | prometheus) $sudo systemctl --quiet disable "$service" ;;
		nginx-light) $sudo systemctl --quiet disable nginx ;;
		esac
	done
}

# The packages of the tests, or of the bench's peer, exactly as the lock file says.
install_modules() {
	stamp=$1/node_modules/.package-lock.json
	[ -e "$stamp" ] && [ -z "$(find "$1/package-lock.json" -newer "$stamp")" ] && return
	echo "deps.sh: installing the node modules of $1"
	(cd "$1" && npm_config_nodedir=/usr npm ci --loglevel=error >/dev/null && touch node_modules/.package-lock.json) ||
		die "npm ci failed in $1"
}

command -v dpkg-query >/dev/null || die "this is no Debian; what is needed: $BUILD $RUN $(web_package)"

wanted=
modules=
for group; do
	case $group in
	build) wanted="$wanted $BUILD" ;;
	run) wanted="$wanted $RUN $(web_package)" ;;
	fuzz) wanted="$wanted $FUZZ" ;;
	analyze) wanted="$wanted $ANALYZE" ;;
	test)
		wanted="$wanted $TEST $(node_packages)"
		modules="$modules tests"
		;;
	deb) wanted="$wanted $DEB" ;;
	trees) wanted="$wanted $TREES" ;;
	bench)
		wanted="$wanted $BENCH $(node_headers)"
		modules="$modules tests/bench/peers/node"
		;;
	profile) wanted="$wanted $PROFILE" ;;
	valgrind) wanted="$wanted valgrind" ;;
	*) die "usage: deps.sh build|run|test|bench|profile|deb|trees|valgrind|fuzz|analyze..." ;;
	esac
done

# shellcheck disable=SC2086 # lists of words
packages=$(missing $wanted)
# shellcheck disable=SC2086
[ -z "$packages" ] || install_packages $packages
for directory in $modules; do
	install_modules "$directory"
done
