"""The table of results."""

from dataclasses import dataclass


@dataclass
class Row:
    part: str
    result: str
    #: What is wrong: files that hold an input, or a report.
    findings: list

    @property
    def cells(self):
        return [self.part, self.result, "; ".join(str(finding) for finding in self.findings) or "none"]


def printed(rows):
    lines = [["part", "result", "findings"], *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(2)]
    return "\n".join("  ".join([line[0].ljust(widths[0]), line[1].ljust(widths[1]), line[2]]) for line in lines)
