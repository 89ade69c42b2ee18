"""The address book of a user in a company: one default address for each type."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.account import data, sql
from domains.account.data import AddressRow, AddressType
from domains.account.errors import AddressNotFound, TooManyAddresses
from domains.account.events import AddressAdded, AddressChanged, AddressChangedByStaff, AddressDeleted
from domains.account.models import Address, AddressChanges, NewAddress
from domains.account.postal_addresses import checked_address
from domains.auth.policy import require_user_id
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction, PermissionResource

NEWEST_FIRST: Final = Sort("id", UUID, "desc")
MAX_ADDRESSES: Final = 100
USERS: Final = PermissionResource.USERS


class AddressBook:
    """Addresses. A user manages their own; staff need a permission for USERS to read or change those of others."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def find(
        self,
        db: Reader,
        actor: Actor,
        page: PageArgs,
        *,
        user_id: UUID | None = None,
        address_type: AddressType | None = None,
    ) -> Page[Address]:
        """A page of the actor's addresses, or with USERS:READ of another user's, newest first.

        Raises Unauthenticated and PermissionDenied.
        """
        where: data.AddressWhere = {"user_id": _owner_id(actor, user_id)}
        if address_type is not None:
            where["type"] = address_type
        return await fetch_page(data.address, db, page, sort=NEWEST_FIRST, where=where)

    async def find_own(
        self, db: Reader, actor: Actor, address_id: UUID, *, field: Sequence[str] = ("id",)
    ) -> Address:
        """An address of the actor's own. Raises AddressNotFound, also for the address of another user."""
        row = await data.address.find_unique(db, id=address_id)
        if row is None or not actor.owns(row.user_id):
            raise AddressNotFound(address_id, field=field)
        return row

    async def of_users(self, db: Reader, user_ids: Sequence[UUID]) -> list[Address]:
        """The addresses of several users, newest first. The caller checks that the actor may see them."""
        where: data.AddressWhere = {"user_id": {"in": user_ids}}
        return await data.address.find_many(db, where=where, order_by=[{"id": "desc"}])

    async def create(self, tx: Tx, actor: Actor, new: NewAddress) -> Address:
        """Add an address to the actor's address book. The first address of a type becomes the default.

        Raises Unauthenticated, TooManyAddresses above 100 addresses, and for all fields at once Required, TooLong
        and InvalidInput. Emits user.address_added.
        """
        user_id = require_user_id(actor)
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
        await sql.lock_address_book(tx, user_id)
        addresses = await data.address.find_many(tx, where={"user_id": user_id})
        if len(addresses) >= MAX_ADDRESSES:
            raise TooManyAddresses(MAX_ADDRESSES)
        is_default = new.is_default or not any(row.type is new.type for row in addresses)
        if is_default:
            await self._clear_default(tx, user_id, new.type)
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
        address = await data.address.create(tx, row)
        tx.emit(AddressAdded(user_id=user_id, address_id=address.id))
        return address

    async def update(self, tx: Tx, actor: Actor, address_id: UUID, changes: AddressChanges) -> Address:
        """Change an address of the actor's own, or with USERS:UPDATE of another user.

        Raises AddressNotFound, RoleOutOfReach when the user's role is above the actor's, and for all fields at once
        Required, TooLong and InvalidInput. Emits user.address_changed, and user.address_changed_by_staff when the
        address is not the actor's.
        """
        row = await self._find_editable(tx, actor, address_id, PermissionAction.UPDATE)
        checked = checked_address(changes, row)
        if "type" in changes or "is_default" in changes:
            await sql.lock_address_book(tx, row.user_id)
            row = await self._find_editable(tx, actor, address_id, PermissionAction.UPDATE)
        type_ = changes.get("type") or row.type
        is_moved = type_ is not row.type
        if await self._becomes_default(tx, row, type_, is_wanted=bool(changes.get("is_default"))):
            await self._clear_default(tx, row.user_id, type_)
            checked["is_default"] = True
        if is_moved:
            checked["type"] = type_
        updated = await data.address.update(tx, id=row.id, data=checked)
        if row.is_default and is_moved:
            await self._choose_default(tx, row)
        _emit(tx, actor, row, AddressChanged)
        return updated

    async def delete(self, tx: Tx, actor: Actor, address_id: UUID) -> Address:
        """Delete an address. If it was a default, the newest other address of its type becomes the default.

        With USERS:DELETE also for another user. Raises AddressNotFound and RoleOutOfReach. Emits
        user.address_deleted, and user.address_changed_by_staff when the address is not the actor's.
        """
        row = await self._find_editable(tx, actor, address_id, PermissionAction.DELETE)
        await sql.lock_address_book(tx, row.user_id)
        deleted = await data.address.delete(tx, id=row.id)
        if deleted.is_default:
            await self._choose_default(tx, deleted)
        _emit(tx, actor, row, AddressDeleted)
        return deleted

    async def _find_editable(self, tx: Tx, actor: Actor, address_id: UUID, action: PermissionAction) -> AddressRow:
        row = await data.address.find_unique(tx, id=address_id)
        if row is None or not (actor.may_see(row.user_id, USERS) and actor.may_see(row.user_id, USERS, action)):
            raise AddressNotFound(address_id)
        if not actor.owns(row.user_id):
            await self._auth.members.require_not_above(tx, actor, row.user_id)
        return row

    async def _becomes_default(self, tx: Tx, row: AddressRow, type_: AddressType, *, is_wanted: bool) -> bool:
        """Whether an address of a locked book becomes the default of a type: as wanted, or as the only one."""
        if type_ is row.type:
            return is_wanted and not row.is_default
        where: data.AddressWhere = {"user_id": row.user_id, "type": type_}
        return is_wanted or row.is_default or await data.address.find_first(tx, where=where) is None

    async def _clear_default(self, tx: Tx, user_id: UUID, type_: AddressType) -> None:
        where: data.AddressWhere = {"user_id": user_id, "type": type_, "is_default": True}
        await data.address.update_many(tx, where=where, data={"is_default": False})

    async def _choose_default(self, tx: Tx, row: AddressRow) -> None:
        where: data.AddressWhere = {"user_id": row.user_id, "type": row.type}
        newest = await data.address.find_first(tx, where=where, order_by=[{"id": "desc"}])
        if newest is not None:
            await data.address.update(tx, id=newest.id, data={"is_default": True})


def _emit(tx: Tx, actor: Actor, row: AddressRow, event: type[AddressChanged | AddressDeleted]) -> None:
    """Emit an event, and AddressChangedByStaff unless the actor changed an address of their own."""
    tx.emit(event(user_id=row.user_id, address_id=row.id))
    if not actor.owns(row.user_id):
        was_deleted = event is AddressDeleted
        tx.emit(AddressChangedByStaff(user_id=row.user_id, address_id=row.id, was_deleted=was_deleted))


def _owner_id(actor: Actor, user_id: UUID | None) -> UUID:
    owner = user_id or require_user_id(actor)
    if not actor.may_see(owner, USERS):
        raise PermissionDenied("You need the permission USERS:READ to see the addresses of other users.")
    return owner
