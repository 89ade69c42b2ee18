"""The errors of notifications that staff send again."""

from domains.kernel.errors import Conflict, NotAllowed, RateLimited


class NotificationNotFailed(Conflict):
    """Only a notification that failed or bounced is sent again."""

    def __init__(self) -> None:
        super().__init__("It did not fail. Only notifications that failed are sent again.", field=("id",))


class NotificationHasSecret(NotAllowed):
    """The notification had a code or another secret, which is not stored."""

    def __init__(self) -> None:
        message = "Its code is not stored, so it cannot be sent again. Ask the recipient to request a new one."
        super().__init__(message, field=("id",))


class NotificationNotRepeatable(NotAllowed):
    """The content of the notification was deleted when it ended, and nothing has it any more."""

    def __init__(self) -> None:
        message = "Its content was deleted when it ended. Only those about orders, but to devices, are made again."
        super().__init__(message, field=("id",))


class NotificationOutdated(Conflict):
    """What the notification told is not so any more, or the buyer was erased."""

    def __init__(self, field: str = "id") -> None:
        super().__init__("This is not so any more, so it is not told again. Look at the order.", field=(field,))


class TooManyConfirmations(RateLimited):
    """The confirmation of an order was sent again as often as is allowed in a day."""

    def __init__(self, most: int, seconds: int) -> None:
        message = f"A confirmation is sent again at most {most} times in 24 hours. Wait, or call the buyer."
        super().__init__(message, retry_after=seconds, field=("order_id",))
