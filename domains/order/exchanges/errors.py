"""The errors of exchanges."""

from domains.kernel.errors import NotAllowed


class ExchangeNotDeliverable(NotAllowed):
    """The new order has goods to ship, and the order that it replaces has no address for them."""

    def __init__(self) -> None:
        super().__init__(
            "The order was not shipped, so there is no address for goods in exchange. Exchange it for goods that are "
            "not shipped, or refund it.",
            field=("lines",),
        )


class GiftCardNotExchanged(NotAllowed):
    """Gift cards are sold for money, and cannot be taken in exchange."""

    def __init__(self) -> None:
        super().__init__(
            "Goods are not exchanged for gift cards. Refund them to store credit instead.", field=("lines",)
        )
