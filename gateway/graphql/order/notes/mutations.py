"""The mutations of notes on orders, for staff."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.idempotency.outcomes import Outcome
from domains.order.models import OrderNote as NoteModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, present
from gateway.graphql.order.inputs import KEY
from gateway.graphql.order.mutations import MAY_UPDATE
from gateway.graphql.order.notes.types import OrderNote
from gateway.graphql.order.payloads import ERRORS

NOTE_ID = "The id of a note that you wrote; with ORDERS:MANAGE of any note."


@strawberry.input(description="A note on an order.")
class OrderNoteAddInput:
    """See Notes.add."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of the order, whatever its status.")
    note: str = strawberry.field(description="The text, 1 to 5,000 characters.")
    is_internal: bool = strawberry.field(
        default=True, description="False: the buyer sees the note too, as `Order.orderNotes`."
    )


@strawberry.input(description="The changes of a note. Null and absent fields change nothing.")
class OrderNoteUpdateInput:
    """See Notes.update."""

    note_id: UUID = strawberry.field(description=NOTE_ID)
    note: str | None = strawberry.field(default=None, description="The new text, 1 to 5,000 characters.")
    is_internal: bool | None = strawberry.field(
        default=None, description="True: for staff alone; false: the buyer sees it too."
    )


@strawberry.input(description="The note to delete.")
class OrderNoteDeleteInput:
    """See Notes.delete."""

    note_id: UUID = strawberry.field(description=NOTE_ID)


@strawberry.type(description="The result of `orderNoteAdd`.")
class OrderNoteAddPayload:
    """The note, or the errors."""

    note: OrderNote | None = strawberry.field(
        default=None, description="The new note; null when it was refused, or deleted since."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    @classmethod
    def of(cls, note: NoteModel | None) -> Self:
        """The payload of a note."""
        return cls(note=present(OrderNote, note))

    def outcome(self) -> Mapping[str, Any]:
        """The note's id."""
        return {"note_id": self.note.id if self.note else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The note as it is now."""
        del input
        note_id, context = outcome.id("note_id"), info.context
        notes = context.services.order.notes
        return cls.of(None if note_id is None else await notes.by_id(context.reader, note_id))


@strawberry.type(description="The result of `orderNoteUpdate`.")
class OrderNoteUpdatePayload:
    """The note, or the errors."""

    note: OrderNote | None = strawberry.field(
        default=None, description="The note afterwards; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `orderNoteDelete`.")
class OrderNoteDeletePayload:
    """The id, or the errors."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the note that was deleted; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type
class OrderNoteMutation:
    """The fields of Mutation about notes on orders."""

    @command(MAY_UPDATE, idempotent=True)
    async def order_note_add(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderNoteAddInput, strawberry.argument(description="The order, the text, and who sees it.")],
    ) -> OrderNoteAddPayload:
        """Write a note on an order, for staff alone unless `isInternal` is false. An order has at most 200."""
        context = info.context
        note = await context.services.order.notes.add(
            tx, context.actor, input.order_id, input.note, is_internal=input.is_internal
        )
        return OrderNoteAddPayload.of(note)

    @command(MAY_UPDATE)
    async def order_note_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderNoteUpdateInput, strawberry.argument(description="The note and its changes.")],
    ) -> OrderNoteUpdatePayload:
        """Change a note on an order. Notes of others require ORDERS:MANAGE."""
        context = info.context
        note = await context.services.order.notes.update(
            tx, context.actor, input.note_id, note=input.note, is_internal=input.is_internal
        )
        return OrderNoteUpdatePayload(note=present(OrderNote, note))

    @command(MAY_UPDATE)
    async def order_note_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderNoteDeleteInput, strawberry.argument(description="The note that is no longer needed.")],
    ) -> OrderNoteDeletePayload:
        """Delete a note on an order. Notes of others require ORDERS:MANAGE."""
        context = info.context
        deleted = await context.services.order.notes.delete(tx, context.actor, input.note_id)
        return OrderNoteDeletePayload(deleted_id=deleted.id)
