"""The power is cut at a random moment, on a file system that keeps only what was flushed; every third time once more
while the study resumes."""

import random

from journal import Disk, read
from tally import WRONG, Verdict

# What is on the disk once its folder was flushed: the work of minutes to days.
KEPT = ("training.safetensors", "model.safetensors", "run.json")


def promised(events):
    """The files that must have survived these events."""
    renamed, flushed = set(), set()
    for kind, _, _, path, data in events:
        if kind == "R" and data.decode().endswith(KEPT):
            renamed.add(data.decode())
        elif kind == "F":
            flushed |= {name for name in renamed if name.rpartition("/")[0] == path}
        elif kind == "U":
            renamed.discard(path)
            flushed.discard(path)
    return sorted(flushed)


def run(trials, count, seed):
    first = trials.work / "power-first"
    first.mkdir()
    journal = trials.work / "power-first.journal"
    trials.study.run(first, {"FAULT_JOURNAL": journal})
    events = read(journal)
    empty = trials.work / "power-empty"
    empty.mkdir()

    def cut(before, events, after, chance):
        disk = Disk(before, has_journal=chance.random() < 0.5)
        # Every other time the last event is a flush: what was flushed is what the program rests on.
        ends = [index + 1 for index, event in enumerate(events) if event[0] == "F"]
        end = chance.choice(ends) if ends and chance.random() < 0.5 else chance.randint(0, len(events))
        for event in events[:end]:
            disk.replay(event)
        disk.write(after, chance)
        return [path for path in promised(events[:end]) if not (after / path).exists()]

    def trial(case, folder):
        chance = random.Random(f"{seed} power {case}")
        own = folder / "1"
        lost = cut(empty, events, own, chance)
        if case % 3 == 0:
            second, before = folder / "2", folder / "before"
            Disk(own).write(before, chance)
            trials.study.run(own, {"FAULT_JOURNAL": folder / "journal"})
            lost += cut(before, read(folder / "journal"), second, chance)
            own = second
        return Verdict(WRONG, f"lost {', '.join(lost)}") if lost else trials.resumed(own)

    return trials.run_all("power", range(count or 30), trial)
