#!/bin/sh
# Every column says behind itself what it holds; every table is STRICT.
set -eu

for file in schema/*.sql; do
	awk -v file="$file" '
		# A column may go on over several lines, which are indented further.
		function column_ends() {
			if (column != "" && !said)
				print file ":" line ": column " column " of " table " has no comment"
			column = ""
		}
		/^CREATE TABLE/ { table = $3; next }
		table && /^\t[a-zA-Z]/ { column_ends(); said = 0; line = NR; column = $1 }
		table && /^\t[A-Z]/ { column = "" }
		table && /-- ./ { said = 1 }
		table && /^\)/ {
			column_ends()
			if ($0 !~ /^\) STRICT(, WITHOUT ROWID)?;/)
				print file ":" NR ": table " table " is not STRICT"
			table = ""
		}' "$file"
done
