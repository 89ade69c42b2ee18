"""The SQL of facets: how many products of selections have each value.

Lists are counted in the narrow table `product_facets` or, if their filters exclude less than they select, by what is
excluded of the stored counts of the whole catalogue. Searches are counted in the search entries of their most popular
matches. Equal arrays are grouped before their values are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from domains.catalog.search.facet_tokens import PREFIX_LENGTH, FacetTokens, TokenKind, price_steps
from domains.catalog.search.filters import ARRAYS, Parameters, Selection
from domains.kernel.database import Reader

# A search's facets are of this many of its matches, the most popular ones, and a count stops one later.
COUNTED: Final = 10_000
# The part of the catalogue above which what is excluded is counted.
_MOST: Final = 0.5
# The part above which arrays are found by their keys, of which there are at most so many.
_MANY: Final = 0.01
_KEYS: Final = 500
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
    """(group_index, kind, number, products, token, label, parent_id) of values of the groups; one statement.

    A value's count is the sum of `products` over its records, some of which are negative, and may be 0. Categories,
    brands and attributes have a token, the others a number or a token: prices their band, ratings the full stars.
    Of the kind ALL it is the number of a search's matches, at most 10,001.
    `label` is the most frequent spelling of a brand or an attribute. The `parent_id` of a category lets the caller
    select one level.
    """
    sql = Parameters()
    company = sql.add(db.company_id)
    filtered = {
        kind for group in groups if group.selection.expression is None for kind in group.selection.array_kinds
    }
    sources = [_distinct_arrays(ARRAYS[kind], company) for kind in sorted(filtered)]
    stored, counts = [], []
    for index, group in enumerate(groups):
        if group.is_stored:
            stored.append(_stored(index, group, company, sql))
            continue
        if not (group.selection.array_kinds or group.selection.expression):
            stored.append(_stored(index, group, company, sql, f"(select is_large from choice_{index})"))
        count = _count_list if group.selection.expression is None else _count_search
        more_sources, more_counts = count(index, group, sql)
        sources += more_sources
        counts += more_counts
    if counts:
        sources.append(f"counted as materialized ({' union all '.join(counts)})")
        stored.append(_named(company))
    statement = f"""
        {f"with {', '.join(sources)}" if sources else ""}
        select f.*, c.parent_id from ({" union all ".join(stored)}) f
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


def _stored(index: int, group: Group, company: str, sql: Parameters, condition: str = "true") -> str:
    counted = f"coalesce(sum({stored_count(group.selection)}) filter (where label = ''), 0)"
    kinds = sql.add([str(kind) for kind in group.kinds])
    return f"""
        (select {index} as group_index, {_KIND} as kind, null::integer as number, {counted} as products, token,
                (array_agg(label order by total desc, label) filter (where label <> ''))[1] as label
         from facet_counts where company_id = {company} and {_KIND} = any({kinds}::text[]) and {condition}
         group by token having {counted} > 0)"""


def _count_list(index: int, group: Group, sql: Parameters) -> tuple[list[str], list[str]]:
    """The common table expressions of a group of a list, and its counts as of `_count_arrays` and `_count_numbers`.

    The rows of the selection are counted or, for most of the catalogue, negatively the others.
    """
    arrays = [kind for kind in ARRAYS if kind in group.kinds]
    numbers = sorted(set(group.kinds) - set(arrays))
    columns = ", ".join([*(f"{ARRAYS[kind]}_key" for kind in arrays), *(["cell"] if numbers else [])])
    ways, sign = _ways(index, group.selection, sql)
    rows = " union all ".join(f"select {columns} from product_facets s where {way}" for way in ways)
    sources = [
        f"choice_{index} as materialized (select {_is_large(group.selection, sql)} as is_large)",
        f"found_{index} as ({rows})",
    ]
    counts = [_count_arrays(index, kind, _arrays_of(index, kind, group.selection, sql), sign) for kind in arrays]
    return sources, counts + [
        _count_numbers(index, kind, *_CELLS[kind], f"found_{index}", f"{sign} * count(*)") for kind in numbers
    ]


def _ways(index: int, selection: Selection, sql: Parameters) -> tuple[list[str], str]:
    """The conditions of the rows to count, of which some are executed, and the sign of the counts."""
    is_large = f"(select is_large from choice_{index})"
    rows = f"not {is_large} and {selection.where_narrow(sql)}"
    if selection.array_kinds:
        return [rows, f"{is_large} and {selection.where_keys(sql, _keys)}"], "1"
    others = [f"{is_large} and {each}" for each in selection.excluded(sql)]
    return [rows, *others], f"(case when {is_large} then -1 else 1 end)"


def _is_large(selection: Selection, sql: Parameters) -> str:
    """Whether a selection is the most of the catalogue or, of one with arrays, whether to find these by their keys.

    The parts that filters select are multiplied. A part of a price band is expected to have as large a part of its
    products.
    """
    tokens = FacetTokens.for_company(selection.company_id)
    company, counted = sql.add(selection.company_id), stored_count(selection)

    def part(shares: Mapping[str, float]) -> str:
        return _part(shares, counted, company, sql.add(tokens.all_products), sql)

    kinds = selection.array_kinds
    factors = [
        part(dict.fromkeys(each, 1.0)) for (kind, _), each in selection.any_of.items() if not kinds or kind in kinds
    ]
    if kinds:
        few = [f"(select count(*) from distinct_{ARRAYS[kind]}) <= {_KEYS}" for kind in sorted(kinds)]
        return " and ".join([f"{' * '.join(factors)} > {_MANY}", *few])
    factors += [f"(1 - {part({each: 1.0})})" for each in selection.none_of.values()]
    if selection.lowest_price is not None or selection.highest_price is not None:
        factors.append(part(tokens.price_shares(selection.lowest_price, selection.highest_price)))
    if selection.lowest_rating is not None and selection.lowest_rating >= 1:
        factors.append(part({tokens.ratings(selection.lowest_rating)[0]: 1.0}))
    return f"{' * '.join(factors) or '1'} > {_MOST}"


def _part(shares: Mapping[str, float], counted: str, company: str, all_products: str, sql: Parameters) -> str:
    """The part of the catalogue that has the tokens, each of which counts by its share."""
    weights = f"unnest({sql.add(list(shares))}::text[], {sql.add(list(shares.values()))}::float8[])"
    of_token = f"from facet_counts c where c.company_id = {company} and c.label = '' and c.token"
    return f"""coalesce((
        select sum(({counted}) * weight) from {weights} w (token, weight), lateral (
            select listed, total {of_token} = w.token) c
        ) / nullif((select sum({counted}) {of_token} = {all_products}), 0), 0)"""


def _keys(column: str, condition: str) -> str:
    """The keys of the arrays of a column that meet a condition."""
    return f"select {column}_key from distinct_{column} s where {condition}"


def _distinct_arrays(column: str, company: str) -> str:
    """A table of the distinct arrays of a column with their keys, of which it reads one row each; or too many."""
    row = f"(select {column}_key, {column} from product_facets where company_id = {company}"
    return f"""
        distinct_{column} as materialized (
            with recursive s as (
                {row} order by {column}_key limit 1)
                union all
                select n.* from s, lateral {row} and {column}_key > s.{column}_key order by {column}_key limit 1) n
            ) select * from s limit {_KEYS + 1})"""


def _arrays_of(index: int, kind: TokenKind, selection: Selection, sql: Parameters) -> str:
    """(array, products) of the distinct arrays of found rows, each read from one row that has it."""
    column, company = ARRAYS[kind], sql.add(selection.company_id)
    return f"""
        (select f.{column}, g.products
         from (select {column}_key as key, count(*) as products from found_{index} group by 1) g, lateral (
             select {column} from product_facets where company_id = {company} and {column}_key = g.key limit 1) f)"""


def _count_search(index: int, group: Group, sql: Parameters) -> tuple[list[str], list[str]]:
    """The same of a search, in its most popular matches; of one more the number of matches."""
    found = f"""
        found_{index} as materialized (
            select {_COLUMNS}, row_number() over (order by s.popularity desc, s.product_id desc) as place
            from product_search s where {group.selection.where(sql)}
            order by s.popularity desc, s.product_id desc limit {sql.add(COUNTED + 1)})"""
    top = f"top_{index} as not materialized (select * from found_{index} where place <= {sql.add(COUNTED)})"
    counts = []
    for kind in sorted(group.kinds):
        if kind in ARRAYS:
            rows = f"(select {ARRAYS[kind]}, count(*) as products from top_{index} group by {ARRAYS[kind]})"
            counts.append(_count_arrays(index, kind, rows, "1"))
            continue
        steps = sql.add(price_steps()) if kind is TokenKind.PRICE else ""
        number, condition = {
            TokenKind.ALL: ("1", "true"),
            TokenKind.PRICE: (f"width_bucket(price, {steps}::numeric[])", "true"),
            TokenKind.RATING: ("floor(rating)::integer", "rating >= 1"),
            TokenKind.STOCK: ("1", "in_stock"),
            TokenKind.FEATURED: ("1", "is_featured"),
        }[kind]
        rows = f"found_{index}" if kind is TokenKind.ALL else f"top_{index}"
        counts.append(_count_numbers(index, kind, number, condition, rows, "count(*)"))
    return [found, top], counts


def _count_arrays(index: int, kind: TokenKind, rows: str, sign: str) -> str:
    """(group_index, kind, facet_id, number, products) of a facet of arrays, from (array, products)."""
    return f"""
        select {index} as group_index, '{kind}' as kind, facet_id, null::integer as number,
               {sign} * sum(products) as products
        from {rows} arrays, unnest({ARRAYS[kind]}) facet_id group by facet_id"""


def _count_numbers(index: int, kind: TokenKind, number: str, condition: str, rows: str, counted: str) -> str:
    """The same of a facet of a column."""
    return f"""
        select {index} as group_index, '{kind}' as kind, null::bigint as facet_id, {number} as number,
               {counted}::numeric as products
        from {rows} where {condition} group by 4"""


def _named(company: str) -> str:
    """What is counted, with the tokens of ids and the most frequent spellings."""
    return f"""
        (select counted.group_index, counted.kind, counted.number, counted.products, spelling.token, spelling.label
         from counted left join (
             select distinct on (facet_id) facet_id, token, nullif(label, '') as label from (
                 select n.facet_id, n.token, n.label, sum(n.total) as total from facet_counts n
                 where n.company_id = {company} and n.facet_id = any(array(select facet_id from counted))
                 group by n.facet_id, n.token, n.label
             ) labels order by facet_id, label = '', total desc, label
         ) spelling on spelling.facet_id = counted.facet_id)"""
