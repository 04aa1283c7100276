"""The numbers of a page against the committed summaries that they come from.

A page names its summaries in a comment, `<!-- numbers of: replication/published.json.gz, replication/rigorous.json.gz -->`. Then every
estimate with an interval in it, `0.35 [0.27, 0.43]`, every mean with a standard deviation, `0.33 ± 0.25`, every `p 0.0123` or `p = 0.0123` and every `power 0.46`, in
prose or in tables, must be one of the summaries' at the digits that it shows, and no interval stands without its estimate.
"""

import gzip
import json
import re

MARK = re.compile(r"<!-- numbers of: ([^>]*?) *-->")
NUMBER = r"[-−]?\d+(?:\.\d+)?"
INTERVAL = rf"\[({NUMBER}),\s+({NUMBER})\]"
ESTIMATE = re.compile(rf"({NUMBER})[*`\s]*{INTERVAL}")
P_VALUE = re.compile(rf"\b[pP]\s*(?:=\s*)?([<≤]\s*)?({NUMBER})")
P_KEYS = ("p_value", "corrected_p_value")
SPREAD = re.compile(rf"({NUMBER})\s*±\s*({NUMBER})")
POWER = re.compile(rf"\bpower ({NUMBER})")
# The keys beside an interval that its estimate can have.
VALUE_KEYS = ("mean", "value", "ratio", "share", "rho", "estimate", "slope", "area")


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_text())


def value(text):
    return float(text.replace("−", "-"))


def digits(text):
    return len(text.partition(".")[2])


class Found:
    """What the summaries have: (value, lower, upper) of every object with an interval and of every text that shows one, (mean, standard deviation), p-values
    and powers."""

    def __init__(self):
        self.estimates, self.spreads, self.p_values, self.powers = [], [], [], []

    def walk(self, tree):
        if isinstance(tree, str):
            self.estimates.extend(tuple(map(value, shown)) for shown in ESTIMATE.findall(tree))
            self.p_values.extend(value(shown) for below, shown in P_VALUE.findall(tree) if not below)
        elif isinstance(tree, list):
            for item in tree:
                self.walk(item)
        elif isinstance(tree, dict):
            for key, part in tree.items():
                self.take(key, part, tree)
                self.walk(part)

    def take(self, key, part, tree):
        if isinstance(part, dict) and {"lower", "upper"} <= part.keys():
            found = [tree[name] for name in VALUE_KEYS if isinstance(tree.get(name), int | float)]
            self.estimates.extend((other, part["lower"], part["upper"]) for other in found)
        elif not isinstance(part, int | float):
            return
        elif key in P_KEYS:
            self.p_values.append(part)
        elif key == "power":
            self.powers.append(part)
        elif key.endswith("std"):
            # `std` belongs to `mean`, and `rho_std` to `rho_mean` or to `rho`.
            names = [key.removesuffix("std") + "mean"] + ([key.removesuffix("_std")] if key.endswith("_std") else [])
            means = [tree.get(name) for name in names]
            self.spreads.extend((mean, part) for mean in means if isinstance(mean, int | float))


def agrees(shown, found):
    """Whether a printed number is another one at its digits; a half may be rounded either way."""
    return isinstance(found, int | float) and abs(value(shown) - found) <= 0.5000001 * 10 ** -digits(shown)


def page_complaints(page, text, sources):
    summaries = Found()
    for source in sources:
        if not (page.parent / source).exists():
            yield f"{page.name} names {source}, which does not exist"
            continue
        summaries.walk(read(page.parent / source))

    def line(match):
        return text.count("\n", 0, match.start()) + 1

    begins = set()
    for match in ESTIMATE.finditer(text):
        begins.add(match.end())
        if not any(all(map(agrees, match.groups(), one)) for one in summaries.estimates):
            yield f"{page.name}:{line(match)}: {match[0]} is no estimate of {', '.join(sources)}"
    for match in re.finditer(INTERVAL, text):
        if match.end() not in begins:
            yield f"{page.name}:{line(match)}: {match[0]} stands without an estimate"
    for match in SPREAD.finditer(text):
        if not any(all(map(agrees, match.groups(), one)) for one in summaries.spreads):
            yield f"{page.name}:{line(match)}: {match[0]} is no mean with its standard deviation of {', '.join(sources)}"
    for match in POWER.finditer(text):
        if not any(agrees(match[1], one) for one in summaries.powers):
            yield f"{page.name}:{line(match)}: {match[0]} is no power of {', '.join(sources)}"
    for match in P_VALUE.finditer(text):
        below, shown = match.groups()
        known = any(p <= value(shown) for p in summaries.p_values) if below else any(agrees(shown, p) for p in summaries.p_values)
        if not known:
            yield f"{page.name}:{line(match)}: {match[0]} is no p-value of {', '.join(sources)}"
    if not begins:
        yield f"{page.name} names {', '.join(sources)}, but has no number of them"


def complaints(root):
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text()
        sources = [name.strip() for mark in MARK.findall(text) for name in mark.split(",")]
        if sources:
            yield from page_complaints(page, MARK.sub("", text), sources)
