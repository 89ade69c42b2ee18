"""The rows of files of tax rates: their columns, and each as a value."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from domains.kernel.text.validation import casefold_text
from domains.tax.models import TaxRate

COLUMNS: Final = (
    "class",
    "tax",
    "country",
    "province",
    "postal_prefix",
    "rate",
    "valid_from",
    "valid_until",
)
"""The columns of exports, all of which an import needs; it ignores others."""


class TaxKey(NamedTuple):
    """A tax in a place: of rates with the same key at most one is valid on a day. The texts may be empty."""

    tax_class: str
    country: str
    province: str
    postal_prefix: str
    name: str

    @classmethod
    def of(cls, rate: TaxRate, tax_class: str) -> "TaxKey":
        """The key of a stored rate of the class with this code."""
        name = casefold_text(rate.name)
        return cls(tax_class, rate.country, rate.province or "", rate.postal_prefix or "", name)


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate as a file states it, with the code of its class; `line` is where its row begins."""

    line: int
    tax_class: str
    name: str
    country: str
    province: str | None
    postal_prefix: str | None
    rate: Decimal
    valid_from: date
    valid_until: date | None
    key: TaxKey = field(init=False)

    def __post_init__(self) -> None:
        """Fold the name once: rows are compared and sorted by their key."""
        key = TaxKey(
            self.tax_class, self.country, self.province or "", self.postal_prefix or "", casefold_text(self.name)
        )
        object.__setattr__(self, "key", key)

    def is_same(self, rate: TaxRate) -> bool:
        """Whether a stored rate with the same key and first day has nothing else."""
        return (self.name, self.rate, self.valid_until) == (rate.name, rate.rate, rate.valid_until)


def days(valid_from: date, valid_until: date | None) -> str:
    """The days of a rate in messages."""
    return f"from {valid_from}" + (f" to {valid_until}" if valid_until else " on")
