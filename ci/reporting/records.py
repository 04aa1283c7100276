"""Synthetic records: seeded random numbers in the form of measured ones, to try reports of many runs. Nothing here was measured."""

import json
import math
import random
from pathlib import Path

LAYERS, HEADS = 4, 4
COMPONENTS = [(layer, head) for layer in range(LAYERS) for head in [*range(HEADS), None]]
NAMES = [f"L{layer}_MLP" if head is None else f"L{layer}_H{head}" for layer, head in COMPONENTS]
SCORES = [
    "frobenius", "rms", "taylor", "taylor_absolute", "fisher", "attribution_patching", "atp_qk_fix", "grad_drop",
    "integrated_gradients",
]
METHODS = ["mean", "zero", "published", "resample", "noising", "denoising"]
EFFECTS = ["exact_match", "token_accuracy", "log_probability", "logit_difference"]
STEPS = ["published", "ablate_before_w_o", "pair_samples", "more_samples", "normalise_gradient", "correct_attenuation"]


def ranks(values):
    """Ascending from 1; the values here have no ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    for place, index in enumerate(order):
        result[index] = place + 1.0
    return result


def spearman(one, other):
    n = len(one)
    return 1 - 6 * sum((a - b) ** 2 for a, b in zip(ranks(one), ranks(other))) / (n * (n * n - 1))


class Run:
    """One synthetic model: a hidden importance of each component, and scores that see it through noise."""

    def __init__(self, task, seed, rigorous, width=128):
        self.random = random.Random(f"{task} {seed}")
        self.task, self.seed, self.rigorous, self.width = task, seed, rigorous, width
        self.noise = 1.2 if task == "sort" else 0.6
        self.hidden = [self.random.gauss(0.15 * layer, 1) for layer, _ in COMPONENTS]

    def seen(self, noise, scale=0.05):
        return [scale * math.exp(0.6 * value + noise * self.random.gauss(0, 0.6)) for value in self.hidden]

    def record(self):
        gradients = {score: self.seen(self.noise) for score in (SCORES if self.rigorous else SCORES[:1])}
        effects = {method: self.seen(0.5) for method in (METHODS if self.rigorous else ["published", "mean"])}
        own = "mean" if self.rigorous else "published"
        classes = {method: self.classes(gradients["frobenius"], values) for method, values in effects.items()}
        accuracy = min(0.99, max(0.05, self.random.gauss(0.6, 0.15)))
        baseline = round(accuracy, 3)
        named = lambda method, kind: [name for name, (_, _, found) in zip(NAMES, classes[method]) if found == kind]
        measures = {
            method: {
                "rho": spearman(gradients["frobenius"], values), "rho_reason": None, "heroes": named(method, "hero"),
                "bloats": named(method, "bloat"),
            } for method, values in effects.items()
        }
        in_window = 0.2 <= accuracy <= 0.75
        record = {
            "schema": 1, "task": self.task, "seed": self.seed, "protocol": "rigorous" if self.rigorous else "published",
            "configuration": {
                "layers": LAYERS, "heads": HEADS, "d_model": self.width, "d_ff": 512, "vocabulary": 104, "positions": "none",
                "batch_size": 64, "max_steps": 15000, "learning_rate": 0.001, "gradient_batches": 50, "mean_batches": 50,
                "accuracy_samples": 100, "pruning_samples": 200, "quick": False,
            },
            "device": {"selector": "cpu", "name": "none: synthetic records", "kind": "cpu", "driver": None},
            "versions": {"causalgap": "synthetic"},
            "training": {
                "steps": 4000, "converged": self.random.random() < 0.9, "final_loss": 0.1, "seconds": 0,
                "accuracies": [
                    {"step": step, "accuracy": round(1 - math.exp(-step / 1500), 3)} for step in range(500, 4500, 500)
                ],
            },
            "ood": {"length": 9, "accuracy": baseline, "in_window": in_window, "searched": []},
            "components": [
                {
                    "name": NAMES[place], "layer": layer, "head": head,
                    "gradient": {score: values[place] for score, values in gradients.items()},
                    "causal": {method: values[place] for method, values in effects.items()},
                    "gradient_rank": ranks(gradients["frobenius"])[place], "causal_rank": classes[own][place][0],
                    "delta": classes[own][place][1], "class": classes[own][place][2],
                    "measures": {
                        method: {"causal_rank": found[place][0], "delta": found[place][1], "class": found[place][2]}
                        for method, found in classes.items()
                    },
                } for place, (layer, head) in enumerate(COMPONENTS)
            ],
            "gradient_score": "frobenius", "causal_measure": own, **measures[own], "measures": measures,
            "pruning": {
                "baseline": baseline, "prune_heroes": round(0.5 * baseline, 3), "prune_bloats": round(0.9 * baseline, 3),
                "in_distribution_baseline": 0.95, "in_distribution_prune_heroes": 0.6, "in_distribution_prune_bloats": 0.9,
                "heroes": named(own, "hero")[:2], "bloats": named(own, "bloat")[:2],
            },
            "table6": None, "rigorous": self.further(gradients, effects) if self.rigorous else None, "timings": {},
            "notes": ["synthetic: seeded random numbers, not a measurement"],
        }
        return record

    def classes(self, gradient, effect):
        found = []
        for first, second in zip(ranks(gradient), ranks(effect)):
            delta = first - second
            found.append((second, delta, "hero" if delta <= -6 else "bloat" if delta >= 6 else "neutral"))
        return found

    def further(self, gradients, methods):
        effects = {(method, effect): self.seen(0.5) for method in METHODS for effect in EFFECTS}
        for method, values in methods.items():
            effects[method, "exact_match"] = values
        reliability = {"half": 0.8, "whole": 0.89}
        correlations = [
            {
                "score": score, "distribution": "ood", "method": method, "effect": effect, "rho": (rho := spearman(one, other)),
                "corrected": rho / 0.89, "interval": None, "reason": None,
            } for score, one in gradients.items() for (method, effect), other in effects.items()
        ]
        zeros = [[0.0] * len(NAMES) for _ in NAMES]
        pairs = [[0.0 if first == second else self.hidden[first] * self.hidden[second] / 20 for second in range(len(NAMES))]
                 for first in range(len(NAMES))]
        rho = correlations[0]["rho"]
        return {
            "samples": 2000,
            "gradients": [
                {"score": score, "distribution": "ood", "is_signed": False, "first": values, "second": values, "values": values,
                 "reliability": reliability} for score, values in gradients.items()
            ],
            "causal": [
                {"method": method, "effect": effect, "base": 0.6, "first": values, "second": values, "values": values,
                 "standard_errors": [0.01] * len(values), "reliability": reliability}
                for (method, effect), values in effects.items()
            ],
            "correlations": correlations,
            "class_confidence": [{"hero": 0.2, "bloat": 0.2, "neutral": 0.6} for _ in NAMES],
            "faithfulness": [
                {"method": "mean", "effect": "log_probability", "ranking": ranking,
                 "values": [(kept / len(NAMES)) ** (1 + self.random.random()) for kept in range(len(NAMES) + 1)],
                 "cpr": 0.4 + 0.1 * self.random.random(), "cmd": 0.5, "reason": None}
                for ranking in [*gradients, "exact", "random"]
            ],
            "redundancy": {
                "sets": [
                    {"name": name, "components": NAMES[:3], "effect": "exact_match", "joint": abs(self.random.gauss(0.3, 0.1)),
                     "joint_standard_error": 0.01, "sum_of_singles": abs(self.random.gauss(0.2, 0.05)),
                     "sum_standard_error": 0.01, "in_distribution": 0.1} for name in ("all_heroes", "all_bloats")
                ],
                "pair_interactions": pairs, "pair_interactions_exact_match": zeros,
                "shapley": [{"effect": "exact_match", "values": effects["mean", "exact_match"], "standard_errors": None, "full": 0.6}],
            },
            "lengths": [
                {"length": length, "in_distribution": length == 7, "accuracy": 0.95 - 0.08 * (length - 7),
                 "rho": rho - 0.03 * (length - 7) + self.random.gauss(0, 0.05), "rho_log_probability": rho}
                for length in range(7, 14)
            ],
            "features": {"gradient_trend": [self.random.gauss(0, 1) for _ in NAMES]},
            "decomposition": [
                {"step": step, "rho": rho + self.random.gauss(0.02 * place, 0.05), "reason": None}
                for place, step in enumerate(STEPS)
            ],
        }


def write_study(folder, runs, rigorous, width=128):
    """A study of `runs` runs, half of them of each task (one run: sorting), of models of a width."""
    for number in range(runs):
        task = "sort" if number % 2 == 0 else "reverse"
        seed = 1 + number // 2
        place = Path(folder) / "runs" / task / f"seed-{seed}"
        place.mkdir(parents=True)
        (place / "run.json").write_text(json.dumps(Run(task, seed, rigorous, width).record()))
