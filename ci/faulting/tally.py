"""Counting how trials end."""

import os
import shutil
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from compare import difference

EQUAL, REFUSED, WRONG = "equal", "refused by name", "wrong"


@dataclass
class Verdict:
    end: str
    detail: str = ""


@dataclass
class Tally:
    part: str
    counts: Counter = field(default_factory=Counter)
    wrongs: list = field(default_factory=list)

    def add(self, case, verdict):
        self.counts[verdict.end] += 1
        if verdict.end == WRONG:
            self.wrongs.append(f"{case}: {verdict.detail}")
            print(f"  WRONG {self.part} {case}: {verdict.detail}", flush=True)

    @property
    def row(self):
        return f"{self.part:<8} {sum(self.counts.values()):>6} {self.counts[EQUAL]:>6} {self.counts[REFUSED]:>16} {self.counts[WRONG]:>6}"


HEAD = f"{'part':<8} {'tried':>6} {EQUAL:>6} {REFUSED:>16} {WRONG:>6}"


@dataclass
class Trials:
    """What every part needs: the study, the folder of an undisturbed one, how long that took, and chance."""

    study: object
    reference: Path
    seconds: float
    work: Path
    jobs: int
    keep: bool
    # Calls before this number are left out.
    first: int

    def run_all(self, part, cases, trial):
        """Tries every case in a folder of its own."""
        tally = Tally(part)

        def one(case):
            folder = Path(tempfile.mkdtemp(prefix=f"{part}-", dir=self.work))
            try:
                verdict = trial(case, folder)
            except Exception as error:  # A fault of the harness is no verdict on the program, but must be seen.
                verdict = Verdict(WRONG, f"the harness failed: {error!r}")
            if verdict.end == WRONG and self.keep:
                verdict.detail += f" [{folder}]"
            else:
                shutil.rmtree(folder, ignore_errors=True)
            return case, verdict

        with ThreadPoolExecutor(self.jobs) as pool:
            for number, (case, verdict) in enumerate(pool.map(one, cases), 1):
                tally.add(case, verdict)
                if number % 50 == 0:
                    print(f"  {part}: {number} of {len(cases)}, now at {case}", flush=True)
        return tally

    def resumed(self, folder):
        """The verdict on a study that is run again without a disturbance."""
        # Temporary files of reports are cleared away once they are old.
        for path in folder.rglob(".*.tmp"):
            os.utime(path, (0, 0))
        outcome = self.study.run(folder)
        if outcome.code != 0:
            return Verdict(WRONG, f"not resumed: {outcome.summary}")
        found = difference(folder / "study", self.reference)
        return Verdict(WRONG, f"resumed, but {found}") if found else Verdict(EQUAL)
