"""HTML as plain text: what a person would read of it, and nothing that could do anything."""

from __future__ import annotations

from html.parser import HTMLParser

MOST = 400_000
SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "object"})
BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "section", "article", "pre"}
)
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "embed", "source"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.silent = 0
        self.address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        if tag in BLOCKS:
            self.said.append("\n")
        if tag == "li":
            self.said.append("- ")
        if tag == "td":
            self.said.append(" ")
        if tag == "a":
            self.address = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self.silent:
            self.silent -= 1
        if tag in BLOCKS and tag not in VOID:
            self.said.append("\n")
        if tag == "a":
            self._say_address()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(" ".join(data.split()) if data.strip() else " ")
            if data.strip() and data[-1:].isspace():
                self.said.append(" ")

    def _say_address(self) -> None:
        """A web address that the words do not show already."""
        if self.address.startswith(("http://", "https://")) and self.address not in "".join(self.said[-3:]):
            self.said.append(f" <{self.address[:300]}>")
        self.address = ""


def plain_of_html(html: str) -> str:
    """The words of a page, a line for each block."""
    reader = _Reader()
    reader.feed(html[:MOST])
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.said).split("\n")]
    return "\n".join(lines)
