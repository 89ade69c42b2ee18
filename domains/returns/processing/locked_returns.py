"""Return requests that are locked with their order, and lines of inputs by item."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import DuplicateValue
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors, prefix_errors
from domains.order import transitions
from domains.order.errors import OrderNotFound
from domains.order.models import Order
from domains.returns import data
from domains.returns.errors import ReturnItemNotFound, ReturnNotAllowed, ReturnRequestNotFound
from domains.returns.models import ReturnAuthorization, ReturnItem, ReturnRequest, ReturnStatus

OLDEST: Final[list[data.ReturnItemOrder]] = [{"id": "asc"}]


class _OfItem(Protocol):
    @property
    def return_item_id(self) -> UUID: ...


LineT = TypeVar("LineT", bound=_OfItem)


@dataclass(frozen=True, slots=True)
class LockedReturn:
    """A return request and its items, guarded by the lock of the order."""

    order: Order
    request: ReturnRequest
    items: Sequence[ReturnItem]

    def require(self, allowed: Collection[ReturnStatus], advice: str) -> None:
        """Raise ReturnNotAllowed unless the request has one of these statuses."""
        if self.request.status not in allowed:
            raise ReturnNotAllowed(self.request.rma_number, self.request.status, advice)


async def lock(
    tx: Tx,
    actor: Actor,
    request_id: UUID,
    token: str | None = None,
    action: PermissionAction = PermissionAction.UPDATE,
) -> LockedReturn:
    """A return request with its items and its order, which is locked first. Four statements.

    Raises ReturnRequestNotFound, also when the actor may not do this to the order.
    """
    known = await data.return_request.find_unique(tx, id=request_id)
    if known is None:
        raise ReturnRequestNotFound
    try:
        order = await transitions.lock(tx, actor, known.order_id, token, action)
    except OrderNotFound:
        raise ReturnRequestNotFound from None
    request = await data.return_request.find_unique(tx, id=request_id)
    where: data.ReturnItemWhere = {"return_request_id": request_id}
    items = await data.return_item.find_many(tx, where=where, order_by=OLDEST)
    if request is None:
        raise ReturnRequestNotFound
    return LockedReturn(order, request, items)


async def authorization_of(tx: Tx, request_id: UUID) -> ReturnAuthorization:
    """The authorization of an approved request. Raises ReturnRequestNotFound without one. One statement."""
    place = await data.return_authorization.find_unique(tx, return_request_id=request_id)
    if place is None:
        raise ReturnRequestNotFound
    return place


def by_item(lines: Sequence[LineT], items: Sequence[ReturnItem]) -> list[tuple[int, LineT, ReturnItem]]:
    """Each line with its position and its item.

    Raises Required without lines, and of all of them at once DuplicateValue and ReturnItemNotFound.
    """
    if not lines:
        raise Required("Name at least one item of the return.", field=("lines",))
    known = {item.id: item for item in items}
    found: dict[UUID, tuple[int, LineT, ReturnItem]] = {}
    with collect_errors() as each:
        for position, line in enumerate(lines):
            with each, at_line(position):
                item = known.get(line.return_item_id)
                if item is None:
                    raise ReturnItemNotFound
                if item.id in found:
                    raise DuplicateValue("This item is given twice.", field=("return_item_id",))
                found[item.id] = (position, line, item)
    return list(found.values())


@contextmanager
def at_line(position: int) -> Iterator[None]:
    """Prefix the paths of errors with that of a line."""
    with prefix_errors(("lines", str(position))):
        yield
