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
    """A suite's results for a terminal."""
    references = [entry["name"] for entry in result["programs"] if entry["ours"]]
    header = ["program", "ms", *[f"times as long as {name}" for name in references], "peak MB"]
    rows = [header]
    for entry in result["programs"]:
        rows.append([entry["name"], *cells(entry, references), memory(entry)])
    text = [result["title"], *aligned(rows)]
    parts = [part for entry in result["programs"] for part in entry.get("parts", {})]
    for part in dict.fromkeys(parts):
        rows = [[f"  {part}", *header[1:-1]]]
        for entry in result["programs"]:
            if part in entry.get("parts", {}):
                rows.append([f"  {entry['name']}", *cells(entry["parts"][part], references)])
        text += ["", *aligned(rows)]
    return "\n".join(text) + "\n"


def cells(entry, references):
    ratio = entry["times_as_long_as"]
    return [show(entry["ms"]), *[show(ratio[name]) if name in ratio else "" for name in references]]


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
