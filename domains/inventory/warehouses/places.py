"""Where warehouses are: the places at which parcels begin their way, and buyers collect goods."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory import data
from domains.kernel.database import Reader
from domains.kernel.prisma.statements import Part, PartRows

PLACES: Final = """known_places as (
  select id, is_default, country, province, postal_code, city, address_line_1, address_line_2 from warehouses
  where company_id = $1 and (is_default or is_pickup_point) and country is not null
)"""
WIDTH: Final = 8


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
    """The places of the default warehouse and of all pick-up points that have an address."""

    default: WarehousePlace | None
    by_id: Mapping[UUID, WarehousePlace]


def known_places(db: Reader) -> Part:
    """The default warehouse and the pick-up points, as a part of a statement."""
    return Part(PLACES, (db.company_id,), "known_places", "known_places.*", WIDTH)


def known_places_of(rows: PartRows) -> KnownPlaces:
    """The places of `known_places`."""
    default, by_id = None, dict[UUID, WarehousePlace]()
    for record in rows.rows:
        warehouse_id, is_default, country, province, postal_code, city, line_1, line_2 = record[
            rows.start : rows.start + WIDTH
        ]
        place = WarehousePlace(
            country=country,
            province=province,
            postal_code=postal_code,
            city=city,
            address_line_1=line_1,
            address_line_2=line_2,
        )
        by_id[warehouse_id] = place
        default = place if is_default else default
    return KnownPlaces(default, by_id)


async def pickup_points(db: Reader, ids: Collection[UUID]) -> Mapping[UUID, WarehousePlace | None]:
    """The active pick-up points among warehouses, each with its place, None without an address.

    One statement, none without ids.
    """
    if not ids:
        return {}
    where: data.WarehouseWhere = {"id": {"in": list(ids)}, "is_active": True, "is_pickup_point": True}
    return {row.id: _place(row) for row in await data.warehouse.find_many(db, where=where)}


def _place(row: data.WarehouseRow) -> WarehousePlace | None:
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
