"""Reads, locks and changes return requests: the only module that writes their status.

The lock of the order guards its requests with their items: it is taken first.
"""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.prisma.statements import Statement
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.returns import data, statuses
from domains.returns.models import ReturnRequest, ReturnStatus


async def record(
    tx: Tx,
    actor: Actor,
    request: ReturnRequest,
    facts: data.ReturnRequestUpdate,
    *,
    notes: str | None = None,
    alongside: Sequence[Statement] = (),
) -> ReturnRequest:
    """Record facts of a request whose order is locked; returns the changed request. One statement.

    Its status follows, and its history shows a change of the status with the actor and `notes`. Raises TooLong and
    InvalidInput for the notes.
    """
    changed = data.return_request.from_record.changed(request, facts)
    after = statuses.status(changed)
    others = list(alongside)
    if after is not request.status:
        others.append(
            data.return_status_history.insertion(tx, [entry(actor, request.id, request.status, after, notes)])
        )
    columns: data.ReturnRequestUpdate = {**facts, "status": after}
    return await data.return_request.update(tx, id=request.id, data=columns, alongside=others)


def entry(
    actor: Actor, request_id: UUID, before: ReturnStatus | None, after: ReturnStatus, notes: str | None
) -> data.ReturnStatusHistoryCreate:
    """A row of the history: a change of status, its actor and the notes on it. Raises TooLong, InvalidInput."""
    return {
        "return_request_id": request_id,
        "status": after,
        "previous_status": before,
        "changed_by": actor.user_id,
        "actor_kind": actor.kind,
        "notes": optional_text(notes, field=("notes",), max_length=LINE_LENGTH),
    }
