"""One bit of a file flips: the study names the file, or ends with the same record.

Where it names the file, doing what it says (deleting what it says to delete) must lead to the same folder.
"""

import random
import shutil
from pathlib import Path

from listing import calls
from compare import difference
from tally import EQUAL, REFUSED, WRONG, Verdict
from study import advised

RUN = "runs/sort/seed-1"


def states(trials):
    """Folders in which each of the files is what the study goes on from."""
    listed = calls(trials, trials.work / "flips-reference")

    def stopped(name, number):
        folder = trials.work / f"flips-{name}"
        folder.mkdir(exist_ok=True)
        trials.study.run(folder, {"FAULT_AT": number, "FAULT_MODE": "before"})
        return folder / "study"

    # Before the snapshot of the first training is removed for the first time, its model is being written.
    first = next(number for number, kind, path in listed if kind == "open" and "/.train.json" in path)
    second = next(number for number, kind, path in listed if kind == "open" and "/.run.json" in path)
    finished = trials.work / "flips-reference" / "study"
    return {
        f"{RUN}/training.safetensors": stopped("training", first),
        f"{RUN}/table6/training.safetensors": stopped("analysis", second),
        f"{RUN}/model.safetensors": trials.work / "flips-analysis" / "study",
        f"{RUN}/train.json": trials.work / "flips-analysis" / "study",
        f"{RUN}/run.json": finished,
    }


def run(trials, count, seed):
    sources = states(trials)
    cases = [(file, number) for number in range(max((count or 150) // len(sources), 1)) for file in sources]

    def trial(case, folder):
        file, number = case
        chance = random.Random(f"{seed} flips {case}")
        own = folder / "study"
        shutil.copytree(sources[file], own)
        data = bytearray((own / file).read_bytes())
        # Every other time in the first two kilobytes, where headers are.
        place = chance.randrange(len(data) if number % 2 else min(len(data), 2048))
        data[place] ^= 1 << chance.randrange(8)
        (own / file).write_bytes(data)
        outcome = trials.study.run(folder)
        if outcome.code == 0:
            found = difference(own, trials.reference)
            # A file that nobody reads any more keeps its flip.
            return Verdict(WRONG, f"byte {place}: exit code 0, but {found}") if found else Verdict(EQUAL)
        if not outcome.names_file(own / file):
            return Verdict(WRONG, f"byte {place}: {outcome.summary}")
        advice = advised(outcome)
        for path in advice:
            Path(path).unlink()
        after = trials.resumed(folder)
        return Verdict(REFUSED) if advice and after.end == EQUAL else Verdict(
            WRONG, f"byte {place}: {outcome.summary}; after deleting {advice}: {after.detail}")

    return trials.run_all("flips", cases, trial)
