#!/bin/sh
# Debian trees to try packages and services in, as root: made by debootstrap, entered by chroot or booted with a real
# systemd in namespaces of their own. Source it, or call a function by its name:
#
#	sh tests/pack/tree.sh make DIR [PACKAGE]...   a fresh minimal tree with these packages, at DIR
#	sh tests/pack/tree.sh run DIR COMMAND         once, with the host's network: for apt-get
#	sh tests/pack/tree.sh hold DIR                processes, mounts, network (loopback) of its own, without an init
#	sh tests/pack/tree.sh boot DIR                the same, with the tree's systemd
#	sh tests/pack/tree.sh in DIR COMMAND          in what is held or booted
#	sh tests/pack/tree.sh end DIR                 ends that
#	sh tests/pack/tree.sh remove DIR              and the tree
#
# Where Debian comes from is what this machine's apt says. A tree is kept as a tarball in TREE_CACHE and made from there
# the next time; packages that apt fetches are kept beside it.
set -eu

TREE_CACHE=${TREE_CACHE:-${TMPDIR:-/tmp}/unio-trees}
TREE_SUITE=${TREE_SUITE:-bookworm}
TREE_HERE=${TREE_HERE:-$(cd "$(dirname "$0")" && pwd)}	# where inside.sh is; who sources this from elsewhere says it
TREE_BOOT_S=60
mkdir -p "$TREE_CACHE/archives"

tree_die() {
	echo "tree.sh: $*" >&2
	exit 1
}

tree_make() {
	tree=$1
	shift
	[ "$(id -u)" -eq 0 ] || tree_die "this needs root"
	[ ! -e "$tree" ] || tree_die "$tree exists"
	wanted=$(echo "$TREE_SUITE $*" | tr ' ' '-')
	if [ ! -e "$TREE_CACHE/$wanted.tar" ]; then
		tree_debootstrap "$@"
		tar -C "$tree" -cf "$TREE_CACHE/$wanted.$$" .
		mv "$TREE_CACHE/$wanted.$$" "$TREE_CACHE/$wanted.tar"
	else
		mkdir -p "$tree"
		tar -C "$tree" -xf "$TREE_CACHE/$wanted.tar"
	fi
}

tree_debootstrap() {
	command -v debootstrap >/dev/null || tree_die "debootstrap is missing: sh admin/deps.sh trees"
	# shellcheck disable=SC2016 # apt's own variables
	mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' |
		sed -n "s/^$TREE_SUITE main //p" | head -n 1)
	[ -n "$mirror" ] || tree_die "this machine's apt knows no $TREE_SUITE; apt-get update?"
	debootstrap --variant=minbase "$TREE_SUITE" "$tree" "$mirror" >"$TREE_CACHE/debootstrap.log" 2>&1 || {
		tail -n 3 "$TREE_CACHE/debootstrap.log" >&2
		rm -rf "$tree"
		tree_die "debootstrap failed: is there a network? All it said is in $TREE_CACHE/debootstrap.log"
	}
	tree_apt
	[ $# -eq 0 ] || tree_run "$tree" "apt-get install -y -qq --no-install-recommends $*" >"$TREE_CACHE/apt.log" 2>&1 || {
		tail -n 3 "$TREE_CACHE/apt.log" >&2
		rm -rf "$tree"
		tree_die "apt-get install failed"
	}
}

# This machine's way to Debian.
tree_apt() {
	rm -f "$tree/etc/apt/sources.list"
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
		/etc/apt/apt.conf.d/* /etc/apt/trusted.gpg.d/* /etc/resolv.conf /etc/ssl/certs/ca-certificates.crt; do
		case $file in
		*/docker-*) continue ;;	# some of them throw away what was fetched
		esac
		[ -f "$file" ] || continue
		mkdir -p "$tree${file%/*}"
		cp "$file" "$tree$file"
	done
	tree_run "$tree" 'apt-get update -qq' >"$TREE_CACHE/apt.log" 2>&1 || {
		tail -n 3 "$TREE_CACHE/apt.log" >&2
		rm -rf "$tree"
		tree_die "apt-get update failed in the tree"
	}
}

tree_run() {
	(
		cd "$1"
		unshare --mount --pid --fork --kill-child sh "$TREE_HERE/inside.sh" run "$PWD" "$TREE_CACHE/archives" "$2"
	)
}

tree_hold() {
	tree_enter hold "$1"
}

tree_boot() {
	[ -x "$1/lib/systemd/systemd" ] || tree_die "$1 has no systemd"
	tree_enter boot "$1"
	tenths=$((TREE_BOOT_S * 10))
	until tree_in "$1" 'systemctl is-system-running --wait' >/dev/null 2>&1 ||
		[ "$(tree_in "$1" 'systemctl is-system-running' 2>/dev/null)" = degraded ]; do
		tenths=$((tenths - 1))
		if [ $tenths -le 0 ] || ! kill -0 "$(cat "$1.pid")" 2>/dev/null; then
			cat "$1/var/log/boot.log" >&2
			tree_end "$1"
			tree_die "systemd does not boot here: namespaces and a cgroup2 of its own are what it needs"
		fi
		sleep 0.1
	done
}

# In a cgroup of its own, since systemd takes all of the one that it is in.
tree_enter() {
	how=$1
	shift
	cgroup=$(tree_cgroup "$1")
	mkdir -p "$cgroup"
	# shellcheck disable=SC2016 # the inner shell's
	setsid sh -euc '
		cd "$1"
		echo $$ >"$2/cgroup.procs"
		exec unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child sh "$3/inside.sh" "$4" "$PWD" "$5"' \
		sh "$1" "$cgroup" "$TREE_HERE" "$how" "$TREE_CACHE/archives" </dev/null >"$1.log" 2>&1 &
	echo $! >"$1.pid"
	tenths=100
	until tree_in "$1" '[ -e /dev/entered ]' 2>/dev/null; do
		tenths=$((tenths - 1))
		if [ $tenths -le 0 ] || ! kill -0 "$(cat "$1.pid")" 2>/dev/null; then
			cat "$1.log" >&2
			tree_die "$1 cannot be entered"
		fi
		sleep 0.1
	done
}

tree_cgroup() {
	hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[ -n "$hierarchy" ] || tree_die "there is no cgroup2 here"
	echo "$hierarchy/unio-$(basename "$1")-$(id -u)"
}

tree_in() {
	first=$(cat "/proc/$(cat "$1.pid")/task/$(cat "$1.pid")/children" 2>/dev/null)
	[ -n "${first%% *}" ] || return 1
	nsenter --target "${first%% *}" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -c "$2"
}

tree_end() {
	[ -e "$1.pid" ] || return 0
	kill -KILL "$(cat "$1.pid")" 2>/dev/null || :
	cgroup=$(tree_cgroup "$1")
	tenths=100
	until find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || [ $tenths -eq 0 ]; do
		tenths=$((tenths - 1))
		sleep 0.1
	done
	rm -f "$1.pid" "$1.log"
}

tree_remove() {
	tree_end "$1"
	rm -rf --one-file-system "$1"
}

case ${0##*/} in
tree.sh)
	action=${1:?see the head of this file}
	shift
	case $action in
	make) tree_make "$@" ;;
	run) tree_run "$@" ;;
	hold) tree_hold "$@" ;;
	boot) tree_boot "$@" ;;
	in) tree_in "$@" ;;
	end) tree_end "$@" ;;
	remove) tree_remove "$@" ;;
	*) tree_die "$action: unknown" ;;
	esac
	;;
esac
