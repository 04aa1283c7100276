"""A folder that becomes read-only or goes away while the study runs."""

import errno
import random
import time

from errors import verdict_on_failure
from listing import calls
from tally import EQUAL, REFUSED, WRONG, Verdict


def run(trials, count, seed):
    last = calls(trials, trials.work / "folders-reference")[-1][0]
    cases = [(kind, number) for number in range((count or 20) // 2) for kind in ("read-only", "gone")]

    def trial(case, folder):
        kind, number = case
        chance = random.Random(f"{seed} folders {case}")
        if kind == "read-only":
            fault = {"FAULT_AT": chance.randint(1, last), "FAULT_MODE": "good", "FAULT_ERRNO": errno.EROFS}
            return verdict_on_failure(trials, folder, fault)
        return gone(trials, folder, chance)

    return trials.run_all("folders", cases, trial)


def gone(trials, folder, chance):
    process = trials.study.start(folder)
    time.sleep(chance.uniform(0.1, trials.seconds))
    own, away = folder / "study", folder / "away"
    moved = own.exists() and process.poll() is None
    if moved:
        own.rename(away)
    outcome = trials.study.end(process)
    if moved:
        if own.exists():
            return Verdict(WRONG, f"made the folder anew: {outcome.summary}")
        away.rename(own)
        if outcome.code != 0 and not outcome.names_file(folder):
            return Verdict(WRONG, outcome.summary)
    after = trials.resumed(folder)
    return Verdict(REFUSED) if after.end == EQUAL and outcome.code == 1 else after
