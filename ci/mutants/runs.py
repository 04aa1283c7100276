"""Running a step of ci/test on a mutant."""

import os
import re
import signal
import subprocess
from dataclasses import dataclass

# A step that takes longer hangs.
LIMIT = 900


@dataclass
class Outcome:
    failed: bool
    output: str

    @property
    def detail(self):
        """The first test, or the first verdict, that failed."""
        test = re.search(r'✘ Test (?:case passing \d+ arguments? )?"?(.*?)"? (?:recorded|failed|with)', self.output)
        if test:
            return test.group(1)
        verdict = re.search(r"^\S+ +(\S+) .*FAILED", self.output, re.MULTILINE)
        if verdict:
            return verdict.group(1)
        if "oclgrind reports errors" in self.output:
            race = re.search(r"(\w+ data race|[Ii]nvalid \w+|[Ww]ork-group divergence)", self.output)
            return race.group(1) if race else "a report"
        return "a crash" if "signal" in self.output else "an error"


def run(command, folder, environment=None, log=None):
    """Runs a command with its children in a group of their own, which ends with it."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=folder, env=os.environ | (environment or {}), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, errors="replace",
    )
    try:
        output, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0] + "\ndid not end"
    if log:
        log.write_text(output)
    return Outcome(process.returncode != 0, output)


def must(command, folder, environment=None):
    """Runs what has to work before a mutant is tried."""
    outcome = run(command, folder, environment)
    if outcome.failed:
        lines = outcome.output.splitlines()
        told = [line for line in lines if "✘" in line or "error:" in line][:20] + lines[-20:]
        raise SystemExit("\n".join([" ".join(map(str, command)), *told, "ci/mutation: this must work first"]))
    return outcome.output
