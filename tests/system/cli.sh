#!/bin/sh
# The subcommands against a real server, shim and processes.
. "${srcdir:-.}/tests/system/cli_tap.sh"
jobs=${JOBDECK_CLI_JOBS:-200}

# --- the first command of all ---------------------------------------------------------
run jd --no-start jobs
point "no server: --no-start says so" all 'exits 1' 'err_has "no server runs"'
run jd status --json
point "no server: status says so and starts none" all 'exits 1' "out_has '\"running\":	false'"

run jd submit --follow -- sh -c 'echo out; echo err >&2; exit 3'
point "the first submit makes what is missing, shows output, ends with the exit code" \
	all 'exits 3' 'out_is out' 'err_has "CreateJobQueue"'
point "stderr has the job's own and tells of the exit code" \
	all 'err_has "
err
"' 'err_has "FAILED: exit code 3 (Essential container in task exited)"'

# --- submit ---------------------------------------------------------------------------
run jd submit --name greeter -- echo hello
id=$out
point "submit prints the id alone" matches "$out" '[0-9a-f]\{8\}-[0-9a-f]\{4\}-7[0-9a-f]\{3\}-[0-9a-f]\{4\}-[0-9a-f]\{12\}$'
run jd wait "$id"
point "wait for one that succeeds" all 'exits 0' 'out_is "$id SUCCEEDED"'
run jd logs "$id"
point "its log" all 'exits 0' 'out_is hello'

jd submit -- echo again >/dev/null
jd submit -- echo and again >/dev/null
run jd definitions --jsonl
point "commands of one program share a definition" [ "$(grep -c '"jobDefinitionName":"host-echo"' "$tmp/out")" = 1 ]
run jd submit --follow -- printf '%s|' 'a b' "c'd" '$HOME' ' '
point "arguments arrive as they were given" all 'exits 0' "out_is \"a b|c'd|\\\$HOME| |\""

mkdir -p "$tmp/some where"
cd "$tmp/some where" || exit 99
GIVEN=handed run jd submit --follow --env GIVEN --env 'TWO=1 = 1' -- sh -c 'pwd; echo "$GIVEN $TWO"'
point "directory and variables" out_is "$tmp/some where
handed 1 = 1"
cd / || exit 99
run jd submit --env NOT_SET_ANYWHERE -- true
point "a variable that is not there is a mistake" all 'exits 2' 'err_has "NOT_SET_ANYWHERE=VALUE"'

run jd submit --follow --retry 3 -- sh -c 'echo try $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_ATTEMPT = 3 ]'
point "retries are followed, one after the other" all 'exits 0' 'out_is "try 1
try 2
try 3"' 'err_has "attempt 1 of 3 ended: exit code 1"' 'err_has "attempt 2 of 3"'
run jd logs --attempt 2 "$(jd jobs --limit 1 --jsonl 2>/dev/null | member jobId)"
point "the log of one attempt" out_is "try 2"
run jd submit --follow -- /no/such/program
point "a command that cannot start: exit 1 and why" all 'exits 1' 'err_has "Task failed to start"'
run jd submit --follow -- sh -c 'kill -9 $$'
point "killed by a signal: as AWS says it" exits 137
run jd submit --follow --definition host-echo -- echo with definition
point "a definition and a command of one's own" all 'exits 0' 'out_is "with definition"'
run jd submit --definition nonsense
point "a definition that is not there" all 'exits 4' 'err_has "does not exist or is not in ACTIVE status"'
run jd submit --queue nonsense -- true
point "a queue that is not there" all 'exits 4' 'err_has "nonsense not found"'
run jd submit --json -- true
point "submit --json" all 'exits 0' "out_has '\"jobArn\"'"
big=$(head -c 9000 /dev/zero | tr '\0' x)
run jd submit --follow -- sh -c "printf %s $big | wc -c"
point "a command too long for an override gets its own definition" all 'exits 0' 'out_is 9000'

# --- dependencies ---------------------------------------------------------------------
order=$tmp/order
a=$(jd submit --name first -- sh -c "until [ -e '$tmp/go' ]; do sleep 0.05; done; echo 1 >>'$order'")
b=$(jd submit --depends-on "$a" -- sh -c "sleep 0.1; echo 2 >>'$order'")
c=$(jd submit --depends-on "$a" --depends-on "$b" -- sh -c "echo 3 >>'$order'")
run jd jobs --status PENDING
point "those that wait say for what" out_has "waits for"
: >"$tmp/go"
run jd wait "$c"
point "three in a chain run in order" all 'exits 0' "[ \"\$(tr -d '\n' <'$order')\" = 123 ]"
a=$(jd submit -- sh -c 'sleep 0.2; exit 4')
b=$(jd submit --depends-on "$a" -- sh -c "echo never >>'$order'")
c=$(jd submit --depends-on "$b" -- true)
run jd wait "$a" "$b" "$c"
point "when the first fails, so do those that need it" \
	all 'exits 10' 'err_has "exit code 4"' 'err_has "Dependent Job failed"' "! grep -q never '$order'"
run jd logs "$b"
point "the log of one that never ran says why" all 'exits 0' 'err_has "never ran: Dependent Job failed"'
run jd describe --jsonl "$c"
point "its statusReason is AWS's" out_has '"statusReason":"Dependent Job failed"'
run jd submit --depends-on 00000000-0000-7000-8000-000000000000 -- true
point "a dependency that is not there" all 'exits 4' 'err_has "does not exist"'

# --- naming jobs ----------------------------------------------------------------------
run jd describe first
point "by name" all 'exits 0' 'out_has "SUCCEEDED"' 'out_has "Name             first"'
# Ids begin with the time: only nearly whole ones are sure to be alone.
run jd logs "${id%?}"
point "by the beginning of the id" out_is hello
run jd describe echo
point "a name of several: they are listed" all 'exits 2' 'err_has "names"' 'err_has "$(jd jobs --jsonl 2>/dev/null | grep "\"jobName\":\"echo\"" | member jobId)"'
run jd describe nothing-like-it
point "nothing of that name" all 'exits 4' 'err_has "nothing-like-it"'
run jd logs nothing-like-it
point "no job of that name" all 'exits 4' 'err_has "jobdeck jobs"'
for what in queue/default environment/local-ce definition/host-echo "job/$id"; do
	run jd describe "$what"
	point "describe $what" exits 0
done

# --- waiting and stopping -------------------------------------------------------------
long=$(jd submit -- sh -c 'echo begun; exec sleep 100')
run jd wait "$long" --timeout 1
point "wait gives up after --timeout" all 'exits 6' 'out_is ""' 'err_has "1 job has not ended yet"'
run jd wait --all --timeout 0
point "wait --all knows it too" exits 6
soon has_status "$long" RUNNING
run jd cancel "$long"
point "cancel leaves a running job alone and says so" all 'exits 5' 'err_has "jobdeck terminate"' "has_status $long RUNNING"
run jd terminate "$long" --reason "enough of it"
point "terminate" all 'exits 0' 'out_is "$long"'
run jd wait "$long"
point "a terminated job is FAILED with the reason given" all 'exits 10' 'err_has "exit code 143 (enough of it)"'
run jd terminate "$long"
point "a job that has ended is left as it is" all 'exits 0' 'err_has "had ended already: FAILED"'
hold=$(jd submit --depends-on "$(jd submit --name blocker -- sleep 100)" -- true)
run jd cancel "$hold" nothing-like-it
point "cancel one that waits; the exit code is that of what went wrong" all 'exits 4' 'out_is "$hold"'
point "it is FAILED" has_status "$hold" FAILED
jd terminate blocker >/dev/null
run jd wait
point "wait for nothing is a mistake" exits 2
run jd --json wait "$id" "$long"
point "wait --json" all 'exits 10' "out_has '\"jobId\":\"$long\"'"

# --- Ctrl-C ---------------------------------------------------------------------------
"$JOBDECK" submit --name held --follow -- sh -c 'echo begun; exec sleep 100' >"$tmp/held" 2>"$tmp/held.err" &
follower=$!
soon grep -q begun "$tmp/held"
kill -TERM $follower
wait $follower
rc=$? out=$(cat "$tmp/held") err=$(cat "$tmp/held.err")
point "a signal ends the following only" all 'exits 143' 'err_has "goes on"' 'err_has "jobdeck terminate"' 'has_status held RUNNING'
jd terminate held >/dev/null
jd wait held >/dev/null 2>&1

# --- queues and environments ----------------------------------------------------------
run jd queue disable default
point "queue disable" all 'exits 0' 'err_has "default is DISABLED"'
run jd submit -- true
point "with every queue disabled submit says what to do" all 'exits 1' 'err_has "jobdeck queue enable"'
run jd submit --queue default -- true
point "a disabled queue takes no jobs" all '[ $rc -ne 0 ]' 'err_has "DISABLED"'
run jd queue enable default
point "queue enable" exits 0
run jd queue delete default
point "an enabled queue is not deleted" [ "$rc" -ne 0 ]
jd api CreateJobQueue '{"jobQueueName": "second", "priority": 1, "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "local-ce"}]}' >/dev/null
run jd submit -- true
point "with several queues submit takes the default" exits 0
jd queue disable default 2>/dev/null
run jd submit -- true
point "the only enabled queue is taken" all 'exits 0' "soon jd describe '$out'" "jd describe '$out' | grep -q 'Queue *second'"
jd api CreateJobQueue '{"jobQueueName": "third", "priority": 1, "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "local-ce"}]}' >/dev/null
run jd submit -- true
point "with none that is plainly meant, submit asks which" all 'exits 2' 'err_has "second, third"'
jd queue disable second third 2>/dev/null
run jd queue delete second third nosuch
point "queue delete, each for itself" all 'exits 4' 'err_has "queue second is deleted"' 'err_has "queue third is deleted"'
jd queue enable default 2>/dev/null
run jd environment delete local-ce
point "an environment that a queue uses is not deleted" [ "$rc" -ne 0 ]
run jd environment disable local-ce
point "environment disable" all 'exits 0' 'err_has "local-ce is DISABLED"'
run jd environments
point "environments shows it" all 'exits 0' 'out_has DISABLED'
jd environment enable local-ce 2>/dev/null
run jd queue explode default
point "an action that is none" all 'exits 2' 'err_has explode'

# --- listings -------------------------------------------------------------------------
if command -v python3 >/dev/null; then
	for what in jobs queues environments definitions "api --list"; do
		run jd --json $what
		point "$what --json is one array" python3 -c 'import json,sys; x = json.load(open(sys.argv[1])); assert isinstance(x, list) and x' "$tmp/out"
		run jd $what --jsonl
		point "$what --jsonl is one object a line" python3 -c 'import json,sys; x = [json.loads(l) for l in open(sys.argv[1])]; assert x and all(isinstance(o, dict) for o in x)' "$tmp/out"
	done
else
	skip "JSON of listings" "no python3"
fi
run jd jobs --limit 2
point "jobs --limit" all 'exits 0' '[ "$(printf "%s\n" "$out" | wc -l)" = 3 ]' 'err_has "--limit 0"'
run jd jobs --status FAILED --status RUNNING
point "jobs --status" all 'exits 0' 'out_has FAILED' '! out_has SUCCEEDED'
run jd jobs --status BROKEN
point "a status that is none" all 'exits 2' 'err_has RUNNABLE'
run jd jobs
point "columns can be counted: no cell is empty" awk 'NR == 1 { n = NF } NF < n { exit 1 }' "$tmp/out"

# --- api ------------------------------------------------------------------------------
run jd api DescribeJobQueues '{"jobQueues": ["default"]}'
point "api with an argument" all 'exits 0' "out_has '\"jobQueueName\":\"default\"'"
printf '{"jobQueues": ["default"]}' >"$tmp/request"
run jd api DescribeJobQueues "@$tmp/request"
point "api with a file" out_has '"jobQueueName":"default"'
out=$(jd api DescribeJobQueues - <"$tmp/request")
point "api from stdin" out_has '"jobQueueName":"default"'
run jd api DescribeJobQueues '{'
point "api with what is not JSON" all 'exits 2' 'err_has "not JSON"'
run jd api DescribeEverything
point "api with an operation that is none" all 'exits 2' 'err_has "api --list"'
run jd api SubmitJob '{"jobName": "x"}'
point "the API's own refusal" all 'exits 2' 'err_has jobQueue'

# --- read-only ------------------------------------------------------------------------
for what in "submit -- true" "cancel x" "terminate x" "queue enable default" "environment enable x" "init --yes" "stop-server" "api SubmitJob {}"; do
	run jd --read-only $what
	point "--read-only refuses $what" all 'exits 5' 'err_has read-only'
done
run jd --read-only jobs
point "--read-only lets one look" exits 0

# --- the server -----------------------------------------------------------------------
a=$(jd submit -- sh -c 'sleep 0.7; exit 9')
pid=$(server_pid)
kill -9 "$pid"
run jd wait "$a"
point "kill -9 of the server: the next command goes on, the exit code is true" all 'exits 10' 'err_has "exit code 9"'
"$JOBDECK" submit --follow -- sh -c 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 7' >"$tmp/counted" 2>"$tmp/counted.err" &
follower=$!
soon grep -q 2 "$tmp/counted"
kill -9 "$(server_pid)"
wait $follower
rc=$? out=$(cat "$tmp/counted") err=$(cat "$tmp/counted.err")
point "kill -9 while following: not a line is missing" all 'exits 7' 'out_is "1
2
3
4
5
6"'
pid=$(server_pid)
run jd stop-server
point "stop-server returns when it is gone" all 'exits 0' '! kill -0 $pid 2>/dev/null || grep -q "^State:.*Z" /proc/$pid/status'
run jd stop-server
point "stop-server again" all 'exits 0' 'err_has "no server runs"'
run jd --embedded submit --follow -- echo in this process
point "--embedded" all 'exits 0' 'out_is "in this process"' '! jd status'

# --- the console needs a terminal -----------------------------------------------------
run jd
point "without a terminal the console names the subcommands" all 'exits 2' 'err_has "submit"' 'err_has "jobdeck help"'
run jd init
point "and so does the wizard" all 'exits 2' 'err_has "init --yes"'

# --- output that goes nowhere ---------------------------------------------------------
if [ -w /dev/full ]; then
	jd jobs >/dev/full 2>"$tmp/err"
	rc=$? err=$(cat "$tmp/err")
	point "a full disk is no success" all 'exits 1' 'err_has "cannot write"'
fi

# --- many -----------------------------------------------------------------------------
i=0
while [ $i -lt "$jobs" ]; do
	jd submit --name many -- true || break
	i=$((i + 1))
done >"$tmp/ids"
xargs "$JOBDECK" wait <"$tmp/ids" >"$tmp/out" 2>"$tmp/err"
rc=$?
point "$jobs submits in a loop all end SUCCEEDED" all 'exits 0' '[ "$(sort -u "$tmp/ids" | wc -l)" = "$jobs" ]' '[ "$(grep -c SUCCEEDED "$tmp/out")" = "$jobs" ]'

done_testing
