"""Errors of the tax domain."""

from collections.abc import Sequence

from domains.kernel.errors import AlreadyExists, DomainError, InvalidInput, NotFound
from domains.tax.models import TaxRate


class TaxClassNotFound(NotFound):
    """The tax class does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no tax class with this id.", field=field)


class TaxRateNotFound(NotFound):
    """The tax rate does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no tax rate with this id.", field=field)


class TaxClassCodeTaken(AlreadyExists):
    """Another tax class has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Another tax class already has the code {code!r}. Choose another.", field=("code",))


class TaxClassInUse(DomainError):
    """A tax class of products, rates or shipping cannot be deleted."""

    def __init__(self) -> None:
        super().__init__(
            "Products, tax rates or the tax of shipping use this tax class. Give the products and shipping another "
            "one and delete its rates first.",
            field=("id",),
        )


class TaxRatesOverlap(AlreadyExists):
    """Another rate of this tax, class and place is valid on one of these days."""

    def __init__(self, other: TaxRate) -> None:
        days = f"from {other.valid_from}" + (f" to {other.valid_until}" if other.valid_until else "")
        super().__init__(
            f"The rate {other.rate.normalize():f} of {other.name!r} with the id {other.id} is valid {days} in the "
            "same class and place. Change the days of one of the two.",
            field=("valid_from",),
        )
        self.other = other


class VatNumberMalformed(InvalidInput):
    """A VAT number has a length or a letter that numbers of its country do not have."""


class VatNumberCheckDigitWrong(InvalidInput):
    """The check digit of a VAT number does not fit its other digits: one of them is mistyped."""


class VatNumberOfAnotherCountry(InvalidInput):
    """A VAT number is of another country than the address to which the goods are sent."""


class VatNumberUnsupported(InvalidInput):
    """Numbers of this country cannot be checked, so a sale to it cannot state one."""
