"""Shipping zones: create, change, delete and list them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.settings import SettingsCache
from domains.kernel.validation import collect_errors
from domains.shipping import data, sql
from domains.shipping.configuration import ConfigurationCache
from domains.shipping.errors import ShippingZoneNotFound, ShippingZonesOverlap
from domains.shipping.events import ShippingZoneCreated, ShippingZoneDeleted, ShippingZoneUpdated
from domains.shipping.models import ShippingZone, ShippingZoneChanges
from domains.shipping.places import PostalCodes, ZonePlaces, overlaps
from domains.shipping.validation import ZONE_FIELDS, checked_zone

MAX_ZONES: Final = 200
MAX_OVERLAPS: Final = 20  # that one error names
OLDEST_FIRST: Final = Sort("created_at", datetime)
BY_NAME: Final = Sort("name", str)


class ShippingZones:
    """The shipping zones of a company.

    No place is in two active zones as specifically: who writes zones waits for the others of the company.
    """

    def __init__(self, configuration: ConfigurationCache, settings: SettingsCache) -> None:
        self._configuration = configuration
        self._settings = settings

    async def find_page(
        self, db: Reader, args: PageArgs, *, search: str | None = None, sort: Sort = OLDEST_FIRST
    ) -> Page[ShippingZone]:
        """A page of the zones; `search` is a part of the name. Raises as `fetch_page`."""
        where: data.ShippingZoneWhere = {}
        if (condition := containing(search)) is not None:
            where["name"] = condition
        return await fetch_page(data.shipping_zone, db, args, sort=sort, where=where)

    async def find(self, db: Reader, zone_id: UUID) -> ShippingZone:
        """A zone. Raises ShippingZoneNotFound. One statement."""
        zone = await data.shipping_zone.find_unique(db, id=zone_id)
        if zone is None:
            raise ShippingZoneNotFound
        return zone

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[ShippingZone]:
        """The zones of these ids, in no order. One statement."""
        return await data.shipping_zone.find_many(db, where={"id": {"in": list(ids)}})

    async def create(self, tx: Tx, new: ShippingZoneChanges) -> ShippingZone:
        """Create a zone. The first zone of a company ends that it ships everywhere free of charge.

        Raises, for all fields at once, what `validation.checked_zone` raises; then TooMany above 200 zones,
        ShippingZonesOverlap for each place that another active zone contains as specifically. Emits
        ShippingZoneCreated.
        """
        row: Any = checked_zone(new)
        await sql.lock_configuration(tx)
        others = await data.shipping_zone.find_many(tx)
        if len(others) >= MAX_ZONES:
            raise TooMany(f"A company has at most {MAX_ZONES} shipping zones. Delete one that is not needed.")
        _require_no_overlap(new_id(), row, others)
        zone = await data.shipping_zone.create(tx, row)
        if not others:
            await self._store_has_zones(tx, has_zones=True)
        self._configuration.invalidate(tx)
        tx.emit(ShippingZoneCreated(shipping_zone_id=zone.id))
        return zone

    async def update(self, tx: Tx, zone_id: UUID, changes: ShippingZoneChanges) -> ShippingZone:
        """Change a zone. Raises ShippingZoneNotFound, and as `create`. Emits ShippingZoneUpdated if it changes."""
        await sql.lock_configuration(tx)
        current = await self.find(tx, zone_id)
        row: Any = checked_zone(changes, current)
        changed = sorted(name for name in ZONE_FIELDS if getattr(current, name) != row[name])
        if not changed:
            return current
        others = await data.shipping_zone.find_many(tx, where={"id": {"not": zone_id}})
        _require_no_overlap(zone_id, row, others)
        zone = await data.shipping_zone.update(tx, id=zone_id, data=row)
        self._configuration.invalidate(tx)
        tx.emit(ShippingZoneUpdated(shipping_zone_id=zone_id, changed=changed))
        return zone

    async def delete(self, tx: Tx, zone_id: UUID) -> None:
        """Delete a zone with its methods. Raises ShippingZoneNotFound. Emits ShippingZoneDeleted.

        Without its last zone a company ships everywhere free of charge.
        """
        await sql.lock_configuration(tx)
        await self.find(tx, zone_id)
        await data.shipping_zone.delete(tx, id=zone_id)
        if not await data.shipping_zone.count(tx):
            await self._store_has_zones(tx, has_zones=False)
        self._configuration.invalidate(tx)
        tx.emit(ShippingZoneDeleted(shipping_zone_id=zone_id))

    async def _store_has_zones(self, tx: Tx, *, has_zones: bool) -> None:
        """Remember in the settings, which every request reads, whether there are zones to be read."""
        row: data.ShippingSettingsUpdate = {"has_zones": has_zones}
        await data.shipping_settings.upsert(tx, where={}, create={"has_zones": has_zones}, update=row)
        self._settings.invalidate(tx)


def _require_no_overlap(zone_id: UUID, row: Any, others: Collection[ShippingZone]) -> None:
    """Raise ShippingZonesOverlap for each place of an active zone that another one contains as specifically."""
    if not row["is_active"]:
        return
    codes = [PostalCodes.of(each) for each in row["postal_codes"]]
    zone = ZonePlaces(zone_id, row["name"], row["type"], row["countries"], row["states"], codes)
    active = [ZonePlaces.of(other) for other in others if other.is_active]
    with collect_errors() as each:
        for number, (other, place, path) in enumerate(overlaps(zone, active)):
            if number == MAX_OVERLAPS:
                break
            with each:
                raise ShippingZonesOverlap(zone.name, other.name, place, field=path)
