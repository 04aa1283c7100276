"""The protocol by which a driver alternates programs, and what all peers share.

After its warm-up a program prints `{"ready": name}`. It answers each line `run N` on standard input with one JSON line: `name`,
`ms` of each of N runs, `peak_bytes` of the process so far and, where a run has parts, `parts`: milliseconds of each run by
part. `quit` or the end of the input ends it. `causalgap bench --serve` speaks the same.
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Oracle"))


def arguments(description, *flags):
    """Options every peer takes, and switches of its own: (name, help)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--warmup", type=int, default=None, help="runs before it is ready")
    for name, help_text in flags:
        parser.add_argument(f"--{name}", action="store_true", help=help_text)
    return parser


class Clock:
    """`with Clock() as clock: ...` and then `clock.ms`."""

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.ms = (time.perf_counter() - self.start) * 1e3


def serve(name, run, warmup):
    """`run()` does the work once and returns its milliseconds, or them and a dictionary of its parts'."""
    for _ in range(warmup):
        run()
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            return
        if len(words) != 2 or words[0] != "run" or not words[1].isdigit() or int(words[1]) < 1:
            print(json.dumps({"error": f"expected 'run N', got {line.strip()!r}"}), flush=True)
            continue
        print(json.dumps(answer(name, [run() for _ in range(int(words[1]))])), flush=True)


def answer(name, results):
    times, parts = [], {}
    for result in results:
        total, own = result if isinstance(result, tuple) else (result, {})
        times.append(round(total, 4))
        for part, ms in own.items():
            parts.setdefault(part, []).append(round(ms, 5))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"name": name, "ms": times, "peak_bytes": peak, **({"parts": parts} if parts else {})}
