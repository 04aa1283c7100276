"""Random models of every family, built by `transformers`, and what PyTorch computes with them in double precision."""

import copy
import json
import logging

import family_edges
import torch
from family_modules import layers
from family_modules import run as recorded
from family_scores import Attributions
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy, kl_div
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

logging.disable(logging.WARNING)
VOCABULARY, SEQUENCES, LENGTH = 29, 3, 13
METHODS = ("zero", "mean", "noising")


def rope(**values):
    return {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0} | values}


def gpt2(**values):
    return GPT2LMHeadModel, GPT2Config(**{"n_embd": 20, "n_head": 5, "n_layer": 2, "n_positions": 17, "n_inner": 31} | values)


def neox(**values):
    sizes = {"hidden_size": 40, "num_attention_heads": 5, "num_hidden_layers": 2, "intermediate_size": 31}
    return GPTNeoXForCausalLM, GPTNeoXConfig(**sizes | rope(partial_rotary_factor=0.25) | values)


def llama(kind=(LlamaForCausalLM, LlamaConfig), **values):
    sizes = {"hidden_size": 24, "num_attention_heads": 6, "num_key_value_heads": 3, "num_hidden_layers": 2, "intermediate_size": 31}
    values = sizes | {"head_dim": 6} | rope() | values
    return kind[0], kind[1](**{key: value for key, value in values.items() if value is not None})


def gemma2(**values):
    """Caps that bind, a window shorter than the sequences, and heads that are not as wide together as the stream. Without a token for padding, to whose
    embedding PyTorch passes no gradient."""
    sizes = {"hidden_size": 20, "num_attention_heads": 5, "num_key_value_heads": 1, "head_dim": 6, "num_hidden_layers": 3, "intermediate_size": 31}
    rules = {"query_pre_attn_scalar": 11, "attn_logit_softcapping": 0.5, "final_logit_softcapping": 0.8, "sliding_window": 5}
    return Gemma2ForCausalLM, Gemma2Config(**sizes | rules | rope() | {"pad_token_id": None} | values)


QWEN2, QWEN3 = (Qwen2ForCausalLM, Qwen2Config), (Qwen3ForCausalLM, Qwen3Config)
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}

# Each is a function, because a configuration may be changed by the model that is made of it.
CASES = {
    "gpt2": lambda: gpt2(),
    "gpt2-untied": lambda: gpt2(tie_word_embeddings=False, activation_function="gelu", n_inner=None),
    "neox": lambda: neox(),
    "neox-sequential": lambda: neox(use_parallel_residual=False, attention_bias=False, hidden_act="gelu_new", **rope(rope_theta=500.0)),
    "llama": lambda: llama(**rope(rope_theta=500000.0)),
    "llama3": lambda: llama(attention_bias=True, mlp_bias=True, tie_word_embeddings=True, num_key_value_heads=2, **rope(rope_theta=10.0, **LLAMA3)),
    "llama-linear": lambda: llama(num_key_value_heads=6, **rope(rope_type="linear", factor=3.0)),
    "qwen2": lambda: llama(QWEN2, num_key_value_heads=1, tie_word_embeddings=True, head_dim=None, hidden_size=30, num_attention_heads=5),
    "qwen3": lambda: llama(QWEN3, num_key_value_heads=2, head_dim=8, attention_bias=True),
    "gemma2": lambda: gemma2(),
    "gemma2-usual": lambda: gemma2(num_key_value_heads=5, attn_logit_softcapping=50.0, final_logit_softcapping=30.0, sliding_window=4096),
    "gemma2-uncapped": lambda: gemma2(
        attn_logit_softcapping=None, final_logit_softcapping=None, layer_types=["full_attention", "sliding_attention", "sliding_attention"],
        sliding_window=1, attention_bias=True, tie_word_embeddings=False, **rope(rope_theta=500.0)
    ),
}


def random_model(name, seed=1, dtype=torch.float32):
    """The model with weights that no initialisation would give, rounded to a type of element, in single precision."""
    torch.manual_seed(seed)
    kind, configuration = CASES[name]()
    configuration.vocab_size = VOCABULARY
    configuration._attn_implementation = "eager"
    model = kind(configuration).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.15 * torch.randn_like(parameter)
            # Parameters alone: the frequencies of rotary positions are never rounded.
            parameter.copy_(parameter.to(dtype))
    return model


def random_batch(seed=2):
    """tokens and targets [B, T]; a third of the positions has no target."""
    torch.manual_seed(seed)
    tokens, targets = (torch.randint(0, VOCABULARY, (SEQUENCES, LENGTH)) for _ in range(2))
    targets[torch.rand(SEQUENCES, LENGTH) < 0.3] = -100
    corrupted = torch.where(torch.rand(SEQUENCES, LENGTH) < 0.3, torch.randint(0, VOCABULARY, (SEQUENCES, LENGTH)), tokens)
    return {"tokens": tokens.int(), "targets": targets.int(), "corrupted": corrupted.int()}


def parts(model):
    """For each layer, the projection of the heads' outputs, and what gives the MLP's output: the norm that follows it if there is one, because a component's
    output is what is added to the residual stream."""
    return [(layer.output, layer.mlp_end) for layer in layers(model)]


def loss_of(model, batch):
    logits = model(batch["tokens"].long()).logits
    return logits, mean_loss(logits, batch)


def mean_loss(logits, batch):
    return cross_entropy(logits.flatten(0, 1), batch["targets"].long().flatten(), ignore_index=-100)


def log_probabilities(logits, batch):
    """[B]: each sample's mean log-probability of its targets."""
    targets = batch["targets"].long()
    asked = targets >= 0
    values = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return torch.where(asked, values, 0.0).sum(1) / asked.sum(1)


def ablated(model, batch, method, measure=mean_loss):
    """[layers · (heads + 1), …]: the loss, or another measure of logits and batch, with one component's output replaced in every row: by zeros, by its mean over
    the batch, or by its output for the corrupted tokens (noising)."""
    measured, heads, other = [], model.config.num_attention_heads, {}
    with torch.no_grad():
        hooks = []
        for layer, (projection, mlp) in enumerate(parts(model)):
            hooks.append(projection.register_forward_pre_hook(lambda module, arguments, layer=layer: other.update({(layer, "z"): arguments[0]})))
            hooks.append(mlp.register_forward_hook(lambda module, arguments, output, layer=layer: other.update({(layer, "mlp"): output})))
        model(batch["corrupted"].long())
        for hook in hooks:
            hook.remove()
        for layer, (projection, mlp) in enumerate(parts(model)):
            for component in range(heads + 1):

                def replaced(values, columns):
                    values = values.clone()
                    chosen = values[..., columns]
                    source = other[layer, "z" if component < heads else "mlp"][..., columns]
                    values[..., columns] = {"mean": chosen.mean((0, 1)), "zero": torch.zeros_like(chosen), "noising": source}[method]
                    return values

                if component < heads:

                    def before(module, arguments):
                        width = arguments[0].shape[-1] // heads
                        return (replaced(arguments[0], slice(component * width, (component + 1) * width)),)

                    hook = projection.register_forward_pre_hook(before)
                else:
                    hook = mlp.register_forward_hook(lambda module, arguments, output: replaced(output, slice(None)))
                measured.append(measure(model(batch["tokens"].long()).logits, batch))
                hook.remove()
    return torch.stack(measured)


def divergences(model, batch, method):
    """[layers · (heads + 1), B]: KL(clean ‖ ablated) of the distributions of the next token, the mean over each sample's targets."""
    asked = batch["targets"] >= 0
    with torch.no_grad():
        clean = model(batch["tokens"].long()).logits.log_softmax(-1)

    def divergence(logits, batch):
        values = kl_div(logits.log_softmax(-1), clean, reduction="none", log_target=True).sum(-1)
        return torch.where(asked, values, 0.0).sum(1) / asked.sum(1)

    return ablated(model, batch, method, divergence)


class constant_factors:
    """While it lasts, autograd passes relevance through a model (RelP, arXiv:2508.21258): the scale of a norm and the pattern of attention are constants, an
    activation is multiplication by f(x)/x, and each factor of a gate gets half."""

    def __init__(self, model):
        self.model, self.changed = model, []

    def change(self, module, forward):
        module.forward = forward
        self.changed.append(module)

    def __enter__(self):
        def activation(f):
            return lambda x: x * (f(x) / x).detach()

        def layer_norm(norm, x):
            centred = x - x.mean(-1, keepdim=True)
            scale = (centred.square().mean(-1, keepdim=True) + norm.eps).rsqrt().detach()
            return centred * scale * norm.weight + norm.bias

        def rms_norm(norm, x):
            epsilon, gain = (norm.variance_epsilon, norm.weight) if hasattr(norm, "variance_epsilon") else (norm.eps, 1 + norm.weight)
            return x * (x.square().mean(-1, keepdim=True) + epsilon).rsqrt().detach() * gain

        def gated(mlp, x):
            gate, factor = activation(mlp.act_fn)(mlp.gate_proj(x)), mlp.up_proj(x)
            return mlp.down_proj((gate * factor.detach() + gate.detach() * factor) / 2)

        for module in list(self.model.modules()):
            if isinstance(module, torch.nn.LayerNorm):
                self.change(module, lambda x, norm=module: layer_norm(norm, x))
            elif type(module).__name__.endswith("RMSNorm"):
                self.change(module, lambda x, norm=module: rms_norm(norm, x))
            elif hasattr(module, "gate_proj"):
                self.change(module, lambda x, mlp=module: gated(mlp, x))
            elif type(module).__name__ in ("GPT2MLP", "GPTNeoXMLP"):
                self.change(module.act, activation(module.act.forward))
        self.softmax = torch.nn.functional.softmax
        torch.nn.functional.softmax = lambda *arguments, **options: self.softmax(*arguments, **options).detach()

    def __exit__(self, *_):
        for module in self.changed:
            del module.forward
        torch.nn.functional.softmax = self.softmax


def attributions(model, batch):
    """Attributions to the corrupted run, [layers · (heads + 1), B], of each sample's mean log-probability of its targets."""
    scores = Attributions(
        model, batch["tokens"], lambda logits: log_probabilities(logits, batch), lambda seen: recorded(model, batch["corrupted"])[1].seen
    )
    integrated, effects = scores.integrated_gradients()
    assert (integrated - effects).abs().max() < 1e-5, (integrated - effects).abs().max()
    return {
        "attribution_patching": scores.attribution_patching(), "relp": scores.relp(constant_factors(model)), "grad_drop": scores.grad_drop(),
        "atp_qk_fix": scores.atp_qk_fix(), "integrated_gradients": integrated,
    }


def expected(model, folder, batch):
    """Logits, loss, the gradient of every tensor of the file, the losses under ablation, and attributions."""
    model = model.double()
    model.zero_grad()
    logits, loss = loss_of(model, batch)
    loss.backward()
    result = {"logits": logits.detach(), "loss": loss.detach()[None]}
    gradients = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    for name in (name for path in sorted(folder.glob("model*.safetensors")) for name in load_file(path)):
        # GPT-NeoX's files have another name for the unembedding than its module.
        result[f"grad.{name}"] = gradients[name if name in gradients else "lm_head.weight"]
    for method in METHODS:
        result[method] = ablated(model, batch, method)
    result |= attributions(model, batch)
    return {name: value.detach().float().contiguous() for name, value in result.items()}


def expected_edges(model, batch):
    """Two attributions of every edge, and for families with norms after branches the loss with each edge patched alone."""
    model = model.double()
    result = {
        name: family_edges.attribution(model, batch, lambda logits: log_probabilities(logits, batch), steps)
        for name, steps in (("eap", None), ("eap_ig", family_edges.STEPS))
    }
    if model.config.model_type == "gemma2":
        difference = (family_edges.run(model, model.model.embed_tokens(batch["tokens"].long()))[0] - loss_of(model, batch)[0]).abs().max()
        assert difference < 1e-5, difference
        result["edges"] = family_edges.patched_losses(model, batch, lambda logits: mean_loss(logits, batch))
    return {name: value.detach().float().contiguous() for name, value in result.items()}


def save(model, folder, dtype=torch.float32, shard="1GB"):
    """The folder as `save_pretrained` writes it, in files of at most `shard`, without what only generation needs."""
    folder.mkdir(parents=True, exist_ok=True)
    copy.deepcopy(model).to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    # The version of the library is not a property of the model.
    path = folder / "config.json"
    keys = json.loads(path.read_text())
    keys.pop("transformers_version", None)
    path.write_text(json.dumps(keys, indent=2, sort_keys=True) + "\n")


def write_case(name, folder, seed=1, dtype=torch.float32):
    """A folder with the model, and `check.safetensors` with the batch and what PyTorch computes."""
    model, batch = random_model(name, seed, dtype), random_batch(seed + 1)
    save(model, folder, dtype)
    save_file(batch | expected(model, folder, batch) | expected_edges(model, batch), folder / "check.safetensors")
