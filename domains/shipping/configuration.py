"""The zones and methods of companies, read together and remembered for some seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.prisma.errors import MisuseError
from domains.shipping import data, sql
from domains.shipping.models import (
    DayRange,
    Limits,
    OfferedMethod,
    RateBand,
    SaleShipping,
    ShippingMethod,
    ShippingRate,
)
from domains.shipping.places import ZonePlaces, ZoneTable
from domains.tax.places import Place


@dataclass(frozen=True, slots=True)
class ShippingConfiguration:
    """The active zones of a company, and the active methods of each by position."""

    zones: ZoneTable = field(default_factory=ZoneTable)
    methods: Mapping[UUID, Sequence[OfferedMethod]] = field(default_factory=dict)

    def shipping_to(self, place: Place | None, currency: str) -> SaleShipping:
        """The shipping of a sale to a place: the methods of its zone, none if no active zone contains it."""
        zone_id = self.zones.find(place)
        return SaleShipping(currency, () if zone_id is None else self.methods.get(zone_id, ()))


class ConfigurationCache:
    """Reads configurations. A change is visible at once in this process, and within five seconds in others."""

    def __init__(self, clock: Clock) -> None:
        self._cache: ReadCache[UUID, ShippingConfiguration] = ReadCache(clock)
        self.invalidate: Final = self._cache.invalidate
        self.clear: Final = self._cache.clear

    async def current(self, db: Reader) -> ShippingConfiguration:
        """The configuration of the handle's company. One statement, or none when it was read in the last seconds."""
        if db.company_id is None:
            raise MisuseError("shipping zones belong to a company, and the handle is in none")
        return await self._cache.get(db, db.company_id, lambda: _read(db))


async def _read(db: Reader) -> ShippingConfiguration:
    zones, methods, rates, default = await sql.read_configuration(db)
    rows = [data.shipping_zone.from_record(record, zones.start) for record in zones.rows]
    table = ZoneTable.of(ZonePlaces.of(zone) for zone in rows)
    default_id: UUID | None = default.rows[0][default.start] if default.rows else None
    bands = _bands(data.shipping_rate.from_record(record, rates.start) for record in rates.rows)
    offered: dict[UUID, list[tuple[ShippingMethod, OfferedMethod]]] = {}
    for record in methods.rows:
        method = data.shipping_method.from_record(record, methods.start)
        profiles = frozenset(record[methods.start + sql.METHOD_WIDTH])
        carried: frozenset[UUID | None] = profiles | {None} if default_id in profiles else profiles
        of_zone = offered.setdefault(method.zone_id, [])
        of_zone.append((method, _offered(method, bands.get(method.id, ()), carried)))
    for of_zone in offered.values():
        of_zone.sort(key=lambda each: (each[0].position, each[0].id))
    by_zone = {zone_id: tuple(each for _, each in of_zone) for zone_id, of_zone in offered.items()}
    return ShippingConfiguration(table, by_zone)


def _bands(rates: Any) -> dict[UUID, list[RateBand]]:
    bands: dict[UUID, list[RateBand]] = {}
    rate: ShippingRate
    for rate in rates:
        bands.setdefault(rate.method_id, []).append(RateBand(_limits(rate), rate.rate))
    return bands


def _limits(row: ShippingMethod | ShippingRate) -> Limits:
    return Limits(row.min_weight, row.max_weight, row.min_amount, row.max_amount)


def _offered(method: ShippingMethod, bands: Sequence[RateBand], profile_ids: frozenset[UUID | None]) -> OfferedMethod:
    days = None
    if method.min_days is not None and method.max_days is not None:
        days = DayRange(method.min_days, method.max_days)
    return OfferedMethod(
        id=method.id,
        name=method.name,
        type=method.type,
        carrier=method.carrier,
        carrier_id=method.carrier_id,
        service_type=method.service_type,
        pricing=method.pricing,
        base_price=method.base_price,
        price_per_kg=method.price_per_kg,
        price_per_item=method.price_per_item,
        free_from=method.free_from,
        estimated_days=days,
        limits=_limits(method),
        bands=bands,
        profile_ids=profile_ids,
        pickup_warehouse_id=method.pickup_warehouse_id,
        position=method.position,
    )
