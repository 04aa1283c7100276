#!/usr/bin/env python3
"""Prints the rank correlations that ci/natural-text measured, as tables in Markdown.

    natural_text.py FOLDER

For each part of the text, intervention and gradient score: rho with the effect on log-probability of each seed, and where there
are three seeds or more the mean with a 95 % interval (Student's t over seeds).
"""

import json
import math
import sys
from pathlib import Path
from statistics import mean, stdev

# The 97.5 % quantile of Student's t for 2, 3, 4 … degrees of freedom.
QUANTILE = {3: 4.3027, 4: 3.1824, 5: 2.7764, 6: 2.5706}
METHODS = ("mean", "zero", "resample", "published")


def summary(values):
    """The mean of several seeds with its interval, in words."""
    center = mean(values)
    if len(values) not in QUANTILE:
        return f"{center:.2f}"
    half = QUANTILE[len(values)] * stdev(values) / math.sqrt(len(values))
    return f"{center:.2f} [{center - half:.2f}, {center + half:.2f}]"


def rhos(records, method, score):
    """The seeds' rhos."""
    return [
        row["rho"]
        for record in records
        for row in record["rigorous"]["correlations"]
        if (row["method"], row["effect"], row["score"]) == (method, "log_probability", score)
    ]


def main(folder):
    for split in ("held_out", "shifted"):
        files = sorted(folder.glob(f"seed-*-{split}/run.json"))
        records = [json.loads(file.read_text()) for file in files]
        if not records:
            continue
        print(f"\n{split}: {', '.join(file.parent.name for file in files)}\n")
        print("| score | " + " | ".join(METHODS) + " |\n|---" + "|---" * len(METHODS) + "|")
        for score in dict.fromkeys(row["score"] for row in records[0]["rigorous"]["correlations"]):
            print(f"| `{score}` | " + " | ".join(summary(rhos(records, method, score)) for method in METHODS) + " |")
        moved = [
            one - other
            for one, other in zip(rhos(records, "mean", "frobenius"), rhos(records, "published", "frobenius"))
        ]
        print(f"\nfrobenius, by seed: mean {[round(v, 2) for v in rhos(records, 'mean', 'frobenius')]}, "
              f"published {[round(v, 2) for v in rhos(records, 'published', 'frobenius')]}, difference {summary(moved)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: natural_text.py FOLDER")
    main(Path(sys.argv[1]))
