"""The errors of invoices."""

from collections.abc import Sequence

from domains.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


class InvoiceNotFound(NotFound):
    """No invoice has this id, or the actor may not see it."""

    def __init__(self, *, field: Sequence[str] = ("invoice_id",)) -> None:
        super().__init__("There is no such invoice.", field=field)


class OrderInvoiced(NotAllowed):
    """The order has an invoice that is valid."""

    def __init__(self, number: str) -> None:
        super().__init__(f"This order has the invoice {number} already.", field=("order_id",))
        self.number = number


class OrderNotInvoiceable(NotAllowed):
    """The order has ended before it was shipped, or costs nothing."""

    def __init__(self, *, has_ended: bool) -> None:
        reason = "It was cancelled or has ended" if has_ended else "It costs nothing"
        super().__init__(f"There is no invoice for this order. {reason}.", field=("order_id",))


class SellerIncomplete(NotAllowed):
    """The settings of documents name no seller, without whom no invoice is valid."""

    def __init__(self) -> None:
        super().__init__(
            "An invoice needs the seller's legal name, address, city and country. Set them in the"
            " settings of documents first.",
            field=("order_id",),
        )


class InvoiceNumberTaken(Conflict):
    """An invoice has this number from an earlier pattern."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Another invoice has the number {number}, from an earlier pattern. Choose another pattern in the "
            "settings of documents.",
            field=("order_id",),
        )


class LanguageInvalid(InvalidInput):
    """The text is not a language tag of BCP 47."""

    def __init__(self, *, field: Sequence[str] = ("language",)) -> None:
        super().__init__("Give a language as in BCP 47, such as de or pt-BR.", field=field)
