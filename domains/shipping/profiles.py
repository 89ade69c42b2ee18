"""Shipping profiles: create, change and delete them, and choose the default one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.shipping import data, sql
from domains.shipping.configuration import ConfigurationCache
from domains.shipping.errors import ShippingProfileInUse, ShippingProfileNotFound
from domains.shipping.events import ShippingProfileCreated, ShippingProfileDeleted, ShippingProfileUpdated
from domains.shipping.models import ShippingProfile, ShippingProfileChanges
from domains.shipping.validation import PROFILE_FIELDS, checked_profile

MAX_PROFILES: Final = 100
OLDEST_FIRST: Final = Sort("created_at", datetime)


class ShippingProfiles:
    """The shipping profiles of a company. Goods without a profile have the default one."""

    def __init__(self, configuration: ConfigurationCache) -> None:
        self._configuration = configuration

    async def find_page(self, db: Reader, args: PageArgs, *, search: str | None = None) -> Page[ShippingProfile]:
        """A page of the profiles, the oldest first; `search` is a part of the name. Raises as `fetch_page`."""
        where: data.ShippingProfileWhere = {}
        if (condition := containing(search)) is not None:
            where["name"] = condition
        return await fetch_page(data.shipping_profile, db, args, sort=OLDEST_FIRST, where=where)

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[ShippingProfile]:
        """The profiles of these ids, in no order. One statement."""
        return await data.shipping_profile.find_many(db, where={"id": {"in": list(ids)}})

    async def create(self, tx: Tx, new: ShippingProfileChanges) -> ShippingProfile:
        """Create a profile; as the default one it takes the place of another.

        Raises, for all fields at once, what `validation.checked_profile` raises; then TooMany above 100 profiles.
        Emits ShippingProfileCreated, and ShippingProfileUpdated of the default profile before it.
        """
        row: Any = checked_profile(new)
        await sql.lock_configuration(tx)
        if await data.shipping_profile.count(tx) >= MAX_PROFILES:
            raise TooMany(f"A company has at most {MAX_PROFILES} shipping profiles. Delete one that is not needed.")
        if row["is_default"]:
            await _end_default(tx)
        profile = await data.shipping_profile.create(tx, row)
        self._configuration.invalidate(tx)
        tx.emit(ShippingProfileCreated(shipping_profile_id=profile.id))
        return profile

    async def update(self, tx: Tx, profile_id: UUID, changes: ShippingProfileChanges) -> ShippingProfile:
        """Change a profile; as the default one it takes the place of another.

        Raises ShippingProfileNotFound, and as `create`. Emits ShippingProfileUpdated when anything changes, also of
        the default profile before it.
        """
        await sql.lock_configuration(tx)
        current = await self._find(tx, profile_id)
        row: Any = checked_profile(changes, current)
        changed = sorted(name for name in PROFILE_FIELDS if getattr(current, name) != row[name])
        if not changed:
            return current
        if row["is_default"] and not current.is_default:
            await _end_default(tx)
        profile = await data.shipping_profile.update(tx, id=profile_id, data=row)
        self._configuration.invalidate(tx)
        tx.emit(ShippingProfileUpdated(shipping_profile_id=profile_id, changed=changed))
        return profile

    async def delete(self, tx: Tx, profile_id: UUID) -> None:
        """Delete a profile that no product and no method uses.

        Raises ShippingProfileNotFound, ShippingProfileInUse. Emits ShippingProfileDeleted.
        """
        await sql.lock_configuration(tx)
        await self._find(tx, profile_id)
        try:
            await data.shipping_profile.delete(tx, id=profile_id)
        except REFERENCE_ERRORS as error:
            raise ShippingProfileInUse from error
        self._configuration.invalidate(tx)
        tx.emit(ShippingProfileDeleted(shipping_profile_id=profile_id))

    async def _find(self, tx: Tx, profile_id: UUID) -> ShippingProfile:
        profile = await data.shipping_profile.find_unique(tx, id=profile_id)
        if profile is None:
            raise ShippingProfileNotFound
        return profile


async def _end_default(tx: Tx) -> None:
    """Let the company have no default profile; the caller has locked the configuration."""
    before = await data.shipping_profile.find_first(tx, where={"is_default": True})
    if before is not None:
        await data.shipping_profile.update(tx, id=before.id, data={"is_default": False})
        tx.emit(ShippingProfileUpdated(shipping_profile_id=before.id, changed=["is_default"]))
