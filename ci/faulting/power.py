"""The power is cut at a random moment, on a file system that keeps only what was flushed; every third time once more
while the study resumes."""

import random

from journal import Disk, read


def run(trials, count, seed):
    first = trials.work / "power-first"
    first.mkdir()
    journal = trials.work / "power-first.journal"
    trials.study.run(first, {"FAULT_JOURNAL": journal})
    events = read(journal)
    empty = trials.work / "power-empty"
    empty.mkdir()

    def cut(before, events, after, chance):
        disk = Disk(before)
        for event in events[:chance.randint(0, len(events))]:
            disk.replay(event)
        disk.write(after, chance)

    def trial(case, folder):
        chance = random.Random(f"{seed} power {case}")
        own = folder / "1"
        cut(empty, events, own, chance)
        if case % 3 == 0:
            second, before = folder / "2", folder / "before"
            Disk(own).write(before, chance)
            trials.study.run(own, {"FAULT_JOURNAL": folder / "journal"})
            cut(before, read(folder / "journal"), second, chance)
            own = second
        return trials.resumed(own)

    return trials.run_all("power", range(count or 30), trial)
