"""Kernels as NVIDIA's GPUs run them: clang and libclc make PTX, ptxas makes SASS, which is read back."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from report import Report, heat
from tools import run

HERE = Path(__file__).resolve().parent
TARGET = "nvptx64-nvidia-nvcl"
WARNINGS = [
    "-Wall", "-Wextra", "-Wshadow", "-Werror",
    # Headers hold functions that not every file calls, and lists come with their lengths.
    "-Wno-unused-function", "-Wno-unused-parameter",
    # libclc's bitcode names a vendor of its own.
    "-Wno-linker-warnings",
]


@dataclass
class Multiprocessor:
    local_memory: int  # KiB
    warps: int
    groups: int
    registers: int = 65536


ARCHITECTURES = {"sm_80": Multiprocessor(164, 64, 32), "sm_90": Multiprocessor(228, 64, 32)}


def reports(tools, program, architecture, folder):
    stem = f"{program.name}.{architecture}"
    ptx, cubin = folder / f"{stem}.ptx", folder / f"{stem}.cubin"
    make_ptx(tools, program, architecture, ptx)
    log = run([tools.ptxas, "-v", f"-arch={architecture}", "-O3", ptx, "-o", cubin])
    code = instructions_by_kernel(run([tools.nvdisasm, "-c", cubin]))
    found = []
    for kernel, items in program.items.items():
        body = re.search(rf"Compiling entry function '{kernel}'.*?\n(.*?)(?=ptxas info\s+: Compiling|\Z)", log, re.S)[1]

        def number(pattern):
            return int((re.search(pattern, body) or [0, 0])[1])

        registers, shared = number(r"Used (\d+) registers"), number(r"(\d+) bytes smem")
        share, bound = occupancy(ARCHITECTURES[architecture], registers, shared, items)
        found.append(
            Report(
                kernel, program.values, architecture, items, registers, shared,
                number(r"(\d+) bytes stack") + number(r"(\d+) bytes spill stores"), share, bound,
                16 * sum(kind != "label" for kind, _ in code[kernel]), describe(hottest(code[kernel])),
            )
        )
    return found


def make_ptx(tools, program, architecture, ptx):
    target = ["-Xclang", "-target-cpu", "-Xclang", architecture, "-Xclang", "-target-feature", "-Xclang", "+ptx78"]
    shim = ptx.with_suffix(".bc")
    tools.compile(TARGET, ["-cl-std=CL1.2", *target, "-emit-llvm", "-c"], HERE / "nvidia.cl", shim)
    link = []
    for bitcode in (shim, tools.libclc / "nvptx64--nvidiacl.bc", tools.libdevice):
        link += ["-Xclang", "-mlink-builtin-bitcode", "-Xclang", bitcode]
    # The driver divides and takes roots approximately unless it is told otherwise: OpenCL allows 2.5 and 3 ulp.
    division = ["-mllvm", "-nvptx-prec-divf32=1", "-mllvm", "-nvptx-prec-sqrtf32=0"]
    options = [*program.options, *target, *WARNINGS, *link, *division, "-S"]
    tools.compile(TARGET, options, program.source, ptx)
    ptx.write_text(with_groups(ptx.read_text(), program))


def with_groups(ptx, program):
    """clang leaves the size of a group out of PTX; the driver knows it where the source fixes it, and allows for the
    largest group elsewhere. ptxas bounds registers by it."""

    def bound(entry):
        kernel = entry[1]
        size = program.items.get(kernel, 0)
        directive = f".reqntid {size}, 1, 1" if size and program.fixes_group(kernel) else ".maxntid 1024, 1, 1"
        return entry[0].removesuffix("\n") + f"\n{directive}\n"

    return re.sub(r"\.entry (\w+)\([^)]*?\n\)\n", bound, ptx)


def occupancy(unit, registers, shared, items):
    """The share of a multiprocessor's warps that are resident, in per cent, and what bounds it."""
    warps = (items + 31) // 32
    of_a_warp = (registers * 32 + 255) // 256 * 256
    groups = {
        "registers": unit.registers // 4 // of_a_warp * 4 // warps,
        # A group's local memory comes with a kilobyte of the driver's.
        "local memory": unit.local_memory * 1024 // (shared + 1024),
        "threads": unit.warps // warps,
        "groups": unit.groups,
    }
    bound = min(groups, key=groups.get)
    return round(100 * groups[bound] * warps / unit.warps), bound


def instructions_by_kernel(sass):
    """Of each kernel: (operation, operands) in order, and ("label", name) between."""
    kernels, body = {}, []
    for line in sass.splitlines():
        if section := re.match(r"\s*\.text\.(\w+):", line):
            body = kernels.setdefault(section[1], [])
        elif label := re.match(r"\s*(\.L_x_\d+):", line):
            body.append(("label", label[1]))
        elif found := re.match(r"\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)\s*(.*?)\s*;", line):
            body.append((found[1], found[2]))
    return kernels


def hottest(code):
    """The loop that counts: see heat()."""
    place = {name: index for index, (kind, name) in enumerate(code) if kind == "label"}
    loops = []
    for index, (operation, operands) in enumerate(code):
        target = re.search(r"\.L_x_\d+", operands) if operation.startswith("BRA") else None
        # The last instruction of a kernel branches to itself.
        if target and place.get(target[0], index) < index - 1:
            loops.append([entry for entry in code[place[target[0]] : index] if entry[0] != "label"])
    return max(loops, key=lambda loop: heat(count(loop)["FFMA"], count(loop)["LDG"], loop), default=[])


def count(loop):
    return Counter(operation.split(".")[0] for operation, _ in loop)


def describe(loop):
    by_name, all_of_them = count(loop), len(loop)
    if not loop:
        return "no loop"
    parts = [f"{all_of_them}: FFMA {100 * by_name['FFMA'] // all_of_them} %"]
    wide = sum(operation.startswith("LDS") and ".128" in operation for operation, _ in loop)
    if wide and by_name["FFMA"]:
        parts.append(f"{16 * wide / by_name['FFMA']:.2f} LDS.128 for 16 FFMA")
    for name in ("LDS", "LDG", "MUFU", "BAR"):
        if by_name[name]:
            parts.append(f"{name} {by_name[name]}")
    return ", ".join(parts)
