"""PyTorch on one training step of several published models at once: gradients mapped over the models with torch.func.vmap,
optionally compiled, and Adam in one fused call; batch 64, published layout, a fresh batch for each model and step. Times are
of one model's share. With --cuda on a GPU. Speaks interactive.py.
"""

import copy

import interactive  # finds Tests/Oracle
import torch
from published_data import data_stream, draw_batch, published_layout
from published_model import loss_of
from published_training import LEARNING_RATE, initial_model
from torch.func import functional_call, grad_and_value, stack_module_state, vmap


class Ensemble:
    def __init__(self, seeds, device, compiles):
        models = [initial_model("published", seed).to(device) for seed in seeds]
        self.device = device
        self.streams = [data_stream(seed) for seed in seeds]
        self.parameters, self.buffers = stack_module_state(models)
        skeleton = copy.deepcopy(models[0]).to("meta")

        def loss(parameters, buffers, tokens, targets):
            return loss_of(functional_call(skeleton, (parameters, buffers), (tokens,)), targets)

        mapped = vmap(grad_and_value(loss))
        self.gradients = torch.compile(mapped) if compiles else mapped
        self.optimizer = torch.optim.Adam(self.parameters.values(), lr=LEARNING_RATE, fused=True)

    def batch(self):
        pairs = [published_layout(draw_batch(stream), "sort") for stream in self.streams]
        return [torch.stack([pair[i] for pair in pairs]).to(self.device) for i in (0, 1)]

    def synchronize(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def milliseconds(self):
        """Of one step, for one model's share."""
        tokens, targets = self.batch()
        self.synchronize()
        with interactive.Clock() as clock:
            gradients, losses = self.gradients(self.parameters, self.buffers, tokens, targets)
            for name, parameter in self.parameters.items():
                parameter.grad = gradients[name]
            self.optimizer.step()
            losses.tolist()
            self.synchronize()
        return clock.ms / len(self.streams)


def main():
    parser = interactive.arguments(__doc__, ("cuda", "on a GPU"), ("compile", "torch.compile the gradients"))
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    ensemble = Ensemble(
        [42 + index for index in range(options.seeds)], "cuda" if options.cuda else "cpu", options.compile
    )
    name = f"pytorch {torch.__version__} vmap × {options.seeds}" + (" compile" if options.compile else "")
    interactive.serve(name, ensemble.milliseconds, options.warmup or 10)


if __name__ == "__main__":
    main()
