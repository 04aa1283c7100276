"""The study that is disturbed, and how it ends."""

import os
import re
import resource
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Two trainings with two snapshots each, an analysis and tables, in a second or two.
OPTIONS = (
    "--quick --tasks sort --seeds 1 --layers 1 --heads 2 --d-model 16 --d-ff 32 --batch-size 8 "
    "--max-steps 1100 --device cpu --threads 1"
)
# A study that takes longer hangs.
LIMIT = 120


@dataclass
class Outcome:
    code: int
    error: str

    @property
    def complaints(self):
        return [line for line in self.error.splitlines() if line.startswith("causalgap: ")]

    def names_file(self, folder):
        """Whether it ended with exit code 1 and one line that names something below a folder."""
        return self.code == 1 and len(self.complaints) == 1 and str(folder) in self.complaints[0]

    @property
    def summary(self):
        end = f"signal {-self.code}" if self.code < 0 else f"exit code {self.code}"
        return f"{end}: {' / '.join(self.complaints) or self.error[-300:]}"


class Study:
    def __init__(self, binary, shim, options):
        self.binary, self.shim, self.options = binary, shim, options.split()

    def start(self, folder, environment=None, file_size=None):
        """Starts it with its files in `folder`/study. What `environment` asks of the shim counts below `folder`."""
        variables = dict(os.environ)
        if environment is not None:
            variables |= {"LD_PRELOAD": str(self.shim), "FAULT_ROOT": str(folder)}
            variables |= {name: str(value) for name, value in environment.items()}
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))) if file_size is not None else None
        return subprocess.Popen(
            [str(self.binary), "study", *self.options, "--output", str(Path(folder) / "study")], env=variables, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, errors="replace",
            preexec_fn=limit,
        )

    def end(self, process):
        try:
            _, error = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            error = process.communicate()[1] + "\ndid not end"
        return Outcome(process.returncode, error)

    def run(self, folder, environment=None, file_size=None):
        return self.end(self.start(folder, environment, file_size))


def advised(outcome):
    """The files that a complaint says to delete."""
    found = re.search(r"delete (/\S+?)(?: and (/\S+?))?(?: to | or |;|,|$)", outcome.complaints[0])
    return [path for path in found.groups() if path] if found else []
