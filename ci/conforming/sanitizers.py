"""The tests under Thread Sanitizer, or under Address Sanitizer with its detector of leaks."""

import os
import re
import subprocess
from pathlib import Path

from building import LINKER, ROOT, build, scratch
from rows import Row

HERE = Path(__file__).resolve().parent
OPTIONS = {
    "thread": ["--sanitize=thread"],
    # A trap needs no library.
    "address": ["--sanitize=address", "-Xcc", "-fsanitize=undefined", "-Xcc", "-fsanitize-trap=undefined"],
}


def run(kind, given):
    folder = f".build-{kind}"
    build(folder, OPTIONS[kind])
    reports = ROOT / folder / "reports"
    reports.mkdir(exist_ok=True)
    for old in reports.iterdir():
        old.unlink()
    command = ["swift", "test", "--skip-build", "--disable-xctest", *scratch(folder), *OPTIONS[kind], *LINKER]
    if given.filter:
        command += ["--filter", given.filter]
    log = reports.parent / "tests.txt"
    with log.open("wb") as out:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | variables(reports), stdout=out, stderr=out)
    text = log.read_text(errors="replace")
    findings = sorted(path.relative_to(ROOT) for path in reports.iterdir())
    tests = re.findall(r"Test run with (\d+) tests?.* (passed|failed)", text)
    if done.returncode != 0 or not tests or tests[-1][1] != "passed":
        findings.append(log.relative_to(ROOT))
    count = tests[-1][0] if tests else "an unknown number of"
    return [Row(kind, f"{count} tests", findings)]


def variables(reports):
    """Each process writes what it finds to a file of its own."""
    return {
        "TSAN_OPTIONS": f"log_path={reports}/thread:suppressions={HERE / 'thread.supp'}:history_size=4",
        "ASAN_OPTIONS": f"log_path={reports}/address:detect_leaks=1",
        "LSAN_OPTIONS": f"suppressions={HERE / 'leak.supp'}:print_suppressions=0",
    }
