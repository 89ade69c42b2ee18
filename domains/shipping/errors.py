"""Errors of the shipping domain."""

from collections.abc import Sequence

from domains.kernel.errors import AlreadyExists, DomainError, InvalidInput, NotFound


class ShippingZoneNotFound(NotFound):
    """The shipping zone does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no shipping zone with this id.", field=field)


class ShippingMethodNotFound(NotFound):
    """The shipping method does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no shipping method with this id.", field=field)


class ShippingProfileNotFound(NotFound):
    """The shipping profile does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no shipping profile with this id.", field=field)


class MethodReferenceNotFound(NotFound):
    """The carrier or the warehouse of a shipping method does not exist."""

    def __init__(self, field: str) -> None:
        noun = "carrier" if field == "carrier_id" else "warehouse"
        super().__init__(f"There is no {noun} with this id.", field=(field,))


class ShippingProfileInUse(DomainError):
    """A shipping profile of products or methods cannot be deleted."""

    def __init__(self) -> None:
        super().__init__(
            "Products or shipping methods use this shipping profile. Give the products another one and remove it "
            "from the methods first.",
            field=("id",),
        )


class ShippingZonesOverlap(AlreadyExists):
    """Another active shipping zone contains one of the places, as specifically."""

    def __init__(self, name: str, other: str, place: str, *, field: Sequence[str]) -> None:
        super().__init__(
            f"The active shipping zones {name!r} and {other!r} both contain {place}. Remove it from one of the two, "
            "or deactivate one.",
            field=field,
        )


class ShippingRatesIncomplete(InvalidInput):
    """The rates of a shipping method do not cover its limits."""

    def __init__(self, place: str, *, field: Sequence[str]) -> None:
        super().__init__(
            f"No rate covers {place}. Add a rate, extend one, or narrow the limits of the method.", field=field
        )


class ShippingRatesOverlap(InvalidInput):
    """Two rates of a shipping method cover the same weights and amounts."""

    def __init__(self, place: str, other: int, *, field: Sequence[str]) -> None:
        super().__init__(
            f"This rate and `rates[{other}]` both cover {place}. A range ends below its maximum, so the next one can "
            "begin with it.",
            field=field,
        )


class ShippingRateOutsideLimits(InvalidInput):
    """A rate covers weights or amounts that its shipping method does not carry."""

    def __init__(self, limits: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The method carries {limits}. Keep the rate within, or widen the method.", field=field)
