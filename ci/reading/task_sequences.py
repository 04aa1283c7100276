#!/usr/bin/env python3
"""Writes sequences of a task as a file for `causalgap analyze --data`.

    task_sequences.py {sort|reverse} LENGTH COUNT FILE

Prompts of LENGTH random integers from 1 to 99, each with its whole target, in the layout of docs/protocols.md; always the same ones.
"""

import json
import random
import struct
import sys
from pathlib import Path

START, SEPARATOR, END, NO_TARGET = 101, 102, 103, -100
SOLUTIONS = {"sort": sorted, "reverse": lambda integers: integers[::-1]}


def main(task, length, count, path):
    draw = random.Random(f"{task} {length}")
    tokens, targets = [], []
    for _ in range(count):
        integers = [draw.randint(1, 99) for _ in range(length)]
        target = SOLUTIONS[task](integers) + [END]
        tokens += [START, *integers, SEPARATOR, *target[:-1]]
        targets += [NO_TARGET] * (length + 1) + target
    width = 2 * length + 2
    size = 4 * count * width
    header = json.dumps({
        "tokens": {"dtype": "I32", "shape": [count, width], "data_offsets": [0, size]},
        "targets": {"dtype": "I32", "shape": [count, width], "data_offsets": [size, 2 * size]},
    }).encode()
    header += b" " * (-len(header) % 8)
    numbers = tokens + targets
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack(f"<{len(numbers)}i", *numbers))


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in SOLUTIONS:
        sys.exit("usage: task_sequences.py {sort|reverse} LENGTH COUNT FILE")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
