"""Path patching and edge attribution by a forward of its own, in which every reader has its own copy of the residual stream.

A writer is `embed`, a head `L0_H1` or an MLP `L0_MLP`; a reader is a head's port `L2_H3.q`, an MLP `L2_MLP` or `logits`. `extra` maps a
reader, given what every writer before it has written, to what is added to its copy of the stream, before its norm: nothing else
sees it. So an edge is patched by adding what its writer's output changes by, and the gradient of what is added at zero is that of
the reader's input alone.
"""

from math import sqrt

import torch
from torch.nn.functional import gelu, linear

from published_model import rotate

PORTS = ("q", "k", "v")


def writers(configuration):
    names = ["embed"]
    for layer in range(configuration.n_layers):
        names += [f"L{layer}_H{head}" for head in range(configuration.n_heads)] + [f"L{layer}_MLP"]
    return names


def readers(configuration):
    names = []
    for layer in range(configuration.n_layers):
        names += [f"L{layer}_H{head}.{port}" for head in range(configuration.n_heads) for port in PORTS]
        names.append(f"L{layer}_MLP")
    return [*names, "logits"]


def place(name):
    """Where in the forward a writer writes or a reader reads; within a block heads come before the MLP."""
    if name == "embed":
        return -1.0
    if name == "logits":
        return float("inf")
    layer, part = name[1:].split("_")
    if part == "MLP":
        return 2 * int(layer) + 1
    return 2.0 * int(layer)


def edges(configuration):
    """Every (writer, reader) whose writer comes first."""
    return [(w, r) for w in writers(configuration) for r in readers(configuration) if place(w) < place(r)]


def embeddings(model, tokens):
    x = model.embedding(tokens)
    if model.configuration.positions == "learned":
        x = x + model.positions.weight[: tokens.shape[1]]
    return x


def head_output(block, index, streams):
    """z of a head, [B, T, d_head], from its three copies of the residual stream."""
    c = block.configuration
    rows = slice(index * c.d_head, (index + 1) * c.d_head)
    q, k, v = (
        linear(block.ln1(streams[port]), module.weight[rows], module.bias[rows])
        for port, module in zip(PORTS, (block.W_q, block.W_k, block.W_v), strict=True)
    )
    if c.positions == "rotary":
        q, k = rotate(q[:, :, None])[:, :, 0], rotate(k[:, :, None])[:, :, 0]
    scores = q @ k.transpose(1, 2) / sqrt(c.d_head)
    future = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
    pattern = scores.masked_fill(future, float("-inf")).softmax(-1)
    return pattern @ v


def head(block, index, streams):
    """What a head adds to the residual stream, [B, T, d_model]."""
    d_head = block.configuration.d_head
    return head_output(block, index, streams) @ block.W_o.weight[:, index * d_head : (index + 1) * d_head].T


def run(model, x, extra=None):
    """Logits, and what each writer adds to the stream, from embeddings [B, T, d_model]."""
    extra = extra or (lambda reader, written: 0)
    c = model.configuration
    written = {"embed": x}
    for layer, block in enumerate(model.blocks):
        entering = x
        for index in range(c.n_heads):
            name = f"L{layer}_H{index}"
            streams = {port: entering + extra(f"{name}.{port}", written) for port in PORTS}
            written[name] = head(block, index, streams)
            x = x + written[name]
        x = x + block.W_o.bias
        name = f"L{layer}_MLP"
        written[name] = block.mlp_out(gelu(block.mlp_in(block.ln2(x + extra(name, written)))))
        x = x + written[name]
    return model.unembedding(model.final_norm(x + extra("logits", written))), written


@torch.no_grad()
def patched_logits(model, tokens, other):
    """[edges, B, T, V]: the run over `tokens`, each edge alone carrying what its writer writes over `other`."""
    base, source = embeddings(model, tokens), embeddings(model, other)
    here, there = run(model, base)[1], run(model, source)[1]
    return torch.stack(
        [run(model, base, given({reader: there[w] - here[w]}))[0] for w, reader in edges(model.configuration)]
    )


def given(table):
    """`extra` that does not depend on what was written."""
    return lambda reader, written: table.get(reader, 0)


@torch.no_grad()
def circuit_logits(model, tokens, other, kept):
    """[B, T, V]: the run over `tokens`, in which every edge that is not in `kept` carries what its writer writes over `other`."""
    there = run(model, embeddings(model, other))[1]

    def extra(reader, written):
        return sum(
            there[writer] - written[writer]
            for writer in written
            if place(writer) < place(reader) and (writer, reader) not in kept
        )

    return run(model, embeddings(model, tokens), extra)[0]


def attribution(model, tokens, other, metric, steps=None):
    """[writers, readers, B]: EAP, or EAP-IG with so many steps. `metric` maps logits to [B]."""
    c = model.configuration
    with torch.no_grad():
        base, source = embeddings(model, tokens), embeddings(model, other)
        here, there = run(model, base)[1], run(model, source)[1]
    gradients = {reader: 0 for reader in readers(c)}
    count = steps or 1
    for step in range(1, count + 1):
        extra = {reader: torch.zeros_like(base, requires_grad=True) for reader in readers(c)}
        x = base if steps is None else source + step / steps * (base - source)
        metric(run(model, x, given(extra))[0]).sum().backward()
        for reader in extra:
            gradients[reader] = gradients[reader] + extra[reader].grad / count
    values = torch.zeros(len(writers(c)), len(readers(c)), tokens.shape[0], dtype=base.dtype)
    for i, w in enumerate(writers(c)):
        for j, reader in enumerate(readers(c)):
            if place(w) < place(reader):
                values[i, j] = ((there[w] - here[w]) * gradients[reader]).sum((1, 2))
    return values
