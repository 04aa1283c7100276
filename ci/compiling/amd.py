"""Kernels as AMD's GPUs run them: clang and libclc make assembly, in which LLVM reports what a kernel takes."""

import re
from collections import Counter

from nvidia import WARNINGS
from report import Report, heat

TARGET = "amdgcn-mesa-mesa3d"
# Waves that a SIMD holds.
ARCHITECTURES = {"gfx90a": 8, "gfx1100": 16}


def reports(tools, program, architecture, folder):
    assembly = folder / f"{program.name}.{architecture}.s"
    # libclc's work-item functions are those of Mesa's drivers: good enough for registers and instructions.
    library = ["-Xclang", "-mlink-builtin-bitcode", "-Xclang", tools.libclc / f"{architecture}-amdgcn-mesa-mesa3d.bc"]
    tools.compile(
        TARGET, [*program.options, f"-mcpu={architecture}", *WARNINGS, *library, "-S"], program.source, assembly
    )
    text = assembly.read_text()
    found = []
    for kernel, items in program.items.items():
        body, after = re.search(
            rf"^{kernel}:\s+; @{kernel}\n(.*?)^\.Lfunc_end\d+:(.*?)(?=^\w+:\s+; @|\Z)", text, re.S | re.M
        ).groups()

        def number(name):
            return int((re.search(rf"; {name}(?:: | = )(\d+)", after) or [0, 0])[1])

        waves = number("Occupancy")
        found.append(
            Report(
                kernel, program.values, architecture, items, max(number("TotalNumVgprs"), number("NumVgprs")),
                number("LDSByteSize"), number("ScratchSize"), round(100 * waves / ARCHITECTURES[architecture]), "",
                number("codeLenInByte"), describe(hottest(body)),
            )
        )
    return found


def hottest(body):
    """The operations of the loop that counts: those between a label and the branch back to it."""
    lines = [line.split(";")[0].strip() for line in body.splitlines()]
    place = {line[:-1]: index for index, line in enumerate(lines) if re.fullmatch(r"\.LBB\w+:", line)}
    loops = []
    for index, line in enumerate(lines):
        target = re.match(r"s_c?branch\w*\s+(\.LBB\w+)", line)
        if target and place.get(target[1], index) < index:
            words = [entry.split()[0] for entry in lines[place[target[1]] : index] if entry]
            loops.append([word for word in words if not word.startswith(".")])
    return max(loops, key=lambda loop: heat(count(loop)["FMA"], count(loop)["loads"], loop), default=[])


def count(loop):
    counts = Counter()
    for operation in loop:
        # A packed or dual operation does two of them.
        if re.match(r"v_(pk_|dual_)?(fma|fmac|mac)", operation):
            counts["FMA"] += 2 if "_pk_" in operation else 1 + operation.count("_dual_")
        elif re.match(r"ds_(read|load)", operation):
            counts["LDS"] += 1
            counts["wide"] += "128" in operation
        elif re.match(r"(global|buffer|flat)_load", operation):
            counts["loads"] += 1
        elif operation == "s_barrier":
            counts["barriers"] += 1
    return counts


def describe(loop):
    if not loop:
        return "no loop"
    counts = count(loop)
    parts = [f"{len(loop)}: FMA {counts['FMA']}"]
    if counts["wide"] and counts["FMA"]:
        parts.append(f"{16 * counts['wide'] / counts['FMA']:.2f} of 128 bits from local memory for 16")
    for name in ("LDS", "loads", "barriers"):
        if counts[name]:
            parts.append(f"{name} {counts[name]}")
    return ", ".join(parts)
