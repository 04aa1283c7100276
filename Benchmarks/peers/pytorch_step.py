"""Times PyTorch on one training step of the published model: batch 64, published layout, a fresh batch each step.

Prints one JSON line: name, median_ms, min_ms, max_ms, steps. With --interactive it speaks the protocol of interactive.py, so
a driver can alternate it with another program. Batches are made before the clock starts.
"""

import argparse
import json
import os
import statistics
import time

import interactive  # finds Tests/Oracle
import torch
from published_data import data_stream, draw_batch, published_layout
from published_training import LEARNING_RATE, initial_model, training_step


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
        return interactive.serve(name, lambda: trainer.times(1)[0], warmup=0)
    times = trainer.times(arguments.steps)
    report = {"median_ms": statistics.median(times), "min_ms": min(times), "max_ms": max(times)}
    report = {key: round(value, 3) for key, value in report.items()}
    print(json.dumps({"name": name, **report, "steps": arguments.steps, "threads": arguments.threads}))


if __name__ == "__main__":
    main()
