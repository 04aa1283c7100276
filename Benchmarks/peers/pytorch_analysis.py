"""A well-written PyTorch analysis: exact match of 1,000 samples of 9 integers, unharmed and under each of 20 mean ablations, on
the same samples: 21 batched, teacher-forced evaluations with PyTorch's fused attention in inference mode.

A greedy decode equals the target exactly when, fed the target, every position's argmax is the next target token. Speaks
interactive.py; the part "one evaluation" is the unharmed one alone.
"""

import interactive  # finds Tests/Oracle
import torch
from ablation import ablation, components, mean_taps
from published_data import data_stream, draw_batch, packed_layout
from published_model import NO_TARGET
from published_training import initial_model

SAMPLES, LENGTH = 1000, 9


def accuracy(model, tokens, targets, tap, rows):
    """Share of sequences whose every target is the argmax, `rows` sequences at a time."""
    right = 0
    for first in range(0, len(tokens), rows):
        part, expected = tokens[first : first + rows], targets[first : first + rows]
        predicted = model(part, tap).argmax(-1)
        right += ((predicted == expected) | (expected == NO_TARGET)).all(1).sum().item()
    return right / len(tokens)


@torch.inference_mode()
def main():
    parser = interactive.arguments(__doc__)
    parser.add_argument("--rows", type=int, default=250, help="sequences a forward")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = initial_model("published", 42).eval()
    for block in model.blocks:
        block.use_fused_attention = True
    stream = data_stream(42)
    means = mean_taps(model, [packed_layout(draw_batch(stream, 64, LENGTH, LENGTH), "sort")[0]])
    tokens, targets = packed_layout(draw_batch(stream, SAMPLES, LENGTH, LENGTH), "sort")

    def run():
        def evaluate(component):
            return accuracy(model, tokens, targets, ablation(component, means, False), options.rows)

        with interactive.Clock() as one:
            evaluate(None)
        with interactive.Clock() as clock:
            for component in [None, *components(model.configuration)]:
                evaluate(component)
        return clock.ms, {"one evaluation": one.ms}

    interactive.serve(f"pytorch {torch.__version__} batched", run, options.warmup or 1)


if __name__ == "__main__":
    main()
