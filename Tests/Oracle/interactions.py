"""Joint ablations by a forward of its own, and what follows from all coalitions of a few components, from the definitions.

A component is a head `L1_H2`, whose output is z before W_O, or an MLP `L1_MLP`. `change` maps a component to a function of its output.
"""

from itertools import permutations

import torch
from torch.nn.functional import gelu

from edges import PORTS, embeddings, head_output


def run(model, tokens, change=None, keep=None):
    """Logits [B, T, V]. `keep` is filled with each component's output after its change."""
    change = change or {}
    x = embeddings(model, tokens)
    c = model.configuration

    def output(name, value):
        value = change[name](value) if name in change else value
        if keep is not None:
            keep[name] = value
        return value

    for layer, block in enumerate(model.blocks):
        streams = dict.fromkeys(PORTS, x)
        z = [output(f"L{layer}_H{index}", head_output(block, index, streams)) for index in range(c.n_heads)]
        x = x + block.W_o(torch.cat(z, -1))
        x = x + output(f"L{layer}_MLP", block.mlp_out(gelu(block.mlp_in(block.ln2(x)))))
    return model.unembedding(model.final_norm(x))


def log_probability(logits, targets):
    """[B]: the mean of ln p(target) over the positions with a target."""
    chosen = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return torch.stack([row[target >= 0].mean() for row, target in zip(chosen, targets, strict=True)])


def means(model, tokens):
    """The mean output of each component over all positions."""
    keep = {}
    run(model, tokens, keep=keep)
    return {name: value.mean((0, 1)) for name, value in keep.items()}


def towards(mean, share):
    return lambda value: value + share * (mean - value)


def worths(model, tokens, targets, players):
    """[2^players, B]: the log-probability lost when a coalition is replaced by its means; bit i of a coalition is player i."""
    mean = means(model, tokens)
    base = log_probability(run(model, tokens), targets)
    lost = []
    for coalition in range(1 << len(players)):
        members = [name for i, name in enumerate(players) if coalition >> i & 1]
        change = {name: towards(mean[name], 1) for name in members}
        lost.append(base - log_probability(run(model, tokens, change), targets))
    return torch.stack(lost)


def verdicts(worth, players):
    """What all coalitions say of each player, from `worth[frozenset]`. The Shapley value is the mean over all orders."""
    everyone = frozenset(range(players))
    single = [worth[frozenset([i])] for i in range(players)]
    pair = [
        [worth[frozenset([i, j])] - single[i] - single[j] if i != j else 0.0 for j in range(players)]
        for i in range(players)
    ]
    order = sorted(range(players), key=lambda i: (-abs(single[i]), i))
    primary = frozenset(order[: max(1, 3 * players // 10)])
    shapley = [0.0] * players
    count = 0
    for arrangement in permutations(range(players)):
        before = frozenset()
        for i in arrangement:
            shapley[i] += worth[before | {i}] - worth[before]
            before = before | {i}
        count += 1
    after = lambda i, others: worth[others | {i}] - worth[others - {i}]  # noqa: E731
    return {
        "single": single,
        "pair_sum": [sum(row) / 2 for row in pair],
        "pair_maximum": [max(row[j] for j in range(players) if j != i) for i, row in enumerate(pair)],
        "with_rest": [after(i, everyone) - single[i] for i in range(players)],
        "co_ablation": [after(i, primary) - single[i] for i in range(players)],
        "missed": [shapley[i] / count - single[i] for i in range(players)],
    }
