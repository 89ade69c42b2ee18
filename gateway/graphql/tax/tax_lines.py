"""The taxes of amounts in the API, summed up by tax and rate."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.pricing import models
from domains.pricing.taxes import by_rate
from domains.tax.models import TaxExemption
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money

PLACES: Final = Decimal("0.000001")
describe(
    TaxExemption,
    "Why a sale has no tax.",
    {
        TaxExemption.REVERSE_CHARGE: (
            "The customer, a business with a VAT number in another country, owes the tax there. The invoice says so."
        ),
    },
)


@strawberry.type(description="A tax at one rate, and the amount that it is of.")
class TaxLine:
    """A tax of a line, of shipping, or of both together."""

    name: str | None = strawberry.field(
        description="The name of the tax, such as VAT; null for an amount without tax, whose rate is 0."
    )
    rate: Decimal = strawberry.field(description="The rate as a fraction with six decimals: 0.190000 is 19 %.")
    taxable: Money = strawberry.field(description="The amount without tax that the tax is of.")
    amount: Money = strawberry.field(description="What is paid of it, rounded to the currency's minor unit.")


def tax_lines(lines: Iterable[models.TaxLine], currency: str) -> list[TaxLine]:
    """Tax lines summed up by tax and rate, the highest rate first."""
    return [
        TaxLine(
            name=line.name or None,
            rate=line.rate.quantize(PLACES),
            taxable=present(Money, KernelMoney(line.taxable, currency)),
            amount=present(Money, KernelMoney(line.amount, currency)),
        )
        for line in by_rate(lines)
    ]
