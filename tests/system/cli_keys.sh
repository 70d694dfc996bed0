#!/bin/sh
# Keys, listening, and what a shell needs for the AWS CLI and SDKs.
. "${srcdir:-.}/tests/system/cli_tap.sh"

# asked URL: what a request without a signature is answered
asked() { python3 -c 'import sys, urllib.request as u, urllib.error as e
try: u.urlopen(sys.argv[1], b"{}", 10)
except e.HTTPError as x: print(x.code, x.headers["x-amzn-ErrorType"])' "$1/v1/listjobs"; }
url_of() { jd status --jsonl 2>/dev/null | sed -n 's/.*"listening":\["\([^"]*\)".*/\1/p'; }

# --- keys -----------------------------------------------------------------------------
run jd key create --name laptop
secret=$(printf '%s\n' "$out" | sed -n 's/^Secret access key  //p')
id=$(printf '%s\n' "$out" | sed -n 's/^Access key id      //p')
point "a key and its secret" all 'exits 0' '[ ${#id} -eq 20 ]' '[ ${#secret} -eq 40 ]' 'err_has "shown this once"'
point "the file is mine alone" [ "$(stat -c %a "$JOBDECK_HOME/keys")" = 600 ]
run jd key list
point "the list has no secret" all 'exits 0' 'out_has $id' 'out_has laptop' '! out_has "$secret"'
run jd key create --name laptop
point "a name twice" all 'exits 1' 'err_has "there is a key laptop already"' 'out_is ""'
run jd key create --name 'a b'
point "a name that is none" all 'exits 2' 'err_has "letters, digits"'
run jd key create --expires 0
point "one that is never good" all 'exits 2'
run jd key create --read-only --expires 12h --json
point "a read-only key that expires, in JSON" all 'exits 0' 'out_has "\"readOnly\":	true"' 'out_has expiresAt' 'out_has secretAccessKey'
run jd --read-only key delete laptop
point "--read-only deletes nothing" all 'exits 5' 'jd key list | grep -q laptop'
run jd key delete laptop nobody
point "delete" all 'exits 4' 'err_has "key laptop is deleted"' 'err_has "there is no key nobody"' '! jd key list | grep -q laptop'
point "none of this has started a server" all '! jd status'

# --- env ------------------------------------------------------------------------------
run jd env
point "env starts a server that listens" all 'exits 0' 'out_has "export AWS_ENDPOINT_URL_BATCH="' 'out_has "unset AWS_PROFILE;"'
eval "$out"
point "its values" all '[ "$AWS_ENDPOINT_URL" = "$(url_of)" ]' '[ ${#AWS_SECRET_ACCESS_KEY} -eq 40 ]' '[ "$AWS_REGION" = us-east-1 ]'
first=$out
run jd env
point "again the same" out_is "$first"
point "status tells where" [ "$(jd status | sed -n 's/^Listening *//p')" = "$AWS_ENDPOINT_URL" ]
out=$(asked "$AWS_ENDPOINT_URL")
point "who does not sign is refused" out_is "403 MissingAuthenticationTokenException"
run jd env --json
point "env in JSON" all 'exits 0' 'out_has "\"AWS_ACCESS_KEY_ID\":	\"$AWS_ACCESS_KEY_ID\""'
run jd env --fish
point "env for fish" all 'exits 0' "out_has \"set -gx AWS_ACCESS_KEY_ID '\$AWS_ACCESS_KEY_ID';\"" 'out_has "set -e AWS_SESSION_TOKEN;"'
run jd env --unset
eval "$out"
point "and back" [ -z "${AWS_ENDPOINT_URL-}${AWS_SECRET_ACCESS_KEY-}" ]
run jd --read-only env
point "env makes a key, so not with --read-only" exits 5
run jd api JobdeckListen '{"address": "0.0.0.0:0"}'
point "nobody is let in from elsewhere by a request" all 'exits 5' 'err_has "other machines can reach"'
jd stop-server

# --- serve ----------------------------------------------------------------------------
run jd serve --listen 0.0.0.0:0
point "an open address must be asked for in so many words" all 'exits 1' 'err_has "other machines can reach 0.0.0.0:0"' 'err_has "--listen-anywhere"'
run jd serve --listen example.org:80
point "an address that is none" all 'exits 1' 'err_has "an address is 127.0.0.1:PORT"'
jd serve --listen 127.0.0.1:0 --listen 127.0.0.1:0 >"$tmp/serve.out" 2>"$tmp/serve" &
serve=$!
point "serve says where it listens" soon eval '[ "$(grep -c "^Listening at http://127.0.0.1:" "$tmp/serve")" -eq 2 ]'
out=$(asked "$(url_of)")
point "and it does" out_is "403 MissingAuthenticationTokenException"
port=$(url_of | sed 's/.*://')
jd stop-server
wait $serve
printf 'listen = 127.0.0.1:%s\n' "$port" >"$JOBDECK_HOME/config"
run jd queues
point "the setting, for a server that a command starts" [ "$(url_of)" = "http://127.0.0.1:$port" ]
JOBDECK_HOME=$tmp/other
mkdir -m 700 "$JOBDECK_HOME"
cp "$tmp/home/config" "$JOBDECK_HOME/config"
run jd queues
point "a port that is taken does not keep one from work" all 'exits 0' '[ -z "$(url_of)" ]'
run jd env
point "env says what is the matter" all 'exits 1' 'err_has "Address already in use"'
jd stop-server
JOBDECK_HOME=$tmp/home
done_testing
