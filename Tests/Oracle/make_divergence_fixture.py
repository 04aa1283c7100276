"""Writes ../ImportanceTests/Fixtures/divergences.safetensors: how far every component's ablation takes a model's predictions from the clean ones."""

from pathlib import Path

import families
from make_family_fixtures import TYPES
from safetensors.torch import save_file

if __name__ == "__main__":
    file = Path(__file__).resolve().parent.parent / "ImportanceTests" / "Fixtures" / "divergences.safetensors"
    batch, tensors = families.random_batch(), {}
    for name in ("gpt2", "llama", "gemma2"):
        assert name not in TYPES, "weights in single precision"
        model = families.random_model(name).double()
        for method in ("zero", "noising"):
            tensors[f"{name}.{method}"] = families.divergences(model, batch, method).float().contiguous()
    save_file(tensors, file)
