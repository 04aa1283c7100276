"""The calls of an undisturbed study that change files."""


def calls(trials, folder):
    """Their numbers, kinds and paths, in order."""
    folder.mkdir(exist_ok=True)
    log = folder / "calls.log"
    outcome = trials.study.run(folder, {"FAULT_LOG": log})
    if outcome.code != 0:
        raise SystemExit(f"ci/faults: the study fails under the shim: {outcome.summary}")
    return [(int(number), kind, path) for number, kind, path in (line.split(" ", 2) for line in log.read_text().splitlines())]


def worth_trying(calls, first):
    """The calls from a number on, but for the inner ones of a row of writes to one file, which are alike."""
    chosen = []
    for index, (number, kind, path) in enumerate(calls):
        neighbours = calls[max(index - 1, 0):index + 2]
        is_inner = kind == "write" and len(neighbours) == 3 and all(other[1:] == (kind, path) for other in neighbours)
        if not is_inner and number >= first:
            chosen.append((number, kind, path))
    return chosen


def spread(items, count):
    """`count` of the items, evenly spread; all where `count` is none."""
    if not count or count >= len(items):
        return items
    return [items[index * len(items) // count] for index in range(count)]
