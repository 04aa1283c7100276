"""Who is compared with whom: the suites, and the command of every program in them."""

from dataclasses import dataclass, field
from pathlib import Path

PEERS = Path(__file__).resolve().parent / "peers"


@dataclass
class Contender:
    """A program that speaks the protocol of peers/interactive.py."""

    command: list
    label: str = ""  # added to the name it gives itself
    ours: bool = False


@dataclass
class Suite:
    name: str
    title: str
    runs: int  # a turn
    rounds: int
    contenders: list = field(default_factory=list)


def suites(options):
    def ours(workload, ensemble=1, label=""):
        return [
            Contender(
                [options.binary, "bench", "--serve", "--device", device, "--workload", workload,
                 "--ensemble", str(ensemble)],
                label,
                ours=True,
            )
            for device in options.device
        ]  # fmt: skip

    def peer(script, *flags, label=""):
        return Contender([options.python, str(PEERS / script), *flags], label)

    step = [*ours("step"), *ours("step", 4)]
    step += [
        peer("pytorch_step.py", "--interactive"),
        peer("pytorch_step.py", "--interactive", "--fused"),
        peer("pytorch_step.py", "--interactive", "--fused", "--compile"),
        peer("jax_step.py"),
        peer("jax_step.py", "--seeds", "4"),
    ]
    gpt2 = [*ours("gpt2-step"), peer("pytorch_gpt2_step.py")]
    gpt2 += [peer("pytorch_gpt2_step.py", "--fused", "--sdpa")]
    return [
        Suite("step", "training step, published model and layout, batch 64: ms of one model", 10, 7, step),
        Suite("gpt2-step", "training step, 12 layers of width 768, 4 × 128 tokens", 1, 5, gpt2),
        Suite(
            "evaluation", "21 evaluations of 1,000 paired samples", 1, 5,
            [*ours("evaluation"), peer("pytorch_analysis.py")],
        ),
        Suite(
            "analysis", "analysis of a trained model at the published counts", 1, 3,
            [*ours("analysis"), peer("published_analysis.py")],
        ),
        Suite(
            "ablations", "156 components of a GPT-2 small × 4 interventions, 100 pairs of 16 tokens", 1, 1,
            [
                *ours("ablations"),
                peer("pytorch_ablations.py"),
                # Again in the middle: a round takes an hour.
                *ours("ablations", label="again"),
                peer("pytorch_ablations.py", "--from-layer"),
                peer("transformer_lens_ablations.py"),
            ],
        ),
        Suite(
            "matmul", "matrix products, all forms and shapes", 1, 5,
            [
                *ours("matmul"),
                peer("pytorch_matmul.py"),
                peer("clblast_matmul.py", "--device", options.opencl_device, label="defaults"),
            ],
        ),
    ]  # fmt: skip
