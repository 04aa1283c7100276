"""Between PyTorch modules and CausalGap's files: safetensors with TransformerLens's names and shapes.

A checkpoint holds the parameters and, in its metadata under `config`, the configuration as JSON. A batch holds
`tokens` and `targets` [B, T]. Gradients have their parameter's name and layout behind the prefix `grad.`.
"""

import json
from dataclasses import asdict, fields

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from published_model import Configuration, PublishedModel


def parameter_map(model):
    """TransformerLens name -> (parameter, to that layout, back from it)."""
    c = model.configuration
    same = (lambda t: t, lambda t: t)
    transposed = (lambda t: t.T, lambda t: t.T)
    # nn.Linear's weight is [out, in]; a head owns consecutive outputs of Q, K, V and consecutive inputs of O.
    into_heads = (
        lambda t: t.view(c.n_heads, c.d_head, c.d_model).transpose(1, 2),  # [H, d_model, d_head]
        lambda t: t.transpose(1, 2).reshape(c.n_heads * c.d_head, c.d_model),
    )
    out_of_heads = (
        lambda t: t.T.reshape(c.n_heads, c.d_head, c.d_model),  # [H, d_head, d_model]
        lambda t: t.reshape(c.n_heads * c.d_head, c.d_model).T,
    )
    bias_of_heads = (lambda t: t.view(c.n_heads, c.d_head), lambda t: t.reshape(-1))

    result = {"embed.W_E": (model.embedding.weight, *same)}
    if c.positions == "learned":
        result["pos_embed.W_pos"] = (model.positions.weight, *same)
    for index, block in enumerate(model.blocks):
        prefix = f"blocks.{index}."
        for norm in ("ln1", "ln2"):
            module = getattr(block, norm)
            result[f"{prefix}{norm}.w"] = (module.weight, *same)
            result[f"{prefix}{norm}.b"] = (module.bias, *same)
        for letter, module in (("Q", block.W_q), ("K", block.W_k), ("V", block.W_v)):
            result[f"{prefix}attn.W_{letter}"] = (module.weight, *into_heads)
            result[f"{prefix}attn.b_{letter}"] = (module.bias, *bias_of_heads)
        result[f"{prefix}attn.W_O"] = (block.W_o.weight, *out_of_heads)
        result[f"{prefix}attn.b_O"] = (block.W_o.bias, *same)
        for name, module in (("in", block.mlp_in), ("out", block.mlp_out)):
            result[f"{prefix}mlp.W_{name}"] = (module.weight, *transposed)
            result[f"{prefix}mlp.b_{name}"] = (module.bias, *same)
    result["ln_final.w"] = (model.final_norm.weight, *same)
    result["ln_final.b"] = (model.final_norm.bias, *same)
    result["unembed.W_U"] = (model.unembedding.weight, *transposed)
    result["unembed.b_U"] = (model.unembedding.bias, *same)
    return result


def named_parameters(model):
    """Every parameter under its TransformerLens name, in that layout, detached."""
    return {name: to(p.detach()).contiguous() for name, (p, to, _) in parameter_map(model).items()}


def named_gradients(model):
    """`grad.<name>` for every parameter, after a backward pass."""
    return {f"grad.{name}": to(p.grad).contiguous() for name, (p, to, _) in parameter_map(model).items()}


def configuration_json(configuration):
    """The `config` entry of a checkpoint's metadata."""
    return json.dumps({**asdict(configuration), "act_fn": "gelu", "normalization_type": "LN"}, sort_keys=True)


def save_checkpoint(model, path):
    """Writes the model as float32."""
    c = model.configuration
    tensors = named_parameters(model)
    tensors.setdefault("pos_embed.W_pos", torch.zeros(c.n_ctx, c.d_model))
    save_tensors(tensors, path, {"config": configuration_json(c)})


def load_checkpoint(path):
    """The model of a checkpoint, float32. Raises on a missing, unknown or misshapen tensor."""
    with safe_open(path, framework="pt") as file:
        written = json.loads(file.metadata()["config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    if (written.get("act_fn", "gelu"), written.get("normalization_type", "LN")) != ("gelu", "LN"):
        raise ValueError(f"{path}: only act_fn gelu and normalization_type LN are known")
    known = {field.name for field in fields(Configuration)}
    model = PublishedModel(Configuration(**{key: value for key, value in written.items() if key in known}))
    parameters = parameter_map(model)
    unknown = tensors.keys() - parameters.keys() - {"pos_embed.W_pos"}
    missing = parameters.keys() - tensors.keys()
    if unknown or missing:
        raise ValueError(f"{path}: unknown tensors {sorted(unknown)}, missing tensors {sorted(missing)}")
    with torch.no_grad():
        for name, (parameter, to, back) in parameters.items():
            if tensors[name].shape != to(parameter).shape:
                raise ValueError(f"{path}: {name} is {list(tensors[name].shape)}, not {list(to(parameter).shape)}")
            parameter.copy_(back(tensors[name]))
    return model


def save_batch(tokens, targets, path):
    """Writes tokens and targets [B, T] as int32."""
    save_file({"tokens": tokens.to(torch.int32), "targets": targets.to(torch.int32)}, path)


def load_batch(path):
    """Tokens and targets [B, T] as int64."""
    tensors = load_file(path)
    return tensors["tokens"].long(), tensors["targets"].long()


def save_tensors(tensors, path, metadata=None):
    """Writes floating-point tensors as float32. Clones: one activation may have two names, which safetensors refuses."""
    tensors = {name: t.detach().to(torch.float32, copy=True).contiguous() for name, t in tensors.items()}
    save_file(tensors, path, metadata)
