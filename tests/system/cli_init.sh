#!/bin/sh
# jobdeck init --yes: from nothing to a finished job, again and again.
. "${srcdir:-.}/tests/system/cli_tap.sh"

run jd init --yes
point "init --yes from an empty home" all 'exits 0' 'out_has "hello world from job"'
point "it prints each step with its API call" all 'err_has "CreateComputeEnvironment local-ce"' \
	'err_has "CreateJobQueue           default"' 'err_has "RegisterJobDefinition    hello:1"' 'err_has "SubmitJob                hello"'
run jd environments --jsonl
point "the environment is managed, EC2, optimal" all 'out_has "\"type\":\"MANAGED\""' 'out_has "[\"optimal\"]"' 'out_has "\"maxvCpus\":"'
run jd init --yes
point "again: what is there is left alone" all 'exits 0' 'err_has "is there already"' 'out_has "hello world"'
run jd definitions --jsonl
point "and no second definition" [ "$(grep -c '"jobDefinitionName":"hello"' "$tmp/out")" = 1 ]
run jd init --yes -- sh -c 'echo mine; exit 5'
point "a first job of one's own; the exit status is the job's" all 'exits 5' 'out_is mine'
run jd init -- true
point "without --yes there is nothing to do with a command" exits 2

JOBDECK_HOME=$tmp/home2
run jd init --yes --no-job --max-vcpus 1
point "init --no-job --max-vcpus" all 'exits 0' 'out_is ""' '! err_has SubmitJob'
run jd environments
point "one vCPU" awk 'NR == 2 && $6 == 1 { found = 1 } END { exit !found }' "$tmp/out"
"$JOBDECK" submit -- sleep 100 >"$tmp/first"
run jd submit -- true
second=$out
point "with one vCPU the second waits, and jobs says why" all "soon has_status $second RUNNABLE" "jd jobs | grep RUNNABLE | awk '\$8 == \"-\" { exit 1 }'"
run jd cancel "$second"
point "cancel one that is RUNNABLE" all 'exits 0' "has_status $second FAILED"
jd terminate "$(cat "$tmp/first")" >/dev/null
jd wait --all >/dev/null 2>&1
jd stop-server

# Two at once on an empty home make one environment and one queue.
JOBDECK_HOME=$tmp/home3
"$JOBDECK" submit -- true >"$tmp/1" 2>"$tmp/1e" &
one=$!
"$JOBDECK" submit -- true >"$tmp/2" 2>"$tmp/2e" &
two=$!
wait $one
rc1=$?
wait $two
rc=$?
err=$(cat "$tmp/1e" "$tmp/2e")
point "two first submits at once" all 'exits 0' "[ $rc1 -eq 0 ]" '[ "$(jd queues --jsonl | wc -l)" = 1 ]'
run jd wait --all
point "both end" exits 0
jd stop-server
JOBDECK_HOME=$tmp/home

done_testing
