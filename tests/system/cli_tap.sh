# What the shell tests of the command line share: a home of their own, TAP, waiting. Sourced
# by tests/system/cli*.sh; nothing outside the home is touched.
JOBDECK=${JOBDECK:-./jobdeck}
case $JOBDECK in /*) ;; *) JOBDECK=$PWD/$JOBDECK ;; esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/jobdeck-cli.XXXXXX") || exit 99
JOBDECK_HOME=$tmp/home
export JOBDECK_HOME
unset COLUMNS JOBDECK_CRASH_AT
count=0
failed=0

jd() { "$JOBDECK" "$@"; }

finish() {
	jd stop-server >/dev/null 2>&1
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# run COMMAND...: its stdout in $out, stderr in $err, exit status in $rc
run() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# point NAME CONDITION...: one test point; what the last run said explains a failure
point() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		failed=1
		printf '# rc=%s\n' "$rc"
		printf '%s\n' "$out" | sed 's/^/# out: /' | head -20
		printf '%s\n' "$err" | sed 's/^/# err: /' | head -20
	fi
}
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
done_testing() {
	echo "1..$count"
	exit $failed
}

# conditions
exits() { [ "$rc" -eq "$1" ]; }
out_is() { [ "$out" = "$1" ]; }
out_has() { case $out in *"$1"*) true ;; *) false ;; esac; }
err_has() { case $err in *"$1"*) true ;; *) false ;; esac; }
matches() { expr "$1" : "$2" >/dev/null; }
all() {
	for condition; do
		eval "$condition" >/dev/null 2>&1 || { echo "# not true: $condition"; return 1; }
	done
}

# soon COMMAND...: true as soon as it is, within 20 seconds
soon() {
	limit=400
	until "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ $limit -gt 0 ] || return 1
		sleep 0.05
	done
}
# member NAME: of the JSON on stdin, the first of that name
member() { sed -n "s/.*\"$1\":[[:space:]]*\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
status_of() { jd describe --jsonl "$1" 2>/dev/null | member status; }
has_status() { [ "$(status_of "$1")" = "$2" ]; }
server_pid() { jd status --jsonl 2>/dev/null | member pid; }
