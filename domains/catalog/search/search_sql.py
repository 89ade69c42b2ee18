"""The SQL of listings: pages, counts, corrections and suggestions, on the search table.

The table has no row-level security (its operators could not use their indexes under it), so each statement names the
company, and what it finds is read from the protected tables. A page therefore has a statement of its own, one arm for
each selection, with the order, the comparison with the cursor and the limit of the kernel's keyset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from domains.catalog import data
from domains.catalog.documents.reading_sql import HeadColumns
from domains.catalog.search import facet_sql
from domains.catalog.search.facet_tokens import FacetTokens
from domains.catalog.search.filters import Parameters, Selection
from domains.catalog.search.ranking_sql import LAST, Ranking
from domains.catalog.search.rare_searches import RareSearches
from domains.catalog.search.spelling import TERM_LENGTH, pieces, transpositions, trigrams
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column, Keyset
from domains.kernel.pagination.pages import MAX_PAGE
from domains.kernel.pagination.sql_lists import conjunction

RANK: Final = Column("s.rank", float)
PRODUCT_ID: Final = Column("s.product_id", UUID)


async def pages(
    db: Reader, selections: Sequence[Selection], keyset: Keyset, head: HeadColumns, rare: RareSearches | None = None
) -> list[asyncpg.Record]:
    """The same page of each selection by one statement: heads of products, `selection_index`, then the order's.

    The keyset's columns are a sort value and the product's id. A page of the whole catalogue has one plan, which
    reads an index in its order, and so has one of a search that is known to be rare. Others are planned for the
    values of their conditions.
    """
    sql = Parameters()
    company = sql.add(db.company_id)
    arms = [_arm(index, selection, keyset, sql, rare) for index, selection in enumerate(selections)]
    is_planned_once = all(arm.is_planned_once for arm in arms)
    statement = f"""
        select {head.columns}, s.selection_index, s.sort_value, s.product_id
        from ({" union all ".join(f"({arm.page()})" for arm in arms)}) s
        join products p on p.company_id = {company} and p.id = s.product_id {head.joins}
        where {"true" if is_planned_once else facet_sql.planned_anew(sql)}
        order by s.selection_index, s.sort_value {keyset.direction}, s.product_id {keyset.direction}"""
    records = await db.fetch(statement, *sql.values)
    if rare is not None and keyset.columns[0] is RANK and keyset.cursor is None:
        rare.learn(selections, records)
    return records


def _arm(
    index: int, selection: Selection, keyset: Keyset, sql: Parameters, rare: RareSearches | None
) -> "Ranking | Sorting":
    if keyset.columns[0] is RANK:
        return Ranking(index, selection, keyset, sql, rare is not None and selection in rare)
    return Sorting(index, selection, keyset, sql)


@dataclass(frozen=True, slots=True)
class Sorting:
    """A page of a selection by a column."""

    index: int
    selection: Selection
    keyset: Keyset
    sql: Parameters

    @property
    def is_planned_once(self) -> bool:
        """Whether one plan is good for all values of its parameters."""
        return self.selection.is_whole_catalogue

    def page(self) -> str:
        """The select of (selection_index, product_id, sort_value)."""
        keyset = self.keyset
        where = self.selection.where(self.sql) + conjunction(keyset.beyond, self.sql.values)
        # The inner limit is known to every plan: one for an unknown limit expects a tenth of the catalogue.
        return f"""
            select {self.index} as selection_index, s.product_id, s.sort_value
            from (
                select s.product_id, {keyset.columns[0].sql} as sort_value from product_search s where {where}
                order by {keyset.order_by} limit {MAX_PAGE + 1}
            ) s
            order by s.sort_value {keyset.direction}, s.product_id {keyset.direction}
            limit {self.sql.add(keyset.limit)}"""


async def count(db: Reader, selection: Selection) -> int:
    """The number of products of a selection: from a stored count where there is one, else counted up to 10,001."""
    token = selection.counted_token(FacetTokens.for_company(db.company_id).all_products)
    if token is not None:
        stored = f"""
            select coalesce(sum({facet_sql.stored_count(selection)}), 0) from facet_counts
            where company_id = $1 and token = $2 and label = ''"""
        return int(await db.fetch_value(stored, db.company_id, token))
    sql = Parameters()
    rows = (
        f"product_facets s where {selection.where_narrow(sql)}"
        if selection.expression is None
        else f"product_search s where {selection.where(sql)}"
    )
    counted = f"""
        select count(*) from (select from {rows} limit {sql.add(facet_sql.COUNTED + 1)}) s
        where {facet_sql.planned_anew(sql)}"""
    return int(await db.fetch_value(counted, *sql.values))


@dataclass(frozen=True, slots=True)
class UncertainWord:
    """A word that may be misspelled, with its highest number of errors; an unfinished one matches as a prefix."""

    word: str
    errors: int
    unfinished: bool


async def similar_terms(
    db: Reader, uncertain_words: Sequence[UncertainWord], take: int = 200
) -> list[asyncpg.Record]:
    """(word_index, term): the terms that share a part with each word, most common trigrams first."""
    sql = Parameters()
    company = sql.add(db.company_id)
    parts = [
        _similar(index, uncertain, company, sql.add(take), sql) for index, uncertain in enumerate(uncertain_words)
    ]
    return await db.fetch(" union all ".join(parts), *sql.values)


def _similar(index: int, uncertain: UncertainWord, company: str, take: str, sql: Parameters) -> str:
    length = len(uncertain.word)
    longest = TERM_LENGTH.stop if uncertain.unfinished else length + uncertain.errors
    end = f"w.start || {sql.add(LAST)}::text" if uncertain.unfinished else "w.start"
    queries = [
        "select t.term, t.trigrams from search_terms t "
        f"where t.company_id = {company} and t.trigrams @> {sql.add(piece)}"
        for piece in pieces(uncertain.word, uncertain.errors, unfinished=uncertain.unfinished)
    ]
    queries.append(f"""
        select t.term, t.trigrams from unnest({sql.add(transpositions(uncertain.word))}::text[]) w (start)
        join search_terms t
            on t.company_id = {company} and t.term between w.start and {end} and t.trigrams <> '{{}}'""")
    shared = f"(select count(*) from unnest(c.trigrams) g where g = any({sql.add(trigrams(uncertain.word))}::text[]))"
    return f"""(
        select {index} as word_index, c.term from ({" union all ".join(queries)}) c
        where length(c.term) between {sql.add(length - uncertain.errors)} and {sql.add(longest)}
        order by {shared} desc, length(c.term), c.term limit {take})"""


async def terms_with_prefix(db: Reader, prefix: str, take: int) -> list[str]:
    """The shortest terms with this prefix."""
    records = await db.fetch(
        """
        select distinct term, length(term) from search_terms
        where company_id = $1 and term >= $2 and term < $3 and trigrams <> '{}' order by length(term), term limit $4
        """,
        db.company_id,
        prefix,
        prefix + LAST,
        take,
    )
    return [record["term"] for record in records]


async def visible_categories(db: Reader, take: int) -> list[data.CategoryRow]:
    """The categories that customers see, in display order."""
    statement = f"""
        with recursive visible as (
            select id from categories where company_id = $1 and parent_id is null and is_active
            union all
            select c.id from visible v
            join categories c on c.company_id = $1 and c.parent_id = v.id and c.is_active
        )
        select {data.category.columns("c")} from visible v join categories c on c.company_id = $1 and c.id = v.id
        order by c.display_order, c.name, c.id limit $2"""
    return [data.category.from_record(record) for record in await db.fetch(statement, db.company_id, take)]
