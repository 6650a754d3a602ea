#!/bin/sh
# A foreign library is known to one file; libcurl, to one file of either program that asks others something.
set -eu

while read -r header file; do	# or two of them
	grep -n "^#include <$header" shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch] docs/*.c |
		grep -v -e "^${file% *}:" -e "^${file#* }:" |
		sed "s|^\([^:]*:[0-9]*\):.*|\1: only ${file} may include <$header>|" || :
done <<'END'
cjson/ shared/json.c
curl/ admin/http.c hook-daemon/post.c
ev.h ws-daemon/loop.c
fcgi fcgi-api/fcgi.c
ini.h shared/conf_file.c
jwt.h shared/token.c
libwebsockets.h ws-daemon/ws.c
openssl/ shared/digest.c
sodium.h shared/password.c
sqlite3.h shared/db.c
syslog.h shared/log.c
yaml.h docs/embed.c
zmq.h shared/bus.c
END
