"""What the stories of the AWS CLI and the SDKs share: a server that listens, keys, a world."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "system"))
from jobdeck_test import Home, Tap, call, wait_until  # noqa: E402,F401

REGION = "us-east-1"  # Jobdeck's default
ACCOUNT = "000000000000"


def skip_all(why):
    print(f"1..0 # SKIP {why}", flush=True)
    raise SystemExit(0)


class Listening(Home):
    """A home whose server listens, with a key that may do everything and one that may only read."""

    def __init__(self, settings=""):
        super().__init__()
        with open(os.path.join(self.dir, "config"), "w", encoding="ascii") as config:
            config.write(settings)
        if not self.serve("--listen", "127.0.0.1:0"):
            raise SystemExit("Bail out! the server does not start")
        self.url = self.urls[0]
        self.key = self.new_key("--name", "writer")
        self.reader = self.new_key("--name", "reader", "--read-only")

    def new_key(self, *arguments):
        made = json.loads(self.run("--json", "key", "create", *arguments).stdout)
        return made["accessKeyId"], made["secretAccessKey"]

    def environment(self, **more):
        """Nothing of the user's own AWS gets in."""
        env = super().environment(**more)
        for name in [n for n in env if n.startswith("AWS_")]:
            if name not in more:
                del env[name]
        env.setdefault("AWS_CONFIG_FILE", os.devnull)
        env.setdefault("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        env.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        return env

    def sdk_environment(self, **more):
        """As `jobdeck env` sets it."""
        aws = {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": self.key[0],
               "AWS_SECRET_ACCESS_KEY": self.key[1], "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        return self.environment(**{**aws, **more})
