"""Writing a row under a slug that stays unique however many write at once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import asyncpg

from domains.catalog import queries
from domains.catalog.errors import SlugTaken
from domains.catalog.slugs import free_slug, slug_from
from domains.kernel.database import Tx
from domains.kernel.errors import Conflict

T = TypeVar("T")
TRIES = 20
FALLBACKS = {"products": "product", "categories": "category"}


async def write_with_slug(
    tx: Tx,
    table: str,
    write: Callable[[str], Awaitable[T]],
    *,
    name: str,
    slug: str | None,
    but: UUID | None = None,
) -> T:
    """Call `write` with the given slug, or with a free one made from the name.

    The unique key decides races: who loses looks again and takes the next number. `but` is the row's own id when it
    has one. Raises SlugTaken for a given slug that another row has, Conflict after twenty lost races in a row.
    """
    if slug is not None:
        try:
            async with tx.savepoint():
                return await write(slug)
        except asyncpg.UniqueViolationError as error:
            raise _meaning(error, slug) from None
    base = slug_from(name, fallback=FALLBACKS[table])
    for _ in range(TRIES):
        chosen = free_slug(base, await queries.taken_slugs(tx, table, base, but=but))
        try:
            async with tx.savepoint():
                return await write(chosen)
        except asyncpg.UniqueViolationError as error:
            if not _is_slug(error):
                raise
    raise Conflict("Too many others chose the same name at this moment. Try again.", path=("input", "name"))


def _is_slug(error: asyncpg.UniqueViolationError) -> bool:
    return "slug" in str(error.constraint_name)


def _meaning(error: asyncpg.UniqueViolationError, slug: str) -> Exception:
    return SlugTaken(slug) if _is_slug(error) else error
