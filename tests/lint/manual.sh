#!/bin/sh
# Manual pages pass mandoc -Tlint; from their folder, so that they find each other.
set -eu

cd docs
for page in *.[1-8]; do
	[ -f "$page" ] || continue
	mandoc -Tlint "$page" | sed -n 's/^mandoc: \([^:]*:[0-9]*\):[0-9]*: /docs\/\1: /p'
done
