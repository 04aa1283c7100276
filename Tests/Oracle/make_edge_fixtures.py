"""Writes the committed fixtures of ImportanceTests' edges: python make_edge_fixtures.py [--output DIR]

For the models of make_gradient_fixtures.py: the logits of every edge patched alone (`noising`: the clean run with the corrupted run's
writes; `denoising`, of models with two layers, the other way round) of one sequence at its last two positions, and EAP and EAP-IG of every edge; `circuits`:
the mean log-probability of each sequence's targets where only the edges of `circuits.kept` [circuits, edges] carry what they carry in the clean run. Computed in
float64, stored as float32. The metadata lists `edges`, `writers` and `readers` by name, in order.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from checkpoint_format import load_checkpoint
from edges import attribution, circuit_logits, edges, embeddings, patched_logits, readers, run, writers
from gradient_scores import METRICS, metric_of
from make_gradient_fixtures import TESTS, corrupted
from random_checkpoint import random_batch

STEPS = 5


def write(model, path, seed):
    c = model.configuration
    tokens, targets = random_batch(c, 3, 6, seed)
    other, other_targets = corrupted(tokens, targets, c, seed + 10)
    # The forward of this oracle is the published one.
    torch.testing.assert_close(run(model, embeddings(model, tokens))[0], model(tokens))
    tensors = {
        "noising": patched_logits(model, tokens[:1], other[:1])[:, :, -2:],
    }
    if c.n_layers == 2:  # to keep the largest file small
        tensors["denoising"] = patched_logits(model, other[:1], tokens[:1])[:, :, -2:]
    tensors |= circuits(model, tokens, targets, other, seed)
    for metric in METRICS:
        value = lambda logits, metric=metric: metric_of(metric, logits, targets, other_targets)  # noqa: E731
        tensors[f"{metric}.eap"] = attribution(model, tokens, other, value)
        tensors[f"{metric}.eap_ig"] = attribution(model, tokens, other, value, STEPS)
    tensors = {name: tensor.detach().to(torch.float32).contiguous() for name, tensor in tensors.items()}
    tensors |= {"clean.tokens": tokens.int(), "clean.targets": targets.int()}
    tensors |= {"corrupted.tokens": other.int(), "corrupted.targets": other_targets.int()}
    names = {"edges": [f"{w}>{r}" for w, r in edges(c)], "writers": writers(c), "readers": readers(c)}
    save_file(tensors, path, {key: ",".join(value) for key, value in names.items()})


def circuits(model, tokens, targets, other, seed):
    """Random circuits of a tenth, a half and nine tenths of the edges."""
    all_edges = edges(model.configuration)
    generator = torch.Generator().manual_seed(seed)
    kept = torch.stack([torch.rand(len(all_edges), generator=generator) < share for share in (0.1, 0.5, 0.9)])
    found = [
        circuit_logits(model, tokens, other, {edge for edge, is_kept in zip(all_edges, row, strict=True) if is_kept})
        for row in kept.tolist()
    ]
    value = [metric_of("target_log_probability", logits, targets, targets) for logits in found]
    return {"circuits": torch.stack(value), "circuits.kept": kept}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TESTS / "ImportanceTests" / "Fixtures")
    folder = parser.parse_args().output
    torch.set_num_threads(1)  # the models are too small for more
    for seed, name in ((31, "tiny"), (32, "small"), (33, "rotary")):
        home = folder if name == "tiny" else TESTS / "TestModels" / "Fixtures"
        write(load_checkpoint(home / f"{name}.safetensors").double(), folder / f"{name}_edges.safetensors", seed)


if __name__ == "__main__":
    main()
