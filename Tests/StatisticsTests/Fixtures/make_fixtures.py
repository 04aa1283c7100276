"""Writes statistics.json: ranks, correlations and moments of random vectors, as scipy and numpy have them.

Run in this folder with numpy and scipy installed:  python make_fixtures.py
"""

import json

import numpy as np
from scipy import stats

random = np.random.default_rng(20260201)
cases = []
for number in range(100):
    count = int(random.integers(3, 25))
    # Few distinct values make many ties; every third pair is correlated, every fifth has none tied.
    x = random.integers(0, count, count) / 4 - 1
    y = random.integers(-3, 4, count) * 0.1 + (x if number % 3 == 0 else 0)
    if number % 5 == 0:
        x, y = random.normal(size=count), random.normal(size=count) * 1e-3
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        x[0] += 1
        y[0] += 1
    cases.append({
        "x": x.tolist(),
        "y": y.tolist(),
        "x_ranks": stats.rankdata(x).tolist(),
        "y_ranks": stats.rankdata(y).tolist(),
        "spearman": float(stats.spearmanr(x, y).statistic),
        "pearson": float(stats.pearsonr(x, y).statistic),
        "mean": float(np.mean(x)),
        "deviation": float(np.std(x)),
        "sample_deviation": float(np.std(x, ddof=1)),
    })

with open("statistics.json", "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
