"""Checks `causalgap train` against PyTorch: check_training.py DIR --task sort --seed 42 [--initial DIR0]

DIR/train.csv (`step,loss,accuracy`) holds at least `--steps` losses, each within 1e-3 of PyTorch's by relation.
DIR0/model.safetensors (of `--max-steps 0`) holds PyTorch's initial parameters within 1e-6.
Training is chaotic in single precision: expect 2e-7 for 50 steps, 2e-5 for 100, nothing beyond 200.
"""

import argparse
import csv
import sys
from pathlib import Path

from checkpoint_format import load_checkpoint, named_parameters
from published_data import TASKS
from published_training import POSITIONS, initial_model, training_losses

LOSS_TOLERANCE, PARAMETER_TOLERANCE = 1e-3, 1e-6


def read_losses(path):
    """The losses in the order of the steps; raises where a step is missing or repeated."""
    with open(path, newline="") as file:
        rows = [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(file) if row["loss"]]
    steps = [step for step, _ in rows]
    if steps and steps != list(range(steps[0], steps[0] + len(steps))):
        raise ValueError(f"{path}: steps are not consecutive")
    return [loss for _, loss in rows]


def losses_agree(path, expected):
    losses = read_losses(path)
    if len(losses) < len(expected):
        print(f"losses: {len(losses)} rows, {len(expected)} needed: FAILED")
        return False
    errors = [abs(ours - theirs) / abs(theirs) for ours, theirs in zip(losses, expected)]
    for count in sorted({1, 10, 50, len(errors)}):
        if count <= len(errors):
            print(f"losses: largest relative difference in the first {count} steps {max(errors[:count]):.2e}")
    return all(error <= LOSS_TOLERANCE for error in errors)


def parameters_agree(path, expected_model):
    model = load_checkpoint(path)
    if model.configuration != expected_model.configuration:
        print(f"parameters: configuration {model.configuration}: FAILED")
        return False
    ours, theirs = named_parameters(model), named_parameters(expected_model)
    errors = {name: float((ours[name] - theirs[name]).abs().max()) for name in theirs}
    worst = max(errors, key=lambda name: errors[name])
    print(f"parameters: largest difference {errors[worst]:.2e} ({worst})")
    return all(error <= PARAMETER_TOLERANCE for error in errors.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--protocol", choices=tuple(POSITIONS), default="published")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--initial", type=Path, help="folder of a run with --max-steps 0")
    a = parser.parse_args()

    passed = losses_agree(a.directory / "train.csv", training_losses(a.protocol, a.task, a.seed, a.steps))
    if a.initial:
        passed &= parameters_agree(a.initial / "model.safetensors", initial_model(a.protocol, a.seed))
    print("agrees" if passed else "FAILED")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
