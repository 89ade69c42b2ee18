"""Patterns of order numbers, such as `{year}-{number:06}`. Not `str.format`, which would read attributes."""

import re
from datetime import date
from typing import Final

from domains.order.errors import OrderNumberPatternInvalid

MAX_LENGTH: Final = 40
PLACEHOLDER: Final = re.compile(r"\{(?P<name>year|month|day|number)(?::0(?P<width>[1-9]|1[0-2]))?\}")
LITERAL: Final = re.compile(r"[A-Za-z0-9/#._-]*")


def require_pattern(pattern: str, *, field: str = "order_number_pattern") -> str:
    """The pattern, if it is valid. Raises OrderNumberPatternInvalid with the reason.

    It has `{number}` once (padded with zeros by `{number:06}`), any of `{year}`, `{month}`, `{day}`, and letters,
    digits and `/ # . _ -` between them.
    """
    if len(pattern) > MAX_LENGTH:
        raise OrderNumberPatternInvalid(
            f"A pattern has at most {MAX_LENGTH} characters; this one has {len(pattern)}.", field=field
        )
    placeholders = list(PLACEHOLDER.finditer(pattern))
    if any(placeholder["width"] and placeholder["name"] != "number" for placeholder in placeholders):
        raise OrderNumberPatternInvalid("Only `{number}` can be padded.", field=field)
    if [placeholder["name"] for placeholder in placeholders].count("number") != 1:
        raise OrderNumberPatternInvalid(
            "A pattern must have `{number}` exactly once, so that no two have the same number.", field=field
        )
    if not LITERAL.fullmatch(PLACEHOLDER.sub("", pattern)):
        raise OrderNumberPatternInvalid(
            "A pattern can have {number}, {year}, {month} and {day}; besides these only letters, digits and / # . _ -"
            " are allowed.",
            field=field,
        )
    return pattern


def format_number(pattern: str, number: int, day: date) -> str:
    """The order number for a counter value, on a day of the company's calendar."""
    values = {"year": f"{day.year:04}", "month": f"{day.month:02}", "day": f"{day.day:02}"}

    def replacement(placeholder: re.Match[str]) -> str:
        if placeholder["name"] == "number":
            return str(number).zfill(int(placeholder["width"] or 1))
        return values[placeholder["name"]]

    return PLACEHOLDER.sub(replacement, pattern)
