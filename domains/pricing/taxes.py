"""Taxes of amounts: within them, or on top of them where prices do not include tax. Pure.

The tax of an amount is rounded half up to the currency's minor unit, once for each line, as Article 226 of Directive
2006/112/EC lets a seller choose. Where an amount contains several taxes, their sum is rounded and split by rate.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from domains.kernel.values.money import allocate, round_half_up
from domains.pricing.models import TaxedAmount, TaxLine
from domains.tax.models import NO_TAXES, Tax, Taxes, rate_of

NOTHING: Final = Decimal(0)
UNTAXED: Final = Tax("", NOTHING)


def taxed(amount: Decimal, taxes: Taxes, currency: str, *, is_included: bool) -> TaxedAmount:
    """An amount with its taxes; one without any has a tax line of the rate 0."""
    parts = _amounts(amount, taxes or (UNTAXED,), currency, is_included=is_included)
    tax = parts[0] if len(parts) == 1 else sum(parts, NOTHING)
    taxable = amount - tax if is_included else amount
    lines = zip(taxes or (UNTAXED,), parts, strict=True)
    return TaxedAmount(
        taxable, tuple([TaxLine(each.name, each.rate, taxable, part) for each, part in lines]), tax, taxable + tax
    )


def _amounts(amount: Decimal, taxes: Taxes, currency: str, *, is_included: bool) -> Sequence[Decimal]:
    """The amount of each tax."""
    if not is_included:
        return [round_half_up(amount * tax.rate, currency) for tax in taxes]
    rate = taxes[0].rate if len(taxes) == 1 else rate_of(taxes)
    within = round_half_up(amount * rate / (1 + rate), currency) if rate else NOTHING
    return [within] if len(taxes) == 1 else allocate(within, [tax.rate for tax in taxes], currency)


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
    sums: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for line in lines:
        taxable, amount = sums.get((line.name, line.rate), (NOTHING, NOTHING))
        sums[line.name, line.rate] = (taxable + line.taxable, amount + line.amount)
    falling = sorted(sums.items(), key=lambda each: (-each[0][1], each[0][0]))
    return tuple([TaxLine(*tax, *amounts) for tax, amounts in falling if any(amounts)])
