"""Samples and batches of the published program: integers from numpy's legacy generator, and two token layouts.

Both layouts return `tokens` and `targets` [B, T] in the sense of `causalgap inspect`: `targets[b, t]` is what
`logits[b, t]` should predict, NO_TARGET where nothing is asked.
"""

import numpy as np
import torch

from published_model import NO_TARGET

PAD, START, SEP, END = 100, 101, 102, 103
TASKS = ("sort", "reverse")


def data_stream(seed):
    """The stream that every sample of a run is drawn from."""
    return np.random.RandomState(seed)


def draw_batch(stream, size=64, shortest=3, longest=7):
    """`size` lists of integers: for each sample in turn its length, then its integers."""
    return [
        stream.randint(1, 100, stream.randint(shortest, longest + 1)).tolist() for _ in range(size)
    ]


def prompt_and_target(integers, task):
    """START, the integers, SEP; and the answer with its END."""
    if task not in TASKS:
        raise ValueError(f"unknown task {task!r}")
    answer = sorted(integers) if task == "sort" else integers[::-1]
    return [START, *integers, SEP], [*answer, END]


def layout(samples, task, pad_prompts):
    """Tokens (all but each sequence's last target) and targets, int64 [B, T].

    With `pad_prompts` every prompt is filled with PAD to the longest one before its target is appended.
    """
    pairs = [prompt_and_target(integers, task) for integers in samples]
    longest = max(len(prompt) for prompt, _ in pairs) if pad_prompts else 0
    pairs = [(prompt + [PAD] * (longest - len(prompt)), target) for prompt, target in pairs]
    rows = max(len(prompt) + len(target) - 1 for prompt, target in pairs)
    tokens = torch.full((len(pairs), rows), PAD)
    targets = torch.full((len(pairs), rows), NO_TARGET)
    for index, (prompt, target) in enumerate(pairs):
        used = len(prompt) + len(target) - 1
        tokens[index, :used] = torch.tensor((prompt + target)[:-1])
        targets[index, len(prompt) - 1 : used] = torch.tensor(target)
    return tokens, targets


def published_layout(samples, task):
    """Padding inside the sequence, between prompt and target (protocols, point 2)."""
    return layout(samples, task, pad_prompts=True)


def packed_layout(samples, task):
    """The target directly behind its prompt; PAD only behind the end, where no target looks."""
    return layout(samples, task, pad_prompts=False)


LAYOUTS = {"published": published_layout, "paper": packed_layout}
