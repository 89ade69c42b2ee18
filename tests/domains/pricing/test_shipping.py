"""The price of shipping within a quote: what is shipped, and by which method."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from domains.pricing.models import Quote
from domains.pricing.quote import quote
from domains.promotion.rules import Buyer, PricedLine
from domains.shipping.models import Consignment, Limits, OfferedMethod, SaleShipping
from domains.tax.models import SaleTaxes, Tax

D = Decimal
NOW = datetime(2096, 11, 21, 12, tzinfo=UTC)
STANDARD = OfferedMethod(id=UUID(int=1), name="Standard", base_price=D(5))
EXPRESS = replace(STANDARD, id=UUID(int=2), name="Express", base_price=D(9), limits=Limits(max_weight=D(10)))
FURNITURE, BOOKS = UUID(int=21), UUID(int=31)
UNTAXED = SaleTaxes((Tax("VAT", D(0)),), prices_include_tax=True)


def line(price: str, quantity: int = 1, *, number: int = 1) -> PricedLine:
    return PricedLine(UUID(int=number), UUID(int=100 + number), None, frozenset(), quantity, D(price))


SOFA = replace(line("300", number=1), weight=D("40.5"), shipping_profile_id=FURNITURE)
BOOK = replace(line("12.5", 2, number=2), weight=D("0.4"), tax_class_id=BOOKS)
DOWNLOAD = replace(line("100", number=3), is_shipped=False, weight=D(1))
CARD = replace(line("50", number=4), is_gift_card=True)


def quoted(*lines: PricedLine, chosen: UUID | None = None, taxes: SaleTaxes = UNTAXED) -> Quote:
    shipping = SaleShipping("EUR", (STANDARD, EXPRESS), chosen)
    return quote(lines, (), taxes, shipping, Buyer(), NOW)


def test_what_is_shipped_is_weighed_counted_and_summed_up() -> None:
    goods = quoted(SOFA, BOOK, DOWNLOAD, CARD).shipping
    assert goods.consignment == Consignment(D("41.3"), 3, D("325.00"), frozenset({FURNITURE, None}))
    assert goods.is_shipped
    assert goods.option == SaleShipping("EUR", (STANDARD,)).option(goods.consignment)
    assert (goods.subtotal, goods.total) == (D(5), D(5))


def test_goods_that_are_not_shipped_have_no_option_and_no_price_of_shipping() -> None:
    for lines in ((DOWNLOAD,), (CARD,), (DOWNLOAD, CARD), ()):
        shipping = quoted(*lines).shipping
        assert (shipping.option, shipping.is_shipped, shipping.total) == (None, False, D(0))


def test_the_choice_sets_the_price_and_one_that_does_not_carry_the_goods_sets_none() -> None:
    chosen = quoted(BOOK, chosen=EXPRESS.id)
    assert chosen.total == D("34.00")
    assert chosen.shipping.option is not None
    assert chosen.shipping.option.name == "Express"
    heavy = quoted(BOOK, SOFA, chosen=EXPRESS.id)
    assert (heavy.shipping.option, heavy.shipping.is_shipped, heavy.total) == (None, True, D("325.00"))


def test_the_tax_of_shipping_is_split_like_the_goods_that_are_shipped() -> None:
    taxes = SaleTaxes(
        (Tax("VAT", D("0.25")),), prices_include_tax=True, classes={BOOKS: (Tax("VAT", D("0.1")),)}, shipping=None
    )
    assert {part.tax_rate for part in quoted(BOOK, DOWNLOAD, taxes=taxes).shipping.parts} == {D("0.1")}
    both = quoted(BOOK, SOFA, DOWNLOAD, taxes=taxes).shipping
    assert {(part.tax_rate, part.total) for part in both.parts} == {(D("0.1"), D("0.38")), (D("0.25"), D("4.62"))}
