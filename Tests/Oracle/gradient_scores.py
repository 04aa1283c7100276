"""Gradient scores of components by autograd, one sample, one component and one key at a time where that is plainest.

A component is (layer, head) or (layer, None) for the MLP. Values of weight scores are [component, batch], of the others
[component, sample]. Replacements are functions from a hook's name and its clean activation to what stands in its place.
"""

from math import sqrt

import numpy
import torch

from published_model import NO_TARGET, loss_of, rotate

METRICS = ("target_log_probability", "logit_difference")


def components(configuration):
    """By layer, the heads, then the MLP."""
    heads = list(range(configuration.n_heads))
    return [(layer, head) for layer in range(configuration.n_layers) for head in (*heads, None)]


def output_name(component):
    layer, head = component
    return f"blocks.{layer}.hook_mlp_out" if head is None else f"blocks.{layer}.attn.hook_z"


def own(tensor, component):
    """The component's part of an activation at its output, or of queries, keys, values: [B, T, width]"""
    return tensor if component[1] is None else tensor[:, :, component[1]]


class Recorder:
    """Keeps every activation, with its gradient; goes on with what `edit(name, tensor)` gives."""

    def __init__(self, edit=lambda name, tensor: tensor):
        self.edit, self.seen = edit, {}

    def __call__(self, name, tensor):
        tensor = self.edit(name, tensor)
        if tensor.requires_grad:
            tensor.retain_grad()
        self.seen[name] = tensor
        return tensor


def metric_of(metric, logits, targets, partner_targets):
    """[B]: zero for a sample without anything to measure."""
    if metric == "target_log_probability":
        asked = targets != NO_TARGET
        values = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    else:
        asked = (targets != NO_TARGET) & (targets != partner_targets)
        at = lambda t: logits.gather(-1, t.clamp(min=0)[..., None])[..., 0]  # noqa: E731
        values = at(targets) - at(partner_targets)
    return torch.where(asked, values, 0.0).sum(1) / asked.sum(1).clamp(min=1)


# Scores of weights.


def weight_of(model, component):
    """The weight a component's weight scores read, and the rows of it that are its own."""
    layer, head = component
    block, width = model.blocks[layer], model.configuration.d_head
    if head is None:
        return block.mlp_out.weight, slice(None)
    return block.W_v.weight, slice(head * width, (head + 1) * width)


def loss_gradients(model, tokens, targets):
    """[(weight, gradient)] by component."""
    model.zero_grad()
    loss_of(model(tokens), targets).backward()
    pairs = [weight_of(model, component) for component in components(model.configuration)]
    return [(weight.detach()[rows], weight.grad[rows].clone()) for weight, rows in pairs]


def weight_scores(model, batches):
    scores = {"frobenius": [], "rms": [], "taylor": [], "taylor_absolute": []}
    for tokens, targets in batches:
        pairs = loss_gradients(model, tokens, targets)
        scores["frobenius"].append([g.norm().item() for _, g in pairs])
        scores["rms"].append([g.square().mean().sqrt().item() for _, g in pairs])
        scores["taylor"].append([(w * g).sum().item() for w, g in pairs])
        scores["taylor_absolute"].append([(w * g).abs().sum().item() for w, g in pairs])
    return {name: torch.tensor(values, dtype=torch.float64).T for name, values in scores.items()}


def fisher(model, batches):
    columns = []
    for tokens, targets in batches:
        for row in range(len(tokens)):
            if bool((targets[row] == NO_TARGET).all()):
                columns.append([0.0] * len(components(model.configuration)))
                continue
            pairs = loss_gradients(model, tokens[row : row + 1], targets[row : row + 1])
            columns.append([g.square().sum().item() for _, g in pairs])
    return torch.tensor(columns, dtype=torch.float64).T


# Attributions: one batch with its corrupted partners at a time, [component, B].


class Attributions:
    def __init__(self, model, batch, replace, metric):
        """`batch`: tokens, targets, the partners' targets."""
        self.model, self.replace, self.metric = model, replace, metric
        self.tokens, self.targets, self.partner_targets = batch
        self.clean = self.run()

    def run(self, edit=lambda name, tensor: tensor):
        """Activations with the gradients of the sum of all samples' metrics, and the metrics."""
        recorder = Recorder(edit)
        logits = self.model(self.tokens, recorder)
        values = metric_of(self.metric, logits, self.targets, self.partner_targets)
        values.sum().backward()
        return recorder.seen, values.detach()

    def difference(self, name):
        tensor = self.clean[0][name].detach()
        return self.replace(name, tensor) - tensor

    def linear(self, component, seen):
        name = output_name(component)
        gradient = seen[name].grad
        if gradient is None:
            gradient = torch.zeros_like(seen[name])
        return (own(self.difference(name), component) * own(gradient, component)).sum((1, 2))

    def attribution_patching(self, component):
        return self.linear(component, self.clean[0])

    def grad_drop(self, component):
        layers = self.model.configuration.n_layers
        total = 0
        for layer in range(layers):
            ends = (f"blocks.{layer}.hook_attn_out", f"blocks.{layer}.hook_mlp_out")
            seen, _ = self.run(lambda name, tensor, ends=ends: tensor.detach() if name in ends else tensor)
            total = total + self.linear(component, seen).abs()
        return total / max(layers - 1, 1)

    def relp(self, component):
        """Relevance patching: the same forward with detached factors, so that autograd passes relevance."""
        if not hasattr(self, "relevance"):
            with constant_factors(self.model):
                self.relevance = self.run(lambda name, tensor: tensor.detach() if name.endswith("hook_pattern") else tensor)[0]
        return self.linear(component, self.relevance)

    def moved(self, component, share):
        """A run with the component's output a share of the way to its replacement, and the gradient there."""
        target = output_name(component)
        step = torch.zeros_like(self.difference(target))
        own(step, component).copy_(share * own(self.difference(target), component))
        return self.run(lambda name, tensor: tensor + step if name == target else tensor)

    def integrated_gradients(self, component, points=24):
        name = output_name(component)
        total = 0
        for node, weight in zip(*numpy.polynomial.legendre.leggauss(points)):
            seen, _ = self.moved(component, (node + 1) / 2)
            gradient = own(seen[name].grad, component)
            total = total + weight / 2 * (own(self.difference(name), component) * gradient).sum((1, 2))
        return total

    def effect(self, component):
        return self.moved(component, 1)[1] - self.clean[1]

    def atp_qk_fix(self, component):
        layer, head = component
        if head is None:
            return self.attribution_patching(component)
        seen, prefix = self.clean[0], f"blocks.{layer}.attn."

        def placed(letter, tensor):
            turns = letter != "v" and self.model.configuration.positions == "rotary"
            return (rotate(tensor) if turns else tensor)[:, :, head]

        clean = {x: seen[prefix + f"hook_{x}"].detach() for x in "qkv"}
        q, k, v = (placed(x, clean[x]) for x in "qkv")
        changed = [placed(x, self.replace(prefix + f"hook_{x}", clean[x])) for x in "qkv"]
        pattern = seen[prefix + "hook_pattern"]
        weights, gradient = pattern.detach()[:, head], pattern.grad[:, head]
        rows = q.shape[1]
        future = torch.ones(rows, rows, dtype=torch.bool).triu(1)

        def attention(queries, keys):
            scores = queries @ keys.transpose(1, 2) / sqrt(q.shape[-1])
            return scores.masked_fill(future, float("-inf")).softmax(-1)

        total = ((attention(changed[0], k) - weights) * gradient).sum((1, 2))
        for t in range(rows):
            keys = k.clone()
            keys[:, t] = changed[1][:, t]
            total = total + ((attention(q, keys) - weights) * gradient).sum((1, 2))
        value_gradient = seen[prefix + "hook_v"].grad[:, :, head]
        return total + ((changed[2] - v) * value_gradient).sum((1, 2))


class constant_factors:
    """While it lasts, norms of a model divide by a constant, and its GELUs multiply by one."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        def norm(module, x):
            centred = x - x.mean(-1, keepdim=True)
            scale = (centred.square().mean(-1, keepdim=True) + module.eps).rsqrt().detach()
            return centred * scale * module.weight + module.bias

        self.norms = [module for module in self.model.modules() if isinstance(module, torch.nn.LayerNorm)]
        for module in self.norms:
            module.forward = lambda x, module=module: norm(module, x)
        self.gelu = torch.nn.functional.gelu
        torch.nn.functional.gelu = lambda x: x * (torch.erf(x / sqrt(2)) / 2 + 0.5).detach()

    def __exit__(self, *_):
        for module in self.norms:
            del module.forward
        torch.nn.functional.gelu = self.gelu


def attribution_scores(model, batches, partners, replacements, metric):
    """`replacements`: one for each batch."""
    names = ("attribution_patching", "integrated_gradients", "atp_qk_fix", "grad_drop", "relp", "effect")
    columns = {name: [] for name in names}
    for (tokens, targets), (_, partner_targets), replace in zip(batches, partners, replacements):
        scorer = Attributions(model, (tokens, targets, partner_targets), replace, metric)
        for name in names:
            values = [getattr(scorer, name)(component) for component in components(model.configuration)]
            columns[name].append(torch.stack(values).detach())
    return {name: torch.cat(values, 1) for name, values in columns.items()}


# Replacements.


def activations(model, tokens):
    recorder = Recorder()
    with torch.no_grad():
        model(tokens, recorder)
    return recorder.seen


def mean_replacement(model, batches):
    """Means over a batch's rows, then over batches."""
    seen = [activations(model, tokens) for tokens, _ in batches]
    names = [name for name in seen[0] if not name.endswith("hook_pattern")]
    means = {name: sum(s[name].mean((0, 1)) for s in seen) / len(seen) for name in names}
    return lambda name, tensor: means[name].expand_as(tensor)


def zero_replacement(name, tensor):
    return torch.zeros_like(tensor)


def corrupted_replacement(model, tokens):
    seen = activations(model, tokens)
    return lambda name, tensor: seen[name]
