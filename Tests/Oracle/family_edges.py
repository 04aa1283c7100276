"""Edges of the models of `transformers`: attributions in every family, by hooks, and edges of Gemma 2 patched, by a forward of its own over the
library's modules, in which every reader has its own copy of the residual stream.

Names of writers and readers, and what `extra` is, are those of `edges.py`. In Gemma 2 a norm follows the heads of a block, so what a head writes more
when its output changes is the change of the norm's output, with the other heads as they were.
"""

import torch
from edges import PORTS, place
from family_modules import EMBED, LOGITS, layers
from family_modules import run as recorded
from torch.nn.functional import linear
from transformers.models.gemma2.modeling_gemma2 import apply_rotary_pos_emb

STEPS = 5


def writers(model):
    c = model.config
    return ["embed"] + [name for layer in range(c.num_hidden_layers) for name in [*(f"L{layer}_H{head}" for head in range(c.num_attention_heads)), f"L{layer}_MLP"]]


def readers(model):
    heads = range(model.config.num_attention_heads)
    names = [[*(f"L{layer}_H{head}.{port}" for head in heads for port in PORTS), f"L{layer}_MLP"] for layer in range(model.config.num_hidden_layers)]
    return [*(name for names in names for name in names), "logits"]


def precedes(model, writer, reader):
    """In a parallel block the MLP reads what its heads read."""
    parallel = getattr(model.config, "use_parallel_residual", False)
    before, after = (place(name) - (parallel and name.endswith("_MLP")) for name in (writer, reader))
    return before < after


def edges(model):
    return [(w, r) for w in writers(model) for r in readers(model) if precedes(model, w, r)]


def columns(model, head):
    width = model.config.head_dim
    return slice(head * width, (head + 1) * width)


def heads(model, layer, x, extra):
    """[B, T, heads · d_head]: the outputs of all heads, each from its three copies of the stream."""
    block = model.model.layers[layer]
    attention, positions = block.self_attn, torch.arange(x.shape[1])
    cos, sin = (table.double() for table in model.model.rotary_emb(x, positions[None]))
    distance = positions[:, None] - positions
    hidden = distance < 0 if attention.sliding_window is None else (distance < 0) | (distance >= attention.sliding_window)
    found = []
    for head in range(model.config.num_attention_heads):
        shared = head // attention.num_key_value_groups
        projected = []
        for port, module, index in zip(PORTS, (attention.q_proj, attention.k_proj, attention.v_proj), (head, shared, shared), strict=True):
            rows = columns(model, index)
            stream = block.input_layernorm(x + extra.get(f"L{layer}_H{head}.{port}", 0))
            projected.append(linear(stream, module.weight[rows], None if module.bias is None else module.bias[rows]))
        q, k, v = projected
        q, k = (rotated[:, 0] for rotated in apply_rotary_pos_emb(q[:, None], k[:, None], cos, sin))
        scores = q @ k.transpose(1, 2) * attention.scaling
        if cap := attention.attn_logit_softcapping:
            scores = cap * (scores / cap).tanh()
        found.append(scores.masked_fill(hidden, float("-inf")).softmax(-1) @ v)
    return torch.cat(found, -1)


def attention_write(model, layer, z):
    block = model.model.layers[layer]
    return block.post_attention_layernorm(block.self_attn.o_proj(z))


def run(model, x, extra=None):
    """Logits, and for each writer its output: a head's z as columns of `L0`, and what the others add to the stream."""
    extra, seen = extra or {}, {"embed": x}
    for layer, block in enumerate(model.model.layers):
        seen[f"L{layer}"] = heads(model, layer, x, extra)
        x = x + attention_write(model, layer, seen[f"L{layer}"])
        name = f"L{layer}_MLP"
        seen[name] = block.post_feedforward_layernorm(block.mlp(block.pre_feedforward_layernorm(x + extra.get(name, 0))))
        x = x + seen[name]
    logits = model.lm_head(model.model.norm(x + extra.get("logits", 0)))
    cap = model.config.final_logit_softcapping
    return logits if cap is None else cap * (logits / cap).tanh(), seen


def change(model, writer, here, there):
    """What a writer adds to the stream more if its output is that of the other run."""
    if writer in here:
        return there[writer] - here[writer]
    layer, head = (int(part) for part in writer[1:].split("_H"))
    own, z = columns(model, head), here[f"L{layer}"].clone()
    z[..., own] = there[f"L{layer}"][..., own]
    return attention_write(model, layer, z) - attention_write(model, layer, here[f"L{layer}"])


def attribution(model, batch, metric, steps=None):
    """[writers, readers, B]: EAP, or EAP-IG with so many steps. `metric` maps logits to [B]. For every family."""
    with torch.no_grad():
        here, there = (recorded(model, batch[name])[1].seen for name in ("tokens", "corrupted"))
        added = {writer: stream_change(model, writer, here, there) for writer in writers(model)}
    gradients, count = dict.fromkeys(readers(model), 0), steps or 1
    for step in range(1, count + 1):
        x = (there[EMBED] + step / count * (here[EMBED] - there[EMBED])).requires_grad_()
        logits, recorder = recorded(model, batch["tokens"], lambda key, stream, x=x: x if key == EMBED else stream)
        for reader, gradient in reader_gradients(model, metric(logits), recorder.seen).items():
            gradients[reader] = gradients[reader] + gradient / count
    return torch.stack(
        [torch.stack([(more * gradients[r]).sum((1, 2)) * precedes(model, w, r) for r in readers(model)]) for w, more in added.items()]
    )


def stream_change(model, writer, here, there):
    """What a writer adds to the stream more if its output is that of the other run, and all else as here."""
    if writer == "embed":
        return there[EMBED] - here[EMBED]
    index, part = writer[1:].split("_")
    index, layer = int(index), layers(model)[int(index)]
    if part == "MLP":
        return there[index, "mlp"] - here[index, "mlp"]

    def write(z):
        written = layer.output(z)
        return written if layer.attention_end is layer.output else layer.attention_end(written)

    z = here[index, "z"].clone()
    width = z.shape[-1] // model.config.num_attention_heads
    own = slice(int(part[1:]) * width, (int(part[1:]) + 1) * width)
    z[..., own] = there[index, "z"][..., own]
    return write(z) - write(here[index, "z"])


def reader_gradients(model, values, seen):
    """For each reader the gradient, of the sum over samples, at what it alone reads of the stream. A head's port reads through its own columns."""
    count = range(model.config.num_hidden_layers)
    keys = [*((layer, port) for layer in count for port in PORTS), *((layer, "mlp input") for layer in count), LOGITS]
    found = dict(zip(keys, torch.autograd.grad(values.sum(), [seen[key] for key in keys], retain_graph=True), strict=True))
    gradients = {f"L{layer}_MLP": found[layer, "mlp input"] for layer in count} | {"logits": found[LOGITS]}
    for layer in count:
        for port in PORTS:
            for head in range(model.config.num_attention_heads):
                own = torch.zeros_like(found[layer, port])
                own[:, head] = found[layer, port][:, head]
                (gradient,) = torch.autograd.grad(seen[layer, port], seen[layer, "attention input"], own, retain_graph=True)
                gradients[f"L{layer}_H{head}.{port}"] = gradient
    return gradients


@torch.no_grad()
def patched_losses(model, batch, loss):
    """[edges]: the loss with each edge alone carrying what its writer writes in the corrupted run. `loss` maps logits to a number."""
    base, source = (model.model.embed_tokens(batch[name].long()) for name in ("tokens", "corrupted"))
    here, there = run(model, base)[1], run(model, source)[1]
    return torch.stack([loss(run(model, base, {r: change(model, w, here, there)})[0]) for w, r in edges(model)])
