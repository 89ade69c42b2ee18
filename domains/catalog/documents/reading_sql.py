"""SQL that reads documents, with the versions of what is remembered; $1 is the company.

Each record begins with a head: the product's id, the version of its document (0: none of this format), its category,
and the version of the company's categories. In a record with content follow the document and the category, where
these versions are not those that the caller has remembered. Live values come last.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from domains.catalog import data
from domains.catalog.documents.document_sql import DOCUMENT, FORMAT
from domains.catalog.documents.live_values import LiveColumns
from domains.kernel.database import Reader

_HEAD: Final = "p.id, d.version, p.category_id, cv.version as category_version"
_HEAD_JOINS: Final = f"""
    left join product_documents stored on stored.company_id = $1 and stored.product_id = p.id
    cross join lateral (select case when stored.format = {FORMAT} then stored.version else 0 end as version) d
    cross join (select coalesce((select version from category_versions where company_id = $1), 0) as version) cv
"""
_CATEGORY: Final = data.category.columns("c")
_CATEGORY_JOIN: Final = "left join categories c on c.company_id = $1 and c.id = p.category_id"
_IS_NEW: Final = "(k.version, k.category_version) is distinct from (d.version, cv.version)"
_UNKNOWN_VERSION: Final = "case when k.version is distinct from d.version then stored.document end"
HEAD_WIDTH: Final = 4
_DOCUMENT_INDEX: Final = HEAD_WIDTH
_CATEGORY_INDEX: Final = HEAD_WIDTH + 1
_LISTED: Final = "join product_search s on s.company_id = $1 and s.product_id = p.id and s.is_listed"
_KNOWN_OF_MANY: Final = """left join unnest($2::uuid[], $3::bigint[], $4::bigint[]) k (id, version, category_version)
    on k.id = p.id"""
_KNOWN_OF_ONE: Final = """left join (select $2::uuid as id, $3::bigint as version, $4::bigint as category_version) k
    on k.id = p.id"""


class Head(NamedTuple):
    """A product, and the versions of its document and of its category."""

    product_id: UUID
    version: int
    category_id: UUID
    category_version: int


class Known(NamedTuple):
    """A remembered product with the versions of its document and of its category; -1 for none."""

    product_id: UUID | None
    version: int = -1
    category_version: int = -1


class HeadColumns(NamedTuple):
    """What a statement over products `p` selects first and joins, so that its records begin with heads."""

    columns: str
    joins: str


def heads(live: LiveColumns, *, with_content: bool) -> HeadColumns:
    """Heads with these live values, and `with_content` with every document and category."""
    if not with_content:
        return HeadColumns(_HEAD + live.columns, _HEAD_JOINS + live.joins)
    columns = f"{_HEAD}, stored.document, {_CATEGORY}{live.columns}"
    return HeadColumns(columns, f"{_HEAD_JOINS} {_CATEGORY_JOIN} {live.joins}")


async def by_ids(db: Reader, known: Sequence[Known], live: LiveColumns, *, listed_only: bool) -> list[asyncpg.Record]:
    """The products of these ids; with `listed_only`, those a customer may see; archived ones only without it."""
    statement = _statement(_KNOWN_OF_MANY, "p.id = any($2)", live, listed_only=listed_only)
    return await db.fetch(statement, db.company_id, *_parameters(known))


async def by_key(
    db: Reader, known: Known, live: LiveColumns, column: str, value: UUID | str, *, listed_only: bool
) -> asyncpg.Record | None:
    """The product that is not archived with this `id` or `slug`; with `listed_only` as `by_ids`."""
    condition = f"p.{column} = $5 and p.archived_at is null"
    statement = _statement(_KNOWN_OF_ONE, condition, live, listed_only=listed_only)
    return await db.fetch_row(statement, db.company_id, *known, value)


async def by_variants(db: Reader, known: Sequence[Known], variant_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """The products of these variants."""
    condition = "p.id in (select product_id from product_variants where company_id = $1 and id = any($5))"
    statement = _statement(_KNOWN_OF_MANY, condition, LiveColumns(), listed_only=False)
    return await db.fetch(statement, db.company_id, *_parameters(known), variant_ids)


async def built(db: Reader, ids: Sequence[UUID], *, listed_only: bool) -> list[asyncpg.Record]:
    """The products of these ids, as `by_ids`, with documents built from their rows, as in records with content."""
    return await db.fetch(
        f"select {_HEAD}, {DOCUMENT} as document, {_CATEGORY} from products p {_HEAD_JOINS} {_CATEGORY_JOIN} "
        f"{_LISTED if listed_only else ''} "
        "where p.company_id = $1 and p.id = any($2)",
        db.company_id,
        ids,
    )


async def live_values(db: Reader, ids: Sequence[UUID], live: LiveColumns) -> list[asyncpg.Record]:
    """The ids of these products with their live values."""
    statement = f"select p.id{live.columns} from products p {live.joins} where p.company_id = $1 and p.id = any($2)"
    return await db.fetch(statement, db.company_id, ids)


def head_of(record: asyncpg.Record) -> Head:
    """The head with which a record begins."""
    return Head(record[0], record[1], record[2], record[3])


def document_of(record: asyncpg.Record) -> str | None:
    """The document of a record with content; None when it is known."""
    text: str | None = record[_DOCUMENT_INDEX]
    return text


def category_of(record: asyncpg.Record) -> data.CategoryRow | None:
    """The category of a record with content; None when it is known."""
    return None if record[_CATEGORY_INDEX] is None else data.category.from_record(record, _CATEGORY_INDEX)


def _statement(known: str, condition: str, live: LiveColumns, *, listed_only: bool) -> str:
    return f"""
        select {_HEAD}, {_UNKNOWN_VERSION} as document, {_CATEGORY}{live.columns}
        from products p {known} {_LISTED if listed_only else ""} {_HEAD_JOINS}
        {_CATEGORY_JOIN} and {_IS_NEW} {live.joins}
        where p.company_id = $1 and {condition}
    """


def _parameters(known: Sequence[Known]) -> list[list[Any]]:
    return [list(column) for column in zip(*known, strict=True)] or [[], [], []]
