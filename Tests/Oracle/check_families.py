"""Compares `causalgap inspect` and `causalgap analyze` with PyTorch for every family, type of element and device. `ci/parity` calls it."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import families
import family_analysis
import family_edges
import torch
import transformers
from safetensors.torch import load_file, save_file

LIMIT = 1e-4
TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
HEADER = """# Parity with PyTorch

Random models of every family, built by `transformers` {transformers} and PyTorch {torch} with odd sizes, saved as they save them, read by `causalgap inspect`. Each
entry is the largest ‖out − ref‖/‖ref‖ over the logits, the loss and the gradient of every tensor of the file, and in the last column over the losses with
every single head and MLP replaced, by zeros, by means and by its output for other tokens, against double precision with the same rounded weights; the library itself computes norms
and probabilities in single precision. `ci/parity --update` makes this page and fails above 1e-4; small fixtures of the same models are in the tests.

| model | weights | {devices} | interventions, {first} |
|---|---|{rules}---|
"""
SCORES_HEADER = """
## Scores

The same models with float32 weights, scored by `causalgap analyze` on {sequences} sequences of different lengths, and by autograd in double
precision from the definitions of the scores (`Tests/Oracle/family_scores.py`, `family_edges.py`). The outputs of components are replaced by
their means over these sequences; edges carry what their writers write for corrupted tokens. The scores of weights are
{weights}; "mean ablation" is the effect of the replacement on the log-probability.

Each entry is the largest error on any of the devices ({devices}): of any component's score over all sequences and over each half of them, or of
any edge's mean and standard error. An error is relative to the number itself or, if that is smaller, to a tenth of the largest number of the
score. It fails above 1e-4. Only `integrated_gradients` has another limit, because the program computes it to a tolerance: in each sample 1e-3 of
the effect or, for smaller effects, 1e-5 of the log-probability or of 1 (`Sources/Importance/IntegratedGradients.swift`). The largest share that an
error has of this tolerance is in parentheses, and fails above 1.

| model | {columns} |
|---|{rules}
"""
WEIGHTS = ("frobenius", "rms", "taylor", "taylor_absolute", "fisher")
COLUMNS = {"weights": WEIGHTS} | {
    score: (score,)
    for score in ("attribution_patching", "integrated_gradients", "atp_qk_fix", "grad_drop", "relp", "eap", "eap_ig", "mean ablation")
}


def run(program, folder, batch, output, device, *more):
    words = [program, "inspect", "--checkpoint", folder, "--batch", batch, "--output", output, "--device", device, *more]
    done = subprocess.run(list(map(str, words)), text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"check_families: {done.stderr}")
    return load_file(output)


def error(found, wanted, scale=None):
    difference, size = (found.double() - wanted.double()).norm(), wanted.double().norm()
    return float(difference / max(float(size), scale or 1e-300))


def worst(errors):
    """The largest error and its name; NaN counts as the largest."""
    name = max(errors, key=lambda name: errors[name] if errors[name] == errors[name] else float("inf"))
    return errors[name], name


def gradient_errors(program, folder, check, device):
    """By tensor."""
    found = run(program, folder, folder / "batch.safetensors", folder.parent / "output.safetensors", device)
    gradients = [name for name in check if name.startswith("grad.")]
    if missing := sorted(set(found) - set(check)):
        sys.exit(f"check_families: {folder.name}: {missing[0]} is not in the file")
    whole = float(sum(check[name].double().norm() ** 2 for name in gradients) ** 0.5)
    errors = {name: error(found[name], check[name], 1e-3 * whole) for name in gradients}
    return errors | {name: error(found[name], check[name]) for name in ("logits", "loss")}


def ablation_errors(program, folder, check, device, heads):
    """By component and method."""
    errors = {}
    for method in families.METHODS:
        # What needs another run is a patch, not an ablation.
        option = "--patch" if method == "noising" else "--ablate"
        for index, wanted in enumerate(check[method]):
            layer, place = divmod(index, heads + 1)
            name = f"{f'L{layer}_MLP' if place == heads else f'L{layer}_H{place}'}={method}"
            found = run(program, folder, folder / "batch.safetensors", folder.parent / "output.safetensors", device, option, name)
            errors[name] = error(found["loss"], wanted[None])
    return errors


def score_errors(given, folder, model, data):
    """By score and device, the largest error, and the largest share that an error has of what is allowed."""
    save_file(data, folder / "data.safetensors")
    wanted, tolerance = family_analysis.expected(model, data)
    edges, found = family_edges.edges(model), {}
    for device in given.devices:
        output = given.folder / "analyses" / f"{folder.name}-{device}"
        scores = family_analysis.analyse(given.program, folder, folder / "data.safetensors", output, device, edges)
        found |= {(score, device): errors for score, errors in family_analysis.errors(scores, wanted, tolerance, LIMIT).items()}
    return found


def score_cells(name, errors):
    """The row of a table, and the number of its cells with an error that is not allowed."""
    cells, failures = [], 0
    for title, scores in COLUMNS.items():
        value, place = worst({key: value for key, (value, _) in errors.items() if key[0] in scores})
        share, _ = worst({key: share for key, (_, share) in errors.items() if key[0] in scores})
        bad = not share <= 1
        failures += bad
        cells.append(f"{value:.1e} ({share:.2f})" if title == "integrated_gradients" else f"{value:.1e}")
        print(f"{name}, {title}: {cells[-1]} at {' on '.join(place)}{'  WRONG' if bad else ''}", flush=True)
    return f"| {name} | {' | '.join(cells)} |", failures


def page(given, rows, scores):
    """The text of docs/parity.md."""
    header = HEADER.format(
        transformers=transformers.__version__,
        torch=torch.__version__.split("+")[0],
        devices=" | ".join(given.devices),
        rules="---|" * len(given.devices),
        first=given.devices[0],
    )
    more = SCORES_HEADER.format(
        sequences=family_analysis.SEQUENCES,
        devices=", ".join(given.devices),
        weights=", ".join(f"`{score}`" for score in WEIGHTS),
        columns=" | ".join(title if title in ("weights", "mean ablation") else f"`{title}`" for title in COLUMNS),
        rules="---|" * len(COLUMNS),
    )
    return header + "\n".join(rows) + "\n" + more + "\n".join(scores) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--devices", type=lambda text: text.split(","), required=True)
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(families.CASES))
    parser.add_argument("--table", type=Path)
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    rows, scores, failures = [], [], 0
    for number, name in enumerate(given.cases):
        for kind, dtype in TYPES.items():
            folder = given.folder / f"{name}-{kind}"
            model, batch = families.random_model(name, 7 + number, dtype), families.random_batch(11 + number)
            families.save(model, folder, dtype, shard="20KB" if (number + len(rows)) % 2 else "1GB")
            save_file(batch, folder / "batch.safetensors")
            check = families.expected(model, folder, batch)
            found = {device: gradient_errors(given.program, folder, check, device) for device in given.devices}
            # The losses under ablation are those of the first device, and only of unrounded weights: the ablations don't depend on either.
            if dtype == torch.float32:
                heads = model.config.num_attention_heads
                found["ablations"] = ablation_errors(given.program, folder, check, given.devices[0], heads)
            cells = []
            for title, errors in found.items():
                value, tensor = worst(errors)
                bad = not value <= LIMIT
                failures += bad
                cells.append(f"{value:.1e}")
                print(f"{name}, {kind}, {title}: {value:.1e} at {tensor}{'  WRONG' if bad else ''}", flush=True)
            cells += [] if dtype == torch.float32 else ["–"]
            rows.append(f"| {name} | {kind} | {' | '.join(cells)} |")
            if dtype == torch.float32:
                row, bad = score_cells(name, score_errors(given, folder, model, family_analysis.random_data(23 + number)))
                scores.append(row)
                failures += bad
    if given.table:
        given.table.write_text(page(given, rows, scores))
    print(f"{len(rows)} models, {failures} wrong")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
