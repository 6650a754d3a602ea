#!/bin/sh
# Turns the migrations named on the command line into a C table, in that order.
set -eu
echo '/* Made from schema/ by schema/embed.sh. */'
echo '#include "schema.h"'
echo
echo 'const char *const schema_migration[] = {'
for file; do
	printf '\t(\n'
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t"/' -e 's/$/\\n"/' "$file"
	printf '\t),\n'
done
printf '};\n\nconst int schema_version = %d;\n' "$#"
