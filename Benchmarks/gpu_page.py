#!/usr/bin/env python3
"""What docs/performance.md says of a machine with a GPU, as Markdown: from the results of `ci/gpu run`.

    gpu_page.py RESULTS.jsonl

Ensembles stand beside the range of prediction.py, which is of an H100 whatever the machine is, and beside the peers.
"""

import json
import statistics
import sys

from prediction import MACHINES, Batch, Shape, compiled, prediction


class Results:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.strip()]
        # A step that was done again counts as it ended last.
        self.steps = {line["step"]: line for line in lines}

    def output(self, name):
        """What a step answered; None if it did not pass."""
        return self.steps.get(name, {}).get("output")

    @property
    def failed(self):
        return [line for line in self.steps.values() if line["exit"] != 0]

    def ensembles(self, kind):
        """By number of models, the milliseconds of a step of all of them: all runs."""
        found = {}
        for name, line in self.steps.items():
            answer = line["output"]
            if name.startswith(f"{kind}-") and isinstance(answer, dict):
                models = int(name.split("-")[1])
                found[models] = [share * models for share in answer["ms"]]
        return dict(sorted(found.items()))


def spread(values):
    return f"{statistics.median(values):.3g} [{min(values):.3g}, {max(values):.3g}]"


def rate(models, milliseconds):
    return f"{1e3 * models / statistics.median(milliseconds):,.0f}"


def on_paper(models):
    """Seed-steps a second, the least and the most: the device alone."""
    kernels = compiled()
    rates = [
        models / prediction(Shape(), Batch(), models, machine, kernels, lambda _: 0, 0, 1)["seconds"]
        for machine in MACHINES.values()
    ]
    return f"{min(rates):,.0f} to {max(rates):,.0f}"


def table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def machine(results):
    about = results.output("machine") or {}
    devices = (results.output("devices") or {}).get("devices", [])
    device = next((one for one in devices if one["selector"].startswith("opencl")), {})
    parts = [
        device.get("name"), device.get("driver"), about.get("gpu"),
        f"{about.get('cores')} cores of {about.get('processor')}", about.get("system"),
    ]
    return "; ".join(part for part in parts if part)


def validation(results):
    lines = []
    for name, words in (("validate-quick", "quick validation"), ("validate", "full validation")):
        verdicts = results.output(name)
        if verdicts is not None:
            passed = sum(not verdict.get("message") and verdict["error"] <= verdict["bound"] for verdict in verdicts)
            lines.append(f"{passed:,} of {len(verdicts):,} verdicts of the {words} passed.")
    return " ".join(lines)


def ensembles(results):
    standard, others = results.ensembles("ensemble"), [results.ensembles(kind) for kind in ("tuned", "half")]
    rows = [
        [models, spread(times), rate(models, times), *(rate(models, one[models]) if models in one else "–" for one in others),
         on_paper(models)]
        for models, times in standard.items()
    ]
    return table(
        ["models", "ms a step [least, greatest]", "seed-steps/s", "tuned", "tuned, activations in half precision",
         "seed-steps/s of an H100 on paper"], rows)


def peers(results):
    rows = []
    for name in ("jax-32", "pytorch-32", "pytorch-1"):
        answer = results.output(name)
        if isinstance(answer, dict):
            rows.append([answer["name"], spread(answer["ms"]), f"{1e3 / statistics.median(answer['ms']):,.0f}"])
    if not rows:
        return "No peer was installed there."
    return table(["peer", "ms of one model's share [least, greatest]", "seed-steps/s"], rows)


def operations(results):
    report = results.output("bench")
    if not report:
        return ""
    roof = report["roof"]
    rows = [
        [f"`{one['operation']}`", one["shape"], f"{one['milliseconds']['median']:.3g}", one["bound"], f"{100 * one['share']:.0f} %"]
        for one in report["operations"]
    ]
    return (
        f"The roof: {roof['gflops']['max']:,.0f} GFLOP/s of multiply-adds, {roof['gigabytes_per_second']['max']:,.0f} GB/s.\n\n"
        + table(["operation", "shape", "ms", "limited by", "share of the roof"], rows)
    )


def study(results):
    line = results.steps.get("study")
    if not line or line["exit"] != 0:
        return ""
    return f"A study of 32 seeds with 200 steps each, analysis and report included, took {line['seconds']} s."


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    results = Results(sys.argv[1])
    parts = [machine(results), validation(results), ensembles(results), peers(results), study(results), operations(results)]
    if results.failed:
        parts.append("Not passed: " + ", ".join(f"{line['step']} (exit code {line['exit']})" for line in results.failed) + ".")
    print("\n\n".join(part for part in parts if part))


if __name__ == "__main__":
    main()
