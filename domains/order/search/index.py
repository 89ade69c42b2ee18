"""The search index of orders: written with the order, rebuilt when the rules change."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.database import Tx
from domains.kernel.invariants import RowInvariant
from domains.order import data
from domains.order.search.index_terms import Recipient, index_terms

# Increment it with every change of `index_terms`, in a migration that rebuilds the partial index of outdated entries;
# a job then rebuilds these entries.
VERSION: Final = 2
BATCH_SIZE: Final = 500
_SOURCE: Final = """
select o.company_id, o.id, o.order_number, s.terms, s.version,
  array(select jsonb_build_array(a.full_name, a.company_name, a.postal_code, a.phone) from order_addresses a
        where a.company_id = o.company_id and a.id in (o.shipping_address_id, o.billing_address_id))::text[]
    as recipients,
  array(select i.sku from order_items i where i.company_id = o.company_id and i.order_id = o.id) as skus
from orders o left join order_search s on s.company_id = o.company_id and s.order_id = o.id
"""
# Orders of the last days may have been created by a server of the previous version during a deployment.
_OUTDATED: Final = f"""
with outdated as (
  (select order_id from order_search where company_id = $1 and version < {VERSION} limit $2)
  union all
  (select o.id from orders o where o.company_id = $1 and o.created_at > $3::timestamptz - interval '2 days'
     and not exists (select from order_search s where s.company_id = $1 and s.order_id = o.id) limit $2)
)
{_SOURCE} where o.company_id = $1 and o.id in (select order_id from outdated) limit $2
"""  # noqa: S608 - constants
_OF_ORDERS: Final = f"{_SOURCE} where o.company_id = $1 and o.id = any($2)"


def entry(
    company_id: UUID,
    order: data.OrderCreate,
    addresses: Sequence[data.OrderAddressCreate],
    items: Sequence[data.OrderItemCreate],
) -> data.OrderSearchCreate:
    """The index entry of a new order."""
    recipients = [
        Recipient(row["full_name"], row.get("company_name"), row["postal_code"], row.get("phone"))
        for row in addresses
    ]
    terms = index_terms(company_id, order["order_number"], recipients, {row["sku"] for row in items})
    return {"order_id": order["id"], "terms": terms, "version": VERSION}


async def index_outdated(tx: Tx) -> int:
    """Rebuild a batch of entries of an earlier version; returns their number, 0 when none is left."""
    return await _write(tx, await tx.fetch(_OUTDATED, tx.company_id, BATCH_SIZE, tx.clock.now()))


async def reindex(tx: Tx, order_ids: Collection[UUID]) -> None:
    """Write the terms of these orders again, after their addresses changed."""
    await _write(tx, await tx.fetch(_OF_ORDERS, tx.company_id, list(order_ids)))


async def _write(tx: Tx, rows: Sequence[Any]) -> int:
    entries: list[data.OrderSearchCreate] = [
        {"order_id": row["id"], "terms": _terms(dict(row)), "version": VERSION} for row in rows
    ]
    if entries:
        await data.order_search.delete_many(tx, where={"order_id": {"in": [entry["order_id"] for entry in entries]}})
        await data.order_search.create_many(tx, entries)
    return len(entries)


def _terms(row: Mapping[str, Any]) -> list[str]:
    recipients = [Recipient(*orjson.loads(recipient)) for recipient in row["recipients"]]
    return index_terms(row["company_id"], row["order_number"], recipients, set(row["skus"]))


def _wrong_terms(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if row["terms"] is not None and sorted(row["terms"]) == _terms(row):
        return None
    return {name: row[name] for name in ("company_id", "order_number", "version")}


SEARCHABLE: Final = RowInvariant(
    "Staff find every order by its number, names, companies, postal codes, telephone numbers and SKUs",
    _SOURCE,
    _wrong_terms,
    "A job rebuilds entries of earlier versions within minutes: check that `commerce serve` or `commerce worker` is "
    "running. For other orders set version to 0 in order_search, with a row for each order.",
)
