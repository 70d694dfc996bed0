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
SEEDS = int(os.environ.get("JOBDECK_CRASH_SEEDS", "2"))
JOBS = int(os.environ.get("JOBDECK_CRASH_JOBS", "60"))
SEED = int(os.environ.get("JOBDECK_CRASH_SEED", random.randrange(1 << 30)))


class Story:
    """Jobs that each write their number into one file; what was answered is remembered."""

    def __init__(self, rng):
        self.rng = rng
        self.home = Home()
        self.ran = os.path.join(self.home.dir, "ran")
        open(self.ran, "w").close()
        self.answered = {}
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
                                               {"type": "MEMORY", "value": "16"}]}})]:
            answer = self.call(operation, body)
            assert answer and answer[0] == 200, (operation, answer)

    def submit(self):
        number = self.next
        self.next += 1
        script = f"echo {number} >> '{self.ran}'; sleep 0.0{number % 7}; exit {number % 5}"
        answer = self.call("SubmitJob", {
            "jobName": f"j{number}", "jobQueue": "q", "jobDefinition": "def",
            "containerOverrides": {"command": ["sh", "-c", script]}})
        if answer:
            assert answer[0] == 200, answer
            self.answered[number] = answer[1]["jobId"]
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

    def faults(self):
        """What the invariants say about it, as lines."""
        found = []
        ran = collections.Counter(int(line) for line in open(self.ran))
        for number, id in self.answered.items():
            job = self.call("DescribeJobs", {"jobs": [id]})[1]["jobs"]
            if not job:
                found.append(f"job {number} was answered and is missing")
                continue
            code = job[0].get("container", {}).get("exitCode")
            if ran[number] != 1:
                found.append(f"job {number} ran {ran[number]} times")
            if code != number % 5:
                found.append(f"job {number} has exit code {code}, not {number % 5}: "
                             f"{job[0]['status']} {job[0].get('statusReason')}")
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
