#!/bin/sh
# A struct is called struct.
set -eu

grep -nE '^[[:space:]]*typedef[[:space:]]+(struct|union|enum)\b|^}[[:space:]]*[a-z_]+_t;' \
	shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch] docs/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] |
	sed 's/^\([^:]*:[0-9]*\):.*/\1: a struct, union or enum is not hidden behind a typedef/' || :
