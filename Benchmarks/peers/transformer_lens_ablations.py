"""TransformerLens's loop over 156 components × four interventions × 100 pairs: `run_with_hooks` with a hook on hook_z or
hook_mlp_out for each, and one on the final norm's input that keeps the last position. Speaks interactive.py."""

from importlib.metadata import version

import interactive
import torch
from pairs import COMPONENTS, CONTEXT, HEADS, LAYERS, METHODS, VOCABULARY, WIDTH, Pairs
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge


def last_position(tensor, hook):
    return tensor[:, -1:]


LAST_POSITION = ("ln_final.hook_in", last_position)


def hook_name(component):
    layer, head = component
    return f"blocks.{layer}." + ("hook_mlp_out" if head is None else "attn.hook_z")


class Ablations:
    def __init__(self):
        torch.manual_seed(42)
        self.model = TransformerBridge.boot_native(
            TransformerBridgeConfig.from_dict(
                {
                    "n_layers": LAYERS,
                    "n_heads": HEADS,
                    "d_model": WIDTH,
                    "d_head": WIDTH // HEADS,
                    "d_mlp": 4 * WIDTH,
                    "d_vocab": VOCABULARY,
                    "n_ctx": CONTEXT,
                    "act_fn": "gelu_new",
                    "normalization_type": "LN",
                    "positional_embedding_type": "standard",
                }
            )
        ).eval()
        self.pairs = Pairs()
        self.names = {hook_name(component) for component in COMPONENTS}

    def record(self, tokens):
        logits, cache = self.model.run_with_cache(tokens, names_filter=lambda name: name in self.names)
        return cache, logits[:, -1]

    def hook(self, component, cache, method):
        layer, head = component
        value = cache[hook_name(component)]

        def change(tensor, hook):
            new = tensor.clone()
            where = (slice(None), slice(None)) + (() if head is None else (head,))
            if method == "mean":
                new[where] = value[where].mean((0, 1))
            elif method == "zero":
                new[where] = 0
            else:
                new[where] = value[where]
            return new

        return hook_name(component), change

    @torch.inference_mode()
    def run(self):
        with interactive.Clock() as clock:
            cache, logits = self.record(self.pairs.tokens)
            clean = self.pairs.distribution(logits)
            caches = {
                "mean": cache,
                "zero": cache,
                "resample": self.record(self.pairs.donors)[0],
                "patching": self.record(self.pairs.corrupted)[0],
            }
            for method in METHODS:
                for component in COMPONENTS:
                    logits = self.model.run_with_hooks(
                        self.pairs.tokens, fwd_hooks=[self.hook(component, caches[method], method), LAST_POSITION]
                    )
                    self.pairs.outcome(logits[:, -1], clean)
        return clock.ms


def main():
    options = interactive.arguments(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    ablations = Ablations()
    with torch.inference_mode():
        ablations.model(ablations.pairs.tokens)
    interactive.serve(f"transformer_lens {version('transformer_lens')}", ablations.run, options.warmup or 0)


if __name__ == "__main__":
    main()
