"""Ablations of the published model as taps (published_model.untouched says what a tap is)."""

from published_model import untouched


def components(configuration):
    """(layer, head), head None for the MLP, in the order of their names."""
    return [
        (layer, head) for layer in range(configuration.n_layers) for head in [*range(configuration.n_heads), None]
    ]


def mean_taps(model, batches):
    """The mean of every component's output over all rows of each batch, then over the batches: hook name to a tensor."""
    names = [f"blocks.{i}.{hook}" for i in range(len(model.blocks)) for hook in ("attn.hook_z", "hook_mlp_out")]
    means = dict.fromkeys(names, 0)

    def collect(name, tensor):
        if name in means:
            means[name] = means[name] + tensor.mean((0, 1)) / len(batches)
        return tensor

    for tokens in batches:
        model(tokens, collect)
    return means


def ablation(component, means, after_projection):
    """The tap that replaces a component's output by its mean.

    A head's z before the output projection; `after_projection` overwrites its coordinates of the attention block's output
    instead, as the published program does (protocols, point 3).
    """
    if component is None:
        return untouched
    layer, head = component
    prefix = f"blocks.{layer}."
    if head is None:
        target, mean = prefix + "hook_mlp_out", means[prefix + "hook_mlp_out"]
    else:
        target, mean = prefix + "attn.hook_z", means[prefix + "attn.hook_z"][head]
        if after_projection:
            target = prefix + "hook_attn_out"

    def tap(name, tensor):
        if name != target:
            return tensor
        if head is None:
            return mean.expand_as(tensor)
        replaced = tensor.clone()
        if after_projection:
            width = mean.shape[0]
            replaced[..., head * width : (head + 1) * width] = mean
        else:
            replaced[..., head, :] = mean
        return replaced

    return tap
