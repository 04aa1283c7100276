#!/usr/bin/env python3
"""Times what a sweep of ten thousand runs costs beside computing them.

    python3 Benchmarks/sweep_scale.py [--runs 10000] [--protocol published] [--program .build/release/causalgap]

One run is computed; its record is copied to all others under their seeds. Then the sweep is planned, listed, resumed (nothing is
left to do) and summarised. At last, starting up and keeping the books of a run is timed: runs of no training steps and the
smallest model, in one worker, with the seconds that their measurements take subtracted.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

SHAPE = ["--layers", "1", "--heads", "1", "--d-model", "8", "--d-ff", "8", "--batch-size", "4"]


def timed(name, program, *words):
    began = time.monotonic()
    done = subprocess.run([program, *map(str, words)], text=True, capture_output=True)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr}")
    print(f"{name}: {seconds:.2f} s")
    return seconds, done.stdout


def copy_records(folder, runs):
    """The record of seed 0 under every other seed."""
    for task in (folder / "studies").glob("*/runs/*"):
        record = json.loads((task / "seed-0" / "run.json").read_text())
        record.pop("checksum", None)
        for seed in range(1, runs):
            place = task / f"seed-{seed}"
            place.mkdir(exist_ok=True)
            record["seed"] = seed
            (place / "run.json").write_text(json.dumps(record))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--protocol", default="published")
    parser.add_argument("--program", type=Path, default=Path(".build/release/causalgap"))
    given = parser.parse_args()
    program = given.program.resolve()
    seeds = given.runs // 2
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        plan = ["--tasks", "copy,reverse", "--protocol", given.protocol, "--max-steps", 20, *SHAPE]
        first = scratch / "sweep"
        timed("the first plan", program, "sweep", "plan", *plan, "--seeds", "0", "--output", first)
        timed("computing two runs", program, "sweep", "run", first, "--devices", "cpu")
        timed(f"plan: {given.runs} runs", program, "sweep", "plan", *plan, "--seeds", f"0-{seeds - 1}", "--output", first)
        timed("status with nothing done", program, "sweep", "status", first)
        copy_records(first, seeds)
        timed("status with all done", program, "sweep", "status", first)
        timed("run, nothing left to do", program, "sweep", "run", first, "--devices", "cpu")
        timed("merge", program, "sweep", "merge", first)
        # The books of a run.
        count = 200
        small = scratch / "small"
        timed("plan", program, "sweep", "plan", *plan[:-len(SHAPE) - 1], 0, *SHAPE, "--seeds", f"0-{count // 2 - 1}", "--output", small)
        seconds, _ = timed(f"computing {count} runs of no steps", program, "sweep", "run", small, "--devices", "cpu", "--threads", 64)
        measuring = sum(sum(json.loads(file.read_text())["timings"].values()) for file in small.glob("studies/*/runs/*/*/run.json"))
        print(f"start-up and bookkeeping: {1000 * (seconds - measuring) / count:.1f} ms a run")


main()
