#!/bin/sh
# Waits until an instance is ready and says where it is.
#
#	admin/announce.sh ADDRESS VAR
set -eu

ADDRESS=$1
VAR=$2
PATIENCE=60	# seconds

waited=0
until curl -fs -o /dev/null --max-time 5 "$ADDRESS/api/health/ready"; do
	if [ "$waited" -ge $((PATIENCE * 10)) ]; then
		echo "Unio is not ready after $PATIENCE s: see $VAR/log/" >&2
		tail -n 5 "$VAR"/log/*.log >&2
		exit 1
	fi
	waited=$((waited + 1))
	sleep 0.1
done

cat <<EOF

Unio is running; Ctrl-C ends it.

  page     $ADDRESS/
  API      $ADDRESS/api
  logs     $VAR/log/

  demo     admin@unio.app  admin123   administrator, host of meeting 1
  logins   user@unio.app   user123    participant of meeting 1
           guest@unio.app  guest123   in no meeting

ready: $ADDRESS/
EOF
