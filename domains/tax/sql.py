"""SQL of tax rates that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Sequence
from typing import Any, Final

from domains.kernel.database import Reader, Tx
from domains.tax import data
from domains.tax.places import PlaceKey

# The four kinds of places, each with an index condition of its own.
OF_PLACES: Final = """r.country = any($3::char(2)[]) and (
    (r.province is null and r.postal_prefix is null)
    or (r.province = any($4::text[]) and r.postal_prefix is null)
    or (r.province is null and r.postal_prefix = any($5::text[]))
    or (r.province = any($4::text[]) and r.postal_prefix = any($5::text[]))
  )"""
# All rates of a company with few of them, otherwise those of places; without any, one row of nulls.
RATES: Final = f"""
with company as materialized (
  select
    (select count(*) from (select from tax_rates where company_id = $1 limit $2::int + 1) counted) > $2 as is_large,
    (select id from tax_classes where company_id = $1 and is_default) as default_class_id
), found as (
  select {data.tax_rate.columns("r")} from tax_rates r
  where r.company_id = $1 and not (select is_large from company)
  union all
  select {data.tax_rate.columns("r")} from tax_rates r
  where r.company_id = $1 and (select is_large from company) and {OF_PLACES}
)
select company.is_large, company.default_class_id, found.* from company left join found on true
"""
# The last number separates this key from those of other advisory locks.
LOCK_DEFAULT: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || 'tax', 8))"


async def find_rates(db: Reader, keys: Sequence[PlaceKey], most: int) -> list[Any]:
    """All rates of these countries, provinces and prefixes, or of the company if it has at most `most`."""
    countries, provinces, prefixes = (sorted(set(column)) for column in zip(*keys, strict=True))
    return await db.fetch(RATES, db.company_id, most, countries, provinces, prefixes)


async def lock_default(tx: Tx) -> None:
    """Wait until no other transaction changes which class is the company's default."""
    await tx.execute(LOCK_DEFAULT, tx.company_id)
