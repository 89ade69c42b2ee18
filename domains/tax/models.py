"""The taxes of a sale at its destination, the settings of a company, and inputs of classes and rates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Required, TypeAlias, TypedDict
from uuid import UUID

from domains.tax.data import ShippingTaxMethod
from domains.tax.data import TaxClassRow as TaxClass
from domains.tax.data import TaxRateRow as TaxRate
from domains.tax.data import TaxSettingsRow as TaxSettings

__all__ = [
    "NO_TAXES",
    "Destination",
    "NewTaxRate",
    "SaleTaxes",
    "ShippingTaxMethod",
    "Tax",
    "TaxClass",
    "TaxClassChanges",
    "TaxExemption",
    "TaxRate",
    "TaxRateChanges",
    "TaxRateFilter",
    "TaxSettings",
    "Taxes",
    "rate_of",
]


class TaxExemption(StrEnum):
    """Why a sale has no tax. REVERSE_CHARGE: the customer owes it (Directive 2006/112/EC, articles 138 and 196)."""

    REVERSE_CHARGE = "REVERSE_CHARGE"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods are sent: an ISO 3166-1 country, and what is known of province and postal code.

    `vat_number` is the customer's VAT identification number of that country, None for a consumer.
    """

    country: str
    province: str | None = None
    postal_code: str | None = None
    vat_number: str | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax of an amount: its name, such as VAT, and its rate as a fraction (0.19 is 19 %)."""

    name: str
    rate: Decimal


Taxes: TypeAlias = tuple[Tax, ...]
"""The taxes that one amount has together, such as GST and QST in Quebec. Each is a fraction of the same amount."""
NO_TAXES: Taxes = ()


def rate_of(taxes: Taxes) -> Decimal:
    """The rate of taxes together, a fraction of the amount without tax."""
    return sum((tax.rate for tax in taxes), Decimal(0))


@dataclass(frozen=True, slots=True)
class SaleTaxes:
    """The taxes of a sale.

    `standard` are those of goods whose class has none of its own in `classes`. `shipping` are the taxes of shipping;
    None splits it like the goods. With `prices_include_tax` the prices of lines and shipping contain their tax;
    otherwise the tax is added to them. With an `exemption` the sale has no tax, and its prices are reduced by the tax
    that they contain.
    """

    standard: Taxes
    prices_include_tax: bool
    classes: Mapping[UUID, Taxes] = field(default_factory=dict)
    shipping: Taxes | None = NO_TAXES
    exemption: TaxExemption | None = None

    def of_class(self, tax_class_id: UUID | None) -> Taxes:
        """The taxes of goods of a class, None for goods without one."""
        return self.standard if tax_class_id is None else self.classes.get(tax_class_id, self.standard)


class TaxClassChanges(TypedDict, total=False):
    """Changes to a tax class; absent fields do not change. The default class is that of goods without one."""

    code: str | None
    name: str | None
    is_default: bool | None


class TaxRateChanges(TypedDict, total=False):
    """Changes to a tax rate; absent fields do not change.

    `rate` is a fraction: 0.19 is 19 %. `valid_until` is the last day. Without `province` it is of the whole country,
    without `postal_prefix` of all postal codes.
    """

    name: str | None
    country: str | None
    province: str | None
    postal_prefix: str | None
    rate: Decimal | None
    valid_from: date | None
    valid_until: date | None


class NewTaxRate(TaxRateChanges):
    """A tax rate to create: name, country and rate are required, `valid_from` is today by default."""

    tax_class_id: Required[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateFilter:
    """Conditions on tax rates, all of which must hold. `valid_on` is a day, `search` a part of the name."""

    tax_class_id: UUID | None = None
    country: str | None = None
    province: str | None = None
    valid_on: date | None = None
    search: str | None = None
