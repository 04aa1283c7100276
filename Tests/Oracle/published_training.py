"""Training as the published program trains: a fresh batch a step, Adam with PyTorch's defaults, learning rate 1e-3."""

import torch

from published_data import LAYOUTS, data_stream, draw_batch
from published_model import Configuration, loss_of, seeded_model

LEARNING_RATE = 1e-3
POSITIONS = {"published": "none", "paper": "learned"}


def initial_model(protocol, seed):
    """The published sizes with the protocol's positions; n_ctx 32 holds the longest sequence evaluated (N = 15)."""
    return seeded_model(Configuration(positions=POSITIONS[protocol]), seed)


def training_step(model, optimizer, tokens, targets):
    """One update; returns the loss before it."""
    optimizer.zero_grad()
    loss = loss_of(model(tokens), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


def training_losses(protocol, task, seed, steps, dtype=torch.float32):
    """The first losses of a run. Parameters are drawn in float32 whatever the dtype of the arithmetic.

    Exact up to step 500, where the program draws samples for its first accuracy.
    """
    if steps > 500:
        raise ValueError("the accuracy measurement after 500 steps is not part of the oracle")
    model = initial_model(protocol, seed).to(dtype)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    stream = data_stream(seed)
    return [
        training_step(model, optimizer, *LAYOUTS[protocol](draw_batch(stream), task)) for _ in range(steps)
    ]


def fixed_batch_losses(model, tokens, targets, steps):
    """Losses of `steps` updates on one batch, each before its update. Changes the model."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    return [training_step(model, optimizer, tokens, targets) for _ in range(steps)]
