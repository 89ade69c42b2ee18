"""Decodes texts as WooCommerce's exporter encodes them in cells: quotes, lists, paths, descriptions."""

import html
import re
from typing import Final

FORMULA_QUOTE: Final = re.compile("'(?=[=+@\t\r-])")
COMMA: Final = re.compile(r"(?<!\\),")
LINE_END: Final = re.compile(r"(\\*)\\n")
BLOCK: Final = re.compile(r"<(?:p|div|ul|ol|dl|table|h[1-6]|blockquote|pre|hr|br)\b", re.IGNORECASE)


def without_formula_quote(text: str) -> str:
    """The text without the `'` that the exporter writes before what a spreadsheet would read as a formula."""
    return text[1:] if FORMULA_QUOTE.match(text) else text


def product_types(text: str) -> list[str]:
    """The types in a cell of `Type`, such as `simple, virtual`."""
    return split_list(text.lower())


def split_list(text: str) -> list[str]:
    r"""The texts of a list separated by commas; `\,` is a comma within a text. Entities are decoded."""
    parts = (html.unescape(part.replace("\\,", ",")).strip() for part in COMMA.split(text))
    return [part for part in parts if part]


def category_names(text: str) -> list[str]:
    """The categories of a list of paths (`Clothing > Shirts`), each by its last part."""
    names = (field.rpartition(">")[2].strip() for field in split_list(text))
    return list(dict.fromkeys(name for name in names if name))


def description_html(text: str) -> str:
    r"""A description as HTML: `\n` is a line break, and as in WordPress blank lines separate paragraphs."""
    body = LINE_END.sub(lambda match: f"{match[1][1:]}\\n" if match[1] else "\n", text)
    if "\n" not in body or BLOCK.search(body):
        return body
    parts = (part.strip().replace("\n", "<br>") for part in re.split(r"\n\s*\n", body))
    return "".join(f"<p>{part}</p>" for part in parts if part)


def unescape_name(text: str) -> str:
    """A name with its entities decoded."""
    return html.unescape(text).strip()
