"""Taxes of amounts: within them, or on top of them where prices do not include tax. Pure.

The tax of an amount is rounded half up to the currency's minor unit, once for each line, as Article 226 of Directive
2006/112/EC lets a seller choose. Where an amount contains several taxes, their sum is rounded and split by rate.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from domains.kernel.values.money import allocate, round_half_up
from domains.pricing.models import TaxedAmount, TaxLine
from domains.tax.models import NO_TAXES, Tax, Taxes, rate_of

NOTHING: Final = Decimal(0)
UNTAXED: Final = Tax("", NOTHING)


def taxed(amount: Decimal, taxes: Taxes, currency: str, *, is_included: bool) -> TaxedAmount:
    """An amount with its taxes; one without any has a tax line of the rate 0."""
    taxes = taxes or (UNTAXED,)
    rates = [tax.rate for tax in taxes]
    if not any(rates):
        amounts = [NOTHING] * len(taxes)
    elif is_included:
        rate = rate_of(taxes)
        amounts = allocate(round_half_up(amount * rate / (1 + rate), currency), rates, currency)
    else:
        amounts = [round_half_up(amount * rate, currency) for rate in rates]
    taxable = amount - sum(amounts, NOTHING) if is_included else amount
    lines = tuple(TaxLine(tax.name, tax.rate, taxable, part) for tax, part in zip(taxes, amounts, strict=True))
    return TaxedAmount(taxable, lines)


def split_like(
    amount: Decimal, goods: Iterable[tuple[Taxes, Decimal]], otherwise: Taxes, currency: str, *, is_included: bool
) -> tuple[TaxedAmount, ...]:
    """An amount split over the taxes of goods by their amounts, each part with its taxes.

    Ancillary costs such as shipping belong to the taxable amount of the goods (Directive 2006/112/EC, article 78).
    `otherwise` are the taxes where the goods have no amounts.
    """
    weights: dict[Taxes, Decimal] = {}
    for taxes, weight in goods:
        weights[taxes] = weights.get(taxes, NOTHING) + weight
    if not any(weights.values()):
        return (taxed(amount, otherwise, currency, is_included=is_included),)
    parts = zip(weights, allocate(amount, list(weights.values()), currency), strict=True)
    parted = [taxed(part, taxes, currency, is_included=is_included) for taxes, part in parts if part]
    return tuple(parted) or (taxed(NOTHING, NO_TAXES, currency, is_included=is_included),)


def without_taxes(amount: Decimal, taxes: Taxes) -> Decimal:
    """An amount or a unit price that contains taxes, without them. It is not rounded."""
    return amount / (1 + rate_of(taxes))


def by_rate(lines: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    """Tax lines summed up by tax and rate, the highest rate first; one with nothing taxable is left out."""
    sums: dict[Tax, TaxLine] = {}
    for line in lines:
        key = Tax(line.name, line.rate)
        current = sums.get(key, TaxLine(line.name, line.rate, NOTHING, NOTHING))
        sums[key] = TaxLine(line.name, line.rate, current.taxable + line.taxable, current.amount + line.amount)
    falling = sorted(sums.items(), key=lambda each: (-each[0].rate, each[0].name))
    return tuple(line for _, line in falling if line.taxable or line.amount)
