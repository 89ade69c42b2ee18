"""The address book of a user in a company: at most one default for each type, whatever runs at the same time."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.auth import data, sql
from domains.auth.data import AddressRow, AddressType, AddressUpdate
from domains.auth.errors import AddressNotFound, TooManyAddresses
from domains.auth.events import AddressChangedByStaff
from domains.auth.models import Address, AddressChanges, NewAddress
from domains.auth.policy import require_not_above
from domains.auth.postal_formats import country_code, postal_code, require_place
from domains.auth.sessions.sessions import own_id
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.names import NAME_LENGTH
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.text.validation import NAME_LENGTH as LINE_LENGTH
from domains.kernel.text.validation import Required, optional_text, require_text
from domains.kernel.validation import collect_errors

NEWEST: Final = Sort("id", UUID, "desc")
MOST: Final = 100
USERS: Final = PermissionResource.USERS


class AddressBook:
    """Addresses. They belong to their user, and are open to staff with the right over USERS."""

    async def find(
        self,
        db: Reader,
        actor: Actor,
        page: PageArgs,
        *,
        user_id: UUID | None = None,
        kind: AddressType | None = None,
    ) -> Page[Address]:
        """The actor's addresses, or another user's for staff, the newest first. Raises PermissionDenied."""
        where: data.AddressWhere = {"user_id": _of(actor, user_id)}
        if kind is not None:
            where["type"] = kind
        return await fetch_page(data.address, db, page, sort=NEWEST, where=where)

    async def find_own(
        self, db: Reader, actor: Actor, address_id: UUID, *, field: Sequence[str] = ("id",)
    ) -> Address:
        """An address of the actor's own book. Raises AddressNotFound, also for another's."""
        row = await data.address.find_unique(db, id=address_id)
        if row is None or not actor.owns(row.user_id):
            raise AddressNotFound(address_id, field=field)
        return row

    async def of_users(self, db: Reader, user_ids: Sequence[UUID]) -> list[Address]:
        """The books of several users, the newest address first, in one statement; for who may see the users."""
        where: data.AddressWhere = {"user_id": {"in": user_ids}}
        return await data.address.find_many(db, where=where, order_by=[{"id": "desc"}])

    async def create(self, tx: Tx, actor: Actor, new: NewAddress) -> Address:
        """Put an address into the actor's book; the first of its type becomes the default.

        Raises Required, TooLong, InvalidInput, and TooManyAddresses at a hundred.
        """
        user_id = own_id(actor)
        checked = checked_address(
            {
                "full_name": new.full_name,
                "company_name": new.company_name,
                "address_line_1": new.address_line_1,
                "address_line_2": new.address_line_2,
                "city": new.city,
                "postal_code": new.postal_code,
                "province": new.province,
                "country": new.country,
                "phone": new.phone,
            }
        )
        await sql.lock_addresses(tx, user_id)
        known = await data.address.find_many(tx, where={"user_id": user_id})
        if len(known) >= MOST:
            raise TooManyAddresses(MOST)
        is_default = new.is_default or not any(row.type is new.type for row in known)
        if is_default:
            await self._yield_default(tx, user_id, new.type)
        row: data.AddressCreate = {
            "user_id": user_id,
            "type": new.type,
            "is_default": is_default,
            "full_name": checked["full_name"],
            "company_name": checked["company_name"],
            "address_line_1": checked["address_line_1"],
            "address_line_2": checked["address_line_2"],
            "city": checked["city"],
            "postal_code": checked["postal_code"],
            "province": checked["province"],
            "country": checked["country"],
            "phone": checked["phone"],
        }
        return await data.address.create(tx, row)

    async def update(self, tx: Tx, actor: Actor, address_id: UUID, changes: AddressChanges) -> Address:
        """Change an address; its user is told when it is not they who do.

        Raises AddressNotFound, RoleOutOfReach for that of a user above the actor, Required, TooLong, InvalidInput.
        Emits user.address_changed_by_staff where that holds.
        """
        row = await self._reachable(tx, actor, address_id, PermissionAction.UPDATE)
        checked = checked_address(changes, row)
        type_ = changes.get("type") or row.type
        becomes_default = bool(changes.get("is_default")) and not row.is_default
        if becomes_default or (row.is_default and type_ is not row.type):
            await sql.lock_addresses(tx, row.user_id)
            await self._yield_default(tx, row.user_id, type_)
            checked["is_default"] = True
        if type_ is not row.type:
            checked["type"] = type_
        updated = await data.address.update(tx, id=row.id, data=checked)
        if row.is_default and type_ is not row.type:
            await self._pass_on_default(tx, row)
        _tell(tx, actor, row, was_deleted=False)
        return updated

    async def delete(self, tx: Tx, actor: Actor, address_id: UUID) -> Address:
        """Take an address out of the book; the newest other one of its type becomes the default in its place.

        Raises AddressNotFound, and RoleOutOfReach as `update` does. Emits user.address_changed_by_staff likewise.
        """
        row = await self._reachable(tx, actor, address_id, PermissionAction.DELETE)
        await sql.lock_addresses(tx, row.user_id)
        deleted = await data.address.delete(tx, id=row.id)
        if deleted.is_default:
            await self._pass_on_default(tx, deleted)
        _tell(tx, actor, row, was_deleted=True)
        return deleted

    async def _reachable(self, tx: Tx, actor: Actor, address_id: UUID, action: PermissionAction) -> AddressRow:
        row = await data.address.find_unique(tx, id=address_id)
        if row is None or not (actor.may_see(row.user_id, USERS) and actor.may_see(row.user_id, USERS, action)):
            raise AddressNotFound(address_id)
        if not actor.owns(row.user_id):
            target = await sql.target(tx, row.user_id)
            if target is not None:
                require_not_above(actor, target)
        return row

    async def _yield_default(self, tx: Tx, user_id: UUID, type_: AddressType) -> None:
        where: data.AddressWhere = {"user_id": user_id, "type": type_, "is_default": True}
        await data.address.update_many(tx, where=where, data={"is_default": False})

    async def _pass_on_default(self, tx: Tx, row: AddressRow) -> None:
        where: data.AddressWhere = {"user_id": row.user_id, "type": row.type}
        heir = await data.address.find_first(tx, where=where, order_by=[{"id": "desc"}])
        if heir is not None:
            await data.address.update(tx, id=heir.id, data={"is_default": True})


def _tell(tx: Tx, actor: Actor, row: AddressRow, *, was_deleted: bool) -> None:
    """Tell of a change that somebody else made, for its user to hear of it."""
    if not actor.owns(row.user_id):
        tx.emit(AddressChangedByStaff(user_id=row.user_id, address_id=row.id, was_deleted=was_deleted))


def _of(actor: Actor, user_id: UUID | None) -> UUID:
    owner = user_id or own_id(actor)
    if not actor.may_see(owner, USERS):
        raise PermissionDenied("Other people's addresses need the permission USERS:READ.")
    return owner


def checked_address(changes: AddressChanges, known: AddressRow | None = None) -> AddressUpdate:
    """The given fields as they are stored, by the form of the country; those of a `known` address fill them up.

    A field that must not be empty may not be null either. What a change does not touch is not looked at again.
    Raises Required, TooLong and InvalidInput, of all fields at once; without a country nothing is asked by its form.
    """
    checked: AddressUpdate = {}
    country = known.country if known and "country" not in changes else ""
    with collect_errors() as each:
        with each:
            if "full_name" in changes:
                checked["full_name"] = _text(changes["full_name"], "full_name", NAME_LENGTH * 2)
        with each:
            if "company_name" in changes:
                checked["company_name"] = _optional(changes["company_name"], "company", NAME_LENGTH)
        with each:
            if "address_line_1" in changes:
                checked["address_line_1"] = _text(changes["address_line_1"], "address_line_1")
        with each:
            if "address_line_2" in changes:
                checked["address_line_2"] = _optional(changes["address_line_2"], "address_line_2")
        with each:
            if "country" in changes:
                country = checked["country"] = country_code(changes["country"] or "")
        is_elsewhere = known is None or country != known.country
        with each:
            checked |= _place(changes, known, country, is_elsewhere=is_elsewhere)
        with each:
            if is_elsewhere or "postal_code" in changes:
                code = changes.get("postal_code", known.postal_code if known else None)
                checked["postal_code"] = postal_code(code, country)
        with each:
            if "phone" in changes:
                checked["phone"] = phone_number(changes["phone"], country=country or None)
        with each:
            if "type" in changes and changes["type"] is None:
                raise Required("`type` must not be null.", field=("type",))
    return checked


def _place(changes: AddressChanges, known: AddressRow | None, country: str, *, is_elsewhere: bool) -> AddressUpdate:
    """The city and province, where any of them changes or the country does. Raises as `checked_address`."""
    placed: AddressUpdate = {}
    with collect_errors() as each:
        with each:
            if "city" in changes:
                placed["city"] = _optional(changes["city"], "city") or ""
        with each:
            if "province" in changes:
                placed["province"] = _optional(changes["province"], "province", NAME_LENGTH)
    if is_elsewhere or placed:
        city = placed.get("city", known.city if known else "")
        province = placed.get("province", known.province if known else None)
        placed["city"] = require_place(city, province, country)
    return placed


def _text(value: str | None, field: str, most: int = LINE_LENGTH) -> str:
    return require_text(value or "", field=(field,), most=most)


def _optional(value: str | None, field: str, most: int = LINE_LENGTH) -> str | None:
    return optional_text(value, field=(field,), most=most)
