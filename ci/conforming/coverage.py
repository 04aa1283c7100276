"""Which lines of the readers the committed corpora reach, by LLVM's source coverage."""

import json
import os
import subprocess

from building import CORPORA, ROOT, environment, fuzzer
from rows import Row

WORK = ROOT / ".build-coverage"
# The files that read what the target gives; what only writes, or talks to the system, is not the fuzzer's.
READERS = {
    "safetensors": [
        "Safetensors/" + name
        for name in (
            "HeaderParser", "JSONCursor", "JSONCursor+Skipping", "SafetensorsFile+Reading", "SafetensorsFile+Values",
            "ContentChecksum", "HalfPrecision")
    ],
    "checkpoint": ["Transformer/CheckpointConfiguration", "Transformer/ConfigurationRules", "Transformer/JSONValue"],
    "record": ["Records/RunRecord+File", "Records/RecordCoding", "Records/JSONChecksum", "Records/Nullable"],
    "files": [
        "Study/PlanDescription", "Sweep/SeedList", "Records/TrainingLog+Read", "RandomStreams/CounterStream+Codable",
        "RandomStreams/MersenneTwister+Codable"],
    "options": [
        "Study/Options/OptionsFile", "Study/Options/OptionsText", "Study/Options/GivenOption",
        "Study/Options/GivenOption+Value", "Sweep/SweepGrid", "Sweep/SweepExclusion"],
}


def run(given):
    profile = ["-Xswiftc", "-profile-generate", "-Xswiftc", "-profile-coverage-mapping"]
    return [of(target, fuzzer(".build-coverage", profile, target)) for target in given.targets]


def of(target, program):
    raw, merged = WORK / f"{target}.profraw", WORK / f"{target}.profdata"
    command = [str(program), "-runs=0", "-max_len=100000", str(CORPORA / target)]
    variables = environment(target) | {"LLVM_PROFILE_FILE": str(raw)}
    subprocess.run(command, check=True, env=variables, cwd=WORK, stderr=subprocess.DEVNULL)
    subprocess.run([tool("llvm-profdata"), "merge", "-o", str(merged), str(raw)], check=True)
    files = [str(ROOT / "Sources" / f"{name}.swift") for name in READERS[target]]
    text = subprocess.run(
        [tool("llvm-cov"), "export", "-summary-only", f"-instr-profile={merged}", str(program), *files],
        check=True, capture_output=True, text=True).stdout
    found = json.loads(text)["data"][0]
    for file in found["files"]:
        lines = file["summary"]["lines"]
        print(f"{target}: {os.path.relpath(file['filename'], ROOT)}: {lines['covered']} of {lines['count']} lines")
    lines, regions = found["totals"]["lines"], found["totals"]["regions"]
    return Row(
        f"coverage {target}", f"{lines['percent']:.1f} % of {lines['count']} lines, {regions['percent']:.1f} % of regions", [])


def tool(name):
    """LLVM's own tools beside the compiler, whose format of profiles they know."""
    swift = subprocess.run(["bash", "-c", "command -v swift"], check=True, capture_output=True, text=True).stdout.strip()
    return str(os.path.join(os.path.dirname(os.path.realpath(swift)), name))
