"""Checks `causalgap inspect --patch` against TransformerLens 4.3's direct path patching, for every head-to-head edge.

    python check_path_patching.py CHECKPOINT BATCH [--program causalgap]        # needs transformer_lens 4.3 and safetensors

BATCH holds `tokens`, `targets` and `corrupted` [B, T]. `get_act_patch_direct_path` runs the corrupted tokens and adds, to one port of one
later head alone, the clean minus the corrupted write of an earlier head, `z @ W_O`, before that head's norm; everything above is
computed again. It needs an attention with a copy of the stream for each port, which `boot_native` lacks: the checkpoint is loaded as a GPT-2
of transformers, the same model but for `b_U`, which is added to its logits, and without rotary positions. The same is `WRITER>READER=denoising` here. Prints the largest difference of a logit over the edges of each
port, and of how far patching moves a logit at all; exits with 1 where a difference is above 1e-4.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.patching import get_act_patch_direct_path
from transformers import GPT2Config, GPT2LMHeadModel

TOLERANCE = 1e-4


def gpt2_tensors(tensors, layers):
    """Our tensors under GPT-2's names and in its shapes."""
    result = {
        "transformer.wte.weight": tensors["embed.W_E"], "transformer.wpe.weight": tensors["pos_embed.W_pos"],
        "transformer.ln_f.weight": tensors["ln_final.w"], "transformer.ln_f.bias": tensors["ln_final.b"],
        "lm_head.weight": tensors["unembed.W_U"].T,
    }  # fmt: skip
    for layer in range(layers):
        ours, theirs = f"blocks.{layer}.", f"transformer.h.{layer}."
        weights = [tensors[f"{ours}attn.W_{x}"].permute(1, 0, 2).flatten(1) for x in "QKV"]
        result[f"{theirs}attn.c_attn.weight"] = torch.cat(weights, 1)
        result[f"{theirs}attn.c_attn.bias"] = torch.cat([tensors[f"{ours}attn.b_{x}"].flatten() for x in "QKV"])
        result[f"{theirs}attn.c_proj.weight"] = tensors[f"{ours}attn.W_O"].flatten(0, 1)
        result[f"{theirs}attn.c_proj.bias"] = tensors[f"{ours}attn.b_O"]
        for norm in (1, 2):
            result[f"{theirs}ln_{norm}.weight"] = tensors[f"{ours}ln{norm}.w"]
            result[f"{theirs}ln_{norm}.bias"] = tensors[f"{ours}ln{norm}.b"]
        for name, part in (("c_fc", "in"), ("c_proj", "out")):
            result[f"{theirs}mlp.{name}.weight"] = tensors[f"{ours}mlp.W_{part}"]
            result[f"{theirs}mlp.{name}.bias"] = tensors[f"{ours}mlp.b_{part}"]
    return {name: tensor.contiguous() for name, tensor in result.items()}


def load_model(path, rows):
    """The model for sequences of up to `rows` tokens, and b_U."""
    with safe_open(path, "pt") as file:
        c = json.loads(file.metadata()["config"])
    if c["positions"] == "rotary":
        sys.exit(f"{path}: rotary positions, which GPT-2 does not have")
    tensors = load_file(path)
    if c["positions"] == "none":
        tensors["pos_embed.W_pos"] = torch.zeros(max(rows, c["n_ctx"]), c["d_model"])
    model = GPT2LMHeadModel(
        GPT2Config(
            n_layer=c["n_layers"], n_head=c["n_heads"], n_embd=c["d_model"], n_inner=c["d_mlp"],
            vocab_size=c["d_vocab"], n_positions=len(tensors["pos_embed.W_pos"]), activation_function="gelu",
            layer_norm_epsilon=c["eps"], tie_word_embeddings=False, attn_implementation="eager",
            bos_token_id=0, eos_token_id=0,
        )
    ).eval()  # fmt: skip
    model.load_state_dict(gpt2_tensors(tensors, c["n_layers"]), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        bridge = TransformerBridge.boot_transformers(folder, hf_model=model, device="cpu")
    return bridge.eval(), tensors["unembed.b_U"]


@torch.no_grad()
def their_logits(model, clean, corrupted):
    """{edge: logits [B, T, V]} of every head-to-head edge."""
    clean_cache, corrupted_cache = model.run_with_cache(clean)[1], model.run_with_cache(corrupted)[1]
    layers, heads = model.cfg.n_layers, model.cfg.n_heads
    result = {}
    for port in "qkv":
        for layer in range(layers - 1):
            for head in range(heads):
                kept = []

                def keep(logits):
                    kept.append(logits.clone())
                    return logits.sum()

                get_act_patch_direct_path(
                    model, corrupted, clean_cache, corrupted_cache, keep, layer, head, port, verbose=False
                )
                readers = [f"L{later}_H{other}.{port}" for later in range(layer + 1, layers) for other in range(heads)]
                for reader, logits in zip(readers, kept, strict=True):
                    result[f"L{layer}_H{head}>{reader}"] = logits
    return result


def our_logits(arguments, *more):
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output.safetensors"
        command = [arguments.program, "inspect", "--checkpoint", arguments.checkpoint, "--batch", arguments.batch]
        subprocess.run([*command, "--output", output, "--device", "cpu", *more], check=True, stdout=subprocess.DEVNULL)
        return load_file(output)["logits"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("batch")
    parser.add_argument("--program", default="causalgap")
    arguments = parser.parse_args()
    batch = load_file(arguments.batch)
    clean, corrupted = batch["tokens"].long(), batch["corrupted"].long()
    model, bias = load_model(arguments.checkpoint, clean.shape[1])
    with torch.no_grad():
        base = model(corrupted)
    worst, moved, count = dict.fromkeys("qkv", 0.0), dict.fromkeys("qkv", 0.0), dict.fromkeys("qkv", 0)
    for edge, theirs in their_logits(model, clean, corrupted).items():
        port = edge[-1]
        error = float((our_logits(arguments, "--patch", f"{edge}=denoising") - theirs - bias).abs().max())
        worst[port] = max(worst[port], error) if error == error else float("nan")
        moved[port] = max(moved[port], float((theirs - base).abs().max()))
        count[port] += 1
    for port in "qkv":
        print(f"{port}: {count[port]} edges, logits differ by up to {worst[port]:.1e}; patching moves them by up to {moved[port]:.2g}")
    sys.exit(None if all(worst[port] <= TOLERANCE for port in "qkv") else "FAILED")


if __name__ == "__main__":
    main()
