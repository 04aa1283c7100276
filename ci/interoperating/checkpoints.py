"""TransformerLens loads a checkpoint."""

import os

import torch
from documents import snippet
from safetensors.torch import load_file, save_file

LINES = 10


def loads(files):
    """TransformerLens loads a model by at most ten lines, and gives the logits that inspect gives"""
    lines = snippet("TransformerLens")
    assert len([line for line in lines.splitlines() if line.strip()]) <= LINES
    run = files.trained / "runs" / "sort" / "seed-1"
    here, found = os.getcwd(), {}
    os.chdir(run)
    try:
        exec(lines, found)
    finally:
        os.chdir(here)
    generator = torch.Generator().manual_seed(7)
    tokens = torch.randint(1, 100, (3, 9), generator=generator)
    batch, output = files.folder / "batch.safetensors", files.folder / "output.safetensors"
    save_file({"tokens": tokens.int(), "targets": torch.full((3, 9), 5, dtype=torch.int32)}, batch)
    files.run("inspect", "--checkpoint", run / "model.safetensors", "--batch", batch, "--output", output, "--device", "cpu")
    ours = load_file(output)["logits"]
    with torch.no_grad():
        theirs = found["model"](tokens)
    error = float((ours - theirs).norm() / theirs.norm())
    assert error <= 1e-5, error


CHECKS = [loads]
