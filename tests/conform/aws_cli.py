"""The AWS CLI against a real server over TCP; Debian's, when it is there, which is older than
AWS_ENDPOINT_URL."""
import json
import os
import shutil
import subprocess

from story import ACCOUNT, Listening, Tap, skip_all, wait_until


path = "/usr/bin/aws" if os.access("/usr/bin/aws", os.X_OK) else shutil.which("aws")
if not path:
    skip_all("no aws (Debian: awscli)")
tap = Tap()
home = Listening()


def aws(*arguments, **more):
    out = subprocess.run([path, "--endpoint-url", home.url, "--output", "json", *arguments],
                         env=home.sdk_environment(**more), capture_output=True, text=True, check=False,
                         timeout=60)
    return out.stdout, out.stderr


def story():
    out, err = aws("sts", "get-caller-identity")
    tap.ok(f"arn:aws:iam::{ACCOUNT}:user/writer" in out, "sts get-caller-identity", out, err)
    out, err = aws("batch", "register-job-definition", "--job-definition-name", "shell", "--type",
                   "container", "--container-properties",
                   "image=host,command=true,resourceRequirements=[{type=VCPU,value=1},{type=MEMORY,value=64}]")
    tap.ok('"revision"' in out, "batch register-job-definition", out, err)
    out, err = aws("batch", "submit-job", "--job-name", "hello", "--job-queue", "default",
                   "--job-definition", "shell", "--container-overrides", 'command=["echo","hi"]')
    tap.ok('"jobId"' in out, "batch submit-job", out, err)
    if not out:
        return
    job = json.loads(out)["jobId"]

    def succeeded():
        out, _ = aws("batch", "describe-jobs", "--jobs", job)
        return '"SUCCEEDED"' in out and json.loads(out)["jobs"][0]
    stream = wait_until(succeeded, 30, "SUCCEEDED")["container"]["logStreamName"]
    out, err = aws("logs", "get-log-events", "--log-group-name", "/aws/batch/job",
                   "--log-stream-name", stream)
    tap.ok('"message": "hi"' in out, "logs get-log-events", out, err)
    out, err = aws("batch", "list-tags-for-resource", "--resource-arn",
                   f"arn:aws:batch:us-east-1:{ACCOUNT}:job-queue/default")
    tap.ok('"tags"' in out, "batch list-tags-for-resource", out, err)
    out, err = aws("batch", "describe-job-queues", AWS_SECRET_ACCESS_KEY="wrong")
    tap.ok("An error occurred (InvalidSignatureException) when calling the DescribeJobQueues "
           "operation: The request signature we calculated does not match" in err,
           "a wrong secret", out, err)
    out, err = aws("batch", "terminate-job", "--job-id", job, "--reason", "x",
                   AWS_ACCESS_KEY_ID=home.reader[0], AWS_SECRET_ACCESS_KEY=home.reader[1])
    tap.ok("(AccessDeniedException)" in err, "a key that may only read", out, err)


try:
    home.run("init", "--yes")
    story()
finally:
    home.close()
tap.done()
