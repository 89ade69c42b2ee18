"""The pattern of order numbers, `{year}-{number:06}`; never Python's own format, which reads attributes."""

import re
from datetime import date
from typing import Final

from domains.order.errors import PatternInvalid

MOST: Final = 40
TOKEN: Final = re.compile(r"\{(?P<name>year|month|day|number)(?::0(?P<width>[1-9]|1[0-2]))?\}")
LITERAL: Final = re.compile(r"[A-Za-z0-9/#._-]*")


def require_pattern(pattern: str) -> str:
    """The pattern, when it can number orders. Raises PatternInvalid, which says why not.

    It holds `{number}` once (padded with zeros by `{number:06}`), `{year}`, `{month}`, `{day}` at will, and letters,
    digits and `/ # . _ -` between them.
    """
    if len(pattern) > MOST:
        raise PatternInvalid(f"A pattern has at most {MOST} characters; this one has {len(pattern)}.")
    tokens = list(TOKEN.finditer(pattern))
    if any(token["width"] and token["name"] != "number" for token in tokens):
        raise PatternInvalid("Only `{number}` can be padded.")
    if [token["name"] for token in tokens].count("number") != 1:
        raise PatternInvalid("A pattern holds `{number}` exactly once, or two orders could have the same number.")
    if not LITERAL.fullmatch(TOKEN.sub("", pattern)):
        raise PatternInvalid(
            "A pattern may hold {number}, {year}, {month} and {day}; besides these only letters, digits and / # . _ -"
            " are allowed."
        )
    return pattern


def written(pattern: str, number: int, day: date) -> str:
    """A number by the pattern, on a day of the shop's calendar."""
    values = {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}"}

    def shown(token: re.Match[str]) -> str:
        if token["name"] == "number":
            return str(number).zfill(int(token["width"] or 1))
        return values[token["name"]]

    return TOKEN.sub(shown, pattern)
