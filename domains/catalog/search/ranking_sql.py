"""The SQL of pages by relevance: how the matches of a search are ranked.

The matches of a rare search are all ranked. A search is frequent when each of its words and filters is in more than
an eighth of the listed products, and all of them are likely in more than a sixteenth. It has its 1,000 most popular
matches and all products with the words in their names ranked; its other matches follow by popularity. The kept
frequencies of words (`search_terms`) and the stored counts of filters decide, in the statement.

Sort values tell where a row is, so that a cursor continues in the same way whatever the frequencies have become: the
rank alone (0 to 1) where all are ranked; the rank above 10 for the ranked ones of a frequent search; negative, the
popularity less 2^32, for those that follow.
"""

from dataclasses import dataclass, replace
from typing import Final

from domains.catalog.search import facet_sql
from domains.catalog.search.documents import search_expression
from domains.catalog.search.facet_tokens import FacetTokens
from domains.catalog.search.filters import Parameters, Selection
from domains.catalog.search.normalization import lexemes
from domains.kernel.pagination.keyset import Keyset
from domains.kernel.pagination.sql_lists import conjunction

# The most popular matches that are ranked.
RANKED: Final = 1_000
# A word is frequent when more than one product of so many has it; a search, when all its words and filters are ...
RARITY: Final = 8
# ... and would leave more than one product of so many if they were independent of each other.
RARITY_TOGETHER: Final = 16
RANK_START: Final = 10.0
_POPULARITY_START: Final = 2.0**32
# The greatest character: texts with a prefix are between the prefix and the prefix with this character.
LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Ranking:
    """A page of a search by relevance: the parts of its statement."""

    index: int
    selection: Selection
    keyset: Keyset
    sql: Parameters
    is_rare: bool = False

    @property
    def is_planned_once(self) -> bool:
        """Whether one plan is good for all words: that of the arm for a rare search."""
        return self.is_rare and (self._value is None or self._is_whole_rank)

    def page(self) -> str:
        """The select of (selection_index, product_id, sort_value).

        Without a cursor it has an arm for a rare and one for a frequent search, of which PostgreSQL executes one,
        unless the search is known to be rare.
        """
        if not self.selection.alternatives or self.is_planned_once:
            return self._whole()
        if self._value is None:
            is_frequent = "(select is_frequent from frequency)"
            arms = f"({self._whole(f'not {is_frequent}')}) union all ({self._parted(is_frequent)})"
        else:
            arms = self._whole() if self._is_whole_rank else f"select * from ({self._parted()}) parted"
        return f"with frequency as materialized ({self._frequency()}) {arms}"

    @property
    def _value(self) -> float | None:
        """The sort value of the cursor."""
        return None if self.keyset.cursor is None else self.keyset.cursor[0]

    @property
    def _is_whole_rank(self) -> bool:
        """Whether the cursor is one of a search whose matches are all ranked."""
        return self._value is not None and 0 <= self._value < RANK_START

    def _whole(self, condition: str = "true") -> str:
        return self._page(self._ranked(self.selection, "s.product_id", f"and {condition}"))

    def _parted(self, condition: str = "true") -> str:
        """The page of a frequent search."""
        named = replace(self.selection, expression=self._expression(in_name=True))
        is_frequent_name = "(select is_frequent_name from frequency)"
        first = f"order by s.popularity desc, s.product_id desc limit {RANKED}"
        popular = self._ranked(self.selection, "s.product_id, s.popularity", f"and {condition} {first}")
        all_named = self._ranked(named, "s.product_id", f"and {condition} and not {is_frequent_name}")
        top_named = self._ranked(named, "s.product_id", f"and {condition} and {is_frequent_name} {first}")
        # A product may be in both; of each, a page is enough.
        ranked = " union ".join(f"({self._first(each)})" for each in ("popular", "named"))
        return f"""
            with popular as materialized ({popular}),
                 named as materialized (({all_named}) union all ({top_named})),
                 ranked as materialized ({ranked})
            {self._page(f"select * from ranked union all ({self._following(condition)})")}"""

    def _first(self, ranked: str) -> str:
        """The first of these ranked products beyond the cursor: at most a page of them."""
        return f"""
            select s.product_id, s.rank from (select product_id, rank + {RANK_START} as rank from {ranked}) s
            where true {conjunction(self.keyset.beyond, self.sql.values)}
            order by {self.keyset.order_by} limit {self.sql.add(self.keyset.limit)}"""

    def _following(self, condition: str) -> str:
        """The matches that are not ranked, by popularity: at most a page of them, and none after a full page."""
        if self.keyset.backwards:
            condition += f" and (select count(*) from ranked) < {self.sql.add(self.keyset.limit)}"
        return f"""
            select s.product_id, s.popularity - {_POPULARITY_START} as rank from product_search s
            where {self.selection.where(self.sql)} and {condition} {self._beyond_cursor()}
              and (s.popularity, s.product_id) < (
                  select popularity, product_id from popular order by popularity desc, product_id desc
                  offset {RANKED - 1})
              and s.product_id not in (select product_id from named)
            order by s.popularity {self.keyset.direction}, s.product_id {self.keyset.direction}
            limit {self.sql.add(self.keyset.limit)}"""

    def _beyond_cursor(self) -> str:
        """The condition of the keyset on popularity, which an index can find; the page has the same on ranks."""
        if self._value is None or self.keyset.cursor is None:
            return ""
        if self._value >= 0:
            return "" if self.keyset.backwards else "and false"
        # A forged value may be smaller than any popularity.
        popularity = int(max(self._value, -2 * _POPULARITY_START) + _POPULARITY_START)
        sign = "<" if self.keyset.backwards else ">"
        place = f"{self.sql.add(popularity)}::bigint, {self.sql.add(self.keyset.cursor[1])}"
        return f"and (s.popularity, s.product_id) {sign} ({place})"

    def _ranked(self, selection: Selection, columns: str, more: str) -> str:
        """The matches of a selection with their ranks for the searched words.

        1 divides the rank by the document's length (its logarithm).
        """
        expression = self.sql.add(self.selection.expression)
        return f"""
            select {columns}, ts_rank(s.document, {expression}::text::tsquery, 1)::float8 as rank
            from product_search s where {selection.where(self.sql)} {more}"""

    def _page(self, rows: str) -> str:
        beyond = conjunction(self.keyset.beyond, self.sql.values)
        return f"""
            select {self.index} as selection_index, s.product_id, s.rank as sort_value
            from ({rows}) s where true {beyond}
            order by {self.keyset.order_by} limit {self.sql.add(self.keyset.limit)}"""

    def _expression(self, *, in_name: bool) -> str:
        code = FacetTokens.for_company(self.selection.company_id).code
        return search_expression(code, self.selection.alternatives, in_name=in_name)

    def _frequency(self) -> str:
        """Whether the search is frequent, and whether its words are in names; false before the first count."""
        company = self.sql.add(self.selection.company_id)
        bounds = ", ".join(f"({count})" for count in (*self._words("products", company), *self._filters(company)))
        names = ", ".join(f"({count})" for count in self._words("names", company))
        return f"""
            select coalesce({RARITY} * found.fewest > whole.products and {RARITY_TOGETHER} * found.share > 1, false)
                       as is_frequent,
                   coalesce({RARITY} * named.fewest > whole.products, false) as is_frequent_name
            from (
                select nullif(max(products), 0) as products from search_terms
                where company_id = {company} and term = ''
            ) whole
            cross join lateral (
                select min(count) as fewest, exp(sum(ln(greatest(least(count / whole.products::float8, 1), 1e-9))))
                    as share
                from (values {bounds}) bound (count)
            ) found
            cross join (select min(count) as fewest from (values {names}) bound (count)) named"""

    def _words(self, column: str, company: str) -> list[str]:
        """How many products have each word, at most: the sum of its alternatives and, if unfinished, of its terms."""
        last = len(self.selection.alternatives)
        return [
            " + ".join(self._choice(choice, column, company, is_last=position == last) for choice in choices)
            for position, choices in enumerate(self.selection.alternatives, 1)
        ]

    def _choice(self, choice: str, column: str, company: str, *, is_last: bool) -> str:
        counts = []
        for lexeme, is_beginning in lexemes(choice):
            start = self.sql.add(lexeme)
            found = f"= {start}"
            if is_last or is_beginning:
                found = f"between {start} and {self.sql.add(lexeme + LAST)}"
            counts.append(
                f"(select coalesce(sum({column}), 0) from search_terms where company_id = {company} and term {found})"
            )
        return f"least({', '.join(counts)})"

    def _filters(self, company: str) -> list[str]:
        """How many products each filter leaves, at most, from the stored counts of its tokens."""
        selection, tokens = self.selection, FacetTokens.for_company(self.selection.company_id)
        wanted = list(selection.any_of.values())
        if selection.lowest_price is not None or selection.highest_price is not None:
            wanted.append(tokens.prices(selection.lowest_price, selection.highest_price))
        if selection.lowest_rating is not None and selection.lowest_rating >= 1:
            wanted.append(tokens.ratings(selection.lowest_rating)[:1])
        if selection.listed is False:
            wanted.append([tokens.all_products])
        counted = facet_sql.stored_count(selection)
        return [
            f"(select coalesce(sum({counted}), 0) from facet_counts where company_id = {company} and label = '' "
            f"and token = any({self.sql.add(list(each))}::text[]))"
            for each in wanted
        ]
