"""The lists of faults: what to find, what to put in its place, and why that is a fault."""

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class ListError(Exception):
    """A list that does not fit the sources any more."""


@dataclass
class Mutant:
    """One fault in one file."""

    kind: str  # "kernels" or "swift"
    file: Path  # from the root of the repository
    why: str
    original: str  # the whole file, as source() gives it
    start: int  # where in the file the fault is
    find: str
    put: str
    settings: dict = field(default_factory=dict)

    @property
    def line(self):
        return self.original.count("\n", 0, self.start) + 1  # of a kernel, in the text with its headers

    @property
    def name(self):
        return f"{self.file}:{self.line}: {self.why}"

    @property
    def mutated(self):
        return self.original[: self.start] + self.put + self.original[self.start + len(self.find) :]

    @property
    def digest(self):
        """Changes with the fault and with the code of the file it is planted in, not with that file's comments."""
        code = re.sub(r"\s*//.*", "", self.mutated)
        return hashlib.sha256(f"{self.kind}\0{self.file}\0{self.why}\0{code}".encode()).hexdigest()[:16]


def place(file, text, find, number=None):
    """Where `find` is in the text: the only time, or the `number`th, counted from 1."""
    places = [match.start() for match in re.finditer(re.escape(find), text)]
    if not places:
        raise ListError(f"{file}: not found: {find!r}")
    if number is None and len(places) > 1:
        raise ListError(f"{file}: found {len(places)} times, say which by `number`: {find!r}")
    if number is not None and number > len(places):
        raise ListError(f"{file}: found {len(places)} times, not {number}: {find!r}")
    return places[(number or 1) - 1]


def source(path):
    """A file's text; a kernel's as the driver gets it, with its headers in the place of its #include lines."""
    return re.sub(r'^#include "(.+)"\n', lambda line: (path.parent / line[1]).read_text(), path.read_text(), flags=re.M)


def listed(kind, folder, entries):
    """The mutants of a list, or a ListError that names every entry that does not fit."""
    mutants, errors = [], []
    for entry in entries:
        file = Path(folder) / entry["file"]
        try:
            text = source(ROOT / file)
            within = entry.get("within", entry["find"])
            start = place(file, text, within, entry.get("number")) + place(within, within, entry["find"])
        except (OSError, ListError) as error:
            errors.append(str(error))
            continue
        mutants.append(
            Mutant(kind, file, entry["why"], text, start, entry["find"], entry.get("put", ""), entry)
        )
    if errors:
        raise ListError("\n".join(errors))
    return mutants


def swift_mutants():
    return listed("swift", ".", tomllib.loads((HERE / "swift.toml").read_text())["mutant"])


def kernel_mutants():
    """Every barrier dropped in turn, then the listed faults; each with the operations that run its file."""
    lists = tomllib.loads((HERE / "kernels.toml").read_text())
    files = {entry["file"]: entry for entry in lists["kernel"]}
    barriers = []
    for path in sorted((ROOT / "Kernels").glob("*.cl")):
        text = source(path)
        for number in range(1, text.count("barrier(CLK_") + 1):
            start = place(path.name, text, "barrier(CLK_", number)
            statement = text[start : text.index(";", start) + 1]
            barriers.append(
                Mutant(
                    "kernels", Path("Kernels") / path.name, f"barrier {number} dropped", text, start, statement, ";",
                    {"every_step": True},
                )
            )
    if not barriers:
        raise ListError("Kernels: no barrier found")
    mutants = barriers + listed("kernels", "Kernels", lists["mutant"])
    for mutant in mutants:
        if mutant.file.name not in files:
            raise ListError(f"kernels.toml: no [[kernel]] for {mutant.file.name}")
        mutant.settings = files[mutant.file.name] | mutant.settings
    return mutants
