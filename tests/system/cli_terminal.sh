#!/bin/sh
# What a job wrote, in a pipe and on a terminal; tables fitted to the terminal.
. "${srcdir:-.}/tests/system/cli_tap.sh"
command -v script >/dev/null || { echo "1..0 # SKIP no script(1) to make a terminal"; exit 0; }

on_terminal() { # on_terminal WIDTH ARGUMENT...: $out is what the terminal got
	width=$1
	shift
	script -qec "stty cols $width rows 24; $JOBDECK $*" /dev/null </dev/null >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(tr -d '\r' <"$tmp/out")
}
esc=$(printf '\033')

id=$(jd submit --name wild -- printf '\033[31mred\033[0m\033]0;title\007\n10%%\r20%%\rdone\r\nbell\007 \302\233 \342\200\256back\nno newline' 2>/dev/null)
jd wait "$id" >/dev/null
jd logs "$id" >"$tmp/raw"
printf '\033[31mred\033[0m\033]0;title\007\n10%%\r20%%\rdone\r\nbell\007 \302\233 \342\200\256back\nno newline' >"$tmp/expected"
rc=0 out=$(od -c "$tmp/raw") err=
point "in a pipe: the job's own bytes" cmp "$tmp/raw" "$tmp/expected"
on_terminal 80 logs "$id"
point "on a terminal: no control sequence" all 'exits 0' '! out_has "$esc"' '! grep -q "$(printf "\007")" "$tmp/out"' \
	'! grep -q "$(printf "\302\233")" "$tmp/out"' '! grep -q "$(printf "\342\200\256")" "$tmp/out"'
point "on a terminal: nothing hides what was there before" all 'out_has "10%
20%
done
"' 'out_has red'
on_terminal 80 logs --json "$id"
point "JSON on a terminal is harmless too" all '! out_has "$esc"' '! grep -q "$(printf "\302\233")" "$tmp/out"'
run jd logs --jsonl "$id"
point "JSON tells stream and time" all 'out_has "\"jobdeckStream\":\"stdout\""' 'out_has "\"timestamp\":"'
run jd logs --tail 1 "$id"
point "logs --tail" out_is "no newline"
run jd logs --timestamps "$id"
point "logs --timestamps" matches "$(head -n 1 "$tmp/out")" '20[0-9][0-9]-[0-9-]*T[0-9:.]*Z '

jd submit --name a-name-that-is-really-much-longer-than-a-column-of-a-table -- false >/dev/null
jd wait --all >/dev/null 2>&1
for width in 80 100; do
	on_terminal $width jobs
	point "jobs at $width columns: no line is longer" all 'exits 0' \
		"awk -v w=$width '{ sub(/\r/, \"\") } length(\$0) > w { exit 1 }' '$tmp/out'" "out_has '$id'"
done
run jd jobs
point "in a pipe nothing is cut" out_has a-name-that-is-really-much-longer-than-a-column-of-a-table
on_terminal 80 submit --follow -- "sh -c 'echo plain; exit 4'"
point "following on a terminal" all 'exits 4' 'out_has plain' 'out_has "exit code 4"'
(jd queue disable default; jd api CreateJobQueue '{"jobQueueName": "q", "state": "DISABLED", "priority": 1, "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "local-ce"}]}') >/dev/null 2>&1
printf 'n\n' | script -qec "$JOBDECK queue delete q" /dev/null >"$tmp/out" 2>&1
rc=$? out=$(cat "$tmp/out")
point "delete asks on a terminal; no is no" all 'exits 5' 'out_has "[y/N]"' 'jd describe queue/q'
printf 'y\n' | script -qec "$JOBDECK queue delete q" /dev/null >"$tmp/out" 2>&1
rc=$? out=$(cat "$tmp/out")
point "yes is yes" all 'exits 0' '! jd describe queue/q'

done_testing
