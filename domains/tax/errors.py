"""The errors of the tax domain."""

from domains.kernel.errors import InvalidInput


class VatNumberMalformed(InvalidInput):
    """A VAT number has a length or a letter that numbers of its country do not have."""


class VatNumberCheckDigitWrong(InvalidInput):
    """The check digit of a VAT number does not fit its other digits: one of them is mistyped."""


class VatNumberOfAnotherCountry(InvalidInput):
    """A VAT number is of another country than the address to which the goods are sent."""


class VatNumberUnsupported(InvalidInput):
    """Numbers of this country cannot be checked, so a sale to it cannot state one."""
