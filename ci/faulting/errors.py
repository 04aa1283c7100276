"""Each call that changes a file fails once, or it and all later ones: with one line that names a file, or not at all."""

import errno

from compare import difference
from listing import calls, spread, worth_trying
from tally import EQUAL, REFUSED, WRONG, Verdict


def verdict_on_failure(trials, folder, fault):
    """The study fails with a line that names a file, or finishes as if nothing had been; then it resumes."""
    outcome = trials.study.run(folder, fault)
    if outcome.code == 0:
        found = difference(folder / "study", trials.reference)
        # What could not be removed is removed by a later start.
        if found and found.endswith("left over"):
            return trials.resumed(folder)
        return Verdict(WRONG, f"exit code 0, but {found}") if found else Verdict(EQUAL)
    if not outcome.names_file(folder):
        return Verdict(WRONG, outcome.summary)
    after = trials.resumed(folder)
    return Verdict(REFUSED) if after.end == EQUAL else after


def run(trials, count, seed):
    cases = []
    for number, kind, path in worth_trying(calls(trials, trials.work / "errors-reference"), trials.first):
        cases += [(number, kind, path, name, mode) for name, mode in [("ENOSPC", "once"), ("EIO", "once"), ("ENOSPC", "good"), ("EIO", "good")]]

    def trial(case, folder):
        number, _, _, name, mode = case
        fault = {"FAULT_AT": number, "FAULT_MODE": mode, "FAULT_ERRNO": getattr(errno, name)}
        return verdict_on_failure(trials, folder, fault)

    return trials.run_all("errors", spread(cases, count), trial)
