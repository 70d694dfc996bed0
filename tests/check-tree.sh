#!/bin/sh
# Lists that people keep agree with the tree: sources in the makefiles, files with text for
# users in po/POTFILES.in, the version in NEWS, the size of files.
root=${srcdir:-$(dirname "$0")/..}
cd "$root" || exit 1
fail=0
n=0

complain() { echo "# $*"; fail=1; }
point() {
	n=$((n + 1))
	if [ $fail -eq 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
	fail=0
}

echo 1..5

for file in src/*/*.[ch] src/*/*.def include/jobdeck/*/*.h include/jobdeck/*/*.def; do
	[ -e "$file" ] || continue
	folder=$(basename "$(dirname "$file")")
	grep -q "$(basename "$file")" "src/$folder/local.mk" || complain "$file is not in src/$folder/local.mk"
done
point "every source is in its local.mk"

marked=$(grep -lE '(^|[^A-Za-z_])N?_\("' src/*.c src/*/*.[ch] src/*/*.def include/jobdeck/*/*.def 2>/dev/null | sort)
for file in $marked; do
	grep -qx "$file" po/POTFILES.in || complain "$file has text for users and is not in po/POTFILES.in"
done
for file in $(grep -v '^#' po/POTFILES.in); do
	[ -e "$file" ] || complain "po/POTFILES.in lists $file, which is gone"
done
point "po/POTFILES.in lists every file with text for users"

version=$(sed -n 's/^AC_INIT(\[jobdeck\], \[\([^]]*\)\].*/\1/p' configure.ac)
grep -q "^$version " NEWS || complain "NEWS has no entry for $version"
[ "$(grep -m1 -oE '^[0-9]+\.[0-9]+\.[0-9]+' NEWS)" = "$version" ] || complain "NEWS does not begin with $version"
point "NEWS begins with the version"

for file in src/*/*.c; do
	[ "$(wc -l <"$file")" -le 1000 ] || complain "$file has more than 1,000 lines"
	grep -q '^#include "config.h"' "$file" || complain "$file does not include config.h"
done
point "sources can be read in a sitting and include config.h"

if grep -rnE 'TODO|FIXME|XXX[^X]' src include --include='*.[ch]' | grep -v mkdtemp; then complain "unfinished business"; fi
point "no unfinished business"
