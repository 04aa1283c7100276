"""The modules of a model of `transformers` by what they are for, and what they compute in a forward: one vocabulary for all families."""

import sys
from dataclasses import dataclass

from torch.nn import Module

EMBED, LOGITS = ("model", "embed"), ("model", "logits input")


@dataclass
class Layer:
    block: Module
    # Their outputs are the queries, keys and values that heads have before rotation.
    projections: list
    # W_V, maybe among others, and W_O.
    value: Module
    output: Module
    # What give the outputs that are added to the residual stream.
    attention_end: Module
    mlp_end: Module
    mlp_matrix: Module
    # The norms through which heads and the MLP read the stream.
    attention_norm: Module
    mlp_norm: Module


def layers(model):
    base = model.base_model
    if hasattr(base, "h"):
        return [gpt2_layer(block) for block in base.h]
    if hasattr(base, "embed_in"):
        return [neox_layer(block) for block in base.layers]
    return [llama_layer(block) for block in base.layers]


def gpt2_layer(block):
    a, mlp = block.attn, block.mlp
    return Layer(block, [a.c_attn], a.c_attn, a.c_proj, a.c_proj, mlp, mlp.c_proj, block.ln_1, block.ln_2)


def neox_layer(block):
    a, mlp, norms = block.attention, block.mlp, (block.input_layernorm, block.post_attention_layernorm)
    return Layer(block, [a.query_key_value], a.query_key_value, a.dense, a.dense, mlp, mlp.dense_4h_to_h, *norms)


def llama_layer(block):
    """Also Qwen and Gemma 2. Norms of queries and keys are before rotation; norms that follow branches give what is added to the stream."""
    a, mlp = block.self_attn, block.mlp
    projections = [getattr(a, "q_norm", a.q_proj), getattr(a, "k_norm", a.k_proj), a.v_proj]
    ends, norms = (a.o_proj, mlp), (block.input_layernorm, block.post_attention_layernorm)
    if hasattr(block, "pre_feedforward_layernorm"):
        ends = (block.post_attention_layernorm, block.post_feedforward_layernorm)
        norms = (block.input_layernorm, block.pre_feedforward_layernorm)
    return Layer(block, projections, a.v_proj, a.o_proj, *ends, mlp.down_proj, *norms)


def final_norm(model):
    return next(getattr(model.base_model, name) for name in ("ln_f", "final_layer_norm", "norm") if hasattr(model.base_model, name))


class Recorder:
    """While it lasts, `seen` keeps what the last forward computes:

        (layer, "z")             what W_O reads, the outputs of all heads side by side
        (layer, "attention"), (layer, "mlp")   what both branches add to the stream
        (layer, "q"), "k", "v"   what attention reads, [B, head, T, d_head], a copy of shared keys and values for each head
        (layer, "projection 0"), … as `Layer.projections`
        (layer, "attention input"), (layer, "mlp input"), LOGITS   the stream as one reader of it alone has it, before its norm
        EMBED                    the stream that enters the first block

    Each is a node of its own, so that its gradient is that of its readers alone. `edit(key, tensor)` gives what the forward goes on with.
    `weights[layer](q, k)` are the weights of attention for other queries and keys.
    """

    def __init__(self, model, edit=lambda key, tensor: tensor):
        self.model, self.edit, self.seen, self.weights = model, edit, {}, {}

    def pass_on(self, key, tensor):
        self.seen[key] = tensor.clone()
        return self.edit(key, self.seen[key])

    def before(self, module, key):
        self.hooks.append(module.register_forward_pre_hook(lambda module, given: (self.pass_on(key, given[0]), *given[1:])))

    def after(self, module, key):
        self.hooks.append(module.register_forward_hook(lambda module, given, output: self.pass_on(key, output)))

    def __enter__(self):
        self.hooks = []
        every = layers(self.model)
        self.before(every[0].block, EMBED)
        for index, layer in enumerate(every):
            self.before(layer.output, (index, "z"))
            self.after(layer.attention_end, (index, "attention"))
            self.after(layer.mlp_end, (index, "mlp"))
            self.before(layer.attention_norm, (index, "attention input"))
            self.before(layer.mlp_norm, (index, "mlp input"))
            for place, module in enumerate(layer.projections):
                self.after(module, (index, f"projection {place}"))
        self.before(final_norm(self.model), LOGITS)
        # The library finds this function among the globals of the family's file whenever attention is computed.
        self.file = sys.modules[type(self.model).__module__]
        self.attention = self.file.eager_attention_forward
        self.file.eager_attention_forward = self.own_keys
        return self

    def __exit__(self, *_):
        self.file.eager_attention_forward = self.attention
        for hook in self.hooks:
            hook.remove()

    def own_keys(self, module, query, key, value, mask, **options):
        """The library's attention, with a copy of keys and values for each head."""
        layer, groups = module.layer_idx, query.shape[1] // key.shape[1]

        def attention(*inputs):
            shared, module.num_key_value_groups = getattr(module, "num_key_value_groups", 1), 1
            try:
                return self.attention(module, *inputs, mask, **options)
            finally:
                module.num_key_value_groups = shared

        key, value = (shared.repeat_interleave(groups, 1) for shared in (key, value))
        self.weights[layer] = lambda q, k: attention(q, k, value)[1]
        return attention(*(self.pass_on((layer, name), tensor) for name, tensor in zip("qkv", (query, key, value), strict=True)))


def run(model, tokens, edit=lambda key, tensor: tensor):
    """Logits, and the recorder of what was computed."""
    with Recorder(model, edit) as recorder:
        return model(tokens.long()).logits, recorder
