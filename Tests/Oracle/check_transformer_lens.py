"""Checks an output of `causalgap inspect --activations` against TransformerLens 4.3 on the same checkpoint.

    python check_transformer_lens.py CHECKPOINT BATCH OUTPUT        # needs transformer_lens 4 and safetensors

Prints the error ‖output − theirs‖ / ‖theirs‖ of the logits and of every hook both have, and exits with 1 where one is above 1e-4.
The model is made from the checkpoint's own configuration. With rotary positions `boot_native` pairs a head's neighbouring columns whatever
`rotary_adjacent_pairs` says, where a checkpoint pairs its halves: columns of Q and K are put in that order on loading, and hook_q and
hook_k put back.
"""

import argparse
import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.utilities.tl_checkpoint_conversion import convert_tl_checkpoint

TOLERANCE = 1e-4
ELSEWHERE = "ln_final.hook_normalized"  # 4.x has it before the norm's weight and bias
QUERIES_AND_KEYS = ("attn.W_Q", "attn.W_K", "attn.b_Q", "attn.b_K")


def load_model(path, rows):
    """The model for sequences of up to `rows` tokens, and the order of a head's columns in Q and K."""
    with safe_open(path, "pt") as file:
        described = json.loads(file.metadata()["config"])
    tensors = load_file(path)
    settings = dict(described)
    order = torch.arange(described["d_head"])
    if described["positional_embedding_type"] == "rotary":
        settings["n_ctx"] = max(rows, described["n_ctx"])
        del tensors["pos_embed.W_pos"]
        order = order.view(2, -1).T.flatten()  # 0, d_head/2, 1, d_head/2 + 1, ...
        tensors = {
            name: tensor[..., order].contiguous() if name.endswith(QUERIES_AND_KEYS) else tensor
            for name, tensor in tensors.items()
        }
    elif described["positions"] == "none":
        settings["n_ctx"] = max(rows, described["n_ctx"])
        tensors["pos_embed.W_pos"] = torch.zeros(settings["n_ctx"], described["d_model"])
    configuration = TransformerBridgeConfig.from_dict(settings)
    model = TransformerBridge.boot_native(configuration)
    model.load_state_dict(convert_tl_checkpoint(tensors, configuration), strict=True)
    return model.eval(), order


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("batch")
    parser.add_argument("output")
    arguments = parser.parse_args()
    tokens = load_file(arguments.batch)["tokens"].long()
    model, order = load_model(arguments.checkpoint, tokens.shape[1])
    with torch.no_grad():
        logits, cache = model.run_with_cache(tokens)
    output = load_file(arguments.output)
    hooks = {name: tensor for name, tensor in cache.items() if name in output and name != ELSEWHERE}
    failed = False
    for name, tensor in {"logits": logits, **hooks}.items():
        if name.endswith(("hook_q", "hook_k")):
            tensor = tensor[..., order.argsort()]
        error = float((output[name] - tensor).norm() / tensor.norm())
        failed |= not error <= TOLERANCE
        print(f"{error:10.2e}  {name}")
    sys.exit("FAILED" if failed else None)


if __name__ == "__main__":
    main()
