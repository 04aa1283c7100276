"""The tests under Thread Sanitizer, or under Address Sanitizer with its detector of leaks, one test target after the other.

What a sanitizer reports, and what the tests print, is kept in .build-thread/reports and .build-address/reports.
"""

import os
import re
import subprocess
from pathlib import Path

from building import ROOT, build
from rows import Row

HERE = Path(__file__).resolve().parent
OPTIONS = {
    "thread": ["--sanitize=thread"],
    # In C code a trap, which needs no library, ends the program at undefined behaviour.
    "address": ["--sanitize=address", "-Xcc", "-fsanitize=undefined", "-Xcc", "-fsanitize-trap=undefined"],
}
# They start the program as a process with little memory or small files, which no sanitizer can work with.
LEFT_OUT = {"CommandLineTests"}
# A target that takes longer than this is stopped, and counts as a finding.
MOST_SECONDS = 3600


def run(kind, given):
    program = build(f".build-{kind}", OPTIONS[kind]) / "causalgapPackageTests.xctest"
    reports = ROOT / f".build-{kind}" / "reports"
    reports.mkdir(exist_ok=True)
    names = sorted({path.name for path in (ROOT / "Tests").glob("*Tests")} - LEFT_OUT)
    tests, findings = 0, []
    for name in names:
        if given.filter and given.filter not in name:
            continue
        count, found = of(name, kind, program, reports)
        print(f"{kind}: {name}: {count} tests, {len(found)} findings", flush=True)
        tests += count
        findings += found
    return [Row(f"tests, {kind} sanitizer", f"{tests:,} tests", findings)]


def of(name, kind, program, reports):
    """The number of tests of a target, and the files with what is wrong."""
    for old in reports.glob(f"{name}*"):
        old.unlink()
    log = reports / f"{name}.txt"
    command = [str(program), "--testing-library", "swift-testing", "--filter", rf"^{name}\."]
    with log.open("wb") as out:
        try:
            code = subprocess.run(
                command, cwd=ROOT, env=os.environ | variables(reports / name), stdout=out, stderr=out,
                timeout=MOST_SECONDS).returncode
        except subprocess.TimeoutExpired:
            code = None
    outcome = re.findall(r"Test run with (\d+) tests? .*(passed|failed) after", log.read_text(errors="replace"))
    found = sorted(path.relative_to(ROOT) for path in reports.glob(f"{name}.report*"))
    if code != 0 or not outcome or outcome[-1][1] != "passed":
        found.append(log.relative_to(ROOT))
    return int(outcome[-1][0]) if outcome else 0, found


def variables(place):
    """Each process writes what it finds to a file of its own. LLVM, in PoCL's threads, brings its own stack for signals, which
    Address Sanitizer takes for its own and can't release."""
    return {
        "TSAN_OPTIONS": f"log_path={place}.report:suppressions={HERE / 'thread.supp'}:history_size=4",
        "ASAN_OPTIONS": f"log_path={place}.report:detect_leaks=1:use_sigaltstack=0",
        "LSAN_OPTIONS": f"suppressions={HERE / 'leak.supp'}:print_suppressions=0",
    }
