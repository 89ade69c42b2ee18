"""The SQL of facets: how many products of selections have each value.

Lists are counted in the narrow table `product_facets`, searches in the search entries of their most popular matches,
and the whole catalogue is stored as counts. Each facet reads the rows once more, which is quicker than one reading of
all columns; equal arrays are grouped before their values are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from domains.catalog.search.facet_tokens import PREFIX_LENGTH, TokenKind, price_steps
from domains.catalog.search.filters import ARRAYS, Parameters, Selection
from domains.kernel.database import Reader

# A search's facets are of this many of its matches, the most popular ones, and a count stops one later.
COUNTED: Final = 10_000
_COLUMNS: Final = "categories, brands, attributes, price, rating, in_stock, is_featured"
_KIND: Final = f"substr(token, {PREFIX_LENGTH}, 1)"
_VALUE: Final = f"substr(token, {PREFIX_LENGTH + 1})"


@dataclass(frozen=True, slots=True)
class Group:
    """A selection, and the facets to count in it."""

    selection: Selection
    kinds: Collection[TokenKind]

    @property
    def is_stored(self) -> bool:
        """Whether the counts are those of the whole catalogue."""
        return self.selection.expression is None and not self.selection.filtered_facets


async def facets(db: Reader, groups: Sequence[Group]) -> list[asyncpg.Record]:
    """(group_index, kind, number, products, token, label, parent_id) of each value of the groups; one statement.

    Categories, brands and attributes have a token, the others a number: prices their band, ratings the full stars.
    The whole catalogue has tokens only. `label` is the most frequent spelling of a brand or an attribute. The
    `parent_id` of a category lets the caller select one level.
    """
    sql = Parameters()
    company = sql.add(db.company_id)
    stored = [_stored(index, group, company, sql) for index, group in enumerate(groups) if group.is_stored]
    sources, counts = [], []
    for index, group in enumerate(groups):
        if not group.is_stored:
            source, rows = _source(index, group.selection, sql)
            sources += source
            counts += [_count(index, kind, rows, sql) for kind in sorted(group.kinds)]
    named = [_named(sources, counts, company)] if counts else []
    statement = f"""
        select f.*, c.parent_id from ({" union all ".join([*stored, *named])}) f
        left join categories c on c.company_id = {company}
            and c.id = case when {_KIND} = '{TokenKind.CATEGORY}' then {_VALUE}::uuid end
        where {planned_anew(sql)}"""
    return await db.fetch(statement, *sql.values)


def planned_anew(sql: Parameters) -> str:
    """A true condition that makes PostgreSQL plan a statement for its values, each time.

    Values differ a thousandfold in frequency, and a plan for any value may take a hundred times as long. For unknown
    values each of the series, which are empty, is expected to have a thousand rows, so that such a plan seems to cost
    more than any other.
    """
    series = f"generate_series(1, {sql.add(0)}::integer)"
    return f"(select count(*) from {series} a, {series} b, {series} c) = 0"


def stored_count(selection: Selection) -> str:
    """The column of `facet_counts` that counts the listed products, the others, or all."""
    return {True: "listed", False: "total - listed", None: "total"}[selection.listed]


def _stored(index: int, group: Group, company: str, sql: Parameters) -> str:
    counted = f"coalesce(sum({stored_count(group.selection)}) filter (where label = ''), 0)"
    kinds = sql.add([str(kind) for kind in group.kinds])
    return f"""
        (select {index} as group_index, {_KIND} as kind, null::integer as number, {counted} as products, token,
                (array_agg(label order by total desc, label) filter (where label <> ''))[1] as label
         from facet_counts where company_id = {company} and {_KIND} = any({kinds}::text[])
         group by token having {counted} > 0)"""


def _source(index: int, selection: Selection, sql: Parameters) -> tuple[list[str], str]:
    """The common table expression that a group needs, if any, and the rows that it counts."""
    if selection.expression is None:
        return [], f"(select {_COLUMNS} from product_facets s where {selection.where_narrow(sql)}) s"
    found = f"""
        found_{index} as materialized (
            select {_COLUMNS} from product_search s where {selection.where(sql)}
            order by s.popularity desc, s.product_id desc limit {sql.add(COUNTED)})"""
    return [found], f"found_{index} s"


def _count(index: int, kind: TokenKind, rows: str, sql: Parameters) -> str:
    """(group_index, kind, facet_id, number, products) of one facet."""
    start = f"select {index} as group_index, '{kind}' as kind"
    if kind in ARRAYS:
        array = ARRAYS[kind]
        return f"""
            {start}, facet_id, null::integer as number, sum(products) as products
            from (select {array}, count(*) as products from {rows} group by {array}) arrays, unnest({array}) facet_id
            group by facet_id"""
    steps = sql.add(price_steps()) if kind is TokenKind.PRICE else ""
    number, condition = {
        TokenKind.PRICE: (f"width_bucket(price, {steps}::numeric[])", "true"),
        TokenKind.RATING: ("floor(rating)::integer", "rating >= 1"),
        TokenKind.STOCK: ("1", "in_stock"),
        TokenKind.FEATURED: ("1", "is_featured"),
    }[kind]
    return f"""
        {start}, null::bigint as facet_id, number, count(*)::numeric as products
        from (select {number} as number from {rows} where {condition}) numbers group by number"""


def _named(sources: Sequence[str], counts: Sequence[str], company: str) -> str:
    """The counts with the tokens of their ids and the most frequent spellings."""
    return f"""
        (with {", ".join([*sources, f"counted as materialized ({' union all '.join(counts)})"])}
         select counted.group_index, counted.kind, counted.number, counted.products, spelling.token, spelling.label
         from counted left join (
             select distinct on (facet_id) facet_id, token, nullif(label, '') as label from (
                 select n.facet_id, n.token, n.label, sum(n.total) as total from facet_counts n
                 where n.company_id = {company} and n.facet_id = any(array(select facet_id from counted))
                 group by n.facet_id, n.token, n.label
             ) labels order by facet_id, label = '', total desc, label
         ) spelling on spelling.facet_id = counted.facet_id)"""
