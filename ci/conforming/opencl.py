"""The kernels on every OpenCL implementation."""

import re
import subprocess

from building import ROOT
from rows import Row


def run(given):
    # Intel and rusticl are downloaded for this run alone.
    options = ["--quick"] if given.quick else []
    done = subprocess.run(["ci/validate-opencl", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    passed = re.search(r"^Passed on: (.*)", done.stdout, re.MULTILINE)
    return [Row("opencl", f"passed on {passed[1]}" if passed else "failed", [] if passed else ["see above"])]
