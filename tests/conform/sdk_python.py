"""boto3 against a real server over TCP, with real signatures: a story from the first compute
environment to the last deletion, and one of requests that must be refused."""
import datetime
import os
import sys
import types

try:
    import boto3
except ImportError:
    # Another Python may be first on the PATH; Debian's has the package.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("1..0 # SKIP no boto3 (Debian: python3-boto3)")
    raise SystemExit(0)

import botocore.auth
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

try:
    import botocore.crt.auth
    signers = [botocore.auth, botocore.crt.auth]
except ImportError:
    signers = [botocore.auth]

from story import ACCOUNT, REGION, Listening, Tap, wait_until

tap = Tap()
home = Listening()


def client(service, key=None, **more):
    key = key or home.key
    more.setdefault("config", Config(retries={"max_attempts": 1}))
    return boto3.client(service, region_name=REGION, endpoint_url=home.url, aws_access_key_id=key[0],
                        aws_secret_access_key=key[1], **more)


def refused(call, code, text, name):
    """The point of a call that must fail in just this way."""
    try:
        tap.ok(False, name, f"answered {call()}")
    except ClientError as error:
        got = error.response["Error"]
        tap.ok(got["Code"] == code and text in got["Message"], name, str(got),
               str(error.response["ResponseMetadata"]["HTTPStatusCode"]))


batch, logs, sts = client("batch"), client("logs"), client("sts")


def status_of(job):
    return batch.describe_jobs(jobs=[job])["jobs"][0]["status"]


def ended(job):
    return wait_until(lambda: status_of(job) in ("SUCCEEDED", "FAILED") and status_of(job), 30, job)


def valid(describe, names, kind):
    def look():
        return describe(**{kind: [names]})[kind][0]["status"] == "VALID"
    wait_until(look, 10, f"{names} VALID")


def story():
    who = sts.get_caller_identity()
    tap.ok(who["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/writer" and who["Account"] == ACCOUNT,
           "sts: who am I", str(who))
    environment = batch.create_compute_environment(
        computeEnvironmentName="ce", type="MANAGED",
        computeResources={"type": "EC2", "maxvCpus": 4, "instanceTypes": ["optimal"],
                          "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"],
                          "instanceRole": "ecsInstanceRole", "minvCpus": 0})
    tap.ok(environment["computeEnvironmentArn"] ==
           f"arn:aws:batch:{REGION}:{ACCOUNT}:compute-environment/ce", "create an environment",
           str(environment))
    valid(batch.describe_compute_environments, "ce", "computeEnvironments")
    queue = batch.create_job_queue(
        jobQueueName="q", state="ENABLED", priority=1, tags={"team": "a b/ü"},
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "ce"}])
    valid(batch.describe_job_queues, "q", "jobQueues")
    definition = batch.register_job_definition(
        jobDefinitionName="shell", type="container",
        containerProperties={"image": "host", "command": ["sh", "-c", "echo out; echo $WORD"],
                             "resourceRequirements": [{"type": "VCPU", "value": "1"},
                                                      {"type": "MEMORY", "value": "64"}]})
    tap.ok(definition["revision"] == 1, "register a definition", str(definition))
    job = batch.submit_job(jobName="hello", jobQueue="q", jobDefinition="shell",
                           containerOverrides={"environment": [{"name": "WORD", "value": "wörld"}]})
    after = batch.submit_job(jobName="after", jobQueue="q", jobDefinition="shell:1",
                             dependsOn=[{"jobId": job["jobId"]}])
    tap.ok(ended(job["jobId"]) == "SUCCEEDED" and ended(after["jobId"]) == "SUCCEEDED",
           "a job and one that depends on it succeed")
    jobs_and_logs(job, queue)
    delete_all()


def jobs_and_logs(job, queue):
    detail = batch.describe_jobs(jobs=[job["jobId"]])["jobs"][0]
    tap.ok(detail["attempts"][0]["container"]["exitCode"] == 0 and detail["jobArn"] == job["jobArn"],
           "describe it", str(detail))
    pages = list(batch.get_paginator("list_jobs").paginate(
        jobQueue="q", jobStatus="SUCCEEDED", PaginationConfig={"PageSize": 1}))
    names = [j["jobName"] for p in pages for j in p["jobSummaryList"]]
    tap.ok(sorted(names) == ["after", "hello"] and len(pages) >= 2, "list in pages", str(names))
    stream = detail["container"]["logStreamName"]
    lines = logs.get_log_events(logGroupName="/aws/batch/job", logStreamName=stream,
                                startFromHead=True)["events"]
    tap.ok([e["message"] for e in lines] == ["out", "wörld"], "its output", str(lines))
    arn = queue["jobQueueArn"]
    batch.tag_resource(resourceArn=arn, tags={"another one": "x+y=z&"})
    batch.untag_resource(resourceArn=arn, tagKeys=["team"])
    tags = batch.list_tags_for_resource(resourceArn=arn)["tags"]
    tap.ok(tags == {"another one": "x+y=z&"}, "tags, with the ARN in the path and keys in the query",
           str(tags))
    sleeper = batch.submit_job(jobName="long", jobQueue="q", jobDefinition="shell",
                               containerOverrides={"command": ["sleep", "600"]})["jobId"]
    wait_until(lambda: status_of(sleeper) == "RUNNING", 30, "RUNNING")
    batch.terminate_job(jobId=sleeper, reason="enough")
    tap.ok(ended(sleeper) == "FAILED", "terminate")


def delete_all():
    batch.update_job_queue(jobQueue="q", state="DISABLED")
    batch.delete_job_queue(jobQueue="q")
    wait_until(lambda: not batch.describe_job_queues()["jobQueues"], 20, "queue gone")
    batch.update_compute_environment(computeEnvironment="ce", state="DISABLED")
    batch.delete_compute_environment(computeEnvironment="ce")
    wait_until(lambda: not batch.describe_compute_environments()["computeEnvironments"], 20,
               "environment gone")
    batch.deregister_job_definition(jobDefinition="shell:1")
    active = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    tap.ok(not active, "delete everything", str(active))


# --- what must be refused ---------------------------------------------------------------

class Clock(datetime.datetime):
    """A client whose clock is ten minutes slow."""

    @classmethod
    def utcnow(cls):
        return datetime.datetime.utcfromtimestamp(
            datetime.datetime.now().timestamp() - 600)

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(datetime.datetime.now().timestamp() - 600, tz)


def with_slow_clock(call):
    """botocore asks for the time through its module datetime, or, newer ones, a function; Debian's
    signs with the AWS CRT, when that is installed."""
    before = {(m, n): getattr(m, n) for m in signers
              for n in ("datetime", "get_current_datetime") if hasattr(m, n)}
    try:
        for (module, name), value in before.items():
            if name == "datetime":
                slow = types.SimpleNamespace(**{**vars(datetime), "datetime": Clock})
            else:
                def slow(*a, v=value, **k):
                    return v(*a, **k) - datetime.timedelta(minutes=10)
            setattr(module, name, slow)
        call()
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)


def changed_on_the_way(request, **_):
    request.body = request.body.replace(b"nothing", b"another")


def negative():
    other = (home.key[0], home.reader[1])
    nobody = ("AKIAJDNOBODYNOBODYNO", home.key[1])
    mismatch = "The request signature we calculated does not match the signature you provided."
    unknown = "The security token included in the request is invalid."
    for service, call in (("batch", "describe_job_queues"), ("sts", "get_caller_identity")):
        xml = service == "sts"
        refused(getattr(client(service, other), call),
                "SignatureDoesNotMatch" if xml else "InvalidSignatureException", mismatch,
                f"{service}: a wrong secret")
        refused(getattr(client(service, nobody), call),
                "InvalidClientTokenId" if xml else "UnrecognizedClientException", unknown,
                f"{service}: an unknown key")
        refused(getattr(client(service, aws_session_token="of a role"), call),
                "InvalidClientTokenId" if xml else "UnrecognizedClientException", unknown,
                f"{service}: a session token")
        refused(lambda s=service, c=call: with_slow_clock(getattr(client(s), c)),
                "SignatureDoesNotMatch" if xml else "InvalidSignatureException", "Signature expired: ",
                f"{service}: a slow clock")
        refused(getattr(client(service, config=Config(signature_version=UNSIGNED)), call),
                "MissingAuthenticationToken" if xml else "MissingAuthenticationTokenException",
                "Missing Authentication Token", f"{service}: no signature")
    groups = client("logs", nobody)
    refused(lambda: groups.describe_log_streams(logGroupName="/aws/batch/job"),
            "UnrecognizedClientException", unknown, "logs: an unknown key")
    changed = client("batch")
    changed.meta.events.register("before-send.batch", changed_on_the_way)
    refused(lambda: changed.describe_job_queues(jobQueues=["nothing"]), "InvalidSignatureException",
            mismatch, "a body changed on the way")
    elsewhere = client("batch", config=Config(retries={"max_attempts": 1}))
    elsewhere.meta.events.register("choose-signer.batch", lambda **_: "v4")
    elsewhere.meta.events.register("before-sign.batch",
                                   lambda request, **_: request.context.update(
                                       signing={"signing_name": "s3", "region": REGION}))
    refused(elsewhere.describe_job_queues, "InvalidSignatureException",
            "Credential should be scoped to correct service: 'batch'.", "signed for another service")
    read_only()


def read_only():
    reader = client("batch", home.reader)
    tap.ok(reader.describe_job_queues()["jobQueues"] == [], "a read-only key reads")
    refused(lambda: reader.create_job_queue(jobQueueName="x", priority=1, computeEnvironmentOrder=[]),
            "AccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:user/reader is not authorized to perform: "
            "batch:CreateJobQueue", "a read-only key does not write")
    refused(lambda: reader.terminate_job(jobId="x", reason="y"), "AccessDeniedException",
            "batch:TerminateJob", "nor stop jobs")
    home.run("key", "delete", "reader")
    refused(reader.describe_job_queues, "UnrecognizedClientException",
            "The security token included in the request is invalid.", "nor anything once it is deleted")
    second = client("batch", home.new_key())
    tap.ok(second.describe_job_queues()["jobQueues"] == [], "a new key counts at once")


try:
    story()
    negative()
finally:
    home.close()
tap.done()
