"""The table of all kernels, and how it differs from the one that is kept."""

import difflib
from itertools import groupby

HEADING = """# The kernels for GPUs, compiled

`ci/gpu-static` writes this file and compares it with what the sources give now. Nothing here was measured on a GPU: the
program's own values and shapes (those of `bench`: the study's and those of a GPT-2-small) were compiled by LLVM and, for NVIDIA,
by `ptxas`. A change of a kernel that changes its registers, its occupancy or its instructions must change this table with
`ci/gpu-static --update`.

*Items* are the work-items of a group, *bytes* its local memory. *Occupancy* is the share of the threads a compute unit can hold that are
resident. *Loop* is the loop with the most multiply-adds: how many instructions, the share of multiply-adds, and how many
reads of 128 bits of local memory sixteen of them need. A product keeps the arithmetic busy with a share of 80 % or with at most 1.5 reads.
"""


def rendered(reports):
    parts = [HEADING]
    for architecture, own in groupby(sorted(reports, key=lambda report: report.architecture), lambda report: report.architecture):
        parts.append(f"## {architecture}\n")
        parts.append("| kernel | parameters | items | registers | bytes | spilled | occupancy | code | loop |")
        parts.append("|---|---|---|---|---|---|---|---|---|")
        for report in own:
            bound = f" ({report.bound_by})" if report.bound_by else ""
            parts.append(
                f"| `{report.kernel}` | {report.values} | {report.items} | {report.registers} | {report.local_memory} "
                f"| {report.spilled} | {report.occupancy} %{bound} | {report.bytes} | {report.mix} |"
            )
        parts.append("")
    return "\n".join(parts)


def difference(file, table):
    """The lines that differ; empty if none do."""
    kept = file.read_text() if file.exists() else ""
    return "\n".join(
        difflib.unified_diff(kept.splitlines(), table.splitlines(), str(file.name), "the sources", lineterm="", n=0)
    )
