"""Files may not become larger than a limit (`ulimit -f`): one line that names the file, and nothing is lost."""

from tally import EQUAL, REFUSED, WRONG, Verdict


def run(trials, count, seed):
    # From nothing to more than the largest file; where a log, a record, a model and a snapshot end.
    sizes = [0, 1, 100, 4096, 9000, 12_000, 14_000, 20_000, 26_000, 27_000, 40_000, 80_000, 90_000]

    def trial(size, folder):
        outcome = trials.study.run(folder, file_size=size)
        if outcome.code != 0 and not outcome.names_file(folder):
            return Verdict(WRONG, outcome.summary)
        after = trials.resumed(folder)
        return Verdict(REFUSED) if after.end == EQUAL and outcome.code == 1 else after

    return trials.run_all("limits", sizes, trial)
