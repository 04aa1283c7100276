"""What `causalgap inspect` should write, by PyTorch: logits, loss, every gradient, every hook, ablated or not.

An ablation is `L1_H2=mean` or `L1_MLP=zero`; several are joined by commas. Means are over all B*T rows of this
batch in the unablated model, and constants: no gradient flows through a replacement.
"""

import re

import torch

from checkpoint_format import named_gradients
from published_model import loss_of

REPLACEMENTS = ("mean", "zero", "published")


def parse_ablations(text):
    """[(layer, head or None for the MLP, replacement)]"""
    result = []
    for item in filter(None, (text or "").split(",")):
        match = re.fullmatch(r"L(\d+)_(?:H(\d+)|MLP)=(\w+)", item.strip())
        if not match or match[3] not in REPLACEMENTS:
            raise ValueError(f"cannot read ablation {item!r}")
        result.append((int(match[1]), None if match[2] is None else int(match[2]), match[3]))
    return result


class Tap:
    """Replaces what the ablations name, then records every activation as the model goes on with it."""

    def __init__(self, ablations=(), clean=None):
        self.ablations, self.clean, self.activations = ablations, clean, {}

    def __call__(self, name, tensor):
        for layer, head, replacement in self.ablations:
            tensor = self.replaced(name, tensor, f"blocks.{layer}.", head, replacement)
        self.activations[name] = tensor
        return tensor

    def replaced(self, name, tensor, prefix, head, replacement):
        if head is None:
            if name != prefix + "hook_mlp_out":
                return tensor
            return torch.zeros_like(tensor) + self.constant(name, replacement)
        # As published, a head's mean lands in the block's output after W_O; otherwise in z before it.
        z = prefix + "attn.hook_z"
        mean = self.constant(z, replacement)[head]
        if replacement == "published" and name == prefix + "hook_attn_out":
            tensor = tensor.clone()
            tensor[..., head * len(mean) : (head + 1) * len(mean)] = mean
        elif replacement != "published" and name == z:
            tensor = tensor.clone()
            tensor[:, :, head] = mean
        return tensor

    def constant(self, name, replacement):
        mean = self.clean[name].detach().mean((0, 1))
        return torch.zeros_like(mean) if replacement == "zero" else mean


def inspect(model, tokens, targets, ablations=""):
    """(logits, loss and gradients by their names in the output file, activations by hook name)"""
    ablations = parse_ablations(ablations)
    tap = Tap()
    if ablations:
        with torch.no_grad():
            model(tokens, tap)
        tap = Tap(ablations, tap.activations)
    logits = model(tokens, tap)
    loss = loss_of(logits, targets)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    loss.backward()
    activations = {name: tensor.detach() for name, tensor in tap.activations.items()}
    return {"logits": logits.detach(), "loss": loss.detach().reshape(1), **named_gradients(model)}, activations
