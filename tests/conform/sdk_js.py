"""The AWS SDK for JavaScript against a real server over TCP. npm installs it into the build
directory, once; without npm or the registry this is skipped."""
import os
import shutil
import subprocess

from story import Listening, skip_all

source = os.path.join(os.environ.get("srcdir", "."), "tests", "conform")
place = os.path.abspath(os.path.join(os.environ.get("builddir", "."), "tests", "conform", "js"))
if not shutil.which("node") or not shutil.which("npm"):
    skip_all("no node and npm")


def install():
    os.makedirs(place, exist_ok=True)
    for name in ("package.json", "sdk_js.mjs"):
        shutil.copyfile(os.path.join(source, name), os.path.join(place, name))
    if os.path.isdir(os.path.join(place, "node_modules", "@aws-sdk", "client-batch")):
        return ""
    try:
        out = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock",
                              "--ignore-scripts", "--silent"], cwd=place, capture_output=True,
                             text=True, timeout=150, check=False)
    except subprocess.TimeoutExpired:
        return "npm takes too long"
    return "" if out.returncode == 0 else "npm cannot install the SDK"


trouble = install()
if trouble:
    skip_all(trouble)
home = Listening()
try:
    code = subprocess.run(["node", "sdk_js.mjs"], cwd=place, timeout=120, check=False,
                          env=home.sdk_environment(READER_ID=home.reader[0],
                                                   READER_SECRET=home.reader[1])).returncode
finally:
    home.close()
raise SystemExit(code)
