"""RowChanges of rows with a unique slug under concurrency."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from domains.catalog import sql
from domains.catalog.errors import SlugTaken
from domains.catalog.slugs import generate_slug, slug_candidates
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

    The unique key decides races. A transaction that loses takes the next number, after waiting for others of the
    same name. Raises SlugTaken for a given slug that another row has, Conflict after five lost races.
    """
    if slug is not None:
        try:
            async with tx.savepoint():
                return await write(slug)
        except asyncpg.UniqueViolationError as error:
            raise _slug_error(error, slug) from None
    base = generate_slug(name, fallback=FALLBACKS[table])
    for _ in range(ATTEMPTS):
        candidate = await _unused_slug(tx, table, base)
        try:
            async with tx.savepoint():
                return await write(candidate)
        except asyncpg.UniqueViolationError as error:
            if not _is_slug(error):
                raise
            await sql.lock_name(tx, base)
    raise Busy("The same slug is being taken by other requests. Try again.", field=("name",))


async def require_free(tx: Tx, table: str, slug: str | None) -> None:
    """Raise SlugTaken when another row has the slug, so that it is reported with other errors. One statement.

    Without other errors, `write_with_slug` reports it.
    """
    if slug is not None and await sql.taken_slugs(tx, table, [slug]):
        raise SlugTaken(slug)


async def _unused_slug(tx: Tx, table: str, base: str) -> str:
    """The first unused slug for a base; few statements even after thousands of the same name."""
    for batch in slug_candidates(base):
        taken = await sql.taken_slugs(tx, table, batch)
        if len(taken) < len(batch):
            return next(slug for slug in batch if slug not in taken)
    raise AssertionError  # candidates never end


def _is_slug(error: asyncpg.UniqueViolationError) -> bool:
    return "slug" in str(error.constraint_name)


def _slug_error(error: asyncpg.UniqueViolationError, slug: str) -> Exception:
    return SlugTaken(slug) if _is_slug(error) else error
