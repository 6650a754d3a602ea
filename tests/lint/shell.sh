#!/bin/sh
# Shell is POSIX, careful (set -eu) and passes shellcheck.
set -eu

scripts() {
	find . \( -name node_modules -o -name .git -o -name build -o -name var \) -prune -o -type f -print |
		while read -r file; do
			case $file in
			*.sh) echo "${file#./}" ;;
			*.*) ;;
			*) head -c 9 "$file" | grep -aqx '#!/bin/sh' && echo "${file#./}" ;;
			esac
		done
}

scripts | while read -r file; do
	head -n 1 "$file" | grep -qx '#!/bin/sh' || echo "$file:1: does not begin with #!/bin/sh"
	grep -qE '^set -eu$' "$file" || echo "$file:1: does not say set -eu"
	shellcheck -x --shell=sh --format=gcc "$file" | sed 's/^\([^:]*:[0-9]*\):[0-9]*: /\1: /' || :
done
