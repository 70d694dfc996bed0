#!/bin/sh
# What AWS Batch has beyond single jobs, from the command line against a real server: arrays,
# dependencies of all kinds, retry rules, holds, environments and queues of one's own, drills.
. "${srcdir:-.}/tests/system/cli_tap.sh"

mkdir -p "$JOBDECK_HOME"
cat >"$JOBDECK_HOME/config" <<'EOF'
pool_vcpus = 8
pool_memory_mib = 32768
spot_notice_seconds = 0
EOF
jd init --yes >/dev/null 2>&1

# --- arrays ---------------------------------------------------------------------------
run jd submit --array 4 -- sh -c 'echo child $AWS_BATCH_JOB_ARRAY_INDEX; [ $AWS_BATCH_JOB_ARRAY_INDEX != 2 ]'
array=$out
run jd wait "$array"
point "an array ends as FAILED when a child did" all 'exits 10' 'out_is "$array FAILED"'
run jd jobs --of "$array" --jsonl
point "its children are listed by index" all '[ "$(printf "%s\n" "$out" | member jobId)" = "$array:0" ]' \
	'[ "$(printf "%s\n" "$out" | wc -l)" -eq 4 ]'
run jd jobs --of "$array" -s FAILED --jsonl
point "and by state" out_has "\"jobId\":\"$array:2\""
run jd logs "$array:3"
point "each child has a log" out_is "child 3"
run jd describe "$array"
point "the parent tells of them" all 'out_has "3 SUCCEEDED, 1 FAILED"' 'out_has "Array Child Job failed"'
run jd describe "$array:2"
point "a child can be described" all 'out_has "exit code 1"' 'out_has "Index"'
run jd jobs --of "$array" -s NONSENSE
point "a state that is none is refused" exits 2

# --- one after the other --------------------------------------------------------------
order=$tmp/order
run jd submit --array 3 --sequential -- sh -c "echo \$AWS_BATCH_JOB_ARRAY_INDEX >>$order"
one=$out
run jd submit --array 3 -d "$one:n-to-n" -- sh -c "echo n\$AWS_BATCH_JOB_ARRAY_INDEX >>$order"
two=$out
run jd wait "$one" "$two"
point "children in sequence, and each after its like" all 'exits 0' \
	'[ "$(grep -v n "$order" | tr "\n" " ")" = "0 1 2 " ]' \
	'[ "$(grep -c n "$order")" -eq 3 ]'
run jd submit -d "$array:0" --follow -- echo after a child
point "after a single child that succeeded" all 'exits 0' 'out_is "after a child"'
run jd submit --after-any "$array" --follow -- echo after all
point "after a job that only has to end" all 'exits 0' 'out_is "after all"'
run jd submit -d "$array" -- true
point "after a job that FAILED: a warning" all 'exits 0' 'err_has "warning: it will fail at once"'
run jd submit --strict -d "$array" -- true
point "which --strict makes an error" all 'exits 2' 'err_has "it will fail at once"' 'out_is ""'

# --- retry ----------------------------------------------------------------------------
run jd submit --retry '3,exit:7=exit' --follow -- sh -c 'echo try; exit 7'
point "a retry rule says when to give up" all 'exits 7' 'out_is try'
run jd submit --retry '3,exit:7=exit' --follow -- sh -c 'echo try $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_ATTEMPT = 2 ]'
point "and what it does not name is tried again" all 'exits 0' 'out_is "try 1
try 2"'

# --- holds and times ------------------------------------------------------------------
run jd submit --hold -- true
held=$out
run jd submit --start-after 1d -- true
late=$out
run jd submit --start-after 2020-01-01 --follow -- echo at once
point "a time that has passed is no wait" out_is "at once"
point "held and early jobs wait" all 'has_status "$held" RUNNABLE' '! has_status "$late" RUNNING' \
	'! has_status "$late" SUCCEEDED'
run jd release "$held"
point "release prints the id" all 'exits 0' 'out_is "$held"'
run jd wait "$held"
point "and lets it run" all 'exits 0' 'out_is "$held SUCCEEDED"'
run jd terminate "$late"
point "what waits for a time can be ended" has_status "$late" FAILED

# --- parameters, tags -----------------------------------------------------------------
cat >"$tmp/greet.json" <<'EOF'
{ "jobDefinitionName": "greet", "type": "container", "parameters": { "whom": "nobody" },
  "containerProperties": { "image": "host", "command": ["echo", "hello", "Ref::whom"],
    "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }] } }
EOF
run jd definition register "$tmp/greet.json"
point "a definition from a file" all 'exits 0' 'out_is greet:1'
run jd submit --definition greet --parameters whom=world --follow
point "and a parameter for it" out_is "hello world"
run jd definition deregister greet:1
run jd submit --definition greet
point "retired it cannot be submitted" all 'exits 4' 'err_has "not in ACTIVE status"'

# --- nodes ----------------------------------------------------------------------------
run jd submit --nodes 3 -- sh -c 'echo node $AWS_BATCH_JOB_NODE_INDEX of $AWS_BATCH_JOB_NUM_NODES; [ $AWS_BATCH_JOB_NODE_INDEX = 0 ] && sleep 0.3'
nodes=$out
run jd wait "$nodes"
point "a multi-node job ends with its main node" all 'exits 0' 'out_is "$nodes SUCCEEDED"'
run jd jobs --of "$nodes" --jsonl
point "its nodes are listed" all '[ "$(printf "%s\n" "$out" | wc -l)" -eq 3 ]' 'out_has "$nodes#2"'
run jd logs "$nodes#2"
point "each has a log" out_is "node 2 of 3"
run jd describe "$nodes#0"
point "and the main one is known" all 'out_has "Node"' 'out_has SUCCEEDED'

# --- why ------------------------------------------------------------------------------
run jd submit --vcpus 6 -- sleep 1000
big=$out
soon has_status "$big" RUNNING
run jd submit --vcpus 4 -- true
next=$out
run jd why "$next"
point "why says what is short, and where" all 'exits 0' 'out_has "> room          WAIT   local-ce: 2 of 8 vCPU free"'
run jd submit --vcpus 9 -- true
never=$out
point "what can never run is told when it is submitted" all 'exits 0' \
	'err_has "it needs 9 vCPU, local-ce has 8 at most: can never run"'
run jd why "$never" --json
point "and by why, in JSON too" all 'out_has NEVER' '[ "$(printf "%s" "$out" | member status)" = RUNNABLE ]'
run jd submit --strict --vcpus 9 -- true
point "--strict does not take it" all 'exits 2' 'out_is ""'
run jd why nonsense
point "why of nothing" exits 4
jd terminate "$never" "$next" "$big" >/dev/null

# --- shares and consumables -----------------------------------------------------------
run jd policy create fair --decay 1h --share 'a*=0.5' --share bob=1
point "a scheduling policy" all 'exits 0' 'err_has "policy fair is made"'
run jd policy update fair --share carol=2 --remove-share bob
run jd policy list
point "changed, and listed" out_has "a*=0.5,carol=2"
run jd queue create shared --environments local-ce --policy fair
point "a queue that shares by it" exits 0
run jd submit -q shared -- true
point "wants to know for whom" all 'exits 2' 'err_has "shareIdentifier must be specified"'
run jd submit -q shared --share alice --priority 5 --follow -- echo shared
point "and then runs" all 'exits 0' 'out_is shared'
run jd submit -q shared --share zoe -- true
point "a share without a weight is told" all 'exits 0' 'err_has "zoe is not in scheduling policy fair"'
run jd consumable create licence --total 1
run jd submit --consume licence=1 -- sleep 1000
taker=$out
soon has_status "$taker" RUNNING
run jd submit --consume licence=1 -- true
waiter=$out
run jd consumable list
point "a licence in use" out_has "licence     REPLENISHABLE      1       1     0"
point "is waited for" has_status "$waiter" RUNNABLE
jd terminate "$taker" >/dev/null
run jd wait "$waiter"
point "and taken when it is given back" out_is "$waiter SUCCEEDED"
run jd consumable delete licence
point "and deleted when nobody needs it" exits 0

# --- environments and queues ----------------------------------------------------------
run jd environment create spot --type SPOT --instance-types m5.large --max 4
point "an environment of instances" all 'exits 0' 'err_has "environment spot is made"'
run jd environment create bad --instance-types c5,c6g
point "what cannot be is refused in AWS's words" all 'exits 2' 'err_has "arm-based instance type"'
run jd queue create cheap --environments spot --priority 3 --backfill on
point "a queue for it" all 'exits 0' 'err_has "queue cheap is made"'
run jd queue update cheap --max-running 1 --priority 4
run jd describe queue/cheap
point "changed later, tags too" all 'out_has "jobdeck:max-running=1"' 'out_has "jobdeck:backfill=on"' \
	'out_has "Priority         4"'
run jd submit -q cheap --retry '2,status:Host EC2*=retry' -- sleep 1000
job=$out
point "a job brings an instance up" soon has_status "$job" RUNNING
instance=$(jd instances spot --jsonl | member instanceId)
run jd instances spot
point "which is listed" all 'out_has "$instance"' 'out_has "m5.large spot"'
run jd submit -q cheap -- true
second=$out
point "no more than the queue may run" all 'has_status "$second" RUNNABLE'
run jd drill reclaim "$instance"
point "a drill takes it back" all 'exits 0' 'err_has "$instance was given notice"'
reclaimed() { jd describe --jsonl "$job" | grep -q "Host EC2 (instance $instance) terminated"; }
point "the job hears AWS's reason and is tried again" all 'soon reclaimed' 'soon has_status "$job" RUNNING'
run jd drill block cheap --for 1h
run jd drill list
point "drills are listed" all 'out_has BLOCK_QUEUE' 'out_has cheap'
run jd terminate "$job"
run jd drill end
run jd wait "$second"
point "and ended" all 'exits 0' 'out_is "$second SUCCEEDED"'

run jd environment update spot --instance-types m5.xlarge
point "an infrastructure update" all 'exits 0' 'err_has "environment spot is changed"'
updated() { jd environment list --jsonl | grep '"spot"' | grep -q '"status":"VALID"'; }
point "is over when the old instances have gone" soon updated
run jd queue disable cheap
run jd queue delete cheap --yes
point "a queue goes" all 'exits 0' 'err_has "cheap is deleted"'
run jd environment disable spot
run jd environment delete spot --yes
point "and its environment" all 'exits 0' 'err_has "spot is deleted"'
run jd --read-only environment create x
point "read-only changes nothing" exits 5
done_testing
