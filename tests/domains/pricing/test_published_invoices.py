"""Invoices that authorities publish, recomputed to the cent: several taxes in one invoice, with prices of both kinds.

Only figures are taken. Where a source rounds the tax once for each rate, the figures agree with the tax rounded for
each line, which the test shows as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.pricing.models import Quote
from domains.promotion.models import DiscountType
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from domains.tax.models import Tax, Taxes
from tests.domains.pricing.quote_laws import NOW
from tests.domains.pricing.sale_terms import SaleTerms
from tests.domains.pricing.test_quotes import promotion

NET: Final = SaleTerms(prices_include_tax=False)
GROSS: Final = SaleTerms(prices_include_tax=True)
Sold = tuple[str, int, Taxes]
"""A unit price, a quantity and the taxes."""


def taxes(**percents: str) -> Taxes:
    return tuple(Tax(name, Decimal(percent) / 100) for name, percent in percents.items())


def invoice(terms: SaleTerms, sold: Sequence[Sold], *discounts: DiscountRule) -> Quote:
    classes = {UUID(int=900 + number): of_line for number, (_, _, of_line) in enumerate(sold)}
    lines = [
        PricedLine(
            UUID(int=number), UUID(int=100 + number), None, frozenset(), quantity, Decimal(price), tax_class_id=key
        )
        for number, (key, (price, quantity, _)) in enumerate(zip(classes, sold, strict=True))
    ]
    return replace(terms, class_taxes=classes).quote(lines, discounts, Buyer(), NOW)


def shown(quote: Quote) -> list[tuple[str, str, str, str]]:
    """Each tax with its percentage, what it is of, and its amount."""
    return [
        (line.name, f"{(line.rate * 100).normalize():f}", f"{line.taxable:.2f}", f"{line.amount:.2f}")
        for line in quote.taxes
    ]


def test_goods_of_two_rates_and_freight() -> None:
    """European Commission, validation artefacts of EN 16931, example 3 of CEN/TC 434."""
    standard, reduced = taxes(VAT="25"), taxes(VAT="10")
    terms = replace(NET, currency="DKK", flat_shipping=Decimal(100), shipping_taxes=standard)
    quote = invoice(terms, [("400", 2, standard), ("400", 2, reduced)])
    assert shown(quote) == [("VAT", "25", "900.00", "225.00"), ("VAT", "10", "800.00", "80.00")]
    assert (f"{quote.tax:.2f}", f"{quote.total:.2f}") == ("305.00", "2005.00")


def test_a_delivery_of_nineteen_lines_and_a_return() -> None:
    """European Commission, validation artefacts of EN 16931, example 1 of CEN/TC 434: a Dutch wholesaler.

    The source rounds once for each rate. The returned fat is a quote of its own, whose figures are subtracted.
    """
    low, high = taxes(BTW="6"), taxes(BTW="21")
    delivered: list[Sold] = [
        ("9.95", 2, low), ("9.85", 1, low), ("8.29", 1, low), ("7.23", 2, low), ("35.00", 1, low),
        ("35.00", 1, low), ("10.65", 1, low), ("1.55", 1, low), ("4.79", 3, low), ("8.29", 1, low),
        ("8.29", 2, low), ("9.95", 1, low), ("1.65", 2, low), ("10.80", 1, high), ("3.90", 1, low),
        ("3.80", 2, high), ("4.67", 2, high), ("18.63", 1, high), ("17.02", 6, low),
    ]  # fmt: skip
    sale, returned = invoice(NET, delivered), invoice(NET, [("18.33", 6, low)])
    assert shown(sale) == [("BTW", "21", "46.37", "9.74"), ("BTW", "6", "293.21", "17.59")]
    assert shown(returned) == [("BTW", "6", "109.98", "6.60")]
    assert f"{sale.subtotal - returned.subtotal:.2f}" == "229.60"
    assert f"{sale.tax - returned.tax:.2f}" == "20.73"
    assert f"{sale.total - returned.total:.2f}" == "250.33"


def test_a_charge_and_a_discount_on_goods_of_one_of_two_rates() -> None:
    """OpenPeppol, BIS Billing 3.0, example of VAT category S."""
    standard, reduced = taxes(VAT="25"), taxes(VAT="15")
    terms = replace(NET, flat_shipping=Decimal(200), shipping_taxes=standard)
    discount = promotion(kind=DiscountType.FIXED_AMOUNT, value="100", product_ids=frozenset({UUID(int=100)}))
    quote = invoice(terms, [("400", 10, standard), ("200", 10, reduced), ("90", 10, standard)], discount)
    assert shown(quote) == [("VAT", "25", "5000.00", "1250.00"), ("VAT", "15", "2000.00", "300.00")]
    assert (f"{quote.subtotal:.2f}", f"{quote.tax:.2f}", f"{quote.total:.2f}") == ("6900.00", "1550.00", "8550.00")


def test_a_charge_and_a_discount_beside_exempt_goods() -> None:
    """OpenPeppol, BIS Billing 3.0, example of allowances and charges."""
    standard, exempt = taxes(VAT="25"), taxes(VAT="0")
    terms = replace(NET, flat_shipping=Decimal(200), shipping_taxes=standard)
    discount = promotion(kind=DiscountType.FIXED_AMOUNT, value="200", product_ids=frozenset({UUID(int=100)}))
    quote = invoice(terms, [("400", 10, standard), ("100", 10, exempt), ("90", 10, standard)], discount)
    assert shown(quote) == [("VAT", "25", "4900.00", "1225.00"), ("VAT", "0", "1000.00", "0.00")]
    assert (f"{quote.tax:.2f}", f"{quote.total:.2f}") == ("1225.00", "7125.00")


def test_two_taxes_of_the_same_price() -> None:
    """Revenu Québec, "Calculating the Taxes": GST and QST are each of the price, and half a cent is rounded up."""
    quote = invoice(replace(NET, currency="CAD"), [("100", 1, taxes(GST="5", QST="9.975"))])
    assert shown(quote) == [("QST", "9.975", "100.00", "9.98"), ("GST", "5", "100.00", "5.00")]
    assert f"{quote.total:.2f}" == "114.98"


def test_a_price_with_tax_for_goods_of_two_rates() -> None:
    """HMRC, VAT Valuation Manual, VATVAL03800: a meal deal of £10 for goods of £15, of which the wine has tax.

    The deal is divided by the prices of the goods: 4, 1, 1 and 4 pounds.
    """
    zero, standard = taxes(VAT="0"), taxes(VAT="20")
    deal = promotion(kind=DiscountType.FIXED_AMOUNT, value="5", currency="GBP")
    sold: list[Sold] = [("6", 1, zero), ("1.50", 1, zero), ("1.50", 1, zero), ("6", 1, standard)]
    quote = invoice(replace(GROSS, currency="GBP"), sold, deal)
    assert [f"{line.total:.2f}" for line in quote.lines] == ["4.00", "1.00", "1.00", "4.00"]
    assert shown(quote) == [("VAT", "20", "3.33", "0.67"), ("VAT", "0", "6.00", "0.00")]
    assert f"{quote.total:.2f}" == "10.00"


def test_a_bundle_below_the_sum_of_its_prices() -> None:
    """HMRC, VAT Valuation Manual, VATVAL03800: a book of £5 and a DVD of £10 for £12, divided 1 to 2."""
    zero, standard = taxes(VAT="0"), taxes(VAT="20")
    deal = promotion(kind=DiscountType.FIXED_AMOUNT, value="3", currency="GBP")
    quote = invoice(replace(GROSS, currency="GBP"), [("5", 1, zero), ("10", 1, standard)], deal)
    assert [f"{line.total:.2f}" for line in quote.lines] == ["4.00", "8.00"]
    assert shown(quote) == [("VAT", "20", "6.67", "1.33"), ("VAT", "0", "4.00", "0.00")]


def test_a_book_at_the_federal_part_of_a_harmonized_tax() -> None:
    """Canada Revenue Agency, GST/HST Info Sheet GI-065: a book of $40 costs $42.00 after the rebate at the till.

    With the full rate of 12 % it would cost $44.80.
    """
    terms = replace(NET, currency="CAD")
    assert f"{invoice(terms, [('40', 1, taxes(HST='12'))]).total:.2f}" == "44.80"
    assert f"{invoice(terms, [('40', 1, taxes(HST='5'))]).total:.2f}" == "42.00"
