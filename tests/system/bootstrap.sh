#!/bin/sh
# ./bootstrap run as the first thing typed in a clean clone, without a terminal: it sets up,
# submits a job, shows its output, and exits with the job's status. Then again, which builds nothing.
root=${srcdir:-$(dirname "$0")/../..}
if ! git -C "$root" rev-parse HEAD >/dev/null 2>&1 || [ ! -e "$root/.git" ]; then
	echo "1..0 # SKIP not a git checkout"
	exit 0
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/jobdeck-bootstrap-XXXXXX") || exit 1
trap 'JOBDECK_HOME=$dir/home "$dir/clone/build/jobdeck" stop-server >/dev/null 2>&1; rm -rf "$dir"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL JOBDECK_CRASH_AT

n=0
check() { # NAME: the status of the command before it decides
	status=$?
	n=$((n + 1))
	if [ $status -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$dir/out"
	fi
}

echo 1..5
git clone -q "$root" "$dir/clone" 2>"$dir/out"
check "clone"
cd "$dir/clone" || exit 1
export JOBDECK_HOME="$dir/home"

./bootstrap run </dev/null >"$dir/out" 2>&1
check "bootstrap run ends with the job's status"
grep -q '^hello world' "$dir/out"
check "the job's output is there"
built=$(stat -c '%i %Y' build/jobdeck build/config.status)
./bootstrap run </dev/null >"$dir/out" 2>&1 && [ "$(stat -c '%i %Y' build/jobdeck build/config.status)" = "$built" ]
check "a second call builds nothing again"
./bootstrap run submit --follow -- sh -c 'exit 3' </dev/null >"$dir/out" 2>&1
[ $? -eq 3 ]
check "arguments reach jobdeck, and its exit status comes back"
