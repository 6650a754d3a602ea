#!/bin/sh
# The front servers of a development instance: admin/run.sh reads this file. For each server WEB a function
# front_WEB_conf writes its configuration around the one in etc/, and front_WEB_program says how it runs: in
# the foreground, as one process, so that nothing of it outlives the supervisor.
# shellcheck disable=SC2154 # ROOT VAR BIND PORT API BUILD and the functions are run.sh's
set -eu

FDS_MAX=32768		# descriptors for the front server, if the system grants them
THREADS=2000		# of Apache, which gives each WebSocket one

front_fds() {
	awk -v most="$FDS_MAX" '/^Max open files/ { print ($5 == "unlimited" || $5 > most) ? most : $5 }' /proc/self/limits
}

# The address to listen on, as servers write it.
front_bind() {
	case $BIND in
	*:*) echo "[$BIND]" ;;
	*) echo "$BIND" ;;
	esac
}

# The check of a configuration; its complaints are shown only when there are any.
front_check() {
	said=$("$@" 2>&1) || die "$WEB does not take its configuration:
$said"
}

# What the server must know of several signaling daemons.
front_daemons() {
	"$BUILD/unioctl" -c "$VAR/unio.conf" front "$1" >"$VAR/$1-daemons.conf" || die "unioctl front failed"
}

# ---- lighttpd ----------------------------------------------------------------

front_lighttpd_conf() {
	front_daemons lighttpd
	cat >"$VAR/lighttpd.conf" <<-END
	# Made by admin/run.sh at each start.
	var.unio_base = "$(conf base_path)"
	var.unio_web = "$ROOT/web"
	var.unio_api_socket = "$(conf api_socket)"
	var.unio_ws_socket = "$(conf ws_socket)"
	var.unio_spool = "$VAR/spool"
	var.unio_log = "$VAR/log"
	var.unio_max_fds = $(front_fds)
	server.max-connections = $(($(front_fds) / 2))
	var.unio_cgi = "$PROGRAMS/unio-api"
	var.unio_conf = "$VAR/unio.conf"
	server.bind = "$(front_bind)"
	server.port = $PORT
	include "$ROOT/etc/lighttpd.conf"
	include "$VAR/lighttpd-daemons.conf"
	$([ "$API" != cgi ] || echo "include \"$ROOT/etc/lighttpd-cgi.conf\"")
	END
}

front_lighttpd_program() {
	program lighttpd "listen=tcp:$BIND:$PORT" "pidfile=$VAR/run/lighttpd.pid" \
		"log=$VAR/log/lighttpd.log" : lighttpd -D -f "$VAR/lighttpd.conf"
}

# ---- nginx -------------------------------------------------------------------

# For the right-hand side of a sed(1) substitution between bars.
front_literal() {
	printf '%s\n' "$1" | sed 's/[&|\\]/\\&/g'
}

front_nginx_conf() {
	fds=$(front_fds)
	base=$(conf base_path)
	front_daemons nginx
	# As an administrator would edit it.
	sed -e "s|^location / |location $base/ |" -e "s|\^/api|^$base/api|" -e "s|\^/ws|^$base/ws|" \
		-e "s|/usr/share/unio/web|$(front_literal "$ROOT/web")|" \
		-e "s|/run/unio/api.sock|$(front_literal "$(conf api_socket)")|" \
		-e "s|/run/unio/ws.sock|$(front_literal "$(conf ws_socket)")|" \
		-e "s|/etc/unio/nginx-daemons|$(front_literal "$VAR/nginx-daemons")|" \
		-e "s|/var/log/nginx|$(front_literal "$VAR/log")|" etc/nginx.conf >"$VAR/nginx-unio.conf"
	cat >"$VAR/nginx.conf" <<-END
	# Made by admin/run.sh at each start.
	daemon off;
	master_process off;
	pid "$VAR/run/nginx.self";
	error_log stderr error;
	events {
		worker_connections $fds;
	}
	http {
		types {
			text/html html;
			text/css css;
			text/javascript js mjs;
			image/svg+xml svg;
		}
		default_type application/octet-stream;
		$(grep '^log_format' etc/nginx-site.conf)
		access_log "$VAR/log/access.log" unio;
		client_body_temp_path "$VAR/spool/body";
		proxy_temp_path "$VAR/spool/proxy";
		fastcgi_temp_path "$VAR/spool/fastcgi";
		uwsgi_temp_path "$VAR/spool/uwsgi";
		scgi_temp_path "$VAR/spool/scgi";
		server {
			listen $(front_bind):$PORT;
			include "$VAR/nginx-unio.conf";
		}
	}
	END
	front_check nginx -t -q -e stderr -c "$VAR/nginx.conf"
}

# As one process nginx takes no listening socket from others (it would crash), so that it opens the port itself:
# while it restarts connections are refused.
front_nginx_program() {
	program nginx "pidfile=$VAR/run/nginx.pid" "log=$VAR/log/nginx.log" : \
		prlimit "--nofile=$(front_fds):" nginx -e stderr -c "$VAR/nginx.conf"
}

# ---- Apache ------------------------------------------------------------------

APACHE_MODULES='alias authz_core buffer dir env headers mime mpm_event proxy proxy_fcgi proxy_http reqtimeout'

# Apache opens its port itself: it takes none from others, so while it restarts connections are refused.
front_apache_conf() {
	front_daemons apache
	{
		cat <<-END
		# Made by admin/run.sh at each start.
		ServerRoot "$VAR"
		ServerName localhost
		Listen $(front_bind):$PORT
		DefaultRuntimeDir "$VAR/run"
		PidFile "$VAR/run/apache.self"
		ErrorLog "$VAR/log/error.log"
		END
		for module in $APACHE_MODULES $([ "$API" != cgi ] || echo cgi); do
			echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
		done
		cat <<-END
		TypesConfig /dev/null
		ServerLimit 1
		ThreadLimit $THREADS
		ThreadsPerChild $THREADS
		MaxRequestWorkers $THREADS
		Define unio_base "$(conf base_path)/"
		Define unio_web "$ROOT/web"
		Define unio_api_socket "$(conf api_socket)"
		Define unio_ws_socket "$(conf ws_socket)"
		Define unio_log "$VAR/log"
		END
		[ "$API" != cgi ] || cat <<-END
		Define unio_cgi "$PROGRAMS/unio-api"
		Define unio_conf "$VAR/unio.conf"
		END
		echo "Include \"$VAR/apache-daemons.conf\""
		echo "Include \"$ROOT/etc/apache.conf\""
	} >"$VAR/apache.conf"
	front_check apache2 -t -f "$VAR/apache.conf"
}

# Apache serves no page as root. Where we are root it becomes nobody, but with root's way into directories: the
# tree may be below /root.
front_apache_program() {
	set -- prlimit "--nofile=$(front_fds):" apache2 -X -f "$VAR/apache.conf"
	[ "$(id -u)" -ne 0 ] || set -- setpriv --reuid=nobody --regid=0 --clear-groups --pdeathsig=KILL \
		--inh-caps=+dac_override,+dac_read_search --ambient-caps=+dac_override,+dac_read_search --securebits=+no_setuid_fixup "$@"
	program apache "pidfile=$VAR/run/apache.pid" "log=$VAR/log/apache.log" : "$@"
}

# ---- Caddy -------------------------------------------------------------------

# It opens its port itself, and gets no certificate here. What it would keep in a home directory goes into VAR.
front_caddy_conf() {
	front_daemons caddy
	cat >"$VAR/caddy.conf" <<-END
	# Made by admin/run.sh at each start.
	{
		admin off
		auto_https off
		storage file_system "$VAR/spool"
		$(sed -n '/^	servers {$/,/^}$/p' etc/caddy-site.conf)
	http://:$PORT {
		bind $BIND
		import "$VAR/caddy-daemons.conf"
		import "$ROOT/etc/caddy.conf"
	}
	END
	front_check env "XDG_CONFIG_HOME=$VAR/spool" "UNIO_LOG=$VAR/log" caddy validate --adapter caddyfile --config "$VAR/caddy.conf"
}

front_caddy_program() {
	program caddy "pidfile=$VAR/run/caddy.pid" "log=$VAR/log/caddy.log" : prlimit "--nofile=$(front_fds):" \
		env "XDG_CONFIG_HOME=$VAR/spool" "UNIO_BASE=$(conf base_path)" "UNIO_WEB=$ROOT/web" "UNIO_LOG=$VAR/log" \
		"UNIO_API_SOCKET=$(conf api_socket)" "UNIO_WS_SOCKET=$(conf ws_socket)" \
		caddy run --adapter caddyfile --config "$VAR/caddy.conf"
}
