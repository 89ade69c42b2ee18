"""Cells into values, each with a reason in words when it cannot be."""

import re
from decimal import Decimal

from domains.feed.columns import Column
from domains.feed.skus import MAX_SKU
from domains.kernel.errors import DomainError
from domains.kernel.money import UnitPrices

MAX_QUANTITY = 1_000_000_000
MAX_URL = 2_000
NUMBER = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,8})?")
WHOLE = re.compile(r"-?[0-9]{1,10}")
# A path is the shop's own: an image that it serves itself.
URL = re.compile(r"(?:https?://[^\s\"'<>\\/]|/)[^\s\"'<>\\]*")
HANDLE = re.compile(r"[\w-]+")
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
STATUSES = {"active": True, "draft": False, "archived": False}


class BadCell(Exception):
    """A cell that cannot be read; the message is the reason that a report shows."""


def read_handle(cells: dict[Column, str]) -> str:
    """The handle in lower case: letters, digits, `_` and `-`."""
    handle = cells.get(Column.HANDLE, "").lower()
    if not handle:
        raise BadCell("`Handle` is missing.")
    if len(handle) > 255 or not HANDLE.fullmatch(handle):
        raise BadCell("`Handle` must be letters, digits and hyphens, at most 255 characters.")
    return handle


def read_text(cells: dict[Column, str], column: Column, most: int) -> str | None:
    """A text of at most `most` characters, or None."""
    text = cells.get(column)
    if text is not None and len(text) > most:
        raise BadCell(f"`{column}` has {len(text):,} characters; at most {most:,} are allowed.")
    return text


def read_sku(cells: dict[Column, str]) -> str | None:
    """A SKU of printable characters, or None."""
    sku = read_text(cells, Column.SKU, MAX_SKU)
    if sku is not None and not sku.isprintable():
        raise BadCell(f"`{Column.SKU}` must be printable characters; it is {_shown(sku)}.")
    return sku


def read_amount(cells: dict[Column, str], column: Column, prices: UnitPrices) -> Decimal | None:
    """A unit price, exact, or None."""
    text = cells.get(column)
    if text is None:
        return None
    if not NUMBER.fullmatch(text):
        raise BadCell(f"`{column}` must be a number such as 19.90, not negative; it is {_shown(text)}.")
    try:
        return prices.require(Decimal(text))
    except DomainError as error:
        raise BadCell(f"`{column}`: {error.message}") from error


def read_quantity(cells: dict[Column, str]) -> int | None:
    """A stock level, or None when the file does not give one."""
    text = cells.get(Column.QUANTITY)
    if text is None:
        return None
    if not WHOLE.fullmatch(text) or not 0 <= int(text) <= MAX_QUANTITY:
        limits = f"a whole number from 0 to {MAX_QUANTITY:,}"
        raise BadCell(f"`{Column.QUANTITY}` must be {limits}; it is {_shown(text)}.")
    return int(text)


def read_url(cells: dict[Column, str], column: Column) -> str | None:
    """A web address, or None."""
    text = cells.get(column)
    if text is not None and (len(text) > MAX_URL or not URL.fullmatch(text)):
        raise BadCell(f"`{column}` must be an address that begins with https://, http:// or /; it is {_shown(text)}.")
    return text


def read_position(cells: dict[Column, str]) -> int | None:
    """Where an image stands among the product's, from 1, or None."""
    text = cells.get(Column.IMAGE_POSITION)
    if text is not None and (not WHOLE.fullmatch(text) or int(text) < 1):
        raise BadCell(f"`{Column.IMAGE_POSITION}` must be a whole number from 1; it is {_shown(text)}.")
    return int(text) if text else None


def read_published(cells: dict[Column, str]) -> bool:
    """Whether the product is shown: `Published` (true when empty), and `Status` where the file has it."""
    published = TRUTHS.get(cells.get(Column.PUBLISHED, "true").lower())
    status = STATUSES.get(cells.get(Column.STATUS, "active").lower())
    if published is None:
        raise BadCell(f"`{Column.PUBLISHED}` must be TRUE or FALSE; it is {_shown(cells[Column.PUBLISHED])}.")
    if status is None:
        raise BadCell(f"`{Column.STATUS}` must be active, draft or archived; it is {_shown(cells[Column.STATUS])}.")
    return published and status


def read_tags(cells: dict[Column, str]) -> tuple[str, ...]:
    """The tags in their order, each once."""
    tags = dict.fromkeys(filter(None, (tag.strip() for tag in cells.get(Column.TAGS, "").split(","))))
    if len(tags) > 250 or any(len(tag) > 255 for tag in tags):
        raise BadCell(f"`{Column.TAGS}` may hold 250 tags of 255 characters.")
    return tuple(tags)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
