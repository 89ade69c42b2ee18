"""The SQL of facets: how many products of selections have each value.

Lists are counted in the narrow table `product_facets`, searches in the search entries of their most popular matches,
and the whole catalogue is stored as counts. Equal arrays are grouped before their values are.
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
# Of a cell of `product_facets`: the number that a facet counts, and which cells it counts.
_CELLS: Final = {
    TokenKind.PRICE: ("cell / 24", "true"),
    TokenKind.RATING: ("cell / 4 % 6", "cell / 4 % 6 >= 1"),
    TokenKind.STOCK: ("1", "cell & 2 > 0"),
    TokenKind.FEATURED: ("1", "cell & 1 > 0"),
}
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
        return self.selection.is_whole_catalogue


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
            count = _count_list if group.selection.expression is None else _count_search
            more_sources, more_counts = count(index, group, sql)
            sources += more_sources
            counts += more_counts
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


def _count_list(index: int, group: Group, sql: Parameters) -> tuple[list[str], list[str]]:
    """The common table expression of a group of a list, and its counts as of `_count_arrays` and `_count_numbers`.

    One scan groups the products by each array's hash, with a row that has the array, and by cell, of which each facet
    of a column adds up those that it counts.
    """
    arrays = [kind for kind in ARRAYS if kind in group.kinds]
    columns = sorted(set(group.kinds) - set(arrays))
    keys = [*(f"{ARRAYS[kind]}_key" for kind in arrays), *(["cell"] if columns else [])]
    source = f"""
        sets_{index} as materialized (
            select {"cell" if columns else "null::smallint as cell"}, count(*) as products, min(s.ctid) as place,
                   grouping({", ".join(keys)}) as others
            from product_facets s where {group.selection.where_narrow(sql)}
            group by grouping sets ({", ".join(f"({key})" for key in keys)}))"""
    # `grouping` has a bit for each key by which a row is not grouped, the last key's first.
    others = {key: 2 ** len(keys) - 1 - 2**place for place, key in enumerate(reversed(keys))}
    counts = [
        _count_arrays(
            index,
            kind,
            f"""(select f.{ARRAYS[kind]}, g.products from sets_{index} g join product_facets f on f.ctid = g.place
                 where g.others = {others[f"{ARRAYS[kind]}_key"]})""",
        )
        for kind in arrays
    ]
    cells = f"(select cell, products from sets_{index} where others = {others.get('cell')}) cells"
    counts += [_count_numbers(index, kind, *_CELLS[kind], cells, "sum(products)") for kind in columns]
    return [source], counts


def _count_search(index: int, group: Group, sql: Parameters) -> tuple[list[str], list[str]]:
    """The same of a search, in its most popular matches."""
    found = f"""
        found_{index} as materialized (
            select {_COLUMNS} from product_search s where {group.selection.where(sql)}
            order by s.popularity desc, s.product_id desc limit {sql.add(COUNTED)})"""
    counts = []
    for kind in sorted(group.kinds):
        if kind in ARRAYS:
            rows = f"(select {ARRAYS[kind]}, count(*) as products from found_{index} group by {ARRAYS[kind]})"
            counts.append(_count_arrays(index, kind, rows))
            continue
        steps = sql.add(price_steps()) if kind is TokenKind.PRICE else ""
        number, condition = {
            TokenKind.PRICE: (f"width_bucket(price, {steps}::numeric[])", "true"),
            TokenKind.RATING: ("floor(rating)::integer", "rating >= 1"),
            TokenKind.STOCK: ("1", "in_stock"),
            TokenKind.FEATURED: ("1", "is_featured"),
        }[kind]
        counts.append(_count_numbers(index, kind, number, condition, f"found_{index}", "count(*)"))
    return [found], counts


def _count_arrays(index: int, kind: TokenKind, rows: str) -> str:
    """(group_index, kind, facet_id, number, products) of a facet of arrays, from (array, products)."""
    return f"""
        select {index} as group_index, '{kind}' as kind, facet_id, null::integer as number, sum(products) as products
        from {rows} arrays, unnest({ARRAYS[kind]}) facet_id group by facet_id"""


def _count_numbers(index: int, kind: TokenKind, number: str, condition: str, rows: str, counted: str) -> str:
    """The same of a facet of a column."""
    return f"""
        select {index} as group_index, '{kind}' as kind, null::bigint as facet_id, {number} as number,
               {counted}::numeric as products
        from {rows} where {condition} group by 4"""


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
