"""How WooCommerce's exporter writes texts into cells, read back: marks, lists, paths, descriptions."""

import html
import re
from typing import Final

MARKED: Final = re.compile("'(?=[=+@\t\r-])")
COMMA: Final = re.compile(r"(?<!\\),")
LINE_END: Final = re.compile(r"(\\*)\\n")
BLOCK: Final = re.compile(r"<(?:p|div|ul|ol|dl|table|h[1-6]|blockquote|pre|hr|br)\b", re.IGNORECASE)


def unmarked(text: str) -> str:
    """The text without the `'` that the exporter writes before what a spreadsheet would take for a formula."""
    return text[1:] if MARKED.match(text) else text


def kinds(text: str) -> list[str]:
    """The words of a `Type`, such as `simple, virtual`."""
    return listed(text.lower())


def listed(text: str) -> list[str]:
    r"""The texts of a list: commas part them, and `\,` is a comma within one; entities are read."""
    parts = (html.unescape(part.replace("\\,", ",")).strip() for part in COMMA.split(text))
    return [part for part in parts if part]


def categories(text: str) -> list[str]:
    """The categories of a list of paths (`Clothing > Shirts`), each by its last part."""
    names = (field.rpartition(">")[2].strip() for field in listed(text))
    return list(dict.fromkeys(name for name in names if name))


def description(text: str) -> str:
    r"""A description as HTML: `\n` is a line's end, and as in WordPress blank lines part paragraphs."""
    body = LINE_END.sub(lambda found: f"{found[1][1:]}\\n" if found[1] else "\n", text)
    if "\n" not in body or BLOCK.search(body):
        return body
    parts = (part.strip().replace("\n", "<br>") for part in re.split(r"\n\s*\n", body))
    return "".join(f"<p>{part}</p>" for part in parts if part)


def label(text: str) -> str:
    """A name, its entities read."""
    return html.unescape(text).strip()
