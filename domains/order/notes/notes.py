"""Notes of staff on orders: internal ones, and ones that the buyer sees too."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.validation import require_text
from domains.order import data, transitions
from domains.order.errors import OrderNotFound
from domains.order.models import Order, OrderNote
from domains.order.notes.errors import OrderNoteNotFound, OrderNoteOfAnother
from domains.order.notes.events import OrderNoteAdded, OrderNoteDeleted, OrderNoteUpdated
from domains.order.policy import sees_all

MAX_NOTES: Final = 200
NOTE_LENGTH: Final = 5_000
NOTE: Final = ("note",)


class Notes:
    """Writes, changes and deletes notes. They change nothing of the order itself, whatever its status."""

    async def add(self, tx: Tx, actor: Actor, order_id: UUID, note: str, *, is_internal: bool = True) -> OrderNote:
        """Write a note on an order, for staff with ORDERS:UPDATE; one that is not internal is shown to the buyer.

        Raises OrderNotFound, Required and TooLong for the note, and TooMany beyond 200 notes. Emits OrderNoteAdded.
        Four statements with the event.
        """
        text = require_text(note, field=NOTE, max_length=NOTE_LENGTH)
        order = await transitions.lock(tx, actor, order_id, None)
        if await data.order_note.count(tx, where={"order_id": order.id}) >= MAX_NOTES:
            raise TooMany(f"An order has at most {MAX_NOTES} notes. Delete one first.", field=("order_id",))
        values: data.OrderNoteCreate = {
            "id": new_id(),
            "order_id": order.id,
            "note": text,
            "is_internal": is_internal,
            "created_by": actor.user_id,
        }
        written = await data.order_note.create(tx, data=values)
        tx.emit(
            OrderNoteAdded(
                order_id=order.id,
                order_number=order.order_number,
                note_id=written.id,
                is_internal=written.is_internal,
            )
        )
        return written

    async def update(
        self, tx: Tx, actor: Actor, note_id: UUID, *, note: str | None = None, is_internal: bool | None = None
    ) -> OrderNote:
        """Change the text of a note, or whether the buyer sees it; None leaves it as it is.

        For its author with ORDERS:UPDATE, and anyone with ORDERS:MANAGE. Raises OrderNoteNotFound,
        OrderNoteOfAnother, Required and TooLong. Emits OrderNoteUpdated if something changes. Five statements with
        the event.
        """
        text = None if note is None else require_text(note, field=NOTE, max_length=NOTE_LENGTH)
        found, order = await self._lock(tx, actor, note_id)
        changes: data.OrderNoteUpdate = {}
        if text is not None and text != found.note:
            changes["note"] = text
        if is_internal is not None and is_internal is not found.is_internal:
            changes["is_internal"] = is_internal
        if not changes:
            return found
        changed = await data.order_note.update(tx, id=found.id, data=changes)
        tx.emit(
            OrderNoteUpdated(
                order_id=order.id,
                order_number=order.order_number,
                note_id=changed.id,
                is_internal=changed.is_internal,
            )
        )
        return changed

    async def delete(self, tx: Tx, actor: Actor, note_id: UUID) -> OrderNote:
        """Delete a note; for its author with ORDERS:UPDATE, and anyone with ORDERS:MANAGE. Returns what it was.

        Raises OrderNoteNotFound, OrderNoteOfAnother. Emits OrderNoteDeleted. Five statements with the event.
        """
        found, order = await self._lock(tx, actor, note_id)
        await data.order_note.delete(tx, id=found.id)
        tx.emit(OrderNoteDeleted(order_id=order.id, order_number=order.order_number, note_id=found.id))
        return found

    async def of_orders(self, db: Reader, actor: Actor, order_ids: Collection[UUID]) -> list[OrderNote]:
        """The notes on orders, oldest first, for who may see the orders: without ORDERS:READ those not internal.

        One statement.
        """
        where: data.OrderNoteWhere = {"order_id": {"in": list(order_ids)}}
        if not sees_all(actor):
            where["is_internal"] = False
        return await data.order_note.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def by_id(self, db: Reader, note_id: UUID) -> OrderNote | None:
        """A note by its id, for staff; None when there is none. One statement."""
        return await data.order_note.find_unique(db, id=note_id)

    async def _lock(self, tx: Tx, actor: Actor, note_id: UUID) -> tuple[OrderNote, Order]:
        """A note that the actor may change, and its order, which is locked. Notes change under that lock alone."""
        found = await data.order_note.find_unique(tx, id=note_id)
        if found is None:
            raise OrderNoteNotFound
        try:
            order = await transitions.lock(tx, actor, found.order_id, None)
        except OrderNotFound:
            raise OrderNoteNotFound from None
        note = await data.order_note.find_unique(tx, id=note_id)
        if note is None:
            raise OrderNoteNotFound
        if not actor.owns(note.created_by) and not actor.can(PermissionResource.ORDERS, PermissionAction.MANAGE):
            raise OrderNoteOfAnother
        return note, order
