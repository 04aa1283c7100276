"""Writes the committed fixtures of ImportanceTests' gradient scores: python make_gradient_fixtures.py [--output DIR]

Three random models, each with two batches, their corrupted partners, and every score in float64, stored as float32. The last
two are those of make_fixtures.py, whose checkpoints TransformerTests has.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from checkpoint_format import load_checkpoint, save_checkpoint
from gradient_scores import (
    METRICS, attribution_scores, corrupted_replacement, fisher, mean_replacement, weight_scores, zero_replacement,
)  # fmt: skip
from published_model import NO_TARGET, Configuration
from random_checkpoint import random_batch, random_model

TESTS = Path(__file__).resolve().parent.parent
TINY = Configuration(n_layers=2, n_heads=2, d_model=16, d_mlp=24, d_vocab=13)
SHAPES = ((5, 9), (4, 7))


def corrupted(tokens, targets, configuration, seed):
    """Other tokens in about a third of the places, other targets in about two thirds; the last sample is left as it is."""
    generator = torch.Generator().manual_seed(seed)

    def mixed(values, share):
        others = torch.randint(0, configuration.d_vocab, values.shape, generator=generator)
        change = torch.rand(values.shape, generator=generator) < share
        change[-1] = False
        return torch.where(change, others, values)

    return mixed(tokens, 0.35), torch.where(targets == NO_TARGET, targets, mixed(targets, 0.65))


def scores(model, batches, partners):
    result = {**weight_scores(model, batches), "fisher": fisher(model, batches)}
    mean = mean_replacement(model, batches)
    replacements = {
        "mean": [mean] * len(batches),
        "zero": [zero_replacement] * len(batches),
        "corrupted": [corrupted_replacement(model, tokens) for tokens, _ in partners],
    }
    for metric in METRICS:
        for kind, replace in replacements.items():
            found = attribution_scores(model, batches, partners, replace, metric)
            result |= {f"{metric}.{kind}.{name}": values for name, values in found.items()}
    return result


def write(model, path, seed):
    configuration = model.configuration
    batches = [random_batch(configuration, *shape, seed + i) for i, shape in enumerate(SHAPES)]
    partners = [corrupted(*batch, configuration, seed + 10 + i) for i, batch in enumerate(batches)]
    tensors = {name: t.to(torch.float32).contiguous() for name, t in scores(model, batches, partners).items()}
    for prefix, group in (("clean", batches), ("corrupted", partners)):
        for i, (tokens, targets) in enumerate(group):
            tensors[f"{prefix}.{i}.tokens"] = tokens.to(torch.int32)
            tensors[f"{prefix}.{i}.targets"] = targets.to(torch.int32)
    save_file(tensors, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TESTS / "ImportanceTests" / "Fixtures")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # the models are too small for more
    save_checkpoint(random_model(TINY, seed=17), folder / "tiny.safetensors")
    write(load_checkpoint(folder / "tiny.safetensors").double(), folder / "tiny_scores.safetensors", seed=18)
    for seed, name in ((19, "small"), (20, "rotary")):
        checkpoint = TESTS / "TestModels" / "Fixtures" / f"{name}.safetensors"
        write(load_checkpoint(checkpoint).double(), folder / f"{name}_scores.safetensors", seed)


if __name__ == "__main__":
    main()
