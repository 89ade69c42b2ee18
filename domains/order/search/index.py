"""The search index of orders: written with the order, rebuilt when the rules change."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.database import Tx
from domains.kernel.invariants import RowInvariant
from domains.order import data
from domains.order.search.terms import Recipient, terms_of

# Raised with every change of what `terms_of` makes, by a migration that makes the index of outdated entries anew; a
# job then writes them again.
VERSION: Final = 1
BATCH: Final = 500
_SOURCE: Final = """
select o.company_id, o.id, o.order_number, s.terms, s.version,
  array(select jsonb_build_array(a.full_name, a.postal_code, a.phone) from order_addresses a
        where a.company_id = o.company_id and a.id in (o.shipping_address_id, o.billing_address_id))::text[]
    as recipients,
  array(select i.sku from order_items i where i.company_id = o.company_id and i.order_id = o.id) as skus
from orders o left join order_search s on s.company_id = o.company_id and s.order_id = o.id
"""
# Those of the last days may have been placed by a server of the version before, beside one of this.
_OUTDATED: Final = f"""
with outdated as (
  (select order_id from order_search where company_id = $1 and version < {VERSION} limit $2)
  union all
  (select o.id from orders o where o.company_id = $1 and o.created_at > $3::timestamptz - interval '2 days'
     and not exists (select from order_search s where s.company_id = $1 and s.order_id = o.id) limit $2)
)
{_SOURCE} where o.company_id = $1 and o.id in (select order_id from outdated) limit $2
"""  # noqa: S608 - made here
_OF_ORDERS: Final = f"{_SOURCE} where o.company_id = $1 and o.id = any($2)"


def entry(
    company_id: UUID,
    order: data.OrderCreate,
    addresses: Sequence[data.OrderAddressCreate],
    items: Sequence[data.OrderItemCreate],
) -> data.OrderSearchCreate:
    """The index entry of a new order."""
    recipients = [Recipient(row["full_name"], row["postal_code"], row.get("phone")) for row in addresses]
    terms = terms_of(company_id, order["order_number"], recipients, {row["sku"] for row in items})
    return {"order_id": order["id"], "terms": terms, "version": VERSION}


async def index_outdated(tx: Tx) -> int:
    """Rebuild the terms of some orders that an earlier version wrote; how many, 0 when all are done."""
    return await _write(tx, await tx.fetch(_OUTDATED, tx.company_id, BATCH, tx.clock.now()))


async def reindex(tx: Tx, order_ids: Collection[UUID]) -> None:
    """Write the terms of these orders again, after their addresses changed."""
    await _write(tx, await tx.fetch(_OF_ORDERS, tx.company_id, list(order_ids)))


async def _write(tx: Tx, rows: Sequence[Any]) -> int:
    entries: list[data.OrderSearchCreate] = [
        {"order_id": row["id"], "terms": _terms(dict(row)), "version": VERSION} for row in rows
    ]
    if entries:
        await data.order_search.delete_many(tx, where={"order_id": {"in": [each["order_id"] for each in entries]}})
        await data.order_search.create_many(tx, entries)
    return len(entries)


def _terms(row: Mapping[str, Any]) -> list[str]:
    recipients = [Recipient(*orjson.loads(recipient)) for recipient in row["recipients"]]
    return terms_of(row["company_id"], row["order_number"], recipients, set(row["skus"]))


def _not_as_made(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if row["terms"] is not None and sorted(row["terms"]) == _terms(row):
        return None
    return {name: row[name] for name in ("company_id", "order_number", "version")}


SEARCHABLE: Final = RowInvariant(
    "Staff find every order by its number, names, postal codes, telephone numbers and SKUs",
    _SOURCE,
    _not_as_made,
    "A server or a worker indexes the orders of earlier versions within minutes; see that one is running. For any "
    "other set version to 0 in order_search, with a row for each order.",
)
