"""Writes the committed fixtures of TransformerTests: python make_fixtures.py [--output DIR]

A small model with everything odd (small*.safetensors, small_training.json), a smaller one with rotary positions
(rotary*.safetensors), and the first steps of published runs (published_losses.json, paper_losses.json). References are float64, stored as float32; numbers in JSON have nine digits.
"""

import argparse
import json
from pathlib import Path

import torch

from checkpoint_format import load_checkpoint, named_parameters, save_batch, save_checkpoint, save_tensors
from inspection import inspect
from published_data import TASKS, data_stream, draw_batch
from published_model import Configuration
from published_training import LEARNING_RATE, fixed_batch_losses, initial_model, training_losses
from random_checkpoint import random_batch, random_model

SMALL = Configuration(n_layers=3, n_heads=5, d_model=40, d_mlp=72, d_vocab=31, n_ctx=24, positions="learned")
ROTARY = Configuration(n_layers=2, n_heads=3, d_model=18, d_mlp=26, d_vocab=19, n_ctx=7, positions="rotary")
ABLATIONS = (
    "L1_H2=mean", "L1_H2=zero", "L1_MLP=mean", "L1_H2=published",
    "L0_H4=mean,L1_H0=zero,L1_H2=mean,L2_MLP=zero",
)  # fmt: skip
STORED_HOOKS = ("attn.hook_z", "hook_mlp_out", "hook_attn_out", "hook_resid_post")
LAYOUT = "names, shapes and row-major order of TransformerLens: W_Q [head, d_model, d_head], W_O [head, d_head, d_model]"


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


def summary(tensor):
    """Enough of a tensor to know it: its shape, two moments in float64, both ends in row-major order."""
    flat = tensor.double().flatten()
    moments = rounded([flat.sum().item(), (flat * flat).sum().item()])
    return {
        "shape": list(tensor.shape), "sum": moments[0], "sum_of_squares": moments[1],
        "first": rounded(flat[:4].tolist()), "last": rounded(flat[-4:].tolist()),
    }  # fmt: skip


def write_json(value, path):
    """One line for each entry of the two outer levels: small, and still readable in a diff."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in item.items())
            lines.append(f"{json.dumps(key)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(item, separators=(',', ':'))}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_small(folder):
    """The small model: checkpoint, batch, what `inspect` should say, ablated too, and ten steps of Adam."""
    checkpoint = folder / "small.safetensors"
    save_checkpoint(random_model(SMALL, seed=7), checkpoint)
    tokens, targets = random_batch(SMALL, rows=6, columns=11, seed=7)
    save_batch(tokens, targets, folder / "small_batch.safetensors")

    model = load_checkpoint(checkpoint).double()
    expected, activations = inspect(model, tokens, targets)
    for name, tensor in activations.items():
        if name.split(".", 2)[-1] in STORED_HOOKS:
            expected[name] = tensor
    save_tensors(expected, folder / "small_expected.safetensors")

    ablated = {}
    for ablation in ABLATIONS:
        outcome, _ = inspect(model, tokens, targets, ablation)
        ablated |= {f"{ablation}.{name}": outcome[name] for name in ("logits", "loss")}
    save_tensors(ablated, folder / "small_ablated.safetensors")

    losses = fixed_batch_losses(model, tokens, targets, steps=10)
    write_json(
        {"learning_rate": LEARNING_RATE, "dtype": "float64", "losses": rounded(losses)},
        folder / "small_training.json",
    )


def write_rotary(folder):
    """The small model with rotary positions: checkpoint, batch (longer than n_ctx), and what `inspect` should say."""
    checkpoint = folder / "rotary.safetensors"
    save_checkpoint(random_model(ROTARY, seed=8), checkpoint)
    tokens, targets = random_batch(ROTARY, rows=5, columns=13, seed=8)
    save_batch(tokens, targets, folder / "rotary_batch.safetensors")
    expected, activations = inspect(load_checkpoint(checkpoint).double(), tokens, targets)
    for name, tensor in activations.items():
        if name.split(".", 2)[-1] in ("attn.hook_q", "attn.hook_k", "attn.hook_z"):
            expected[name] = tensor
    save_tensors(expected, folder / "rotary_expected.safetensors")


def write_losses(protocol, runs, steps, path):
    """First losses, first batches and initial parameters of runs [(task, seed)]."""
    seeds = sorted({seed for _, seed in runs})
    losses, batches, parameters = {}, {}, {}
    for task, seed in runs:
        losses[f"{task}/{seed}"] = rounded(training_losses(protocol, task, seed, steps))
        losses[f"{task}/{seed}/float64"] = rounded(training_losses(protocol, task, seed, steps, torch.float64))
    for seed in seeds:
        stream = data_stream(seed)
        batches[str(seed)] = [draw_batch(stream) for _ in range(3)]
        for name, tensor in named_parameters(initial_model(protocol, seed)).items():
            parameters[f"{seed}/{name}"] = summary(tensor)
    write_json(
        {
            "protocol": protocol, "batch_size": 64, "learning_rate": LEARNING_RATE, "layout": LAYOUT,
            "losses": losses, "batches": batches, "parameters": parameters,
        },
        path,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parent.parent / "TestModels" / "Fixtures"
    parser.add_argument("--output", type=Path, default=default)
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    write_small(folder)
    write_rotary(folder)
    runs = [(task, seed) for task in TASKS for seed in (42, 456)]
    write_losses("published", runs, 100, folder / "published_losses.json")
    write_losses("paper", [("sort", 42)], 20, folder / "paper_losses.json")


if __name__ == "__main__":
    main()
