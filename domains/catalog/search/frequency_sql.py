"""Frequencies: how many listed products have each word, by which a search is ranked.

They are counted again when the number of listed products has changed by a tenth, and every six hours. Until then a
word counts as it did, which changes how a search is ranked only for words near an eighth of the products. Above
10,000 products they are estimated by a sample of at least as many, which is right to about a tenth for such words.
"""

from typing import Final

from domains.catalog.search.documents import NAME_MARK
from domains.catalog.search.facet_tokens import FacetTokens
from domains.catalog.search.normalization import SUFFIX_MARK
from domains.kernel.database import Tx

_IS_DUE: Final = """
select abs(listed - counted) * 10 > counted from (
    select (select coalesce(sum(listed), 0) from facet_counts
            where company_id = $1 and token = $2 and label = '') as listed,
           (select coalesce(max(products), 0) from search_terms where company_id = $1 and term = '') as counted
) numbers
"""

# Of more products than this, every second, third … by the hash of the id is read, and its words count as many times.
SAMPLE: Final = 10_000
# Words that are no terms, such as those of descriptions, are added without trigrams if one product of a thousand has
# them. Of several rows of a term, one has its count. The empty term has the number of products.
_COUNT: Final = f"""
with size as materialized (
    select count(*) as listed, greatest(count(*) / $3::bigint, 1) as step
    from product_search where company_id = $1 and is_listed
), lexeme as materialized (
    select substr(word, length($2) + 1) as word, count(*) * (select step from size) as ndoc
    from product_search s, unnest(tsvector_to_array(s.document)) word
    where s.company_id = $1 and s.is_listed and uuid_hash_extended(s.product_id, 0) % (select step from size) = 0
    group by word
), counted as materialized (
    select ltrim(word, '{NAME_MARK}') as term, coalesce(max(ndoc) filter (where not is_name), 0) as products,
           coalesce(max(ndoc) filter (where is_name), 0) as names
    from (select word, ndoc, starts_with(word, '{NAME_MARK}') as is_name from lexeme
          where not starts_with(word, '{SUFFIX_MARK}')) words
    group by term
    union all
    select '', listed, 0 from size
), stored as (
    select id, term, row_number() over (partition by term order by trigrams = '{{}}', id) as place
    from search_terms where company_id = $1
), updated as (
    update search_terms t set products = n.products, names = n.names
    from (
        select s.id, case when s.place = 1 then coalesce(c.products, 0) else 0 end as products,
               case when s.place = 1 then coalesce(c.names, 0) else 0 end as names
        from stored s left join counted c using (term)
    ) n
    where t.company_id = $1 and t.id = n.id and (t.products, t.names) <> (n.products, n.names)
)
insert into search_terms (company_id, term, trigrams, products, names)
select $1, term, '{{}}', products, names from counted
where products * 1000 >= (select products from counted where term = '')
  and not exists (select from stored s where s.term = counted.term)
"""


async def count_words(tx: Tx) -> None:
    """Count the products of each word."""
    await tx.execute(_COUNT, tx.company_id, FacetTokens.for_company(tx.company_id).code, SAMPLE)


async def count_words_when_due(tx: Tx) -> int:
    """Count the products of each word if the number of listed products has changed by a tenth; whether it has."""
    token = FacetTokens.for_company(tx.company_id).all_products
    is_due = bool(await tx.fetch_value(_IS_DUE, tx.company_id, token))
    if is_due:
        await count_words(tx)
    return int(is_due)
