"""What the program builds and launches on a GPU, as the program itself says it."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tools import run

# Of a large GPU, and of a small one, on which the same launches take larger tiles.
COMPUTE_UNITS = [132, 16]


@dataclass
class Program:
    """A kernel file as it is handed to a driver."""

    source: Path
    options: list  # the words of the compiler's options
    items: dict = field(default_factory=dict)  # of each kernel that is launched, the work-items of a group

    @property
    def name(self):
        return f"{self.source.parent.name}.{self.source.stem}"

    @property
    def text(self):
        return self.source.read_text()

    @property
    def values(self):
        """The values of the file's parameters, as the table shows them."""
        return " ".join(word for word in self.options if "=" in word and not word.startswith("-")) or "–"

    def fixes_group(self, kernel):
        """Whether the source itself says how large the groups of a kernel are."""
        return re.search(rf"reqd_work_group_size\([^)]*\)\)\)\s*void\s+{kernel}\(", self.text) is not None


def binary(root):
    if given := os.environ.get("CAUSALGAP_BINARY"):
        return Path(given)
    release = ["swift", "build", "-c", "release", "--product", "causalgap"]
    run(release, folder=root)
    return Path(run([*release, "--show-bin-path"], folder=root).strip()) / "causalgap"


def recorded_programs(tools, root):
    """Every program of `bench`'s shapes with the kernels that are launched, in the order of the first build."""
    folder = tools.folder / "recorded"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    library = folder / "librecord.so"
    run(["cc", "-O1", "-shared", "-fPIC", "-o", library, root / "ci/compiling/record_opencl.c"])
    program, found = binary(root), {}
    for units in COMPUTE_UNITS:
        own = folder / str(units)
        own.mkdir()
        environment = {
            "CAUSALGAP_OPENCL_LIBRARY": str(library),
            "RECORD_FOLDER": str(own),
            "RECORD_UNITS": str(units),
            "XDG_CACHE_HOME": str(own / "cache"),
        }
        run([program, "bench", "--device", "opencl:0:0", "--queue-only"], environment)
        for recorded in read_record(own):
            known = found.setdefault((recorded.text, *recorded.options), recorded)
            known.items |= recorded.items
    return list(found.values())


def read_record(folder):
    programs = {}
    for line in (folder / "record").read_text().splitlines():
        kind, number, *rest = line.split("\t")
        if kind == "program":
            programs[number] = Program(folder / f"{number}.cl", rest[0].split())
        else:
            programs[number].items[rest[0]] = int(rest[1])
    # Some programs are built only to ask for the values of a file: nothing of them is launched.
    return [program for program in programs.values() if program.items]
