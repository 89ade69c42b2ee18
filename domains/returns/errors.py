"""The errors of returns."""

from collections.abc import Sequence
from datetime import datetime

from domains.kernel.errors import DomainError, NotAllowed, NotFound, PermissionDenied
from domains.kernel.text.plurals import counted
from domains.returns.data import ReturnStatus


class ReturnRequestNotFound(NotFound):
    """No return request has this id or number, or the actor may not see it."""

    def __init__(self, *, field: Sequence[str] = ("return_request_id",)) -> None:
        super().__init__("There is no such return request.", field=field)


class ReturnItemNotFound(NotFound):
    """The return request has no item with this id."""

    def __init__(self) -> None:
        super().__init__("The return request has no item with this id.", field=("return_item_id",))


class ItemNotReturnable(NotAllowed):
    """The line of the order is digital, a gift card, or of a product that the shop does not take back."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This line cannot be returned: {reason}. Leave it out.", field=("order_item_id",))


class ReturnWindowEnded(NotAllowed):
    """The units were delivered longer ago than the shop takes goods back."""

    def __init__(self, window_days: int, ended_at: datetime | None, left: int) -> None:
        when = "" if ended_at is None else f" The last of them could be returned until {ended_at:%Y-%m-%d}."
        rest = f" {left} can still be returned." if left else " Ask the shop."
        super().__init__(
            f"Units can be returned within {counted(window_days, 'day')} after their delivery.{when}{rest}",
            field=("quantity",),
        )
        self.left = left


class ReturnQuantityTooLarge(DomainError):
    """More units would be returned than were delivered and are neither requested, returned nor refunded yet."""

    def __init__(self, requested: int, left: int) -> None:
        super().__init__(
            f"{counted(left, 'unit')} of this line can be returned, not {requested}. Enter at most that many: only "
            "delivered units that are neither in another return nor refunded can be returned.",
            field=("quantity",),
        )
        self.requested = requested
        self.left = left


class TooManyOpenReturns(NotAllowed):
    """The order has as many open return requests as are allowed."""

    def __init__(self, limit: int) -> None:
        requests = counted(limit, "open return request")
        super().__init__(
            f"The order has {requests}. Cancel one of them, or wait until the shop has answered.",
            field=("order_id",),
        )


class TooManyReturns(NotAllowed):
    """The order has as many return requests, ended ones included, as are allowed."""

    def __init__(self, limit: int) -> None:
        requests = counted(limit, "return request")
        super().__init__(
            f"The order has {requests}, more are not possible. Contact the shop.",
            field=("order_id",),
        )


class WindowOverrideNotAllowed(PermissionDenied):
    """The actor may not go beyond the window of returns."""

    def __init__(self) -> None:
        super().__init__("Only staff with ORDERS:UPDATE can override the window. Leave `override_window` out.")


class ReturnNotAllowed(NotAllowed):
    """The status of the return request does not allow this."""

    def __init__(self, number: str, status: ReturnStatus, advice: str) -> None:
        super().__init__(f"The return {number} is {status}. {advice}", field=("return_request_id",))
        self.status = status


class MoreThanRequested(DomainError):
    """More units would be approved than were requested."""

    def __init__(self, approved: int, requested: int) -> None:
        units = counted(requested, "unit was", "units were")
        super().__init__(
            f"{units} requested, not {approved}. Approve at most that many.",
            field=("approved",),
        )


class MoreThanApproved(DomainError):
    """More units would be received than were approved and have not come yet."""

    def __init__(self, received: int, left: int) -> None:
        units = counted(left, "approved unit of this item has", "approved units of this item have")
        super().__init__(
            f"{units} not come yet, not {received}. Enter at most that many.",
            field=("received",),
        )
        self.left = left


class MoreThanReceived(DomainError):
    """More units would be restocked and written off than came and were not inspected yet."""

    def __init__(self, inspected: int, left: int) -> None:
        units = counted(left, "received unit of this item was", "received units of this item were")
        super().__init__(
            f"{units} not inspected yet, not {inspected}. Enter at most that many.",
            field=("restocked",),
        )
        self.left = left
