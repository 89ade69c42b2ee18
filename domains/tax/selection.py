"""The rates that apply to a sale: of its place and day, and in the place the most specific one of each tax. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from domains.kernel.text.validation import casefold_text
from domains.tax.models import NO_TAXES, SaleTaxes, ShippingTaxMethod, Tax, Taxes, TaxRate, TaxSettings

STANDARD_NAME: Final = "Tax"
"""The name of the tax whose rate is in the settings."""


def sale_taxes(
    rates: Iterable[TaxRate], default_class_id: UUID | None, day: date, settings: TaxSettings
) -> SaleTaxes:
    """The taxes of a sale on a day, from the rates that its place has on any day."""
    classes = taxes_by_class(rate for rate in rates if is_valid(rate, day))
    standard: Taxes = (Tax(STANDARD_NAME, settings.tax_rate),)
    if default_class_id is not None:
        standard = classes.get(default_class_id, standard)
    goods = SaleTaxes(standard, settings.prices_include_tax, classes)
    return replace(goods, shipping=_shipping(goods, settings))


def taxes_by_class(rates: Iterable[TaxRate]) -> dict[UUID, Taxes]:
    """The taxes of each class that has rates: of the rates of one tax the most specific one, by the tax's name."""
    chosen: dict[tuple[UUID, str], TaxRate] = {}
    for rate in rates:
        key = (rate.tax_class_id, casefold_text(rate.name))
        if key not in chosen or _specificity(rate) > _specificity(chosen[key]):
            chosen[key] = rate
    classes: dict[UUID, Taxes] = {}
    for (tax_class_id, _), rate in sorted(chosen.items()):
        classes[tax_class_id] = (*classes.get(tax_class_id, NO_TAXES), Tax(rate.name, rate.rate))
    return classes


def is_valid(rate: TaxRate, day: date) -> bool:
    """Whether a rate is valid on a day; the last one is included."""
    return rate.valid_from <= day and (rate.valid_until is None or day <= rate.valid_until)


def _specificity(rate: TaxRate) -> tuple[int, bool]:
    """A longer postal prefix is more specific, then a province."""
    return len(rate.postal_prefix or ""), rate.province is not None


def _shipping(goods: SaleTaxes, settings: TaxSettings) -> Taxes | None:
    """The taxes of shipping; None splits it like the goods."""
    match settings.shipping_tax_method:
        case ShippingTaxMethod.UNTAXED:
            return NO_TAXES
        case ShippingTaxMethod.TAX_CLASS:
            return goods.of_class(settings.shipping_tax_class_id)
        case ShippingTaxMethod.PROPORTIONAL:
            return None
