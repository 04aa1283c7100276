"""Hugging Face's GPT-2 on 156 components × four interventions × 100 pairs: a batched forward of all pairs for each, with
PyTorch's fused attention and GELU, in inference mode, and logits of the last position alone. A head is changed where its
columns enter the output projection, an MLP where it leaves. With --from-layer a forward begins with the component's layer,
from the clean run's residual stream. Speaks interactive.py."""

import interactive
import torch
from pairs import COMPONENTS, CONTEXT, HEADS, LAYERS, METHODS, VOCABULARY, WIDTH, Pairs
from transformers import GPT2Config, GPT2LMHeadModel, __version__


class Ablations:
    def __init__(self, from_layer):
        torch.manual_seed(42)
        shape = GPT2Config(
            n_layer=LAYERS,
            n_head=HEADS,
            n_embd=WIDTH,
            vocab_size=VOCABULARY,
            n_positions=CONTEXT,
            activation_function="gelu_pytorch_tanh",
        )
        shape._attn_implementation = "sdpa"
        self.model = GPT2LMHeadModel(shape).eval()
        self.pairs = Pairs()
        self.from_layer = from_layer
        self.residuals = None

    def logits(self, tokens):
        return self.model(tokens, use_cache=False, logits_to_keep=1).logits[:, -1]

    def logits_from(self, layer):
        """Of the clean tokens, from a layer on."""
        if not self.from_layer:
            return self.logits(self.pairs.tokens)
        stream = self.residuals[layer]
        for block in self.model.transformer.h[layer:]:
            found = block(stream)
            stream = found[0] if isinstance(found, tuple) else found
        return self.model.lm_head(self.model.transformer.ln_f(stream[:, -1]))

    def record(self, tokens):
        """Every component's output, whole layers: (heads' columns before the projection, MLP's output)."""
        heads, mlps = [None] * LAYERS, [None] * LAYERS
        handles = []
        for i, block in enumerate(self.model.transformer.h):
            handles.append(
                block.attn.c_proj.register_forward_pre_hook(
                    lambda _, given, i=i: heads.__setitem__(i, given[0].clone())
                )
            )
            handles.append(
                block.mlp.register_forward_hook(lambda _, given, made, i=i: mlps.__setitem__(i, made.clone()))
            )
        logits = self.logits(tokens)
        for handle in handles:
            handle.remove()
        return heads, mlps, logits

    def hook(self, component, value):
        layer, head = component
        block = self.model.transformer.h[layer]
        if head is None:
            return block.mlp.register_forward_hook(lambda _, given, made: value.expand_as(made))
        columns = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)

        def change(_, given):
            changed = given[0].clone()
            changed[..., columns] = value[..., columns]
            return (changed,)

        return block.attn.c_proj.register_forward_pre_hook(change)

    @torch.inference_mode()
    def run(self):
        with interactive.Clock() as clock:
            heads, mlps, logits = self.record(self.pairs.tokens)
            clean = self.pairs.distribution(logits)
            if self.from_layer:
                self.residuals = self.model.transformer(
                    self.pairs.tokens, use_cache=False, output_hidden_states=True
                ).hidden_states
            values = {
                "mean": [[x.mean((0, 1), keepdim=True) for x in outputs] for outputs in (heads, mlps)],
                "zero": [[torch.zeros(1, 1, WIDTH)] * LAYERS] * 2,
                "resample": self.record(self.pairs.donors)[:2],
                "patching": self.record(self.pairs.corrupted)[:2],
            }
            for method in METHODS:
                for component in COMPONENTS:
                    layer, head = component
                    handle = self.hook(component, values[method][head is None][layer])
                    self.pairs.outcome(self.logits_from(layer), clean)
                    handle.remove()
        return clock.ms


def main():
    options = interactive.arguments(
        __doc__, ("from-layer", "begin every forward with the component's layer")
    ).parse_args()
    torch.set_num_threads(options.threads)
    ablations = Ablations(options.from_layer)
    with torch.inference_mode():
        ablations.logits(ablations.pairs.tokens)
    name = f"pytorch {torch.__version__}, transformers {__version__}"
    interactive.serve(name + (" from the layer" if options.from_layer else ""), ablations.run, options.warmup or 0)


if __name__ == "__main__":
    main()
