#!/usr/bin/env python3
"""Prints what ci/along-training measured, as tables in Markdown.

    along_training.py FOLDER

For each task and training: the mean over seeds of the accuracy on the sequences, and of the rank correlation of the published score
with the effect of ablating a head before and after W_O, with 95 % intervals (Student's t over seeds) and the number of seeds that
have a value.
"""

import json
import math
import sys
from pathlib import Path
from statistics import mean, stdev

# The 97.5 % quantile of Student's t for 2, 3, 4 … degrees of freedom, by the number of values.
QUANTILE = {3: 4.3027, 4: 3.1824, 5: 2.7764, 6: 2.5706}
# The columns: intervention, effect, score.
COLUMNS = {
    "before W_O": ("mean", "log_probability", "frobenius"),
    "after W_O": ("published", "log_probability", "frobenius"),
    "before, exact match": ("mean", "exact_match", "frobenius"),
    "after, exact match": ("published", "exact_match", "frobenius"),
    "GradDrop, before W_O": ("mean", "log_probability", "grad_drop"),
}


def summary(values, seeds):
    """The mean with its interval, in words; the number of values if seeds are missing."""
    values = [value for value in values if value is not None]
    if not values:
        return "–"
    text = f"{mean(values):.2f}"
    if len(values) in QUANTILE:
        half = QUANTILE[len(values)] * stdev(values) / math.sqrt(len(values))
        text += f" [{mean(values) - half:.2f}, {mean(values) + half:.2f}]"
    return text if len(values) == seeds else f"{text} ({len(values)} of {seeds})"


def rho(record, wanted):
    for row in record["rigorous"]["correlations"]:
        if (row["method"], row["effect"], row["score"]) == wanted:
            return row["rho"]
    return None


def main(folder):
    for task in ("sort", "reverse"):
        names = {path.parent.name for path in folder.glob(f"{task}/*/seed-*") if (path / "run.json").exists()}
        if not names:
            continue
        print(f"\n{task}\n\n| training | seeds | steps | exact match | " + " | ".join(f"rho {name}" for name in COLUMNS)
              + " | difference, after minus before |\n|---|---|---|---" + "|---" * (len(COLUMNS) + 1) + "|")
        order = sorted(names, key=lambda name: (not name.startswith("steps-"), len(name) if name.startswith("steps-") else 0, name))
        for name in order:
            runs = sorted(folder.glob(f"{task}/{name}/seed-*/run.json"))
            records = [json.loads(run.read_text()) for run in runs]
            steps = [json.loads((run.parent / "train.json").read_text())["training"]["steps"] for run in runs]
            cells = [summary([rho(record, wanted) for record in records], len(records)) for wanted in COLUMNS.values()]
            pairs = [(rho(record, COLUMNS["after W_O"]), rho(record, COLUMNS["before W_O"])) for record in records]
            cells.append(summary([None if None in pair else pair[0] - pair[1] for pair in pairs], len(records)))
            accuracy = summary([record["ood"]["accuracy"] for record in records], len(records))
            print(f"| {name} | {len(records)} | {mean(steps):.0f} | {accuracy} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: along_training.py FOLDER")
    main(Path(sys.argv[1]))
