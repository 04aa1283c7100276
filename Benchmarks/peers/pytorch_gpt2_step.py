"""PyTorch on one training step of a decoder in the shape of GPT-2 small over a vocabulary of 104: 12 layers, width 768, 12
heads, learned positions, 4 sequences of 128 random tokens, each position predicting the next. Speaks interactive.py."""

import interactive  # finds Tests/Oracle
import torch
from published_model import Configuration, seeded_model
from published_training import LEARNING_RATE, training_step

SHAPE = Configuration(n_layers=12, n_heads=12, d_model=768, d_mlp=3072, n_ctx=128, positions="learned")
BATCH = 4


def main():
    options = interactive.arguments(
        __doc__,
        ("fused", "Adam in one fused call"),
        ("sdpa", "attention in PyTorch's fused kernel"),
    ).parse_args()
    torch.set_num_threads(options.threads)
    model = seeded_model(SHAPE, 42)
    for block in model.blocks:
        block.use_fused_attention = options.sdpa
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True if options.fused else None)
    generator = torch.Generator().manual_seed(42)

    def run():
        text = torch.randint(SHAPE.d_vocab, (BATCH, SHAPE.n_ctx + 1), generator=generator)
        tokens, targets = text[:, :-1].contiguous(), text[:, 1:].contiguous()
        with interactive.Clock() as clock:
            training_step(model, optimizer, tokens, targets)
        return clock.ms

    flags = " ".join(flag for flag in ("fused", "sdpa") if getattr(options, flag))
    interactive.serve(f"pytorch {torch.__version__} eager {flags}".rstrip(), run, options.warmup or 1)


if __name__ == "__main__":
    main()
