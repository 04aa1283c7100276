"""Writes ../TestModels/Fixtures/families: a small random model of every family, with what PyTorch computes with it."""

from pathlib import Path

import families
import torch

TYPES = {"llama3": torch.bfloat16, "neox": torch.float16}

if __name__ == "__main__":
    folder = Path(__file__).resolve().parent.parent / "TestModels" / "Fixtures" / "families"
    for name in families.CASES:
        families.write_case(name, folder / name, dtype=TYPES.get(name, torch.float32))
