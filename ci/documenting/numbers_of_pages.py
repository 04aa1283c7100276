"""The numbers of a page against the committed summaries that they come from.

A page names its summaries in a comment, `<!-- numbers of: replication/published.json.gz, replication/rigorous.json.gz -->`. Then every
estimate with an interval in it, `0.35 [0.27, 0.43]`, and every `p 0.0123`, in prose or in tables, must be one of the summaries' at the digits that it shows. A
number of another page or of the paper stands without brackets.
"""

import gzip
import json
import re

MARK = re.compile(r"<!-- numbers of: ([^>]*) -->")
NUMBER = r"[-−]?\d+(?:\.\d+)?"
ESTIMATE = re.compile(rf"({NUMBER})\s+\[({NUMBER}),\s+({NUMBER})\]")
P_VALUE = re.compile(rf"\bp\s+(<\s+)?({NUMBER})")
P_KEYS = ("p_value", "corrected_p_value")


def read(path):
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_text())


def value(text):
    return float(text.replace("−", "-"))


def digits(text):
    return len(text.partition(".")[2])


def walk(tree, estimates, p_values):
    """Collects (value, lower, upper) of every object with an interval and of every text that shows one, and every p."""
    if isinstance(tree, str):
        estimates.extend(tuple(map(value, shown)) for shown in ESTIMATE.findall(tree))
        p_values.extend(value(shown) for below, shown in P_VALUE.findall(tree) if not below)
    elif isinstance(tree, list):
        for item in tree:
            walk(item, estimates, p_values)
    elif isinstance(tree, dict):
        for key, interval in tree.items():
            if isinstance(interval, dict) and {"lower", "upper"} <= interval.keys():
                for other in tree.values():
                    if isinstance(other, int | float) and not isinstance(other, bool):
                        estimates.append((other, interval["lower"], interval["upper"]))
            elif key in P_KEYS and isinstance(interval, int | float):
                p_values.append(interval)
            walk(interval, estimates, p_values)


def agrees(shown, found):
    """Whether a printed number is another one at its digits; a half may be rounded either way."""
    return isinstance(found, int | float) and abs(value(shown) - found) <= 0.5000001 * 10 ** -digits(shown)


def page_complaints(page, text, sources):
    estimates, p_values = [], []
    for source in sources:
        walk(read(page.parent / source), estimates, p_values)
    found = 0
    for line, words in enumerate(text.splitlines(), 1):
        for shown in ESTIMATE.findall(words):
            found += 1
            if not any(all(map(agrees, shown, one)) for one in estimates):
                yield f"{page.name}:{line}: {shown[0]} [{shown[1]}, {shown[2]}] is no estimate of {', '.join(sources)}"
        for below, shown in P_VALUE.findall(words):
            found += 1
            known = any(p < value(shown) for p in p_values) if below else any(agrees(shown, p) for p in p_values)
            if not known:
                yield f"{page.name}:{line}: p {below}{shown} is no p-value of {', '.join(sources)}"
    if not found:
        yield f"{page.name} names {', '.join(sources)}, but has no number of them"


def complaints(root):
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text()
        if mark := MARK.search(text):
            yield from page_complaints(page, text, [name.strip() for name in mark[1].split(",")])
