"""What the Python system tests share: a home of their own, a server, raw HTTP, TAP."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

JOBDECK = os.environ.get("JOBDECK", "./jobdeck")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the home's unix socket (whose path may be longer than sun_path)."""

    def __init__(self, home, timeout=20):
        super().__init__("localhost", timeout=timeout)
        self.home = home

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        fd = os.open(self.home, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{fd}/sock")
        finally:
            os.close(fd)


def call(connection, operation, body):
    """One Batch or Jobdeck operation: (status, answer)."""
    prefix = "/jobdeck/" if operation.startswith("Jobdeck") else "/v1/"
    connection.request("POST", prefix + operation.lower(), json.dumps(body),
                       {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"{}")


class Home:
    """A fresh home in a temporary directory; its server, when started here, is a child."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="jobdeck-test-")
        self.server = None
        self.urls = []

    def environment(self, **more):
        env = dict(os.environ, JOBDECK_HOME=self.dir, **more)
        env.pop("JOBDECK_CRASH_AT", None) if "JOBDECK_CRASH_AT" not in more else None
        return env

    def serve(self, *arguments, **more):
        """Starts a server in the foreground and waits until it answers, or ends; its URLs are in urls."""
        read, write = os.pipe()
        os.set_inheritable(write, True)
        self.server = subprocess.Popen([JOBDECK, "serve", "--ready-fd", str(write), *arguments],
                                       env=self.environment(**more), pass_fds=[write],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as said:
            ready, *self.urls = said.readline().split() or [""]
            return ready == "ready"

    def kill(self):
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server = None

    def run(self, *arguments, **options):
        return subprocess.run([JOBDECK, *arguments], env=self.environment(), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, **options)

    def connection(self):
        return UnixConnection(self.dir)

    def close(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        else:
            self.run("stop-server")
        shutil.rmtree(self.dir, ignore_errors=True)


def wait_until(condition, seconds, what):
    """Waits for a condition with a deadline; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


class Tap:
    """Test points as they come; the plan is printed at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, *why):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            for line in why:
                print(f"# {line}", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def done(self):
        print(f"1..{self.count}", flush=True)
        raise SystemExit(1 if self.failed else 0)
