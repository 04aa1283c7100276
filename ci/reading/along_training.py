#!/usr/bin/env python3
"""Prints what ci/along-training measured, as tables in Markdown.

    along_training.py FOLDER

For each task and training: the mean over seeds of the share of sequences that are right, and of the rank correlation over all
components of a score with the effect of ablating them, heads before or after W_O. With three seeds or more there are 95 %
intervals (Student's t over seeds); where a correlation has no value, the number of seeds that have one. In the last columns a training is compared
with the published one of the same seeds.
"""

import json
import sys
from pathlib import Path
from statistics import mean

from natural_text import summary

# The columns: intervention, effect, score.
COLUMNS = {
    "before W_O": ("mean", "log_probability", "frobenius"),
    "after W_O": ("published", "log_probability", "frobenius"),
    "before, exact match": ("mean", "exact_match", "frobenius"),
    "after, exact match": ("published", "exact_match", "frobenius"),
    "GradDrop, before W_O": ("mean", "log_probability", "grad_drop"),
}


def cell(values):
    found = [value for value in values if value is not None]
    if not found:
        return "–"
    return summary(found) + ("" if len(found) == len(values) else f" ({len(found)} of {len(values)})")


def rho(record, wanted):
    for row in record["rigorous"]["correlations"]:
        if (row["method"], row["effect"], row["score"]) == wanted:
            return row["rho"]
    return None


def difference(record):
    after, before = rho(record, COLUMNS["after W_O"]), rho(record, COLUMNS["before W_O"])
    return None if after is None or before is None else after - before


def from_published(runs, wanted):
    """For each run, how much its rho exceeds that of the published training of its seed, unless it is that itself."""
    values = []
    for run in runs:
        if run.parents[1].name == "as-published":
            continue
        published = run.parents[2] / "as-published" / run.parent.name / "run.json"
        pair = [rho(json.loads(path.read_text()), wanted) if path.exists() else None for path in (run, published)]
        values.append(None if None in pair else pair[0] - pair[1])
    return values


def order(name):
    """Along training first, by steps; then the published training, then settings by name."""
    if name.startswith("steps-"):
        return (0, int(name.removeprefix("steps-")), "")
    return (1 if name == "as-published" else 2, 0, name)


def main(folder):
    for task in ("sort", "reverse"):
        names = {path.parent.parent.name for path in folder.glob(f"{task}/*/seed-*/run.json")}
        if not names:
            continue
        columns = ["training", "seeds", "steps", "converged", "exact match", *(f"rho {name}" for name in COLUMNS), "after minus before"]
        columns += [f"{name}, minus published" for name in ("before W_O", "after W_O")]
        print(f"\n{task}\n\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
        for name in sorted(names, key=order):
            runs = sorted(folder.glob(f"{task}/{name}/seed-*/run.json"))
            records = [json.loads(run.read_text()) for run in runs]
            trainings = [json.loads((run.parent / "train.json").read_text())["training"] for run in runs]
            cells = [
                name,
                str(len(runs)),
                f"{mean(training['steps'] for training in trainings):.0f}",
                str(sum(training["converged"] for training in trainings)),
                cell([record["ood"]["accuracy"] for record in records]),
                *(cell([rho(record, wanted) for record in records]) for wanted in COLUMNS.values()),
                cell([difference(record) for record in records]),
                *(cell(from_published(runs, COLUMNS[name])) for name in ("before W_O", "after W_O")),
            ]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: along_training.py FOLDER")
    main(Path(sys.argv[1]))
