"""Shipping methods with their rates: create, change, delete and list them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.company.service import CompanyService
from domains.inventory.warehouses.places import require_pickup_point
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.shipping import data, sql
from domains.shipping.configuration import ConfigurationCache
from domains.shipping.errors import (
    MethodReferenceNotFound,
    ShippingMethodNotFound,
    ShippingProfileNotFound,
    ShippingZoneNotFound,
)
from domains.shipping.events import ShippingMethodCreated, ShippingMethodDeleted, ShippingMethodUpdated
from domains.shipping.method_validation import (
    LIMITS,
    METHOD_FIELDS,
    check_tiling,
    checked_method,
    checked_rates,
)
from domains.shipping.models import (
    NewShippingMethod,
    ShippingMethod,
    ShippingMethodChanges,
    ShippingProfile,
    ShippingRate,
)
from domains.shipping.profiles import MAX_PROFILES

MAX_METHODS: Final = 50  # of a zone
RATE_FIELDS: Final = (*LIMITS, "rate")


class ShippingMethods:
    """The shipping methods of a company. Existing orders keep the method and the price that they were made with."""

    def __init__(self, company: CompanyService, configuration: ConfigurationCache) -> None:
        self._company = company
        self._configuration = configuration

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[ShippingMethod]:
        """The methods of these ids, in no order. One statement."""
        return await data.shipping_method.find_many(db, where={"id": {"in": list(ids)}})

    async def of_zones(self, db: Reader, zone_ids: Collection[UUID]) -> list[ShippingMethod]:
        """The methods of zones, inactive ones included, by position. One statement."""
        where: data.ShippingMethodWhere = {"zone_id": {"in": list(zone_ids)}}
        return await data.shipping_method.find_many(db, where=where, order_by=[{"position": "asc"}, {"id": "asc"}])

    async def rates_by_id(self, db: Reader, ids: Collection[UUID]) -> list[ShippingRate]:
        """The rates of these ids, in no order. One statement."""
        return await data.shipping_rate.find_many(db, where={"id": {"in": list(ids)}})

    async def rates_of(self, db: Reader, method_ids: Collection[UUID]) -> list[ShippingRate]:
        """The rates of methods, in the order in which they were given. One statement."""
        where: data.ShippingRateWhere = {"method_id": {"in": list(method_ids)}}
        return await data.shipping_rate.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def profiles_of(self, db: Reader, method_ids: Collection[UUID]) -> Mapping[UUID, list[ShippingProfile]]:
        """The profiles that methods carry, the oldest first; none for a method that carries all. Two statements."""
        where: data.ShippingMethodProfileWhere = {"method_id": {"in": list(method_ids)}}
        pairs = await data.shipping_method_profile.find_many(db, where=where)
        ids = {pair.profile_id for pair in pairs}
        rows = await data.shipping_profile.find_many(db, where={"id": {"in": list(ids)}}) if ids else []
        found: dict[UUID, list[ShippingProfile]] = {method_id: [] for method_id in method_ids}
        for profile in sorted(rows, key=lambda row: row.id):
            for pair in pairs:
                if pair.profile_id == profile.id:
                    found[pair.method_id].append(profile)
        return found

    async def create(self, tx: Tx, new: NewShippingMethod) -> ShippingMethod:
        """Create a method in a zone, in the company's currency, with its rates and profiles.

        Raises, for all fields at once, what `method_validation` raises and ShippingProfileNotFound; then
        ShippingZoneNotFound, TooMany above 50 methods of the zone, as `require_pickup_point`, and
        MethodReferenceNotFound. Emits ShippingMethodCreated.
        """
        await sql.lock_configuration(tx)
        currency = await self._company.currency(tx)
        row, rates, profile_ids = await _checked(tx, new, currency)
        zone_id = new["zone_id"]
        if await data.shipping_zone.find_unique(tx, id=zone_id) is None:
            raise ShippingZoneNotFound(field=("zone_id",))
        if await data.shipping_method.count(tx, where={"zone_id": zone_id}) >= MAX_METHODS:
            raise TooMany(f"A shipping zone has at most {MAX_METHODS} methods.", field="zone_id")
        await _require_pickup_point(tx, row, None)
        with _known_references():
            method = await data.shipping_method.create(tx, row | {"zone_id": zone_id, "currency": currency})
        await _write(tx, method.id, rates, profile_ids)
        self._configuration.invalidate(tx)
        tx.emit(ShippingMethodCreated(shipping_method_id=method.id, shipping_zone_id=zone_id))
        return method

    async def update(self, tx: Tx, method_id: UUID, changes: ShippingMethodChanges) -> ShippingMethod:
        """Change a method; its zone stays. Given rates and profiles replace the earlier ones.

        Raises ShippingMethodNotFound, and as `create`. Emits ShippingMethodUpdated when anything changes.
        """
        await sql.lock_configuration(tx)
        current = await self._find(tx, method_id)
        row, rates, profile_ids = await _checked(tx, changes, current.currency, current)
        changed = [name for name in METHOD_FIELDS if getattr(current, name) != row[name]]
        if rates is not None:
            stored = await self.rates_of(tx, [method_id])
            if _values(rates) == [tuple(getattr(rate, name) for name in RATE_FIELDS) for rate in stored]:
                rates = None
        if profile_ids is not None:
            before = {profile.id for profile in (await self.profiles_of(tx, [method_id]))[method_id]}
            if before == profile_ids:
                profile_ids = None
        for name, given in (("rates", rates), ("profile_ids", profile_ids)):
            changed += [] if given is None else [name]
        if not changed:
            return current
        await _require_pickup_point(tx, row, current)
        with _known_references():
            method = await data.shipping_method.update(tx, id=method_id, data=row)
        await _write(tx, method_id, rates, profile_ids)
        self._configuration.invalidate(tx)
        tx.emit(
            ShippingMethodUpdated(
                shipping_method_id=method_id, shipping_zone_id=method.zone_id, changed=sorted(changed)
            )
        )
        return method

    async def delete(self, tx: Tx, method_id: UUID) -> None:
        """Delete a method with its rates. Raises ShippingMethodNotFound. Emits ShippingMethodDeleted."""
        await sql.lock_configuration(tx)
        method = await self._find(tx, method_id)
        await data.shipping_method.delete(tx, id=method_id)
        self._configuration.invalidate(tx)
        tx.emit(ShippingMethodDeleted(shipping_method_id=method_id, shipping_zone_id=method.zone_id))

    async def _find(self, tx: Tx, method_id: UUID) -> ShippingMethod:
        method = await data.shipping_method.find_unique(tx, id=method_id)
        if method is None:
            raise ShippingMethodNotFound
        return method


async def _require_pickup_point(tx: Tx, row: Mapping[str, Any], current: ShippingMethod | None) -> None:
    """Lock and check the warehouse that a method gets; the one that it has may be closed."""
    warehouse_id = row["pickup_warehouse_id"]
    if warehouse_id is not None and (current is None or current.pickup_warehouse_id != warehouse_id):
        await require_pickup_point(tx, warehouse_id, ("pickup_warehouse_id",))


@contextmanager
def _known_references() -> Iterator[None]:
    """Raise MethodReferenceNotFound where a method that is written names what is not of the company."""
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        field = "carrier_id" if "carrier" in (error.constraint_name or "") else "pickup_warehouse_id"
        raise MethodReferenceNotFound(field) from error


async def _checked(
    tx: Tx, changes: ShippingMethodChanges, currency: str, current: ShippingMethod | None = None
) -> tuple[Any, list[dict[str, Any]] | None, set[UUID] | None]:
    """The columns of a method, its rates and the ids of its profiles; None for rates and profiles that stay."""
    row: dict[str, Any] = {}
    rates: list[dict[str, Any]] | None = None
    profile_ids: set[UUID] | None = None
    with collect_errors() as each:
        with each:
            row = checked_method(changes, currency, current)
        with each:
            if "rates" in changes:
                rates = checked_rates(_given(changes["rates"], "rates"), currency)
        with each:
            if "profile_ids" in changes:
                profile_ids = await _known_profiles(tx, _given(changes["profile_ids"], "profile_ids"))
    if rates is not None:
        check_tiling(row, rates)
    elif current is not None and any(getattr(current, name) != row[name] for name in LIMITS):
        stored = await data.shipping_rate.find_many(tx, where={"method_id": current.id}, order_by=[{"id": "asc"}])
        check_tiling(row, [{name: getattr(rate, name) for name in LIMITS} for rate in stored])
    return row, rates, profile_ids


def _given(values: Sequence[Any] | None, name: str) -> Sequence[Any]:
    if values is None:
        raise Required(f"`{name}` must not be null; an empty list removes all.", field=name)
    return values


async def _known_profiles(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """The ids, each of a profile of the company."""
    if len(ids) > MAX_PROFILES:
        raise TooMany(f"At most {MAX_PROFILES} profiles can be given.", field="profile_ids")
    rows = await data.shipping_profile.find_many(tx, where={"id": {"in": list(ids)}}) if ids else []
    known = {row.id for row in rows}
    with collect_errors() as each:
        for index, profile_id in enumerate(ids):
            with each:
                if profile_id not in known:
                    raise ShippingProfileNotFound(field=("profile_ids", str(index)))
    return known


def _values(rates: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(rate[name] for name in RATE_FIELDS) for rate in rates]


async def _write(tx: Tx, method_id: UUID, rates: Sequence[Any] | None, profile_ids: Collection[UUID] | None) -> None:
    """Replace the rates and the profiles of a method; None leaves them as they are."""
    if rates is not None:
        await data.shipping_rate.delete_many(tx, where={"method_id": method_id})
        new_rates: list[Any] = [rate | {"method_id": method_id} for rate in rates]
        await data.shipping_rate.create_many(tx, new_rates)
    if profile_ids is not None:
        await data.shipping_method_profile.delete_many(tx, where={"method_id": method_id})
        rows: list[data.ShippingMethodProfileCreate] = [
            {"method_id": method_id, "profile_id": profile_id} for profile_id in sorted(profile_ids)
        ]
        await data.shipping_method_profile.create_many(tx, rows)
