#!/bin/sh
# The first process in namespaces of its own: makes the tree's mounts, which nobody else sees, and becomes what runs there.
# tests/pack/tree.sh starts it.
#
#	inside.sh run TREE ARCHIVES COMMAND
#	inside.sh hold|boot TREE ARCHIVES
set -eu

how=$1
tree=$2
archives=$3

mount --make-rprivate /
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount -t tmpfs -o mode=755 dev "$tree/dev"
for node in null zero full random urandom tty; do
	touch "$tree/dev/$node"
	mount --bind "/dev/$node" "$tree/dev/$node"
done
touch "$tree/dev/console"
mkdir "$tree/dev/pts" "$tree/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
ln -s pts/ptmx "$tree/dev/ptmx"
mount --bind "$archives" "$tree/var/cache/apt/archives"

if [ "$how" = boot ]; then
	mount -t sysfs sysfs "$tree/sys"
	mount -t cgroup2 none "$tree/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 run "$tree/run"
	mount -t tmpfs tmp "$tree/tmp"
fi
[ "$how" = run ] || ip link set lo up

# Not chroot: who enters the namespaces later is in the tree, too.
mkdir -p "$tree/.old"
cd "$tree"
pivot_root . .old
umount -l /.old
rmdir /.old
touch /dev/entered

case $how in
run)
	# Nothing that is installed starts a service.
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	code=0
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -c "$4" || code=$?
	rm -f /usr/sbin/policy-rc.d
	exit $code
	;;
hold)
	# A shell that waits reaps those whose parents have gone, as an init does.
	while sleep 0.1; do
		:
	done
	;;
boot)
	ln -sf /dev/null /etc/systemd/system/console-getty.service
	export container=tree
	exec /lib/systemd/systemd --system </dev/null >/var/log/boot.log 2>&1
	;;
esac
