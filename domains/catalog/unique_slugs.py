"""Writing a row under a slug that stays unique however many write at once."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from domains.catalog import sql
from domains.catalog.errors import SlugTaken
from domains.catalog.slugs import candidates, slug_from
from domains.kernel.database import Tx
from domains.kernel.errors import Busy

T = TypeVar("T")
ATTEMPTS = 5
FALLBACKS = {"products": "product", "categories": "category"}


async def write_with_slug(
    tx: Tx,
    table: str,
    write: Callable[[str], Awaitable[T]],
    *,
    name: str,
    slug: str | None,
) -> T:
    """Call `write` with the given slug, or with a free one made from the name.

    The unique key decides races. Who loses takes the next number, and waits its turn with all who have lost over the
    same name. Raises SlugTaken for a given slug that another row has, Conflict after five lost races.
    """
    if slug is not None:
        try:
            async with tx.savepoint():
                return await write(slug)
        except asyncpg.UniqueViolationError as error:
            raise _meaning(error, slug) from None
    base = slug_from(name, fallback=FALLBACKS[table])
    for _ in range(ATTEMPTS):
        chosen = await _unused_slug(tx, table, base)
        try:
            async with tx.savepoint():
                return await write(chosen)
        except asyncpg.UniqueViolationError as error:
            if not _is_slug(error):
                raise
            await sql.lock_name(tx, base)
    raise Busy("The same slug is being taken by other requests. Try again.", field=("name",))


async def require_free(tx: Tx, table: str, slug: str | None) -> None:
    """Raise SlugTaken when another row has the slug. One statement, to tell it beside other problems.

    Without any, `write_with_slug` finds it out by itself.
    """
    if slug is not None and await sql.taken_slugs(tx, table, [slug]):
        raise SlugTaken(slug)


async def _unused_slug(tx: Tx, table: str, base: str) -> str:
    """The first slug for a base that nothing has; few statements even after thousands of the same name."""
    for batch in candidates(base):
        taken = await sql.taken_slugs(tx, table, batch)
        if len(taken) < len(batch):
            return next(slug for slug in batch if slug not in taken)
    raise AssertionError  # candidates never end


def _is_slug(error: asyncpg.UniqueViolationError) -> bool:
    return "slug" in str(error.constraint_name)


def _meaning(error: asyncpg.UniqueViolationError, slug: str) -> Exception:
    return SlugTaken(slug) if _is_slug(error) else error
