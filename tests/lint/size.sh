#!/bin/sh
# A file that can be read in one sitting, a function that fits a screen.
set -eu

FILE_LINES=450
FUNCTION_LINES=80

for file in shared/*.[ch] fcgi-api/*.[ch] ws-daemon/*.[ch] hook-daemon/*.[ch] admin/*.[ch] docs/*.c tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/load/*.[ch] tests/bench/peers/*/*.c; do
	[ -f "$file" ] || continue
	awk -v file="$file" -v file_lines="$FILE_LINES" -v function_lines="$FUNCTION_LINES" '
		/^[a-z_][a-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
		/^{/ { begin = NR }
		/^}/ && begin {
			# The body of a test program is a table of its tests.
			if (NR - begin + 1 > function_lines && !(name == "main" && file ~ /^tests\//))
				print file ":" begin ": " name "() has " NR - begin + 1 " lines, more than " function_lines
			begin = 0
		}
		END {
			if (NR > file_lines)
				print file ":" NR ": the file has " NR " lines, more than " file_lines
		}' "$file"
done
