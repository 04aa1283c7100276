"""Builds with sanitizers, each in a folder of its own."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CORPORA = ROOT / "Tests" / "FuzzTargetsTests" / "Corpora"
# The linker that is the default warns of each of hundreds of symbols of the sanitizers.
LINKER = ["-Xswiftc", "-use-ld=lld"]


def build(folder, options, product=None):
    """Builds the product, or everything with the tests. Returns the folder of the programs."""
    environment = os.environ | ({"CAUSALGAP_FUZZ": "1"} if product else {})
    command = ["swift", "build", *scratch(folder), *options, *LINKER]
    what = ["--product", product] if product else ["--build-tests"]
    subprocess.run([*command, *what], cwd=ROOT, check=True, env=environment)
    path = subprocess.run(
        [*command, "--show-bin-path"], cwd=ROOT, check=True, env=environment, capture_output=True, text=True)
    return Path(path.stdout.strip())


def scratch(folder):
    return ["--scratch-path", str(ROOT / folder)]


def fuzzer(folder, options, target):
    """The program of a fuzz target. That of safetensors is on its own and small, because libFuzzer looks at a counter for
    each edge of the whole program after every execution."""
    product = "fuzz-safetensors" if target == "safetensors" else "fuzz"
    fuzzing = ["-c", "release", "-Xswiftc", "-sanitize=fuzzer", "-Xcc", "-fsanitize=fuzzer-no-link"]
    return build(folder, [*options, *fuzzing], product) / product


def environment(target):
    """With short stacks of plain addresses, and little memory that is held back after its release: otherwise half of the
    time goes into those. Swift's own backtrace, and a search for symbols, can hang while a crash is handled."""
    return os.environ | {
        "CAUSALGAP_FUZZ_TARGET": target,
        "SWIFT_BACKTRACE": "enable=no",
        "ASAN_OPTIONS": "symbolize=0:detect_leaks=1:malloc_context_size=1:quarantine_size_mb=16:" + os.environ.get("ASAN_OPTIONS", ""),
    }
