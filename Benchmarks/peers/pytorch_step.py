"""Times PyTorch on one training step of the published model: batch 64, published layout, a fresh batch each step.

Prints one JSON line: name, median_ms, min_ms, max_ms, steps. With --interactive it prints `{"ready": ...}` after its warm-up,
then answers each line `run N` on standard input with a JSON line of N times in `ms`, so a driver can alternate it with
another program within one run. Batches are made before the clock starts.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Tests" / "Oracle"))

import torch  # noqa: E402
from published_data import data_stream, draw_batch, published_layout  # noqa: E402
from published_training import LEARNING_RATE, initial_model, training_step  # noqa: E402


class Trainer:
    """A model, its optimizer and its data, ready to be timed."""

    def __init__(self, arguments):
        self.model = initial_model("published", arguments.seed)
        for block in self.model.blocks:
            block.use_fused_attention = arguments.sdpa
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=LEARNING_RATE, fused=True if arguments.fused else None
        )
        self.task, self.batch_size = arguments.task, arguments.batch_size
        self.stream = data_stream(arguments.seed)
        self.callable = torch.compile(self.model) if arguments.compile else self.model

    def times(self, steps):
        """Milliseconds of each of `steps` further steps."""
        batches = [published_layout(draw_batch(self.stream, self.batch_size), self.task) for _ in range(steps)]
        result = []
        for tokens, targets in batches:
            start = time.perf_counter()
            training_step(self.callable, self.optimizer, tokens, targets)
            result.append((time.perf_counter() - start) * 1e3)
        return result


def name_of(arguments):
    parts = ["pytorch", torch.__version__, "compile" if arguments.compile else "eager"]
    parts += [flag for flag in ("fused", "sdpa") if getattr(arguments, flag)]
    return " ".join(parts)


def interact(trainer, name):
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            return
        if len(words) != 2 or words[0] != "run" or not words[1].isdigit():
            print(json.dumps({"error": f"expected 'run N', got {line.strip()!r}"}), flush=True)
            continue
        times = trainer.times(int(words[1]))
        print(json.dumps({"name": name, "ms": [round(t, 4) for t in times]}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--warmup", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--fused", action="store_true", help="Adam in one fused call")
    parser.add_argument("--sdpa", action="store_true", help="attention in PyTorch's fused kernel")
    parser.add_argument("--compile", action="store_true", help="torch.compile the model")
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--task", default="sort", choices=("sort", "reverse"))
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    trainer, name = Trainer(arguments), name_of(arguments)
    trainer.times(arguments.warmup)
    if arguments.interactive:
        return interact(trainer, name)
    times = trainer.times(arguments.steps)
    report = {"median_ms": statistics.median(times), "min_ms": min(times), "max_ms": max(times)}
    report = {key: round(value, 3) for key, value in report.items()}
    print(json.dumps({"name": name, **report, "steps": arguments.steps, "threads": arguments.threads}))


if __name__ == "__main__":
    main()
