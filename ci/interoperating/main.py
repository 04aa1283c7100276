"""What ci/interop does inside its environment: makes files, and opens them one program after the other."""

import argparse
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "ci" / "reporting"), str(ROOT / "ci" / "interoperating")]
sys.dont_write_bytecode = True

import checkpoints  # noqa: E402
import databases  # noqa: E402
import events  # noqa: E402
import exports  # noqa: E402
import schemas  # noqa: E402
import tables  # noqa: E402
from records import write_study  # noqa: E402

SHAPE = ["--layers", "1", "--heads", "2", "--d-model", "16", "--d-ff", "32", "--batch-size", "8"]


class Files:
    """The folders that the checks open, made by the program."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.trained, self.rigorous, self.sweep = (folder / name for name in ("trained", "rigorous", "sweep"))
        self.third = folder / "third"
        self.database, self.events = folder / "rigorous.db", folder / "events"
        self.sweep_database, self.sweep_events = folder / "sweep.db", folder / "sweep-events"
        self.short = ["--max-steps", "40", "--device", "cpu"]

    def run(self, *words, check=True):
        done = subprocess.run([self.program, *map(str, words)], text=True, capture_output=True)
        if check and done.returncode:
            raise SystemExit(f"causalgap {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done

    def make(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.run("study", "--tasks", "sort,reverse", "--seeds", "1,2,3", *SHAPE, *self.short, "--output", self.trained)
        self.run("report", self.trained, "--tensorboard", self.events)
        # The third version's records, and rigorous ones beside them.
        self.run(
            "study", "--protocol", "v3", "--rigorous-measures", "--quick", "--tasks", "sort", *SHAPE[2:], "--layers", "2", *self.short,
            "--output", self.third)
        write_study(self.rigorous, 14, True)
        self.run("report", self.rigorous, "--sqlite", self.database)
        self.run(
            "sweep", "plan", "--tasks", "copy,sort", "--seeds", "1,2", *SHAPE[2:], "--layers", "1,2", "--max-steps", "20", "--output", self.sweep)
        self.run("sweep", "run", self.sweep, "--devices", "cpu")
        self.run("sweep", "merge", self.sweep)
        self.run("report", self.sweep, "--sqlite", self.sweep_database, "--tensorboard", self.sweep_events)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT / ".build" / "interop" / "files")
    given = parser.parse_args()
    files = Files(given.program, given.folder.resolve())
    files.make()
    passed = failed = 0
    for module in (tables, databases, events, checkpoints, exports, schemas):
        for check in module.CHECKS:
            began = time.monotonic()
            try:
                check(files)
                passed += 1
                print(f"passed: {check.__doc__} ({time.monotonic() - began:.1f} s)")
            except Exception:
                failed += 1
                print(f"FAILED: {check.__doc__}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
