"""Checks an output of `causalgap inspect` against float64 PyTorch: check_inspect.py CHECKPOINT BATCH OUTPUT [--ablate ...]

Prints each tensor's error ‖output − reference‖ / ‖reference‖ and exits with 1 where one is above 1e-4 (the loss: 1e-5), or
where a tensor is missing, unknown, misshapen or not finite.
"""

import argparse
import sys

import torch
from safetensors.torch import load_file

from checkpoint_format import load_batch, load_checkpoint
from inspection import inspect

TOLERANCE, LOSS_TOLERANCE = 1e-4, 1e-5


def relative_errors(output, reference):
    """{name: error}. A gradient that is zero by mathematics (a key bias without rotary positions: softmax does not
    see a shift of its scores) has no scale of its own: its error is relative to a thousandth of the whole gradient."""
    whole = sum(t.norm() ** 2 for name, t in reference.items() if name.startswith("grad.")) ** 0.5
    errors = {}
    for name, expected in reference.items():
        scale = expected.norm()
        if name.startswith("grad.") and scale <= 1e-9 * whole:
            scale = 1e-3 * whole
        difference = (output[name].double() - expected).norm()
        errors[name] = float(difference) if scale == 0 else float(difference / scale)
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("batch")
    parser.add_argument("output")
    parser.add_argument("--ablate", default="", help="L1_H2=mean,... with mean, zero or published")
    parser.add_argument("--worst", type=int, default=0, help="print only so many tensors (default: all)")
    arguments = parser.parse_args()

    model = load_checkpoint(arguments.checkpoint).double()
    expected, activations = inspect(model, *load_batch(arguments.batch), arguments.ablate)
    output = load_file(arguments.output)
    if model.configuration.positions != "learned":
        unused = output.pop("grad.pos_embed.W_pos", torch.zeros(1))
        if bool(unused.any()):
            sys.exit("grad.pos_embed.W_pos is not zero though positions are not learned")
    activations = {name: tensor for name, tensor in activations.items() if name in output}
    reference = {**expected, **activations}
    wrong = [f"missing: {name}" for name in reference if name not in output]
    wrong += [f"unknown: {name}" for name in output if name not in reference]
    wrong += [
        f"shape of {name}: {list(output[name].shape)}, expected {list(tensor.shape)}"
        for name, tensor in reference.items()
        if name in output and output[name].shape != tensor.shape
    ]
    if wrong:
        sys.exit("\n".join(wrong))

    errors = relative_errors(output, reference)
    # A NaN sorts and counts as the worst.
    order = sorted(errors, key=lambda name: -errors[name] if errors[name] <= float("inf") else -float("inf"))
    bad = [name for name in order if not errors[name] <= (LOSS_TOLERANCE if name == "loss" else TOLERANCE)]
    for name in order[: arguments.worst or None]:
        print(f"{errors[name]:10.2e}  {name}{'   ABOVE TOLERANCE' if name in bad else ''}")
    kinds = f"{len(expected) - 2} gradients, {len(activations)} activations"
    print(f"logits {errors['logits']:.2e}, loss {errors['loss']:.2e}, worst {errors[order[0]]:.2e} ({order[0]}); {kinds}")
    print("FAILED" if bad else "agrees")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
