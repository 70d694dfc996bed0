"""kill -9 of the server at random moments and at every named point of a turn: no answered
submit is missing, no job runs twice, every exit code is the true one."""
import collections
import os
import random
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from jobdeck_test import Home, Tap, call, wait_until

POINTS = ["turn-applied", "turn-decided", "turn-committed", "turn-answered", "turn-acted",
          "host-locked", "host-spec", "host-spawned", "host-handed"]
MEMBERS = 3  # of an array or a multi-node job
SEEDS = int(os.environ.get("JOBDECK_CRASH_SEEDS", "2"))
JOBS = int(os.environ.get("JOBDECK_CRASH_JOBS", "60"))
SEED = int(os.environ.get("JOBDECK_CRASH_SEED", random.randrange(1 << 30)))


class Story:
    """Jobs that each write their number into one file; what was answered is remembered."""

    def __init__(self, rng):
        self.rng = rng
        self.home = Home()
        with open(os.path.join(self.home.dir, "config"), "w") as config:
            config.write("pool_vcpus = 4\npool_memory_mib = 1024\n")
        self.ran = os.path.join(self.home.dir, "ran")
        open(self.ran, "w").close()
        self.answered = {}
        self.families = {}  # of those, arrays and multi-node jobs: ":" or "#"
        self.next = 0
        self.connection = None
        self.kills = 0

    def call(self, operation, body):
        """None when the server went away before it answered."""
        try:
            if not self.connection:
                self.connection = self.home.connection()
            return call(self.connection, operation, body)
        except Exception as lost:  # whatever a dying server makes of a connection
            if isinstance(lost, (KeyboardInterrupt, SystemExit)):
                raise
            self.connection = None
            return None

    def prepare(self):
        self.home.serve()
        for operation, body in [
            ("CreateComputeEnvironment", {
                "computeEnvironmentName": "ce", "type": "MANAGED",
                "computeResources": {"type": "EC2", "maxvCpus": 8, "minvCpus": 0,
                                     "instanceTypes": ["optimal"], "subnets": [],
                                     "instanceRole": "ecsInstanceRole"}}),
            ("CreateJobQueue", {"jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": [
                {"order": 1, "computeEnvironment": "ce"}]}),
            ("RegisterJobDefinition", {"jobDefinitionName": "def", "type": "container",
                                       "containerProperties": {
                                           "image": "host", "command": ["true"],
                                           "resourceRequirements": [
                                               {"type": "VCPU", "value": "1"},
                                               {"type": "MEMORY", "value": "16"}]}}),
            ("RegisterJobDefinition", {"jobDefinitionName": "gang", "type": "multinode",
                                       "nodeProperties": {
                                           "numNodes": MEMBERS, "mainNode": 1,
                                           "nodeRangeProperties": [{
                                               "targetNodes": "0:", "container": {
                                                   "image": "host", "command": ["true"],
                                                   "resourceRequirements": [
                                                       {"type": "VCPU", "value": "1"},
                                                       {"type": "MEMORY", "value": "16"}]}}]}})]:
            answer = self.call(operation, body)
            assert answer and answer[0] == 200, (operation, answer)

    def submit(self):
        number = self.next
        self.next += 1
        kind = {3: ":", 6: "#"}.get(number % 8)
        if kind:
            return self.submit_family(number, kind)
        script = f"echo {number} >> '{self.ran}'; sleep 0.0{number % 7}; exit {number % 5}"
        answer = self.call("SubmitJob", {
            "jobName": f"j{number}", "jobQueue": "q", "jobDefinition": "def",
            "containerOverrides": {"command": ["sh", "-c", script]}})
        return self.note(number, None, answer)

    def submit_family(self, number, kind):
        """An array (":") or a multi-node job ("#"): members say who they are; their exit code is
        their index."""
        index = "$AWS_BATCH_JOB_ARRAY_INDEX$AWS_BATCH_JOB_NODE_INDEX"
        script = f"echo {number}.{index} >> '{self.ran}'; sleep 0.0{number % 7}; exit {index}"
        override = {"command": ["sh", "-c", script]}
        body = {"jobName": f"j{number}", "jobQueue": "q", "jobDefinition": "def"}
        if kind == ":":
            body.update(arrayProperties={"size": MEMBERS}, containerOverrides=override)
        else:
            body.update(jobDefinition="gang", nodeOverrides={"nodePropertyOverrides": [
                {"targetNodes": "0:", "containerOverrides": override}]})
        return self.note(number, kind, self.call("SubmitJob", body))

    def note(self, number, kind, answer):
        if answer:
            assert answer[0] == 200, answer
            self.answered[number] = answer[1]["jobId"]
            if kind:
                self.families[number] = kind
        return answer is not None

    def unfinished(self):
        """Numbers of answered jobs that have not ended, or None when the server is away."""
        left = []
        items = list(self.answered.items())
        for i in range(0, len(items), 100):
            answer = self.call("DescribeJobs", {"jobs": [id for _, id in items[i:i + 100]]})
            if not answer:
                return None
            done = {j["jobId"] for j in answer[1]["jobs"] if j["status"] in ("SUCCEEDED", "FAILED")}
            left += [n for n, id in items[i:i + 100] if id not in done]
        return left

    def finish(self):
        """A last server without accidents, until everything has ended."""
        self.home.kill()
        self.connection = None
        wait_until(self.home.serve, 20, "a server that stays")
        wait_until(lambda: self.unfinished() == [], 60, "every answered job to end")
        wait_until(lambda: self.call("JobdeckStatus", {})[1]["liveJobs"] == 0, 60, "nothing alive")

    def faults_of(self, ran, name, id, expected):
        job = self.call("DescribeJobs", {"jobs": [id]})[1]["jobs"]
        if not job:
            return [f"job {name} was answered and is missing"]
        found = []
        code = job[0].get("container", {}).get("exitCode")
        if ran[name] != 1:
            found.append(f"job {name} ran {ran[name]} times")
        if code != expected:
            found.append(f"job {name} has exit code {code}, not {expected}: "
                         f"{job[0]['status']} {job[0].get('statusReason')}")
        return found

    def faults(self):
        """What the invariants say about it, as lines."""
        found = []
        ran = collections.Counter(line.strip() for line in open(self.ran))
        for number, id in self.answered.items():
            kind = self.families.get(number)
            if not kind:
                found += self.faults_of(ran, str(number), id, number % 5)
                continue
            # of nodes only the main one is sure to run: its end is the others' (MNP-5)
            for i in range(MEMBERS) if kind == ":" else [1]:
                found += self.faults_of(ran, f"{number}.{i}", f"{id}{kind}{i}", i)
        found += [f"job {n} ran {c} times" for n, c in ran.items() if c > 1]
        check = sqlite3.connect(os.path.join(self.home.dir, "batch.db")).execute(
            "pragma integrity_check").fetchone()[0]
        if check != "ok":
            found.append(f"integrity_check: {check}")
        return found


def random_moments(tap, seed):
    rng = random.Random(seed)
    story = Story(rng)
    try:
        story.prepare()
        end = time.monotonic() + 0.05
        while len(story.answered) < JOBS:
            if time.monotonic() > end:
                story.home.kill()
                story.connection = None
                story.kills += 1
                wait_until(story.home.serve, 20, "the next server")
                end = time.monotonic() + rng.choice([rng.uniform(0, 0.02), rng.uniform(0, 0.2)])
            story.submit()
        story.finish()
        faults = story.faults()
        tap.ok(not faults, f"seed {seed}: {len(story.answered)} answered, {story.kills} kills", *faults)
    finally:
        story.home.close()


def named_point(tap, point, passing):
    story = Story(random.Random(SEED))
    try:
        story.prepare()
        story.home.kill()
        story.connection = None
        story.home.serve(JOBDECK_CRASH_AT=f"{point}:{passing}")
        server = story.home.server
        for _ in range(20):
            story.submit()
        wait_until(lambda: server.poll() is not None or (story.answered and story.unfinished() == []),
                   30, f"{point}:{passing}: the server to die")
        tap.ok(server.poll() == -9, f"{point}:{passing} was reached",
               f"server: {server.poll()}")
        story.finish()
        faults = story.faults()
        tap.ok(not faults, f"{point}:{passing}: {len(story.answered)} answered, nothing lost or doubled",
               *faults)
    finally:
        story.home.close()


def main():
    tap = Tap()
    print(f"# JOBDECK_CRASH_SEED={SEED}", flush=True)
    for i in range(SEEDS):
        random_moments(tap, SEED + i)
    rng = random.Random(SEED)
    for point in POINTS:
        few = point in ("host-spawned", "host-handed")  # either may happen to each of the 20 jobs
        for passing in (1, rng.randint(2, 3 if few else 12)):
            named_point(tap, point, passing)
    tap.done()


main()
