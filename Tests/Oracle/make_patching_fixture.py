"""Writes TestModels/Fixtures/small_patched.safetensors: TransformerLens's activation patching of the small model.

    python make_patching_fixture.py        # needs transformer_lens 4 and safetensors; make_fixtures.py comes first

Clean and corrupted tokens [B,T] differ in one place each. `noising.L1_H2` are the logits [B,T,V] of the clean run with that
component's output, at every position, from the corrupted run; `denoising.L1_H2` the other way round. Heads are patched at
`attn.hook_z`, MLPs at `hook_mlp_out`. The model's numbers are float32.
"""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformer_lens import patching
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.utilities.tl_checkpoint_conversion import convert_tl_checkpoint

FIXTURES = Path(__file__).resolve().parent.parent / "TestModels" / "Fixtures"
CONFIGURATION_KEYS = (
    "n_layers", "d_model", "n_heads", "d_head", "d_mlp", "d_vocab", "n_ctx", "act_fn", "normalization_type", "eps",
)  # fmt: skip


def load_model(path):
    with safe_open(path, "pt") as file:
        described = json.loads(file.metadata()["config"])
    configuration = TransformerBridgeConfig(**{key: described[key] for key in CONFIGURATION_KEYS})
    model = TransformerBridge.boot_native(configuration)
    model.load_state_dict(convert_tl_checkpoint(load_file(path), configuration), strict=True)
    return model.eval()


def draw_tokens(vocabulary, rows, columns):
    """Clean tokens, and the same with one token of each row replaced by another."""
    generator = torch.Generator().manual_seed(11)
    clean = torch.randint(0, vocabulary, (rows, columns), generator=generator)
    corrupted = clean.clone()
    for row, column in enumerate(torch.randint(1, columns - 2, (rows,), generator=generator)):
        shift = torch.randint(1, vocabulary, (1,), generator=generator)
        corrupted[row, column] = (clean[row, column] + shift) % vocabulary
    return clean, corrupted


def patched_logits(model, tokens, other_tokens):
    """Logits of the run over `tokens`, by component whose output comes from the run over `other_tokens`."""
    _, cache = model.run_with_cache(other_tokens)
    kept = []

    def keep(logits):
        kept.append(logits.detach().clone())
        return logits.sum()

    patching.get_act_patch_attn_head_out_all_pos(model, tokens, cache, keep)
    heads = [f"L{layer}_H{head}" for layer in range(model.cfg.n_layers) for head in range(model.cfg.n_heads)]
    result = dict(zip(heads, kept, strict=True))
    kept.clear()
    # By position in TransformerLens; here all positions of a layer at once.
    patching.generic_activation_patch(
        model, tokens, cache, keep, lambda activation, index, other: other, "mlp_out", index_axis_names=("layer",)
    )
    return result | {f"L{layer}_MLP": logits for layer, logits in enumerate(kept)}


@torch.no_grad()
def main():
    model = load_model(FIXTURES / "small.safetensors")
    clean, corrupted = draw_tokens(model.cfg.d_vocab, rows=2, columns=7)
    tensors = {"clean_tokens": clean.int(), "corrupted_tokens": corrupted.int(), "clean": model(clean)}
    for direction, pair in (("noising", (clean, corrupted)), ("denoising", (corrupted, clean))):
        for component, logits in patched_logits(model, *pair).items():
            tensors[f"{direction}.{component}"] = logits
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(tensors, FIXTURES / "small_patched.safetensors")


if __name__ == "__main__":
    main()
