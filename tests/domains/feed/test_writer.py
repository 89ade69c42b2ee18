"""Written products are read back unchanged, to the byte."""

import csv
import io
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domains.catalog.categories.attributes import AttributeValue
from domains.feed.csv.columns import Column
from domains.feed.models import FeedProduct, FeedVariant
from domains.feed.shopify.product_rows import DEFAULT_OPTION, OLD_DEFAULT_OPTION
from domains.feed.shopify.writer import COLUMNS, CsvText
from domains.kernel.text.validation import casefold_text, normalize_text
from tests.domains.feed.files import FIXTURES, read, read_one

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30)
WORDS = TEXT.map(normalize_text).filter(bool)
TAG = (
    st.text(st.characters(codec="utf-8", exclude_characters="\x00,"), min_size=1, max_size=9)
    .map(normalize_text)
    .filter(bool)
)
AMOUNT = st.decimals(0, 10**9, places=2)
URL = st.integers(0, 99).map("https://example.com/{}.jpg?a=1,2".format)
ATTRIBUTES = st.builds(AttributeValue, WORDS, WORDS, st.none() | WORDS)
NAMES = st.lists(WORDS, max_size=3, unique_by=casefold_text).map(tuple)


@st.composite
def products(draw: st.DrawFn, handle: str) -> FeedProduct:
    names, is_gift_card = draw(NAMES), draw(st.none() | st.booleans())
    forms = st.lists(
        st.tuples(*(WORDS for _ in names)),
        min_size=1,
        max_size=4 if names else 1,
        unique_by=lambda values: tuple(map(casefold_text, values)),
    )
    variants = [
        FeedVariant(
            line=0,
            sku=f"{handle}-{number}",
            is_generated=False,
            options=tuple(zip(names, values, strict=True)),
            price=draw(AMOUNT),
            compare_at_price=draw(st.none() | AMOUNT.filter(bool)),
            is_tracked=draw(st.booleans()),
            quantity=draw(st.none() | st.integers(0, 10**9)),
            images=tuple(draw(st.lists(URL, max_size=3, unique=True))),
            is_active=draw(st.booleans()) if names else True,
            name=draw(st.none() | WORDS),
            color=draw(st.none() | WORDS),
            size=draw(st.none() | WORDS),
            weight=draw(st.none() | st.decimals(0, 100_000, places=3)),
            requires_shipping=False if is_gift_card else draw(st.none() | st.booleans()),
        )
        for number, values in enumerate(draw(forms))
    ]
    return FeedProduct(
        line=0,
        handle=handle,
        title=draw(WORDS),
        body=draw(st.none() | st.sampled_from(["<p>Clay, “blue”</p>", "two\nlines", '<b>10"</b>'])),
        summary=draw(st.none() | WORDS),
        model=draw(st.none() | WORDS),
        is_featured=draw(st.booleans()),
        is_gift_card=is_gift_card,
        base_price=draw(st.none() | AMOUNT),
        base_compare_at_price=draw(st.none() | AMOUNT),
        attributes=tuple(draw(st.lists(ATTRIBUTES, max_size=3, unique_by=lambda one: one.name.casefold()))),
        is_simple=not names,
        vendor=draw(st.none() | WORDS),
        category=draw(WORDS),
        tags=tuple(draw(st.lists(TAG, max_size=3, unique_by=casefold_text))),
        is_published=draw(st.booleans()),
        images=tuple(draw(st.lists(URL, max_size=5, unique=True))),
        variants=tuple(variants),
    )


def known(product: FeedProduct) -> FeedProduct:
    """The product without line numbers and data of the reader."""
    forms = tuple(replace(variant, line=0) for variant in product.variants)
    return replace(product, line=0, variants=forms)


def is_one_form(product: FeedProduct) -> bool:
    """Whether the options are Shopify's words for having none."""
    return any(
        tuple((name.lower(), value.lower()) for name, value in variant.options)
        in {DEFAULT_OPTION, OLD_DEFAULT_OPTION}
        for variant in product.variants
    )


@given(st.tuples(products("mug"), products("cup")).filter(lambda pair: not any(map(is_one_form, pair))))
def test_written_products_are_read_back_unchanged(pair: tuple[FeedProduct, FeedProduct]) -> None:
    text = CsvText()
    for product in pair:
        text.add(product)
    content = text.read_bytes()
    back = read(content)
    assert [known(product) for product in back if isinstance(product, FeedProduct)] == [known(p) for p in pair]
    again = CsvText()
    for read_product in back:
        assert isinstance(read_product, FeedProduct)
        again.add(read_product)
    assert again.read_bytes() == content


def test_a_spreadsheet_formula_is_written_unchanged() -> None:
    content = b"Handle,Title,Variant Price\nmug,=1+1,9.90\n"
    text = CsvText()
    text.add(read_one(content))
    assert b"\r\nmug,=1+1," in text.read_bytes()


def test_an_export_has_the_columns_of_shopify() -> None:
    heading = CsvText().read_bytes().decode().strip().split(",")
    assert heading[: len(COLUMNS)] == list(COLUMNS)
    official = (FIXTURES / "pottery.csv").read_text().splitlines()[0].split(",")
    own = {column for column in Column if "metafields.commerce" in column}
    assert set(heading) - {"Status"} - own <= set(official)


def test_a_gift_card_is_neither_taxed_nor_shipped_at_shopify() -> None:
    text = CsvText()
    text.add(read_one(b"Handle,Title,Variant Price,Gift Card\ncard,Card,25,true\n"))
    (cells,) = csv.DictReader(io.StringIO(text.read_bytes().decode()))
    columns = ("Gift Card", "Variant Requires Shipping", "Variant Taxable")
    assert [cells[column] for column in columns] == ["true", "false", "false"]


def test_amounts_are_written_at_the_currencys_scale() -> None:
    product = read_one(b"Handle,Title,Variant Price\nmug,Mug,5\n")
    assert product.variants[0].price == Decimal("5.00")
    text = CsvText()
    text.add(product)
    assert b",5.00," in text.read_bytes()
