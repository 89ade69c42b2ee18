"""Where warehouses are: the places at which parcels begin their way, and buyers collect goods."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from domains.inventory import data
from domains.kernel.database import Reader


@dataclass(frozen=True, slots=True)
class WarehousePlace:
    """The place of a warehouse; `country` is an ISO 3166-1 code."""

    country: str
    province: str | None
    postal_code: str | None


async def pickup_points(db: Reader, ids: Collection[UUID]) -> Mapping[UUID, WarehousePlace | None]:
    """The active pick-up points among warehouses, each with its place, None without an address.

    One statement, none without ids.
    """
    if not ids:
        return {}
    where: data.WarehouseWhere = {"id": {"in": list(ids)}, "is_active": True, "is_pickup_point": True}
    return {row.id: _place(row) for row in await data.warehouse.find_many(db, where=where)}


async def default_place(db: Reader) -> WarehousePlace | None:
    """The place of the default warehouse; None for one without an address. One statement."""
    row = await data.warehouse.find_first(db, where={"is_default": True})
    return None if row is None else _place(row)


def _place(row: data.WarehouseRow) -> WarehousePlace | None:
    return None if row.country is None else WarehousePlace(row.country, row.province, row.postal_code)
