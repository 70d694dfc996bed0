#!/bin/sh
# A job may use jobdeck itself. A server that its command starts is not part of the job: it,
# and what it runs, outlive the job; what the job leaves behind otherwise does not.
dir=$(mktemp -d "${TMPDIR:-/tmp}/jobdeck-inner-XXXXXX") || exit 1
jd() { JOBDECK_HOME=$dir/outer "$JOBDECK" "$@"; }
inner() { JOBDECK_HOME=$dir/inner "$JOBDECK" "$@"; }
trap 'jd stop-server >/dev/null 2>&1; inner stop-server >/dev/null 2>&1; rm -rf "$dir"' EXIT
mkdir -m 700 "$dir/outer" "$dir/inner"

n=0
point() { # NAME: the status of the command before it decides
	status=$?
	n=$((n + 1))
	[ $status -eq 0 ] && echo "ok $n - $1" || { echo "not ok $n - $1"; sed 's/^/# /' "$dir/out"; }
}

echo 1..5
cat >"$dir/script" <<SCRIPT
sh -c 'trap "" HUP TERM; while :; do sleep 0.1; done' & echo \$! >"$dir/left"
JOBDECK_HOME=$dir/inner "$JOBDECK" submit --name inside -- sh -c 'until [ -e "$dir/go" ]; do sleep 0.05; done; echo done'
SCRIPT
jd submit --follow -- sh "$dir/script" >"$dir/out" 2>&1
point "a job submits to another home, whose server it starts"
inner --no-start status >"$dir/out" 2>&1
point "that server outlives the job"
! grep -qs . "/proc/$(cat "$dir/left")/cmdline"
point "what else the job left does not"
: >"$dir/go"
inner --no-start wait inside >"$dir/out" 2>&1
point "and so does what it runs: SUCCEEDED"
jd submit --follow -- sh -c 'echo again' >"$dir/out" 2>&1
point "the shim takes another job"
