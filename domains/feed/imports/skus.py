"""Generated SKUs of rows without one; the same handle and options always have the same SKU."""

import hashlib
import re
from collections.abc import Sequence

from slugify import slugify

from domains.catalog.validation import SKU_LENGTH

PLAIN = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*")


def generated_sku(handle: str, values: Sequence[str]) -> str:
    """A SKU of at most SKU_LENGTH characters: `mug` alone, `mug.large.red` with option values.

    No handle and no part of a value has a dot, so two products never get the same one. Where a value has other
    characters than letters and digits (`10"`, `Größe`), or the SKU is too long, a hash distinguishes it.
    """
    parts = [value.casefold() for value in values]
    if all(PLAIN.fullmatch(part) for part in parts):
        sku = ".".join([handle, *parts]).replace(" ", "-")
        if len(sku) <= SKU_LENGTH:
            return sku
    readable = ".".join([handle, *map(slugify, parts)])
    return _with_hash(readable, [handle, *parts])


def fallback_sku(handle: str, values: Sequence[str]) -> str:
    """The SKU that is used when another product has the generated one."""
    return _with_hash(handle, [handle, *(value.casefold() for value in values)])


def _with_hash(readable: str, parts: Sequence[str]) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:10]
    return f"{readable[: SKU_LENGTH - 11]}.{digest}"
