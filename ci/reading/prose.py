"""The paragraphs of a book in HTML, in the order of its table of contents, as plain text.

    prose.py FOLDER > TEXT      FOLDER holds index.html and the pages it links to
"""

import sys
from html.parser import HTMLParser
from pathlib import Path


class Links(HTMLParser):
    """The pages that a table of contents names, each once, in order."""

    def __init__(self):
        super().__init__()
        self.pages = {}

    def handle_starttag(self, tag, attributes):
        page = dict(attributes).get("href", "").split("#")[0]
        if tag == "a" and page.endswith(".html") and "/" not in page:
            self.pages[page] = True


class Paragraphs(HTMLParser):
    """The text of <p> and of <div class="para">, without what is nested in code and tables."""

    skipped = {"pre", "table", "script", "style", "head"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.words = []
        self.paragraphs = []

    def handle_starttag(self, tag, attributes):
        if tag in {"br", "img", "hr", "link", "meta", "input"}:
            return
        self.end_paragraph(tag)
        is_paragraph = tag == "p" or (tag == "div" and "para" in dict(attributes).get("class", "").split())
        self.open.append((tag, is_paragraph))

    def handle_endtag(self, tag):
        self.end_paragraph(tag)
        while self.open and self.open.pop()[0] != tag:
            pass

    def end_paragraph(self, tag):
        """Ends the paragraph at the start and at the end of a block; a word in italics does not end it."""
        if tag in {"p", "div", "ul", "ol", "li", "dl", "dt", "dd", *self.skipped}:
            text = " ".join("".join(self.words).split())
            if text:
                self.paragraphs.append(text)
            self.words = []

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if any(paragraph for _, paragraph in self.open) and not self.skipped & set(tags):
            self.words.append(data)


def main():
    folder = Path(sys.argv[1])
    links = Links()
    links.feed((folder / "index.html").read_text(encoding="utf-8"))
    seen = {}
    for page in links.pages:
        path = folder / page
        if page == "index.html" or not path.is_file():
            continue
        parser = Paragraphs()
        parser.feed(path.read_text(encoding="utf-8"))
        # Pages repeat some of their neighbours' paragraphs.
        for paragraph in parser.paragraphs:
            if len(paragraph) > 40:
                seen[paragraph] = True
    print("\n\n".join(seen))


main()
