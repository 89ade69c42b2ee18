"""The carriers of a company: create, change and delete them, open their accounts, and price parcels."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import Required, require_text
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.kernel.validation import collect_errors
from domains.shipping import data
from domains.shipping.carriers import sql
from domains.shipping.carriers.carrier import CarrierAccount, CarrierAdapter
from domains.shipping.carriers.credentials import changed, encrypted, readable
from domains.shipping.carriers.endpoints import optional_endpoint
from domains.shipping.carriers.errors import (
    CarrierAdapterUnknown,
    CarrierCodeTaken,
    CarrierInUse,
    CarrierNotFound,
    TooManyCarriers,
)
from domains.shipping.carriers.events import CarrierCreated, CarrierDeleted, CarrierUpdated
from domains.shipping.carriers.models import CarrierChanges, ShippingCarrier, ShownCredential
from domains.shipping.carriers.opened import OpenedCarrier, opened
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.data import CarrierRow

MAX_CARRIERS: Final = 50
CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NOTHING: Final = CarrierAccount()
OLDEST_FIRST: Final = Sort("created_at", datetime)
COLUMNS: Final = ("name", "code", "adapter", "api_endpoint", "configuration", "is_active")


class Carriers:
    """The carriers of companies, and the adapters behind them."""

    def __init__(self, adapters: CarrierAdapters, clock: Clock) -> None:
        self.adapters = adapters
        self._cache: ReadCache[UUID | None, Mapping[UUID, OpenedCarrier]] = ReadCache(clock)

    async def find_page(self, db: Reader, args: PageArgs) -> Page[ShippingCarrier]:
        """A page of the carriers, the oldest first. Raises as `fetch_page`."""
        page = await fetch_page(data.carrier, db, args, sort=OLDEST_FIRST, where={})
        return page.map(self._shown)

    async def find(self, db: Reader, carrier_id: UUID) -> ShippingCarrier:
        """A carrier. Raises CarrierNotFound. One statement."""
        carrier = await data.carrier.find_unique(db, id=carrier_id)
        if carrier is None:
            raise CarrierNotFound
        return self._shown(carrier)

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[ShippingCarrier]:
        """The carriers of these ids, in no order. One statement."""
        return [self._shown(row) for row in await data.carrier.find_many(db, where={"id": {"in": list(ids)}})]

    async def opened(self, db: Reader) -> Mapping[UUID, OpenedCarrier]:
        """All carriers of the company with their accounts, by id. No statement when they were read just now."""
        return await self._cache.get(db, db.company_id, lambda: self._open(db))

    async def opened_by_code(self, db: Reader, code: str) -> OpenedCarrier | None:
        """The carrier with this code and its account, also an inactive one; None when there is none."""
        carriers = (await self.opened(db)).values()
        return next((each for each in carriers if each.row.code == code), None)

    async def create(self, tx: Tx, new: CarrierChanges) -> ShippingCarrier:
        """Create a carrier. No request is made to it.

        Raises, for all fields at once, Required, TooLong, InvalidInput, CarrierAdapterUnknown, CarrierEndpointRefused
        and as `credentials.changed`; then TooManyCarriers, CarrierCodeTaken. Emits CarrierCreated. Three statements.
        """
        row: Any = {"id": new_id(), **self._checked(new, None)}
        await sql.lock_carriers(tx)
        if await data.carrier.count(tx) >= MAX_CARRIERS:
            raise TooManyCarriers(MAX_CARRIERS)
        try:
            carrier = await data.carrier.create(tx, row)
        except asyncpg.UniqueViolationError as error:
            raise CarrierCodeTaken(row["code"]) from error
        self._cache.invalidate(tx)
        tx.emit(CarrierCreated(carrier_id=carrier.id, code=carrier.code))
        return self._shown(carrier)

    async def update(self, tx: Tx, carrier_id: UUID, changes: CarrierChanges) -> ShippingCarrier:
        """Change a carrier; credentials that are not named stay.

        Raises CarrierNotFound, and as `create`. Emits CarrierUpdated when anything changes. Two statements.
        """
        current = await data.carrier.find_unique(tx, id=carrier_id, lock=True)
        if current is None:
            raise CarrierNotFound
        row: Any = self._checked(changes, current)
        names = sorted(name for name in COLUMNS if getattr(current, name) != row[name])
        names += sorted(f"credentials.{name}" for name in changes.get("credentials") or {})
        if not names:
            return self._shown(current)
        try:
            carrier = await data.carrier.update(tx, id=carrier_id, data=row)
        except asyncpg.UniqueViolationError as error:
            raise CarrierCodeTaken(row["code"]) from error
        self._cache.invalidate(tx)
        tx.emit(CarrierUpdated(carrier_id=carrier_id, code=carrier.code, changed=names))
        return self._shown(carrier)

    async def delete(self, tx: Tx, carrier_id: UUID) -> None:
        """Delete a carrier that no method and no label names. Raises CarrierNotFound, CarrierInUse.

        Emits CarrierDeleted. Two statements.
        """
        carrier = await data.carrier.find_unique(tx, id=carrier_id, lock=True)
        if carrier is None:
            raise CarrierNotFound
        try:
            await data.carrier.delete(tx, id=carrier_id)
        except REFERENCE_ERRORS as error:
            raise CarrierInUse from error
        self._cache.invalidate(tx)
        tx.emit(CarrierDeleted(carrier_id=carrier_id, code=carrier.code))

    async def _open(self, db: Reader) -> Mapping[UUID, OpenedCarrier]:
        rows = await data.carrier.find_many(db, where={}, take=MAX_CARRIERS)
        return {row.id: opened(row, self.adapters) for row in rows}

    def _shown(self, row: CarrierRow) -> ShippingCarrier:
        adapter = self.adapters.by_name.get(row.adapter)
        account = readable(row, self.adapters.encryption) if adapter else NOTHING
        credentials = [
            ShownCredential(
                field,
                field.name in (account.secrets if field.is_secret else account.configuration),
                None if field.is_secret else account.configuration.get(field.name),
            )
            for field in (adapter.fields if adapter else ())
        ]
        return ShippingCarrier(
            id=row.id,
            name=row.name,
            code=row.code,
            adapter=row.adapter,
            api_endpoint=row.api_endpoint,
            is_active=row.is_active,
            is_available=opened(row, self.adapters).is_open,
            credentials=credentials,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def _checked(self, changes: CarrierChanges, current: CarrierRow | None) -> dict[str, Any]:
        """The columns of a carrier after changes."""
        values: dict[str, Any] = {name: getattr(current, name, None) for name in COLUMNS}
        values["is_active"] = True if current is None else current.is_active
        values |= {name: value for name, value in changes.items() if name in values}
        credentials = changes.get("credentials") or {}
        with collect_errors() as each:
            with each:
                values["name"] = require_text(values["name"] or "", field=("name",))
            with each:
                values["code"] = _code(values["code"])
            with each:
                if values["is_active"] is None:
                    raise Required("A carrier is active, or it is not: give true or false.", field=("is_active",))
            adapter: CarrierAdapter | None = None
            with each:
                adapter = self._adapter(values["adapter"], current)
            with each:
                is_built_in = adapter is None or adapter.is_built_in
                values["api_endpoint"] = optional_endpoint(values["api_endpoint"], is_built_in=is_built_in)
            if adapter is None:
                return values
            with each:
                account = NOTHING
                if current is not None and current.adapter == adapter.name:
                    account = readable(current, self.adapters.encryption)
                account = changed(account, adapter.fields, credentials)
                values["configuration"] = dict(account.configuration)
                is_kept = current is not None and current.adapter == adapter.name and not credentials
                secrets = current.encrypted_secrets if current is not None and is_kept else None
                values["encrypted_secrets"] = secrets or encrypted(account, self.adapters.encryption)
        return values

    def _adapter(self, name: str | None, current: CarrierRow | None) -> CarrierAdapter:
        """The adapter that a carrier is to have: one that is offered here, or the one that it has."""
        offered = {adapter.name: adapter for adapter in self.adapters.offered}
        if not name:
            raise Required("Name the adapter of the carrier.", field=("adapter",))
        adapter = offered.get(name)
        if adapter is None and current is not None and current.adapter == name:
            adapter = self.adapters.by_name.get(name)
        if adapter is None:
            raise CarrierAdapterUnknown(name, list(offered))
        return adapter


def _code(value: str | None) -> str:
    code = (value or "").strip().lower()
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "A code is 1 to 32 lower-case letters, digits, `-` and `_`, and begins with a letter or digit.",
            field=("code",),
        )
    return code
