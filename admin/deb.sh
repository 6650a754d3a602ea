#!/bin/sh
# Builds the Debian package from a copy of the tree. `make deb` comes here.
#
#	BUILD=build     the package is made in BUILD/deb
#	VERSION=0.1.0   its version; another one than that of etc/debian/changelog takes its place there
#
# The same sources give the same bytes, wherever and whenever: the time in the package is that of the changelog, and
# the copy's path is kept out of it (dpkg-buildpackage sees to both).
set -eu
umask 022

cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
VERSION=${VERSION:?the version of the package}
# What the build reads. Not the whole directory: who works in it may have anything there.
SOURCES='Makefile LICENSE README.md admin docs etc fcgi-api hook-daemon schema shared web ws-daemon'

mkdir -p "$BUILD/deb"
out=$(cd "$BUILD/deb" && pwd)
work=$out/unio-$VERSION

rm -rf "$work"
mkdir "$work"
# shellcheck disable=SC2086 # a list of words
tar -c --exclude=node_modules --exclude=web/types $SOURCES | tar -x -C "$work" --no-same-owner
cp -r "$work/etc/debian" "$work/debian"
sed -i "1s/([^)]*)/($VERSION)/" "$work/debian/changelog"
find "$work" -exec touch -h -d "$(sed -n 's/^ -- .*>  //p' "$work/debian/changelog" | head -n 1)" {} +
# Of the builder's settings none is to change the package.
cd "$work"
env -u CFLAGS -u LDFLAGS -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u VERSION -u CI LC_ALL=C TZ=UTC \
	dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes >"$out/build.log" 2>&1 || {
	tail -n 30 "$out/build.log" >&2
	echo "deb.sh: dpkg-buildpackage failed; all it said is in $out/build.log" >&2
	exit 1
}
cd "$out"
rm -rf "$work"
echo "$out/unio_${VERSION}_$(dpkg --print-architecture).deb"
