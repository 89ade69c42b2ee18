"""Where warehouses are: the places at which parcels begin their way, and buyers collect goods."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.errors import WarehouseInactive, WarehouseNotFound, WarehouseNotPickupPoint
from domains.inventory.warehouses.sql import NAMED
from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.statements import Part, PartRows

PLACES: Final = """known_places as (
  select w.*, is_active and is_pickup_point as is_open from warehouses w
  where company_id = $1 and (is_default or is_active and is_pickup_point)
)"""
COLUMNS: Final = f"{data.warehouse.columns('known_places')}, known_places.is_open"
WIDTH: Final = len(fields(data.WarehouseRow)) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehousePlace:
    """The place of a warehouse; `country` is an ISO 3166-1 code."""

    country: str
    province: str | None = None
    postal_code: str | None = None
    city: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """The place of the default warehouse, and those of all active pick-up points; None without an address."""

    default: WarehousePlace | None
    points: Mapping[UUID, WarehousePlace | None]


def known_places(db: Reader) -> Part:
    """The default warehouse and the active pick-up points, as a part of a statement."""
    return Part(PLACES, (db.company_id,), "known_places", COLUMNS, WIDTH)


def known_places_of(rows: PartRows) -> KnownPlaces:
    """The places of `known_places`."""
    default, points = None, dict[UUID, WarehousePlace | None]()
    for record in rows.rows:
        row = data.warehouse.from_record(record, rows.start)
        if row.is_default:
            default = place_of(row)
        if record[rows.start + WIDTH - 1]:
            points[row.id] = place_of(row)
    return KnownPlaces(default, points)


async def pickup_points(db: Reader, ids: Collection[UUID]) -> Mapping[UUID, WarehousePlace | None]:
    """The active pick-up points among warehouses, each with its place, None without an address.

    One statement, none without ids.
    """
    if not ids:
        return {}
    where: data.WarehouseWhere = {"id": {"in": list(ids)}, "is_active": True, "is_pickup_point": True}
    return {row.id: place_of(row) for row in await data.warehouse.find_many(db, where=where)}


def place_of(row: data.WarehouseRow) -> WarehousePlace | None:
    """The place of a warehouse; None without an address."""
    if row.country is None:
        return None
    return WarehousePlace(
        country=row.country,
        province=row.province,
        postal_code=row.postal_code,
        city=row.city,
        address_line_1=row.address_line_1,
        address_line_2=row.address_line_2,
    )


async def require_pickup_point(tx: Tx, warehouse_id: UUID, field: Sequence[str]) -> None:
    """Lock a warehouse at which buyers collect goods. One statement.

    Raises WarehouseNotFound, WarehouseInactive, WarehouseNotPickupPoint.
    """
    row = await tx.fetch_row(NAMED, tx.company_id, [warehouse_id], False)
    if row is None:
        raise WarehouseNotFound(field=field)
    if not row["is_active"]:
        raise WarehouseInactive(row["code"], field=field)
    if not row["is_pickup_point"]:
        raise WarehouseNotPickupPoint(row["code"], field=field)
