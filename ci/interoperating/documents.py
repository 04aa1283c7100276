"""What the documents say, for checks of whether it is so."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def snippet(heading, page="interop.md"):
    """The first block of Python under a heading of a page."""
    text = (DOCS / page).read_text()
    section = re.split(rf"\n##+ {re.escape(heading)}\n", text)[1]
    return re.search(r"```python\n(.*?)```", section, re.S)[1]


def columns(name):
    """The columns that docs/files.md describes for a file: (name, type), in order."""
    text = (DOCS / "files.md").read_text()
    section = text.split(f"\n### `{name}.csv`\n")[1].split("\n#")[0]
    return re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", section, re.M)
