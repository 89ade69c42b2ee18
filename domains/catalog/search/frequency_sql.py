"""Frequencies: how many listed products have each word, by which a search is ranked.

They are counted again when the number of listed products has changed by a tenth, and every six hours. Until then a
word counts as it did, which changes how a search is ranked only for words near an eighth of the products. Above
10,000 products they are estimated by a sample of at least as many, which is right to about a tenth for such words.
"""

from typing import Final

from domains.catalog.search.documents import NAME_MARK
from domains.catalog.search.facet_tokens import PREFIX_LENGTH, FacetTokens
from domains.catalog.search.normalization import SUFFIX_MARK
from domains.catalog.search.ranking_sql import RANKED, RARITY
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


def _counted(company: str, sample: str) -> str:
    """Common table expressions, of which `size` has (company_id, listed, step), `counted` what is to be stored."""
    return f"""
size as materialized (
    select s.company_id, count(*) as listed, greatest(count(*) / {sample}::bigint, 1) as step
    from product_search s where {company} and s.is_listed group by s.company_id
), lexeme as materialized (
    select s.company_id, substr(word, {PREFIX_LENGTH}) as word, count(*) * min(step) as ndoc
    from size join product_search s using (company_id), unnest(tsvector_to_array(s.document)) word
    where {company} and s.is_listed and uuid_hash_extended(s.product_id, 0) % step = 0
    group by 1, 2
), counted as materialized (
    select company_id, ltrim(word, '{NAME_MARK}') as term,
           coalesce(max(ndoc) filter (where not is_name), 0) as products,
           coalesce(max(ndoc) filter (where is_name), 0) as names
    from (select *, starts_with(word, '{NAME_MARK}') as is_name from lexeme
          where not starts_with(word, '{SUFFIX_MARK}')) words
    group by 1, 2
    union all
    select company_id, '', listed, 0 from size
)"""


# Words that are no terms, such as those of descriptions, are added without trigrams if one product of a thousand has
# them. Of several rows of a term, one has its count. The empty term has the number of products.
_COUNT: Final = f"""
with {_counted("s.company_id = $1", "$2")}, stored as (
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
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 6))"

# The terms of all companies that are counted twice, and those off by more than decides how a search is ranked.
# Companies whose searches are all ranked whole are left out, and those whose words the job is about to count.
DIFFERENT: Final = f"""
with {_counted("true", str(SAMPLE))}, stored as (
    select company_id, term, sum(products) as products, sum(names) as names,
           count(*) filter (where products > 0) as places
    from search_terms group by company_id, term
), compared as (
    select size.company_id from size join stored using (company_id)
    where stored.term = '' and size.listed > {RANKED} and abs(size.listed - stored.products) * 10 <= stored.products
)
select company_id, term, stored.products, counted.products as counted_products, stored.names,
       counted.names as counted_names
from stored full join counted using (company_id, term) left join size using (company_id)
where places > 1 or company_id in (select company_id from compared) and {RARITY} * greatest(
    abs(coalesce(stored.products, 0) - coalesce(counted.products, 0)),
    abs(coalesce(stored.names, 0) - coalesce(counted.names, 0))) > size.listed
limit 20
"""


async def lock(tx: Tx) -> None:
    """Let one transaction at a time count or delete the terms of a company."""
    await tx.execute(_LOCK, tx.company_id)


async def count_words(tx: Tx) -> None:
    """Count the products of each word."""
    await lock(tx)
    await tx.execute(_COUNT, tx.company_id, SAMPLE)


async def count_words_when_due(tx: Tx) -> int:
    """Count the products of each word if the number of listed products has changed by a tenth; whether it has."""
    token = FacetTokens.for_company(tx.company_id).all_products
    is_due = bool(await tx.fetch_value(_IS_DUE, tx.company_id, token))
    if is_due:
        await count_words(tx)
    return int(is_due)
