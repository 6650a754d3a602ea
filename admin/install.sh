#!/bin/sh
# Puts Unio where it belongs, and takes it away again. `make install` and `make uninstall` come here.
#
#	admin/install.sh install|uninstall
#
#	DESTDIR=            a tree that stands for /, for packagers
#	PREFIX=/usr/local   below it SBINDIR, DATADIR, MANDIR, UNITDIR, SYSUSERSDIR, TMPFILESDIR, BASHDIR and ZSHDIR
#	SYSCONFDIR=/etc/unio
#	INITDIR=/etc/init.d the scripts for hosts without systemd; empty: none
#	WEBGROUP=www-data   the group of the web server's user
#	MANIFEST=yes        keep a list of what was installed; no: for packagers, whose tools do that
#	BUILD=build         where the programs are
#
# The list says for each file (f), directory (d) and configuration (c) that it was made by us: uninstall removes just
# that. A configuration that somebody has edited is neither overwritten nor removed; the one that came with this
# version is in DATADIR/conf.
set -eu
umask 022

cd "$(dirname "$0")/.."

DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr/local}
SYSCONFDIR=${SYSCONFDIR:-/etc/unio}
SBINDIR=${SBINDIR:-$PREFIX/sbin}
DATADIR=${DATADIR:-$PREFIX/share/unio}
MANDIR=${MANDIR:-$PREFIX/share/man}
UNITDIR=${UNITDIR:-$PREFIX/lib/systemd/system}
SYSUSERSDIR=${SYSUSERSDIR:-$PREFIX/lib/sysusers.d}
TMPFILESDIR=${TMPFILESDIR:-$PREFIX/lib/tmpfiles.d}
BASHDIR=${BASHDIR:-$PREFIX/share/bash-completion/completions}
ZSHDIR=${ZSHDIR:-$PREFIX/share/zsh/site-functions}
INITDIR=${INITDIR-/etc/init.d}
WEBGROUP=${WEBGROUP:-www-data}
MANIFEST=${MANIFEST:-yes}
BUILD=${BUILD:-build}

TAB=$(printf '\t')
LIST=$DATADIR/installed

die() {
	echo "install.sh: $*" >&2
	exit 1
}

# ---- what goes where ---------------------------------------------------------

# A line for each file: what is done with it, its mode, its place, where it comes from. "copy" takes it as it is, "edit"
# with the paths of this installation in the place of Debian's, "conf" is edited and then belongs to the administrator.
files() {
	for program in unio-api unio-signald unio-hookd unioctl; do
		file copy 755 "$SBINDIR/$program" "$BUILD/$program"
	done
	for page in docs/*.[1-8]; do
		file edit 644 "$MANDIR/man${page##*.}/${page##*/}" "$page"
	done
	for conf in etc/*.conf; do
		case $conf in
		*-site.conf) file edit 644 "$DATADIR/sites/${conf##*/}" "$conf" ;;
		*) file conf 644 "$SYSCONFDIR/${conf##*/}" "$conf" ;;
		esac
	done
	find web -type f ! -path 'web/types/*' ! -name package.json ! -name tsconfig.json | LC_ALL=C sort | while read -r page; do
		file copy 644 "$DATADIR/$page" "$page"
	done
	file copy 644 "$DATADIR/prometheus/unio.rules.yml" etc/prometheus/unio.rules.yml
	file copy 644 "$DATADIR/grafana/unio.json" etc/grafana/unio.json
	for recipe in admin/recipes/*; do
		case $recipe in
		*.sh) file edit 755 "$DATADIR/${recipe#admin/}" "$recipe" ;;
		*) file edit 644 "$DATADIR/${recipe#admin/}" "$recipe" ;;
		esac
	done
	service_files
	file copy 644 "$BASHDIR/unioctl" admin/completion/unioctl.bash
	file copy 644 "$ZSHDIR/_unioctl" admin/completion/_unioctl
}

service_files() {
	for unit in etc/systemd/*.service etc/systemd/*.socket etc/systemd/*.target etc/systemd/*/*.conf; do
		file edit 644 "$UNITDIR/${unit#etc/systemd/}" "$unit"
	done
	file edit 644 "$SYSUSERSDIR/unio.conf" etc/sysusers.d/unio.conf
	file edit 644 "$TMPFILESDIR/unio.conf" etc/tmpfiles.d/unio.conf
	file edit 755 "$DATADIR/setup" etc/setup
	file edit 755 "$DATADIR/rc" etc/rc
	file edit 644 "$DATADIR/init" etc/init
	[ -z "$INITDIR" ] || for script in etc/init.d/*; do
		file edit 755 "$INITDIR/${script##*/}" "$script"
	done
}

# What this version of the tree does not have is left out.
file() {
	[ ! -f "$4" ] || printf '%s\t%s\t%s\t%s\n' "$@"
}

# The files of the tree name Debian's places.
edited() {
	sed -e "s|/usr/sbin/unio|$SBINDIR/unio|g" -e "s|/usr/share/unio|$DATADIR|g" -e "s|/etc/unio|$SYSCONFDIR|g" \
		-e "s|^SocketGroup=.*|SocketGroup=$WEBGROUP|" -e "s|^WEBGROUP=.*|WEBGROUP=$WEBGROUP|" \
		-e "s|/usr/lib/sysusers.d|$SYSUSERSDIR|g" "$1"
}

# ---- install -----------------------------------------------------------------

install_all() {
	[ -x "$BUILD/unio-api" ] || die "$BUILD/unio-api is missing: run make first"
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	[ ! -f "$DESTDIR$LIST" ] || cp "$DESTDIR$LIST" "$scratch/before"
	[ -f "$scratch/before" ] || : >"$scratch/before"
	: >"$scratch/now"
	files >"$scratch/files"
	while IFS=$TAB read -r how mode place source; do
		case $how in
		copy) put "$mode" "$source" "$place" ;;
		edit | conf)
			edited "$source" >"$scratch/edited"
			[ "$how" = edit ] || put_conf "$mode" "$scratch/edited" "$place"
			[ "$how" = conf ] || put "$mode" "$scratch/edited" "$place"
			;;
		esac
	done <"$scratch/files"
	[ "$MANIFEST" = yes ] || return 0
	make_directories "$DATADIR"
	say_made f "$LIST"
	forget_gone
	{
		sed -n '/^d/p' "$scratch/before" "$scratch/now"
		sed -n '/^[cf]/p' "$scratch/now"
	} | awk '!seen[$0]++' >"$DESTDIR$LIST"
}

say_made() {
	printf '%s\t%s\n' "$1" "$2" >>"$scratch/now"
}

put() {
	make_directories "${3%/*}"
	install -m "$1" "$2" "$DESTDIR$3"
	say_made f "$3"
}

# A package manager asks by itself before it overwrites one; without one, it is ours until somebody edits it.
put_conf() {
	if [ "$MANIFEST" = yes ]; then
		pristine=$DATADIR/conf/${3##*/}
		if [ ! -e "$DESTDIR$3" ] || is_unedited "$3" "$pristine"; then
			make_directories "${3%/*}"
			install -m "$1" "$2" "$DESTDIR$3"
			say_made c "$3"
		else
			echo "install.sh: $3 has been edited and stays; this version's is $pristine"
			! grep -qxF "c$TAB$3" "$scratch/before" || say_made c "$3"
		fi
		put 644 "$2" "$pristine"
	else
		put "$1" "$2" "$3"
	fi
}

is_unedited() {
	cmp -s "$DESTDIR$1" "$DESTDIR$2"
}

# Those above a place that are missing, the uppermost first.
make_directories() {
	[ ! -d "$DESTDIR$1" ] || return 0
	case $1 in
	*/*/*) make_directories "${1%/*}" ;;
	esac
	mkdir -p "$DESTDIR$1"
	say_made d "$1"
}

# What an earlier version had and this one has not.
forget_gone() {
	sed -n 's/^f\t//p' "$scratch/before" | while read -r place; do
		grep -qxF "f$TAB$place" "$scratch/now" || rm -f "$DESTDIR$place"
	done
}

# ---- uninstall ---------------------------------------------------------------

uninstall_all() {
	[ -f "$DESTDIR$LIST" ] || die "$DESTDIR$LIST is missing: nothing was installed there (PREFIX, DESTDIR)"
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	cp "$DESTDIR$LIST" "$scratch/list"
	places c | while read -r place; do
		if is_unedited "$place" "$DATADIR/conf/${place##*/}"; then
			rm -f "$DESTDIR$place"
		elif [ -e "$DESTDIR$place" ]; then
			echo "install.sh: $place has been edited and stays"
		fi
	done
	places f | while read -r place; do
		rm -f "$DESTDIR$place"
	done
	places d | sort -r | while read -r place; do
		[ ! -d "$DESTDIR$place" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$place"
	done
}

places() {
	sed -n "s/^$1$TAB//p" "$scratch/list"
}

case ${1:-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) die "usage: install.sh install|uninstall" ;;
esac
