"""The exporter of docs/own-model.md, as it stands there, and an analysis of what it writes."""

import json
from pathlib import Path

from documents import snippet

MODEL = Path(__file__).resolve().parents[2] / "Tests" / "TestModels" / "Fixtures" / "families" / "gpt2"
LINES = 20
PAIRS = [
    ("the cat sees a", "the dog sees a", "m", "b"),
    ("an old", "an odd", "h", "c"),
    ("a red car has", "a raw cat has", "w", "f"),
    ("it is", "it is", "s", "t"),
]
WIDTH = max(len(clean) for clean, *_ in PAIRS)


def letters(text):
    """A tokenizer: letters are 1 to 26, a space is 27."""
    return [27 if letter == " " else ord(letter) - ord("a") + 1 for letter in text]


def analysed(files):
    """The exporter of docs/own-model.md writes pairs that analyze reads, and its attributions are asked for by them"""
    lines = snippet("Analyse a model on sequences of yours", "own-model.md")
    body = lines.split("def export")[1]
    assert len([line for line in body.splitlines() if line.strip()]) <= LINES
    found = {}
    exec(lines, found)
    data, output = files.folder / "pairs.safetensors", files.folder / "analysis"
    found["export"](PAIRS, letters, str(data))
    files.run(
        "analyze", MODEL, "--data", data, "--estimate", "noising", "--metric", "logit_difference", "--edges", "--device", "cpu", "--output", output)
    record = json.loads((output / "run.json").read_text())
    assert record["task"] == "pairs" and record["ood"]["length"] == WIDTH, record["ood"]
    rigorous = record["rigorous"]
    assert rigorous["samples"] == len(PAIRS)
    assert {"noising", "denoising"} <= {table["method"] for table in rigorous["causal"]}
    assert "logit_difference" in {table["effect"] for table in rigorous["causal"]}
    assert any("noising on logit_difference" in note for note in record["notes"]), record["notes"]
    assert (output / "edges.csv").exists()
    # Pairs whose prompts are the same have no attributions.
    found["export"]([(clean, clean, answer, foil) for clean, _, answer, foil in PAIRS], letters, str(data))
    same = files.folder / "analysis-same"
    files.run(
        "analyze", MODEL, "--data", data, "--estimate", "noising", "--scores", "attribution_patching,relp,grad_drop", "--device", "cpu", "--output", same)
    tables = json.loads((same / "run.json").read_text())["rigorous"]["gradients"]
    zero = {table["score"] for table in tables if not any(table["values"])}
    assert zero == {"attribution_patching", "relp", "grad_drop"}, zero


CHECKS = [analysed]
