"""Writes inference.json: tests, intervals, areas and fits of random data, as scipy, numpy and diptest have them.

Run in this folder with numpy, scipy and diptest installed:  python make_inference_fixtures.py
"""

import itertools
import json

import diptest
import numpy as np
from scipy import optimize, stats
from scipy.stats import _ksstats

random = np.random.default_rng(20260202)


def dips():
    cases = []
    for number, count in enumerate([4, 5, 6, 7, 9, 10, 13, 20, 33, 50, 77, 100] * 4):
        kind = number // 12
        x = random.normal(size=count)
        if kind == 1:
            x = np.where(random.random(count) < 0.5, x - 3, x + 3)
        elif kind == 2:
            x = random.integers(0, max(3, count // 3), count) / 8
        elif kind == 3:
            x = np.round(np.where(random.random(count) < 0.4, x * 0.2, x + 2), 1)
        cases.append({"values": x.tolist(), "dip": float(diptest.dipstat(x, allow_zero=False))})
    return cases


def dip_p_values():
    """From diptest's table, which was simulated and is interpolated."""
    cases = []
    for shift in [0, 1.2, 1.6, 2, 2.4, 3]:
        x = random.normal(size=30) + shift * np.sign(random.random(30) - 0.5)
        dip, p = diptest.diptest(x)
        cases.append({"values": x.tolist(), "dip": float(dip), "p": float(p)})
    return cases


def kolmogorov():
    cases = []
    for count, power in [(1, 1), (2, 1), (5, 1.5), (10, 1), (23, 0.8), (100, 1), (100, 2), (101, 1.3), (400, 0.9), (1000, 1.02)]:
        u = random.random(count) ** power
        result = stats.kstest(u, "uniform", method="exact")
        # kstest changes to an approximation, 1e-7 off, above 140 values; Pomeranz's recursion is exact.
        p = _ksstats._kolmogn_Pomeranz(count, result.statistic, cdf=False) if count > 140 else result.pvalue
        cases.append({"values": u.tolist(), "statistic": float(result.statistic), "p": float(p)})
    return cases


def sign_flips():
    cases = []
    for count in [2, 3, 5, 6, 9, 12]:
        d = np.round(random.normal(0.4, 1, count), 1 if count % 3 else 6)
        for alternative in ["greater", "less", "two-sided"]:
            result = stats.permutation_test(
                (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=alternative)
            cases.append({
                "differences": d.tolist(), "alternative": alternative.replace("-", "_"),
                "p": float(result.pvalue), "mean": float(d.mean())})
    return cases


def groups():
    cases = []
    for first, second in [(4, 5), (6, 6), (3, 8)]:
        x, y = np.round(random.normal(0.8, 1, first), 1), np.round(random.normal(0, 1, second), 1)
        for alternative in ["greater", "less", "two-sided"]:
            pooled = np.concatenate([x, y])
            observed = x.mean() - y.mean()
            values = []
            for chosen in itertools.combinations(range(first + second), first):
                mask = np.zeros(first + second, bool)
                mask[list(chosen)] = True
                values.append(pooled[mask].mean() - pooled[~mask].mean())
            values = np.array(values)
            extreme = {"greater": values >= observed - 1e-9, "less": values <= observed + 1e-9,
                       "two-sided": abs(values) >= abs(observed) - 1e-9}[alternative]
            cases.append({"x": x.tolist(), "y": y.tolist(), "alternative": alternative.replace("-", "_"),
                          "p": float(extreme.mean()), "difference": float(observed)})
    return cases


def labels():
    """Every arrangement of labels within three seeds, gone through."""
    strata = [(["h", "h", "b", "n", "n"], [3, 2, 0, 1, 2]), (["b", "h", "n", "b"], [0, 1, 3, 2]), (["n", "h", "n"], [1, 3, 0])]
    names = [name for stratum in strata for name in stratum[0]]
    heroes, bloats = names.count("h"), names.count("b")

    def statistic(arrangement):
        total = 0.0
        for order, (_, positions) in zip(arrangement, strata):
            for name, position in zip(order, positions):
                total += position / heroes if name == "h" else -position / bloats if name == "b" else 0
        return total

    observed = statistic([stratum[0] for stratum in strata])
    values = np.array([statistic(a) for a in itertools.product(*[list(itertools.permutations(s[0])) for s in strata])])
    return {"labels": [s[0] for s in strata], "positions": [s[1] for s in strata], "statistic": observed,
            "p_greater": float((values >= observed - 1e-9).mean()),
            "p_two_sided": float((abs(values) >= abs(observed) - 1e-9).mean())}


def areas():
    cases = []
    for count in [5, 12, 31, 60]:
        scores = random.integers(0, count, count) / 3
        truth = random.random(count) < 0.4
        truth[0], truth[1] = True, False
        groups = random.integers(0, 4, count)
        u = stats.mannwhitneyu(scores[truth], scores[~truth]).statistic
        wins = pairs = 0.0
        for group in range(4):
            inside = groups == group
            a, b = scores[truth & inside], scores[~truth & inside]
            wins += (a[:, None] > b).sum() + 0.5 * (a[:, None] == b).sum()
            pairs += a.size * b.size
        cases.append({"scores": scores.tolist(), "labels": truth.tolist(), "groups": groups.tolist(),
                      "area": float(u / truth.sum() / (~truth).sum()),
                      "within": float(wins / pairs) if pairs else None})
    return cases


def fit(features, truth, ridge):
    mean, scale = features.mean(0), features.std(0)
    z = np.where(scale > 0, (features - mean) / np.where(scale > 0, scale, 1), 0)
    y = np.where(truth, 1.0, -1.0)

    def value(w):
        return np.logaddexp(0, -y * (z @ w[:-1] + w[-1])).sum() + ridge / 2 * (w[:-1] ** 2).sum()

    def slope(w):
        pull = -y / (1 + np.exp(y * (z @ w[:-1] + w[-1])))
        return np.append(z.T @ pull + ridge * w[:-1], pull.sum())

    w = optimize.minimize(value, np.zeros(z.shape[1] + 1), jac=slope, method="BFGS", options={"gtol": 1e-7}).x
    w = optimize.root(slope, w, tol=1e-14).x
    return w, lambda row: float(1 / (1 + np.exp(-(np.where(scale > 0, (row - mean) / np.where(scale > 0, scale, 1), 0) @ w[:-1] + w[-1]))))


def logistic():
    cases = []
    for count, width, ridge in [(12, 1, 1.0), (30, 3, 0.5), (41, 5, 2.0), (24, 2, 0.01)]:
        x = random.normal(size=(count, width)) * 10.0 ** random.integers(-3, 4, width) + 5
        if width == 5:
            x[:, 2] = 7.5
        truth = (x[:, 0] - x[:, 0].mean()) / x[:, 0].std() + random.normal(size=count) * (0.0 if ridge == 0.01 else 1) > 0
        groups = random.integers(0, 4, count)
        w, predict = fit(x, truth, ridge)
        held = []
        for row in range(count):
            rest = groups != groups[row]
            held.append(fit(x[rest], truth[rest], ridge)[1](x[row]) if len(set(truth[rest])) == 2 else None)
        cases.append({"features": x.tolist(), "labels": truth.tolist(), "groups": groups.tolist(), "ridge": ridge,
                      "weights": w[:-1].tolist(), "intercept": float(w[-1]),
                      "probabilities": [predict(row) for row in x], "held_out": held})
    return cases


def concordances():
    cases = []
    for seeds, components, tied in [(3, 5, False), (10, 20, False), (4, 7, True), (10, 20, True)]:
        scores = random.normal(size=(seeds, components)) + np.linspace(0, 2, components)
        if tied:
            scores = np.round(scores)
        friedman = stats.friedmanchisquare(*scores.T).statistic
        pairs = [stats.spearmanr(a, b).statistic for a, b in itertools.combinations(scores, 2)]
        ranks = np.array([stats.rankdata(s) for s in scores])
        cases.append({"scores": scores.tolist(), "w": float(friedman / (seeds * (components - 1))),
                      "mean_spearman": float(np.mean(pairs)), "means": ranks.mean(0).tolist(),
                      "deviations": ranks.std(0, ddof=1).tolist()})
    return cases


def quantiles():
    cases = []
    for count in [1, 2, 7, 40]:
        x = np.round(random.normal(size=count), 2)
        for probability in [0, 0.025, 0.3, 0.5, 0.975, 1]:
            cases.append({"values": x.tolist(), "probability": probability, "quantile": float(np.quantile(x, probability))})
    return cases


def wilson():
    cases = []
    for successes, trials, level in [(0, 5, 0.95), (5, 5, 0.95), (1, 20, 0.95), (1300, 2000, 0.95), (7, 10, 0.99), (33, 200, 0.8)]:
        ci = stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
        cases.append({"successes": successes, "trials": trials, "level": level, "lower": float(ci.low), "upper": float(ci.high)})
    return cases


def trapezoids():
    cases = []
    for count in [2, 3, 21]:
        x, y = np.sort(random.random(count)), random.normal(size=count)
        cases.append({"x": x.tolist(), "y": y.tolist(), "area": float(np.trapezoid(y, x))})
    return cases


with open("inference.json", "w") as file:
    json.dump({
        "dips": dips(), "dip_p_values": dip_p_values(), "kolmogorov": kolmogorov(), "sign_flips": sign_flips(),
        "groups": groups(), "labels": labels(), "areas": areas(), "logistic": logistic(),
        "concordances": concordances(), "quantiles": quantiles(), "wilson": wilson(), "trapezoids": trapezoids(),
    }, file, separators=(",", ":"))
    file.write("\n")
