"""A checkpoint and a batch of any configuration with random contents: python random_checkpoint.py MODEL BATCH [sizes]"""

import argparse

import torch

from checkpoint_format import save_batch, save_checkpoint
from published_model import NO_TARGET, Configuration, seeded_model


def random_model(configuration, seed):
    """Seeded parameters, with LayerNorms that scale and shift and attention that is not flat."""
    model = seeded_model(configuration, seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "ln" in name or "final_norm" in name:
                parameter.add_(0.3 * torch.randn(parameter.shape))
            elif "W_q" in name or "W_k" in name:
                parameter.mul_(2.5)
    return model


def random_batch(configuration, rows, columns, seed):
    """Tokens and ragged targets [rows, columns]: contiguous ends, scattered ones, rows that end in padding.

    Every third row has scattered targets; every third ends early, its rest filled with the last token of the
    vocabulary and without targets. At least one target exists.
    """
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(0, configuration.d_vocab, (rows, columns), generator=generator)
    wanted = torch.randint(0, configuration.d_vocab, (rows, columns), generator=generator)
    coins = torch.rand(rows, columns, generator=generator)
    targets = torch.full((rows, columns), NO_TARGET)
    for row in range(rows):
        end = columns
        if row % 3 == 1:
            end = max(1, columns - 1 - int(coins[row, 0] * columns / 2))
            tokens[row, end:] = configuration.d_vocab - 1
        if row % 3 == 2:
            asked = coins[row] < 0.4
        else:
            asked = (torch.arange(columns) >= end // 2) & (torch.arange(columns) < end)
        targets[row, asked] = wanted[row, asked]
    if bool((targets == NO_TARGET).all()):
        targets[0, 0] = wanted[0, 0]
    return tokens, targets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("batch")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--d-model", type=int, default=128)
    parser.add_argument("--d-ff", type=int, default=512)
    parser.add_argument("--d-head", type=int, default=0, help="default: d-model / heads")
    parser.add_argument("--vocabulary", type=int, default=104)
    parser.add_argument("--context", type=int, default=32, help="rows of learned positions")
    parser.add_argument("--positions", default="none", choices=("none", "learned", "rotary"))
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--columns", type=int, default=17)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    if a.positions == "learned" and a.columns > a.context:
        parser.error("more columns than learned positions")
    configuration = Configuration(
        n_layers=a.layers, n_heads=a.heads, d_model=a.d_model, d_mlp=a.d_ff, d_head=a.d_head,
        d_vocab=a.vocabulary, n_ctx=a.context, positions=a.positions,
    )  # fmt: skip
    save_checkpoint(random_model(configuration, a.seed), a.model)
    save_batch(*random_batch(configuration, a.rows, a.columns, a.seed), a.batch)


if __name__ == "__main__":
    main()
