"""Gradient scores of the components of a model of `transformers`, by autograd in double precision, from their definitions.

Components come by layer, the heads, then the MLP. A head's output is its part of what W_O reads; an MLP's output is what it adds to the stream.
All values are [component, unit], where a unit is a batch or a sample, and have their signs.
"""

from math import sqrt

import numpy
import torch
from family_modules import layers, run

# Enough for the norms behind Gemma 2's branches, which bend a line most: with 24, integrals miss effects by up to 2e-4, with 48 by 2e-7.
POINTS = 64


def batches(count, size=64):
    """The samples of each batch: at most `size`, and at least eight batches if there are so many samples."""
    size = max(1, min(size, (count + 7) // 8))
    return [slice(first, min(first + size, count)) for first in range(0, count, size)]


def mean_over_rows(values, lengths):
    """Over all rows of each batch, then over the batches. values: [B, T, …]"""
    live = torch.arange(values.shape[1]) < lengths[:, None]
    return torch.stack([values[part][live[part]].mean(0) for part in batches(len(values))]).mean(0)


def is_projection(key):
    return key[1].startswith("projection")


def means(seen, lengths):
    """Of the outputs of components, and of queries, keys and values before rotation."""
    return {key: mean_over_rows(tensor.detach(), lengths) for key, tensor in seen.items() if is_projection(key) or key[1] in ("z", "mlp")}


class Attributions:
    """To what stands in the place of outputs: `replace` maps what the clean run computes to the same keys' replacements. `metric` maps logits to
    [B]."""

    def __init__(self, model, tokens, metric, replace):
        self.model, self.tokens, self.metric = model, tokens, metric
        self.heads, self.layers = model.config.num_attention_heads, len(layers(model))
        self.outputs = [(layer, name) for layer in range(self.layers) for name in ("z", "mlp")]
        logits, recorder = run(model, tokens)
        self.values, self.clean, self.weights = metric(logits), recorder.seen, recorder.weights
        with torch.no_grad():
            self.other = replace(self.clean)
            self.difference = {key: self.other[key] - self.clean[key] for key in self.outputs}

    def by_component(self, products):
        """[component, B], from a product at every output of heads or an MLP, [B, T, width]."""
        rows = []
        for layer in range(self.layers):
            rows += [*products[layer, "z"].unflatten(-1, (self.heads, -1)).sum((1, 3)).T, products[layer, "mlp"].sum((1, 2))]
        return torch.stack(rows)

    def gradients(self, values, seen):
        """Of the sum over samples, at every output; zeros where nothing depends on it."""
        found = torch.autograd.grad(values.sum(), [seen[key] for key in self.outputs], retain_graph=True, materialize_grads=True)
        return dict(zip(self.outputs, found, strict=True))

    def linear(self, values, seen):
        gradients = self.gradients(values, seen)
        return self.by_component({key: self.difference[key] * gradients[key] for key in self.outputs})

    def attribution_patching(self):
        return self.linear(self.values, self.clean)

    def relp(self, rule):
        """`rule`: while it lasts, autograd passes relevance through the model."""
        with rule:
            logits, recorder = run(self.model, self.tokens)
            return self.linear(self.metric(logits), recorder.seen)

    def grad_drop(self):
        """The mean over layers of absolute attributions, with both outputs of one layer constant (AtP*, section 3.2)."""
        total = 0
        for dropped in range(self.layers):
            ends = ((dropped, "attention"), (dropped, "mlp"))
            logits, recorder = run(self.model, self.tokens, lambda key, x, ends=ends: x.detach() if key in ends else x)
            total = total + self.linear(self.metric(logits), recorder.seen).abs()
        return total / max(self.layers - 1, 1)

    def along_line(self, layer, head, shares):
        """For each share, the metric [B] and its slope [B] with one component's output so far on its way to the replacement."""
        key = (layer, "mlp" if head is None else "z")
        step = torch.zeros_like(self.difference[key])
        width = step.shape[-1] // (1 if head is None else self.heads)
        own = slice(None) if head is None else slice(head * width, (head + 1) * width)
        step[..., own] = self.difference[key][..., own]
        # [shares · B, T, …]: all shares side by side.
        steps = torch.cat([share * step for share in shares])
        logits, recorder = run(self.model, self.tokens.repeat(len(shares), 1), lambda name, x: x + steps if name == key else x)
        values = torch.cat([self.metric(part) for part in logits.split(len(self.tokens))])
        (gradient,) = torch.autograd.grad(values.sum(), recorder.seen[key])
        slopes = (step.repeat(len(shares), 1, 1) * gradient).sum((1, 2))
        return values.detach().unflatten(0, (len(shares), -1)), slopes.unflatten(0, (len(shares), -1))

    def integrated_gradients(self):
        """By Gauss and Legendre, and the true effects, which they add up to."""
        nodes, weights = numpy.polynomial.legendre.leggauss(POINTS)
        integrals, effects = [], []
        for layer in range(self.layers):
            for head in (*range(self.heads), None):
                values, slopes = self.along_line(layer, head, [*((nodes + 1) / 2), 1.0])
                integrals.append((torch.tensor(weights / 2)[:, None] * slopes[:-1]).sum(0))
                effects.append(values[-1] - self.values.detach())
        return torch.stack(integrals), torch.stack(effects)

    def atp_qk_fix(self):
        """AtP* (arXiv:2403.00745), section 3.1.1: the softmax computed again for each query, and for each key, replaced alone; linear in values."""
        _, recorder = run(self.model, self.tokens, lambda key, x: self.other[key].expand_as(x) if is_projection(key) else x)
        scores, gradients, rows = self.attribution_patching(), self.gradients(self.values, self.clean), self.tokens.shape[1]
        for layer in range(self.layers):
            (q, k, v), (other_q, other_k, other_v) = ([seen[layer, x].detach() for x in "qkv"] for seen in (self.clean, recorder.seen))
            weights, clean = self.weights[layer], self.weights[layer](q, k)
            # [B, head, T, d_head], and the gradient of each weight, [B, head, query, key].
            at_z = gradients[layer, "z"].unflatten(-1, (self.heads, -1)).transpose(1, 2)
            at_weights = at_z @ v.transpose(2, 3)
            total = (weights(other_q, k) - clean) * at_weights + clean * (at_z @ (other_v - v).transpose(2, 3))
            for t in range(rows):
                keys = k.clone()
                keys[:, :, t] = other_k[:, :, t]
                total = total + (weights(q, keys) - clean) * at_weights
            first = layer * (self.heads + 1)
            scores[first : first + self.heads] = total.sum((2, 3)).detach().T
        return scores


def sample_gradients(model, data, metric, sample):
    """Of a sample's own loss, for each component, [(weight, gradient, number of its own weights)]: a head's columns of W_V, of its own copy if heads
    share them, and an MLP's second matrix."""
    logits, recorder = run(model, data["tokens"][sample : sample + 1])
    loss = -metric(logits, sample).sum()
    heads, found = model.config.num_attention_heads, []
    for index, layer in enumerate(layers(model)):
        v = recorder.seen[index, "v"]
        at_v, at_matrix = torch.autograd.grad(loss, [v, layer.mlp_matrix.weight], retain_graph=True)
        width = layer.output.weight.numel() // (heads * v.shape[-1])
        for head in range(heads):
            own = torch.zeros_like(at_v)
            own[:, head] = at_v[:, head]
            # Elements of W_V that other heads read are zero.
            (gradient,) = torch.autograd.grad(v, layer.value.weight, own, retain_graph=True)
            found.append((layer.value.weight.detach(), gradient, width * v.shape[-1]))
        found.append((layer.mlp_matrix.weight.detach(), at_matrix, at_matrix.numel()))
    return found


def weight_scores(model, data, metric):
    """`metric` maps logits of one sample, and its index, to its mean log-probability. Units are batches; for `fisher` they are samples."""
    counts = (data["targets"] >= 0).sum(1)
    samples = [sample_gradients(model, data, metric, sample) for sample in range(len(counts))]
    scores = {name: [] for name in ("frobenius", "rms", "taylor", "taylor_absolute", "fisher")}
    for component in zip(*samples, strict=True):
        (weight, _, size), each = component[0], torch.stack([gradient for _, gradient, _ in component])
        # The loss of a batch is the mean over its targets.
        shares = [counts[part].double() / counts[part].sum() for part in batches(len(counts))]
        total = [torch.tensordot(share, each[part], 1) for share, part in zip(shares, batches(len(counts)), strict=True)]
        scores["frobenius"].append(torch.stack([g.norm() for g in total]))
        scores["rms"].append(torch.stack([g.norm() / sqrt(size) for g in total]))
        scores["taylor"].append(torch.stack([(weight * g).sum() for g in total]))
        scores["taylor_absolute"].append(torch.stack([(weight * g).abs().sum() for g in total]))
        scores["fisher"].append(torch.stack([g.square().sum() for g in each]))
    return {name: torch.stack(values) for name, values in scores.items()}
