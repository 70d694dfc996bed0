#!/bin/sh
# src/LAYERS is the table of who may include whom: every include of the sources must be in
# it, every folder must have a row, and a row may name only rows above it.
root=${srcdir:-$(dirname "$0")/..}
table=$root/src/LAYERS
fail=0

complain() { echo "# $*"; fail=1; }
row() { sed -n "s/^$1: *//p" "$table"; }

echo 1..3

above=" "
for folder in $(sed -n 's/^\([a-z]*\):.*/\1/p' "$table"); do
	for other in $(row "$folder"); do
		case $above in *" $other "*) ;; *) complain "$folder names $other, which is not above it" ;; esac
	done
	above="$above$folder "
done
[ $fail -eq 0 ] && echo "ok 1 - rows name only rows above them" || echo "not ok 1 - rows name only rows above them"

fail=0
for dir in "$root"/src/*/ "$root"/include/jobdeck/*/; do
	folder=$(basename "$dir")
	grep -q "^$folder:" "$table" || complain "$dir has no row in src/LAYERS"
done
[ $fail -eq 0 ] && echo "ok 2 - every folder has a row" || echo "not ok 2 - every folder has a row"

fail=0
for folder in $(sed -n 's/^\([a-z]*\):.*/\1/p' "$table"); do
	allowed=" $folder $(row "$folder") "
	for file in $(find "$root/src/$folder" "$root/include/jobdeck/$folder" -name '*.[ch]' -o -name '*.def' 2>/dev/null); do
		for other in $(sed -n 's/^#[ ]*include "jobdeck\/\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
			case $allowed in *" $other "*) ;; *) complain "$file includes jobdeck/$other/" ;; esac
		done
		if grep -n '^#[ ]*include "\.\./' "$file"; then complain "$file includes by .."; fi
	done
done
[ $fail -eq 0 ] && echo "ok 3 - includes follow the table" || echo "not ok 3 - includes follow the table"
