#!/bin/sh
# jobdeck events and hooks: what happened, also while nobody looked and over the server's end.
. "${srcdir:-.}/tests/system/cli_tap.sh"

mkdir -p "$JOBDECK_HOME"
chmod 700 "$JOBDECK_HOME"
cat >"$JOBDECK_HOME/config" <<END
# a '#' in a command is its own
hook.done.on = Batch Job State Change
hook.done.status = SUCCEEDED
hook.done.command = cat >>$tmp/done # not a comment of ours
hook.bad.status = FAILED
hook.bad.command = echo cannot tell anybody >&2; exit 7
END
run jd submit --name first -- true
first=$out
soon has_status "$first" SUCCEEDED
run jd events
point "the life of a job" all 'exits 0' \
	"[ \"\$(echo \"\$out\" | awk '{ print \$4 }' | tr '\\n' ' ')\" = 'RUNNABLE STARTING RUNNING SUCCEEDED ' ]" "out_has $first"
run jd events --json --status SUCCEEDED
point "as EventBridge has it" all 'exits 0' 'out_has "\"detail-type\":\"Batch Job State Change\""' 'out_has "\"source\":\"aws.batch\""' \
	"out_has job/$first"
point "one line each" [ "$(wc -l <"$tmp/out")" -eq 1 ]
point "a hook has run with it on its stdin" soon cmp -s "$tmp/out" "$tmp/done"
run jd events --queue nothing
point "of no such queue" all 'exits 4' 'err_has nothing'
run jd events --status DONE
point "of no such status" exits 2
run jd events --since yesterday
point "since no such time" all 'exits 2' 'err_has "10m or 2d"'

run jd submit --name second -- sh -c 'exit 3'
second=$out
hook_failed() { jd status | grep -q 'exit status 7: cannot tell anybody'; }
point "a hook that fails is told of by status" soon hook_failed
point "and in the server's log" grep -q 'hook bad failed: exit status 7: cannot tell anybody' "$JOBDECK_HOME/server.log"

"$JOBDECK" events --follow --json >"$tmp/follow" 2>"$tmp/follow.err" &
follower=$!
follows() { grep -q "$1" "$tmp/follow"; }
run jd submit --name third -- true
third=$out
point "following" soon follows "job/$third"
kill -9 "$(server_pid)"
run jd submit --name fourth -- true
fourth=$out
point "over the server's death" soon eval "[ \$(grep -c 'job/$fourth' '$tmp/follow') -eq 4 ]"
kill -INT $follower
wait $follower
rc=$?
point "until Ctrl-C" exits 130
run jd events --since 1h
point "nothing is told twice or missed" [ "$(grep -c SUCCEEDED "$tmp/out")" -eq 3 ]
# After a crash a hook may run twice for the same event, but never not at all.
point "hooks miss nothing" soon eval "[ \$(sort -u '$tmp/done' | wc -l) -eq 3 ]"
done_testing
