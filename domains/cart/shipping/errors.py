"""The errors of shipping at the checkout."""

from domains.kernel.errors import NotAllowed

METHOD: tuple[str, ...] = ("method_id",)


class ShippingUnavailable(NotAllowed):
    """No shipping method carries these goods to this place."""

    def __init__(self, message: str, *, field: tuple[str, ...] = ()) -> None:
        super().__init__(message, field=field)


class ShippingMethodUnavailable(NotAllowed):
    """The chosen shipping method is not offered for this place, or no longer."""

    def __init__(self, message: str, *, field: tuple[str, ...] = METHOD) -> None:
        super().__init__(message, field=field)


class ShippingMethodUnsuitable(NotAllowed):
    """The chosen shipping method does not carry these goods."""

    def __init__(self, message: str, *, field: tuple[str, ...] = METHOD) -> None:
        super().__init__(message, field=field)


class ShippingMethodRequired(NotAllowed):
    """The buyer must choose a shipping method: none applies without a choice."""

    def __init__(self, message: str, *, field: tuple[str, ...] = METHOD) -> None:
        super().__init__(message, field=field)


class ShippingRateOutdated(NotAllowed):
    """The carrier's price of the chosen method no longer holds, or is for other goods or another place."""

    def __init__(self, message: str, *, field: tuple[str, ...] = METHOD) -> None:
        super().__init__(message, field=field)


class ShippingRateUnavailable(NotAllowed):
    """The carrier of the chosen method gives no price for these goods and this place now."""

    def __init__(self, message: str, *, field: tuple[str, ...] = METHOD) -> None:
        super().__init__(message, field=field)
