"""What `causalgap analyze` finds on token sequences, and what PyTorch computes for the same model and sequences."""

import csv
import json
import subprocess
import sys

import family_edges
import families
import torch
from family_scores import Attributions, means, weight_scores

SEQUENCES, LENGTH = 10, 13
# How the values of batches or samples become one score, as docs/protocols.md and GradientScore.swift have it.
MEAN = ("frobenius", "rms", "taylor_absolute", "fisher", "grad_drop")
ABSOLUTE_MEAN = ("attribution_patching", "integrated_gradients", "atp_qk_fix", "relp")
EDGES = {"eap": None, "eap_ig": family_edges.STEPS}
# Errors of smaller numbers are relative to this share of the largest number of their score: single precision leaves more of what cancels.
SMALL = 0.1


def random_data(seed):
    """Sequences of different lengths, some of them in one batch; each has a target at its end and at about two thirds of its other positions."""
    torch.manual_seed(seed)
    tokens, targets, others = (torch.randint(0, families.VOCABULARY, (SEQUENCES, LENGTH)) for _ in range(3))
    lengths = torch.randint(LENGTH // 2, LENGTH + 1, (SEQUENCES,))
    last = lengths[:, None] - 1
    positions = torch.arange(LENGTH)
    targets[((torch.rand(SEQUENCES, LENGTH) < 0.3) & (positions < last)) | (positions > last)] = -100
    corrupted = torch.where(torch.rand(SEQUENCES, LENGTH) < 0.3, others, tokens)
    return {name: tensor.int() for name, tensor in (("tokens", tokens), ("targets", targets), ("corrupted", corrupted), ("lengths", lengths))}


def halves(values, aggregate):
    """[3 · components]: over all units, over the first half of them and over the second. values: [component, unit]"""
    half = values.shape[1] // 2
    return torch.cat([aggregate(part) for part in (values, values[:, :half], values[:, half:])])


def aggregated(score, values):
    if score in MEAN:
        return halves(values, lambda part: part.mean(1))
    if score in ABSOLUTE_MEAN:
        return halves(values, lambda part: part.mean(1).abs())
    return halves(values, lambda part: part.abs().mean(1))


def expected(model, data):
    """By score, all numbers that the program has of it; and what integrated gradients may miss of each of theirs."""
    model = model.double()
    data = data | {"tokens": data["tokens"].long()}

    def metric(logits, sample=None):
        targets = data["targets"] if sample is None else data["targets"][sample : sample + 1]
        return families.log_probabilities(logits, {"targets": targets})

    attributions = Attributions(model, data["tokens"], metric, lambda seen: means(seen, data["lengths"]))
    integrals, effects = attributions.integrated_gradients()
    signed = weight_scores(model, data, metric) | {
        "attribution_patching": attributions.attribution_patching(),
        "integrated_gradients": integrals,
        "atp_qk_fix": attributions.atp_qk_fix(),
        "grad_drop": attributions.grad_drop(),
        "relp": attributions.relp(families.constant_factors(model)),
    }
    result = {score: aggregated(score, values.detach()) for score, values in signed.items()}
    result["mean ablation"] = halves(-effects, lambda part: part.mean(1))
    for score, steps in EDGES.items():
        result[score] = edge_statistics(model, family_edges.attribution(model, data, metric, steps).detach())
    missed = (integrals - effects).abs().max()
    assert missed < 1e-6, f"integrated gradients do not add up to the effects: {missed}"
    return result, halves(integration_tolerance(effects, attributions.values.detach()), lambda part: part.mean(1))


def integration_tolerance(effects, metric):
    """What integrated gradients may miss in a sample, as IntegratedGradients.swift has it: a thousandth of the effect, or of a hundredth of the
    metric if the effect is smaller; less than rounding is not sought."""
    size = metric.abs().clamp(min=1)
    return torch.maximum(1e-3 * torch.maximum(effects.abs(), 0.01 * size), 2e-6 * size)


def edge_statistics(model, values):
    """Means over samples of every edge, by writer, then their standard errors. values: [writers, readers, B]"""
    exists = torch.tensor([[family_edges.precedes(model, w, r) for r in family_edges.readers(model)] for w in family_edges.writers(model)])
    rows = values[exists]
    return torch.cat([rows.mean(1), rows.std(1) / len(rows[0]) ** 0.5])


def analyse(program, folder, data, output, device, edges):
    """What the program finds, as `expected`. `edges` are those that it should know, by writer."""
    words = [program, "analyze", folder, "--data", data, "--output", output, "--device", device, "--quiet"]
    words += ["--scores", "all", "--interventions", "mean", "--edges"]
    done = subprocess.run(list(map(str, words)), text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"check_families: {done.stderr}")
    record = json.loads((output / "run.json").read_text())["rigorous"]
    tables = {table["score"]: table for table in record["gradients"]}
    tables["mean ablation"] = next(t for t in record["causal"] if (t["method"], t["effect"]) == ("mean", "log_probability"))
    found = {name: torch.tensor([*t["values"], *t["first"], *t["second"]], dtype=torch.float64) for name, t in tables.items()}
    with open(output / "edges.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for score in EDGES:
        own = [row for row in rows if row["score"] == score]
        if [(row["writer"], row["reader"]) for row in own] != edges:
            sys.exit(f"check_families: {output}/edges.csv has other edges than the model")
        found[score] = torch.tensor([float(row[column]) for column in ("mean", "standard_error") for row in own], dtype=torch.float64)
    return found


def errors(found, wanted, tolerance, limit):
    """By score, the largest error, and the largest share of what is allowed: `limit`, and for integrated gradients `tolerance` of each number."""
    result = {}
    for score, values in wanted.items():
        size = values.abs().clamp(min=SMALL * float(values.abs().max()))
        difference = (found[score] - values).abs()
        allowed = tolerance if score == "integrated_gradients" else limit * size
        result[score] = (float((difference / size).max()), float((difference / allowed).max()))
    return result
