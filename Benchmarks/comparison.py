"""What alternating programs came to: medians, and ratios round by round, as tables and as JSON."""

from statistics import median


def spread(values):
    return {"min": min(values), "median": median(values), "max": max(values)}


def ratios(ours, theirs):
    """How many times as long they took, round by round: both ran in every round, minutes at most apart."""
    return spread([median(b) / median(a) for a, b in zip(ours, theirs)])


def flat(rounds):
    return [value for turn in rounds for value in turn]


def compare(suite, programs):
    """A suite's results as JSON."""
    references = [program for program in programs if program.contender.ours]
    results = []
    for program in programs:
        entry = {
            "name": program.name,
            "ours": program.contender.ours,
            "ms": spread(flat(program.rounds)),
            "rounds_ms": program.rounds,
            "peak_bytes": program.peak_bytes,
            "times_as_long_as": {
                ours.name: ratios(ours.rounds, program.rounds) for ours in references if ours is not program
            },
        }
        if program.gigaflop:
            entry["useful_gflops"] = program.gigaflop / (entry["ms"]["median"] * 1e-3)
        if program.parts:
            entry["parts"] = {
                part: {
                    "ms": spread(flat(rounds)),
                    "times_as_long_as": {
                        ours.name: ratios(ours.parts[part], rounds)
                        for ours in references
                        if ours is not program and part in ours.parts
                    },
                }
                for part, rounds in program.parts.items()
            }
        results.append(entry)
    return {"suite": suite.name, "title": suite.title, "programs": results}


def table(result):
    """A suite's results for a terminal: the programs, numbered, and below them their parts, where they have any."""
    programs = result["programs"]
    ours = [(index + 1, entry["name"]) for index, entry in enumerate(programs) if entry["ours"]]
    rows = [["program", "ms", *[f"times [{number}]" for number, _ in ours], "peak MB"]]
    for index, entry in enumerate(programs):
        ratio = entry["times_as_long_as"]
        factors = [show(ratio[name]) if name in ratio else "" for _, name in ours]
        rows.append([f"[{index + 1}] {entry['name']}", show(entry["ms"]), *factors, memory(entry)])
    return "\n".join([result["title"], *aligned(rows), *part_lines(programs, ours)]) + "\n"


def part_lines(programs, ours):
    names = list(dict.fromkeys(part for entry in programs for part in entry.get("parts", {})))
    if not names:
        return []
    numbered = list(enumerate(programs, 1))
    others = [(number, entry) for number, entry in numbered if not entry["ours"]]
    pairs = [(number, entry, own, name) for number, entry in others for own, name in ours]
    header = [f"[{number}] ms" for number, _ in numbered] + [f"[{n}] : [{own}]" for n, _, own, _ in pairs]
    rows = [["part", *header]]
    for part in sorted(names):
        times = [f"{e['parts'][part]['ms']['median']:.4g}" if part in e.get("parts", {}) else "" for e in programs]
        factors = [
            show(entry["parts"][part]["times_as_long_as"][name])
            if name in entry.get("parts", {}).get(part, {}).get("times_as_long_as", {})
            else ""
            for _, entry, _, name in pairs
        ]
        rows.append([part, *times, *factors])
    return ["", *aligned(rows)]


def memory(entry):
    return f"{entry['peak_bytes'] / 1e6:.0f}" if entry["peak_bytes"] else ""


def show(value):
    return f"{value['median']:.4g} [{value['min']:.4g}, {value['max']:.4g}]"


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        first = row[0].ljust(widths[0])
        lines.append("  ".join([first, *[cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]]).rstrip())
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]
