"""An HTML mail as the text that a reader sees, with its links; what is hidden or quoted is marked as such."""

from html.parser import HTMLParser

LONGEST_HTML = 1_000_000
"""Characters of one HTML part that are read."""

MOST_LINKS = 500
"""Links that are kept."""

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "table",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "pre",
        "td",
        "th",
        "dt",
        "dd",
    ]
)
_SILENT = frozenset({"script", "style", "head", "title", "noscript", "template"})
_VOID = frozenset(["br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"])
_QUOTES = ("gmail_quote", "moz-cite-prefix", "yahoo_quoted", "divrplyfwdmsg", "qmquote", "ntes-quote", "protonmail_quote")
DEEPEST = 400
"""Open elements that are followed; mails nested deeper are broken."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._open: list[tuple[str, bool, bool]] = []
        self._link: tuple[str, list[str]] | None = None
        self._silent = self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens: a block, a quote, a link, or something a reader does not see."""
        has = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._break(" " if tag in ("td", "th") else "\n- " if tag == "li" else "\n")
        if tag == "a" and has.get("href"):
            self._close_link()
            self._link = (has["href"].strip(), [])
        if tag in _VOID or len(self._open) >= DEEPEST:
            return
        style = has.get("style", "").replace(" ", "").lower()
        is_silent = tag in _SILENT or "display:none" in style or "visibility:hidden" in style or "hidden" in has
        marks = f"{has.get('class', '')} {has.get('id', '')}".lower()
        is_quote = tag == "blockquote" or any(mark in marks for mark in _QUOTES)
        self._open.append((tag, is_silent, is_quote))
        self._silent += is_silent
        self._quoted += is_quote

    def handle_endtag(self, tag: str) -> None:
        """Close the element and whatever was left open in it."""
        if tag == "a":
            self._close_link()
        if tag in _BLOCKS and tag not in ("td", "th", "br"):
            self._break("\n")
        if any(name == tag for name, _, _ in self._open[-20:]):
            while self._open:
                name, is_silent, is_quote = self._open.pop()
                self._silent -= is_silent
                self._quoted -= is_quote
                if name == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Keep what is seen; white space in the source means one space."""
        if self._silent:
            return
        lead = " " if data[:1].isspace() else ""
        words = " ".join(data.split())
        if words:
            self.parts.append(f"{lead}{words}{' ' if data[-1:].isspace() else ''}")
            if self._link:
                self._link[1].append(words)

    def _break(self, mark: str) -> None:
        if not self._silent:
            self.parts.append(mark if mark == " " else mark.replace("\n", "\n> ") if self._quoted else mark)

    def _close_link(self) -> None:
        if self._link and len(self.links) < MOST_LINKS:
            self.links.append((" ".join(self._link[1]), self._link[0]))
        self._link = None


def html_to_text(html: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text of an HTML part, quoted lines beginning with `>`, and its links as (what is shown, where it leads). Never raises."""
    reader = _Reader()
    try:
        reader.feed(html[:LONGEST_HTML])
        reader.close()
    except (AssertionError, ValueError):
        # The parser of the standard library gives up on some broken declarations; what it read until there stays.
        pass
    reader._close_link()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    kept = [line for place, line in enumerate(lines) if line not in ("", ">") or (place and lines[place - 1] not in ("", ">"))]
    return "\n".join(kept).strip(), tuple(reader.links)
