#!/bin/sh
# Functions that cut, overrun or swallow mistakes without a word.
set -eu

BANNED='atoi|atol|atoll|atof|sprintf|vsprintf|strcpy|strcat|stpcpy|strtok|strncpy|gets|alloca|mktemp|tmpnam'
IN_PROGRAMS='system|popen|gmtime|localtime|rand|srand'

look_for() {
	functions=$1
	shift
	grep -nE "(^|[^A-Za-z0-9_])($functions)[[:space:]]*\(" "$@" |
		grep -vE '^[^:]*:[0-9]*:[[:space:]]*/?\*' |
		sed -E "s/^([^:]*:[0-9]*):.*(^|[^A-Za-z0-9_])($functions)[[:space:]]*\(.*/\1: \3() is not used here/" || :
}

look_for "$BANNED" shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch] docs/*.c tests/unit/*.[ch] tests/fuzz/*.[ch]
look_for "$IN_PROGRAMS" shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch]
