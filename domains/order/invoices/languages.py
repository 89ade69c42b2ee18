"""Languages of documents: tags of BCP 47. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from domains.order.invoices.errors import LanguageInvalid

MAX_LENGTH: Final = 35  # what RFC 5646 asks for at least
# A language, a script, a region and variants (RFC 5646, 2.1), without extensions and private use.
TAG: Final = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:-(?P<script>[A-Za-z]{4}))?(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)


def require_language(tag: str, *, field: Sequence[str] = ("language",)) -> str:
    """The tag in its usual case: `de`, `zh-Hant-TW`. Raises LanguageInvalid."""
    text = tag.strip()
    if len(text) > MAX_LENGTH or not TAG.fullmatch(text):
        raise LanguageInvalid(field=field)
    first, *others = text.split("-")
    return "-".join([first.lower(), *(_usual_case(part) for part in others)])


def _usual_case(part: str) -> str:
    if not part.isalpha():
        return part.lower()
    return {2: part.upper(), 4: part.title()}.get(len(part), part.lower())
