"""The SQL of facets: how many products of selections have each value.

Lists are counted in the narrow table `product_facets` or, if their filters exclude less than they select, by what is
excluded of the stored counts of the whole catalogue. Searches are counted in the search entries of their most popular
matches. Equal arrays are grouped before their values are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Final

import asyncpg

from domains.catalog.search.facet_tokens import PREFIX_LENGTH, FacetTokens, TokenKind
from domains.catalog.search.filters import ARRAYS, Parameters, Selection
from domains.kernel.database import Reader

# A search's facets are of this many of its matches, the most popular ones, and a count stops one later.
COUNTED: Final = 10_000
# The part of a large catalogue above which what is excluded is counted.
_MOST: Final = 0.5
# The number of products above which arrays are found by their keys, of which there are at most so many.
_MANY: Final = 1_000
_KEYS: Final = 500
# Of a cell of `product_facets`: the number that a facet counts, and which cells it counts.
_CELLS: Final = {
    TokenKind.PRICE: ("cell / 24", "true"),
    TokenKind.RATING: ("cell / 4 % 6", "cell / 4 % 6 >= 1"),
    TokenKind.STOCK: ("1", "cell & 2 > 0"),
    TokenKind.FEATURED: ("1", "cell & 1 > 0"),
}
_KIND: Final = f"substr(token, {PREFIX_LENGTH}, 1)"
_VALUE: Final = f"substr(token, {PREFIX_LENGTH + 1})"


class Way(Enum):
    """How the rows of lists are found: by their filters; as the statement chooses; or by the keys of their arrays."""

    FILTERS = auto()
    CHOICE = auto()
    KEYS = auto()


@dataclass(frozen=True, slots=True)
class Group:
    """A selection, and the facets to count in it."""

    selection: Selection
    kinds: Collection[TokenKind]

    @property
    def is_stored(self) -> bool:
        """Whether the counts are those of the whole catalogue."""
        return self.selection.is_whole_catalogue

    @property
    def has_keys(self) -> bool:
        """Whether its rows can be found by the keys of arrays."""
        return self.selection.expression is None and bool(self.selection.array_kinds)


async def facets(db: Reader, groups: Sequence[Group], way: Way) -> list[asyncpg.Record]:
    """(group_index, kind, number, products, token, label, parent_id) of values of the groups; one statement.

    A value's count is the sum of `products` over its records, some of which are negative, and may be 0. Categories,
    brands and attributes have a token, the others a number or a token: prices their band, ratings the full stars.
    Of the kind ALL it is the number of a search's matches, at most 10,001, and without a group that of all products;
    its number is then 1 if `Way.KEYS` is the best way, and null if that is not known. That way has one plan for all
    values, and is for groups with keys and stored ones only. To choose takes longest to plan.
    `label` is the most frequent spelling of a brand or an attribute. The `parent_id` of a category lets the caller
    select one level.
    """
    sql = Parameters()
    company = sql.add(db.company_id)
    lists = [] if way is Way.FILTERS else [group.selection for group in groups if group.selection.expression is None]
    filtered = sorted({kind for selection in lists for kind in selection.array_kinds})
    sources = [_distinct_arrays(ARRAYS[kind], company, is_whole=way is Way.KEYS) for kind in filtered]
    stored, counts = [], []
    for index, group in enumerate(groups):
        if group.is_stored:
            stored.append(_stored(index, group, company, sql))
            continue
        if group.selection in lists and not group.has_keys:
            stored.append(_stored(index, group, company, sql, f"(select is_large from choice_{index})"))
        is_list = group.selection.expression is None
        count = partial(_count_list, way=way) if is_list else _count_search
        more_sources, more_counts = count(index, group, sql)
        sources += more_sources
        counts += more_counts
    if counts:
        sources.append(f"counted as materialized ({' union all '.join(counts)})")
        all_products = FacetTokens.for_company(db.company_id).all_products
        stored += [_named(company), _size(company, all_products, _are_keys_best(groups, way), sql)]
    statement = f"""
        {f"with {', '.join(sources)}" if sources else ""}
        select f.*, c.parent_id from ({" union all ".join(stored)}) f
        left join categories c on c.company_id = {company}
            and c.id = case when {_KIND} = '{TokenKind.CATEGORY}' then {_VALUE}::uuid end
        where {"true" if way is Way.KEYS else planned_anew(sql)}"""
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


def _size(company: str, all_products: str, are_keys_best: str, sql: Parameters) -> str:
    """The number of products of the catalogue, and whether its lists are best found by keys."""
    return f"""
        (select null::integer as group_index, '{TokenKind.ALL}' as kind, ({are_keys_best})::integer as number,
                coalesce(sum(total), 0) as products, null as token, null as label
         from facet_counts where company_id = {company} and token = {sql.add(all_products)} and label = '')"""


def _are_keys_best(groups: Sequence[Group], way: Way) -> str:
    """Whether each group is chosen to be found by keys, or still can; null if not all of them have keys."""
    counted = {index: group for index, group in enumerate(groups) if not group.is_stored}
    if way is Way.FILTERS or not all(group.has_keys for group in counted.values()):
        return "null::boolean"
    if way is Way.CHOICE:
        return " and ".join(f"(select is_large from choice_{index})" for index in counted)
    return " and ".join(_few({kind for group in counted.values() for kind in group.selection.array_kinds}))


def _count_list(index: int, group: Group, sql: Parameters, *, way: Way) -> tuple[list[str], list[str]]:
    """The common table expressions of a group of a list, and its counts as of `_count_arrays` and `_count_numbers`.

    The rows of the selection are counted or, for most of the catalogue, negatively the others.
    """
    conditions, sign = _conditions(index, group.selection, sql, way)
    rows = " union all ".join(f"select {_columns(group)} from product_facets s where {each}" for each in conditions)
    sources = [f"found_{index} as ({rows})"]
    if way is Way.CHOICE:
        sources.append(f"choice_{index} as materialized (select {_is_large(group.selection, sql)} as is_large)")
    cells, counts = _counts(index, group, f"found_{index}", sign, sql)
    return [*sources[::-1], *cells], counts


def _count_search(index: int, group: Group, sql: Parameters) -> tuple[list[str], list[str]]:
    """The same of a search, in its most popular matches; of one more the number of matches."""
    found = f"""
        found_{index} as materialized (
            select {_columns(group)} from product_search s where {group.selection.where(sql)}
            order by s.popularity desc, s.product_id desc limit {sql.add(COUNTED + 1)})"""
    # A common table expression is read in the order in which it was made.
    top = f"top_{index} as not materialized (select * from found_{index} limit {sql.add(COUNTED)})"
    cells, counts = _counts(index, group, f"top_{index}", "1", sql)
    if TokenKind.ALL in group.kinds:
        counts.append(_count_numbers(index, TokenKind.ALL, "1", "true", f"found_{index}", "count(*)"))
    return [found, top, *cells], counts


def _columns(group: Group) -> str:
    """The columns that the facets of a group are counted by."""
    keys = [f"{column}_key" for kind, column in ARRAYS.items() if kind in group.kinds]
    return ", ".join([*keys, *(["cell"] if _CELLS.keys() & set(group.kinds) else [])])


def _counts(index: int, group: Group, rows: str, sign: str, sql: Parameters) -> tuple[list[str], list[str]]:
    """The counts of a group in rows of keys and cells, and a table expression of its cells if it counts any."""
    company_id = group.selection.company_id
    arrays = [
        _count_arrays(index, kind, _arrays_of(kind, rows, sql.add(company_id)), sign)
        for kind in ARRAYS
        if kind in group.kinds
    ]
    numbers = [kind for kind in sorted(_CELLS) if kind in group.kinds]
    cells = f"cells_{index} as materialized (select cell, count(*) as products from {rows} group by cell)"
    counts = [
        _count_numbers(index, kind, *_CELLS[kind], f"cells_{index}", f"{sign} * sum(products)") for kind in numbers
    ]
    return [cells] if numbers else [], arrays + counts


def _conditions(index: int, selection: Selection, sql: Parameters, way: Way) -> tuple[list[str], str]:
    """The conditions of the rows to count, of which some are executed, and the sign of the counts."""
    if way is Way.FILTERS:
        return [selection.where_narrow(sql)], "1"
    if way is Way.KEYS:
        return [selection.where_keys(sql, _keys)], "1"
    is_large = f"(select is_large from choice_{index})"
    rows = f"not {is_large} and {selection.where_narrow(sql)}"
    if selection.array_kinds:
        return [rows, f"{is_large} and {selection.where_keys(sql, _keys)}"], "1"
    others = [f"{is_large} and {each}" for each in selection.excluded(sql)]
    return [rows, *others], f"(case when {is_large} then -1 else 1 end)"


def _is_large(selection: Selection, sql: Parameters) -> str:
    """Whether a selection is most of the catalogue or, of one with arrays, whether to find these by their keys.

    The parts that filters select are multiplied. A part of a price band is expected to have as large a part of its
    products.
    """
    tokens, kinds = FacetTokens.for_company(selection.company_id), selection.array_kinds
    company, counted = sql.add(selection.company_id), stored_count(selection)
    total = _weighed({tokens.all_products: 1.0}, counted, company, sql)

    def part(shares: Mapping[str, float]) -> str:
        return f"{_weighed(shares, counted, company, sql)} / nullif({total}, 0)"

    parts = [
        part(dict.fromkeys(each, 1.0)) for (kind, _), each in selection.any_of.items() if not kinds or kind in kinds
    ]
    if kinds:
        return " and ".join([f"coalesce({' * '.join([total, *parts])}, 0) > {_MANY}", *_few(kinds)])
    parts += [f"(1 - {part({each: 1.0})})" for each in selection.none_of.values()]
    if selection.lowest_price is not None or selection.highest_price is not None:
        parts.append(part(tokens.price_shares(selection.lowest_price, selection.highest_price)))
    if selection.lowest_rating is not None and selection.lowest_rating >= 1:
        parts.append(part({tokens.ratings(selection.lowest_rating)[0]: 1.0}))
    return f"coalesce({' * '.join(parts) or '1'}, 0) > {_MOST}"


def _weighed(shares: Mapping[str, float], counted: str, company: str, sql: Parameters) -> str:
    """The number of products that have the tokens, each of which counts by its share."""
    weights = f"unnest({sql.add(list(shares))}::text[], {sql.add(list(shares.values()))}::float8[])"
    return f"""
        (select coalesce(sum(({counted}) * weight), 0) from {weights} w (token, weight), lateral (
             select listed, total from facet_counts c
             where c.company_id = {company} and c.token = w.token and c.label = '') c)"""


def _few(kinds: Collection[TokenKind]) -> list[str]:
    """Whether there are few distinct arrays, for each kind."""
    return [f"(select count(*) from distinct_{ARRAYS[kind]}) <= {_KEYS}" for kind in sorted(kinds)]


def _keys(column: str, condition: str) -> str:
    """The keys of the arrays of a column that meet a condition."""
    return f"select {column}_key from distinct_{column} s where {condition}"


def _distinct_arrays(column: str, company: str, *, is_whole: bool) -> str:
    """A table of the distinct arrays of a column with their keys, of which it reads one row each.

    Unless it `is_whole` it ends when there are too many to find rows by.
    """
    row = f"(select {column}_key, {column} from product_facets where company_id = {company}"
    return f"""
        distinct_{column} as materialized (
            with recursive s as (
                {row} order by {column}_key limit 1)
                union all
                select n.* from s, lateral {row} and {column}_key > s.{column}_key order by {column}_key limit 1) n
            ) select * from s{"" if is_whole else f" limit {_KEYS + 1}"})"""


def _arrays_of(kind: TokenKind, rows: str, company: str) -> str:
    """(array, products) of the distinct arrays of rows, each read from one product that has it."""
    column = ARRAYS[kind]
    return f"""
        (select f.{column}, g.products
         from (select {column}_key as key, count(*) as products from {rows} group by 1) g, lateral (
             select {column} from product_facets where company_id = {company} and {column}_key = g.key limit 1) f)"""


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
