"""Relative links and anchors of the Markdown files."""

import re
from urllib.parse import unquote

ROOTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Benchmarks/README.md", "Tests/Oracle/README.md"]


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    found, seen = set(), {}
    for heading in re.findall(r"^#{1,6} +(.+?) *$", without_code(text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        seen[name] = seen.get(name, -1) + 1
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
    return found


def without_code(text):
    return re.sub(r"^(```|~~~).*?^\1 *$", "", text, flags=re.DOTALL | re.MULTILINE)


def targets(text):
    prose = re.sub(r"`[^`\n]*`", "", without_code(text))
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)


def complaints(root):
    found = []
    pages = [root / name for name in ROOTS] + sorted((root / "docs").glob("*.md"))
    texts = {page.resolve(): page.read_text() for page in pages}
    leads = {}
    for page, text in texts.items():
        leads[page] = set()
        for target in targets(text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            place = (page.parent / unquote(path)).resolve() if path else page
            leads[page].add(place)
            name = f"{page.relative_to(root)}: {target}"
            if not place.exists():
                found.append(f"{name} does not exist")
            elif anchor and place.suffix == ".md" and anchor not in anchors(texts.get(place) or place.read_text()):
                found.append(f"{name}: no such heading")
    start = (root / "docs" / "README.md").resolve()
    for page in texts:
        if page.parent == start.parent and page != start and page not in leads[start]:
            found.append(f"docs/README.md does not lead to {page.name}")
    return found
