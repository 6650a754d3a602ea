#!/bin/sh
# Who may include whom: a program its own folder and shared/; in shared/, nobody what stands above.
set -eu

# Floor by floor; a file may include its own floor and those below. What is not named here is the top.
GROUND='base sizes mem arena buf str digest plain escape clock log peer local conf conf_key conf_rule conf_value conf_file cors shard scan emit json lane confine'
EDGE='secret key jwk jwks provider token token_cache password ticket turn bus ctl'
STORAGE='db db_open db_check db_backup db_restore db_migrate db_sqlite db_postgres rows schema'

floor_of() {
	case " $GROUND " in *" $1 "*) echo 0; return ;; esac
	case " $EDGE " in *" $1 "*) echo 1; return ;; esac
	case " $STORAGE " in *" $1 "*) echo 2; return ;; esac
	echo 3
}

# The lines of $1 that include a file of ours, as "LINE NAME".
includes() {
	sed -n '/^#include "/{=;s/^#include "\(.*\)".*/\1/p;}' "$1" | paste -d ' ' - -
}

for file in shared/*.[ch]; do
	stem=$(basename "$file" | sed 's/\.[ch]$//')
	own=$(floor_of "$stem")
	includes "$file" | while read -r line name; do
		if ! [ -f "shared/$name" ]; then
			echo "$file:$line: includes $name, which is not in shared/"
		else
			other=$(floor_of "${name%.h}")
			if [ "$other" -gt "$own" ] || { [ "$own" -eq 2 ] && [ "$other" -eq 1 ]; }; then
				echo "$file:$line: includes $name, which stands above it"
			fi
		fi
	done
done

for file in fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch]; do
	folder=${file%%/*}
	includes "$file" | while read -r line name; do
		[ -f "$folder/$name" ] || [ -f "shared/$name" ] ||
			echo "$file:$line: includes $name, which is neither in $folder/ nor in shared/"
	done
done
