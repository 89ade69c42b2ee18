"""SQL of files of tax rates; the company is always its first parameter."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.tax import data
from domains.tax.models import TaxClass, TaxRate
from domains.tax.rate_files.rows import RateRow, TaxKey
from domains.tax.sql import OF_PLACES

# Rates of a class change only under the lock of its row, in the order of ids.
LOCK_CLASSES: Final = f"""
select {data.tax_class.columns()} from tax_classes where company_id = $1 and code = any($2) order by id
for no key update
"""
# Rates of these classes in these places, and in others that are combined of the same provinces and postal codes.
STORED: Final = f"""
select {data.tax_rate.columns("r")} from tax_rates r
where r.company_id = $1 and r.tax_class_id = any($2) and {OF_PLACES}
"""
INSERT: Final = """
insert into tax_rates (id, company_id, tax_class_id, name, country, province, postal_prefix, rate, valid_from,
  valid_until, created_at, updated_at)
select n.id, $1, n.tax_class_id, n.name, n.country, n.province, n.postal_prefix, n.rate, n.valid_from, n.valid_until,
  $2, $2
from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::date[],
  $11::date[]) as n (id, tax_class_id, name, country, province, postal_prefix, rate, valid_from, valid_until)
"""
UPDATE: Final = """
update tax_rates r set name = n.name, rate = n.rate, valid_until = n.valid_until, updated_at = $2
from unnest($3::uuid[], $4::text[], $5::numeric[], $6::date[]) as n (id, name, rate, valid_until)
where r.company_id = $1 and r.id = n.id
"""
# A page of the export, in the order of places; texts are never null there.
AFTER: Final = f"""
select c.code, {data.tax_rate.columns("r")}
from tax_rates r join tax_classes c on c.company_id = r.company_id and c.id = r.tax_class_id
where r.company_id = $1 and r.id > $2
order by r.id limit $3
"""


async def lock_classes(tx: Tx, codes: Collection[str]) -> dict[str, TaxClass]:
    """The classes with these codes, locked by id until the end of the transaction."""
    records = await tx.fetch(LOCK_CLASSES, tx.company_id, list(codes))
    return {row.code: row for row in map(data.tax_class.from_record, records)}


async def rates_of(db: Reader, keys: Collection[TaxKey], classes: Mapping[str, TaxClass]) -> list[TaxRate]:
    """The stored rates with these keys, and some of other places."""
    records = await db.fetch(
        STORED,
        db.company_id,
        list({classes[key.tax_class].id for key in keys}),
        list({key.country for key in keys}),
        list({key.province for key in keys}),
        list({key.postal_prefix for key in keys}),
    )
    return [data.tax_rate.from_record(record) for record in records]


async def insert(tx: Tx, rows: Sequence[RateRow], classes: Mapping[str, TaxClass]) -> None:
    """Store new rates."""
    await tx.execute(
        INSERT,
        tx.company_id,
        tx.clock.now(),
        [new_id() for _ in rows],
        [classes[row.tax_class].id for row in rows],
        [row.name for row in rows],
        [row.country for row in rows],
        [row.province for row in rows],
        [row.postal_prefix for row in rows],
        [row.rate for row in rows],
        [row.valid_from for row in rows],
        [row.valid_until for row in rows],
    )


async def update(tx: Tx, rows: Sequence[tuple[UUID, RateRow]]) -> None:
    """Change stored rates."""
    await tx.execute(
        UPDATE,
        tx.company_id,
        tx.clock.now(),
        [rate_id for rate_id, _ in rows],
        [row.name for _, row in rows],
        [row.rate for _, row in rows],
        [row.valid_until for _, row in rows],
    )


async def page_after(db: Reader, rate_id: UUID, take: int) -> list[tuple[str, TaxRate]]:
    """The next rates in the order of their ids, each with the code of its class."""
    records = await db.fetch(AFTER, db.company_id, rate_id, take)
    return [(record[0], data.tax_rate.from_record(record, 1)) for record in records]
