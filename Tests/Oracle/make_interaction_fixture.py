"""Writes the committed fixture of joint ablations, and its batch: python make_interaction_fixture.py [--output DIR]

For the small model: the log-probability lost by every coalition of some components [coalitions, B], what follows for each component from the
mean over sequences, and interpolated ablations [ablations, B]. The metadata lists `players`, `screens` and `ablations`
(`replaced+replaced|moved|share`) by name, in order. Computed in float64.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from checkpoint_format import load_checkpoint
from interactions import log_probability, means, run, towards, verdicts, worths
from make_gradient_fixtures import TESTS
from random_checkpoint import random_batch

PLAYERS = ["L0_H1", "L0_MLP", "L1_H0", "L1_H3", "L1_MLP", "L2_H4"]
INTERPOLATED = [
    ([], "L0_H1", 0.25), ([], "L1_MLP", 0.5), (["L0_H1"], "L1_H3", 0.125), (["L0_MLP", "L1_H0"], "L1_H3", 0.5),
    (["L1_H3"], "L1_H0", 1.0), (["L2_H4", "L0_H1"], "L1_MLP", 0.75),
]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TESTS / "TestModels" / "Fixtures")
    folder = parser.parse_args().output
    torch.set_num_threads(1)  # the model is too small for more
    model = load_checkpoint(TESTS / "TestModels" / "Fixtures" / "small.safetensors").double()
    tokens, targets = random_batch(model.configuration, 4, 7, 41)
    with torch.no_grad():
        torch.testing.assert_close(run(model, tokens), model(tokens))
        lost = worths(model, tokens, targets, PLAYERS)
        mean = means(model, tokens)
        moved = []
        for replaced, component, share in INTERPOLATED:
            change = {name: towards(mean[name], 1) for name in replaced} | {component: towards(mean[component], share)}
            moved.append(log_probability(run(model, tokens, change), targets))
    average = lost.mean(1).tolist()
    found = verdicts(
        {frozenset(i for i in range(len(PLAYERS)) if c >> i & 1): worth for c, worth in enumerate(average)},
        len(PLAYERS),
    )
    tensors = {"worths": lost, "moved": torch.stack(moved)}
    tensors |= {name: torch.tensor(values, dtype=torch.float64) for name, values in found.items()}
    save_file({"tokens": tokens.int(), "targets": targets.int()}, folder / "small_interactions_batch.safetensors")
    names = {
        "players": PLAYERS,
        "screens": list(found),
        "ablations": ["+".join(r) + f"|{component}|{share}" for r, component, share in INTERPOLATED],
    }
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "small_interactions.safetensors",
        {key: ",".join(value) for key, value in names.items()},
    )


if __name__ == "__main__":
    main()
