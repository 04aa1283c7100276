"""The published analysis of a trained model in PyTorch, written from its description: accuracy at N = 8 and 9, 50 gradient
batches, 50 mean batches, and the accuracy under each of 20 ablations. Every accuracy is of 100 fresh samples, each decoded
alone: greedily, the whole sequence through the model again for every token, until END or as many tokens as the target has.

Parameters are the initial ones, so decodes are as long as the target, which a trained model's are too. Speaks interactive.py.
"""

import interactive  # finds Tests/Oracle
import torch
from ablation import ablation, components, mean_taps
from published_data import END, data_stream, draw_batch, prompt_and_target, published_layout
from published_model import loss_of, untouched
from published_training import initial_model

SAMPLES, BATCHES, LENGTH = 100, 50, 9


def greedy(model, prompt, count, tap):
    """Up to `count` tokens after the prompt, ending with END."""
    tokens = list(prompt)
    for _ in range(count):
        token = model(torch.tensor([tokens]), tap)[0, -1].argmax().item()
        tokens.append(token)
        if token == END:
            break
    return tokens[len(prompt) :]


@torch.no_grad()
def accuracy(model, stream, length, tap=untouched):
    right = 0
    for integers in draw_batch(stream, SAMPLES, length, length):
        prompt, target = prompt_and_target(integers, "sort")
        right += greedy(model, prompt, len(target), tap) == target
    return right / SAMPLES


def gradient_norms(model, stream):
    """Mean over batches of the norm of each head's rows of W_v and of each MLP's second matrix."""
    c = model.configuration
    sums = dict.fromkeys(components(c), 0.0)
    for _ in range(BATCHES):
        tokens, targets = published_layout(draw_batch(stream, 64, LENGTH, LENGTH), "sort")
        model.zero_grad()
        loss_of(model(tokens), targets).backward()
        for layer, head in sums:
            block = model.blocks[layer]
            gradient = (
                block.mlp_out.weight.grad
                if head is None
                else block.W_v.weight.grad[head * c.d_head : (head + 1) * c.d_head]
            )
            sums[layer, head] += gradient.norm().item() / BATCHES
    return sums


@torch.no_grad()
def means_of(model, stream):
    batches = [published_layout(draw_batch(stream, 64, LENGTH, LENGTH), "sort")[0] for _ in range(BATCHES)]
    return mean_taps(model, batches)


def main():
    options = interactive.arguments(__doc__).parse_args()
    torch.set_num_threads(options.threads)
    model = initial_model("published", 42)
    stream = data_stream(42)

    def run():
        with interactive.Clock() as search:
            baseline = [accuracy(model, stream, length) for length in (LENGTH - 1, LENGTH)][-1]
        with interactive.Clock() as gradients:
            gradient_norms(model, stream)
        with interactive.Clock() as mean_time:
            means = means_of(model, stream)
        with interactive.Clock() as ablations:
            for component in components(model.configuration):
                _ = baseline - accuracy(model, stream, LENGTH, ablation(component, means, True))
        parts = {
            "22 accuracies": search.ms + ablations.ms,
            "50 gradient batches": gradients.ms,
            "50 mean batches": mean_time.ms,
        }
        return sum(parts.values()), parts

    # A decode and a batch are warm-up enough for minutes of work.
    with torch.no_grad():
        accuracy(model, stream, 3)
    interactive.serve(f"pytorch {torch.__version__} published procedure", run, options.warmup or 0)


if __name__ == "__main__":
    main()
