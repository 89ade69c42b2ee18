"""The errors of product alerts."""

from uuid import UUID

from domains.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


class ProductAlertNotFound(NotFound):
    """No product alert has this id, or it is another user's."""

    def __init__(self, alert_id: UUID) -> None:
        super().__init__(f"There is no product alert {alert_id}.", field=("id",))


class ProductInStock(Conflict):
    """There is nothing to wait for: the product is in stock."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is in stock. Buy it, or ask to be told of a lower price.", field=("kind",))


class TargetPriceTooHigh(InvalidInput):
    """The price to be told of is not below the present one."""

    def __init__(self) -> None:
        super().__init__("Enter a price below the present one.", field=("target_price",))


class ProductAlertLimitExceeded(NotAllowed):
    """A user or a mailbox waits for as many products as is allowed."""

    def __init__(self, most: int) -> None:
        super().__init__(f"You wait for {most} products already. Delete an alert first.", field=("product_id",))


class AlertAddressFixedByAccount(NotAllowed):
    """The alerts of a logged-in user go to the address of the account."""

    def __init__(self) -> None:
        super().__init__("You are logged in, so the alert goes to the address of your account.", field=("email",))
