"""Writes optimiser*.safetensors and optimiser_training.json: python make_optimiser_fixtures.py [--output DIR]

Twelve steps of a tiny model with learned positions on one batch, with each addition to Adam alone and with all of them:
AdamW's weight decay, warm-up, cosine schedule, clipping. The learning rate, loss and gradient norm of every step, and the
parameters at the end. Arithmetic is float64; parameters are stored as float32, numbers in JSON have nine digits.
"""

import argparse
from pathlib import Path

import torch
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, SequentialLR

from checkpoint_format import load_checkpoint, named_parameters, save_batch, save_checkpoint, save_tensors
from make_fixtures import rounded, write_json
from published_model import Configuration, loss_of
from random_checkpoint import random_batch, random_model

TINY = Configuration(n_layers=2, n_heads=3, d_model=18, d_mlp=26, d_vocab=19, n_ctx=13, positions="learned")
STEPS, RATE = 12, 1e-2
OFF = {"warmup_steps": 0, "schedule": "constant", "weight_decay": 0.0, "clip_norm": 0.0}
VARIANTS = {
    "decay": {"weight_decay": 0.5},
    "warmup": {"warmup_steps": 5},
    "cosine": {"schedule": "cosine"},
    "clip": {"clip_norm": 0.8},
    "all": {"warmup_steps": 4, "schedule": "cosine", "weight_decay": 0.5, "clip_norm": 0.8},
}


def parameter_groups(model, weight_decay):
    """Weight matrices and embeddings decay, biases and norms do not."""
    decayed, others = [], []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            is_matrix = isinstance(module, (torch.nn.Linear, torch.nn.Embedding)) and name == "weight"
            (decayed if is_matrix else others).append(parameter)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def scheduler_of(optimizer, warmup, schedule):
    """The schedule as PyTorch's own schedulers have it."""
    after = (
        CosineAnnealingLR(optimizer, T_max=STEPS - warmup)
        if schedule == "cosine"
        else ConstantLR(optimizer, factor=1.0)
    )
    if warmup == 0:
        return after
    rise = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    return SequentialLR(optimizer, [rise, after], milestones=[warmup])


def train(model, tokens, targets, settings):
    """Twelve steps, and what happened at each of them. Changes the model."""
    optimizer = torch.optim.AdamW(parameter_groups(model, settings["weight_decay"]), lr=RATE)
    scheduler = scheduler_of(optimizer, settings["warmup_steps"], settings["schedule"])
    rates, losses, norms = [], [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model(tokens), targets)
        loss.backward()
        limit = settings["clip_norm"] or float("inf")
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), limit).item())
        rates.append(optimizer.param_groups[0]["lr"])
        losses.append(loss.item())
        optimizer.step()
        scheduler.step()
    return {"rates": rounded(rates), "losses": rounded(losses), "norms": rounded(norms)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parent.parent / "TestModels" / "Fixtures"
    parser.add_argument("--output", type=Path, default=default)
    folder = parser.parse_args().output
    save_checkpoint(random_model(TINY, seed=9), folder / "optimiser.safetensors")
    tokens, targets = random_batch(TINY, rows=5, columns=13, seed=9)
    save_batch(tokens, targets, folder / "optimiser_batch.safetensors")
    parameters, trainings = {}, {}
    for name, changed in VARIANTS.items():
        settings = OFF | changed
        model = load_checkpoint(folder / "optimiser.safetensors").double()
        steps = train(model, tokens, targets, settings)
        parameters |= {f"{name}.{key}": tensor for key, tensor in named_parameters(model).items()}
        trainings[name] = {"name": name, **settings, **steps}
    save_tensors(parameters, folder / "optimiser_expected.safetensors")
    write_json(
        {"learning_rate": RATE, "steps": STEPS, "dtype": "float64", "trainings": list(trainings.values())},
        folder / "optimiser_training.json",
    )


if __name__ == "__main__":
    main()
