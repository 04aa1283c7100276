"""Killed just before each call that changes a file, just after it, and in the middle of each write; then resumed.

Every fourth time the resume is killed, too, at the same call of its own.
"""

from listing import calls, spread, worth_trying
from tally import WRONG, Verdict


def run(trials, count, seed):
    cases = []
    for number, kind, path in worth_trying(calls(trials, trials.work / "calls-reference"), trials.first):
        modes = ["before", "after"] + (["torn"] if kind == "write" else [])
        cases += [(number, kind, path, mode) for mode in modes]

    def trial(case, folder):
        number, _, _, mode = case
        fault = {"FAULT_AT": number, "FAULT_MODE": mode}
        outcome = trials.study.run(folder, fault)
        if outcome.code != -9:
            return Verdict(WRONG, f"not killed: {outcome.summary}")
        if number % 4 == 0:
            trials.study.run(folder, fault)
        return trials.resumed(folder)

    return trials.run_all("calls", spread(cases, count), trial)
